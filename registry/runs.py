"""When the hub ran: each start is a row, and while it runs it says so every half minute.

A hub that is killed leaves the last time it was seen; that is when its cameras stopped being watched.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.columns import Instant
from registry.errors import Conflict
from registry.store import Store
from registry.tables import hub_runs

BEAT_S = 30.0
FRESH = timedelta(seconds=3 * BEAT_S)
"""A hub seen this lately runs still."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which the hub did not run."""

    since: datetime
    until: datetime


async def begin(store: Store, node: str) -> tuple[int, datetime | None]:
    """Note a start: (the run's number, when a hub was last seen before; None the first time).

    Times to come, left behind by a clock that was set back since, are cut to now: nothing was seen then.
    """
    now = store.clock()
    async with store.write() as conn:
        await conn.execute(sa.delete(hub_runs).where(hub_runs.c.started_at > now))
        await conn.execute(sa.update(hub_runs).where(hub_runs.c.seen_at > now).values(seen_at=now))
        last = await conn.scalar(sa.select(sa.func.max(hub_runs.c.seen_at)))
        made = sa.insert(hub_runs).values(node=node, started_at=now, seen_at=now).returning(hub_runs.c.no)
        number = await conn.scalar(made)
    return int(number or 0), last


async def require_none(store: Store) -> None:
    """Raise Conflict when a hub on this database was seen a moment ago; on its own machine a lock says it sooner."""
    if store.one_machine:
        return
    async with store.read() as conn:
        last = await conn.scalar(sa.select(sa.func.max(hub_runs.c.seen_at)))
    if last is not None and last + FRESH > store.clock():
        raise Conflict(
            f"a hub ran on this database within the last {FRESH.seconds} s; stop all of them and wait so long",
            code="hub_running",
        )


async def beat(store: Store, number: int) -> None:
    """Note that the run goes on; one whose clock was set back behind its start began then."""
    now = store.clock()
    started = sa.case((hub_runs.c.started_at > now, sa.literal(now, Instant)), else_=hub_runs.c.started_at)
    async with store.write() as conn:
        await conn.execute(sa.update(hub_runs).where(hub_runs.c.no == number).values(seen_at=now, started_at=started))


async def expire(store: Store, before: datetime) -> None:
    """Forget runs that ended before then."""
    async with store.write() as conn:
        await conn.execute(sa.delete(hub_runs).where(hub_runs.c.seen_at < before))


async def gaps(conn: AsyncConnection, since: datetime, until: datetime, now: datetime) -> tuple[Gap, ...]:
    """When no hub ran between two moments, oldest first. Before the first run that is known, nothing is said."""
    rows = (await conn.execute(sa.select(hub_runs).order_by(hub_runs.c.started_at, hub_runs.c.no))).all()
    found = []
    up_to: datetime | None = None
    newest = {row.node: row.no for row in rows}
    for row in rows:
        if up_to is not None and row.started_at > up_to:
            found.append(Gap(up_to, row.started_at))
        lives = row.no == newest[row.node] and row.seen_at + FRESH >= now
        seen = now if lives else row.seen_at
        up_to = seen if up_to is None else max(up_to, seen)
    if up_to is not None and up_to < until:
        found.append(Gap(up_to, until))
    cut = (Gap(max(gap.since, since), min(gap.until, until)) for gap in found)
    return tuple(gap for gap in cut if gap.since < gap.until)
