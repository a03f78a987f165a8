"""Segments to be played: of a span, and each one again when it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit
from registry.columns import AnyRow
from registry.errors import HubError, NotFound
from registry.model import Access, Stream
from registry.recordings import damage, lawful
from registry.recordings.damage import Wrong
from registry.recordings.lawful import Span, Visible, within
from registry.recordings.model import Damage
from registry.recordings.recorded import LONGEST_MS
from registry.store import Store
from registry.tables import cameras, segments

LONGEST = timedelta(milliseconds=LONGEST_MS)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment as somebody may see it. `spans` are the parts of its time that may be shown to him, in order.

    `ended_at` is None while it is written; `bytes` is the size of its file then as last told, often 0.
    """

    camera_id: UUID
    stream: Stream
    started_at: datetime
    ended_at: datetime | None
    node: str
    codec: str
    width: int
    height: int
    masked: bool
    bytes: int
    damage: Damage | None
    clock_offset_ms: int | None
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """One camera's segments in order of time, or why none may be seen."""

    camera_id: UUID
    name: str
    refused: HubError | None
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Playback:
    """What may be played, and the row of the register that says so."""

    audit_no: int
    cameras: tuple[Found, ...]


async def play(
    store: Store,
    access: Access,
    camera_ids: Sequence[UUID],
    span: Span,
    *,
    stream: Stream,
    action: Literal["recording.play", "recording.export", "recording.frames"] = "recording.play",
) -> Playback:
    """The segments of a span, of each camera; in the register before anything is shown.

    The row's span is that of the segments: whole files are shown. What is refused of one camera is told with it;
    raises Denied where it is so for all.
    """
    async with lawful.refused(store, access, action, camera_ids, span), store.read() as conn:
        seen = await lawful.visible(conn, store, access, camera_ids, span, reach=LONGEST)
        found = tuple([await _found(conn, one, what, span, stream) for one, what in seen.items()])
    known = [one.camera_id for one in found if not isinstance(one.refused, NotFound)]
    async with store.write() as conn:
        number = await audit.append(
            conn,
            access.actor,
            action,
            now=store.clock(),
            cameras=known,
            span=_extent(found, span),
            purpose=access.purpose,
            detail=audit.describe(
                stream=stream,
                asked=[str(one) for one in camera_ids if one not in known],
                refused={str(one.camera_id): one.refused.code for one in found if one.refused},
            ),
            count=sum(len(one.segments) for one in found),
        )
    return Playback(number, found)


async def _found(conn: AsyncConnection, camera_id: UUID, seen: Visible | HubError, span: Span, stream: Stream) -> Found:
    if isinstance(seen, HubError):
        return Found(camera_id, "", seen, ())
    wanted = _of(seen.camera.no, stream).where(
        segments.c.started_at > span[0] - LONGEST,
        segments.c.started_at < span[1],
        sa.or_(segments.c.ended_at.is_(None), segments.c.ended_at > span[0]),
    )
    listed = [_shown(row, camera_id, seen.spans) for row in await conn.execute(wanted.order_by(segments.c.started_at))]
    return Found(camera_id, seen.camera.name, None, tuple(one for one in listed if one.spans))


async def segment(store: Store, access: Access, camera_id: UUID, stream: Stream, started_at: datetime) -> Segment:
    """One segment, to be read now: everything it rests on is asked again. Not in the register: a look covers it.

    Raises Denied, NotFound (camera_unknown, segment_unknown).
    """
    span = started_at, started_at + LONGEST
    async with store.read() as conn:
        seen = (await lawful.visible(conn, store, access, (camera_id,), span))[camera_id]
        if isinstance(seen, HubError):
            raise seen
        wanted = _of(seen.camera.no, stream).where(segments.c.started_at == started_at)
        row = (await conn.execute(wanted)).one_or_none()
    if row is None:
        raise NotFound("no such segment", code="segment_unknown")
    found = _shown(row, camera_id, seen.spans)
    if not found.spans:
        raise seen.refusal(row.ended_at or store.clock())
    return found


async def segment_at(store: Store, access: Access, camera_id: UUID, stream: Stream, at: datetime) -> Segment:
    """The segment that shows a moment of a stream, as `segment`. Not in the register: whoever takes of it writes."""
    async with store.read() as conn:
        seen = (await lawful.visible(conn, store, access, (camera_id,), (at, at + _MS), reach=LONGEST))[camera_id]
        if isinstance(seen, HubError):
            raise seen
        wanted = _of(seen.camera.no, stream).where(
            segments.c.started_at > at - LONGEST,
            segments.c.started_at <= at,
            sa.or_(segments.c.ended_at.is_(None), segments.c.ended_at > at),
        )
        row = (await conn.execute(wanted.order_by(segments.c.started_at.desc()).limit(1))).one_or_none()
    if row is None:
        raise NotFound("nothing was recorded then", code="segment_unknown")
    return _shown(row, camera_id, seen.spans)


async def mark(store: Store, one: Segment, found: Wrong) -> None:
    """Keep what a reader found wrong with a segment's file. A file that is gone stays gone, and is a gap."""
    wanted = (
        sa.select(segments.c.no)
        .join(cameras, cameras.c.no == segments.c.camera_no)
        .where(
            cameras.c.id == one.camera_id,
            segments.c.stream == one.stream,
            segments.c.started_at == one.started_at,
            segments.c.damage.is_distinct_from(Damage.MISSING.value),
        )
    )
    async with store.read() as conn:
        numbers = list(await conn.scalars(wanted))
    await damage.mark(store, numbers, found)


def _of(camera_no: int, stream: Stream) -> sa.Select[tuple[object, ...]]:
    return sa.select(segments).where(segments.c.camera_no == camera_no, segments.c.stream == stream)


def _shown(row: AnyRow, camera_id: UUID, spans: tuple[Span, ...]) -> Segment:
    # Until it is closed, a file holds what was recorded up to now.
    ends = row.ended_at or row.started_at + LONGEST
    return Segment(
        camera_id=camera_id,
        stream=row.stream,
        started_at=row.started_at,
        ended_at=row.ended_at,
        node=row.node,
        codec=row.codec,
        width=row.width,
        height=row.height,
        masked=row.masked,
        bytes=row.bytes,
        damage=Damage(row.damage) if row.damage else None,
        clock_offset_ms=row.clock_offset_ms,
        spans=within(spans, (row.started_at, ends)),
    )


def _extent(found: Sequence[Found], span: Span) -> Span:
    listed = [one for camera in found for one in camera.segments]
    begin = min((one.started_at for one in listed), default=span[0])
    end = max((one.ended_at for one in listed if one.ended_at), default=span[1])
    return min(begin, span[0]), max(end, span[1])
