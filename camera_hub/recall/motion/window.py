"""Which seconds a question is about, which of them were watched, and what stands in the way of the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Literal

from camera_hub.recall.motion.days import day_of
from camera_hub.recall.motion.record import WATCHED, Seen, Span
from registry.motion import Stretch, Unwatched, Why
from registry.spans import common, joined, length, minus

NOT_WATCHED: Mapping[Seen, Unwatched] = {
    Seen.GAP: Unwatched.GAP,
    Seen.FLASH: Unwatched.FLASH,
    Seen.LOST: Unwatched.LOST,
}
"""What stood in the way of seconds that a pull told of."""


@dataclass(frozen=True, slots=True)
class Turn:
    """From a second on, `what` was another: the camera's view, so that a cell shows another place, or its scene."""

    at: int
    what: Literal["view", "scene"]


@dataclass(slots=True)
class Coverage:
    """How much of `wanted` stretches was watched: `full` at the analysis rate, `thin` by keyframes alone.

    `why` are the stretches that were not, as far as the index says why; the rest nobody watched.
    """

    wanted: list[Stretch]
    full: list[Stretch] = field(default_factory=list)
    thin: list[Stretch] = field(default_factory=list)
    why: list[Why] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    _unread: list[Why] = field(default_factory=list)
    _last: Span | None = None

    def add(self, begin: int, spans: Iterable[Span]) -> None:
        """What a day, which began at a second, says."""
        for span in spans:
            one = begin + span.since, begin + span.until
            if span.seen in WATCHED:
                (self.full if span.seen is Seen.FULL else self.thin).append(one)
            elif (why := NOT_WATCHED.get(span.seen)) is not None:
                self.why.append((one, why))
            if span.seen is Seen.LOST:  # whoever told of it knew nothing of scene and view
                continue
            before, self._last = self._last, span
            if before is not None and before.scene != span.scene:
                self.turns.append(Turn(one[0], "scene"))
            if before is not None and span.view not in (0, before.view):
                self.turns.append(Turn(span.view, "view"))  # it is noticed a minute later

    def missing(self, day: Stretch, why: Unwatched) -> None:
        """A day that cannot be read: whatever was said of it before does not hold."""
        self._unread.append((day, why))

    def settle(self) -> None:
        """Cut what was added to what is wanted."""
        unread = [stretch for stretch, _ in self._unread]
        self.full = minus(common(self.wanted, joined(self.full)), unread)
        self.thin = minus(common(self.wanted, joined(self.thin)), [*self.full, *unread])
        told = [*self.full, *self.thin]
        found: list[Why] = []
        for stretch, why in [*self._unread, *self.why]:
            left = minus(common(self.wanted, [stretch]), told)
            found += [(one, why) for one in left]
            told += left
        self.why = sorted(found)
        if self.wanted:
            begin, end = self.wanted[0][0], self.wanted[-1][1]
            self.turns = [one for one in self.turns if begin < one.at < end]

    @property
    def watched(self) -> int:
        """Seconds."""
        return length(self.full) + length(self.thin)


def days_within(window: Stretch, tz: tzinfo) -> list[date]:
    """The local days a window touches."""
    first, last = day_of(window[0], tz), day_of(max(window[0], window[1] - 1), tz)
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def in_hours(window: Stretch, hours: tuple[int, int] | None, tz: tzinfo) -> list[Stretch]:
    """The parts of a window that lie between two local minutes of the day, over midnight too; None: all of it."""
    if hours is None:
        return [window]
    found = []
    for day in days_within((window[0] - 86_400, window[1]), tz):
        until = day if hours[0] < hours[1] else day + timedelta(days=1)
        found.append((_at(day, hours[0], tz), _at(until, hours[1], tz)))
    return common([window], joined(found))


def _at(day: date, minute: int, tz: tzinfo) -> int:
    return int(datetime.combine(day, time(minute // 60, minute % 60), tz).timestamp())
