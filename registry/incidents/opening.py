"""Opening an incident: from a mark on patrol, or from an event, once of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import AfterValidator, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, purposes
from registry.columns import AnyRow
from registry.errors import Conflict, NotFound
from registry.events import lawful
from registry.incidents.machine import IncidentState, Step
from registry.incidents.model import SELECT, Incident, of_row
from registry.inputs import Input, printable_lines
from registry.model import Access
from registry.permissions import Permission, allow
from registry.scope import in_scope
from registry.store import Store
from registry.tables import cameras, events, incident_steps, incidents, patrol_marks, places

Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(printable_lines)
]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(printable_lines)]


class Headline(Input):
    """What an incident is about."""

    title: Title
    note: Note = ""


@dataclass(frozen=True, slots=True)
class _Source:
    """What an incident is of: the column of incidents that names it, its value, its camera, and when it happened."""

    column: str
    value: object
    camera_no: int
    happened_at: datetime


class NewIncident(Headline):
    """An incident to open, of a mark or an event."""

    mark_id: UUID | None = None
    event_id: UUID | None = None

    @model_validator(mode="after")
    def _of_one_thing(self) -> Self:
        if (self.mark_id is None) == (self.event_id is None):
            raise PydanticCustomError("source", "name a mark or an event, and not both")
        return self


async def open_one(store: Store, access: Access, new: NewIncident) -> Incident:
    """Open an incident of what one may look at. Raises Denied, NotFound, Conflict (incident_exists)."""
    allow(access.actor.user, Permission.WORK_INCIDENTS)
    purposes.require(access.purpose, store.clock())
    async with store.write() as conn:
        if new.event_id is not None:
            source = await _event(conn, store, access, new.event_id)
        else:
            source = await _mark(conn, store, access, new.mark_id)
        return await _open(conn, store, access, source, new)


async def open_for_mark(
    conn: AsyncConnection, store: Store, access: Access, mark: AnyRow, headline: Headline
) -> Incident:
    """Open the incident of a mark that is made in the same transaction; `mark` has its no, camera_no and at."""
    allow(access.actor.user, Permission.WORK_INCIDENTS)
    return await _open(conn, store, access, _Source("mark_no", mark.no, mark.camera_no, mark.at), headline)


async def _event(conn: AsyncConnection, store: Store, access: Access, event_id: UUID) -> _Source:
    reach = lawful.require(store, access)
    wanted = (
        sa.select(events.c.camera_no, events.c.started_at, cameras.c.id, places.c.code)
        .join(cameras, cameras.c.no == events.c.camera_no)
        .join(places, places.c.no == events.c.village_no)
        .where(events.c.id == event_id, lawful.in_villages(reach.known), lawful.CONSENTED)
    )
    row = (await conn.execute(wanted, lawful.bound(store, store.clock()))).one_or_none()
    if row is None:
        raise NotFound("no such event", code="event_unknown")
    reach.require(row.code, row.id, row.started_at)
    return _Source("event_id", event_id, row.camera_no, row.started_at)


async def _mark(conn: AsyncConnection, store: Store, access: Access, mark_id: UUID | None) -> _Source:
    reach = purposes.reach(store, access)
    wanted = (
        sa.select(patrol_marks.c.no, patrol_marks.c.camera_no, patrol_marks.c.at, cameras.c.id, places.c.code)
        .join(cameras, cameras.c.no == patrol_marks.c.camera_no)
        .join(places, places.c.no == cameras.c.village_no)
        .where(patrol_marks.c.id == mark_id, in_scope(places.c.code, reach.known))
    )
    row = (await conn.execute(wanted)).one_or_none()
    if row is None:
        raise NotFound("no such mark", code="mark_unknown")
    reach.require(row.code, row.id, row.at)
    return _Source("mark_no", row.no, row.camera_no, row.at)


async def _open(conn: AsyncConnection, store: Store, access: Access, source: _Source, headline: Headline) -> Incident:
    now, identity = store.clock(), uuid7()
    if await conn.scalar(sa.select(incidents.c.no).where(incidents.c[source.column] == source.value)) is not None:
        raise Conflict("there is an incident of it already", code="incident_exists")
    village = sa.select(cameras.c.village_no).where(cameras.c.no == source.camera_no).scalar_subquery()
    made = sa.insert(incidents).values(
        **{source.column: source.value},
        id=identity,
        camera_no=source.camera_no,
        village_no=village,
        happened_at=source.happened_at,
        title=headline.title,
        note=headline.note,
        state=IncidentState.OPEN.value,
        opened_by=access.actor.user.name,
        opened_at=now,
        changed_at=now,
    )
    number = await conn.scalar(made.returning(incidents.c.no))
    step = sa.insert(incident_steps).values(
        incident_no=number, at=now, by=access.actor.user.name, step=Step.OPEN.value, note=headline.note
    )
    await conn.execute(step)
    row = (await conn.execute(SELECT.where(incidents.c.no == number))).one()
    detail = audit.describe(
        incident=identity, title=headline.title, note=headline.note, mark=row.mark_id, event=row.event_id
    )
    await audit.append(
        conn,
        access.actor,
        "incident.open",
        now=now,
        cameras=[row.camera_id],
        span=(source.happened_at, None),
        purpose=access.purpose,
        detail=detail,
    )
    return of_row(row, access.actor)
