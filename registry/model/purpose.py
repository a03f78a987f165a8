"""Why somebody looks, and who does: what a lawful look is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from registry.model.row import Internal
from registry.model.user import User


class PurposeKind(StrEnum):
    """Why somebody looks. `owner` is an owner's look at his own data, on his page; nobody opens it."""

    CASE = "case"
    PATROL = "patrol"
    MAINTENANCE = "maintenance"
    OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why a user looks, opened once and kept on the session; every read carries one.

    What it reaches is read with it, so that a case changed or a grant taken away acts at the next check: `places` are
    prefixes (None: the user's own villages), `since` and `until` a case's times with the margin the policy gives,
    `looks_back_hours` how far back a patrol or maintenance sees, `cameras` those that maintenance is about. Under
    `approval_id` the places and times are those that were granted. It ends at `expires_at`: its own end, its case's or
    its grant's, whichever comes first.
    """

    no: Internal
    id: UUID
    kind: PurposeKind
    case_id: UUID | None
    case_number: str | None
    reason: str
    user_no: Internal
    opened_at: datetime
    expires_at: datetime
    closed_at: datetime | None
    approval_id: UUID | None = None
    places: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
    looks_back_hours: int | None = None
    cameras: tuple[UUID, ...] | None = None
    case_title: str | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, from where. `session_id` ties tickets to a session or token; the command line has none.

    `owner`: an owner on his page. He is no user and has no role, and his `user` may do nothing else.
    """

    user: User
    address: str
    session_id: str | None = None
    owner: bool = False


@dataclass(frozen=True, slots=True)
class Access:
    """A lawful look: an actor with an open purpose. Functions that return events or pictures ask for one."""

    actor: Actor
    purpose: Purpose
