"""What was sent in for a case: looked at, judged, and, once taken, played."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field

from api import sending
from api.clips import DECODERS
from api.routing import Needs, Routes
from api.tickets import TICKETS
from api.visitor import Call, Look
from camera_hub.recording.reading import Extract, Piece
from camera_hub.uploads import picture_name
from registry import uploads
from registry.errors import Conflict, NotFound
from registry.inputs import Input
from registry.permissions import Permission
from registry.uploads import CLOCK_PHOTO, Acceptance, NewClock, Refused, Upload, UploadState

EXAMINE_SECONDS = 60.0
TICKET_SECONDS = 1800
"""As long as a long clip is looked at, with pauses."""
_TYPES = {"mov": "video/mp4", "matroska": "video/webm"}

routes = Routes("uploads")


class FileTicket(Input):
    """The ticket of a file's address."""

    ticket: Annotated[str, Field(max_length=120)]


@dataclass(frozen=True, slots=True)
class Uploads:
    """What was sent in for a case, the newest first."""

    uploads: tuple[Upload, ...]


@dataclass(frozen=True, slots=True)
class UploadPicture:
    """A keyframe: `at_ms` of the file's own time."""

    at_ms: int
    url: str


@dataclass(frozen=True, slots=True)
class Opened:
    """An upload that is looked at, under a row of the register. `video` only of one that was taken and can be sent."""

    upload: Upload
    pictures: tuple[UploadPicture, ...]
    clock_photo: str | None
    video: str | None


@routes.get("/cases/{case_id}/uploads", Permission.WORK_CASES, errors=(409,))
async def list_uploads(call: Call, case_id: UUID) -> Uploads:
    """What was sent in for a case."""
    return Uploads(await uploads.list_uploads(call.hub.store, case_id, call.actor))


@routes.post(
    "/cases/{case_id}/uploads/{upload_id}/look",
    Permission.SEE_RECORDINGS,
    needs=Needs.PURPOSE,
    status=200,
    seconds=EXAMINE_SECONDS,
)
async def look(look: Look, case_id: UUID, upload_id: UUID) -> Opened:
    """Look at what was sent in: what a decoder makes of it, and its pictures. The file itself only once it is taken."""
    upload, audit_no = await uploads.look(look.hub.store, look.access, case_id, upload_id)
    upload = await look.hub.intake.examine(upload, look.request.app[DECODERS])
    found = upload.examined

    def url(name: str) -> str:
        ticket = look.request.app[TICKETS].make(
            audit_no, _thing(look, upload_id, name), look.actor.session_id, TICKET_SECONDS
        )
        return f"/api/v1/uploads/{upload_id}/{name}?ticket={ticket}"

    taken = upload.state is UploadState.ACCEPTED
    return Opened(
        upload,
        tuple(
            UploadPicture(at, url(f"pictures/{number}")) for number, at in enumerate(found.pictures if found else ())
        ),
        url("clock") if upload.has_clock_photo else None,
        url("video") if taken and found is not None and found.played else None,
    )


def _thing(look: Look, upload_id: UUID, name: str) -> str:
    return f"upload {upload_id}/{name} {look.access.purpose.id}"


@routes.get("/uploads/{sent_id}/pictures/{number}", Permission.SEE_RECORDINGS, needs=Needs.PURPOSE, raw="image/jpeg")
async def picture(
    look: Look, sent_id: UUID, number: Annotated[int, Field(ge=0, le=99)], query: FileTicket
) -> web.Response:
    """A keyframe that the decoder took."""
    return await _jpeg(look, sent_id, f"pictures/{number}", picture_name(number), query.ticket)


@routes.get("/uploads/{sent_id}/clock", Permission.SEE_RECORDINGS, needs=Needs.PURPOSE, raw="image/jpeg")
async def clock(look: Look, sent_id: UUID, query: FileTicket) -> web.Response:
    """The photograph of the camera's clock."""
    return await _jpeg(look, sent_id, "clock", CLOCK_PHOTO, query.ticket)


async def _jpeg(look: Look, sent_id: UUID, name: str, file: str, ticket: str) -> web.Response:
    look.request.app[TICKETS].check(ticket, _thing(look, sent_id, name), look.actor.session_id)
    await uploads.still(look.hub.store, look.access, sent_id)
    try:
        jpeg = await asyncio.to_thread(look.hub.intake.files.path(sent_id, file).read_bytes)
    except FileNotFoundError as gone:
        raise NotFound("there is no such picture", code="upload_missing") from gone
    headers = {"Cache-Control": "private, max-age=300"}
    return web.Response(body=jpeg, content_type="image/jpeg", headers=headers)


@routes.get(
    "/uploads/{sent_id}/video",
    Permission.SEE_RECORDINGS,
    needs=Needs.PURPOSE,
    raw=tuple(_TYPES.values()),
    seconds=sending.SECONDS + 60,
)
async def video(look: Look, sent_id: UUID, query: FileTicket) -> web.StreamResponse:
    """The file as it arrived, once it was taken, to be played. Its right is asked again while it is sent."""
    look.request.app[TICKETS].check(query.ticket, _thing(look, sent_id, "video"), look.actor.session_id)

    async def taken(anew: Look) -> Upload:
        upload = await uploads.still(anew.hub.store, anew.access, sent_id)
        if upload.state is not UploadState.ACCEPTED:
            raise Conflict("it was not taken", code="upload_state", state=upload.state.value)
        return upload

    upload = await taken(look)
    file = look.hub.intake.files.path(sent_id)
    if upload.examined is None or not file.is_file():
        raise NotFound("the file is not on this machine", code="upload_missing")
    headers = {
        "Content-Type": _TYPES.get(upload.examined.container, "application/octet-stream"),
        "Content-Disposition": sending.attached(upload.given_name, "upload"),
    }
    return await sending.send(look, Extract(file, [Piece(0, upload.bytes)]), headers, taken)


@routes.put("/cases/{case_id}/uploads/{upload_id}/clock", Permission.WORK_CASES)
async def read_clock(call: Call, case_id: UUID, upload_id: UUID, body: NewClock) -> Upload:
    """Write down what the camera's clock showed: how far it was off."""
    return await uploads.read_clock(call.hub.store, case_id, upload_id, body, call.actor)


@routes.post("/cases/{case_id}/uploads/{upload_id}/accept", Permission.MANAGE_CASES, status=200)
async def accept(call: Call, case_id: UUID, upload_id: UUID, body: Acceptance) -> Upload:
    """Take what was sent in: it is the case's footage from now on."""
    return await uploads.accept(call.hub.store, case_id, upload_id, body, call.actor)


@routes.post("/cases/{case_id}/uploads/{upload_id}/decline", Permission.MANAGE_CASES, status=200)
async def decline(call: Call, case_id: UUID, upload_id: UUID, body: Refused) -> Upload:
    """Refuse what was sent in: it is deleted at once, and whoever gave it finds the receipt on his link."""
    declined = await uploads.decline(call.hub.store, case_id, upload_id, body, call.actor)
    await call.hub.intake.purge(declined.id)
    return declined
