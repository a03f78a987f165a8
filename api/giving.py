"""To send in clips one was asked for: by a link, without an account, piece by piece, going on after each break."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from aiohttp import web
from limits import RateLimitItem, parse
from limits.strategies import MovingWindowRateLimiter
from pydantic import Field, StringConstraints

from api import links
from api.clips import DECODERS
from api.routing import Door, Routes
from api.visitor import Visitor
from camera_hub.uploads import Progress
from registry import uploads
from registry.inputs import Input
from registry.uploads import Giving, NewUpload

HEADER = "X-Clip-Link"
RATES = (parse("60/minute"), parse("600/hour"))
PIECES = (parse("3000/minute"),)
"""Of one address. A piece is half a megabyte: 25 MB/s, more than any line here has."""
PIECE_BYTES = 2**19
"""What the page sends at once: what a break costs, 4 s at 1 Mbit/s."""
FINISH_SECONDS = 300.0
"""5 GB are read again from a slow disk, to be digested."""
PHOTO_WIDTH = 1600
ASKED = web.AppKey("giving_asked", MovingWindowRateLimiter)
_ERRORS = (404, 409, 429)

routes = Routes("giving")


class PieceQuery(Input):
    """Where the piece belongs: it must be where the file ends."""

    offset: Annotated[int, Field(ge=0, le=2**40)]


class Finish(Input):
    """The digest of the file as its sender has it, as hex."""

    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True)
class Sending:
    """A link's request and, by id, how far each file that is being sent on it came; `contact` is whom to call."""

    giving: Giving
    offsets: dict[UUID, int]
    most_bytes: int
    piece_bytes: int
    contact: str


@dataclass(frozen=True, slots=True)
class Came:
    """How far a file came."""

    id: UUID
    offset: int


def _token(visitor: Visitor, rates: tuple[RateLimitItem, ...] = RATES) -> str:
    return links.secret(visitor, HEADER, ASKED, rates)


def _sending(visitor: Visitor, now: Progress) -> Sending:
    return Sending(now.giving, dict(now.offsets), now.most_bytes, PIECE_BYTES, visitor.hub.settings.contact)


@routes.get("/giving", Door.OPEN, errors=_ERRORS)
async def view(visitor: Visitor) -> Sending:
    """What is asked for, how far its files came, and what became of them."""
    return _sending(visitor, await visitor.hub.intake.view(_token(visitor), visitor.address))


@routes.post("/giving/files", Door.OPEN, status=200, errors=_ERRORS)
async def begin(visitor: Visitor, body: NewUpload) -> Came:
    """Say what is sent, and by whom: from then on its pieces are taken. The same file goes on where it was.

    409 `upload_many`: as many were begun as a link takes.
    """
    return Came(*await visitor.hub.intake.begin(_token(visitor), body, visitor.address))


@routes.patch("/giving/files/{sent_id}", Door.OPEN, errors=_ERRORS)
async def piece(visitor: Visitor, sent_id: UUID, query: PieceQuery, body: bytes) -> Came:
    """Add a piece; it is on the disk before this is answered. Refused with `upload_offset` where it does not belong."""
    return Came(sent_id, await visitor.hub.intake.write(_token(visitor, PIECES), sent_id, query.offset, body))


@routes.delete("/giving/files/{sent_id}", Door.OPEN, errors=_ERRORS)
async def give_up(visitor: Visitor, sent_id: UUID) -> Sending:
    """Forget a file that is half sent, so that another may be."""
    return _sending(visitor, await visitor.hub.intake.give_up(_token(visitor), sent_id, visitor.address))


@routes.post("/giving/files/{sent_id}/finish", Door.OPEN, status=200, seconds=FINISH_SECONDS, errors=_ERRORS)
async def finish(visitor: Visitor, sent_id: UUID, body: Finish) -> Sending:
    """All of a file was sent: it is compared byte by byte through its digest. 409 `upload_twice`: it came before."""
    return _sending(visitor, await visitor.hub.intake.finish(_token(visitor), sent_id, body.sha256, visitor.address))


@routes.put("/giving/files/{sent_id}/clock", Door.OPEN, errors=_ERRORS)
async def clock(visitor: Visitor, sent_id: UUID, body: bytes) -> Sending:
    """A photograph of the camera's clock beside a telephone's: a JPEG or PNG, which is made anew before it is kept."""
    token = _token(visitor)
    await uploads.open_upload(visitor.hub.store, token, sent_id)
    picture = await visitor.request.app[DECODERS].image(body, PHOTO_WIDTH)
    return _sending(visitor, await visitor.hub.intake.photo(token, sent_id, picture, visitor.address))
