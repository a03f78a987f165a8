"""Keeping recordings: those too old go, the oldest beyond the quota, and those whose householder took back consent.

What an active hold covers stays. Rows go first, files after them; each transaction leaves its proof in the register.
Only what is closed goes: a file that is written has its turn when it is whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import ages, audit, consents
from registry.ages import DAY_MS, Kept, Overdue
from registry.columns import AnyRow, to_ms
from registry.model import Consent, ConsentScope, Kind, Stream
from registry.recordings import holds, lawful
from registry.recordings.model import Damage, RecordPolicy
from registry.store import Store
from registry.tables import cameras, segments
from registry.users import CONSOLE

FRESH = timedelta(minutes=5)
"""Younger than this nothing goes for its age or for the quota: it is still being compared with what should be there."""
_STREAMS = ("sub", "main")

Key = tuple[UUID, Stream, datetime]
"""What names a segment: camera, stream, start."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The files that no row names any more, delete them; their bytes by the UTC day they began in, since 1970.

    `last` is the latest start among them, None without any; `early` how many the law would have had kept.
    """

    files: tuple[Key, ...]
    days: Mapping[int, int]
    last: datetime | None
    early: int = 0


_ON_DISK = sa.case((segments.c.damage == Damage.MISSING.value, 0), else_=segments.c.bytes)
"""SQL: what a segment takes; a file that is gone takes nothing."""

_SELECT = sa.select(
    segments.c.no,
    cameras.c.id,
    cameras.c.kind,
    segments.c.stream,
    segments.c.started_at,
    segments.c.ended_at,
    _ON_DISK.label("bytes"),
).join(cameras, cameras.c.no == segments.c.camera_no)


def _free(node: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """SQL: the segment is closed, its file is this node's, and no hold covers it."""
    kept = holds.held(segments.c.camera_no, segments.c.started_at, segments.c.ended_at, now)
    return segments.c.ended_at.is_not(None), segments.c.node == node, ~kept


async def overdue(store: Store, policy: RecordPolicy) -> tuple[Overdue, ...]:
    """Which cameras' oldest recordings are older than their days, those of equal days together, a hundred at most."""
    oldest = tuple(
        sa.select(sa.func.min(sa.type_coerce(segments.c.started_at, sa.BigInteger)))
        .where(segments.c.camera_no == cameras.c.no, segments.c.stream == stream)
        .correlate(cameras)
        .scalar_subquery()
        for stream in _STREAMS
    )
    return await ages.overdue(
        store, Kept(store.policy.retention.recordings, policy.days, cameras.c.record_days, oldest)
    )


async def expire(store: Store, those: Overdue, node: str, *, limit: int) -> Gone:
    """Take away rows of `those` from before their moment, at most `limit`; call again until no file comes."""
    now = store.clock()
    wanted = _SELECT.where(
        segments.c.camera_no.in_(those.cameras),
        segments.c.stream.in_(_STREAMS),
        segments.c.started_at < min(those.before, now - FRESH),
        *_free(node, now),
    ).limit(limit)
    async with store.write() as conn:
        return await _take(conn, store, (await conn.execute(wanted)).all(), "recordings.expire", now)


async def release(store: Store, need_bytes: int, node: str, *, after: datetime | None, limit: int) -> Gone:
    """Take the oldest rows of all cameras away until `need_bytes` are freed, at most `limit`.

    `after` passes over what began before it: a caller who goes on knows that only held recordings are left there.
    """
    now = store.clock()
    wanted = _SELECT.where(segments.c.started_at < now - FRESH, *_free(node, now))
    if after is not None:
        wanted = wanted.where(segments.c.started_at >= after)
    async with store.write() as conn:
        taken, freed = [], 0
        for row in (await conn.execute(wanted.order_by(segments.c.started_at).limit(limit))).all():
            if freed >= need_bytes:
                break
            freed += row.bytes
            taken.append(row)
        return await _take(conn, store, taken, "recordings.release", now)


async def purge(store: Store, camera_id: UUID, node: str, *, after: datetime | None, limit: int) -> tuple[Gone, bool]:
    """Take away what a camera recorded under consents that were withdrawn since, and that none other covers.

    Looks at `limit` segments from `after` on; returns what went, and whether there are more to look at.
    """
    now = store.clock()
    async with store.write() as conn:
        number = (await conn.execute(sa.select(cameras.c.no).where(cameras.c.id == camera_id))).scalar_one()
        wanted = _SELECT.where(segments.c.camera_no == number, segments.c.stream.in_(_STREAMS), *_free(node, now))
        if after is not None:
            wanted = wanted.where(segments.c.started_at > after)
        rows = (await conn.execute(wanted.order_by(segments.c.started_at).limit(limit))).all()
        given = (await consents.of_cameras(conn, [number], now))[number]
        clips = [one for one in given if ConsentScope.CLIP in one.scopes]
        uncovered = [row for row in rows if not _covered(row, clips, store)]
        await consents.purged(conn, number, "recordings", len(uncovered))
        gone = await _take(conn, store, uncovered, "recordings.purge", now)
    return Gone(gone.files, gone.days, rows[-1].started_at if rows else None), len(rows) == limit


def _covered(row: AnyRow, given: Iterable[Consent], store: Store) -> bool:
    """Whether a consent that stands agreed to any of the segment's time."""
    span = row.started_at, row.ended_at
    return any(part for one in given for part in lawful.covered(one, span, store.tz))


async def _take(conn: AsyncConnection, store: Store, rows: Sequence[AnyRow], action: str, now: datetime) -> Gone:
    if not rows:
        return Gone((), {}, None)
    await conn.execute(sa.delete(segments).where(segments.c.no.in_([row.no for row in rows])))
    days: dict[int, int] = {}
    for row in rows:
        day = to_ms(row.started_at) // DAY_MS
        days[day] = days.get(day, 0) + row.bytes
    about = {row.id for row in rows}
    law = store.policy.retention.recordings
    early = sum(ages.below_floor(law, Kind(row.kind), row.started_at, now) for row in rows)
    await audit.append(
        conn,
        CONSOLE,
        action,
        now=now,
        cameras=sorted(about) if action == "recordings.purge" else (),
        span=(min(row.started_at for row in rows), max(row.ended_at for row in rows)),
        detail=audit.describe(bytes=sum(days.values()), cameras=len(about), early=early or None),
        count=len(rows),
    )
    files = tuple((row.id, row.stream, row.started_at) for row in rows)
    return Gone(files, days, max(row.started_at for row in rows), early)


async def bytes_by_day(store: Store, since_day: int) -> dict[int, int]:
    """Bytes of the segments that began on each UTC day (days since 1970) from one on."""
    at = sa.type_coerce(segments.c.started_at, sa.BigInteger)
    day = at.op("/")(sa.literal(DAY_MS, sa.BigInteger))
    wanted = (
        sa.select(day.label("day"), sa.func.sum(_ON_DISK).label("bytes")).where(at >= since_day * DAY_MS).group_by(day)
    )
    async with store.read() as conn:
        return {int(row.day): int(row.bytes) for row in await conn.execute(wanted)}


async def held_bytes(store: Store) -> int:
    """Bytes of the recordings that active holds cover."""
    now = store.clock()
    wanted = sa.select(sa.func.coalesce(sa.func.sum(_ON_DISK), 0)).where(
        segments.c.camera_no.in_(holds.holding(now)),
        holds.held(segments.c.camera_no, segments.c.started_at, segments.c.ended_at, now),
    )
    async with store.read() as conn:
        return int(await conn.scalar(wanted) or 0)
