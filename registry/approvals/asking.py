"""To ask for an approval."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import sqlalchemy as sa
from pydantic import Field
from uuid_utils.compat import uuid7

from registry import audit
from registry.approvals.kinds import Asked
from registry.approvals.model import SELECT, Approval, ApprovalState, of_row
from registry.inputs import Input, Line
from registry.model import Actor
from registry.permissions import allow
from registry.store import Store
from registry.tables import approval_places, approvals

Reason = Annotated[Line, Field(min_length=1)]


class NewApproval(Input):
    """What is asked for, and why."""

    asked: Asked
    reason: Reason


async def ask(store: Store, new: NewApproval, actor: Actor) -> Approval:
    """Ask a second person. Raises Denied without the kind's permission, and whatever the kind finds wrong with it."""
    allow(actor.user, new.asked.NEEDS)
    now, identity = store.clock(), uuid7()
    async with store.write() as conn:
        concern = await new.asked.concern(conn, store, actor)
        number = await conn.scalar(
            sa.insert(approvals)
            .values(
                id=identity,
                kind=new.asked.kind,
                body=new.asked.model_dump(mode="json"),
                case_no=concern.case_no,
                requester_no=actor.user.no,
                reason=new.reason,
                asked_at=now,
                waits_until=now + timedelta(hours=store.policy.approvals.wait_hours),
                state=ApprovalState.ASKED.value,
            )
            .returning(approvals.c.no)
        )
        where = [{"approval_no": number, "prefix": prefix} for prefix in sorted(set(concern.places))]
        await conn.execute(sa.insert(approval_places), where)
        made = of_row((await conn.execute(SELECT.where(approvals.c.no == number))).one(), now, decidable=False)
        detail = audit.describe(
            approval=identity, kind=new.asked.kind, case=made.case_number, places=concern.places, reason=new.reason
        )
        about = new.asked
        await audit.append(
            conn, actor, "approval.asked", now=now, cameras=about.cameras, span=about.span, detail=detail
        )
    return made
