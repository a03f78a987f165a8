"""New and changed events as they are stored, over a WebSocket.

Opening writes an audit row; how many events were sent, and of which cameras, is written when the socket closes and
every five minutes. Each event is asked for in the database (scope, consent, filters) before it is sent.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from aiohttp import web
from pydantic import TypeAdapter

from api.events import PAGING, ShownEvent, shown
from api.routing import Needs, Routes
from api.sockets import QUEUE, open_socket, require_websocket
from api.visitor import Look
from camera_hub.feed import Subscription
from camera_hub.hub import Hub
from registry import events
from registry.events import EventQuery
from registry.model import Event
from registry.permissions import Permission

routes = Routes("events")


@dataclass(frozen=True, slots=True)
class EventMessage:
    """An event was opened, updated or closed: the same id with a higher revision replaces."""

    type: Literal["event"]
    event: ShownEvent


_MESSAGE = TypeAdapter(EventMessage)


@routes.get(
    "/events/stream",
    Permission.SEE_EVENTS,
    needs=Needs.PURPOSE,
    raw="websocket",
    status=101,
    seconds=None,
    without=PAGING,
    errors=(426, 429),
)
async def watch(look: Look, query: EventQuery) -> web.StreamResponse:
    """Events as they happen, over a WebSocket; the filters of the search, without order, limit and cursor.

    The server sends {"type":"event","event":…}, {"type":"lost","count":…} and {"type":"ping"}. It closes with 4401 when
    the session ended, 4403 when the purpose did, 1001 when the hub stops.
    """
    require_websocket(look.request)
    return await open_socket(look, _Events(look.hub, query))


class _Events:
    """Stored events that a search would find."""

    permission = Permission.SEE_EVENTS

    def __init__(self, hub: Hub, query: EventQuery) -> None:
        self._hub = hub
        self._query = query
        self._audit_no = 0

    async def begin(self, look: Look) -> None:
        self._audit_no = await events.watching(self._hub.store, look.access, self._query)

    def listen(self) -> AbstractContextManager[Subscription[Event]]:
        return self._hub.feed.subscribe(QUEUE)

    async def message(self, look: Look, item: Event) -> tuple[str, UUID] | None:
        if not await events.visible(self._hub.store, look.access, item, self._query):
            return None
        text = _MESSAGE.dump_json(EventMessage("event", shown(item)), warnings="error").decode()
        return text, item.camera_id

    async def count(self, look: Look, cameras: list[UUID], count: int) -> None:
        await events.watched(self._hub.store, look.access, self._audit_no, cameras, count)
