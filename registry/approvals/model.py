"""An approval as its readers get it, and its row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa

from registry.approvals.kinds import ASKED, Asked
from registry.columns import AnyRow
from registry.model import Actor
from registry.permissions import Permission, may
from registry.scope import Scope, in_scope, of_actor
from registry.tables import approval_places, approvals, cases, users


class ApprovalState(StrEnum):
    """Where an approval stands. `expired`: nobody decided it in time, or what was granted ran out."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Approval:
    """What was asked and what came of it; names are sign-in names, `decidable` says that the reader may decide it.

    `ends_at` is when the grant ends by itself; `ended_by` took it away (revoked) or gave it back (withdrawn).
    """

    id: UUID
    revision: int
    asked: Asked
    case_number: str | None
    requester: str
    requester_name: str
    requester_unit: str
    reason: str
    asked_at: datetime
    waits_until: datetime
    state: ApprovalState
    decided_by: str | None
    decided_at: datetime | None
    decision: str
    ends_at: datetime | None
    ended_by: str | None
    ended_at: datetime | None
    ending: str
    decidable: bool


_DECIDED, _ENDED = users.alias("decided"), users.alias("ended")
SELECT = (
    sa.select(
        approvals,
        cases.c.number.label("case_number"),
        users.c.name.label("requester"),
        users.c.display_name.label("requester_name"),
        users.c.unit.label("requester_unit"),
        _DECIDED.c.name.label("decided_by"),
        _ENDED.c.name.label("ended_by"),
    )
    .join(users, users.c.no == approvals.c.requester_no)
    .outerjoin(cases, cases.c.no == approvals.c.case_no)
    .outerjoin(_DECIDED, _DECIDED.c.no == approvals.c.decided_by_no)
    .outerjoin(_ENDED, _ENDED.c.no == approvals.c.ended_by_no)
)


def covered_by(scope: Scope) -> sa.ColumnElement[bool]:
    """SQL: every place the approval is about lies in the scope."""
    outside = ~in_scope(approval_places.c.prefix, scope)
    return ~sa.exists().where(approval_places.c.approval_no == approvals.c.no, outside)


def decidable_by(actor: Actor, now: datetime) -> sa.ColumnElement[bool]:
    """SQL: the actor is the second person this approval waits for."""
    return sa.and_(
        sa.literal(may(actor.user, Permission.APPROVE)),
        approvals.c.requester_no != actor.user.no,
        approvals.c.state == ApprovalState.ASKED.value,
        approvals.c.waits_until > now,
        covered_by(of_actor(actor)),
    )


def state_of(row: AnyRow, now: datetime) -> ApprovalState:
    """The state of a row now: time ends what waits, and what was granted."""
    state = ApprovalState(row.state)
    ends = {ApprovalState.ASKED: row.waits_until, ApprovalState.GRANTED: row.ends_at}.get(state)
    return ApprovalState.EXPIRED if ends is not None and now >= ends else state


def of_row(row: AnyRow, now: datetime, *, decidable: bool) -> Approval:
    """A row of `SELECT`."""
    return Approval(
        id=row.id,
        revision=row.revision,
        asked=ASKED.validate_python(row.body),
        case_number=row.case_number,
        requester=row.requester,
        requester_name=row.requester_name,
        requester_unit=row.requester_unit,
        reason=row.reason,
        asked_at=row.asked_at,
        waits_until=row.waits_until,
        state=state_of(row, now),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        decision=row.decision,
        ends_at=row.ends_at,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
        ending=row.ending,
        decidable=decidable,
    )
