"""When cameras were watched, of many days at once: their stretches alone, none of the cells.

What a day says is kept while its files stand as they stood; of a log that grew, only what was added is read. So a page
that asks of a hundred cameras again and again reads little. Blocking; safe to use from several threads.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from uuid import UUID

import numpy as np

from camera_hub.recall.motion import record
from camera_hub.recall.motion.days import bounds
from camera_hub.recall.motion.record import SIZE, WATCHED, Seen
from camera_hub.recall.motion.shelf import Shelf, Stand
from camera_hub.recall.motion.window import NOT_WATCHED, days_within
from registry.errors import Corrupt
from registry.motion import Stretch, Unwatched, Watch, Why
from registry.spans import minus

MOST_DAYS = 20_000
"""Camera-days that are kept in memory, some hundred bytes each."""

Run = tuple[int, int, Seen]
"""Seconds of a day, from and up to, and how they were watched."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a day says (None: it is damaged), how its files stood, and how many bytes of its log were read."""

    stand: Stand
    upto: int
    runs: tuple[Run, ...] | None


class Watching:
    """Reads from a shelf when cameras were watched."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._lock = threading.Lock()
        self._days: OrderedDict[tuple[UUID, date], _Kept] = OrderedDict()

    def of(self, camera_id: UUID, window: Stretch, kept_since: int) -> Watch:
        """What the index says of a window. A day without a file that was over at `kept_since` is gone."""
        tz = self._shelf.tz
        have = self._shelf.days(camera_id)
        known = self._first(camera_id, have[0]) if have else window[1]
        gone: list[Stretch] = []
        holes: list[Why] = []
        for day in days_within(window, tz):
            begin, end = bounds(day, tz)
            part = max(begin, window[0]), min(end, window[1])
            if day not in have and end <= kept_since:
                gone.append(part)
            elif (since := max(part[0], known)) < part[1]:
                holes += self._holes(camera_id, day, (since, part[1])) if day in have else [_nobody(since, part[1])]
        return Watch(tuple(minus([(max(known, window[0]), window[1])], gone)), tuple(holes), tuple(gone))

    def _first(self, camera_id: UUID, day: date) -> int:
        """The second of the index's first word of a camera."""
        runs = self._day(camera_id, day)
        return bounds(day, self._shelf.tz)[0] + (runs[0][0] if runs else 0)

    def _holes(self, camera_id: UUID, day: date, part: Stretch) -> Iterable[Why]:
        runs, begin = self._day(camera_id, day), bounds(day, self._shelf.tz)[0]
        if runs is None:
            yield part, Unwatched.DAMAGED
            return
        at = part[0]
        for since, until, seen in runs:
            first, last = max(begin + since, part[0]), min(begin + until, part[1])
            if first >= last:
                continue
            if first > at:
                yield _nobody(at, first)
            if seen not in WATCHED:
                yield (first, last), NOT_WATCHED[seen]
            at = last
        if at < part[1]:
            yield _nobody(at, part[1])

    def _day(self, camera_id: UUID, day: date) -> tuple[Run, ...] | None:
        """What a day says, in order; None where that cannot be read."""
        try:
            return self._known(camera_id, day)
        except OSError:
            return None

    def _known(self, camera_id: UUID, day: date) -> tuple[Run, ...] | None:
        key, stand = (camera_id, day), self._shelf.stand(camera_id, day)
        with self._lock:
            kept = self._days.get(key)
            if kept is not None:
                self._days.move_to_end(key)
        if kept is None or not kept.stand.grew_to(stand):
            kept = self._read(camera_id, day, stand)
        elif stand.size - stand.size % SIZE > kept.upto and kept.runs is not None:
            added = self._shelf.log(camera_id, day, kept.upto)
            kept = _Kept(stand, kept.upto + len(added), self._painted(day, kept.runs, added))
        with self._lock:
            self._days[key] = kept
            while len(self._days) > MOST_DAYS:
                self._days.popitem(last=False)
        return kept.runs

    def _read(self, camera_id: UUID, day: date, stand: Stand) -> _Kept:
        # The log first: a seal makes its file before it takes the log away.
        logged = self._shelf.log(camera_id, day)
        try:
            block = self._shelf.sealed(camera_id, day)
            sealed = [(one.since, one.until, one.seen) for one in block.spans] if block is not None else []
        except Corrupt:
            return _Kept(stand, len(logged), None)
        return _Kept(stand, len(logged), self._painted(day, sealed, logged))

    def _painted(self, day: date, before: Sequence[Run], added: bytes) -> tuple[Run, ...]:
        """What stood, and what was added to the log: by the rules of a day that is read whole (`days`)."""
        begin, end = bounds(day, self._shelf.tz)
        spans, others = record.spans(added)
        told = [(one.since - begin, one.until - begin, one.seen) for one in spans]
        seen = np.zeros(end - begin, np.uint8)
        for since, until, how in sorted([*before, *told], key=lambda one: one[2]):
            seen[max(since, 0) : max(until, 0)] = int(how)
        at = record.seconds(added)[others].astype(np.int64) - begin
        inside = (at >= 0) & (at < len(seen))
        at, others = at[inside], others[inside]
        alone = seen[at] <= Seen.GAP
        for second, number in zip(at[alone].tolist(), others[alone].tolist(), strict=True):
            if record.moved(added, number):
                seen[second] = Seen.FULL
        edges = [0, *(np.flatnonzero(np.diff(seen)) + 1).tolist(), len(seen)]
        return tuple((a, b, Seen(int(seen[a]))) for a, b in pairwise(edges) if seen[a] != Seen.NOT)


def _nobody(since: int, until: int) -> Why:
    return (since, until), Unwatched.NOT_ANALYSED
