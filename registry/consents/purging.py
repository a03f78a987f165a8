"""What was kept under a consent goes when it is withdrawn: of which cameras, and how much went so far.

Events, recordings, pictures of marks, small pictures and days of the motion index each go by their own module, in
batches; what a hold, an open incident or an open case keeps stays until that ends, and goes then.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.model import ConsentState
from registry.store import Store
from registry.tables import cameras, consents, withdrawals

_DUE = sa.func.coalesce(withdrawals.c.purge_by, consents.c.withdrawn_at)
"""When what was kept goes; before receipts were given, at once."""


async def purging(store: Store, since: datetime | None) -> tuple[UUID, ...]:
    """Cameras of which a withdrawn consent's footage is to go by now: those due after a moment, or all."""
    wanted = (
        sa.select(cameras.c.id)
        .join(consents, consents.c.camera_no == cameras.c.no)
        .outerjoin(withdrawals, withdrawals.c.consent_no == consents.c.no)
        .where(
            consents.c.state == ConsentState.WITHDRAWN.value,
            cameras.c.kind.in_(sorted(store.policy.consent.needed)),
            store.clock() >= _DUE,
        )
        .distinct()
    )
    if since is not None:
        wanted = wanted.where(since <= _DUE)
    async with store.read() as conn:
        return tuple(await conn.scalars(wanted))


async def purged(conn: AsyncConnection, camera_no: int, column: str, count: int) -> None:
    """Add what went to the receipt of the camera's last withdrawal; `column` is its count there, as `stills`."""
    if count == 0:
        return
    last = sa.select(sa.func.max(consents.c.no)).where(
        consents.c.camera_no == camera_no, consents.c.state == ConsentState.WITHDRAWN.value
    )
    row = sa.update(withdrawals).where(withdrawals.c.consent_no == last.scalar_subquery())
    await conn.execute(row.values({column: withdrawals.c[column] + count}))
