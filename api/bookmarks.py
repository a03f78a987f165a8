"""Bookmarks of a case: moments of cameras with the frame that was seen; never edited, only superseded."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, fields
from uuid import UUID

from aiohttp import web

from api.clips import DECODERS
from api.events import TicketQuery, covering, read_picture
from api.routing import Needs, Routes
from api.tickets import TICKETS
from api.visitor import Look
from camera_hub.bookmarking import Bookmarking
from registry import bookmarks
from registry.bookmarks import Bookmark, NewBookmark, NewVersion
from registry.inputs import Input
from registry.permissions import Permission

routes = Routes("bookmarks")
ADD_SECONDS = 25.0
"""A frame may take twelve to decode, and ten may pass until a decoder is free."""
_FIELDS = tuple(field.name for field in fields(Bookmark))


class BookmarksQuery(Input):
    """Which versions: those that count, or with `superseded` all, those that were taken back too."""

    superseded: bool = False


@dataclass(frozen=True, slots=True)
class ShownBookmark(Bookmark):
    """A bookmark with the address of its picture, null without one.

    From the case's list the address holds a ticket, good for five minutes in the same session; from elsewhere the look
    is written down by itself.
    """

    still_url: str | None


@dataclass(frozen=True, slots=True)
class Bookmarks:
    """A case's bookmarks, in order of their moments."""

    bookmarks: tuple[ShownBookmark, ...]


def shown(one: Bookmark, ticket: str | None = None) -> ShownBookmark:
    """The bookmark with its picture's address."""
    url = f"/api/v1/cases/{one.case_id}/bookmarks/{one.id}/still" if one.has_still else None
    if url is not None and ticket is not None:
        url += f"?ticket={ticket}"
    return ShownBookmark(**{name: getattr(one, name) for name in _FIELDS}, still_url=url)


@routes.get("/cases/{case_id}/bookmarks", Permission.WORK_CASES, needs=Needs.PURPOSE)
async def list_bookmarks(look: Look, case_id: UUID, query: BookmarksQuery) -> Bookmarks:
    """A case's bookmarks, looked at under the case itself."""
    listed = await bookmarks.list_bookmarks(look.hub.store, look.access, case_id, superseded=query.superseded)
    tickets, session = look.request.app[TICKETS], look.actor.session_id
    return Bookmarks(tuple(shown(one, tickets.make(listed.audit_no, one.id, session)) for one in listed.bookmarks))


@routes.post("/cases/{case_id}/bookmarks", Permission.WORK_CASES, needs=Needs.PURPOSE, seconds=ADD_SECONDS)
async def add(look: Look, case_id: UUID, body: NewBookmark) -> ShownBookmark:
    """Bookmark a moment of a camera, an event, or a moment of an upload the case took, with its picture.

    `still_why` says why there is none. What was recorded of a camera five minutes before and after is held for the
    case. 409 `upload_no_clock`: nobody read the upload's clock, so that nobody knows when its moments were.
    """
    hub = look.hub
    keeper = Bookmarking(hub.store, hub.media, look.request.app[DECODERS], hub.settings.data_dir, hub.node)
    return shown(await keeper.add(look.access, case_id, body))


@routes.post("/cases/{case_id}/bookmarks/{bookmark_id}/supersede", Permission.WORK_CASES, needs=Needs.PURPOSE)
async def supersede(look: Look, case_id: UUID, bookmark_id: UUID, body: NewVersion) -> ShownBookmark:
    """Put a new version in a bookmark's place; the old one stays. 409 `bookmark_superseded`: somebody was faster."""
    return shown(await bookmarks.supersede(look.hub.store, look.access, case_id, bookmark_id, body))


@routes.get(
    "/cases/{case_id}/bookmarks/{bookmark_id}/still", Permission.WORK_CASES, needs=Needs.PURPOSE, raw="image/jpeg"
)
async def still(look: Look, case_id: UUID, bookmark_id: UUID, query: TicketQuery) -> web.Response:
    """The picture of a bookmark, as JPEG; consent and masks are asked again."""
    audit_no = covering(look, query, bookmark_id)
    node, key = await bookmarks.still_of(look.hub.store, look.access, case_id, bookmark_id, audit_no=audit_no)
    return await asyncio.to_thread(read_picture, look.hub, node, key)
