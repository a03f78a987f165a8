"""When nobody watched a camera, and why: by what was told of it, and by what the motion index knows, second by second.

What is not on record then is unknown, never absent. Neither of the two takes the other's doubt away.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from registry import history, runs
from registry.columns import to_ms
from registry.motion.explaining import reason
from registry.motion.model import Stretch, Unwatched, Why
from registry.spans import Ms, common, joined, minus

LATE = timedelta(seconds=90)
"""A worker tells the index of stretches every half minute: of what is younger than this, it may still say."""
SLIVER_MS = 2_000
"""A break this short is none: nobody passes a camera's whole view in it."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What the index says of a camera's window, seconds since 1970, in order.

    It `told` of these stretches; in `holes`, parts of them, nobody watched, and why as far as the index knows. Of what
    is `gone` with its age, and of times before its first word of the camera, it says nothing.
    """

    told: tuple[Stretch, ...] = ()
    holes: tuple[Why, ...] = ()
    gone: tuple[Stretch, ...] = ()


class Watches(Protocol):
    """The motion index of a hub, as far as it says when cameras were watched."""

    async def watches(self, cameras: Mapping[int, UUID], window: Stretch) -> dict[int, Watch]:
        """What it says of each camera, by number."""


@dataclass(frozen=True, slots=True)
class Dark:
    """A stretch (milliseconds) in which nothing would have been seen, and why."""

    since: int
    until: int
    why: Unwatched

    @property
    def span(self) -> Ms:
        """From and up to but not including."""
        return self.since, self.until


async def unwatched(
    conn: AsyncConnection,
    cameras: Mapping[int, UUID],
    span: tuple[datetime, datetime],
    now: datetime,
    index: Watches | None,
    *,
    untold: bool = False,
) -> dict[int, list[Dark]]:
    """When in the span cameras, by number, were not watched: not live, their picture bad, no hub, or by the index.

    In order, cut where reasons change; breaks up to two seconds are left out. What lies ahead of now is not watched
    either. Of what the index does not tell of, what was told of the camera decides; with `untold` it is not watched.
    """
    whole = to_ms(span[0]), to_ms(span[1])
    if not cameras or whole[0] >= whole[1]:
        return {number: [] for number in cameras}
    words = await history.told(conn, cameras, whole, reason)
    away = joined((to_ms(gap.since), to_ms(gap.until)) for gap in await runs.gaps(conn, *span, now))
    settled = whole[0] // 1000, min(-(-whole[1] // 1000), int((now - LATE).timestamp()))
    said: Mapping[int, Watch] = {}
    if index is not None and settled[0] < settled[1]:
        said = await index.watches(cameras, settled)

    def of(number: int) -> list[Dark]:
        one = said.get(number, Watch())
        holes = [*one.holes, *_untold(one, settled)] if untold else one.holes
        told = sorted(((begin * 1000, end * 1000), why) for (begin, end), why in holes)
        return _Timeline(words.get(number, ()), away, told, to_ms(now)).dark(whole)

    # A month of hundreds of cameras that come and go is a second of work.
    return await asyncio.to_thread(lambda: {number: of(number) for number in cameras})


def _untold(one: Watch, settled: Stretch) -> list[Why]:
    rest = minus([settled], one.told)
    gone = [(part, Unwatched.GONE) for part in common(rest, one.gone)]
    return [*gone, *((part, Unwatched.NOT_ANALYSED) for part in minus(rest, one.gone))]


@dataclass(frozen=True, slots=True)
class _Timeline:
    """What is known of a camera: what was told of it from when on, when no hub ran, what the index knows; in order."""

    words: Sequence[tuple[int, Unwatched | None]]
    away: Sequence[Ms]
    holes: Sequence[tuple[Ms, Unwatched]]
    now: int
    _told: list[int] = field(init=False, default_factory=list)
    _begins: list[int] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._told.extend(at for at, _ in self.words)
        self._begins.extend(begin for (begin, _), _ in self.holes)

    def dark(self, whole: Ms) -> list[Dark]:
        edges = {*whole, self.now, *self._told, *(at for one in self.away for at in one)}
        edges |= {at for one, _ in self.holes for at in one}
        found: list[Dark] = []
        for begin, end in pairwise(sorted(at for at in edges if whole[0] <= at <= whole[1])):
            if (why := self._at(begin)) is None:
                continue
            on = bool(found) and found[-1].until == begin and found[-1].why is why
            found.append(Dark(found.pop().since if on else begin, end, why))
        return _lasting(found)

    def _at(self, at: int) -> Unwatched | None:
        if at >= self.now:
            return Unwatched.TO_COME
        gap = bisect_right(self.away, at, key=_begin)
        if gap and at < self.away[gap - 1][1]:
            return Unwatched.HUB_DOWN
        before = bisect_right(self._told, at)
        if (said := self.words[before - 1][1] if before else Unwatched.NOT_ANALYSED) is not None:
            return said
        last = bisect_right(self._begins, at)
        return self.holes[last - 1][1] if last and at < self.holes[last - 1][0][1] else None


def _begin(span: Ms) -> int:
    return span[0]


def _lasting(pieces: Sequence[Dark]) -> list[Dark]:
    """The pieces of breaks that are none too short."""
    found: list[Dark] = []
    run: list[Dark] = []
    for one in pieces:
        if run and run[-1].until != one.since:
            found += run if run[-1].until - run[0].since > SLIVER_MS else ()
            run = []
        run.append(one)
    return found + (run if run and run[-1].until - run[0].since > SLIVER_MS else [])
