"""Faults that people saw: cameras marked as faulty or covered, until one is marked normal or a technician clears it."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from registry import audit
from registry.errors import NotFound
from registry.model import Actor
from registry.patrols.marks import SELECT, of_row
from registry.patrols.model import FAULTS, PatrolMark, PatrolVerdict
from registry.permissions import Permission, allow
from registry.scope import Scope, in_scope, of_actor
from registry.store import Store
from registry.tables import cameras, patrol_marks, places

MOST = 1000
_FAULTS = [one.value for one in FAULTS]


async def list_faults(store: Store, seen: Scope) -> tuple[PatrolMark, ...]:
    """The last fault of each camera in the scope that neither a later mark nor a technician settled, newest first."""
    marks = patrol_marks.alias()
    last = (
        sa.select(marks.c.no)
        .where(marks.c.camera_no == cameras.c.no, marks.c.verdict.in_([PatrolVerdict.NORMAL.value, *_FAULTS]))
        .order_by(marks.c.at.desc(), marks.c.no.desc())
        .limit(1)
        .correlate(cameras)
        .scalar_subquery()
    )
    wanted = (
        SELECT.where(patrol_marks.c.no == last, patrol_marks.c.verdict.in_(_FAULTS))
        .where(patrol_marks.c.cleared_at.is_(None), cameras.c.removed_at.is_(None), in_scope(places.c.code, seen))
        .order_by(patrol_marks.c.at.desc())
        .limit(MOST)
    )
    async with store.read() as conn:
        return tuple(of_row(row) for row in await conn.execute(wanted))


async def clear(store: Store, mark_id: UUID, actor: Actor) -> PatrolMark:
    """Say that a fault is mended; doing it twice changes nothing. Raises NotFound for what is no fault in the scope."""
    allow(actor.user, Permission.REGISTER)
    now = store.clock()
    wanted = SELECT.where(
        patrol_marks.c.id == mark_id, patrol_marks.c.verdict.in_(_FAULTS), in_scope(places.c.code, of_actor(actor))
    )
    async with store.write() as conn:
        row = (await conn.execute(wanted)).one_or_none()
        if row is None:
            raise NotFound("no such fault", code="mark_unknown")
        if row.cleared_at is None:
            cleared = sa.update(patrol_marks).where(patrol_marks.c.no == row.no)
            await conn.execute(cleared.values(cleared_at=now, cleared_by=actor.user.name))
            detail = audit.describe(mark=mark_id, verdict=row.verdict)
            await audit.append(conn, actor, "patrol.clear", now=now, cameras=[row.camera_id], detail=detail)
        return of_row((await conn.execute(wanted)).one())
