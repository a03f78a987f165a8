"""How often each cell moves at an hour of the day, by the seven days before: what is usual there, and what is noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from camera_hub.recall.motion.days import HOUR
from camera_hub.recall.motion.record import WATCHED, Span

DAYS = 7
HOURS = 24
NOISY = 0.2
"""A cell that moves in more than this share of the seconds of an hour says little in it."""
_LEAST_S = HOUR
"""With less than an hour watched nothing is usual."""


class Usual:
    """Counts by day, hour and cell of a region: `cells` are the numbers of its cells, 0 to 575."""

    def __init__(self, days: int, cells: NDArray[np.intp]) -> None:
        self._cells = cells
        self._on = np.zeros((days, HOURS, len(cells)), np.uint32)
        self._watched = np.zeros((days, HOURS), np.uint32)

    def add(self, day: int, hours: NDArray[np.uint16], spans: Sequence[Span]) -> None:
        """What a day says: seconds by hour and cell, and when it was watched."""
        some = hours[:HOURS, self._cells]
        self._on[day, : len(some)] = some
        for span in spans:
            if span.seen in WATCHED:
                for hour in range(span.since // HOUR, min((span.until - 1) // HOUR + 1, HOURS)):
                    begin, end = max(span.since, hour * HOUR), min(span.until, (hour + 1) * HOUR)
                    self._watched[day, hour] += max(0, end - begin)

    def shares(self) -> NDArray[np.float32]:
        """Of each day and hour, in which share of the week before's watched seconds each cell was on; NaN: unknown."""
        on, watched = _before(self._on), _before(self._watched).astype(np.float32)
        watched[watched < _LEAST_S] = np.nan
        return np.divide(on, watched[:, :, None], dtype=np.float32)


def _before(counts: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Sums of the seven days before each."""
    total = np.zeros((len(counts) + 1, *counts.shape[1:]), np.uint32)
    np.cumsum(counts, axis=0, out=total[1:])
    first = np.maximum(np.arange(len(counts)) - DAYS, 0)
    result: NDArray[np.uint32] = total[: len(counts)] - total[first]
    return result
