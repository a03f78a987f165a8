"""Reading incidents: a list, one with its steps, who may be given it, and its picture.

An incident is what people wrote; its picture is a look, and needs a patrol or a case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, consents, masks, minors, purposes, users
from registry.columns import AnyRow
from registry.daytime import second_of_day
from registry.errors import Denied, HubError, NotFound
from registry.events import lawful
from registry.events.query import Listed
from registry.incidents.machine import IncidentState, Step
from registry.incidents.model import SELECT, Incident, IncidentStep, of_row, seen_by
from registry.incidents.stepping import assignable
from registry.inputs import Input, PlaceCode, invalid
from registry.model import Access, Actor, ConsentScope, Person, PurposeKind
from registry.permissions import Permission, allow, may
from registry.reach import Reach
from registry.scope import under
from registry.store import Store
from registry.tables import events, incident_steps, incidents, patrol_marks, places
from registry.tables import users as user_rows

_ID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


class IncidentQuery(Input):
    """Which incidents; all that is given must hold."""

    state: Annotated[tuple[IncidentState, ...], Listed, Field(max_length=6)] = ()
    prefix: PlaceCode | None = None
    mine: bool = False
    """Assigned to oneself."""
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, StringConstraints(pattern=rf"^[oe]{_ID}$")] | None = None


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """Incidents, those that go on first, the newest first of each; `going` is how many in one's villages go on."""

    incidents: tuple[Incident, ...]
    next_cursor: str | None
    going: int


async def list_incidents(store: Store, query: IncidentQuery, actor: Actor) -> IncidentPage:
    """One page of the incidents of one's villages. Raises Invalid for a cursor that no page ended with."""
    allow(actor.user, Permission.WORK_INCIDENTS)
    ended = sa.case((incidents.c.closed_at.is_(None), 0), else_=1)
    wanted = SELECT.where(seen_by(actor)).order_by(ended, incidents.c.no.desc()).limit(query.limit + 1)
    if query.state:
        wanted = wanted.where(incidents.c.state.in_([one.value for one in query.state]))
    if query.prefix is not None:
        wanted = wanted.where(under(places.c.code, query.prefix))
    if query.mine:
        wanted = wanted.where(incidents.c.assigned_no == actor.user.no)
    going = (
        sa.select(sa.func.count())
        .select_from(incidents)
        .join(places, places.c.no == incidents.c.village_no)
        .where(incidents.c.closed_at.is_(None), seen_by(actor))
    )
    async with store.read() as conn:
        if query.cursor is not None:
            last = await conn.scalar(sa.select(incidents.c.no).where(incidents.c.id == UUID(query.cursor[1:])))
            if last is None:
                raise invalid("cursor", "cursor", "no page ended there; start again without it")
            part = 0 if query.cursor[0] == "o" else 1
            wanted = wanted.where(sa.or_(ended > part, sa.and_(ended == part, incidents.c.no < last)))
        rows = (await conn.execute(wanted)).all()
        count = int(await conn.scalar(going) or 0)
    found = tuple(of_row(row, actor) for row in rows[: query.limit])
    cursor = f"{'e' if found[-1].closed_at else 'o'}{found[-1].id}" if len(rows) > query.limit else None
    return IncidentPage(found, cursor, count)


async def _row(conn: AsyncConnection, incident_id: UUID, actor: Actor) -> AnyRow:
    row = (await conn.execute(SELECT.where(incidents.c.id == incident_id, seen_by(actor)))).one_or_none()
    if row is None:
        raise NotFound("no such incident", code="incident_unknown")
    return row


async def get(store: Store, incident_id: UUID, actor: Actor) -> tuple[Incident, tuple[IncidentStep, ...]]:
    """One incident and what was done about it, the first step first. Raises NotFound outside the scope."""
    allow(actor.user, Permission.WORK_INCIDENTS)
    async with store.read() as conn:
        row = await _row(conn, incident_id, actor)
        steps = await _steps(conn, row.no)
    return of_row(row, actor), steps


async def _steps(conn: AsyncConnection, incident_no: int) -> tuple[IncidentStep, ...]:
    by, to = user_rows.alias("by_user"), user_rows.alias("to_user")
    wanted = (
        sa.select(incident_steps, by.c.display_name.label("by_name"), to.c.display_name.label("to_name"))
        .outerjoin(by, by.c.name == incident_steps.c.by)
        .outerjoin(to, sa.and_(to.c.name == incident_steps.c.to, incident_steps.c.step == Step.ASSIGN.value))
        .where(incident_steps.c.incident_no == incident_no)
        .order_by(incident_steps.c.no)
    )
    return tuple(
        IncidentStep(one.at, one.by, one.by_name or one.by, Step(one.step), one.to, one.to_name or one.to, one.note)
        for one in await conn.execute(wanted)
    )


async def people(store: Store, incident_id: UUID, actor: Actor) -> tuple[Person, ...]:
    """Who an incident may be given to, by name. Raises NotFound outside the scope."""
    allow(actor.user, Permission.MANAGE_PATROLS)
    async with store.read() as conn:
        row = await _row(conn, incident_id, actor)
        active = (await conn.execute(sa.select(user_rows).where(user_rows.c.active).order_by(user_rows.c.name))).all()
        found = await users.from_rows(conn, active, store)
    return tuple(
        Person(one.id, one.name, one.display_name, one.unit, one.active) for one in found if assignable(one, row.code)
    )


async def watching(store: Store, access: Access) -> int:
    """Write that somebody begins to listen for incidents; returns the audit row's number. Raises Denied."""
    allow(access.actor.user, Permission.WORK_INCIDENTS)
    purposes.require(access.purpose, store.clock())
    now = store.clock()
    async with store.write() as conn:
        return await audit.append(
            conn, access.actor, "incidents.stream", now=now, span=(now, None), purpose=access.purpose
        )


async def watched(store: Store, access: Access, opened_no: int, cameras: Sequence[UUID], count: int) -> None:
    """Write how many incidents a stream, opened under the row `opened_no`, has handed on, and of which cameras."""
    now, detail = store.clock(), audit.describe(stream=opened_no)
    async with store.write() as conn:
        await audit.append(
            conn,
            access.actor,
            "incidents.streamed",
            now=now,
            cameras=cameras,
            span=(None, now),
            purpose=access.purpose,
            detail=detail,
            count=count,
        )


async def visible(store: Store, actor: Actor, incident_id: UUID) -> Incident | None:
    """The incident as a stream may hand it on now: user, grants and right are read anew; None where it may not."""
    async with store.read() as conn:
        user = await users.again(conn, actor.user, store)
        if user is None or not may(user, Permission.WORK_INCIDENTS):
            return None
        now = Actor(user, actor.address, actor.session_id)
        row = (await conn.execute(SELECT.where(incidents.c.id == incident_id, seen_by(now)))).one_or_none()
    return None if row is None else of_row(row, now)


async def picture_of(store: Store, access: Access, incident_id: UUID) -> tuple[str, str]:
    """(node, key) of an incident's picture, under a patrol or a case; the look is on record first.

    While it goes on, whoever it is assigned to may see it however old it is. Raises Denied (purpose_kind,
    beyond_patrol, beyond_case, recorded_unmasked, minors_reason), NotFound: outside the scope, without consent, of a
    removed camera, where there is none.
    """
    allow(access.actor.user, Permission.WORK_INCIDENTS)
    reach = purposes.reach(store, access)
    async with store.read() as conn:
        row = await _row(conn, incident_id, access.actor)
        found = await _picture(conn, store, row)
    refused = _refusal(store, reach, access, row, found)
    async with store.write() as conn:
        await audit.append(
            conn,
            access.actor,
            "incident.picture",
            now=store.clock(),
            cameras=[row.camera_id],
            span=(row.happened_at, row.happened_at),
            purpose=access.purpose,
            detail=audit.describe(incident=incident_id, refused=refused.code if refused else None),
            count=int(refused is None),
        )
    if refused is not None or found is None:
        raise refused or _none()
    return found


async def _picture(conn: AsyncConnection, store: Store, row: AnyRow) -> tuple[str, str] | None:
    """(node, key) of the picture as far as the owner, where there is one to ask, still agrees."""
    if row.event_id is not None:
        wanted = sa.select(events.c.node, events.c.snapshot).where(events.c.id == row.event_id, lawful.CONSENTED)
    else:
        wanted = sa.select(patrol_marks.c.node, patrol_marks.c.snapshot).where(patrol_marks.c.no == row.mark_no)
        if store.policy.consent.needs(row.camera_kind):
            now, second = store.clock(), second_of_day(row.happened_at, store.tz)
            given = (await consents.of_cameras(conn, [row.camera_no], now))[row.camera_no]
            if not consents.still(given, row.happened_at, second, now, ConsentScope.LIVE):
                return None
    one = (await conn.execute(wanted, lawful.bound(store, store.clock()))).one_or_none()
    return None if one is None or one.snapshot is None else (one.node, one.snapshot)


def _none() -> NotFound:
    return NotFound("the incident has no picture, or it may not be seen any more", code="snapshot_none")


def _refusal(store: Store, reach: Reach, access: Access, row: AnyRow, found: tuple[str, str] | None) -> HubError | None:
    if reach.kind is PurposeKind.MAINTENANCE:
        return Denied("look under a patrol or a case", code="purpose_kind")
    if found is None or row.removed_at is not None:
        return _none()
    if masks.hides(store, row.masked_since, row.happened_at):
        return masks.bared()
    own = row.assigned_no == access.actor.user.no and row.closed_at is None
    reached = reach.covers(row.code, row.camera_id) and reach.at(row.happened_at)
    if not (reached or own):
        return reach.beyond()
    return minors.refusal(store.policy.placement, row, access.purpose)
