"""Events, searched, counted and looked at under a purpose; pictures under the ticket of the list that named them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from pydantic import Field

from api import eventsheet
from api.routing import Needs, Routes
from api.stills import MEDIA
from api.tickets import TICKETS
from api.visitor import Look
from camera_hub.hub import Hub
from camera_hub.media import smaller
from camera_hub.recall.stills.sheet import Cell, What, packed
from registry import events
from registry.errors import NotFound
from registry.events import Bucket, EventQuery, NewMark
from registry.events.lookup import Picture
from registry.inputs import Input
from registry.model import Event, LeftOut
from registry.permissions import Permission
from registry.watched import Watched, of_search

routes = Routes("events")
PAGING = ("order", "limit", "cursor")
"""Of a search, what makes no sense where there are no pages."""
EXPORT_SECONDS = 120.0
AT_A_TIME = 25
"""So many pictures are made small before the thread is free for others again; a request never has two."""
TRIES = 2
"""A better picture replaces the file between our reading its key and opening it: then the new one is sent."""
_FIELDS = tuple(field.name for field in fields(Event))


@dataclass(frozen=True, slots=True)
class ShownEvent(Event):
    """An event with the addresses of its pictures, null without: the best of what is analysed, and one of full size.

    From a list the address holds a ticket, good for five minutes in the same session: the list's look covers it. From
    elsewhere the look is written down by itself. The purpose is asked either way.
    """

    snapshot_url: str | None
    still_url: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search, of what began in [since, until); `next_cursor` is null on the last.

    `left_out` says what was asked for by name and is left out: places, cameras, times beyond the purpose's reach, or
    cameras near minors, for which its reason is too short.
    """

    events: tuple[ShownEvent, ...]
    next_cursor: str | None
    since: datetime
    until: datetime
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts by time, in local hours or days; empty ones are left out."""

    buckets: tuple[Bucket, ...]


class HistogramQuery(EventQuery):
    """A search, counted by hour or day."""

    bucket: Literal["hour", "day"] = "day"


class ExportQuery(EventQuery):
    """A search, as a file."""

    format: eventsheet.Form = "xlsx"
    language: eventsheet.Language = "zh"


class TicketQuery(Input):
    """The ticket of a picture's address; without one, the look is written down by itself."""

    ticket: str | None = Field(None, max_length=120)


class PicturesQuery(Input):
    """Whose pictures, at most 200 at once, and how wide."""

    event_ids: Annotated[tuple[UUID, ...], Field(min_length=1, max_length=200)]
    width: Annotated[int, Field(ge=32, le=640)] = 320


def shown(event: Event, ticket: str | None = None) -> ShownEvent:
    """The event with its pictures' addresses: with a list's ticket, or to be read under the purpose by themselves."""
    under = "" if ticket is None else f"?ticket={ticket}"
    snapshot = f"/api/v1/events/{event.id}/snapshot{under}" if event.has_snapshot else None
    still = f"/api/v1/events/{event.id}/still{under}" if event.has_still else None
    fields = {name: getattr(event, name) for name in _FIELDS}
    return ShownEvent(**fields, snapshot_url=snapshot, still_url=still)


@routes.get("/events", Permission.SEE_EVENTS, needs=Needs.PURPOSE)
async def search(look: Look, query: EventQuery) -> Page:
    """Search events by place, camera, kind, label, rule, score, time, hours of the night, and distance.

    Always bounded in time: the last 30 days unless `since` and `until` say otherwise.
    """
    page = await events.search(look.hub.store, look.access, query)
    tickets, session = look.request.app[TICKETS], look.actor.session_id
    listed = (shown(event, tickets.make(page.audit_no, event.id, session)) for event in page.events)
    return Page(tuple(listed), page.next_cursor, page.since, page.until, page.left_out)


@routes.get("/events/histogram", Permission.SEE_EVENTS, needs=Needs.PURPOSE, without=PAGING)
async def histogram(look: Look, query: HistogramQuery) -> Histogram:
    """Count the events of a search by local hour or day."""
    asked = EventQuery.model_validate(query.model_dump(exclude={"bucket"}, exclude_unset=True))
    return Histogram(await events.histogram(look.hub.store, look.access, asked, query.bucket))


@routes.get("/events/watched", Permission.SEE_EVENTS, needs=Needs.PURPOSE, without=PAGING, costly=True)
async def watched(look: Look, query: EventQuery) -> Watched:
    """How much of a search was watched: what is not found may have passed while a camera was down, or had no rule.

    Told of at most 500 cameras and 31 days; `cameras` says how many the search is about.
    """
    return await of_search(look.hub.store, look.access, query)


@routes.get(
    "/events/export",
    Permission.EXPORT,
    needs=Needs.PURPOSE,
    raw=eventsheet.TYPES.values(),
    seconds=EXPORT_SECONDS,
    without=("limit", "cursor"),
)
async def export(look: Look, query: ExportQuery) -> web.Response:
    """The events of a search as a table: CSV (UTF-8 with BOM) or XLSX, at most 10,000 rows, times as on the page.

    The headers X-Rows and X-Cut say how many there are and whether there were more; a cut table says so itself.
    """
    asked = EventQuery.model_validate(query.model_dump(exclude={"format", "language"}, exclude_unset=True))
    exported = await events.export(look.hub.store, look.access, asked, query.format)
    sheet = eventsheet.Sheet(exported, look.hub.store.tz, query.language)
    return web.Response(
        body=await asyncio.to_thread(sheet.write, query.format),
        content_type=eventsheet.TYPES[query.format],
        headers={
            "Content-Disposition": f'attachment; filename="{sheet.name(look.hub.store.clock())}.{query.format}"',
            "X-Rows": str(len(exported.events)),
            "X-Cut": "true" if exported.cut else "false",
        },
    )


@routes.put("/events/{event_id}/mark", Permission.SEE_EVENTS, needs=Needs.PURPOSE)
async def mark(look: Look, event_id: UUID, body: NewMark) -> ShownEvent:
    """Say that an event is useful or false, with a note; whoever watches the events sees it at once."""
    marked = await events.mark(look.hub.store, look.access, event_id, body)
    look.hub.feed.publish([marked])
    return shown(marked)


@routes.get("/events/{event_id}", Permission.SEE_EVENTS, needs=Needs.PURPOSE)
async def get(look: Look, event_id: UUID) -> ShownEvent:
    """One event."""
    return shown(await events.get(look.hub.store, look.access, event_id))


@routes.get("/events/{event_id}/snapshot", Permission.SEE_EVENTS, needs=Needs.PURPOSE, raw="image/jpeg")
async def snapshot(look: Look, event_id: UUID, query: TicketQuery) -> web.Response:
    """The event's best picture, as JPEG; the box is not drawn into it.

    Consent is asked again when the picture is read, ticket or not.
    """
    return await _picture(look, event_id, query, "snapshot")


@routes.get("/events/{event_id}/still", Permission.SEE_EVENTS, needs=Needs.PURPOSE, raw="image/jpeg")
async def still(look: Look, event_id: UUID, query: TicketQuery) -> web.Response:
    """The event's full-size picture, from the camera's main stream, taken at `still_at`; rules as for its snapshot."""
    return await _picture(look, event_id, query, "still")


@routes.post("/events/pictures", Permission.SEE_EVENTS, needs=Needs.PURPOSE, raw=MEDIA, status=200, costly=True)
async def pictures(look: Look, body: PicturesQuery) -> web.Response:
    """Small copies of many events' best pictures as one sheet of JPEG, in the order asked for; one look, on record.

    Of what may not be seen, or has no picture, the sheet says that there is none.
    """
    asked = await events.snapshots_of(look.hub.store, look.access, body.event_ids)
    parts = [
        await asyncio.to_thread(_small, look.hub, begin, asked[begin : begin + AT_A_TIME], body.width)
        for begin in range(0, len(asked), AT_A_TIME)
    ]
    return web.Response(body=b"".join(parts), content_type=MEDIA, headers={"Cache-Control": "no-store"})


def _small(hub: Hub, begin: int, asked: Sequence[tuple[str, str] | None], width: int) -> bytes:
    """A piece of a sheet, whose first picture has the place `begin`; blocking."""

    def cell(place: int, found: tuple[str, str] | None) -> Cell:
        if found is None:
            return Cell(place, What.NONE)
        node, key = found
        jpeg = _read(hub.media.path(key)) if node == hub.node else None
        return Cell(place, What.UNREAD) if jpeg is None else Cell(place, What.PICTURE, data=smaller(jpeg, width))

    return packed(cell(place, found) for place, found in enumerate(asked, begin))


def covering(look: Look, query: TicketQuery, thing: UUID) -> int | None:
    """The row of the register that covers a picture whose address holds a ticket. Raises Denied for a false one."""
    if query.ticket is None:
        return None
    return look.request.app[TICKETS].check(query.ticket, thing, look.actor.session_id)


async def _picture(look: Look, event_id: UUID, query: TicketQuery, picture: Picture) -> web.Response:
    audit_no = covering(look, query, event_id)
    for _ in range(TRIES):
        node, key = await events.snapshot_of(look.hub.store, look.access, event_id, picture=picture, audit_no=audit_no)
        jpeg = await asyncio.to_thread(_read, look.hub.media.path(key)) if node == look.hub.node else None
        if jpeg is not None:
            return web.Response(body=jpeg, content_type="image/jpeg")
    raise NotFound("the picture is gone; the event stays", code="snapshot_missing")


def read_picture(hub: Hub, node: str, key: str) -> web.Response:
    """A picture that a row names, as the answer; blocking. Raises NotFound when its file is gone or elsewhere."""
    jpeg = _read(hub.media.path(key)) if node == hub.node else None
    if jpeg is None:
        raise NotFound("the picture is gone; what it was of stays", code="snapshot_missing")
    return web.Response(body=jpeg, content_type="image/jpeg")


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
