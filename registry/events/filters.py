"""An EventQuery against the tables: what its places, cameras and labels are in row numbers, and its conditions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.daytime import within_sql
from registry.events.lawful import CONSENTED, bound
from registry.events.query import DEFAULT_RADIUS_M, EventQuery
from registry.model import Level
from registry.reach import Reach
from registry.scope import Scope, in_scope
from registry.store import Store
from registry.tables import cameras, event_marks, events, labels, places

UNMARKED = "none"
STATEMENTS = 256
"""Shapes whose SQL is kept: far more than a page's filters make, and a bound for who tries them all."""
_EARTH_M = 6_371_008.8
"""Mean radius of the Earth (IUGG)."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A query's references as row numbers; None where it does not restrict. An empty tuple finds nothing."""

    villages: tuple[int, ...] | None
    cameras: tuple[int, ...] | None
    labels: tuple[int, ...] | None
    since: datetime
    until: datetime

    @property
    def references(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """The restricting references: the column's name and the row numbers."""
        named = (("camera_no", self.cameras), ("label_no", self.labels), ("village_no", self.villages))
        return tuple((name, numbers) for name, numbers in named if numbers is not None)

    @property
    def empty(self) -> bool:
        """Whether nothing can be found."""
        return () in (self.villages, self.cameras, self.labels) or self.since >= self.until


def distance_m(lat: float, lon: float, to_lat: float, to_lon: float) -> float:
    """Great-circle distance in metres between WGS-84 positions (haversine)."""
    a, b = math.radians(lat), math.radians(to_lat)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(to_lon - lon) / 2) ** 2
    return 2 * _EARTH_M * math.asin(math.sqrt(min(half, 1.0)))


def box_around(lat: float, lon: float, radius_m: float) -> tuple[float, float, float, float]:
    """(south, north, west, east) in degrees that hold the circle: few of a county's cameras are then measured each.

    Near a pole or the 180th meridian, west and east are the whole globe.
    """
    high = math.degrees(radius_m / _EARTH_M) * 1.001
    farthest = abs(lat) + high
    wide = high / math.cos(math.radians(farthest)) if farthest < 89 else 180.0  # noqa: PLR2004 - near enough a pole
    if abs(lon) + wide >= 180:  # noqa: PLR2004 - where longitudes jump
        return lat - high, lat + high, -180.0, 180.0
    return lat - high, lat + high, lon - wide, lon + wide


async def _villages(conn: AsyncConnection, scope: Scope, query: EventQuery) -> tuple[int, ...] | None:
    """Villages the look may reach; None when that is every village there is."""
    inner = scope.narrowed(query.place) if query.place else scope
    if inner.everything:
        return None
    every = places.c.level == Level.VILLAGE.value
    total = sa.select(sa.func.count()).select_from(places).where(every).scalar_subquery()
    rows = (
        await conn.execute(sa.select(places.c.no, total.label("total")).where(every, in_scope(places.c.code, inner)))
    ).all()
    return None if rows and len(rows) == rows[0].total else tuple(row.no for row in rows)


async def _cameras(conn: AsyncConnection, reach: Reach, query: EventQuery) -> tuple[int, ...] | None:
    """Cameras named, near, and of the reach; one without a position of its own counts as at its village's."""
    if not query.camera and query.near is None and reach.cameras is None:
        return None
    lat, lon = sa.func.coalesce(cameras.c.lat, places.c.lat), sa.func.coalesce(cameras.c.lon, places.c.lon)
    wanted = sa.select(cameras.c.no, lat.label("lat"), lon.label("lon")).join(
        places, places.c.no == cameras.c.village_no
    )
    if query.camera:
        wanted = wanted.where(cameras.c.id.in_(query.camera))
    if reach.cameras is not None:
        wanted = wanted.where(cameras.c.id.in_(reach.cameras))
    if query.near is None:
        return tuple((await conn.execute(wanted)).scalars())
    centre, radius = query.position, query.radius_m or DEFAULT_RADIUS_M
    south, north, west, east = box_around(*centre, radius)
    rows = (await conn.execute(wanted.where(lat.between(south, north), lon.between(west, east)))).all()
    return tuple(row.no for row in rows if distance_m(*centre, row.lat, row.lon) <= radius)


async def _labels(conn: AsyncConnection, query: EventQuery) -> tuple[int, ...] | None:
    if not query.label and not query.group:
        return None
    wanted = sa.select(labels.c.no)
    if query.label:
        wanted = wanted.where(labels.c.label.in_(query.label))
    if query.group:
        wanted = wanted.where(labels.c.label_group.in_([group.value for group in query.group]))
    return tuple(await conn.scalars(wanted))


async def resolve(conn: AsyncConnection, reach: Reach, query: EventQuery, now: datetime) -> Resolved:
    """Look up what the query names, within the look's reach. A case's own times stand in for those not told."""
    since, until = reach.cut(*query.span(now, reach.since, reach.until))
    return Resolved(
        villages=await _villages(conn, reach.scope, query),
        cameras=await _cameras(conn, reach, query),
        labels=await _labels(conn, query),
        since=since,
        until=until,
    )


async def require_within(conn: AsyncConnection, reach: Reach, query: EventQuery, found: Resolved) -> None:
    """Raise Denied (beyond_case, …) for a query whose places, cameras or times are told and all beyond the reach."""
    if found.since >= found.until and (query.since is not None or query.until is not None):
        raise reach.beyond()
    if query.place and not reach.scope.narrowed(query.place).prefixes and reach.known.narrowed(query.place).prefixes:
        raise reach.beyond()
    if not query.camera:
        return
    named = sa.select(cameras.c.id, places.c.code).join(places, places.c.no == cameras.c.village_no)
    rows = (await conn.execute(named.where(cameras.c.id.in_(query.camera)))).all()
    if any(reach.known.covers(row.code) for row in rows) and not any(reach.covers(row.code, row.id) for row in rows):
        raise reach.beyond()


def unindexed(column: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """The column as an expression that no index serves: this is how the access path is chosen, on both engines."""
    return sa.type_coerce(column, sa.BigInteger) + 0


@dataclass(frozen=True, slots=True)
class Shape:
    """Which conditions a query has, whatever their values: all that its SQL text depends on.

    `by` names the reference whose index leads; its condition is left to the access path.
    """

    references: tuple[str, ...]
    night: bool
    kind: bool
    rule: bool
    score: bool
    verdict: tuple[str, ...] = ()
    ids: bool = False
    by: str = ""


def shape_of(query: EventQuery, found: Resolved, by: str = "") -> Shape:
    """The shape of a query whose references are resolved."""
    return Shape(
        references=tuple(name for name, _ in found.references),
        night=query.night is not None,
        kind=bool(query.kind),
        rule=bool(query.rule),
        score=query.min_score is not None,
        verdict=tuple(sorted(query.verdict)),
        ids=bool(query.id),
        by=by,
    )


def values_of(query: EventQuery, found: Resolved, store: Store) -> dict[str, Any]:
    """What `conditions` binds, by name."""
    night = query.night or (0, 0)
    return {
        **bound(store, store.clock()),
        "since": found.since,
        "until": found.until,
        "night_from": night[0],
        "night_to": night[1],
        "kinds": [kind.value for kind in query.kind],
        "rules": query.rule,
        "min_score": query.min_score,
        "verdicts": [one for one in query.verdict if one != UNMARKED],
        "ids": query.id,
        **dict(found.references),
    }


@lru_cache(STATEMENTS)
def conditions(shape: Shape) -> tuple[sa.ColumnElement[bool], ...]:
    """Every condition of a query but its cursor, with the names of `values_of`.

    Made once for a shape: making them anew took longer than most searches do.
    """
    made = [events.c.started_at >= sa.bindparam("since"), events.c.started_at < sa.bindparam("until")]
    made += [one_of(unindexed(events.c[name]), name) for name in shape.references if name != shape.by]
    if shape.night:
        ends = (sa.bindparam(name, type_=sa.Integer) for name in ("night_from", "night_to"))
        made.append(within_sql(events.c.local_second, *ends))
    if shape.kind:
        made.append(one_of(events.c.kind, "kinds"))
    if shape.rule:
        made.append(one_of(events.c.rule_id, "rules"))
    if shape.score:
        made.append(events.c.score >= sa.bindparam("min_score"))
    if shape.verdict:
        made.append(_said(shape.verdict))
    if shape.ids:
        made.append(one_of(events.c.id, "ids"))
    return (*made, CONSENTED)


def _said(verdicts: tuple[str, ...]) -> sa.ColumnElement[bool]:
    """SQL: people said one of `verdicts` of the event. Marks are few: their list is made first."""
    judged = sa.select(event_marks.c.event_no)
    either = []
    if set(verdicts) - {UNMARKED}:
        either.append(events.c.no.in_(judged.where(one_of(event_marks.c.verdict, "verdicts"))))
    if UNMARKED in verdicts:
        either.append(events.c.no.not_in(judged.where(event_marks.c.verdict.is_not(None))))
    return sa.or_(*either)


def one_of(column: sa.ColumnElement[Any], name: str) -> sa.ColumnElement[bool]:
    """SQL: the column is one of the values bound to `name`."""
    return column.in_(sa.bindparam(name, expanding=True))
