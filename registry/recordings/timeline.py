"""What was recorded of one camera, when, and what is missing: the timeline."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, purposes
from registry.ages import days_of
from registry.columns import AnyRow, Instant, from_ms, to_ms
from registry.errors import FieldError, HubError, Invalid
from registry.inputs import Input, Moment
from registry.model import Access, Kind, Stream
from registry.recordings import lawful
from registry.recordings.lawful import Span, Visible, within
from registry.recordings.model import Damage, RecordMode, RecordPolicy, Why
from registry.recordings.policy import mode_of, streams_of
from registry.store import Store
from registry.tables import cases, hold_cameras, holds, recording_gaps, request_cameras, requests, segments

MOST = timedelta(days=31)
LONGEST_MS = 900_000
"""A segment is no longer than this: what began earlier does not reach into a span."""
JOINED_MS = 2_000
"""A break this short is none: the next file begins with the next keyframe."""
FINEST = 20_000
"""Breaks shorter than this part of the span are closed, too: nobody sees them, and the list stays bounded."""
MOST_GAPS = 5_000

STREAMS: tuple[Stream, ...] = ("sub", "main")

From = Annotated[datetime, Field(alias="from")]
To = Annotated[datetime, Field(alias="to")]


class TimelineQuery(Input):
    """Which stretch of a camera's time; not told which stream: the one there is, or the small one."""

    since: Moment = Field(alias="from")
    until: Moment = Field(alias="to")
    stream: Stream | None = None


@dataclass(frozen=True, slots=True)
class RecordedSpan:
    """A stretch that was recorded without a break, in one way."""

    since: From
    until: To
    why: Why
    codec: str
    masked: bool


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


def bounded(since: datetime, until: datetime, most: timedelta) -> Span:
    """The span. Raises Invalid where it runs backwards or is longer than `most`."""
    if until <= since:
        raise Invalid("`to` must lie after `from`", FieldError("to", "interval", "lies before `from`"))
    if until - since > most:
        hours = round(most / timedelta(hours=1))
        raise Invalid(
            f"ask for at most {hours} hours at once",
            FieldError("to", "span_too_long", f"more than {hours} hours after `from`"),
            code="span_too_long",
            hours=hours,
        )
    return since, until


async def timeline(
    store: Store, access: Access, policy: RecordPolicy, camera_id: UUID, query: TimelineQuery
) -> Timeline:
    """What was recorded of a camera; the look is in the register first, a vain one too.

    Raises Denied (right, purpose, beyond_patrol, recording_no_consent), NotFound outside the scope, Invalid.
    """
    span = bounded(query.since, query.until, MOST)
    async with store.read() as conn:
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
    recorded = streams_of(policy, camera, masked=masked) if mode is not RecordMode.NONE else frozenset()
    streams = tuple(one for one in STREAMS if one in there or one in recorded)
    stream: Stream = query.stream if query.stream is not None else next(iter(streams), "sub")
    last = there.get(stream)
    return Timeline(
        camera_id=camera.id,
        stream=stream,
        streams=streams,
        spans=await _spans(conn, stream, query, seen, now=store.clock()),
        gaps=await gaps_of(conn, camera.no, stream, (query.since, query.until)),
        holds=await _holds(conn, store, camera.no, query),
        mode=mode,
        days=days_of(store.policy.retention.recordings, policy.days, Kind(camera.kind), camera.record_days),
        oldest=await _oldest(conn, camera.no, stream) if last is not None else None,
        earliest=None,
        latest=None,
        hidden_until=seen.hidden_until,
        clock_offset_ms=last.clock_offset_ms if last is not None else None,
    )


async def _last(conn: AsyncConnection, camera_no: int, stream: Stream) -> AnyRow | None:
    wanted = sa.select(segments.c.masked, segments.c.clock_offset_ms).where(
        segments.c.camera_no == camera_no, segments.c.stream == stream
    )
    return (await conn.execute(wanted.order_by(segments.c.started_at.desc()).limit(1))).one_or_none()


async def _oldest(conn: AsyncConnection, camera_no: int, stream: Stream) -> datetime | None:
    wanted = sa.select(sa.func.min(segments.c.started_at, type_=Instant)).where(
        segments.c.camera_no == camera_no, segments.c.stream == stream
    )
    oldest: datetime | None = await conn.scalar(wanted)
    return oldest


async def _spans(
    conn: AsyncConnection, stream: Stream, query: TimelineQuery, seen: Visible, *, now: datetime
) -> tuple[RecordedSpan, ...]:
    """The runs of segments without a break between them, cut to what may be seen."""
    since, until = to_ms(query.since), to_ms(query.until)
    wanted = _TOLD.where(
        segments.c.camera_no == seen.camera.no,
        segments.c.stream == stream,
        since - LONGEST_MS < _STARTED,
        until > _STARTED,
        segments.c.damage.is_distinct_from(Damage.MISSING.value),
    )
    rows = (await conn.execute(wanted.order_by(segments.c.started_at))).all()
    # Joined here: SQL's window functions take five times as long over the 43,200 rows of a month.
    break_ms = max(JOINED_MS, (until - since) // FINEST)
    runs = await asyncio.to_thread(lambda: list(_runs(rows, to_ms(now), break_ms)))
    return tuple(
        RecordedSpan(begin, end, Why(run.why), run.codec, run.masked)
        for run in runs
        for begin, end in within(seen.spans, (from_ms(run.since), from_ms(run.until)))
    )


_STARTED = sa.type_coerce(segments.c.started_at, sa.BigInteger)
_TOLD = sa.select(
    _STARTED,
    sa.type_coerce(segments.c.ended_at, sa.BigInteger),
    segments.c.why,
    segments.c.codec,
    segments.c.masked,
)


@dataclass(slots=True)
class _Run:
    """Segments that follow each other, in milliseconds."""

    since: int
    until: int
    why: str
    codec: str
    masked: bool


def _runs(rows: Sequence[AnyRow], now: int, break_ms: int) -> Iterator[_Run]:
    """Rows in order of their start, joined where one follows another that was recorded in the same way.

    A file still being written reaches to now, or to the next file; one whose end nobody told, no further.
    """
    run: _Run | None = None
    nexts = itertools.chain((row[0] for row in rows), (None,))
    next(nexts)
    for (since, ended, why, codec, masked), after in zip(rows, nexts, strict=True):
        until = ended if ended is not None else min(now, since + LONGEST_MS) if after is None else after
        if (
            run is not None
            and since <= run.until + break_ms
            and (run.why, run.codec, run.masked) == (why, codec, masked)
        ):
            run.until = max(run.until, until)
            continue
        if run is not None:
            yield run
        run = _Run(since, until, why, codec, masked)
    if run is not None:
        yield run


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
