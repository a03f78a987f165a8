"""A served hub whose one worker is fed by hand, and clients that watch it over real WebSockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientWebSocketResponse, WSMsgType, web

from api.live import PACE
from api.viewer import Pace
from registry import audit
from registry.model import AuditRow, PurposeKind, Role, State
from registry.users import CONSOLE
from tests.camera_hub.live.room import H264, Room, a_room
from tests.camera_hub.live.test_fmp4 import UNITS, packets

from .conftest import Client, Serving, World

INIT, FRAME, JPEG = 1, 2, 3


@dataclass
class Wall:
    """A served hub whose one worker is fed by hand."""

    world: World
    room: Room

    async def viewer(self, role: Role = Role.MONITOR, purpose: PurposeKind | None = PurposeKind.PATROL) -> Client:
        return await self.world.client(role, purpose)

    def play(self, camera: str, *, masked: bool = False, count: int = 20) -> None:
        """The camera is live and sent so many packets."""
        self.room.camera = self.world.county.cameras[camera]
        self.room.status(State.LIVE)
        self.room.tap.begin(H264, masked=masked)
        for packet in packets(UNITS)[:count]:
            self.room.tap.packet(packet)

    def open(self, camera: str, tile: int = 0, **more: Any) -> dict[str, Any]:
        return {"op": "open", "tile": tile, "camera": str(self.world.county.cameras[camera]), **more}

    async def rows(self, action: str) -> list[AuditRow]:
        return [
            row
            for row in await audit.list_rows(self.world.hub.store, CONSOLE, audit.AuditQuery(action=action))
            if row.action == action
        ]


@asynccontextmanager
async def a_wall(serving: Serving, **settings: Any) -> AsyncIterator[Wall]:
    """A wall whose looks are asked for anew, and written down, at once."""

    def quick(app: web.Application) -> None:
        app[PACE] = Pace(recheck=0.05, flush=0.05)

    world = await serving(quick, **settings)
    async with a_room() as room:
        world.hub.live = room.relay
        yield Wall(world, room)
        world.hub.live = None


async def connect(client: Client, **more: Any) -> ClientWebSocketResponse:
    headers = {**client.headers, **more.pop("headers", {})}
    return await client.http.ws_connect(client.world.url("/api/v1/live"), headers=headers, **more)


async def said(socket: ClientWebSocketResponse, kind: str, **wanted: Any) -> dict[str, Any]:
    """The next JSON message of a kind with these values; everything else is passed over."""
    async with asyncio.timeout(10):
        while True:
            message = await socket.receive()
            if message.type is WSMsgType.BINARY:
                continue
            assert message.type is WSMsgType.TEXT, message
            heard: dict[str, Any] = json.loads(message.data)
            if heard["type"] == kind and all(heard[name] == value for name, value in wanted.items()):
                return heard


async def frame(socket: ClientWebSocketResponse, kind: int) -> bytes:
    """The next binary message of a kind."""
    async with asyncio.timeout(10):
        while True:
            message = await socket.receive()
            assert message.type in (WSMsgType.BINARY, WSMsgType.TEXT), message
            if message.type is WSMsgType.BINARY and message.data[2] == kind:
                return bytes(message.data)


async def closed(socket: ClientWebSocketResponse) -> int | None:
    async with asyncio.timeout(10):
        while (await socket.receive()).type not in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING):
            pass
    return socket.close_code


async def until_rows(wall: Wall, action: str, count: int) -> list[AuditRow]:
    async with asyncio.timeout(10):
        while len(rows := await wall.rows(action)) < count:
            await asyncio.sleep(0)
    return rows
