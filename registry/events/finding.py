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

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit
from registry.columns import from_ms
from registry.events import lawful
from registry.events.filters import Resolved, conditions, resolve, unindexed
from registry.events.query import EventQuery
from registry.events.rows import DETAILS, to_event
from registry.model import Access, Event, EventPage
from registry.store import Store
from registry.tables import events, labels

GATHER = 4000
MERGE_KEYS = 12
_HOUR_MS = 3_600_000
_QUARTER_MS = 900_000


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many events started in a local hour or day, in all and by label group. Empty buckets are left out."""

    start: datetime
    count: int
    by_group: dict[str, int]


@dataclass(frozen=True, slots=True)
class Path:
    """How a page is found: `gather` or `merge` by the index of a column, or `walk` in time."""

    way: Literal["gather", "merge", "walk"]
    column: str = ""
    keys: tuple[int, ...] = ()


def _references(found: Resolved) -> list[tuple[str, tuple[int, ...]]]:
    named = (("camera_no", found.cameras), ("label_no", found.labels), ("village_no", found.villages))
    return [(name, keys) for name, keys in named if keys is not None]


async def _count(conn: AsyncConnection, column: str, keys: Sequence[int], found: Resolved) -> int:
    """Rows of these keys in the span, counted up to GATHER; only the index is read."""
    some = (
        sa.select(sa.literal(1))
        .select_from(events)
        .where(events.c[column].in_(keys), events.c.started_at >= found.since, events.c.started_at < found.until)
        .limit(GATHER)
        .subquery()
    )
    return int(await conn.scalar(sa.select(sa.func.count()).select_from(some)) or 0)


async def choose_path(conn: AsyncConnection, found: Resolved) -> Path:
    """The access path for a page."""
    best: tuple[int, int, str, tuple[int, ...]] | None = None
    for column, keys in _references(found):
        rows = await _count(conn, column, keys, found)
        if best is None or (rows, len(keys)) < best[:2]:
            best = (rows, len(keys), column, keys)
    if best is None:
        return Path("walk")
    rows, count, column, keys = best
    if rows < GATHER:
        return Path("gather", column, keys)
    return Path("merge", column, keys) if count <= MERGE_KEYS else Path("walk")


def page_select(query: EventQuery, found: Resolved, path: Path, now: datetime) -> sa.Select[Any]:
    """Numbers of a page's events and one more, in order."""
    newest = query.order == "newest"
    where = conditions(query, found, now, by=path.column)
    after = query.resume_at()
    if after is not None:
        at, identity = after
        started, own = events.c.started_at, events.c.id
        where += (
            [started <= at, sa.or_(started < at, own < identity)]
            if newest
            else [started >= at, sa.or_(started > at, own > identity)]
        )

    def ordered(chosen: sa.Select[Any], started: sa.ColumnElement[Any], own: sa.ColumnElement[Any]) -> sa.Select[Any]:
        turned = (started.desc(), own.desc()) if newest else (started.asc(), own.asc())
        return chosen.order_by(*turned).limit(query.limit + 1)

    rows = sa.select(events.c.no, events.c.started_at, events.c.id).where(*where)
    if path.way == "walk":
        return ordered(rows, events.c.started_at, events.c.id)
    lead = events.c[path.column]
    if path.way == "gather":
        return ordered(rows.where(lead.in_(path.keys)), unindexed(events.c.started_at), events.c.id)
    parts = [ordered(rows.where(lead == key), events.c.started_at, events.c.id).subquery() for key in path.keys]
    if len(parts) == 1:
        return ordered(rows.where(lead == path.keys[0]), events.c.started_at, events.c.id)
    merged = sa.union_all(*(sa.select(part) for part in parts)).subquery()
    return ordered(sa.select(merged), merged.c.started_at, merged.c.id)


async def _page(store: Store, access: Access, query: EventQuery) -> tuple[tuple[Event, ...], str | None, Resolved]:
    scope, now = lawful.require(store, access), store.clock()
    query.resume_at()
    async with store.read() as conn:
        found = await resolve(conn, scope, query, now)
        if found.empty:
            return (), None, found
        path = await choose_path(conn, found)
        numbers = list(await conn.scalars(page_select(query, found, path, now)))
        page = numbers[: query.limit]
        if not page:
            return (), None, found
        rows = {row.no: to_event(row) for row in await conn.execute(DETAILS.where(events.c.no.in_(page)))}
    shown = tuple(rows[number] for number in page)
    more = query.cursor_after(shown[-1].started_at, shown[-1].id) if len(numbers) > query.limit else None
    return shown, more, found


async def search(store: Store, access: Access, query: EventQuery) -> EventPage:
    """One page of what the actor may read. The look is in the audit before anything is returned.

    Raises Denied (permission, purpose), Invalid (span, cursor).
    """
    shown, more, found = await _page(store, access, query)
    cameras = tuple(dict.fromkeys(event.camera_id for event in shown))
    async with store.write() as conn:
        number = await audit.append(
            conn,
            access.actor,
            "events.search",
            now=store.clock(),
            cameras=cameras,
            span=(found.since, found.until),
            purpose=access.purpose,
            detail=audit.describe(**query.filters(), page=query.cursor),
            count=len(shown),
        )
    return EventPage(shown, more, number)


async def histogram(
    store: Store, access: Access, query: EventQuery, bucket: Literal["hour", "day"]
) -> tuple[Bucket, ...]:
    """Counts per local hour or day, oldest first; the query's order, limit and cursor do not matter.

    Raises Denied (permission, purpose), Invalid (span).
    """
    scope, now = lawful.require(store, access), store.clock()
    async with store.read() as conn:
        found = await resolve(conn, scope, query, now)
        rows = [] if found.empty else (await conn.execute(await _count_select(conn, query, found, now, store.tz))).all()
    found_in: dict[datetime, dict[str, int]] = {}
    for row in rows:
        start = _floor(from_ms(row.start), store.tz, bucket)
        groups = found_in.setdefault(start, {})
        groups[row.label_group] = groups.get(row.label_group, 0) + row.events
    buckets = tuple(Bucket(start, sum(groups.values()), groups) for start, groups in sorted(found_in.items()))
    async with store.write() as conn:
        await audit.append(
            conn,
            access.actor,
            "events.histogram",
            now=store.clock(),
            span=(found.since, found.until),
            purpose=access.purpose,
            detail=audit.describe(**query.filters(), bucket=bucket),
            count=sum(one.count for one in buckets),
        )
    return buckets


async def _count_select(
    conn: AsyncConnection, query: EventQuery, found: Resolved, now: datetime, tz: tzinfo
) -> sa.Select[Any]:
    """Counts by UTC step and label group. The step is an hour where local hours are whole hours of UTC."""
    whole = all(
        (at.astimezone(tz).utcoffset() or timedelta()) % timedelta(hours=1) == timedelta()
        for at in (found.since, found.until)
    )
    step = _HOUR_MS if whole else _QUARTER_MS
    path = await choose_path(conn, found)
    where = conditions(query, found, now, by=path.column)
    if path.column:
        where.append(events.c[path.column].in_(path.keys))
    start = (sa.type_coerce(events.c.started_at, sa.BigInteger) // step * step).label("start")
    counted = (
        sa.select(start, events.c.label_no, sa.func.count().label("events"))
        .where(*where)
        .group_by(start, events.c.label_no)
        .subquery()
    )
    return sa.select(counted.c.start, labels.c.label_group, counted.c.events).join(
        labels, labels.c.no == counted.c.label_no
    )


def _floor(at: datetime, tz: tzinfo, bucket: Literal["hour", "day"]) -> datetime:
    local = at.astimezone(tz).replace(minute=0, second=0, microsecond=0)
    return (local.replace(hour=0) if bucket == "day" else local).astimezone(UTC)
