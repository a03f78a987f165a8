"""Camera-days made for tests: logs as a worker writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

import numpy as np

from camera_hub.recall.motion.days import bounds
from camera_hub.recall.motion.record import Motion, Record, Seen, Span, View, pack
from camera_hub.recall.motion.shelf import Shelf
from camera_hub.recall.motion.window import days_within
from detectors.cells import ROWS, Rows

DARK: Rows = np.zeros(ROWS, np.uint32)


def lit(*cells: tuple[int, int]) -> Rows:
    """Rows with these cells on: (row, column)."""
    rows = np.zeros(ROWS, np.uint32)
    for row, column in cells:
        rows[row] |= np.uint32(1 << (31 - column))
    return rows


def write(
    shelf: Shelf,
    camera_id: UUID,
    day: date,
    *,
    moved: Mapping[int, Rows] | None = None,
    watched: Iterable[tuple[int, int] | Span] = ((0, 90_000),),
    hidden: Rows = DARK,
    sealed: bool = False,
) -> int:
    """A day's log, or block; seconds count from the day's beginning, which is returned."""
    begin, end = bounds(day, shelf.tz)
    records: list[Record] = [View(begin, hidden)]
    records += [Motion(begin + at, rows) for at, rows in (moved or {}).items()]
    for one in watched:
        span = one if isinstance(one, Span) else Span(*one, Seen.FULL)
        records.append(Span(begin + span.since, min(begin + span.until, end), span.seen, span.scene, span.view))
    shelf.append(camera_id, day, b"".join(map(pack, records)))
    if sealed:
        shelf.seal(camera_id, day)
    return begin


def saw(shelf: Shelf, camera_id: UUID, since: datetime, until: datetime, seen: Seen = Seen.FULL) -> None:
    """A worker told that it watched a camera from one second up to another, each day its own."""
    window = int(since.timestamp()), int(until.timestamp())
    for day in days_within(window, shelf.tz):
        begin, end = bounds(day, shelf.tz)
        part = Span(max(window[0], begin) - begin, min(window[1], end) - begin, seen)
        write(shelf, camera_id, day, watched=[part])
