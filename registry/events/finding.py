"""Finding events: one page, newest or oldest first, or counts over time.

How a page is found (measured with tools/bench/search.py): each reference a query names (villages, cameras, labels) has
an index in the order of a page, (key, started_at, id), and every index also holds what the other references, the night
window and consent need, so that rows are read only for what is shown. The entries of each reference in the span are
counted, but only up to GATHER.

- gather: a reference with fewer entries than that is read whole, filtered and sorted; rare things cost little.
- merge: else, with few keys, the first entries of every key are read in order from its index and merged.
- walk: else the time index is walked from the end asked for until the page is full; with so many entries to be found
  that is soon.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit
from registry.columns import AnyRow, from_ms
from registry.events import lawful
from registry.events.filters import (
    STATEMENTS,
    Resolved,
    Shape,
    conditions,
    one_of,
    require_within,
    resolve,
    scope_of,
    shape_of,
    unindexed,
    values_of,
)
from registry.events.query import EventQuery
from registry.events.rows import DETAILS, to_event
from registry.model import Access, Event, EventPage, LeftOut
from registry.store import Store
from registry.tables import cameras, events, labels

GATHER = 4000
MERGE_KEYS = 12
_BUCKET_MS = {"hour": 3_600_000, "day": 86_400_000}
_QUARTER_MS = 900_000


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many events started in a local hour or day, in all and by label group. Empty buckets are left out."""

    start: datetime
    count: int
    by_group: dict[str, int]


Page = sa.Select[Any] | sa.CompoundSelect[Any]


@dataclass(frozen=True, slots=True)
class Path:
    """How a page is found: `gather` or `merge` by the index of a column, or `walk` in time."""

    way: Literal["gather", "merge", "walk"]
    column: str = ""


@lru_cache(STATEMENTS)
def _counts(columns: tuple[str, ...]) -> sa.Select[Any]:
    """Rows of each reference's keys in the span, counted up to the bound `gather`; only the index is read."""
    counts = []
    for name in columns:
        some = (
            sa.select(sa.literal_column("1"))
            .select_from(events)
            .where(
                one_of(events.c[name], name),
                events.c.started_at >= sa.bindparam("since"),
                events.c.started_at < sa.bindparam("until"),
            )
            .limit(sa.bindparam("gather", type_=sa.Integer))
            .subquery()
        )
        counts.append(sa.select(sa.func.count()).select_from(some).scalar_subquery().label(name))
    return sa.select(*counts)


async def choose_path(conn: AsyncConnection, found: Resolved) -> Path:
    """The access path for a page."""
    if not found.references:
        return Path("walk")
    keys = dict(found.references)
    asked = {"since": found.since, "until": found.until, "gather": GATHER, **keys}
    counted = (await conn.execute(_counts(tuple(keys)), asked)).one()._asdict()
    column = min(keys, key=lambda name: (counted[name], len(keys[name])))
    if counted[column] < GATHER:
        return Path("gather", column)
    return Path("merge", column) if len(keys[column]) <= MERGE_KEYS else Path("walk")


@lru_cache(STATEMENTS)
def _page_of(shape: Shape, path: Path, keys: int, *, newest: bool, resumed: bool) -> Page:
    """Numbers of a page's events in order, for any values of that shape; `keys` is how many are merged."""
    where = [*conditions(shape)]
    started, own = events.c.started_at, events.c.id
    if resumed:
        at: sa.BindParameter[datetime] = sa.bindparam("after_at")
        identity: sa.BindParameter[UUID] = sa.bindparam("after_id")
        where += (
            [started <= at, sa.or_(started < at, own < identity)]
            if newest
            else [started >= at, sa.or_(started > at, own > identity)]
        )

    def ordered(chosen: Page, started: sa.ColumnElement[Any], own: sa.ColumnElement[Any]) -> Page:
        turned = (started.desc(), own.desc()) if newest else (started.asc(), own.asc())
        return chosen.order_by(*turned).limit(sa.bindparam("rows", type_=sa.Integer))

    rows = sa.select(events.c.no, started, own).where(*where)
    if path.way == "walk":
        return ordered(rows, started, own)
    lead = events.c[path.column]
    if path.way == "gather":
        return ordered(rows.where(one_of(lead, path.column)), unindexed(started), own)
    parts = [rows.where(lead == sa.bindparam(f"key_{at}")) for at in range(keys)]
    if len(parts) == 1:
        return ordered(parts[0], started, own)
    # Parts without an order or bound of their own: both engines then read all of them side by side, just so far.
    merged = sa.union_all(*parts)
    return ordered(merged, merged.selected_columns.started_at, merged.selected_columns.id)


@lru_cache(STATEMENTS)
def _details_of(shape: Shape, path: Path, keys: int, *, newest: bool, resumed: bool) -> sa.Select[Any]:
    """The events of a page, in no order."""
    page = _page_of(shape, path, keys, newest=newest, resumed=resumed).subquery()
    return DETAILS.where(events.c.no.in_(sa.select(page.c.no)))


def page_values(query: EventQuery, found: Resolved, path: Path, store: Store) -> dict[str, Any]:
    """What a page's statement binds, by name: one row more than the page, to see whether another follows."""
    after = query.resume_at()
    merged = dict(found.references)[path.column] if path.way == "merge" else ()
    return {
        **values_of(query, found, store),
        **{f"key_{at}": key for at, key in enumerate(merged)},
        **({"after_at": after[0], "after_id": after[1]} if after is not None else {}),
        "rows": query.limit + 1,
    }


def page_select(query: EventQuery, found: Resolved, path: Path, *, details: bool = True) -> Page:
    """The events of a page and one more; without `details` the numbers alone, in order."""
    make = _details_of if details else _page_of
    keys = len(dict(found.references)[path.column]) if path.way == "merge" else 0
    shape = shape_of(query, found, by=path.column)
    return make(shape, path, keys, newest=query.order == "newest", resumed=query.cursor is not None)


@dataclass(frozen=True, slots=True)
class Found:
    """A page's events, the cursor of the next, the span and scope they were looked for in, and what is left out."""

    events: tuple[Event, ...]
    more: str | None
    span: tuple[datetime, datetime]
    within: list[str]
    left_out: tuple[LeftOut, ...]


async def page(store: Store, access: Access, query: EventQuery) -> Found:
    """One page; nothing is written to the audit yet, a refusal neither.

    Raises Denied (permission, purpose), Invalid (span, cursor).
    """
    reach, now = lawful.require(store, access), store.clock()
    query.resume_at()
    async with store.read() as conn:
        found = await resolve(conn, reach, query, now)
        left_out = await require_within(conn, reach, query, found)
        within = scope_of(reach, query)
        if found.empty:
            return Found((), None, (found.since, found.until), within, left_out)
        path = await choose_path(conn, found)
        rows = (await conn.execute(page_select(query, found, path), page_values(query, found, path, store))).all()
    ordered = sorted(rows, key=lambda row: (row.started_at, row.id), reverse=query.order == "newest")
    shown = tuple(to_event(row) for row in ordered[: query.limit])
    more = query.cursor_after(shown[-1].started_at, shown[-1].id) if len(rows) > query.limit else None
    return Found(shown, more, (found.since, found.until), within, left_out)


def refused(store: Store, access: Access, action: str, query: EventQuery) -> AbstractAsyncContextManager[None]:
    """What a query asked for goes on record when it is refused inside."""
    span = query.since, query.until
    return audit.refused(store, access, action, cameras=query.camera, span=span, detail=query.filters())


async def search(store: Store, access: Access, query: EventQuery) -> EventPage:
    """One page of what the actor may read. The look is in the audit before anything is returned.

    A refused one too. The row names the cameras of what was found; where nothing was, those that were asked for. Raises
    Denied (permission, purpose), Invalid (span, cursor).
    """
    async with refused(store, access, "events.search", query):
        found = await page(store, access, query)
    shown = tuple(dict.fromkeys(event.camera_id for event in found.events))
    async with store.write() as conn:
        number = await audit.append(
            conn,
            access.actor,
            "events.search",
            now=store.clock(),
            cameras=shown or await audit.known(conn, access.actor, query.camera),
            span=found.span,
            purpose=access.purpose,
            detail=audit.describe(**query.filters(), within=found.within, left_out=found.left_out, page=query.cursor),
            count=len(found.events),
        )
    return EventPage(found.events, found.more, number, *found.span, found.left_out)


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
