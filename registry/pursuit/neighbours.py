"""Entry and exit: from a sighting, when it should have passed each camera around, forwards or backwards (倒查).

Beside each count stands what would have passed by chance. A camera that was not analysed in part of its window says
`unknown`, never that nobody passed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit
from registry.columns import AnyRow, from_ms, to_ms
from registry.events import lawful
from registry.events.query import Listed
from registry.geometry import Position
from registry.inputs import Input, invalid
from registry.model import Access, Internal, LabelGroup
from registry.pursuit import candidates, chance, decisions, ground, linking, mute, sightings, things, working
from registry.pursuit.decisions import Decision
from registry.pursuit.ground import Hit, Post
from registry.pursuit.moved import Index
from registry.pursuit.mute import Heard, Mute
from registry.pursuit.pace import SPEEDS, window
from registry.pursuit.passer import Passer
from registry.pursuit.sightings import Sighting
from registry.pursuit.spread import Guard, arrivals
from registry.pursuit.things import Thing
from registry.reach import Reach
from registry.spans import Ms, common, joined, length
from registry.store import Store
from registry.travel import How, Leg, Mode, Ways, ways

MOST = 24
"""So many cameras are told, the nearest first."""
MOST_PASSERS = 24
"""So many passers of a camera are shown; its strip shows the rest."""
CLOCK_ERROR_S = 10.0
"""Two cameras whose clocks are watched: each is a fault when 5 s off."""


class HopQuery(Input):
    """From which sighting, how it got along, and how far to look, at the fastest pace."""

    sighting: Thing
    way: Mode
    backwards: bool = False
    minutes: Annotated[float, Field(ge=1, le=180, allow_inf_nan=False)] = 20.0
    clock_error_s: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] = CLOCK_ERROR_S
    group: Annotated[tuple[LabelGroup, ...], Listed, Field(max_length=10)] = ()
    """Which passers may be it; not told: any."""


class Passage(StrEnum):
    """What a camera says of its window."""

    SEEN = "seen"
    NONE = "none"
    """It was analysed all the time, and nobody passed: no event, and where its rules were mute, no motion."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Hop:
    """A camera around, and who passed it when it should have.

    `next`: no other camera lies on the way. `how` says whether the distance is over roads or an estimate. `found` are
    passers in the window that nobody dropped, the first of them in `passers`; `by_chance` is how many would have passed
    on any day, None where too little was watched on the days before (`chance_seen` in `chance_watched_s`).
    `mute`: in the window or a part of it no rule told of the sorts asked for. There what moved counts, `moved` of those
    found, in `noisy_s` seconds much moves anyway, so that nobody knows, and chance is not reckoned.
    """

    camera_id: UUID
    camera_name: str
    entrances: tuple[str, ...]
    lat: float
    lon: float
    metres: float
    how: How
    next: bool
    since: datetime
    until: datetime
    verdict: Passage
    found: int
    dropped: int
    unwatched_s: int
    by_chance: float | None
    chance_seen: int
    chance_watched_s: int
    mute: bool
    moved: int
    noisy_s: int
    passers: tuple[Passer, ...]


@dataclass(frozen=True, slots=True)
class Hops:
    """The cameras around a sighting, the nearest first.

    `unreachable` are cameras to which no road that is not blocked leads, `beyond` those that the case does not reach,
    `more` those further off than are told.
    """

    audit_no: Internal
    sighting: Sighting
    backwards: bool
    hops: tuple[Hop, ...]
    unreachable: int
    beyond: int
    more: int


@dataclass(frozen=True, slots=True)
class _Near:
    post: Post
    spot: Position
    leg: Leg
    next: bool
    window: Ms


async def hops(store: Store, access: Access, case_id: UUID, query: HopQuery, *, index: Index) -> Hops:
    """Windows at the cameras around a sighting, what is found in them and what to expect; the look is on record first.

    Raises Denied, NotFound, Invalid for what is no sighting of the case, or one whose place nobody knows.
    """
    told = query.model_dump(mode="json", exclude_defaults=True)
    async with audit.refused(store, access, "case.hops", detail=told):
        reach, every_way = working.reach(store, access), await ways(store)
        async with store.read() as conn:
            case = await working.open_case(conn, store, access, case_id)
            start = await _sighting(conn, case, query.sighting)
            where = start.position
            if where is None:
                raise invalid("sighting", "no_position", "nobody knows where the camera is: place it on the map")
            within_m = query.minutes * 60_000 * SPEEDS[query.way].fast_ms
            away = linking.blocked(await linking.blocks_of(conn, case.no))
            open_ways = await ground.without(conn, store, away) if away else every_way
            around = await ground.posts(conn, reach, where, within_m)
            posts = [one for one in around.posts if one.id != start.camera_id]
            near, unreachable, more = await asyncio.to_thread(_near, open_ways, where, posts, query, to_ms(start.at))
            made = await decisions.holding(conn, case.no)
            found = await _look(conn, store, reach, near, query.group, index=index)
            ids = [hit.id for some in found.hits.values() for hit in some[:MOST_PASSERS]]
            told_of = await candidates.named(conn, store, reach, ids, made)
        silent = found.mute.items()
        heard = {no: await mute.heard(access, reach, one, found.windows[no], made, index=index) for no, one in silent}
    shown = {one.event_id: one for one in told_of if one.event_id is not None}
    answer = tuple(_hop(one, found, shown, made, heard.get(one.post.no, Heard())) for one in near)
    spans = [one.window for one in near]
    async with store.write() as conn:
        number = await audit.append(
            conn,
            access.actor,
            "case.hops",
            now=store.clock(),
            cameras=[one.camera_id for one in answer],
            span=(from_ms(min(a for a, _ in spans)), from_ms(max(b for _, b in spans))) if spans else (None, None),
            purpose=access.purpose,
            detail=audit.describe(**told, days_before=chance.DAYS),
            count=sum(one.found for one in answer),
        )
    return Hops(number, start, query.backwards, answer, unreachable, around.beyond, more)


async def _sighting(conn: AsyncConnection, case: AnyRow, thing: str) -> Sighting:
    found = next((one for one in await sightings.of_case(conn, case) if one.thing == thing), None)
    if found is None:
        raise invalid("sighting", "no_sighting", "it is no sighting of the case: star it, or bookmark it as one")
    return found


def _near(
    open_ways: Ways, start: Position, posts: Sequence[Post], query: HopQuery, at_ms: int
) -> tuple[list[_Near], int, int]:
    """The posts by their way from the start, the nearest first; how many no road leads to, how many more there are."""
    speeds = SPEEDS[query.way]
    reached = open_ways.reach(start, query.minutes * 60_000 * speeds.fast_ms)
    legs = []
    unreachable = 0
    for post in posts:
        told = [(reached.leg(spot), spot) for spot in post.spots]
        there = [(leg.metres, leg.how, leg, spot) for leg, spot in told if leg.metres is not None]
        if there:
            _, _, leg, spot = min(there, key=lambda one: (one[0], one[1]))
            legs.append((leg, spot, post))
        elif all(leg.how is How.UNREACHABLE for leg, _ in told):
            unreachable += 1
    legs.sort(key=lambda one: (one[0].metres or 0.0, one[2].no))
    told_of = legs[:MOST]
    # What lies on the way to one of these is nearer than it, and so among them.
    guards = [(post.no, Guard(spot)) for _, _, post in told_of for spot in post.spots]
    met = arrivals(reached.graph, start, (0, round(query.minutes * 60_000)), speeds.fast_ms, [one for _, one in guards])
    first = {no for (no, _), came in zip(guards, met, strict=True) if came <= query.minutes * 60_000}
    error = round(query.clock_error_s * 1000)
    near = [
        _Near(
            post,
            spot,
            leg,
            post.no in first or leg.how is How.STRAIGHT,
            window(at_ms, leg.metres or 0.0, speeds, error, backwards=query.backwards),
        )
        for leg, spot, post in told_of
    ]
    return near, unreachable, len(legs) - len(near)


@dataclass(frozen=True, slots=True)
class _Found:
    hits: Mapping[int, Sequence[Hit]]
    dark: Mapping[int, Sequence[Ms]]
    chances: Mapping[int, chance.Chance]
    mute: Mapping[int, Mute]
    windows: Mapping[int, Ms]


async def _look(
    conn: AsyncConnection,
    store: Store,
    reach: Reach,
    near: Sequence[_Near],
    groups: Sequence[LabelGroup],
    *,
    index: Index,
) -> _Found:
    if not near:
        return _Found({}, {}, {}, {}, {})
    numbers = [one.post.no for one in near]
    whole = from_ms(min(one.window[0] for one in near)), from_ms(max(one.window[1] for one in near))
    dark = await ground.dark(conn, store, reach, numbers, whole, index=index)
    silent = await mute.muted(conn, store, {one.post.no: one.post.id for one in near}, whole, groups, index=index)
    seen = await ground.hits(conn, store, numbers, whole, groups, within=lawful.within(reach))
    before = {one.post.no: chance.same_hours(one.window) for one in near}
    earlier = (
        from_ms(min(span[0] for some in before.values() for span in some)),
        from_ms(max(span[1] for some in before.values() for span in some)),
    )
    dark_before = await ground.dark(conn, store, None, numbers, earlier, index=None)
    counted = await ground.counts(conn, store, before, groups)
    hits, chances, darks = {}, {}, {}
    for one in near:
        no, (begin, end) = one.post.no, one.window
        hits[no] = [hit for hit in seen.get(no, ()) if begin <= hit.began < end]
        if no in silent and not common([one.window], silent[no].spans):
            del silent[no]
        own_dark = joined(common([one.window], [*dark[no], *(silent[no].dark if no in silent else ())]))
        darks[no] = own_dark
        told = chance.expected(one.window, own_dark, before[no], dark_before[no], counted[no])
        chances[no] = replace(told, expected=None) if no in silent else told
    return _Found(hits, darks, chances, silent, {one.post.no: one.window for one in near})


def _hop(
    near: _Near, found: _Found, shown: Mapping[UUID, Passer], made: Mapping[str, decisions.Decided], heard: Heard
) -> Hop:
    no = near.post.no
    gone = [hit for hit in found.hits[no] if _dropped(made.get(things.event(hit.id)))]
    left = [hit for hit in found.hits[no] if not _dropped(made.get(things.event(hit.id)))]
    moved = [one for one in heard.passers if one.decision is not Decision.DROP]
    passers = [*(shown[hit.id] for hit in left[:MOST_PASSERS] if hit.id in shown), *moved[:MOST_PASSERS]]
    unwatched, noise, by_chance = length(found.dark[no]), length(heard.noise), found.chances[no]
    verdict = Passage.SEEN if left or moved else Passage.UNKNOWN if unwatched or noise else Passage.NONE
    return Hop(
        camera_id=near.post.id,
        camera_name=near.post.name,
        entrances=near.post.entrances,
        lat=near.spot[1],
        lon=near.spot[0],
        metres=round(near.leg.metres or 0.0, 1),
        how=near.leg.how,
        next=near.next,
        since=from_ms(near.window[0]),
        until=from_ms(near.window[1]),
        verdict=verdict,
        found=len(left) + len(moved),
        dropped=len(gone) + len(heard.passers) - len(moved),
        unwatched_s=round(unwatched / 1000),
        by_chance=None if by_chance.expected is None else round(by_chance.expected, 2),
        chance_seen=by_chance.seen,
        chance_watched_s=by_chance.watched_s,
        mute=no in found.mute,
        moved=len(moved),
        noisy_s=round(noise / 1000),
        passers=tuple(sorted(passers, key=lambda one: (one.at, one.thing))[:MOST_PASSERS]),
    )


def _dropped(made: decisions.Decided | None) -> bool:
    return made is not None and made.decision is Decision.DROP
