"""To grant or refuse what somebody else asked for, and to end what was granted.

Two people: nobody decides what he asked for himself (the database refuses it, too), and whoever decides may see all of
what he decides about. The row is locked first, so of two who decide at once the later one is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, users
from registry.approvals.asking import Reason
from registry.approvals.kinds import ASKED
from registry.approvals.model import SELECT, Approval, ApprovalState, covered_by, of_row, state_of
from registry.columns import AnyRow
from registry.errors import Conflict, Denied, NotFound
from registry.inputs import Input
from registry.model import Actor
from registry.permissions import Permission, allow
from registry.scope import of_actor
from registry.store import Store
from registry.tables import approval_places, approvals
from registry.tables import users as user_rows


class Ending(Input):
    """Why it ends, and which revision of it was seen."""

    reason: Reason
    expected_revision: Annotated[int, Field(ge=1)]


class Decision(Ending):
    """Yes or no, and why."""

    granted: bool


async def decide(store: Store, approval_id: UUID, wanted: Decision, actor: Actor) -> Approval:
    """Grant or refuse what somebody else asked for.

    Raises NotFound (approval_unknown) where it is about places outside the actor's scope, Denied (approval_own) of
    one's own, Conflict (approval_stale, approval_state) when somebody was faster or it waited too long, and what its
    kind finds wrong by now.
    """
    allow(actor.user, Permission.APPROVE)
    now = store.clock()
    async with store.write() as conn:
        row = await _locked(conn, approvals.c.id == approval_id, covered_by(of_actor(actor)))
        if row.requester_no == actor.user.no:
            raise Denied("somebody else decides what you asked for", code="approval_own")
        _require(row, wanted, ApprovalState.ASKED, now)
        values: dict[str, object] = {"state": ApprovalState.REFUSED.value}
        if wanted.granted:
            values = {"state": ApprovalState.GRANTED.value, "ends_at": await _end_of_grant(conn, store, row, now)}
        values |= {"decided_by_no": actor.user.no, "decided_at": now, "decision": wanted.reason}
        return await _keep(conn, row, actor, values, now)


async def withdraw(store: Store, approval_id: UUID, wanted: Ending, actor: Actor) -> Approval:
    """Take back what one asked for, or give back what was granted. Raises NotFound of another's, Conflict."""
    now = store.clock()
    async with store.write() as conn:
        row = await _locked(conn, approvals.c.id == approval_id, approvals.c.requester_no == actor.user.no)
        state = ApprovalState.GRANTED if row.state == ApprovalState.GRANTED.value else ApprovalState.ASKED
        _require(row, wanted, state, now)
        return await _keep(conn, row, actor, _ended(ApprovalState.WITHDRAWN, wanted, actor, now), now)


async def revoke(store: Store, approval_id: UUID, wanted: Ending, actor: Actor) -> Approval:
    """Take a grant away: what is looked at under it ends within seconds. Raises as `decide`."""
    allow(actor.user, Permission.APPROVE)
    now = store.clock()
    async with store.write() as conn:
        row = await _locked(conn, approvals.c.id == approval_id, covered_by(of_actor(actor)))
        _require(row, wanted, ApprovalState.GRANTED, now)
        return await _keep(conn, row, actor, _ended(ApprovalState.REVOKED, wanted, actor, now), now)


async def _locked(conn: AsyncConnection, *wanted: sa.ColumnElement[bool]) -> AnyRow:
    row = (await conn.execute(SELECT.where(*wanted).with_for_update(of=approvals))).one_or_none()
    if row is None:
        raise NotFound("no such approval", code="approval_unknown")
    return row


def _require(row: AnyRow, wanted: Ending, state: ApprovalState, now: datetime) -> None:
    if row.revision != wanted.expected_revision:
        raise Conflict("somebody decided it meanwhile; read it again", code="approval_stale", state=row.state)
    is_now = state_of(row, now)
    if is_now is not state:
        raise Conflict(f"it is {is_now.value} already", code="approval_state", state=is_now.value)


async def _end_of_grant(conn: AsyncConnection, store: Store, row: AnyRow, now: datetime) -> datetime:
    """When a grant given now ends. What was asked is checked again: the case may be closed by now."""
    requester = await users.one_by(conn, sa.and_(user_rows.c.no == row.requester_no, user_rows.c.active), store)
    if requester is None:
        raise Conflict("whoever asked may not sign in any more; refuse it", code="approval_requester")
    asked = ASKED.validate_python(row.body)
    allow(requester, asked.NEEDS)
    await asked.concern(conn, store, Actor(requester, ""))
    return now + timedelta(hours=asked.hours)


def _ended(state: ApprovalState, wanted: Ending, actor: Actor, now: datetime) -> dict[str, object]:
    return {"state": state.value, "ended_by_no": actor.user.no, "ended_at": now, "ending": wanted.reason}


async def _keep(
    conn: AsyncConnection, row: AnyRow, actor: Actor, values: Mapping[str, object], now: datetime
) -> Approval:
    """Keep a step; the register says in full what it is about."""
    here = approvals.c.no == row.no
    await conn.execute(sa.update(approvals).where(here).values(revision=row.revision + 1, **values))
    kept = of_row((await conn.execute(SELECT.where(here))).one(), now, decidable=False)
    where = sa.select(approval_places.c.prefix).where(approval_places.c.approval_no == row.no).order_by("prefix")
    detail = audit.describe(
        approval=row.id,
        kind=row.kind,
        case=row.case_number,
        requester=row.requester,
        places=list(await conn.scalars(where)),
        reason=kept.ending or kept.decision,
        ends=kept.ends_at,
    )
    about, action = kept.asked, f"approval.{kept.state.value}"
    await audit.append(conn, actor, action, now=now, cameras=about.cameras, span=about.span, detail=detail)
    return kept
