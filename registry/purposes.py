"""Why somebody looks: opened once, kept on the session or named by a header, written to the audit with every read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit
from registry.cases import open_no
from registry.columns import AnyRow
from registry.errors import Denied, NotFound
from registry.inputs import Input, Line
from registry.model import Actor, Purpose, PurposeKind, User
from registry.permissions import OPENS, allow
from registry.scope import of_actor
from registry.store import Store
from registry.tables import cases, purposes


class OpenPurpose(Input):
    """A purpose to open: a case names the case, a patrol or maintenance says its reason."""

    kind: PurposeKind
    case_id: UUID | None = None
    reason: Line = ""

    @model_validator(mode="after")
    def _has_a_ground(self) -> Self:
        if self.kind is PurposeKind.OWNER:
            raise PydanticCustomError("kind", "an owner looks at his own data on his own page; open another purpose")
        if (self.case_id is not None) != (self.kind is PurposeKind.CASE):
            raise PydanticCustomError("case_id", "a case purpose names its case_id, and no other does")
        if self.kind is not PurposeKind.CASE and not self.reason:
            raise PydanticCustomError("reason", "say why: a shift, a fault, a work order")
        return self


_SELECT = sa.select(purposes, cases.c.id.label("case_id"), cases.c.number.label("case_number")).outerjoin(
    cases, cases.c.no == purposes.c.case_no
)


def _purpose(row: AnyRow) -> Purpose:
    return Purpose(
        no=row.no,
        id=row.id,
        kind=PurposeKind(row.kind),
        case_id=row.case_id,
        case_number=row.case_number,
        reason=row.reason,
        user_no=row.user_no,
        opened_at=row.opened_at,
        expires_at=row.expires_at,
        closed_at=row.closed_at,
    )


async def of_no(conn: AsyncConnection, number: int | None) -> Purpose | None:
    """The purpose of a session's row, open or not."""
    if number is None:
        return None
    row = (await conn.execute(_SELECT.where(purposes.c.no == number))).one_or_none()
    return None if row is None else _purpose(row)


def require(purpose: Purpose | None, now: datetime) -> Purpose:
    """The purpose, when there is one and it is open. Raises Denied: purpose_required or purpose_closed."""
    if purpose is None:
        raise Denied("open a purpose first: a case, a patrol or maintenance", code="purpose_required")
    if purpose.closed_at is not None or now >= purpose.expires_at:
        raise Denied("the purpose is closed or ran out; open another", code="purpose_closed")
    return purpose


PATROL_SEES = timedelta(hours=24)
"""How far back a patrol looks: what happened before is for a case."""


def earliest(purpose: Purpose, now: datetime) -> datetime | None:
    """The earliest moment whose events and recordings may be seen under a purpose; None: no limit of its own."""
    return now - PATROL_SEES if purpose.kind is PurposeKind.PATROL else None


def require_reach(purpose: Purpose, at: datetime, now: datetime) -> None:
    """Raise Denied (beyond_patrol) for what happened before a purpose looks back."""
    since = earliest(purpose, now)
    if since is not None and at < since:
        raise Denied("a patrol sees the last 24 hours; look under a case", code="beyond_patrol")


async def open(  # noqa: A001 - read as purposes.open; nothing here opens files
    store: Store, new: OpenPurpose, actor: Actor, hours: float = 12.0
) -> Purpose:
    """Open a purpose for the actor himself; it closes by itself after `hours`.

    Raises Denied when the role may not open this kind, NotFound for a case outside the scope, Conflict for a closed
    one.
    """
    async with store.write() as conn:
        return await open_in(conn, new, actor, store.clock(), hours)


async def open_in(conn: AsyncConnection, new: OpenPurpose, actor: Actor, now: datetime, hours: float) -> Purpose:
    """`open` in the caller's transaction."""
    allow(actor.user, OPENS[new.kind])
    identity = uuid7()
    case_no = await open_no(conn, new.case_id, of_actor(actor)) if new.case_id is not None else None
    await conn.execute(
        sa.insert(purposes).values(
            id=identity,
            kind=new.kind.value,
            case_no=case_no,
            reason=new.reason,
            user_no=actor.user.no,
            opened_at=now,
            expires_at=now + timedelta(hours=hours),
        )
    )
    purpose = _purpose((await conn.execute(_SELECT.where(purposes.c.id == identity))).one())
    await audit.append(conn, actor, "purpose.open", now=now, purpose=purpose)
    return purpose


async def list_open(store: Store, user: User) -> tuple[Purpose, ...]:
    """A user's purposes that are neither closed nor run out, newest first."""
    wanted = _SELECT.where(
        purposes.c.user_no == user.no, purposes.c.closed_at.is_(None), purposes.c.expires_at > store.clock()
    ).order_by(purposes.c.no.desc())
    async with store.read() as conn:
        return tuple(_purpose(row) for row in await conn.execute(wanted))


async def get_open(store: Store, purpose_id: UUID, user: User) -> Purpose:
    """A user's own open purpose. Raises NotFound, Denied (purpose_closed)."""
    async with store.read() as conn:
        wanted = _SELECT.where(purposes.c.id == purpose_id, purposes.c.user_no == user.no)
        row = (await conn.execute(wanted)).one_or_none()
    if row is None:
        raise NotFound("no such purpose", code="purpose_unknown")
    return require(_purpose(row), store.clock())


async def close(store: Store, purpose_id: UUID, actor: Actor) -> Purpose:
    """Close the actor's purpose; doing it twice changes nothing. Raises NotFound."""
    async with store.write() as conn:
        return await close_in(conn, purpose_id, actor, store.clock())


async def close_in(conn: AsyncConnection, purpose_id: UUID, actor: Actor, now: datetime) -> Purpose:
    """`close` in the caller's transaction."""
    wanted = _SELECT.where(purposes.c.id == purpose_id, purposes.c.user_no == actor.user.no)
    row = (await conn.execute(wanted)).one_or_none()
    if row is None:
        raise NotFound("no such purpose", code="purpose_unknown")
    if row.closed_at is None:
        await conn.execute(sa.update(purposes).where(purposes.c.no == row.no).values(closed_at=now))
        await audit.append(conn, actor, "purpose.close", now=now, purpose=_purpose(row))
    return _purpose((await conn.execute(_SELECT.where(purposes.c.no == row.no))).one())
