"""The index of recorded files. A segment is told of twice: when its file is begun, and when it is whole.

A file whose writer was killed is closed by the hub instead (`close`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.columns import to_ms
from registry.model import Stream
from registry.recordings import trimming
from registry.recordings.model import Damage, SegmentChange
from registry.store import Store
from registry.tables import cameras, segments

_CHUNK = 500
_MOST = 2**31 - 1
_YEARS = range(2000, 2200)
_Key = tuple[UUID, Stream, datetime]
_NAMED = (segments.c.camera_no, segments.c.stream, segments.c.started_at)
_NAMES = frozenset({"no", "camera_no", "stream", "started_at"})


@dataclass(frozen=True, slots=True)
class OpenSegment:
    """A segment whose end nobody told yet. `no` is its row's number."""

    no: int
    camera_id: UUID
    camera_no: int
    stream: Stream
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Closing:
    """What is in a file whose writer is gone: its row's number, and how it ends."""

    no: int
    ended_at: datetime
    frames: int
    bytes: int
    digest: str


async def record(store: Store, changes: Sequence[SegmentChange]) -> None:
    """Keep what workers report, in any order and any number of times: a whole segment stays whole.

    Segments of cameras that nobody registered, and what no worker of ours would say, are left out: their files have no
    row, and the sweep takes them.
    """
    async with store.write() as conn:
        for start in range(0, len(changes), _CHUNK):
            await _record(conn, _newest(changes[start : start + _CHUNK]))


async def _record(conn: AsyncConnection, changes: Mapping[_Key, SegmentChange]) -> None:
    numbers = await _numbers(conn, {camera for camera, _, _ in changes})
    rows = [_row(numbers[one.camera_id], one) for one in changes.values() if one.camera_id in numbers]
    if not rows:
        return
    # Locked in one order, whoever writes: PostgreSQL would find a deadlock in two batches that cross. Gaps go first.
    rows.sort(key=lambda row: (row["camera_no"], row["stream"], row["started_at"]))
    whole = [row for row in rows if row["ended_at"] is not None]
    if whole:
        await trimming.alone(conn)
    await conn.execute(_UPSERTS[conn.dialect.name], rows)
    if whole:
        await trimming.trim(
            conn, [(row["camera_no"], row["stream"], to_ms(row["started_at"]), to_ms(row["ended_at"])) for row in whole]
        )


def _newest(changes: Iterable[SegmentChange]) -> dict[_Key, SegmentChange]:
    """One change for each segment: the last, but one that says how it ends goes before those that do not."""
    found: dict[_Key, SegmentChange] = {}
    for one in changes:
        if _flaw(one):
            continue
        key = one.camera_id, one.stream, one.started_at
        before = found.get(key)
        if before is None or before.ended_at is None or one.ended_at is not None:
            found[key] = one
    return found


def _flaw(one: SegmentChange) -> bool:
    texts = ((one.node, 64), (one.codec, 16), (one.digest or "", 64))
    return (
        any(len(text) > most or not text.isascii() or "\x00" in text for text, most in texts)
        or any(at is not None and (at.tzinfo is None or at.year not in _YEARS) for at in (one.started_at, one.ended_at))
        or (one.ended_at is not None and (one.ended_at <= one.started_at or one.digest is None))
        or not all(0 <= number <= _MOST for number in (one.frames, one.width, one.height))
        or not 0 <= one.bytes < 2**62
    )


async def _numbers(conn: AsyncConnection, ids: Collection[UUID]) -> dict[UUID, int]:
    wanted = sa.select(cameras.c.id, cameras.c.no).where(cameras.c.id.in_(ids))
    return {row.id: row.no for row in await conn.execute(wanted)}


def _row(camera_no: int, one: SegmentChange) -> dict[str, Any]:
    return {
        "camera_no": camera_no,
        "stream": one.stream,
        "started_at": one.started_at,
        "ended_at": one.ended_at,
        "node": one.node,
        "why": one.why.value,
        "codec": one.codec,
        "width": one.width,
        "height": one.height,
        "masked": one.masked,
        "frames": one.frames,
        "bytes": one.bytes,
        "digest": one.digest,
        "damage": None,
        "clock_offset_ms": one.clock_offset_ms,
    }


def _upsert(dialect: str) -> Any:
    """INSERT … ON CONFLICT: an open row is written anew; a closed one stays.

    But the hub may have closed a file whose writer was only slow: its own word, of the same bytes, takes the blame off.
    """
    insert = postgresql.insert(segments) if dialect == "postgresql" else sqlite.insert(segments)
    new, old = insert.excluded, segments.c
    slow = sa.and_(old.damage == Damage.CUT.value, new.digest == old.digest)
    changes = {column.name: new[column.name] for column in segments.columns if column.name not in _NAMES}
    return insert.on_conflict_do_update(
        index_elements=list(_NAMED), set_=changes, where=sa.or_(old.ended_at.is_(None), slow)
    )


_UPSERTS = {dialect: _upsert(dialect) for dialect in ("sqlite", "postgresql")}


async def open_segments(store: Store, node: str) -> tuple[OpenSegment, ...]:
    """The segments on a node that are being written, as far as their rows say, oldest first."""
    wanted = (
        sa.select(segments.c.no, cameras.c.id, segments.c.camera_no, segments.c.stream, segments.c.started_at)
        .join(cameras, cameras.c.no == segments.c.camera_no)
        .where(segments.c.ended_at.is_(None), segments.c.node == node)
        .order_by(segments.c.started_at)
    )
    async with store.read() as conn:
        return tuple(
            OpenSegment(row.no, row.id, row.camera_no, row.stream, row.started_at) for row in await conn.execute(wanted)
        )


async def close(store: Store, those: Sequence[Closing]) -> None:
    """End segments whose writer is gone, where nobody did meanwhile; they are marked as cut."""
    async with store.write() as conn:
        await trimming.alone(conn)
        for one in those:
            ended = (
                sa.update(segments)
                .where(segments.c.no == one.no, segments.c.ended_at.is_(None))
                .values(
                    ended_at=one.ended_at,
                    frames=one.frames,
                    bytes=one.bytes,
                    digest=one.digest,
                    damage=Damage.CUT.value,
                )
                .returning(segments.c.camera_no, segments.c.stream, segments.c.started_at)
            )
            if (row := (await conn.execute(ended)).one_or_none()) is not None:
                await trimming.trim(conn, [(row.camera_no, row.stream, to_ms(row.started_at), to_ms(one.ended_at))])


async def forget(store: Store, numbers: Sequence[int]) -> None:
    """Take rows out of segments that never had a frame: nothing was recorded."""
    async with store.write() as conn:
        await conn.execute(sa.delete(segments).where(segments.c.no.in_(numbers), segments.c.ended_at.is_(None)))
