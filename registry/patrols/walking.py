"""Patrols as they are walked: begun under a purpose of their own, ended with it.

A patrol is a purpose of kind patrol and the cameras that were to be looked at under it. Its rate is how many of them
were marked; a plan that changes, a camera or user that goes later, changes nothing of it.
"""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, purposes, sessions
from registry.errors import Conflict, Denied
from registry.inputs import Input, Line, invalid, printable_lines
from registry.model import Actor, PurposeKind
from registry.patrols import plans, reading
from registry.patrols.model import Patrol
from registry.patrols.plan import MOST_CAMERAS
from registry.permissions import Permission, allow, may
from registry.purposes import OpenPurpose
from registry.scope import in_scope, of_actor
from registry.store import Store
from registry.tables import (
    cameras,
    patrol_cameras,
    patrol_plan_cameras,
    patrols,
    places,
)
from registry.tables import purposes as purpose_rows
from registry.tables import users as user_rows

Handed = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(printable_lines)]


class NewPatrol(Input):
    """A patrol to begin: by a plan, or over cameras named here, with a reason."""

    plan_id: UUID | None = None
    camera_ids: tuple[UUID, ...] = Field((), max_length=MOST_CAMERAS)
    """In the order of the round; of a patrol without a plan only."""
    reason: Line = ""

    @model_validator(mode="after")
    def _has_cameras_and_a_reason(self) -> Self:
        if (self.plan_id is None) != bool(self.camera_ids):
            raise PydanticCustomError("camera_ids", "name a plan, or cameras, and not both")
        if self.plan_id is None and not self.reason:
            raise PydanticCustomError("reason", "say which shift it is")
        if len(set(self.camera_ids)) != len(self.camera_ids):
            raise PydanticCustomError("repeated", "camera_ids: name each once")
        return self


class EndPatrol(Input):
    """The end of a patrol, with what the next one should know."""

    handover: Handed = ""


async def begin(store: Store, new: NewPatrol, actor: Actor, session_id: UUID | None, hours: float) -> Patrol:
    """Begin a patrol: its purpose is opened, and put on the session, in one transaction with it.

    Raises Denied (role, or a plan for others), NotFound (plan), Invalid (cameras), Conflict (patrol_open) while one of
    the actor's is open.
    """
    allow(actor.user, Permission.OPEN_PATROL)
    now = store.clock()
    async with store.write() as conn:
        # Whoever begins two at once waits here for himself.
        await conn.execute(sa.select(user_rows.c.no).where(user_rows.c.no == actor.user.no).with_for_update())
        still = reading.select(now).where(
            patrols.c.user_no == actor.user.no, purpose_rows.c.closed_at.is_(None), purpose_rows.c.expires_at > now
        )
        if (one := (await conn.execute(still.limit(1))).one_or_none()) is not None:
            raise Conflict("end the patrol that is open first", code="patrol_open", patrol=str(one.id))
        plan_no, numbers, reason = await _round(conn, new, actor)
        purpose = await purposes.open_in(conn, store, OpenPurpose(kind=PurposeKind.PATROL, reason=reason), actor, hours)
        if session_id is not None:
            await sessions.put_purpose(conn, session_id, purpose)
        identity = uuid7()
        made = sa.insert(patrols).values(
            id=identity, plan_no=plan_no, user_no=actor.user.no, purpose_no=purpose.no, started_at=now
        )
        patrol_no = await conn.scalar(made.returning(patrols.c.no))
        looked_at = [{"patrol_no": patrol_no, "camera_no": no, "position": at} for at, no in enumerate(numbers)]
        await conn.execute(sa.insert(patrol_cameras), looked_at)
        detail = audit.describe(patrol=identity, plan=new.plan_id, cameras=len(numbers))
        await audit.append(conn, actor, "patrol.begin", now=now, purpose=purpose, detail=detail)
        return await reading.patrol_of(conn, store, await reading.row_of(conn, identity, actor, now), actor)


async def _round(conn: AsyncConnection, new: NewPatrol, actor: Actor) -> tuple[int | None, list[int], str]:
    """(the plan's number, the cameras' numbers in order, the reason) of a patrol to begin."""
    seen = of_actor(actor)
    if new.plan_id is None:
        return None, await plans.camera_numbers(conn, new.camera_ids, seen), new.reason
    plan = await plans.row_of(conn, new.plan_id, actor)
    named = [one.no for one in (await plans.users_of(conn, [plan.no]))[plan.no]]
    if named and actor.user.no not in named and not may(actor.user, Permission.MANAGE_PATROLS):
        raise Denied("the plan is for others; ask whoever made it", code="patrol_plan_others")
    wanted = (
        sa.select(cameras.c.no)
        .join(patrol_plan_cameras, patrol_plan_cameras.c.camera_no == cameras.c.no)
        .join(places, places.c.no == cameras.c.village_no)
        .where(patrol_plan_cameras.c.plan_no == plan.no, cameras.c.removed_at.is_(None))
        .where(in_scope(places.c.code, seen))
        .order_by(patrol_plan_cameras.c.position)
    )
    numbers = list(await conn.scalars(wanted))
    if not numbers:
        raise invalid("plan_id", "patrol_plan_empty", "none of the plan's cameras is in your villages")
    return plan.no, numbers, new.reason or plan.name


async def end(store: Store, patrol_id: UUID, wanted: EndPatrol, actor: Actor) -> Patrol:
    """End one's own patrol, its purpose with it, and leave a note for the next.

    A patrol that ran out may still get its note. Raises NotFound, Conflict (patrol_ended) for a second note.
    """
    allow(actor.user, Permission.OPEN_PATROL)
    now = store.clock()
    async with store.write() as conn:
        row = await reading.own(conn, patrol_id, actor, now)
        if row.handover and wanted.handover:
            raise Conflict("the patrol was ended with a note already", code="patrol_ended")
        if wanted.handover:
            await conn.execute(sa.update(patrols).where(patrols.c.no == row.no).values(handover=wanted.handover))
        if row.ended_at is None:
            await purposes.close_in(conn, store, row.purpose_id, actor)
        if row.ended_at is None or wanted.handover:
            detail = audit.describe(patrol=patrol_id, done=row.done, due=row.due, handover=wanted.handover)
            await audit.append(conn, actor, "patrol.end", now=now, span=(row.started_at, now), detail=detail)
        return await reading.patrol_of(conn, store, await reading.row_of(conn, patrol_id, actor, now), actor)
