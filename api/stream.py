"""New and changed events as they are stored, over a WebSocket.

Opening writes an audit row; how many events were sent, and of which cameras, is written when the socket closes and
every five minutes. Each event is asked for in the database (scope, consent, filters) before it is sent, and session,
permission and purpose are asked again every few seconds: a withdrawn consent, a closed purpose or a sign-out act on
open sockets, too.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from aiohttp import WSCloseCode, web
from pydantic import TypeAdapter

from api import auth
from api.events import PAGING, ShownEvent, shown
from api.routing import Needs, Routes
from api.visitor import Look
from camera_hub.feed import Lost, Subscription
from camera_hub.observe import log
from registry import events, permissions
from registry.errors import Denied, HubError, NotSignedIn, TooMany
from registry.events import EventQuery
from registry.permissions import Permission

SESSION_ENDED = 4401
PURPOSE_ENDED = 4403
QUEUE = 256
"""Events held for a slow client before the oldest are dropped and it is told `lost`."""
PER_SESSION = 16
GOODBYE = 2.0
"""Seconds a client gets to answer that the socket closes: the hub stops no slower for one that is gone."""
HEARTBEAT = 30.0
"""Seconds between WebSocket pings, which find out that a client is gone without a word."""
routes = Routes("events")


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between what a stream does by the clock, and how long a client may take to read a message."""

    ping: float = 20.0
    recheck: float = 5.0
    count: float = 300.0
    patience: float = 30.0


@dataclass(frozen=True, slots=True)
class EventMessage:
    """An event was opened, updated or closed: the same id with a higher revision replaces."""

    type: Literal["event"]
    event: ShownEvent


@dataclass(frozen=True, slots=True)
class LostMessage:
    """`count` events were not sent because the client reads too slowly: search again."""

    type: Literal["lost"]
    count: int


@dataclass(frozen=True, slots=True)
class PingMessage:
    """The stream is alive."""

    type: Literal["ping"]


class Streams:
    """The open sockets: bounded per session, and closed when the hub stops."""

    def __init__(self) -> None:
        self._open: dict[web.WebSocketResponse, str] = {}

    def add(self, socket: web.WebSocketResponse, session: str) -> None:
        """Count a socket in; TooMany when the session has too many."""
        if Counter(self._open.values())[session] >= PER_SESSION:
            raise TooMany("close another event stream first", retry_after_s=10, code="too_many_streams")
        self._open[socket] = session

    def discard(self, socket: web.WebSocketResponse) -> None:
        """Count a socket out."""
        self._open.pop(socket, None)

    async def close_all(self, _app: web.Application) -> None:
        """Tell every client that the hub goes away."""
        # One that is not prepared is counted in, but its handshake is not answered yet: nobody to tell.
        told = [socket for socket in self._open if socket.prepared]
        closing = (socket.close(code=WSCloseCode.GOING_AWAY, message=b"the hub stops") for socket in told)
        await asyncio.gather(*closing, return_exceptions=True)


STREAMS = web.AppKey("streams", Streams)
PACE = web.AppKey("pace", Pace)
Message = EventMessage | LostMessage | PingMessage
_MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)


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
    if not auth.is_websocket(look.request):
        raise web.HTTPUpgradeRequired(headers={"Upgrade": "websocket"}, reason="ask for a WebSocket")
    app = look.request.app
    socket = web.WebSocketResponse(max_msg_size=1024, compress=False, heartbeat=HEARTBEAT, timeout=GOODBYE)
    app[STREAMS].add(socket, look.actor.session_id or "")
    try:
        audit_no = await events.watching(look.hub.store, look.access, query)
        await socket.prepare(look.request)
        await Stream(socket, look, query, audit_no, app[PACE]).run()
    finally:
        app[STREAMS].discard(socket)
    return socket


class Stream:
    """One open socket and what it was told."""

    def __init__(self, socket: web.WebSocketResponse, look: Look, query: EventQuery, audit_no: int, pace: Pace) -> None:
        self._socket = socket
        self._look = look
        self._query = query
        self._audit_no = audit_no
        self._pace = pace
        self._sent = 0
        self._cameras: set[UUID] = set()

    async def run(self) -> None:
        """Send until the client goes or the look is over; then write down how many events it got."""
        sending = asyncio.create_task(self._send_all())
        try:
            async for _ in self._socket:
                pass  # a client has nothing to say; reading answers its pings and notices that it left
        finally:
            ending = asyncio.create_task(self._end(sending))
            try:
                await asyncio.shield(ending)
            except (
                asyncio.CancelledError
            ):  # the connection is gone, or the server stops: the count is written all the same
                await ending
                raise

    async def _end(self, sending: asyncio.Task[None]) -> None:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        try:
            await self._count()
        except HubError as error:
            log("api").error("stream not counted", audit_no=self._audit_no, count=self._sent, code=error.code)

    async def _send_all(self) -> None:
        code: int = WSCloseCode.OK
        message = ""
        try:
            with self._look.hub.feed.subscribe(QUEUE) as subscription:
                await self._follow(subscription)
        except NotSignedIn as gone:
            code, message = SESSION_ENDED, gone.code
        except Denied as denied:
            code, message = PURPOSE_ENDED, denied.code
        except (HubError, ConnectionError, TimeoutError):
            code, message = WSCloseCode.TRY_AGAIN_LATER, "unavailable"
        except Exception:  # noqa: BLE001 - task root: nobody awaits this for its result
            log("api").exception("event stream failed")
            code, message = WSCloseCode.INTERNAL_ERROR, "internal"
        await self._socket.close(code=code, message=message.encode())

    async def _follow(self, subscription: Subscription) -> None:
        clock = asyncio.get_running_loop().time
        chores = {self._ping: self._pace.ping, self._recheck: self._pace.recheck, self._count: self._pace.count}
        due = {chore: clock() + seconds for chore, seconds in chores.items()}
        while True:
            for chore, at in due.items():
                if clock() >= at:
                    await chore()
                    due[chore] = clock() + chores[chore]
            try:
                async with asyncio.timeout_at(min(due.values())):
                    item = await subscription.get()
            except TimeoutError:
                continue
            if isinstance(item, Lost):
                await self._send(LostMessage("lost", item.count))
            elif await events.visible(self._look.hub.store, self._look.access, item, self._query):
                await self._send(EventMessage("event", shown(item)))
                self._sent += 1
                self._cameras.add(item.camera_id)

    async def _send(self, message: Message) -> None:
        async with asyncio.timeout(self._pace.patience):
            await self._socket.send_str(_MESSAGE.dump_json(message, warnings="error").decode())

    async def _ping(self) -> None:
        await self._send(PingMessage("ping"))

    async def _recheck(self) -> None:
        """Ask again what opened the stream; NotSignedIn or Denied when it no longer holds."""
        look = await auth.again(self._look)
        permissions.allow(look.actor.user, Permission.SEE_EVENTS)
        if look.access.purpose.id != self._look.access.purpose.id:
            raise Denied("the session looks under another purpose now", code="purpose_closed")
        self._look = look

    async def _count(self) -> None:
        if self._sent:
            count, cameras = self._sent, sorted(self._cameras)
            await events.watched(self._look.hub.store, self._look.access, self._audit_no, cameras, count)
            # Only now, and what is written: a count that failed is tried again when the socket closes.
            self._sent, self._cameras = 0, set()
