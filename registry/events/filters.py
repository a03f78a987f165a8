"""An EventQuery against the tables: what its places, cameras and labels are in row numbers, and its conditions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.daytime import within_sql
from registry.events.lawful import consented
from registry.events.query import EventQuery
from registry.model import Level
from registry.scope import Scope, in_scope
from registry.tables import cameras, events, labels, places

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
    def empty(self) -> bool:
        """Whether nothing can be found."""
        return () in (self.villages, self.cameras, self.labels)


def distance_m(lat: float, lon: float, to_lat: float, to_lon: float) -> float:
    """Great-circle distance in metres between WGS-84 positions (haversine)."""
    a, b = math.radians(lat), math.radians(to_lat)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(to_lon - lon) / 2) ** 2
    return 2 * _EARTH_M * math.asin(math.sqrt(min(half, 1.0)))


async def _villages(conn: AsyncConnection, scope: Scope, query: EventQuery) -> tuple[int, ...] | None:
    """Villages the look may reach; None when that is every village there is."""
    reach = scope.narrowed(query.place) if query.place else scope
    if reach.everything:
        return None
    every = places.c.level == Level.VILLAGE.value
    total = sa.select(sa.func.count()).select_from(places).where(every).scalar_subquery()
    rows = (
        await conn.execute(sa.select(places.c.no, total.label("total")).where(every, in_scope(places.c.code, reach)))
    ).all()
    return None if rows and len(rows) == rows[0].total else tuple(row.no for row in rows)


async def _cameras(conn: AsyncConnection, query: EventQuery) -> tuple[int, ...] | None:
    """Cameras named, and near; one without a position of its own counts as at its village's."""
    if not query.camera and query.near is None:
        return None
    lat, lon = sa.func.coalesce(cameras.c.lat, places.c.lat), sa.func.coalesce(cameras.c.lon, places.c.lon)
    wanted = sa.select(cameras.c.no, lat.label("lat"), lon.label("lon")).join(
        places, places.c.no == cameras.c.village_no
    )
    if query.camera:
        wanted = wanted.where(cameras.c.id.in_(query.camera))
    rows = (await conn.execute(wanted)).all()
    if query.near is None:
        return tuple(row.no for row in rows)
    centre, radius = query.position, query.radius_m or 500.0
    return tuple(
        row.no
        for row in rows
        if row.lat is not None and row.lon is not None and distance_m(*centre, row.lat, row.lon) <= radius
    )


async def _labels(conn: AsyncConnection, query: EventQuery) -> tuple[int, ...] | None:
    if not query.label and not query.group:
        return None
    wanted = sa.select(labels.c.no)
    if query.label:
        wanted = wanted.where(labels.c.label.in_(query.label))
    if query.group:
        wanted = wanted.where(labels.c.label_group.in_([group.value for group in query.group]))
    return tuple(await conn.scalars(wanted))


async def resolve(conn: AsyncConnection, scope: Scope, query: EventQuery, now: datetime) -> Resolved:
    """Look up what the query names, within the scope."""
    since, until = query.span(now)
    return Resolved(
        villages=await _villages(conn, scope, query),
        cameras=await _cameras(conn, query),
        labels=await _labels(conn, query),
        since=since,
        until=until,
    )


def unindexed(column: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    """The column as an expression that no index serves: this is how the access path is chosen, on both engines."""
    return sa.type_coerce(column, sa.BigInteger) + 0


def conditions(query: EventQuery, found: Resolved, now: datetime, *, by: str = "") -> list[sa.ColumnElement[bool]]:
    """Every condition of the query but its cursor; `by` names the reference whose index leads, and is left out."""
    made = [events.c.started_at >= found.since, events.c.started_at < found.until]
    for name, column, numbers in (
        ("camera_no", events.c.camera_no, found.cameras),
        ("label_no", events.c.label_no, found.labels),
        ("village_no", events.c.village_no, found.villages),
    ):
        if numbers is not None and name != by:
            made.append(unindexed(column).in_(numbers))
    if query.night is not None:
        made.append(within_sql(events.c.local_second, *(sa.literal(minute) for minute in query.night)))
    if query.kind:
        made.append(events.c.kind.in_([kind.value for kind in query.kind]))
    if query.rule:
        made.append(events.c.rule_id.in_(query.rule))
    if query.min_score is not None:
        made.append(events.c.score >= query.min_score)
    made.append(consented(now))
    return made
