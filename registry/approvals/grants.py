"""What was granted, for whoever uses it: read anew each time, so that what is taken away ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.approvals.ask import Ask
from registry.approvals.kinds import ASKED
from registry.approvals.model import ApprovalState, state_of
from registry.errors import Denied, NotFound
from registry.model import User
from registry.tables import approvals

A = TypeVar("A", bound=Ask)


@dataclass(frozen=True, slots=True)
class Grant(Generic[A]):
    """A grant in force: what it lets its requester do, and until when."""

    no: int
    case_no: int | None
    asked: A
    ends_at: datetime


async def granted(conn: AsyncConnection, approval_id: UUID, kind: type[A], user: User, now: datetime) -> Grant[A]:
    """The user's own grant of a kind, in force. Raises NotFound (approval_unknown), Denied (approval_not_granted)."""
    wanted = sa.select(approvals).where(approvals.c.id == approval_id, approvals.c.requester_no == user.no)
    row = (await conn.execute(wanted)).one_or_none()
    asked = None if row is None else ASKED.validate_python(row.body)
    if row is None or not isinstance(asked, kind):
        raise NotFound("no such approval", code="approval_unknown")
    state = state_of(row, now)
    if state is not ApprovalState.GRANTED:
        raise Denied(f"the approval is {state.value}; ask for another", code="approval_not_granted", state=state.value)
    return Grant(row.no, row.case_no, asked, row.ends_at)


async def in_force(conn: AsyncConnection, kind: type[A], user: User, now: datetime) -> tuple[Grant[A], ...]:
    """All of a user's grants of a kind that are in force."""
    wanted = sa.select(approvals).where(
        approvals.c.requester_no == user.no,
        approvals.c.state == ApprovalState.GRANTED.value,
        approvals.c.ends_at > now,
    )
    found = [(row, ASKED.validate_python(row.body)) for row in await conn.execute(wanted)]
    return tuple(Grant(row.no, row.case_no, asked, row.ends_at) for row, asked in found if isinstance(asked, kind))
