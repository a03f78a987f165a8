"""Reading single events: one by id, its picture, and those a stream hands on as they happen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, masks, purposes
from registry.errors import Denied, NotFound
from registry.events import lawful
from registry.events.filters import conditions, resolve, shape_of, values_of
from registry.events.query import AHEAD, EventQuery
from registry.events.rows import DETAILS, to_event
from registry.model import Access, Event
from registry.permissions import Permission, may
from registry.reach import Reach
from registry.scope import Scope
from registry.store import Store
from registry.tables import events
from registry.users import again

Picture = Literal["snapshot", "still"]
"""The best picture of what is analysed, or the full-size one."""
_COVERS_PICTURES = ("events.search", "events.get")


def _unknown() -> NotFound:
    return NotFound("no such event", code="event_unknown")


async def _one(conn: AsyncConnection, store: Store, scope: Scope, event_id: UUID) -> Any:
    wanted = DETAILS.where(events.c.id == event_id, lawful.in_villages(scope), lawful.CONSENTED)
    return (await conn.execute(wanted, lawful.bound(store, store.clock()))).one_or_none()


async def _note(store: Store, access: Access, action: str, event: Event | None, event_id: UUID, *, count: int) -> int:
    cameras = [event.camera_id] if event is not None else []
    span = (event.started_at, event.updated_at) if event is not None else (None, None)
    async with store.write() as conn:
        return await audit.append(
            conn,
            access.actor,
            action,
            now=store.clock(),
            cameras=cameras,
            span=span,
            purpose=access.purpose,
            detail=audit.describe(event=event_id),
            count=count,
        )


def _reached(reach: Reach, event: Event | None) -> bool:
    return event is not None and reach.covers(event.village_code, event.camera_id) and reach.at(event.started_at)


async def get(store: Store, access: Access, event_id: UUID) -> Event:
    """One event; the look is in the audit first, a vain one too.

    Raises Denied (beyond_patrol, beyond_case, beyond_work: outside what the purpose reaches), NotFound outside scope or
    consent.
    """
    reach = lawful.require(store, access)
    async with store.read() as conn:
        row = await _one(conn, store, reach.known, event_id)
    event = to_event(row) if row is not None else None
    reached = _reached(reach, event)
    await _note(store, access, "events.get", event, event_id, count=int(reached))
    if event is None:
        raise _unknown()
    if not reached:
        raise reach.beyond()
    return event


async def snapshot_of(
    store: Store, access: Access, event_id: UUID, *, picture: Picture = "snapshot", audit_no: int | None = None
) -> tuple[str, str]:
    """(node, key) of an event's picture; covered by a list's audit row (`audit_no`), or a look of its own.

    The row must be this user's own, of a list or look-up, and at most five minutes old. Raises Denied (beyond_case and
    its like; for a picture from before a mask, recorded_unmasked), NotFound outside scope or consent and where there is
    none.
    """
    reach = lawful.require(store, access)
    async with store.read() as conn:
        if audit_no is not None and not await audit.covers(
            conn, access.actor, audit_no, _COVERS_PICTURES, store.clock()
        ):
            raise Denied("open the list again: its pictures are covered for five minutes", code="ticket")
        row = await _one(conn, store, reach.known, event_id)
    event = to_event(row) if row is not None else None
    taken = None if row is None else row.snapshot_at if picture == "snapshot" else row.still_at
    hidden = row is not None and masks.hides(store, row.masked_since, taken or row.started_at)
    key = None if row is None else row.snapshot if picture == "snapshot" else row.still
    if audit_no is None:
        shown = key is not None and not hidden and _reached(reach, event)
        await _note(store, access, f"events.{picture}", event, event_id, count=int(shown))
    if row is None:
        raise _unknown()
    if not _reached(reach, event):
        raise reach.beyond()
    if hidden:
        raise masks.bared()
    if key is None:
        raise NotFound("the event has no such picture", code="snapshot_none")
    return row.node, key


async def watching(store: Store, access: Access, query: EventQuery) -> int:
    """Write that somebody begins to watch new events; returns the audit row's number. Raises Denied."""
    lawful.require(store, access)
    now = store.clock()
    async with store.write() as conn:
        return await audit.append(
            conn,
            access.actor,
            "events.stream",
            now=now,
            span=(now, None),
            purpose=access.purpose,
            detail=audit.describe(**query.filters()),
        )


async def watched(store: Store, access: Access, opened_no: int, cameras: Sequence[UUID], count: int) -> int:
    """Write how many events a stream, opened under the audit row `opened_no`, has handed on, and of which cameras.

    Written although the purpose may be closed by now: it was open when they were handed on.
    """
    now = store.clock()
    async with store.write() as conn:
        return await audit.append(
            conn,
            access.actor,
            "events.streamed",
            now=now,
            cameras=cameras,
            span=(None, now),
            purpose=access.purpose,
            detail=audit.describe(stream=opened_no),
            count=count,
        )


async def visible(store: Store, access: Access, event: Event, query: EventQuery | None = None) -> bool:
    """Whether a stream may hand this event on now: user, grants, purpose and consent are read anew, then the filters.

    The query's time span is not asked: a stream is about what happens now.
    """
    now = store.clock()
    async with store.read() as conn:
        user = await again(conn, access.actor.user, store)
        purpose = await purposes.of_no(conn, access.purpose.no, store.policy)
        if user is None or not may(user, Permission.SEE_EVENTS):
            return False
        if purpose is None or not purposes.is_open(purpose, now):
            return False
        actor = replace(access.actor, user=user)
        reach = purposes.reach(store, Access(actor, purpose))
        if not _reached(reach, event):
            return False
        wanted = (query or EventQuery()).model_copy(
            update={"since": event.started_at, "until": event.started_at + AHEAD, "cursor": None}
        )
        found = await resolve(conn, reach, wanted, now)
        if found.empty:
            return False
        one = sa.select(events.c.no).where(events.c.id == event.id, *conditions(shape_of(wanted, found)))
        return await conn.scalar(one, values_of(wanted, found, store)) is not None
