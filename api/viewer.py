"""A viewer: one open socket and the tiles it shows.

What waits for all of them is written a few dozen times a second, in one turn, as long as the socket takes it: one that
is slow fills its lines and nothing else, and its link says what its tiles get. What it rests on is asked again every
few seconds. What he ceased to watch is written with what he opens next, within half a minute, or when he leaves.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiohttp import WSCloseCode, WSMsgType, web
from pydantic import ValidationError

from api import auth, tilewords
from api.sockets import PURPOSE_ENDED, SESSION_ENDED
from api.tile import Tile
from api.tilewords import TILES, CloseTile, ErrorMessage, Op, OpenTile, Ping, PongMessage, Shown, StateMessage
from api.visitor import Look
from camera_hub.live.link import Link
from camera_hub.live.relay import Relay
from camera_hub.observe import log
from registry import live, permissions, viewings
from registry.errors import Denied, HubError, NotSignedIn, Unavailable
from registry.live import Wanted
from registry.permissions import Permission
from registry.viewings import Ended

OPS_PER_MINUTE = 300
"""Messages of a client; who sends more is cut off: each opening costs rows of the register."""
MINUTE_S = 60.0
TURN_S = 0.04
"""Between two turns of writing: frames that come close together go out together."""
ROOM_BYTES = 64 * 1024
"""While more waits to be sent to the socket, nothing is added."""
ROOM_S = 0.02
MOST_SAID = 1000
"""Answers that wait for a client that asks and does not read; it is cut off then."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between two times of asking whether what is watched may still be watched, and of writing what ended."""

    recheck: float = 3.0
    flush: float = 30.0


class Viewer:
    """One open socket and its tiles."""

    def __init__(self, socket: web.WebSocketResponse, look: Look, relay: Relay, pace: Pace) -> None:
        self._socket = socket
        self._look = look
        self._relay = relay
        self._pace = pace
        self._tiles: dict[int, Tile] = {}
        self._link = Link()
        self._ready = asyncio.Event()
        self._said: deque[bytes] = deque()
        self._ended: list[Ended] = []
        self._flushed = time.monotonic()
        self._heard: deque[float] = deque()
        self._why = "left"

    async def run(self) -> None:
        """Do what the client asks until it goes or the look is over; then write down how long each tile was watched."""
        working = [asyncio.create_task(self._root(work)) for work in (self._check, self._hand_on)]
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
            ending = asyncio.create_task(self._end(working))
            try:
                await asyncio.shield(ending)
            except (
                asyncio.CancelledError
            ):  # the connection is gone, or the server stops: the seconds are written all the same
                await ending
                raise

    def _in_bounds(self) -> bool:
        now = time.monotonic()
        while self._heard and now - self._heard[0] >= MINUTE_S:
            self._heard.popleft()
        self._heard.append(now)
        return len(self._heard) <= OPS_PER_MINUTE and len(self._said) <= MOST_SAID

    async def _do(self, text: str | bytes) -> None:
        try:
            op = Op.validate_json(text, strict=False)
        except ValidationError:
            self._say(ErrorMessage("error", None, "invalid"))
            return
        if isinstance(op, Ping):
            self._say(PongMessage("pong", op.t, round(time.time() * 1000)))
        elif isinstance(op, CloseTile):
            self._link.forget(op.tile)
            self._close(op.tile, "closed")
        else:
            await self._open([op] if isinstance(op, OpenTile) else op.tiles)

    async def _open(self, shown: Sequence[Shown]) -> None:
        for one in shown:
            self._close(one.tile, "closed")
        room = TILES - len(self._tiles)
        for one in shown[room:]:
            self._say(ErrorMessage("error", one.tile, "too_many_tiles"))
        wanted = [Wanted(one.camera, one.stream, one.form) for one in shown[:room]]
        if not wanted:
            return
        ended, self._ended = self._ended, []
        hub = self._look.hub
        try:
            found = await live.open(hub.store, self._look.access, wanted, node=hub.node, ended=ended)
        except Unavailable:
            self._ended = ended + self._ended
            raise
        except HubError as refused:
            self._ended = ended + self._ended
            for one in shown[:room]:
                self._say(ErrorMessage("error", one.tile, refused.code))
            return
        for one, watched in zip(shown[:room], found, strict=True):
            if isinstance(watched, HubError):
                self._say(ErrorMessage("error", one.tile, watched.code))
                continue
            step = self._link.step(one.tile)
            tile = Tile(one, watched, self._relay, ready=self._ready, step=step)
            self._tiles[one.tile] = tile
            hub.viewings.add(tile.viewing)

    def _close(self, number: int, why: str) -> None:
        tile = self._tiles.pop(number, None)
        if tile is None:
            return
        tile.close()
        self._look.hub.viewings.discard(tile.viewing)
        self._ended.append(tile.ended(why))

    async def _end(self, working: Sequence[asyncio.Task[None]]) -> None:
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        for number in list(self._tiles):
            self._close(number, self._why)
        try:
            await self._flush()
        except HubError as error:
            seconds = sum(one.seconds for one in self._ended)
            log("api").error("looks not counted", count=len(self._ended), seconds=seconds, code=error.code)

    async def _flush(self) -> None:
        self._flushed = time.monotonic()
        ended, self._ended = self._ended, []
        try:
            await viewings.end(self._look.hub.store, self._look.access, ended)
        except HubError:
            self._ended = ended + self._ended
            raise

    async def _hand_on(self) -> None:
        """Write what waits, a turn at a time."""
        transport = self._look.request.transport
        turn = 0
        while transport is not None:
            await self._ready.wait()
            while transport.get_write_buffer_size() > ROOM_BYTES:  # noqa: ASYNC110 - a transport has no event for it
                await asyncio.sleep(ROOM_S)
            if transport.is_closing() or self._socket.closed:
                return
            self._ready.clear()
            turn += 1
            if out := self._turn(turn):
                transport.writelines(out)
            await asyncio.sleep(TURN_S)

    def _turn(self, turn: int) -> list[bytes]:
        """What all tiles have to say, and each tile's step by how that went. Another tile begins each time."""
        out: list[bytes] = []
        while self._said:
            out.append(self._said.popleft())
        numbers = sorted(self._tiles)
        at = turn % len(numbers) if numbers else 0
        for number in (*numbers[at:], *numbers[:at]):
            waited, lagged = self._tiles[number].collect(out)
            self._link.sent(waited)
            if lagged:
                self._step(self._link.lagged(number))
        self._step(self._link.rise())
        return out

    def _step(self, changed: Sequence[int]) -> None:
        for number in changed:
            if number in self._tiles and (said := self._tiles[number].pace(self._link.step(number))):
                self._said.append(said)
                self._ready.set()

    async def _check(self) -> None:
        """Ask again what the look rests on. Raises NotSignedIn or Denied when all of it is over."""
        while True:
            await asyncio.sleep(self._pace.recheck)
            look = await auth.again(self._look)
            permissions.allow(look.actor.user, Permission.WATCH_LIVE)
            if look.access.purpose.id != self._look.access.purpose.id:
                raise Denied("the session looks under another purpose now", code="purpose_closed")
            self._look = look
            shown = list(self._tiles.values())
            asked = [(tile.sight.camera_id, tile.asked.stream) for tile in shown]
            standing = await live.standing(look.hub.store, look.access, asked)
            for tile, now in zip(shown, standing, strict=True):
                if self._tiles.get(tile.asked.tile) is not tile:
                    continue
                if isinstance(now, HubError):
                    self._close(tile.asked.tile, now.code)
                    self._say(StateMessage("state", tile.asked.tile, "ended", now.code, tile.sight.stream))
                else:
                    tile.see(now)
            if self._ended and time.monotonic() - self._flushed >= self._pace.flush:
                await self._flush()

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
        else:
            return
        self._why = message
        await self._socket.close(code=code, message=message.encode())

    def _say(self, message: tilewords.Message) -> None:
        self._said.append(tilewords.text(message))
        self._ready.set()
