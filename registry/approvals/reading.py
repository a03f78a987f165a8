"""What one asked for, and what waits for one's decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from registry.approvals.model import SELECT, Approval, covered_by, decidable_by, of_row
from registry.errors import NotFound
from registry.model import Actor
from registry.permissions import Permission, may
from registry.scope import of_actor
from registry.store import Store
from registry.tables import approvals

MOST = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """Approvals, those that wait for one's decision first, then the newest: `MOST` at most."""

    approvals: tuple[Approval, ...]
    waiting: int


def _seen_by(actor: Actor) -> sa.ColumnElement[bool]:
    own = approvals.c.requester_no == actor.user.no
    return sa.or_(own, covered_by(of_actor(actor))) if may(actor.user, Permission.APPROVE) else own


def _select(actor: Actor, now: datetime) -> tuple[sa.Select[tuple[object, ...]], sa.ColumnElement[bool]]:
    decidable = decidable_by(actor, now)
    return SELECT.add_columns(decidable.label("decidable")).where(_seen_by(actor)), decidable


async def list_approvals(store: Store, actor: Actor) -> Listed:
    """What one asked for and, with the right to approve, what others asked for in one's scope."""
    now = store.clock()
    wanted, decidable = _select(actor, now)
    first = sa.case((decidable, 0), else_=1)
    async with store.read() as conn:
        rows = (await conn.execute(wanted.order_by(first, approvals.c.no.desc()).limit(MOST))).all()
        count = await conn.scalar(sa.select(sa.func.count()).select_from(approvals).where(decidable))
    return Listed(tuple(of_row(row, now, decidable=bool(row.decidable)) for row in rows), int(count or 0))


async def waiting(store: Store, actor: Actor) -> int:
    """How many wait for the actor's decision."""
    if not may(actor.user, Permission.APPROVE):
        return 0
    counted = sa.select(sa.func.count()).select_from(approvals).where(decidable_by(actor, store.clock()))
    async with store.read() as conn:
        return int(await conn.scalar(counted) or 0)


async def get(store: Store, approval_id: UUID, actor: Actor) -> Approval:
    """One approval. Raises NotFound for one that is neither one's own nor one's to decide about."""
    now = store.clock()
    wanted, _ = _select(actor, now)
    async with store.read() as conn:
        row = (await conn.execute(wanted.where(approvals.c.id == approval_id))).one_or_none()
    if row is None:
        raise NotFound("no such approval", code="approval_unknown")
    return of_row(row, now, decidable=bool(row.decidable))
