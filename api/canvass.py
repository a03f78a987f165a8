"""The canvass of a case: whom to ask for footage, and the requests that go to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from aiohttp import web
from pydantic import Field, StringConstraints

from api import askpaper, paper
from api.routing import Routes
from api.visitor import Call
from registry import canvass
from registry.canvass import Asked, Canvass, ClipRequest, Entry, EntryChange, NewClipRequest, NewEntry
from registry.inputs import Input
from registry.permissions import Permission

routes = Routes("canvass")


class Renew(Input):
    """For how many days the new link holds."""

    days: Annotated[int, Field(ge=1, le=90)] = 7


class Printed(Input):
    """The link's secret, as it was told when the request was made."""

    token: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{32}$")]


@dataclass(frozen=True, slots=True)
class ClipLink:
    """A request with its link, told this once: `text` is a message to send, `code` its QR code as SVG."""

    request: ClipRequest
    token: str
    address: str
    text: str
    code: str


@routes.get("/cases/{case_id}/canvass", Permission.WORK_CASES, errors=(409,))
async def look(call: Call, case_id: UUID) -> Canvass:
    """Whom to ask, what is overwritten next first; and cameras of others nearby that are not on the list yet."""
    return await canvass.look(call.hub.store, case_id, call.actor)


@routes.post("/cases/{case_id}/canvass", Permission.WORK_CASES)
async def add(call: Call, case_id: UUID, body: NewEntry) -> Entry:
    """Put somebody on the list."""
    return await canvass.add(call.hub.store, case_id, body, call.actor)


@routes.patch("/cases/{case_id}/canvass/{entry_id}", Permission.WORK_CASES)
async def change(call: Call, case_id: UUID, entry_id: UUID, body: EntryChange) -> Entry:
    """Write down what somebody said."""
    return await canvass.change(call.hub.store, case_id, entry_id, body, call.actor)


@routes.post("/cases/{case_id}/canvass/{entry_id}/requests", Permission.WORK_CASES)
async def ask(call: Call, case_id: UUID, entry_id: UUID, body: NewClipRequest) -> ClipLink:
    """Ask somebody for a camera's footage of a span. The link is told now and never again."""
    return _link(call, await canvass.ask(call.hub.store, case_id, entry_id, body, call.actor))


@routes.post("/cases/{case_id}/clip-requests/{clip_request_id}/renew", Permission.WORK_CASES, status=200)
async def renew(call: Call, case_id: UUID, clip_request_id: UUID, body: Renew) -> ClipLink:
    """A new link in place of the old one, which is void from now on."""
    return _link(call, await canvass.renew(call.hub.store, case_id, clip_request_id, body.days, call.actor))


@routes.post("/cases/{case_id}/clip-requests/{clip_request_id}/revoke", Permission.WORK_CASES, status=200)
async def revoke(call: Call, case_id: UUID, clip_request_id: UUID) -> ClipRequest:
    """Make a request's link void."""
    return await canvass.revoke(call.hub.store, case_id, clip_request_id, call.actor)


@routes.post(
    "/cases/{case_id}/clip-requests/{clip_request_id}/paper", Permission.WORK_CASES, status=200, raw="text/html"
)
async def printed(call: Call, case_id: UUID, clip_request_id: UUID, body: Printed) -> web.Response:
    """The request as a form to print, for whoever holds its link."""
    asked = await canvass.shown(call.hub.store, case_id, clip_request_id, body.token, call.actor)
    return paper.shown(askpaper.form(asked, paper.place_of(call)))


def _link(call: Call, asked: Asked) -> ClipLink:
    place = paper.place_of(call)
    address = askpaper.address(asked, place)
    return ClipLink(
        asked.request, asked.token, address, askpaper.message(asked, place), paper.code(address, alone=True)
    )
