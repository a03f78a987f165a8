"""What the index holds of a camera on one local day: the seconds in which cells moved, and how each second was watched.

Seconds are counted from the day's beginning. A day has 23 to 25 hours where clocks are changed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from camera_hub.recall.motion.record import Seen, Span, View, unpack
from detectors.cells import COLUMNS, ROWS, unpacked
from registry.motion import Stretch

MINUTE, HOUR = 60, 3600


@lru_cache(maxsize=1024)
def bounds(day: date, tz: tzinfo) -> Stretch:
    """When a local day begins and ends, in seconds since 1970."""
    begin, end = (datetime.combine(one, time(), tz).timestamp() for one in (day, day + timedelta(days=1)))
    return int(begin), int(end)


def day_of(second: int, tz: tzinfo) -> date:
    """The local day of a second since 1970."""
    return datetime.fromtimestamp(second, tz).date()


@dataclass(frozen=True, slots=True)
class Day:
    """One camera-day.

    `seconds`: uint32 [n], rising; `rows`: uint32 [n, 18], none all dark. `spans` are in order and do not overlap; what
    they leave out nobody watched, or nobody knows. `views` are in order. Both count seconds from the day's beginning.
    """

    length: int
    seconds: NDArray[np.uint32]
    rows: NDArray[np.uint32]
    spans: tuple[Span, ...] = ()
    views: tuple[View, ...] = ()

    @classmethod
    def empty(cls, length: int) -> Day:
        """A day of which nothing is known."""
        return cls(length, np.zeros(0, np.uint32), np.zeros((0, ROWS), np.uint32))

    def row(self, number: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """The seconds in which a row of cells was not dark, and its cells."""
        there = np.flatnonzero(self.rows[:, number])
        return self.seconds[there], self.rows[there, number]

    def minutes(self) -> NDArray[np.uint8]:
        """In how many seconds of each minute anything moved."""
        count = np.bincount(self.seconds // MINUTE, minlength=-(-self.length // MINUTE))
        return count.astype(np.uint8)

    def hours(self) -> NDArray[np.uint16]:
        """In how many seconds of each hour each cell was on, [hours, 576]."""
        found = np.zeros((-(-self.length // HOUR), ROWS * COLUMNS), np.uint16)
        edges = np.searchsorted(self.seconds, np.arange(len(found) + 1) * HOUR)
        for hour, (begin, end) in enumerate(itertools.pairwise(edges)):
            if end > begin:
                found[hour] = unpacked(self.rows[begin:end]).sum(axis=0, dtype=np.uint16).ravel()
        return found

    def cut(self, kept: Sequence[Stretch]) -> Day:
        """What of the day lies in these stretches, counted from its beginning; the rest is as if never watched."""
        inside = np.zeros(self.length, np.bool_)
        for begin, end in kept:
            inside[max(begin, 0) : max(end, 0)] = True
        there = inside[self.seconds]
        spans = [
            replace(span, since=max(span.since, begin), until=min(span.until, end))
            for begin, end in kept
            for span in self.spans
            if span.since < end and begin < span.until
        ]
        spans.sort(key=lambda span: span.since)
        return replace(self, seconds=self.seconds[there], rows=self.rows[there], spans=tuple(spans))

    def __bool__(self) -> bool:
        return bool(self.spans) or len(self.seconds) > 0

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Day)
            and (self.length, self.spans) == (other.length, other.spans)
            and [(one.second, one.hidden.tolist()) for one in self.views]
            == [(one.second, one.hidden.tolist()) for one in other.views]
            and np.array_equal(self.seconds, other.seconds)
            and np.array_equal(self.rows, other.rows)
        )

    __hash__ = None  # type: ignore[assignment]  # arrays inside


def of_log(data: bytes, begin: int, length: int) -> Day:
    """The day a live log tells of, as far as it is written; whatever lies outside the day is left out."""
    moved, others = unpack(data)
    at = moved[:, 0].astype(np.int64) - begin
    inside = (at >= 0) & (at < length)
    spans = [
        replace(one, since=max(one.since - begin, 0), until=min(one.until - begin, length))
        for one in others
        if isinstance(one, Span)
    ]
    views = [replace(one, second=one.second - begin) for one in others if isinstance(one, View)]
    return _made(length, at[inside], moved[inside, 1:], spans, [one for one in views if 0 <= one.second < length])


def joined(first: Day, second: Day) -> Day:
    """Both days' knowledge of one day; told twice is told once."""
    seconds = np.concatenate([first.seconds, second.seconds]).astype(np.int64)
    rows = np.concatenate([first.rows, second.rows])
    return _made(first.length, seconds, rows, [*first.spans, *second.spans], [*first.views, *second.views])


def _made(
    length: int, at: NDArray[np.int64], rows: NDArray[np.uint32], spans: Iterable[Span], views: Iterable[View]
) -> Day:
    order = np.argsort(at, kind="stable")
    seconds, first = np.unique(at[order], return_index=True)
    merged = np.bitwise_or.reduceat(rows[order], first, axis=0) if len(seconds) else rows[:0]
    lit = merged.any(axis=1)
    return Day(
        length,
        seconds[lit].astype(np.uint32),
        merged[lit].astype(np.uint32),
        _painted(length, seconds[lit], spans),
        _turned(views),
    )


def _painted(length: int, moved: NDArray[np.int64], spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans that hold: of two that tell of a second the higher sort, of equal ones the later told.

    A second with motion was watched, whoever was killed before he could say so.
    """
    told = sorted((one for one in spans if one.since < one.until), key=lambda one: one.seen)
    seen = np.zeros(length, np.uint8)
    of = np.full(length, -1, np.int32)
    for number, one in enumerate(told):
        seen[one.since : one.until] = one.seen
        of[one.since : one.until] = number
    alone = moved[seen[moved] <= Seen.GAP]
    seen[alone] = Seen.FULL
    scene = np.array([one.scene for one in told] + [0], np.int64)[of]
    view = np.array([one.view for one in told] + [0], np.int64)[of]
    if len(alone) and told:
        known = np.flatnonzero(of >= 0)
        before = known[np.maximum(np.searchsorted(known, alone, side="right") - 1, 0)]
        scene[alone], view[alone] = scene[before], view[before]
    turns = np.flatnonzero((np.diff(seen) != 0) | (np.diff(scene) != 0) | (np.diff(view) != 0)) + 1
    edges = [0, *turns.tolist(), length]
    return tuple(
        Span(begin, end, Seen(int(seen[begin])), int(scene[begin]), int(view[begin]))
        for begin, end in itertools.pairwise(edges)
        if begin < end and seen[begin] != Seen.NOT
    )


def _turned(views: Iterable[View]) -> tuple[View, ...]:
    """Views in order of time, where they differ from the one before."""
    found: list[View] = []
    for one in sorted(views, key=lambda view: (view.second, view.hidden.tobytes())):
        if found and found[-1].second == one.second:
            found[-1] = replace(one, hidden=found[-1].hidden | one.hidden)
        elif not found or not np.array_equal(found[-1].hidden, one.hidden):
            found.append(one)
    return tuple(found)
