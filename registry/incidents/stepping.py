"""What is done about an incident, step by step: each names the revision it was decided on, is logged and audited."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, cases, users
from registry.cases import NewCase
from registry.columns import AnyRow
from registry.errors import Conflict, Denied, NotFound
from registry.incidents.machine import ENDS, RULES, IncidentState, Step, allowed
from registry.incidents.model import SELECT, Incident, of_row, seen_by
from registry.incidents.opening import Note, Title
from registry.inputs import Input, Name, invalid
from registry.model import Actor, User
from registry.permissions import Permission, allow, may
from registry.scope import of
from registry.store import Store, raise_revision
from registry.tables import cases as case_rows
from registry.tables import incident_steps, incidents
from registry.tables import users as user_rows

Said = Annotated[Note, StringConstraints(min_length=1)]


class Stepped(Input):
    """A step; the revision that was read guards against another's step meanwhile."""

    expected_revision: Annotated[int, Field(ge=1)]


class Assign(Stepped):
    """To whom."""

    user_id: UUID
    note: Note = ""


class Check(Stepped):
    """What was found on the spot."""

    note: Said


class Close(Stepped):
    """With which result."""

    result: Said


class Reopen(Stepped):
    """Why it is not over."""

    note: Said


class IntoCase(Stepped):
    """Into which case: one that is open, or a new one by its number and title."""

    case_id: UUID | None = None
    number: Name | None = None
    title: Title | None = None

    @model_validator(mode="after")
    def _names_one_case(self) -> Self:
        if (self.case_id is None) == (self.number is None):
            raise PydanticCustomError("case_id", "name a case, or the number of a new one, and not both")
        if self.case_id is not None and self.title is not None:
            raise PydanticCustomError("title", "only a new case takes a title")
        return self


async def assign(store: Store, incident_id: UUID, wanted: Assign, actor: Actor) -> Incident:
    """Give an incident to somebody, in place of whoever had it.

    Raises NotFound, Denied, Invalid (user_not_assignable), Conflict (incident_stale, incident_state).
    """
    async with store.write() as conn:
        await raise_revision(conn)
        row = await _ready(conn, incident_id, Step.ASSIGN, wanted, actor)
        user = await users.one_by(conn, sa.and_(user_rows.c.id == wanted.user_id, user_rows.c.active), store)
        if user is None or not assignable(user, row.code):
            raise invalid("user_id", "user_not_assignable", "nobody who may work on incidents of this village")
        return await _step(conn, store, row, Step.ASSIGN, actor, note=wanted.note, to=user.name, assigned_no=user.no)


def assignable(user: User, village_code: str) -> bool:
    """Whether an incident of that village may be given to the user."""
    return may(user, Permission.WORK_INCIDENTS) and of(user).covers(village_code)


async def acknowledge(store: Store, incident_id: UUID, wanted: Stepped, actor: Actor) -> Incident:
    """Say that one goes to look, of an incident that is one's own. Raises as `assign`."""
    async with store.write() as conn:
        row = await _ready(conn, incident_id, Step.ACKNOWLEDGE, wanted, actor)
        return await _step(conn, store, row, Step.ACKNOWLEDGE, actor)


async def check(store: Store, incident_id: UUID, wanted: Check, actor: Actor) -> Incident:
    """Say what one found on the spot, of an incident that is one's own. Raises as `assign`."""
    async with store.write() as conn:
        row = await _ready(conn, incident_id, Step.CHECK, wanted, actor)
        return await _step(conn, store, row, Step.CHECK, actor, note=wanted.note)


async def close(store: Store, incident_id: UUID, wanted: Close, actor: Actor) -> Incident:
    """End an incident with its result. Raises as `assign`."""
    async with store.write() as conn:
        await raise_revision(conn)
        row = await _ready(conn, incident_id, Step.CLOSE, wanted, actor)
        return await _step(conn, store, row, Step.CLOSE, actor, note=wanted.result, result=wanted.result)


async def reopen(store: Store, incident_id: UUID, wanted: Reopen, actor: Actor) -> Incident:
    """Begin again what was closed; nobody has it then. Raises as `assign`."""
    async with store.write() as conn:
        await raise_revision(conn)
        row = await _ready(conn, incident_id, Step.REOPEN, wanted, actor)
        return await _step(conn, store, row, Step.REOPEN, actor, note=wanted.note, assigned_no=None, result="")


async def into_case(store: Store, incident_id: UUID, wanted: IntoCase, actor: Actor) -> Incident:
    """End an incident in a case: one that is open, or a new one of its village and time.

    Raises as `assign`, NotFound or Conflict for the case.
    """
    async with store.write() as conn:
        await raise_revision(conn)
        row = await _ready(conn, incident_id, Step.CASE, wanted, actor)
        if wanted.case_id is not None:
            case_no = (await cases.open_row(conn, wanted.case_id, actor, store.clock())).no
        else:
            longest = row.happened_at + timedelta(days=store.policy.cases.longest_days)
            new = NewCase(
                number=wanted.number or "",
                title=wanted.title or row.title,
                places=(row.code,),
                starts_at=row.happened_at,
                ends_at=min(max(store.clock(), row.happened_at + timedelta(hours=1)), longest),
            )
            case_no = (await cases.create_in(conn, store, new, actor)).no
        number = (await conn.execute(sa.select(case_rows.c.number).where(case_rows.c.no == case_no))).scalar_one()
        return await _step(conn, store, row, Step.CASE, actor, to=number, case_no=case_no)


async def _ready(conn: AsyncConnection, incident_id: UUID, step: Step, wanted: Stepped, actor: Actor) -> AnyRow:
    """The incident's row, where the actor may take the step from the state it is in."""
    allow(actor.user, RULES[step].needs)
    wanted_row = SELECT.where(incidents.c.id == incident_id, seen_by(actor)).with_for_update(of=incidents)
    row = (await conn.execute(wanted_row)).one_or_none()
    if row is None:
        raise NotFound("no such incident", code="incident_unknown")
    if not allowed(step, actor.user, assigned=row.assigned_no == actor.user.no):
        raise Denied("the incident is assigned to somebody else", code="incident_others")
    if row.revision != wanted.expected_revision:
        raise Conflict("somebody did something about it meanwhile; read it again", code="incident_stale")
    if IncidentState(row.state) not in RULES[step].since:
        raise Conflict("not from the state it is in", code="incident_state", state=row.state, step=step.value)
    return row


async def _step(
    conn: AsyncConnection,
    store: Store,
    row: AnyRow,
    step: Step,
    actor: Actor,
    *,
    note: str = "",
    to: str = "",
    **values: object,
) -> Incident:
    """Take the step, log it, and set `values` of the incident; `to` is to whom or into which case it leads."""
    now, state = store.clock(), RULES[step].to
    changed = (
        sa.update(incidents)
        .where(incidents.c.no == row.no, incidents.c.revision == row.revision)
        .values(
            **values,
            state=state.value,
            revision=row.revision + 1,
            changed_at=now,
            closed_at=now if state in ENDS else None,
        )
    )
    if (await conn.execute(changed)).rowcount != 1:
        raise Conflict("somebody did something about it meanwhile; read it again", code="incident_stale")
    logged = sa.insert(incident_steps).values(
        incident_no=row.no, at=now, by=actor.user.name, step=step.value, note=note, to=to
    )
    await conn.execute(logged)
    detail = audit.describe(incident=row.id, title=row.title, state=state, note=note, to=to)
    await audit.append(conn, actor, f"incident.{step}", now=now, cameras=[row.camera_id], detail=detail)
    return of_row((await conn.execute(SELECT.where(incidents.c.no == row.no))).one(), actor)
