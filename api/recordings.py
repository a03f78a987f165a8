"""Recordings: a camera's timeline, and which files are to be played of a span."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api import segments
from api.clips import DECODERS
from api.routing import Needs, Routes
from api.visitor import Look
from camera_hub.recording.files import Name
from camera_hub.recording.reading import described, mime_of
from registry import recordings
from registry.errors import NotFound
from registry.inputs import Input, Moment, bounded
from registry.model import Stream
from registry.permissions import Permission
from registry.recordings import Timeline, TimelineQuery
from registry.recordings.model import Damage
from registry.recordings.playing import Found, Segment
from registry.recordings.recorded import RecordedSpan

MOST = timedelta(hours=6)
MOST_CAMERAS = 4


routes = Routes("recordings")
_TIMELINE = tuple(field.name for field in fields(Timeline))
Way = tuple[UUID, str, int, int, bool]
PLAYABLE = "h264"
MOST_TRIED = 3
"""So many damaged files of one camera are read to find one that says its profile; those that are gone cost nothing."""


@dataclass(frozen=True, slots=True)
class ShownSpan(RecordedSpan):
    """A recorded stretch; not `playable` where no browser plays its codec: it is looked at as pictures and clips."""

    playable: bool


@dataclass(frozen=True, slots=True)
class Recordings(Timeline):
    """What was recorded of a camera in a span, what is missing, and what is held.

    `earliest` and `latest` bound what the purpose reaches, null without a limit; what is from before `hidden_until` is
    not shown, because a mask was drawn over part of it later; `oldest` is when the first recording begins.
    """

    spans: tuple[ShownSpan, ...]


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


@routes.get("/cameras/{camera_id}/recordings", Permission.SEE_RECORDINGS, needs=Needs.PURPOSE)
async def timeline(look: Look, camera_id: UUID, query: TimelineQuery) -> Recordings:
    """What was recorded of a camera: at most 31 days at once, cut to what the purpose and the owner let be seen."""
    look.request.app[DECODERS].warm()  # who looks here soon wants pictures
    policy = look.hub.settings.record_policy
    return told(await recordings.timeline(look.hub.store, look.access, policy, camera_id, query))


def told(found: Timeline) -> Recordings:
    """A timeline as it is sent."""
    kept = {name: getattr(found, name) for name in _TIMELINE if name != "spans"}
    return Recordings(**kept, spans=tuple(_span(one) for one in found.spans))


def _span(one: RecordedSpan) -> ShownSpan:
    return ShownSpan(one.since, one.until, one.why, one.codec, one.masked, playable=one.codec == PLAYABLE)


@routes.post("/playbacks", Permission.SEE_RECORDINGS, needs=Needs.PURPOSE)
async def play(look: Look, body: NewPlayback) -> Playback:
    """The files of one to four cameras in a span of at most six hours; whole files are shown, so they may reach beyond.

    What is refused of one camera is told with it; what is refused of all is a problem.
    """
    cameras = tuple(dict.fromkeys(body.cameras))
    span = bounded(body.since, body.until, MOST)
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
        try:
            read[way] = mime_of(described(segments.path(look, one)))
        except NotFound as none:
            tried[way] = tried.get(way, 0) + (none.code != "segment_missing")
    return read


def _played(look: Look, audit_no: int, found: Found, kinds: Mapping[Way, str | None]) -> PlayedCamera:
    listed = (_with_urls(look, audit_no, one, kinds.get(_way(one))) for one in found.segments)
    return PlayedCamera(found.camera_id, found.refused.code if found.refused else None, tuple(listed))


def _with_urls(look: Look, audit_no: int, one: Segment, mime: str | None) -> PlayedSegment:
    name = Name(one.camera_id, one.stream, one.started_at)
    url, picture_url = segments.urls(look, audit_no, name)
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
        url=url,
        picture_url=picture_url,
    )
