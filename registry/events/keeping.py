"""Keeping: events leave after their time, snapshots when the disk needs it; what nobody ends is ended here.

Rows go first, files after them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from registry import audit
from registry.columns import AnyRow
from registry.recordings import holds
from registry.store import Store
from registry.tables import events
from registry.users import CONSOLE

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Expired:
    """How many rows one batch touched, and the files, as (node, key), that no row names any more: delete them."""

    rows: int
    files: tuple[tuple[str, str], ...]


async def expire(store: Store, before: datetime, *, limit: int = BATCH) -> Expired:
    """Delete the oldest events that started before a time, at most `limit`; call again until `rows` is 0.

    Each batch is one short transaction and leaves its proof in the audit. Events that a hold covers stay.
    """
    oldest = (
        sa.select(events.c.no)
        .where(events.c.started_at < before, ~_held(store))
        .order_by(events.c.started_at, events.c.id)
        .limit(limit)
    )
    async with store.write() as conn:
        gone = await conn.execute(
            sa.delete(events)
            .where(events.c.no.in_(oldest.scalar_subquery()))
            .returning(events.c.node, events.c.snapshot, events.c.still)
        )
        rows = gone.all()
        if rows:
            await audit.append(conn, CONSOLE, "events.expire", now=store.clock(), span=(None, before), count=len(rows))
    return Expired(len(rows), _files(rows))


async def release(store: Store, need_bytes: int, *, limit: int = BATCH) -> Expired:
    """Take the oldest pictures away, at most `limit` and until `need_bytes` are freed; their events stay."""
    oldest = (
        sa.select(
            events.c.no,
            events.c.node,
            events.c.snapshot,
            events.c.still,
            (events.c.snapshot_bytes + events.c.still_bytes).label("bytes"),
        )
        .where(events.c.snapshot.is_not(None), ~_held(store))
        .order_by(events.c.started_at)
        .limit(limit)
        .with_for_update()
    )
    async with store.write() as conn:
        freed, taken = 0, []
        for row in await conn.execute(oldest):
            if freed >= need_bytes:
                break
            freed += row.bytes
            taken.append(row)
        if taken:
            await conn.execute(
                sa.update(events)
                .where(events.c.no.in_([row.no for row in taken]))
                .values(snapshot=None, snapshot_bytes=0, still=None, still_bytes=0)
            )
            detail = audit.describe(bytes=freed)
            await audit.append(conn, CONSOLE, "snapshots.release", now=store.clock(), detail=detail, count=len(taken))
    return Expired(len(taken), _files(taken))


def _files(rows: Iterable[AnyRow]) -> tuple[tuple[str, str], ...]:
    """The pictures the rows named, as (node, key)."""
    return tuple((row.node, key) for row in rows for key in (row.snapshot, row.still) if key is not None)


def _held(store: Store) -> sa.ColumnElement[bool]:
    """SQL: the event lies in the span of an active hold of its camera."""
    ends = sa.func.coalesce(events.c.ended_at, events.c.updated_at)
    return holds.held(events.c.camera_no, events.c.started_at, ends, store.clock())


async def close_abandoned(store: Store, before: datetime) -> int:
    """End the open events last heard of before a time, at the moment they were last seen; how many.

    The worker that watched them was killed. Should it have left later word on disk, its higher revision still wins.
    """
    async with store.write() as conn:
        closed = await conn.execute(
            sa.update(events)
            .where(events.c.ended_at.is_(None), events.c.updated_at < before)
            .values(ended_at=events.c.updated_at)
        )
    return closed.rowcount
