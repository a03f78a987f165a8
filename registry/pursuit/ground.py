"""What a trail is reckoned on: roads near it that are not blocked, and the cameras that guard them."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import consents, motion
from registry.columns import from_ms, to_ms
from registry.events import lawful
from registry.geography import positions
from registry.geometry import Position
from registry.model import ConsentScope, Kind, LabelGroup
from registry.pursuit.moved import Index
from registry.reach import Reach
from registry.recordings.lawful import covered
from registry.scope import in_scope
from registry.spans import Ms, joined, minus
from registry.store import Store, in_turns
from registry.tables import cameras, entrance_cameras, entrances, events, labels, placements, places, roads
from registry.travel import Ways

_DEGREE_M = 111_195.0


@dataclass(frozen=True, slots=True)
class RoadLine:
    """A road of the map, as it was in one of its revisions."""

    id: UUID
    revision: int
    path: tuple[Position, ...] = field(compare=False)

    def near(self, middle: Position, within_m: float) -> bool:
        """Whether some of it may lie within so many metres, by its box."""
        high = within_m / _DEGREE_M
        wide = high / max(0.1, math.cos(math.radians(middle[1])))
        lon, lat = [point[0] for point in self.path], [point[1] for point in self.path]
        return (
            min(lon) <= middle[0] + wide
            and max(lon) >= middle[0] - wide
            and min(lat) <= middle[1] + high
            and max(lat) >= middle[1] - high
        )


@dataclass(frozen=True, slots=True)
class Roads:
    """Every road of the map, with its box (west, south, east, north)."""

    lines: tuple[RoadLine, ...]
    boxes: NDArray[np.float64]


_kept: WeakKeyDictionary[Store, tuple[tuple[Any, ...], Roads]] = WeakKeyDictionary()


async def every_road(conn: AsyncConnection, store: Store) -> Roads:
    """Every road of the map, read anew after each change: ids rise with a new one, else the count or revisions do."""
    newest = await conn.scalar(sa.select(roads.c.id).order_by(roads.c.id.desc()).limit(1))
    row = (await conn.execute(sa.select(sa.func.count(), sa.func.sum(roads.c.revision)).select_from(roads))).one()
    stamp = (newest, *row)
    kept = _kept.get(store)
    if kept is None or kept[0] != stamp:
        drawn = await conn.execute(sa.select(roads.c.id, roads.c.revision, roads.c.path).order_by(roads.c.no))
        lines = await in_turns(RoadLine(row.id, row.revision, positions(row.path)) for row in drawn)
        kept = stamp, await asyncio.to_thread(_boxed, lines)
        _kept[store] = kept
    return kept[1]


def _boxed(lines: Sequence[RoadLine]) -> Roads:
    boxes = [(*np.min(one.path, axis=0), *np.max(one.path, axis=0)) for one in lines]
    return Roads(tuple(lines), np.asarray(boxes, dtype=np.float64).reshape(-1, 4))


def near(every: Roads, middle: Position, within_m: float, away: Collection[UUID]) -> tuple[RoadLine, ...]:
    """The roads that may lie within so many metres, without those `away`; all of them where those are the most.

    So a wide look around any place is over the same roads, whose ways are made once.
    """
    high = within_m / _DEGREE_M
    wide = high / max(0.1, math.cos(math.radians(middle[1])))
    west, south, east, north = every.boxes.T
    inside = (west <= middle[0] + wide) & (east >= middle[0] - wide)
    inside &= (south <= middle[1] + high) & (north >= middle[1] - high)
    numbers = np.flatnonzero(inside).tolist()
    kept = every.lines if 2 * len(numbers) > len(every.lines) else [every.lines[one] for one in numbers]
    return tuple(one for one in kept if one.id not in away)


@lru_cache(maxsize=8)
def ways_over(some: tuple[RoadLine, ...]) -> Ways:
    """The ways over some roads; made in a thread, a county's take a second."""
    return Ways.of([one.path for one in some])


async def without(conn: AsyncConnection, store: Store, away: Collection[UUID]) -> Ways:
    """The ways over every road but some."""
    every = await every_road(conn, store)
    return await asyncio.to_thread(ways_over, tuple(one for one in every.lines if one.id not in away))


@dataclass(frozen=True, slots=True)
class Post:
    """A camera that may have seen who went by: where its ways are (its entrances, else itself)."""

    no: int
    id: UUID
    name: str
    village_code: str
    spots: tuple[Position, ...]
    entrances: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Posts:
    """The cameras the look reaches; `beyond` is how many more of the user's own it does not."""

    posts: tuple[Post, ...]
    beyond: int


async def posts(conn: AsyncConnection, reach: Reach, middle: Position, within_m: float) -> Posts:
    """The cameras within so many metres (by the straight line) of a place."""
    doors = await _doors(conn)
    wanted = (
        sa.select(
            cameras.c.no,
            cameras.c.id,
            cameras.c.name,
            cameras.c.lat,
            cameras.c.lon,
            places.c.code,
            sa.func.coalesce(placements.c.near_minors, sa.false()).label("near_minors"),
        )
        .join(places, places.c.no == cameras.c.village_no)
        .outerjoin(placements, placements.c.camera_no == cameras.c.no)
        .where(cameras.c.kind != Kind.WIFI_PROBE.value, in_scope(places.c.code, reach.known))
        .order_by(places.c.code, cameras.c.name, cameras.c.no)
    )
    found, beyond = [], 0
    for row in await conn.execute(wanted.where(cameras.c.removed_at.is_(None))):
        ways = doors.get(row.no, ())
        own = ((row.lon, row.lat),) if row.lat is not None and row.lon is not None else ()
        spots = tuple(at for _, at in ways) or own
        if not any(_within(at, middle, within_m) for at in spots):
            continue
        if not reach.covers(row.code, row.id) or (reach.minors_ask and row.near_minors):
            beyond += 1
            continue
        found.append(Post(row.no, row.id, row.name, row.code, spots, tuple(name for name, _ in ways)))
    return Posts(tuple(found), beyond)


def _within(at: Position, middle: Position, within_m: float) -> bool:
    east = (at[0] - middle[0]) * math.cos(math.radians(middle[1])) * _DEGREE_M
    return math.hypot(east, (at[1] - middle[1]) * _DEGREE_M) <= within_m


async def _doors(conn: AsyncConnection) -> dict[int, tuple[tuple[str, Position], ...]]:
    wanted = (
        sa.select(entrance_cameras.c.camera_no, entrances.c.name, entrances.c.lat, entrances.c.lon)
        .join(entrances, entrances.c.no == entrance_cameras.c.entrance_no)
        .order_by(entrances.c.name, entrances.c.no)
    )
    found: dict[int, tuple[tuple[str, Position], ...]] = {}
    for row in await conn.execute(wanted):
        found[row.camera_no] = (*found.get(row.camera_no, ()), (row.name, (row.lon, row.lat)))
    return found


async def dark(
    conn: AsyncConnection,
    store: Store,
    reach: Reach | None,
    numbers: Collection[int],
    span: tuple[datetime, datetime],
    *,
    index: Index | None,
) -> dict[int, list[Ms]]:
    """When in the span nothing can be known from a camera.

    It was not analysed, its owner does not let it be read, or (where a reach is given) the case does not reach there.
    Without an index what was told of each camera says whether it was analysed: of days before, many at once.
    """
    whole = (to_ms(span[0]), to_ms(span[1]))
    begin, end = span if reach is None else reach.cut(*span)
    beyond = minus([whole], [(to_ms(begin), to_ms(end))])
    asked = sa.select(cameras.c.no, cameras.c.id, cameras.c.kind).where(cameras.c.no.in_(sorted(numbers)))
    rows = (await conn.execute(asked)).all()
    away = await motion.unwatched(conn, {row.no: row.id for row in rows}, span, store.clock(), index)
    given = await consents.asked(conn, store, rows)
    found = {}
    for number in numbers:
        unread: list[Ms] = []
        if number in given:
            told = [
                one
                for one in given[number]
                if ConsentScope.EVENTS in one.scopes and consents.in_force(one, store.clock())
            ]
            let = [(to_ms(a), to_ms(b)) for one in told for a, b in covered(one, span, store.tz)]
            unread = minus([whole], let)
        found[number] = joined([*(one.span for one in away[number]), *beyond, *unread])
    return found


@dataclass(frozen=True, slots=True)
class Hit:
    """An event of a camera: when it began and was over, in milliseconds."""

    id: UUID
    began: int
    over: int


async def hits(
    conn: AsyncConnection,
    store: Store,
    numbers: Collection[int],
    span: tuple[datetime, datetime],
    groups: Sequence[LabelGroup],
    *,
    within: Iterable[sa.ColumnElement[bool]] = (),
) -> dict[int, list[Hit]]:
    """The events of some cameras that began in a span, of some groups (all where none is named), in order.

    Owners' consents are asked; `within` narrows them to what a look reaches, where more than their number is told.
    """
    began, over = (sa.type_coerce(events.c[name], sa.BigInteger) for name in ("started_at", "updated_at"))
    wanted = (
        sa.select(events.c.camera_no, events.c.id, began.label("began"), over.label("over"))
        .where(
            events.c.camera_no.in_(sorted(numbers)),
            events.c.started_at >= span[0],
            events.c.started_at < span[1],
            lawful.CONSENTED,
            *within,
        )
        .order_by(events.c.started_at, events.c.id)
    )
    if groups:
        named = sa.select(labels.c.no).where(labels.c.label_group.in_([one.value for one in groups]))
        wanted = wanted.where(events.c.label_no.in_(named))
    found: dict[int, list[Hit]] = {}
    if numbers:
        for camera_no, identity, begin, end in await conn.execute(wanted, lawful.bound(store, store.clock())):
            found.setdefault(camera_no, []).append(Hit(identity, begin, max(begin, end)))
    return found


async def counts(
    conn: AsyncConnection, store: Store, spans: Mapping[int, Sequence[Ms]], groups: Sequence[LabelGroup]
) -> dict[int, int]:
    """How many events of each camera began in its spans: counts alone, of no matter which days."""
    found = dict.fromkeys(spans, 0)
    days = max((len(some) for some in spans.values()), default=0)
    for day in range(days):
        asked = {number: some[day] for number, some in spans.items() if day < len(some)}
        whole = from_ms(min(one[0] for one in asked.values())), from_ms(max(one[1] for one in asked.values()))
        for number, some in (await hits(conn, store, asked, whole, groups)).items():
            begin, end = asked[number]
            found[number] += sum(begin <= one.began < end for one in some)
    return found
