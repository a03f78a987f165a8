"""An EventQuery against the tables: what its places, cameras and labels are in row numbers, and its conditions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import minors
from registry.daytime import within_sql
from registry.events.lawful import CONSENTED, bound
from registry.events.query import DEFAULT_RADIUS_M, EventQuery
from registry.geometry import box_around, distance
from registry.model import LeftOut, Level
from registry.reach import Reach
from registry.scope import Scope, in_scope
from registry.store import Store
from registry.tables import cameras, event_marks, events, labels, places

UNMARKED = "none"
STATEMENTS = 256
"""Shapes whose SQL is kept: far more than a page's filters make, and a bound for who tries them all."""
TOWNSHIP = 9
"""Digits of a township's code."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """A query's references as row numbers; None where it does not restrict. An empty tuple finds nothing."""

    villages: tuple[int, ...] | None
    cameras: tuple[int, ...] | None
    labels: tuple[int, ...] | None
    since: datetime
    until: datetime
    near_minors: tuple[int, ...] = ()
    """Cameras that are left out, since the purpose's reason is too short for them."""

    @property
    def references(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """The restricting references: the column's name and the row numbers."""
        named = (("camera_no", self.cameras), ("label_no", self.labels), ("village_no", self.villages))
        return tuple((name, numbers) for name, numbers in named if numbers is not None)

    @property
    def empty(self) -> bool:
        """Whether nothing can be found."""
        return () in (self.villages, self.cameras, self.labels) or self.since >= self.until


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
    west, south, east, north = box_around(centre, radius)
    rows = (await conn.execute(wanted.where(lat.between(south, north), lon.between(west, east)))).all()
    return tuple(row.no for row in rows if distance(centre, (row.lon, row.lat)) <= radius)


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
        near_minors=await minors.near(conn, reach.scope) if reach.minors_ask else (),
    )


async def require_within(
    conn: AsyncConnection, reach: Reach, query: EventQuery, found: Resolved
) -> tuple[LeftOut, ...]:
    """What the query names and the look does not reach; it is left out.

    Raises Denied (beyond_case, …, minors_reason) where places, cameras or times are told and all are beyond it.
    """
    told = query.since is not None or query.until is not None
    if found.since >= found.until and told:
        raise reach.beyond()
    early = query.since is not None and query.since < found.since
    late = query.until is not None and query.until > found.until
    out: list[LeftOut] = ["times"] if early or late else []
    return *out, *await _things_within(conn, reach, query, found)


async def require_things_within(conn: AsyncConnection, reach: Reach, query: EventQuery, found: Resolved) -> None:
    """`require_within` whatever the times: for a stream, which is about what happens now."""
    await _things_within(conn, reach, query, found)


async def _things_within(
    conn: AsyncConnection, reach: Reach, query: EventQuery, found: Resolved
) -> tuple[LeftOut, ...]:
    out: list[LeftOut] = []
    inner, known = reach.scope.narrowed(query.place).prefixes, reach.known.narrowed(query.place).prefixes
    if query.place and inner != known:
        if not inner:
            raise reach.beyond()
        out.append("places")
    if query.camera:
        named = sa.select(cameras.c.id, cameras.c.no, places.c.code).join(places, places.c.no == cameras.c.village_no)
        rows = (await conn.execute(named.where(cameras.c.id.in_(query.camera)))).all()
        his = [row for row in rows if reach.known.covers(row.code)]
        reached = [row for row in his if reach.covers(row.code, row.id)]
        if his and not reached:
            raise reach.beyond()
        if reached and all(row.no in found.near_minors for row in reached):
            raise reach.unsaid()
        if len(reached) < len(his):
            out.append("cameras")
    if found.near_minors and (found.cameras is None or set(found.cameras) & set(found.near_minors)):
        out.append("minors")
    return tuple(out)


def scope_of(reach: Reach, query: EventQuery) -> list[str]:
    """Where was looked, for the register: codes of counties and townships; villages as `township:200,201`."""
    codes = (reach.scope.narrowed(query.place) if query.place else reach.scope).prefixes
    by_township: dict[str, list[str]] = {}
    for code in sorted(codes):
        by_township.setdefault(code[:TOWNSHIP], []).append(code[TOWNSHIP:])
    return [f"{town}:{','.join(villages)}" if all(villages) else town for town, villages in by_township.items()]


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
    stays: bool
    direction: bool
    verdict: tuple[str, ...] = ()
    ids: bool = False
    minors: bool = False
    by: str = ""


def shape_of(query: EventQuery, found: Resolved, by: str = "") -> Shape:
    """The shape of a query whose references are resolved."""
    return Shape(
        references=tuple(name for name, _ in found.references),
        night=query.night is not None,
        kind=bool(query.kind),
        rule=bool(query.rule),
        score=query.min_score is not None,
        stays=query.stays_s is not None,
        direction=query.direction is not None,
        verdict=tuple(sorted(query.verdict)),
        ids=bool(query.id),
        minors=bool(found.near_minors),
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
        "stays_ms": (query.stays_s or 0) * 1000,
        "direction": query.direction,
        "verdicts": [one for one in query.verdict if one != UNMARKED],
        "ids": query.id,
        "near_minors": found.near_minors,
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
    if shape.stays:
        seen_to = sa.func.coalesce(_ms(events.c.ended_at), _ms(events.c.updated_at))
        made.append(seen_to - _ms(events.c.started_at) >= sa.bindparam("stays_ms", type_=sa.BigInteger))
    if shape.direction:
        made.append(events.c.direction == sa.bindparam("direction"))
    if shape.verdict:
        made.append(_said(shape.verdict))
    if shape.ids:
        made.append(one_of(events.c.id, "ids"))
    if shape.minors:
        made.append(unindexed(events.c.camera_no).not_in(sa.bindparam("near_minors", expanding=True)))
    return (*made, CONSENTED)


def _ms(column: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    return sa.type_coerce(column, sa.BigInteger)


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
