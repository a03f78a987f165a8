"""Keeping: events leave after their time, snapshots when the disk needs it; what nobody ends is ended here.

Rows go first, files after them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from registry import ages, audit, consents
from registry.ages import Kept, Overdue
from registry.columns import AnyRow
from registry.model import Kind
from registry.recordings import holds
from registry.store import Store
from registry.tables import cameras, cases, events, incidents
from registry.users import CONSOLE

BATCH = 1000
_PICTURES = (events.c.node, events.c.snapshot, events.c.still)
_BYTES = (events.c.snapshot_bytes + events.c.still_bytes).label("bytes")


@dataclass(frozen=True, slots=True)
class Expired:
    """How many rows one batch touched, and the files, as (node, key), that no row names any more: delete them.

    `early`: how many of the pictures the law would have had kept.
    """

    rows: int
    files: tuple[tuple[str, str], ...]
    early: int = 0


async def overdue(store: Store, days: Mapping[Kind, int]) -> tuple[Overdue, ...]:
    """Which cameras' oldest events are older than their days (their own, else their kind's)."""
    oldest = (
        sa.select(sa.func.min(sa.type_coerce(events.c.started_at, sa.BigInteger)))
        .where(events.c.camera_no == cameras.c.no)
        .correlate(cameras)
        .scalar_subquery()
    )
    return await ages.overdue(store, Kept(store.policy.retention.events, days, cameras.c.event_days, (oldest,)))


async def expire(store: Store, those: Overdue, *, limit: int = BATCH) -> Expired:
    """Delete the oldest events of `those` from before their moment, at most `limit`; call again until `rows` is 0.

    Each batch is one short transaction and leaves its proof in the audit. Events that a hold covers stay, and those of
    an incident that is open, or whose case is.
    """
    oldest = (
        sa.select(events.c.no)
        .where(events.c.camera_no.in_(those.cameras), events.c.started_at < those.before, *_free(store))
        .order_by(events.c.started_at, events.c.id)
        .limit(limit)
    )
    async with store.write() as conn:
        gone = await conn.execute(
            sa.delete(events)
            .where(events.c.no.in_(oldest.scalar_subquery()))
            .returning(
                *_PICTURES,
                events.c.camera_no,
                _BYTES,
            )
        )
        rows = gone.all()
        if rows:
            detail = audit.describe(bytes=sum(row.bytes for row in rows), cameras=len({row.camera_no for row in rows}))
            span = (None, those.before)
            await audit.append(
                conn, CONSOLE, "events.expire", now=store.clock(), span=span, detail=detail, count=len(rows)
            )
    return Expired(len(rows), _files(rows))


async def purge(store: Store, camera_id: UUID, *, after: int, limit: int = BATCH) -> tuple[Expired, int | None]:
    """Delete a camera's events that no consent that was given covers any more: one was withdrawn. Held ones stay.

    Looks at `limit` events whose number is beyond `after`; returns what went, and where to go on, None at the end.
    """
    now = store.clock()
    async with store.write() as conn:
        camera_no = (await conn.execute(sa.select(cameras.c.no).where(cameras.c.id == camera_id))).scalar_one()
        wanted = (
            sa.select(events.c.no, events.c.started_at, events.c.local_second, *_PICTURES, _BYTES)
            .where(events.c.camera_no == camera_no, events.c.no > after, *_free(store))
            .order_by(events.c.no)
            .limit(limit)
        )
        rows = (await conn.execute(wanted)).all()
        given = (await consents.of_cameras(conn, [camera_no], now))[camera_no]
        gone = [row for row in rows if not consents.covers(given, row.started_at, row.local_second)]
        if gone:
            await conn.execute(sa.delete(events).where(events.c.no.in_([row.no for row in gone])))
            await consents.purged(conn, camera_no, "events", len(gone))
            span = min(row.started_at for row in gone), max(row.started_at for row in gone)
            detail = audit.describe(bytes=sum(row.bytes for row in gone), cameras=1)
            await audit.append(
                conn,
                CONSOLE,
                "events.purge",
                now=now,
                cameras=[camera_id],
                span=span,
                detail=detail,
                count=len(gone),
            )
    return Expired(len(gone), _files(gone)), rows[-1].no if len(rows) == limit else None


async def release(store: Store, need_bytes: int, *, limit: int = BATCH) -> Expired:
    """Take the oldest pictures away, at most `limit` and until `need_bytes` are freed; their events stay."""
    oldest = (
        sa.select(
            events.c.no,
            events.c.node,
            events.c.snapshot,
            events.c.still,
            events.c.started_at,
            events.c.camera_no,
            cameras.c.kind,
            (events.c.snapshot_bytes + events.c.still_bytes).label("bytes"),
        )
        .join(cameras, cameras.c.no == events.c.camera_no)
        .where(events.c.snapshot.is_not(None), *_free(store))
        .order_by(events.c.started_at)
        .limit(limit)
        .with_for_update(of=events)
    )
    async with store.write() as conn:
        freed, early, taken = 0, 0, []
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
            early = sum(
                ages.below_floor(store.policy.retention.events, Kind(row.kind), row.started_at, store.clock())
                for row in taken
            )
            detail = audit.describe(bytes=freed, cameras=len({row.camera_no for row in taken}), early=early or None)
            await audit.append(conn, CONSOLE, "snapshots.release", now=store.clock(), detail=detail, count=len(taken))
    return Expired(len(taken), _files(taken), early)


def _files(rows: Iterable[AnyRow]) -> tuple[tuple[str, str], ...]:
    """The pictures the rows named, as (node, key)."""
    return tuple((row.node, key) for row in rows for key in (row.snapshot, row.still) if key is not None)


def _free(store: Store) -> tuple[sa.ColumnElement[bool], ...]:
    """SQL: no active hold of its camera covers the event, and no incident needs it."""
    now = store.clock()
    ends = sa.func.coalesce(events.c.ended_at, events.c.updated_at)
    needed = (
        sa.select(sa.literal(1))
        .select_from(incidents.outerjoin(cases, cases.c.no == incidents.c.case_no))
        .where(
            incidents.c.event_id == events.c.id,
            incidents.c.opened_at > now - timedelta(days=store.policy.retention.incident_days),
            sa.or_(
                incidents.c.closed_at.is_(None), sa.and_(incidents.c.case_no.is_not(None), cases.c.closed_at.is_(None))
            ),
        )
        .correlate(events)
        .exists()
    )
    return ~holds.held(events.c.camera_no, events.c.started_at, ends, now), ~needed


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
