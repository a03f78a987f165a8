"""Reading single events: one by id, its picture, and those a stream hands on as they happen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, masks, purposes
from registry.errors import Denied, HubError, NotFound
from registry.events import lawful
from registry.events.filters import conditions, require_things_within, resolve, scope_of, shape_of, values_of
from registry.events.finding import refused
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
_COVERS_PICTURES = ("events.search", "events.get", "case.candidates", "case.hops")


def _unknown() -> NotFound:
    return NotFound("no such event", code="event_unknown")


async def _one(conn: AsyncConnection, store: Store, scope: Scope, event_id: UUID) -> Any:
    wanted = DETAILS.where(events.c.id == event_id, lawful.in_villages(scope), lawful.CONSENTED)
    return (await conn.execute(wanted, lawful.bound(store, store.clock()))).one_or_none()


async def _note(store: Store, access: Access, action: str, event: Event | UUID, *, why: HubError | None) -> int:
    """Write a look at an event, refused where there is a `why`; of one he may not know of, its id alone is written."""
    known = event if isinstance(event, Event) else None
    async with store.write() as conn:
        return await audit.append(
            conn,
            access.actor,
            action,
            now=store.clock(),
            cameras=() if known is None else (known.camera_id,),
            span=(None, None) if known is None else (known.started_at, known.updated_at),
            purpose=access.purpose,
            detail=audit.describe(event=event if known is None else known.id, refused=why.code if why else None),
            count=int(why is None),
        )


def _refusal(reach: Reach, row: Any, event: Event | None) -> HubError | None:
    """Why an event, where there is one, may not be seen under the purpose."""
    if event is None:
        return _unknown()
    if not _reached(reach, event):
        return reach.beyond()
    return reach.unsaid() if reach.minors_ask and row.near_minors else None


def _reached(reach: Reach, event: Event | None) -> bool:
    return event is not None and reach.covers(event.village_code, event.camera_id) and reach.at(event.started_at)


async def get(store: Store, access: Access, event_id: UUID) -> Event:
    """One event; the look is in the audit first, a vain one too.

    Raises Denied (beyond_patrol, beyond_case, beyond_work: outside what the purpose reaches; minors_reason), NotFound
    outside scope or consent.
    """
    reach = lawful.require(store, access)
    async with store.read() as conn:
        row = await _one(conn, store, reach.known, event_id)
    event = to_event(row) if row is not None else None
    refusal = _refusal(reach, row, event)
    await _note(store, access, "events.get", event or event_id, why=refusal)
    if event is None or refusal is not None:
        raise refusal or _unknown()
    return event


async def snapshot_of(
    store: Store, access: Access, event_id: UUID, *, picture: Picture = "snapshot", audit_no: int | None = None
) -> tuple[str, str]:
    """(node, key) of an event's picture; covered by a list's audit row (`audit_no`), or a look of its own.

    The row must be this user's own, of a list or look-up, and at most five minutes old. Raises Denied (beyond_case and
    its like; minors_reason; for a picture from before a mask, recorded_unmasked), NotFound outside scope or consent and
    where there is none.
    """
    reach = lawful.require(store, access)
    async with store.read() as conn:
        if audit_no is not None and not await audit.covers(
            conn, access.actor, audit_no, _COVERS_PICTURES, store.clock()
        ):
            raise Denied("open the list again: its pictures are covered for five minutes", code="ticket")
        row = await _one(conn, store, reach.known, event_id)
    event = to_event(row) if row is not None else None
    found = _unknown() if event is None else _picture(store, reach, row, event, picture)
    refusal = found if isinstance(found, HubError) else None
    if audit_no is None:
        await _note(store, access, f"events.{picture}", event or event_id, why=refusal)
    if isinstance(found, HubError):
        raise found
    return found


def _picture(store: Store, reach: Reach, row: Any, event: Event, picture: Picture) -> tuple[str, str] | HubError:
    """(node, key) of an event's picture, or why it is not shown."""
    key, taken = (row.snapshot, row.snapshot_at) if picture == "snapshot" else (row.still, row.still_at)
    if (refusal := _refusal(reach, row, event)) is not None:
        return refusal
    if masks.hides(store, row.masked_since, taken or row.started_at):
        return masks.bared()
    if key is None:
        return NotFound("the event has no such picture", code="snapshot_none")
    return row.node, key


async def snapshots_of(store: Store, access: Access, event_ids: Sequence[UUID]) -> tuple[tuple[str, str] | None, ...]:
    """(node, key) of each event's best picture, in the order asked for; None where it is not shown, as `snapshot_of`.

    One look at all of them, in the register before anything is returned. Raises Denied (permission, purpose).
    """
    reach = lawful.require(store, access)
    asked = DETAILS.where(events.c.id.in_(sorted(event_ids)), lawful.in_villages(reach.known), lawful.CONSENTED)
    async with store.read() as conn:
        rows = (await conn.execute(asked, lawful.bound(store, store.clock()))).all()
    seen: dict[UUID, Event] = {}
    keys: dict[UUID, tuple[str, str]] = {}
    for row in rows:
        event = to_event(row)
        found = _picture(store, reach, row, event, "snapshot")
        if not isinstance(found, HubError):
            seen[event.id], keys[event.id] = event, found
    times = [one.started_at for one in seen.values()]
    async with store.write() as conn:
        await audit.append(
            conn,
            access.actor,
            "events.pictures",
            now=store.clock(),
            cameras=tuple(dict.fromkeys(one.camera_id for one in seen.values())),
            span=(min(times), max(times)) if times else (None, None),
            purpose=access.purpose,
            detail=audit.describe(asked=len(event_ids)),
            count=len(keys),
        )
    return tuple(keys.get(one) for one in event_ids)


async def watching(store: Store, access: Access, query: EventQuery) -> int:
    """Write that somebody begins to watch new events, and where; returns the audit row's number.

    Raises Denied, for places or cameras that are all beyond the purpose's reach too; that is on record as well.
    """
    now = store.clock()
    async with refused(store, access, "events.stream", query):
        reach = lawful.require(store, access)
        async with store.read() as conn:
            found = await resolve(conn, reach, query.model_copy(update={"since": None, "until": None}), now)
            await require_things_within(conn, reach, query, found)
    async with store.write() as conn:
        return await audit.append(
            conn,
            access.actor,
            "events.stream",
            now=now,
            cameras=await audit.known(conn, access.actor, query.camera),
            span=(now, None),
            purpose=access.purpose,
            detail=audit.describe(**query.filters(), within=scope_of(reach, query)),
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
