"""Counting events by local hour or day, found as a page is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit
from registry.columns import AnyRow, from_ms
from registry.events import lawful
from registry.events.filters import Resolved, conditions, one_of, require_within, resolve, scope_of, shape_of, values_of
from registry.events.finding import choose_path, refused
from registry.events.query import EventQuery
from registry.model import Access
from registry.store import Store
from registry.tables import cameras, events, labels

_BUCKET_MS = {"hour": 3_600_000, "day": 86_400_000}
_QUARTER_MS = 900_000


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many events started in a local hour or day, in all and by label group. Empty buckets are left out."""

    start: datetime
    count: int
    by_group: dict[str, int]


async def histogram(
    store: Store, access: Access, query: EventQuery, bucket: Literal["hour", "day"]
) -> tuple[Bucket, ...]:
    """Counts per local hour or day, oldest first; the query's order, limit and cursor do not matter.

    Raises Denied (permission, purpose), Invalid (span).
    """
    rows = await _tallied(store, access, query, bucket)
    return await asyncio.to_thread(_buckets, rows, store.tz, bucket)


async def histograms(
    store: Store, access: Access, query: EventQuery, bucket: Literal["hour", "day"]
) -> dict[UUID, tuple[Bucket, ...]]:
    """As `histogram`, of each camera that has any."""
    rows = await _tallied(store, access, query, bucket, each=True)
    of: dict[UUID, list[AnyRow]] = {}
    for row in rows:
        of.setdefault(row.camera_id, []).append(row)
    return {camera: await asyncio.to_thread(_buckets, those, store.tz, bucket) for camera, those in of.items()}


def _buckets(rows: Iterable[AnyRow], tz: tzinfo, bucket: Literal["hour", "day"]) -> tuple[Bucket, ...]:
    found_in: dict[datetime, dict[str, int]] = {}
    for row in rows:
        groups = found_in.setdefault(_floor(from_ms(row.start), tz, bucket), {})
        groups[row.label_group] = groups.get(row.label_group, 0) + row.events
    return tuple(Bucket(start, sum(groups.values()), groups) for start, groups in sorted(found_in.items()))


async def _tallied(
    store: Store, access: Access, query: EventQuery, bucket: Literal["hour", "day"], *, each: bool = False
) -> Sequence[AnyRow]:
    """Counts by step and label group, of `each` camera by itself; on record before they are told."""
    async with refused(store, access, "events.histogram", query):
        reach, now = lawful.require(store, access), store.clock()
        async with store.read() as conn:
            found = await resolve(conn, reach, query, now)
            left_out = await require_within(conn, reach, query, found)
            rows = [] if found.empty else await _counted(conn, store, query, found, bucket, each=each)
    async with store.write() as conn:
        await audit.append(
            conn,
            access.actor,
            "events.histogram",
            now=store.clock(),
            cameras=await audit.known(conn, access.actor, query.camera),
            span=(found.since, found.until),
            purpose=access.purpose,
            detail=audit.describe(**query.filters(), bucket=bucket, within=scope_of(reach, query), left_out=left_out),
            count=sum(row.events for row in rows),
        )
    return rows


async def _counted(
    conn: AsyncConnection,
    store: Store,
    query: EventQuery,
    found: Resolved,
    bucket: Literal["hour", "day"],
    *,
    each: bool,
) -> Sequence[AnyRow]:
    """Counts by step and label group, of `each` camera by itself where that is told.

    The step is the bucket where local time runs evenly, else a quarter of an hour: every offset is a multiple of it.
    """
    even, shift = _evenly(found.since, found.until, store.tz)
    step = _BUCKET_MS[bucket] if even else _QUARTER_MS
    path = await choose_path(conn, found)
    where = [*conditions(shape_of(query, found, by=path.column))]
    if path.column:
        where.append(one_of(events.c[path.column], path.column))
    start = ((sa.type_coerce(events.c.started_at, sa.BigInteger) + shift) // step * step - shift).label("start")
    keys = (start, events.c.label_no, *((events.c.camera_no,) if each else ()))
    counted = sa.select(*keys, sa.func.count().label("events")).where(*where).group_by(*keys).subquery()
    grouped = sa.select(counted.c.start, labels.c.label_group, counted.c.events).join(
        labels, labels.c.no == counted.c.label_no
    )
    if each:
        grouped = grouped.add_columns(cameras.c.id.label("camera_id")).join(
            cameras, cameras.c.no == counted.c.camera_no
        )
    return (await conn.execute(grouped, values_of(query, found, store))).all()


def _evenly(since: datetime, until: datetime, tz: tzinfo) -> tuple[bool, int]:
    """Whether local time keeps one offset throughout, and that in milliseconds: that of `since`, where it does not."""
    days = [since + timedelta(days=day) for day in range((until - since).days + 1)]
    offsets = [(at.astimezone(tz).utcoffset() or timedelta()) for at in (*days, until)]
    return len(set(offsets)) == 1, offsets[0] // timedelta(milliseconds=1)


def _floor(at: datetime, tz: tzinfo, bucket: Literal["hour", "day"]) -> datetime:
    local = at.astimezone(tz).replace(minute=0, second=0, microsecond=0)
    return (local.replace(hour=0) if bucket == "day" else local).astimezone(UTC)
