"""How much room recordings take, and when the quota will be full."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from registry.columns import Instant
from registry.recordings import keeping
from registry.store import Store
from registry.tables import segments

_RATE_OVER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Usage:
    """What recordings take. `oldest` is the start of the first there is; `cameras` how many recorded in the last day.

    `days_left_estimate` is in how many days the quota is full, as the last day went; 0 where it is, None where nothing
    was recorded. Held recordings do not make room.
    """

    bytes: int
    quota_bytes: int
    held_bytes: int
    day_bytes: int
    oldest: datetime | None
    cameras: int
    writing: int
    days_left_estimate: float | None


async def usage(store: Store, quota_bytes: int, *, used: int | None = None) -> Usage:
    """As things stand. `used` spares the sum over all segments where somebody keeps it."""
    since = store.clock() - _RATE_OVER
    lately = sa.select(
        sa.func.coalesce(sa.func.sum(segments.c.bytes), 0).label("bytes"),
        sa.func.count(segments.c.camera_no.distinct()).label("cameras"),
    ).where(segments.c.started_at >= since)
    async with store.read() as conn:
        row = (await conn.execute(lately)).one()
        oldest = await conn.scalar(sa.select(sa.func.min(segments.c.started_at, type_=Instant)))
        open_ = sa.select(sa.func.count()).select_from(segments).where(segments.c.ended_at.is_(None))
        writing = await conn.scalar(open_)
    if used is None:
        used = sum((await keeping.bytes_by_day(store, 0)).values())
    day_bytes = int(row.bytes)
    left = max(quota_bytes - used, 0) / day_bytes if day_bytes else None
    return Usage(
        bytes=used,
        quota_bytes=quota_bytes,
        held_bytes=await keeping.held_bytes(store),
        day_bytes=day_bytes,
        oldest=oldest,
        cameras=int(row.cameras),
        writing=int(writing or 0),
        days_left_estimate=None if left is None else round(left, 1),
    )
