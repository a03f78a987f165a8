"""The files of recordings: their bytes and pictures, under the ticket of the playback that named them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from aiohttp import web
from pydantic import Field

from api import refused, sending
from api.clips import DECODERS
from api.routing import Needs, Routes
from api.tickets import TICKETS
from api.visitor import Look
from camera_hub.recording.files import Name, path_of
from camera_hub.recording.reading import Extract, Footage, Window
from registry import recordings
from registry.columns import from_ms, to_ms
from registry.errors import Denied, NotFound
from registry.inputs import Input
from registry.model import Stream
from registry.permissions import Permission
from registry.recordings.damage import Wrong
from registry.recordings.model import Damage
from registry.recordings.playing import Segment

routes = Routes("segments")
T = TypeVar("T")
SEGMENT_SECONDS = sending.SECONDS + 60
_MS = timedelta(milliseconds=1)
LATEST_MS = 7_258_118_400_000
"""The year 2200: what is beyond it is no time of ours."""
PICTURE_AGE_S = 300
MOST_PICTURE_BYTES = 16 << 20

Milliseconds = Annotated[int, Field(ge=0, le=2**53)]


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


def urls(look: Look, audit_no: int, name: Name) -> tuple[str, str]:
    """The addresses of a segment's bytes and pictures, with a ticket under a row of the register."""
    ticket = look.request.app[TICKETS].make(audit_no, _thing(look, name), look.actor.session_id)
    address = f"/api/v1/segments/{name.camera_id}/{name.stream}/{name.milliseconds}"
    return f"{address}?ticket={ticket}", f"{address}/picture?ticket={ticket}"


def _thing(look: Look, name: Name) -> str:
    """What a segment's ticket is for. The purpose is in it: the row of the register names that one."""
    return f"{name.key} {look.access.purpose.id}"


def path(look: Look, one: Segment) -> Path:
    """Where a segment's file lies."""
    return path_of(look.hub.settings.data_dir, Name(one.camera_id, one.stream, one.started_at))


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
    name = _name(camera_id, stream, started_ms)
    one = await _one(look, name, query.ticket)
    extract, damaged = await _read(look, one, lambda footage: _extract(footage, one, query))
    headers = {"Content-Type": "video/mp4"}
    if damaged:
        headers["X-Damage"] = Damage.CORRUPT.value

    async def ask(anew: Look) -> None:
        async with refused.on_record(anew, query.ticket, name):
            now = await recordings.segment(anew.hub.store, anew.access, camera_id, stream, name.started_at)
            back = anew.access.purpose.looks_back_hours
            moved = None if back is None else look.hub.store.clock() - timedelta(hours=back)
            if _withdrawn(one, now, moved):
                raise Denied("not all of this may be seen any more", code="recording_no_consent")

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
    name = _name(camera_id, stream, started_ms)
    one = await _one(look, name, query.ticket)
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


def _name(camera_id: UUID, stream: Stream, started_ms: int) -> Name:
    if started_ms > LATEST_MS:
        raise NotFound("no such segment", code="segment_unknown")
    return Name(camera_id, stream, from_ms(started_ms))


async def _one(look: Look, name: Name, ticket: str) -> Segment:
    """The segment, once its ticket is proved; what is refused is on record.

    Raises Denied for a ticket of another segment, session or purpose, and as `recordings.segment`.
    """
    async with refused.on_record(look, ticket, name):
        look.request.app[TICKETS].check(ticket, _thing(look, name), look.actor.session_id)
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
    file = path(look, one)

    def read() -> tuple[T, bool]:
        footage = Footage(file)
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
