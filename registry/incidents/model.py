"""Incidents as facts, read from their rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from registry.columns import AnyRow
from registry.incidents.machine import IncidentState, Step, steps
from registry.model import Actor, Internal, Person
from registry.scope import in_scope, of_actor
from registry.tables import cameras, cases, incidents, patrol_marks, placements, places
from registry.tables import users as user_rows


@dataclass(frozen=True, slots=True)
class Incident:
    """Something to be looked into.

    `camera_removed`: it left the register meanwhile. `steps` are what the reader may do now. `happened_at` is when the
    mark was made or the event began.
    """

    no: Internal
    id: UUID
    revision: int
    camera_id: UUID
    camera_name: str
    camera_removed: bool
    village_code: str
    village_name: str
    mark_id: UUID | None
    event_id: UUID | None
    happened_at: datetime
    title: str
    note: str
    state: IncidentState
    assigned: Person | None
    result: str
    case_id: UUID | None
    case_number: str | None
    opened_by: str
    opened_at: datetime
    changed_at: datetime
    closed_at: datetime | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class IncidentStep:
    """One thing done about an incident, by the user of that name; `to` is to whom, or into which case.

    `by_name` and `to_name` are what people call them now: of a user without another name his own, of a case its number.
    """

    at: datetime
    by: str
    by_name: str
    step: Step
    to: str
    to_name: str
    note: str


SELECT = (
    sa.select(
        incidents,
        cameras.c.id.label("camera_id"),
        cameras.c.name.label("camera_name"),
        cameras.c.kind.label("camera_kind"),
        cameras.c.removed_at,
        cameras.c.masked_since,
        placements.c.near_minors,
        places.c.code,
        places.c.name.label("village_name"),
        patrol_marks.c.id.label("mark_id"),
        cases.c.id.label("case_id"),
        cases.c.number.label("case_number"),
        user_rows.c.id.label("assigned_id"),
        user_rows.c.name.label("assigned_name"),
        user_rows.c.display_name,
        user_rows.c.unit,
        user_rows.c.active,
    )
    .join(cameras, cameras.c.no == incidents.c.camera_no)
    .join(placements, placements.c.camera_no == cameras.c.no)
    .join(places, places.c.no == incidents.c.village_no)
    .outerjoin(patrol_marks, patrol_marks.c.no == incidents.c.mark_no)
    .outerjoin(cases, cases.c.no == incidents.c.case_no)
    .outerjoin(user_rows, user_rows.c.no == incidents.c.assigned_no)
)


def seen_by(actor: Actor) -> sa.ColumnElement[bool]:
    """SQL: the incident's village lies in the actor's scope."""
    return in_scope(places.c.code, of_actor(actor))


def of_row(row: AnyRow, actor: Actor) -> Incident:
    """A row of SELECT as the actor sees it."""
    assigned = None
    if row.assigned_id is not None:
        assigned = Person(row.assigned_id, row.assigned_name, row.display_name, row.unit, row.active)
    state = IncidentState(row.state)
    return Incident(
        no=row.no,
        id=row.id,
        revision=row.revision,
        camera_id=row.camera_id,
        camera_name=row.camera_name,
        camera_removed=row.removed_at is not None,
        village_code=row.code,
        village_name=row.village_name,
        mark_id=row.mark_id,
        event_id=row.event_id,
        happened_at=row.happened_at,
        title=row.title,
        note=row.note,
        state=state,
        assigned=assigned,
        result=row.result,
        case_id=row.case_id,
        case_number=row.case_number,
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        closed_at=row.closed_at,
        steps=steps(state, actor.user, assigned=row.assigned_no == actor.user.no),
    )
