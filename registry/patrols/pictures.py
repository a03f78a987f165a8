"""The files of marks: which are named, which go after their time or when the disk needs it. Their marks stay.

The picture of an incident that is open, or of a case that is, stays as well, and what an active hold covers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import ages, audit, consents
from registry.ages import Kept, Overdue
from registry.columns import AnyRow
from registry.daytime import second_of_day
from registry.model import ConsentScope, Kind
from registry.recordings import holds
from registry.store import Store
from registry.tables import cameras, cases, incidents, patrol_marks
from registry.users import CONSOLE

BATCH = 1000
_MOST_OF_ONE = 10_000
"""Pictures of one camera looked at in a round: more than people mark in years."""
_LIVE = frozenset({ConsentScope.LIVE, ConsentScope.INCIDENT})
GONE = "expired"
"""Why a mark has no picture any more."""
_MARK_ID = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jpg$")


async def named(store: Store, node: str, keys: Iterable[str]) -> set[str]:
    """Those of `keys` (at most some hundreds) that a mark names on `node`."""
    wanted = set(keys)
    ids = {UUID(found[1]) for key in wanted if (found := _MARK_ID.search(key))}
    query = sa.select(patrol_marks.c.snapshot).where(
        patrol_marks.c.id.in_(ids), patrol_marks.c.node == node, patrol_marks.c.snapshot.is_not(None)
    )
    async with store.read() as conn:
        return set(await conn.scalars(query)) & wanted if ids else set()


_PICTURE = (patrol_marks.c.node, patrol_marks.c.snapshot, patrol_marks.c.snapshot_bytes)


def _oldest(limit: int, now: datetime) -> sa.Select[*tuple[Any, ...]]:
    """Pictures that may go, the oldest first."""
    kept = (
        sa.select(incidents.c.mark_no)
        .outerjoin(cases, cases.c.no == incidents.c.case_no)
        .where(incidents.c.mark_no.is_not(None))
        .where(
            sa.or_(
                incidents.c.closed_at.is_(None),
                sa.and_(incidents.c.case_no.is_not(None), cases.c.closed_at.is_(None)),
            )
        )
    )
    return (
        sa.select(patrol_marks.c.no, patrol_marks.c.at, *_PICTURE)
        .where(patrol_marks.c.snapshot.is_not(None), patrol_marks.c.no.not_in(kept))
        .where(~holds.held(patrol_marks.c.camera_no, patrol_marks.c.at, patrol_marks.c.at, now))
        .order_by(patrol_marks.c.at)
        .limit(limit)
    )


async def overdue(store: Store, days: Mapping[Kind, int]) -> tuple[Overdue, ...]:
    """Cameras with a mark's picture that is older than what is kept of their events."""
    oldest = (
        sa.select(sa.func.min(sa.type_coerce(patrol_marks.c.at, sa.BigInteger)))
        .where(patrol_marks.c.camera_no == cameras.c.no, patrol_marks.c.snapshot.is_not(None))
        .correlate(cameras)
        .scalar_subquery()
    )
    return await ages.overdue(store, Kept(store.policy.retention.events, days, cameras.c.event_days, (oldest,)))


async def expire(store: Store, those: Overdue, *, limit: int = BATCH) -> tuple[tuple[str, str], ...]:
    """Take away pictures of marks of `those` from before their moment, at most `limit`.

    Returns the files, as (node, key), to be deleted.
    """
    old = (patrol_marks.c.camera_no.in_(those.cameras), patrol_marks.c.at < those.before)
    async with store.write() as conn:
        rows = (await conn.execute(_oldest(limit, store.clock()).where(*old))).all()
        return await _take(conn, rows, "marks.expire", store.clock(), those.before)


async def release(store: Store, need_bytes: int, *, limit: int = BATCH) -> tuple[tuple[str, str], ...]:
    """Take the oldest pictures away until `need_bytes` are freed, at most `limit`: the files to be deleted."""
    async with store.write() as conn:
        freed, taken = 0, []
        for row in await conn.execute(_oldest(limit, store.clock())):
            if freed >= need_bytes:
                break
            freed += row.snapshot_bytes
            taken.append(row)
        return await _take(conn, taken, "marks.release", store.clock(), None)


async def purge(store: Store, camera_id: UUID, *, limit: int = BATCH) -> tuple[tuple[str, str], ...]:
    """Take away pictures of a camera's marks that no consent to live pictures covers any more: one was withdrawn.

    At most `limit`: the files to be deleted; call again until there are none.
    """
    now = store.clock()
    async with store.write() as conn:
        camera_no = (await conn.execute(sa.select(cameras.c.no).where(cameras.c.id == camera_id))).scalar_one()
        given = (await consents.of_cameras(conn, [camera_no], now))[camera_no]
        rows = [
            row
            for row in await conn.execute(_oldest(_MOST_OF_ONE, now).where(patrol_marks.c.camera_no == camera_no))
            if not consents.covers(given, row.at, second_of_day(row.at, store.tz), scopes=_LIVE)
        ][:limit]
        await consents.purged(conn, camera_no, "marks", len(rows))
        return await _take(conn, rows, "marks.purge", now, None, cameras=(camera_id,))


async def _take(
    conn: AsyncConnection,
    rows: Iterable[AnyRow],
    action: str,
    now: datetime,
    before: datetime | None,
    *,
    cameras: Sequence[UUID] = (),
) -> tuple[tuple[str, str], ...]:
    taken = tuple(rows)
    if taken:
        gone = sa.update(patrol_marks).where(patrol_marks.c.no.in_([row.no for row in taken]))
        await conn.execute(gone.values(snapshot=None, snapshot_bytes=0, snapshot_why=GONE))
        detail = audit.describe(bytes=sum(row.snapshot_bytes for row in taken))
        span = (None, before)
        await audit.append(conn, CONSOLE, action, now=now, cameras=cameras, span=span, detail=detail, count=len(taken))
    return tuple((row.node, row.snapshot) for row in taken)
