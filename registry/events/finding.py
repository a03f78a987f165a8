"""Finding events: one page, newest or oldest first.

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

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit
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
from registry.tables import events

GATHER = 4000
MERGE_KEYS = 12


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
