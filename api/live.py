"""Live pictures: a camera's picture of now, and a WebSocket that carries all tiles of one viewer.

The client opens and closes tiles by JSON messages; the server answers with JSON and with binary frames: version (1),
tile, kind (1 initialisation, 2 frame, 3 JPEG), flags (bit 0: keyframe), then the payload. Opening a tile writes an
audit row before its first byte, closing it one with the seconds watched. Session, right, purpose, scope and consent
are asked again every few seconds: what no longer holds ends its tile, with the reason, or the socket.

Only the stream that is analysed is pulled, the sub-stream where there is one: `stream` in the answer says which it is,
whatever was asked for.
"""

from __future__ import annotations

import asyncio
import socket as sockets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import WSCloseCode, WSMsgType, web
from pydantic import Field, TypeAdapter, ValidationError

from api import auth
from api.routing import Needs, Routes
from api.sockets import GOODBYE, HEARTBEAT, PURPOSE_ENDED, SESSION_ENDED, Streams, require_websocket
from api.visitor import Look
from camera_hub.live.piece import Form, Kind, Line, Lost, Piece, Told, Why
from camera_hub.live.relay import Relay
from camera_hub.observe import log
from registry import live, permissions, viewings
from registry.errors import Conflict, Denied, HubError, NotSignedIn, TooMany, Unavailable
from registry.inputs import Input
from registry.live import Wanted, Watched
from registry.model import Stream
from registry.permissions import Permission
from registry.viewings import Ended

VERSION = 1
TILES = 25
"""Open tiles of one socket."""
OPS_PER_MINUTE = 300
"""Messages of a client; who sends more is cut off: each opening costs two rows of the register."""
MINUTE_S = 60.0
SEND_BUFFER = 256 * 1024
"""Bytes the kernel holds for a slow viewer: with its usual megabytes he would see pictures of a minute ago."""

routes = Routes("live")


class OpenTile(Input):
    """Show a camera in a tile; what the tile showed before ends."""

    op: Literal["open"]
    tile: int = Field(ge=0, le=255)
    camera: UUID
    stream: Stream = "sub"
    form: Form = "video"
    """`preview`: pictures, for a browser that plays no H.264."""


class CloseTile(Input):
    """Show nothing more in a tile."""

    op: Literal["close"]
    tile: int = Field(ge=0, le=255)


class Ping(Input):
    """Ask for the hub's clock; `t` comes back as it was given."""

    op: Literal["ping"]
    t: float = Field(allow_inf_nan=False)


Op = TypeAdapter[OpenTile | CloseTile | Ping](Annotated[OpenTile | CloseTile | Ping, Field(discriminator="op")])


@dataclass(frozen=True, slots=True)
class StateMessage:
    """How a tile's camera stands; `ended`: it may be shown no more, `reason` is the problem's code."""

    type: Literal["state"]
    tile: int
    state: str
    reason: str | None
    stream: Stream
    form: Form | None = None
    why: Why | None = None
    codec: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class ClockMessage:
    """The frame that follows reached the hub at `taken` (ms since 1970) and has media time `at` (s)."""

    type: Literal["clock"]
    tile: int
    taken: int
    at: float


@dataclass(frozen=True, slots=True)
class LostMessage:
    """`count` frames were left out because the viewer is slow."""

    type: Literal["lost"]
    tile: int
    count: int


@dataclass(frozen=True, slots=True)
class ErrorMessage:
    """A message was refused; `code` is a problem's code."""

    type: Literal["error"]
    tile: int | None
    code: str


@dataclass(frozen=True, slots=True)
class PongMessage:
    """The hub's clock (ms since 1970)."""

    type: Literal["pong"]
    t: float
    now: int


Message = StateMessage | ClockMessage | LostMessage | ErrorMessage | PongMessage
_MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two times of asking whether what is watched may still be watched."""

    recheck: float = 3.0


PACE = web.AppKey("live_pace", Pace)
SOCKETS = web.AppKey("live_sockets", Streams)


def _relay(look: Look) -> Relay:
    if look.hub.live is None:
        raise Conflict("this hub watches no cameras; ask the one that does", code="not_watching")
    return look.hub.live


@routes.get(
    "/cameras/{camera_id}/picture",
    Permission.WATCH_LIVE,
    needs=Needs.PURPOSE,
    raw="image/jpeg",
    errors=(409,),
)
async def picture(look: Look, camera_id: UUID) -> web.Response:
    """The camera's picture of now, masked. 409 `not_live` with state and reason, 503 when none comes in time."""
    watched = await live.one(look.hub.store, look.access, Wanted(camera_id, "sub", "picture"))
    sight = watched.sight
    jpeg = await _relay(look).picture(sight.camera_no, camera_id, sight.stream)
    return web.Response(body=jpeg, content_type="image/jpeg")


@routes.get(
    "/live",
    Permission.WATCH_LIVE,
    needs=Needs.PURPOSE,
    raw="websocket",
    status=101,
    seconds=None,
    errors=(409, 426, 429),
)
async def watch(look: Look) -> web.StreamResponse:
    """Live tiles over a WebSocket.

    The client sends {"op":"open","tile":0–255,"camera":id,"stream":"sub"|"main","form":"video"|"preview"},
    {"op":"close","tile":n} and {"op":"ping","t":number}. The server sends "state", "clock", "lost", "error" and "pong"
    messages and binary frames. It closes with 4401 when the session ended, 4403 when the purpose did, 1001 when the hub
    stops, 1008 when the client sends too much.
    """
    require_websocket(look.request)
    relay = _relay(look)
    app = look.request.app
    socket = web.WebSocketResponse(max_msg_size=1024, compress=False, heartbeat=HEARTBEAT, timeout=GOODBYE)
    app[SOCKETS].add(socket, look.actor.session_id or "")
    try:
        await socket.prepare(look.request)
        if look.request.transport is not None:
            kernel = look.request.transport.get_extra_info("socket")
            kernel.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, SEND_BUFFER)
        await Viewer(socket, look, relay, app[PACE]).run()
    finally:
        app[SOCKETS].discard(socket)
    return socket


@dataclass(slots=True)
class _Tile:
    watched: Watched
    task: asyncio.Task[None] = field(init=False)
    since: float = field(default_factory=time.monotonic)


class Viewer:
    """One open socket and its tiles."""

    def __init__(self, socket: web.WebSocketResponse, look: Look, relay: Relay, pace: Pace) -> None:
        self._socket = socket
        self._look = look
        self._relay = relay
        self._pace = pace
        self._tiles: dict[int, _Tile] = {}
        self._heard: list[float] = []
        self._why = "left"

    async def run(self) -> None:
        """Do what the client asks until it goes or the look is over; then write down how long each tile was watched."""
        checking = asyncio.create_task(self._root(self._check))
        try:
            async for message in self._socket:
                if not self._in_bounds():
                    await self._socket.close(code=WSCloseCode.POLICY_VIOLATION, message=b"too_many")
                    break
                await self._do(message.data if message.type is WSMsgType.TEXT else b"")
        except (HubError, ConnectionError):
            self._why = "unavailable"
            await self._socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=b"unavailable")
        finally:
            ending = asyncio.create_task(self._end(checking))
            try:
                await asyncio.shield(ending)
            except (
                asyncio.CancelledError
            ):  # the connection is gone, or the server stops: the seconds are written all the same
                await ending
                raise

    def _in_bounds(self) -> bool:
        now = time.monotonic()
        self._heard = [*(at for at in self._heard if now - at < MINUTE_S), now]
        return len(self._heard) <= OPS_PER_MINUTE

    async def _do(self, text: str | bytes) -> None:
        try:
            op = Op.validate_json(text, strict=False)
        except ValidationError:
            await self._send(ErrorMessage("error", None, "invalid"))
            return
        if isinstance(op, Ping):
            await self._send(PongMessage("pong", op.t, round(time.time() * 1000)))
        elif isinstance(op, CloseTile):
            await self._close(op.tile, "closed")
        else:
            try:
                await self._open(op)
            except Unavailable:
                raise
            except HubError as refused:
                await self._send(ErrorMessage("error", op.tile, refused.code))

    async def _open(self, op: OpenTile) -> None:
        await self._close(op.tile, "closed")
        if len(self._tiles) >= TILES:
            raise TooMany("close another tile first", retry_after_s=1, code="too_many_tiles")
        watched = await live.one(self._look.hub.store, self._look.access, Wanted(op.camera, op.stream, op.form))
        tile = _Tile(watched)
        self._tiles[op.tile] = tile
        tile.task = asyncio.create_task(self._root(lambda: self._show(op.tile, watched, op.form)))

    async def _close(self, number: int, why: str) -> None:
        tile = self._tiles.pop(number, None)
        if tile is None:
            return
        tile.task.cancel()
        await asyncio.gather(tile.task, return_exceptions=True)
        seconds = time.monotonic() - tile.since
        ended = Ended(
            tile.watched.viewing or 0, tile.watched.sight.camera_id, tile.watched.opened_at, round(seconds, 3), why
        )
        try:
            await viewings.end(self._look.hub.store, self._look.access, [ended])
        except HubError as error:
            log("api").error("look not counted", audit_no=tile.watched.audit_no, seconds=seconds, code=error.code)

    async def _end(self, checking: asyncio.Task[None]) -> None:
        checking.cancel()
        await asyncio.gather(checking, return_exceptions=True)
        for number in list(self._tiles):
            await self._close(number, self._why)

    async def _show(self, number: int, watched: Watched, form: Form) -> None:
        sight = watched.sight
        with self._relay.watch(sight.camera_no, sight.camera_id, sight.stream, form) as line:
            await self._hand_on(number, watched, line)

    async def _hand_on(self, number: int, watched: Watched, line: Line) -> None:
        while True:
            item = await line.get()
            if isinstance(item, Lost):
                await self._send(LostMessage("lost", number, item.count))
            elif item.kind is Kind.TOLD:
                await self._send(_state(number, watched, Told.read(item.data)))
            else:
                if item.taken and item.keyframe:
                    await self._send(ClockMessage("clock", number, round(item.taken * 1000), item.at))
                await self._socket.send_bytes(_frame(number, item))

    async def _check(self) -> None:
        """Ask again what the look rests on. Raises NotSignedIn or Denied when all of it is over."""
        while True:
            await asyncio.sleep(self._pace.recheck)
            look = await auth.again(self._look)
            permissions.allow(look.actor.user, Permission.WATCH_LIVE)
            if look.access.purpose.id != self._look.access.purpose.id:
                raise Denied("the session looks under another purpose now", code="purpose_closed")
            self._look = look
            shown = {number: tile.watched for number, tile in self._tiles.items()}
            asked = [(watched.sight.camera_id, watched.sight.stream) for watched in shown.values()]
            standing = await live.standing(look.hub.store, look.access, asked)
            for (number, watched), now in zip(shown.items(), standing, strict=True):
                tile = self._tiles.get(number)
                if isinstance(now, HubError) and tile is not None and tile.watched is watched:
                    await self._close(number, now.code)
                    await self._send(StateMessage("state", number, "ended", now.code, watched.sight.stream))

    async def _root(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run a part of the socket; what breaks it closes the socket and says why."""
        code: int = WSCloseCode.INTERNAL_ERROR
        message = "internal"
        try:
            await work()
        except NotSignedIn as gone:
            code, message = SESSION_ENDED, gone.code
        except Denied as denied:
            code, message = PURPOSE_ENDED, denied.code
        except (HubError, ConnectionError, TimeoutError):
            code, message = WSCloseCode.TRY_AGAIN_LATER, "unavailable"
        except Exception:  # noqa: BLE001 - task root: nobody awaits this for its result
            log("api").exception("live socket failed")
        self._why = message
        await self._socket.close(code=code, message=message.encode())

    async def _send(self, message: Message) -> None:
        await self._socket.send_str(_MESSAGE.dump_json(message, warnings="error").decode())


def _state(number: int, watched: Watched, told: Told) -> StateMessage:
    return StateMessage(
        type="state",
        tile=number,
        state=told.state.value,
        reason=told.reason.value if told.reason else None,
        stream=watched.sight.stream,
        form=told.form,
        why=told.why,
        codec=told.codec,
        width=told.width,
        height=told.height,
    )


def _frame(number: int, piece: Piece) -> bytes:
    return bytes((VERSION, number, piece.kind, int(piece.keyframe))) + piece.data
