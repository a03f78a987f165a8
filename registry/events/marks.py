"""Marking: what a person says of an event — useful, false, and a note — kept beside it, whatever revision follows."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from pydantic import AfterValidator, StringConstraints
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit
from registry.errors import NotFound
from registry.events import lawful
from registry.events.rows import DETAILS, to_event
from registry.inputs import Input, printable_lines
from registry.model import Access, Event, Verdict
from registry.store import Store
from registry.tables import event_marks, events

Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(printable_lines)]


class NewMark(Input):
    """A verdict and a note; neither takes the mark away."""

    verdict: Verdict | None = None
    note: Note = ""


async def mark(store: Store, access: Access, event_id: UUID, new: NewMark) -> Event:
    """Say what an event was, in place of what was said before; the event as it is now.

    Raises Denied (beyond_case and its like too), NotFound outside scope or consent.
    """
    async with audit.refused(store, access, "event.mark", detail={"event": event_id, "verdict": new.verdict}):
        return await _mark(store, access, event_id, new)


async def _mark(store: Store, access: Access, event_id: UUID, new: NewMark) -> Event:
    reach, now = lawful.require(store, access), store.clock()
    wanted = DETAILS.where(events.c.id == event_id, lawful.in_villages(reach.known), lawful.CONSENTED)
    async with store.write() as conn:
        row = (await conn.execute(wanted, lawful.bound(store, now))).one_or_none()
        if row is None:
            raise NotFound("no such event", code="event_unknown")
        reach.require(row.village_code, row.camera_id, row.started_at)
        if reach.minors_ask and row.near_minors:
            raise reach.unsaid()
        values = {
            "event_no": row.no,
            "verdict": new.verdict,
            "note": new.note,
            "marked_by": access.actor.user.name,
            "marked_at": now,
        }
        await _keep(conn, values)
        marked = to_event((await conn.execute(wanted, lawful.bound(store, now))).one())
        await audit.append(
            conn,
            access.actor,
            "event.mark",
            now=now,
            cameras=[marked.camera_id],
            span=(marked.started_at, marked.updated_at),
            purpose=access.purpose,
            detail=audit.describe(event=event_id, verdict=new.verdict, note=new.note),
            count=1,
        )
    return marked


async def _keep(conn: AsyncConnection, values: dict[str, object]) -> None:
    if values["verdict"] is None and values["note"] == "":
        await conn.execute(sa.delete(event_marks).where(event_marks.c.event_no == values["event_no"]))
        return
    insert = postgresql.insert(event_marks) if conn.dialect.name == "postgresql" else sqlite.insert(event_marks)
    changed = {name: insert.excluded[name] for name in values if name != "event_no"}
    await conn.execute(insert.on_conflict_do_update(index_elements=[event_marks.c.event_no], set_=changed), values)
