"""Clips: any range of a camera's recordings as one MP4 to take away, cut on keyframes and never encoded anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from api import sending
from api.routing import Needs, Routes
from api.tickets import TICKETS
from api.visitor import Look
from camera_hub.recording.clips import KEPT, Clips, Step, Subject
from camera_hub.recording.clips import Clip as Kept
from camera_hub.recording.cutting import Order, Source
from camera_hub.recording.decoders import Decoders
from camera_hub.recording.files import Name, path_of
from camera_hub.recording.reading import Extract, Piece
from registry import recordings
from registry.columns import to_ms
from registry.inputs import Input, Moment, bounded
from registry.model import From, Stream, To
from registry.permissions import Permission
from registry.recordings import Export, Segment

MOST = timedelta(hours=2)
CUT_SECONDS = 330.0
_MS = timedelta(milliseconds=1)

CLIPS = web.AppKey("clips", Clips)
DECODERS = web.AppKey("decoders", Decoders)
routes = Routes("clips")


class NewClip(Input):
    """What to cut: at most two hours of one camera."""

    camera_id: UUID
    since: Moment = Field(alias="from")
    until: Moment = Field(alias="to")
    stream: Stream = "sub"


class ClipTicket(Input):
    """The ticket of a clip's url."""

    ticket: Annotated[str, Field(max_length=120)]


@dataclass(frozen=True, slots=True)
class Progress:
    """So many of so many files are cut."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Hole:
    """Where nothing is in the clip; `cause` as the gap has it, null where none is on record."""

    since: From
    until: To
    cause: str | None


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip to fetch within an hour. `from` and `to` are the true cut; `gaps` lie inside what was asked for.

    `damaged` counts files of which something is left out; `digest` is the SHA-256 of the file, as hex.
    """

    id: UUID
    name: str
    url: str
    bytes: int
    since: From
    until: To
    segments: int
    damaged: int
    gaps: tuple[Hole, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Done:
    """The last line: the clip."""

    clip: Clip


@routes.post("/clips", Permission.EXPORT, needs=Needs.PURPOSE, seconds=CUT_SECONDS, errors=(429,))
async def cut(look: Look, body: NewClip) -> AsyncGenerator[Progress | Done, None]:
    """Cut a clip; it is in the register before. Begins with the keyframe at or before `from`, and breaks stay breaks.

    Refused with `clip_splits` where the camera's codec or size changes inside: `at` says when.
    """
    span = bounded(body.since, body.until, MOST)
    found = await recordings.export(look.hub.store, look.access, body.camera_id, span, body.stream)
    subject = Subject(body.camera_id, found.name, found.spans)
    order = Order(tuple(_source(look, one) for one in found.segments), to_ms(span[0]), to_ms(span[1]), found.name)
    async with aclosing(look.request.app[CLIPS].cut(subject, order)) as steps:
        async for told in steps:
            yield Progress(told.done, told.total) if isinstance(told, Step) else Done(_shown(look, told, found))


def _source(look: Look, one: Segment) -> Source:
    file = path_of(look.hub.settings.data_dir, Name(one.camera_id, one.stream, one.started_at))
    windows = tuple(((begin - one.started_at) / _MS, (end - one.started_at) / _MS) for begin, end in one.spans)
    return Source(str(file), to_ms(one.started_at), windows)


def _shown(look: Look, clip: Kept, found: Export) -> Clip:
    holds = KEPT // timedelta(seconds=1)
    ticket = look.request.app[TICKETS].make(found.audit_no, _thing(look, clip.id), look.actor.session_id, holds)
    return Clip(
        id=clip.id,
        name=_named(look, clip, found.name),
        url=f"/api/v1/clips/{clip.id}?ticket={ticket}",
        bytes=clip.bytes,
        since=clip.begins,
        until=clip.ends,
        segments=clip.segments,
        damaged=clip.damaged,
        gaps=tuple(Hole(one.since, one.until, one.cause or None) for one in found.missing),
        digest=clip.digest,
    )


def _thing(look: Look, identity: UUID) -> str:
    """What a clip's ticket is for. The purpose is in it: the row of the register names that one."""
    return f"clip {identity} {look.access.purpose.id}"


def _named(look: Look, clip: Kept, camera: str) -> str:
    plain = "".join(char if char.isalnum() or char in "-_." else "_" for char in camera)
    return f"{plain}-{clip.begins.astimezone(look.hub.store.tz):%Y%m%d-%H%M%S}.mp4"


@routes.get("/clips/{clip_id}", Permission.EXPORT, needs=Needs.PURPOSE, raw="video/mp4", seconds=sending.SECONDS + 60)
async def fetch(look: Look, clip_id: UUID, query: ClipTicket) -> web.StreamResponse:
    """A clip's file, for an hour, in the session and under the purpose that had it cut.

    Each fetch is in the register before, with the file's digest. Scope and consent are asked again before and while it
    is sent.
    """
    cut_no = look.request.app[TICKETS].check(query.ticket, _thing(look, clip_id), look.actor.session_id)
    clip = look.request.app[CLIPS].get(clip_id)

    async def ask(anew: Look) -> None:
        await recordings.still(anew.hub.store, anew.access, clip.of.camera_id, clip.of.spans)

    of, store = clip.of, look.hub.store
    await recordings.fetch(
        store, look.access, of.camera_id, of.spans, cut_no=cut_no, digest=clip.digest, size=clip.bytes
    )
    name = _named(look, clip, clip.of.name)
    headers = {
        "Content-Type": "video/mp4",
        "Content-Disposition": sending.attached(name, "clip.mp4"),
    }
    return await sending.send(look, Extract(clip.file, [Piece(0, clip.bytes)]), headers, ask)


async def keeping(app: web.Application) -> AsyncIterator[None]:
    """Look after clips and decoders for as long as the application serves."""
    sweeping = asyncio.create_task(app[CLIPS].run())
    yield
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)
    await app[DECODERS].close()
