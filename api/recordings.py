"""Recordings: a camera's timeline, segments of a span to be played, and their bytes and pictures under a ticket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from aiohttp import web
from pydantic import Field

from api import sending
from api.clips import DECODERS
from api.routing import Needs, Routes
from api.tickets import TICKETS
from api.visitor import Look
from camera_hub.recording.files import Name, path_of
from camera_hub.recording.reading import Extract, Footage, Window, described, mime_of
from registry import purposes, recordings
from registry.columns import from_ms, to_ms
from registry.errors import Denied, NotFound
from registry.inputs import Input, Moment
from registry.model import Stream
from registry.permissions import Permission
from registry.recordings import TimelineQuery
from registry.recordings.damage import Wrong
from registry.recordings.model import Damage, RecordMode
from registry.recordings.playing import Found, Segment
from registry.recordings.timeline import HeldSpan, MissingSpan, RecordedSpan

SEGMENT_SECONDS = sending.SECONDS + 60
MOST = timedelta(hours=6)
MOST_CAMERAS = 4
_MS = timedelta(milliseconds=1)

LATEST_MS = 7_258_118_400_000
"""The year 2200: what is beyond it is no time of ours."""

routes = Routes("recordings")
T = TypeVar("T")
Way = tuple[UUID, str, int, int, bool]
PLAYABLE = "h264"
PICTURE_AGE_S = 300
MOST_PICTURE_BYTES = 16 << 20
MOST_TRIED = 3
"""So many files of one camera are opened to find one that says its profile."""

Milliseconds = Annotated[int, Field(ge=0, le=2**53)]


@dataclass(frozen=True, slots=True)
class ShownSpan(RecordedSpan):
    """A recorded stretch; not `playable` where no browser plays its codec: it is looked at as pictures and clips."""

    playable: bool


@dataclass(frozen=True, slots=True)
class Recordings:
    """What was recorded of a camera in a span, what is missing, and what is held.

    `earliest` is how far back the purpose looks, null without a limit; `oldest` when the first recording begins.
    """

    camera_id: UUID
    stream: Stream
    streams: tuple[Stream, ...]
    spans: tuple[ShownSpan, ...]
    gaps: tuple[MissingSpan, ...]
    holds: tuple[HeldSpan, ...]
    mode: RecordMode
    days: int
    oldest: datetime | None
    earliest: datetime | None
    clock_offset_ms: int | None


class NewPlayback(Input):
    """Which cameras to play, and when."""

    cameras: Annotated[list[UUID], Field(min_length=1, max_length=MOST_CAMERAS)]
    since: Moment = Field(alias="from")
    until: Moment = Field(alias="to")
    stream: Stream = "sub"


@dataclass(frozen=True, slots=True)
class PlayedSegment:
    """One file. `mime` is null where no browser plays it; `ended_at` while it is written.

    `url` and `picture_url` hold a ticket for five minutes in this session and under this purpose.
    """

    started_at: datetime
    ended_at: datetime | None
    codec: str
    mime: str | None
    width: int
    height: int
    bytes: int
    damage: Damage | None
    clock_offset_ms: int | None
    url: str
    picture_url: str


@dataclass(frozen=True, slots=True)
class PlayedCamera:
    """One camera's files in order of time, or the code that says why none is shown."""

    camera_id: UUID
    refused: str | None
    segments: tuple[PlayedSegment, ...]


@dataclass(frozen=True, slots=True)
class Playback:
    """What may be played of each camera."""

    cameras: tuple[PlayedCamera, ...]


class SegmentQuery(Input):
    """Where to begin, in milliseconds since 1970; `only=keyframes` for playing fast."""

    ticket: Annotated[str, Field(max_length=120)]
    at: Milliseconds | None = None
    only: Literal["keyframes"] | None = None


class PictureQuery(Input):
    """Which moment, in milliseconds since 1970, and how wide; not told: the first keyframe, and as large as it is."""

    ticket: Annotated[str, Field(max_length=120)]
    at: Milliseconds | None = None
    width: Annotated[int, Field(ge=160, le=1920)] | Literal["full"] = "full"


@routes.get("/cameras/{camera_id}/recordings", Permission.SEE_RECORDINGS, needs=Needs.PURPOSE)
async def timeline(look: Look, camera_id: UUID, query: TimelineQuery) -> Recordings:
    """What was recorded of a camera: at most 31 days at once, cut to what the purpose and the owner let be seen."""
    look.request.app[DECODERS].warm()  # who looks here soon wants pictures
    policy = look.hub.settings.recording.policy
    found = await recordings.timeline(look.hub.store, look.access, policy, camera_id, query)
    return Recordings(
        camera_id=found.camera_id,
        stream=found.stream,
        streams=found.streams,
        spans=tuple(_span(one) for one in found.spans),
        gaps=found.gaps,
        holds=found.holds,
        mode=found.mode,
        days=found.days,
        oldest=found.oldest,
        earliest=found.earliest,
        clock_offset_ms=found.clock_offset_ms,
    )


def _span(one: RecordedSpan) -> ShownSpan:
    return ShownSpan(one.since, one.until, one.why, one.codec, one.masked, playable=one.codec == PLAYABLE)


@routes.post("/playbacks", Permission.SEE_RECORDINGS, needs=Needs.PURPOSE)
async def play(look: Look, body: NewPlayback) -> Playback:
    """The files of one to four cameras in a span of at most six hours; whole files are shown, so they may reach beyond.

    What is refused of one camera is told with it; what is refused of all is a problem.
    """
    cameras = tuple(dict.fromkeys(body.cameras))
    span = recordings.bounded(body.since, body.until, MOST)
    found = await recordings.play(look.hub.store, look.access, cameras, span, stream=body.stream)
    kinds = await asyncio.to_thread(_mimes, look, found.cameras)
    return Playback(tuple(_played(look, found.audit_no, one, kinds) for one in found.cameras))


def _way(one: Segment) -> Way:
    return one.camera_id, one.codec, one.width, one.height, one.masked


def _mimes(look: Look, found: Iterable[Found]) -> dict[Way, str | None]:
    """The type of each camera's files, read from the first one of each way of recording that can be read."""
    read: dict[Way, str | None] = {}
    tried: dict[Way, int] = {}
    for one in (one for camera in found for one in camera.segments):
        way = _way(one)
        if one.codec != PLAYABLE or way in read or one.node != look.hub.node or tried.get(way, 0) >= MOST_TRIED:
            continue
        tried[way] = tried.get(way, 0) + 1
        with contextlib.suppress(NotFound):
            read[way] = mime_of(described(_path(look, one)))
    return read


def _path(look: Look, one: Segment) -> Path:
    return path_of(look.hub.settings.data_dir, Name(one.camera_id, one.stream, one.started_at))


def _played(look: Look, audit_no: int, found: Found, kinds: Mapping[Way, str | None]) -> PlayedCamera:
    listed = (_with_urls(look, audit_no, one, kinds.get(_way(one))) for one in found.segments)
    return PlayedCamera(found.camera_id, found.refused.code if found.refused else None, tuple(listed))


def _with_urls(look: Look, audit_no: int, one: Segment, mime: str | None) -> PlayedSegment:
    name = Name(one.camera_id, one.stream, one.started_at)
    ticket = look.request.app[TICKETS].make(audit_no, _thing(look, name), look.actor.session_id)
    path = f"/api/v1/segments/{name.camera_id}/{name.stream}/{name.milliseconds}"
    return PlayedSegment(
        started_at=one.started_at,
        ended_at=one.ended_at,
        codec=one.codec,
        mime=mime,
        width=one.width,
        height=one.height,
        bytes=one.bytes,
        damage=one.damage,
        clock_offset_ms=one.clock_offset_ms,
        url=f"{path}?ticket={ticket}",
        picture_url=f"{path}/picture?ticket={ticket}",
    )


def _thing(look: Look, name: Name) -> str:
    """What a segment's ticket is for. The purpose is in it: the row of the register names that one."""
    return f"{name.key} {look.access.purpose.id}"


@routes.get(
    "/segments/{camera_id}/{stream}/{started_ms}",
    Permission.SEE_RECORDINGS,
    needs=Needs.PURPOSE,
    raw="video/mp4",
    seconds=SEGMENT_SECONDS,
)
async def segment(
    look: Look, camera_id: UUID, stream: Stream, started_ms: Milliseconds, query: SegmentQuery
) -> web.StreamResponse:
    """One file as fragmented MP4: all of it, or from the keyframe at or before `at`. Its own time begins with it.

    A file still being written gives what is whole so far. What is damaged is left out, and X-Damage says so. Session,
    purpose, scope and consent are asked again before and while it is sent.
    """
    name = _name(look, query.ticket, camera_id, stream, started_ms)
    one = await _one(look, name)
    extract, damaged = await _read(look, one, lambda footage: _extract(footage, one, query))
    headers = {"Content-Type": "video/mp4"}
    if damaged:
        headers["X-Damage"] = Damage.CORRUPT.value

    async def ask(anew: Look) -> None:
        now = await _one(anew, name)
        if _withdrawn(one, now, purposes.earliest(anew.access.purpose, look.hub.store.clock())):
            raise Denied("the owner no longer agrees to all of this", code="recording_no_consent")

    return await sending.send(look, extract, headers, ask)


@routes.get(
    "/segments/{camera_id}/{stream}/{started_ms}/picture",
    Permission.SEE_RECORDINGS,
    needs=Needs.PURPOSE,
    raw="image/jpeg",
)
async def picture(
    look: Look, camera_id: UUID, stream: Stream, started_ms: Milliseconds, query: PictureQuery
) -> web.Response:
    """The keyframe at or before `at`, as JPEG, never wider than it is: for scrubbing, and for what no browser plays."""
    name = _name(look, query.ticket, camera_id, stream, started_ms)
    one = await _one(look, name)
    data, _ = await _read(look, one, lambda footage: _keyframe(footage, one, query.at))
    jpeg = await look.request.app[DECODERS].picture(data, None if query.width == "full" else query.width)
    headers = {"Cache-Control": f"private, max-age={PICTURE_AGE_S}"}
    return web.Response(body=jpeg, content_type="image/jpeg", headers=headers)


def _keyframe(footage: Footage, one: Segment, at: int | None) -> bytes:
    keys = [part for part in footage.chosen(_windows(one)) if part.keyframe]
    before = [] if at is None else [part for part in keys if footage.ms(part.at) <= at - to_ms(one.started_at)]
    if not keys:
        raise NotFound("nothing of this segment may be shown", code="segment_unknown")
    extract = footage.whole([before[-1] if before else keys[0]])
    try:
        if extract.size > MOST_PICTURE_BYTES:
            raise NotFound("this picture cannot be decoded", code="segment_damaged")
        return extract.all()
    finally:
        extract.close()


def _name(look: Look, ticket: str, camera_id: UUID, stream: Stream, started_ms: int) -> Name:
    """The segment's name, once its ticket is proved. Raises Denied for one of another segment, session or purpose."""
    if started_ms > LATEST_MS:
        raise NotFound("no such segment", code="segment_unknown")
    name = Name(camera_id, stream, from_ms(started_ms))
    look.request.app[TICKETS].check(ticket, _thing(look, name), look.actor.session_id)
    return name


async def _one(look: Look, name: Name) -> Segment:
    return await recordings.segment(look.hub.store, look.access, name.camera_id, name.stream, name.started_at)


def _withdrawn(shown: Segment, now: Segment, earliest: datetime | None) -> bool:
    """Whether less may be seen than what was let out.

    That a file was closed meanwhile, or that a patrol's `earliest` moment moved on, is no such thing.
    """
    ends = now.ended_at or datetime.max.replace(tzinfo=UTC)
    left = [(max(begin, earliest or begin), min(end, ends)) for begin, end in shown.spans]
    return not all(any(b <= begin and end <= e for b, e in now.spans) for begin, end in left if begin < end)


async def _read(look: Look, one: Segment, what: Callable[[Footage], T]) -> tuple[T, bool]:
    """Something of a segment's file, and whether it is damaged; what is found wrong with it is kept with its row."""
    if one.node != look.hub.node:
        raise NotFound("this file lies on another machine", code="segment_missing")
    path = _path(look, one)

    def read() -> tuple[T, bool]:
        footage = Footage(path)
        return what(footage), footage.damaged

    damage: Wrong | None = None
    try:
        found, damaged = await asyncio.to_thread(read)
        damage = Damage.CORRUPT if damaged else None
    except NotFound as gone:
        damage = Damage.MISSING if gone.code == "segment_missing" else Damage.CORRUPT
        raise
    finally:
        if damage is not None and one.damage is not damage and one.ended_at is not None:
            await recordings.mark(look.hub.store, one, damage)
    return found, damaged


def _windows(one: Segment) -> list[Window]:
    return [((begin - one.started_at) / _MS, (end - one.started_at) / _MS) for begin, end in one.spans]


def _extract(footage: Footage, one: Segment, query: SegmentQuery) -> Extract:
    at = None if query.at is None else (query.at - to_ms(one.started_at))
    chosen = footage.chosen(_windows(one), at)
    return footage.keyframes(chosen) if query.only else footage.whole(chosen)
