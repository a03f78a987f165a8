"""What was recorded of one camera, when, and what is missing: the timeline."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, purposes
from registry.ages import days_of
from registry.columns import AnyRow, Instant
from registry.errors import HubError
from registry.inputs import Input, Moment, bounded
from registry.model import Access, From, Kind, Stream, To
from registry.recordings import lawful, recorded
from registry.recordings.lawful import Span, Visible
from registry.recordings.model import RecordMode, RecordPolicy
from registry.recordings.policy import mode_of, streams_of
from registry.recordings.recorded import RecordedSpan
from registry.store import Store
from registry.tables import cases, hold_cameras, holds, recording_gaps, request_cameras, requests, segments

MOST = timedelta(days=31)
MOST_GAPS = 5_000
MOST_LANES = 12
_AT_ONCE = 4
"""So many cameras are read side by side: more would keep others from the database."""

STREAMS: tuple[Stream, ...] = ("sub", "main")


class TimelineQuery(Input):
    """Which stretch of a camera's time; not told which stream: the one there is, or the small one."""

    since: Moment = Field(alias="from")
    until: Moment = Field(alias="to")
    stream: Stream | None = None


@dataclass(frozen=True, slots=True)
class MissingSpan:
    """A stretch that should have been recorded and was not."""

    since: From
    until: To
    cause: str


@dataclass(frozen=True, slots=True)
class HeldSpan:
    """A stretch that is kept for a case, or for a request to see it; one of the two is told."""

    since: From
    until: To
    case_number: str | None
    request_number: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Timeline:
    """What was recorded, is missing and is held; `oldest` is the start of the first recording there is.

    `earliest` and `latest` bound what the purpose reaches, null where it has no limit of its own; what is from before
    `hidden_until` is not shown, because a mask was drawn over part of it later. `clock_offset_ms` is the camera's clock
    against the hub's, as last measured.
    """

    camera_id: UUID
    stream: Stream
    streams: tuple[Stream, ...]
    spans: tuple[RecordedSpan, ...]
    gaps: tuple[MissingSpan, ...]
    holds: tuple[HeldSpan, ...]
    mode: RecordMode
    days: int
    oldest: datetime | None
    earliest: datetime | None
    latest: datetime | None
    hidden_until: datetime | None
    clock_offset_ms: int | None


async def timeline(
    store: Store, access: Access, policy: RecordPolicy, camera_id: UUID, query: TimelineQuery
) -> Timeline:
    """What was recorded of a camera; the look is in the register first, a vain one too.

    Raises Denied (right, purpose, beyond_patrol, recording_no_consent), NotFound outside the scope, Invalid.
    """
    span = bounded(query.since, query.until, MOST)
    async with lawful.refused(store, access, "recording.list", (camera_id,), span), store.read() as conn:
        seen = (await lawful.visible(conn, store, access, (camera_id,), span))[camera_id]
        found = seen if isinstance(seen, HubError) else await _found(conn, store, policy, query, seen)
    refused = found.code if isinstance(found, HubError) else None
    async with store.write() as conn:
        await audit.append(
            conn,
            access.actor,
            "recording.list",
            now=store.clock(),
            # Of a camera he may not know of, its id is all that is written: it is what he asked for.
            cameras=[camera_id] if isinstance(seen, Visible) or refused != "camera_unknown" else (),
            span=span,
            purpose=access.purpose,
            detail=audit.describe(camera=camera_id, refused=refused),
            count=0 if isinstance(found, HubError) else len(found.spans),
        )
    if isinstance(found, HubError):
        raise found
    reach = purposes.reach(store, access)
    return replace(found, earliest=reach.since, latest=reach.until)


@dataclass(frozen=True, slots=True)
class Lane:
    """One of several timelines, or why there is none."""

    camera_id: UUID
    refused: HubError | None
    timeline: Timeline | None


async def lanes(
    store: Store, access: Access, policy: RecordPolicy, camera_ids: Sequence[UUID], query: TimelineQuery
) -> tuple[Lane, ...]:
    """The timelines of several cameras, at most `MOST_LANES`; one look, in the register before it is shown.

    What is refused of one camera is told with it. Raises as `timeline` where it is so for all.
    """
    span = bounded(query.since, query.until, MOST)
    async with lawful.refused(store, access, "recording.list", camera_ids, span), store.read() as conn:
        seen = await lawful.visible(conn, store, access, camera_ids, span)
    free = asyncio.Semaphore(_AT_ONCE)

    async def one(what: Visible | HubError) -> Timeline | None:
        if isinstance(what, HubError):
            return None
        async with free, store.read() as conn:
            return await _found(conn, store, policy, query, what)

    found = await asyncio.gather(*(one(what) for what in seen.values()))
    refused = {camera: what for camera, what in seen.items() if isinstance(what, HubError)}
    async with store.write() as conn:
        await audit.append(
            conn,
            access.actor,
            "recording.list",
            now=store.clock(),
            cameras=[one for one in seen if one not in refused or refused[one].code != "camera_unknown"],
            span=span,
            purpose=access.purpose,
            detail=audit.describe(refused={str(camera): why.code for camera, why in refused.items()} or None),
            count=sum(len(line.spans) for line in found if line is not None),
        )
    reach = purposes.reach(store, access)
    return tuple(
        Lane(
            camera,
            refused.get(camera),
            None if line is None else replace(line, earliest=reach.since, latest=reach.until),
        )
        for camera, line in zip(seen, found, strict=True)
    )


async def _found(
    conn: AsyncConnection, store: Store, policy: RecordPolicy, query: TimelineQuery, seen: Visible
) -> Timeline:
    camera = seen.camera
    there: dict[Stream, AnyRow] = {}
    for one in STREAMS:
        if (row := await _last(conn, camera.no, one)) is not None:
            there[one] = row
    mode = mode_of(policy, camera)
    masked = any(row.masked for row in there.values())
    kept = streams_of(policy, camera, masked=masked) if mode is not RecordMode.NONE else frozenset()
    streams = tuple(one for one in STREAMS if one in there or one in kept)
    stream: Stream = query.stream if query.stream is not None else next(iter(streams), "sub")
    last = there.get(stream)
    return Timeline(
        camera_id=camera.id,
        stream=stream,
        streams=streams,
        spans=await recorded.spans(conn, stream, (query.since, query.until), seen, now=store.clock()),
        gaps=await gaps_of(conn, camera.no, stream, (query.since, query.until)),
        holds=await _holds(conn, store, camera.no, query),
        mode=mode,
        days=days_of(store.policy.retention.recordings, policy.days, Kind(camera.kind), camera.record_days),
        oldest=last.oldest if last is not None else None,
        earliest=None,
        latest=None,
        hidden_until=seen.hidden_until,
        clock_offset_ms=last.clock_offset_ms if last is not None else None,
    )


async def _last(conn: AsyncConnection, camera_no: int, stream: Stream) -> AnyRow | None:
    """What the newest file of a stream tells, and when the `oldest` begins."""
    of = segments.c.camera_no == camera_no, segments.c.stream == stream
    oldest = sa.select(sa.func.min(segments.c.started_at, type_=Instant)).where(*of).scalar_subquery()
    wanted = sa.select(segments.c.masked, segments.c.clock_offset_ms, oldest.label("oldest")).where(*of)
    return (await conn.execute(wanted.order_by(segments.c.started_at.desc()).limit(1))).one_or_none()


async def gaps_of(conn: AsyncConnection, camera_no: int, stream: Stream, span: Span) -> tuple[MissingSpan, ...]:
    """The gaps on record that lie in a span or reach into it, the latest `MOST_GAPS` of them, in order."""
    wanted = (
        sa.select(recording_gaps)
        .where(
            recording_gaps.c.camera_no == camera_no,
            recording_gaps.c.stream == stream,
            recording_gaps.c.started_at < span[1],
            recording_gaps.c.ended_at > span[0],
        )
        .order_by(recording_gaps.c.started_at.desc())
        .limit(MOST_GAPS)
    )
    rows = (await conn.execute(wanted)).all()
    return tuple(MissingSpan(row.started_at, row.ended_at, row.cause) for row in reversed(rows))


async def _holds(conn: AsyncConnection, store: Store, camera_no: int, query: TimelineQuery) -> tuple[HeldSpan, ...]:
    now = store.clock()
    for_case = (
        sa.select(holds.c.starts_at, holds.c.ends_at, holds.c.expires_at, cases.c.number, sa.null().label("request"))
        .join(hold_cameras, hold_cameras.c.hold_no == holds.c.no)
        .join(cases, cases.c.no == holds.c.case_no)
        .where(
            hold_cameras.c.camera_no == camera_no,
            holds.c.starts_at < query.until,
            holds.c.ends_at > query.since,
            holds.c.expires_at > now,
            holds.c.released_at.is_(None),
        )
    )
    for_request = (
        sa.select(requests.c.starts_at, requests.c.ends_at, requests.c.held_until, sa.null(), requests.c.number)
        .join(request_cameras, request_cameras.c.request_no == requests.c.no)
        .where(
            request_cameras.c.camera_no == camera_no,
            requests.c.starts_at < query.until,
            requests.c.ends_at > query.since,
            requests.c.held_until > now,
        )
    )
    wanted = sa.union_all(for_case, for_request).order_by("starts_at").limit(MOST_GAPS)
    rows = await conn.execute(wanted)
    return tuple(HeldSpan(row.starts_at, row.ends_at, row.number, row.request, row.expires_at) for row in rows)
