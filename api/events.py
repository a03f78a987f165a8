"""Events, searched, counted and looked at under a purpose; pictures under the ticket of the list that named them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal
from uuid import UUID

from aiohttp import web
from pydantic import Field

from api import eventsheet
from api.routing import Needs, Routes
from api.tickets import TICKETS
from api.visitor import Look
from camera_hub.hub import Hub
from registry import events
from registry.errors import NotFound
from registry.events import Bucket, EventQuery, NewMark
from registry.events.lookup import Picture
from registry.inputs import Input
from registry.model import Event
from registry.permissions import Permission

routes = Routes("events")
PAGING = ("order", "limit", "cursor")
"""Of a search, what makes no sense where there are no pages."""
EXPORT_SECONDS = 120.0
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
    """One page of a search; `next_cursor` is null on the last."""

    events: tuple[ShownEvent, ...]
    next_cursor: str | None


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
    return Page(tuple(listed), page.next_cursor)


@routes.get("/events/histogram", Permission.SEE_EVENTS, needs=Needs.PURPOSE, without=PAGING)
async def histogram(look: Look, query: HistogramQuery) -> Histogram:
    """Count the events of a search by local hour or day."""
    asked = EventQuery.model_validate(query.model_dump(exclude={"bucket"}, exclude_unset=True))
    return Histogram(await events.histogram(look.hub.store, look.access, asked, query.bucket))


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
