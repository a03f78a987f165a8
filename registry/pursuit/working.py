"""Who works on which case: a look at its passers and links is one under that case, and no other."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import cases, purposes
from registry.columns import AnyRow
from registry.errors import Denied, NotFound
from registry.model import Access
from registry.permissions import Permission, allow
from registry.reach import Reach
from registry.scope import in_scope
from registry.store import Store
from registry.tables import cameras, placements, places


def reach(store: Store, access: Access) -> Reach:
    """What a look at a case's events reaches. Raises Denied without the rights or an open purpose of one's own."""
    allow(access.actor.user, Permission.WORK_CASES)
    allow(access.actor.user, Permission.SEE_EVENTS)
    return purposes.reach(store, access)


async def open_case(
    conn: AsyncConnection, store: Store, access: Access, case_id: UUID, *, lock: bool = False
) -> AnyRow:
    """The case's row; with `lock`, whoever says something of it too waits.

    Raises as `cases.member_row`, and Denied (case_purpose) unless the look is one under this very case.
    """
    row = await cases.member_row(conn, case_id, access.actor, store.clock())
    if access.purpose.case_id != case_id:
        raise Denied("what you look under is another case; look under this one", code="case_purpose")
    return await cases.row_of(conn, case_id, access.actor, lock=True) if lock else row


async def camera(conn: AsyncConnection, reach: Reach, camera_id: UUID) -> AnyRow:
    """The camera's row. Raises NotFound for one he may not know of, Denied for one beyond the case."""
    wanted = (
        sa.select(
            cameras.c.no,
            cameras.c.name,
            places.c.code,
            places.c.name.label("village_name"),
            sa.func.coalesce(placements.c.near_minors, sa.false()).label("near_minors"),
        )
        .join(places, places.c.no == cameras.c.village_no)
        .outerjoin(placements, placements.c.camera_no == cameras.c.no)
        .where(cameras.c.id == camera_id, in_scope(places.c.code, reach.known))
    )
    row = (await conn.execute(wanted)).one_or_none()
    if row is None:
        raise NotFound("no such camera", code="camera_unknown")
    if not reach.covers(row.code, camera_id):
        raise reach.beyond()
    if reach.minors_ask and row.near_minors:
        raise reach.unsaid()
    return row
