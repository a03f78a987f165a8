"""How much moved over time: seconds with motion in each bucket of a stretch, beside those that were watched.

A bucket in which nobody watched is another than one in which nothing moved. Blocking: in a thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from camera_hub.recall.motion.days import MINUTE, bounds
from camera_hub.recall.motion.shelf import Held, Shelf
from camera_hub.recall.motion.window import Coverage, days_within
from detectors.cells import ROWS
from registry.errors import Corrupt
from registry.motion import Stretch, Unwatched
from registry.spans import common, joined

STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
"""Lengths of a bucket, in seconds."""


@dataclass(frozen=True, slots=True)
class Density:
    """Buckets of `step` seconds from `begin` on: seconds in which anything moved, and seconds that were watched."""

    begin: int
    step: int
    moved: tuple[int, ...]
    watched: tuple[int, ...]
    coverage: Coverage


def step_of(window: Stretch, most: int) -> int:
    """The shortest bucket of which at most `most` cover a window."""
    fitting = (step for step in STEPS if -(-window[1] // step) - window[0] // step <= most)
    return next(fitting, STEPS[-1])


def density(shelf: Shelf, camera_id: UUID, window: Stretch, spans: Sequence[Stretch], step: int) -> Density:
    """Motion of a camera in a window, as far as `spans` (in order) let it be told."""
    begin = window[0] // step * step
    buckets = -(-(window[1] - begin) // step)
    coverage = Coverage(list(spans))
    moved = np.zeros(buckets, np.int64)
    for day in days_within((spans[0][0], spans[-1][1]), shelf.tz) if spans else ():
        first, last = bounds(day, shelf.tz)
        try:
            if (one := shelf.read(camera_id, day)) is None:
                continue
            coverage.add(first, one.spans)
            seconds, many = _of_day(one, step)
        except (Corrupt, OSError):
            coverage.missing((first, last), Unwatched.DAMAGED)
            continue
        at = seconds.astype(np.int64) + first
        edges = np.array(common([(first, last)], joined(spans)), np.int64).ravel()
        inside = np.searchsorted(edges, at, side="right") % 2 == 1
        np.add.at(moved, (at[inside] - begin) // step, many[inside])
    coverage.settle()
    watched = np.zeros(buckets, np.int64)
    for since, until in joined([*coverage.full, *coverage.thin]):
        _fill(watched, since - begin, until - begin, step)
    return Density(begin, step, tuple(np.minimum(moved, watched).tolist()), tuple(watched.tolist()), coverage)


def _of_day(one: Held, step: int) -> tuple[NDArray[np.integer], NDArray[np.integer]]:
    """Seconds of a day, and in how many seconds from there on (a minute's, where that is enough) anything moved."""
    if step % MINUTE == 0:
        minutes = one.minutes()
        busy = np.flatnonzero(minutes)
        return busy * MINUTE, minutes[busy]
    lit = np.zeros(one.length, np.bool_)
    for number in range(ROWS):
        lit[one.row(number)[0]] = True
    seconds = np.flatnonzero(lit)
    return seconds, np.ones(len(seconds), np.int64)


def _fill(watched: NDArray[np.int64], since: int, until: int, step: int) -> None:
    """Add a stretch's seconds to the buckets they lie in."""
    first, last = since // step, (until - 1) // step
    if first == last:
        watched[first] += until - since
        return
    watched[first] += (first + 1) * step - since
    watched[first + 1 : last] += step
    watched[last] += until - last * step
