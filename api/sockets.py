"""A WebSocket that hands on what happens, to one client under one lawful look, for as long as the look holds.

Session, permission and purpose are asked again every few seconds: a closed purpose or a sign-out acts on open sockets,
too. How much was handed on, and of which cameras, is written every few minutes and when the socket closes.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar
from uuid import UUID

from aiohttp import WSCloseCode, web
from pydantic import TypeAdapter

from api import auth
from api.visitor import Look
from camera_hub.feed import Lost, Subscription
from camera_hub.observe import log
from registry import permissions
from registry.errors import Denied, HubError, NotSignedIn, TooMany
from registry.permissions import Permission

SESSION_ENDED = 4401
PURPOSE_ENDED = 4403
QUEUE = 256
"""Items held for a slow client before the oldest are dropped and it is told `lost`."""
PER_SESSION = 16
GOODBYE = 2.0
"""Seconds a client gets to answer that the socket closes: the hub stops no slower for one that is gone."""
HEARTBEAT = 30.0
"""Seconds between WebSocket pings, which find out that a client is gone without a word."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between what a stream does by the clock, and how long a client may take to read a message."""

    ping: float = 20.0
    recheck: float = 5.0
    count: float = 300.0
    patience: float = 30.0


@dataclass(frozen=True, slots=True)
class LostMessage:
    """`count` items were not sent because the client reads too slowly: ask for the list again."""

    type: Literal["lost"]
    count: int


@dataclass(frozen=True, slots=True)
class PingMessage:
    """The stream is alive."""

    type: Literal["ping"]


_OWN: TypeAdapter[LostMessage | PingMessage] = TypeAdapter(LostMessage | PingMessage)


class Told(Protocol[T]):
    """What one sort of stream hands on."""

    permission: Permission

    async def begin(self, look: Look) -> None:
        """Put on record that somebody begins to listen."""
        ...

    def listen(self) -> AbstractContextManager[Subscription[T]]:
        """Everything that happens from now on."""
        ...

    async def message(self, look: Look, item: T) -> tuple[str, UUID] | None:
        """The item as JSON with the camera it is of; None when this client may not have it now."""
        ...

    async def count(self, look: Look, cameras: list[UUID], count: int) -> None:
        """Put on record that so many were handed on, of these cameras."""
        ...


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


class Stream(Generic[T]):
    """One open socket and what it was told."""

    def __init__(self, socket: web.WebSocketResponse, look: Look, told: Told[T], pace: Pace) -> None:
        self._socket = socket
        self._look = look
        self._told = told
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
            log("api").error("stream not counted", count=self._sent, code=error.code)

    async def _send_all(self) -> None:
        code: int = WSCloseCode.OK
        message = ""
        try:
            with self._told.listen() as subscription:
                await self._follow(subscription)
        except NotSignedIn as gone:
            code, message = SESSION_ENDED, gone.code
        except Denied as denied:
            code, message = PURPOSE_ENDED, denied.code
        except (HubError, ConnectionError, TimeoutError):
            code, message = WSCloseCode.TRY_AGAIN_LATER, "unavailable"
        except Exception:  # noqa: BLE001 - task root: nobody awaits this for its result
            log("api").exception("stream failed")
            code, message = WSCloseCode.INTERNAL_ERROR, "internal"
        await self._socket.close(code=code, message=message.encode())

    async def _follow(self, subscription: Subscription[T]) -> None:
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
                await self._send(_OWN.dump_json(LostMessage("lost", item.count)).decode())
            elif (message := await self._told.message(self._look, item)) is not None:
                text, camera_id = message
                await self._send(text)
                self._sent += 1
                self._cameras.add(camera_id)

    async def _send(self, text: str) -> None:
        async with asyncio.timeout(self._pace.patience):
            await self._socket.send_str(text)

    async def _ping(self) -> None:
        await self._send(_OWN.dump_json(PingMessage("ping")).decode())

    async def _recheck(self) -> None:
        """Ask again what opened the stream; NotSignedIn or Denied when it no longer holds."""
        look = await auth.again(self._look)
        permissions.allow(look.actor.user, self._told.permission)
        if look.access.purpose.id != self._look.access.purpose.id:
            raise Denied("the session looks under another purpose now", code="purpose_closed")
        self._look = look

    async def _count(self) -> None:
        if self._sent:
            count, cameras = self._sent, sorted(self._cameras)
            await self._told.count(self._look, cameras, count)
            # Only now, and what is written: a count that failed is tried again when the socket closes.
            self._sent, self._cameras = 0, set()


async def open_socket(look: Look, told: Told[T]) -> web.StreamResponse:
    """Answer a request for a WebSocket and hand on what is told until it closes. Raises TooMany."""
    app = look.request.app
    socket = web.WebSocketResponse(max_msg_size=1024, compress=False, heartbeat=HEARTBEAT, timeout=GOODBYE)
    app[STREAMS].add(socket, look.actor.session_id or "")
    try:
        await told.begin(look)
        try:
            await socket.prepare(look.request)
        except ConnectionResetError:
            return socket  # the client left while it was written down that it came: nobody is there to be told
        await Stream(socket, look, told, app[PACE]).run()
    finally:
        app[STREAMS].discard(socket)
    return socket


def require_websocket(request: web.Request) -> None:
    """Raise 426 for a request that does not ask to become a WebSocket."""
    if not auth.is_websocket(request):
        raise web.HTTPUpgradeRequired(headers={"Upgrade": "websocket"}, reason="ask for a WebSocket")
