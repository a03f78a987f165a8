"""A worker's endpoint fed by hand, and a relay that draws from it over a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from uuid import UUID

from uuid_utils.compat import uuid7

from camera_hub.live.endpoint import Endpoint, socket_of
from camera_hub.live.relay import Relay
from camera_hub.live.tap import Still, Tap
from camera_hub.stream.packet import StreamParams
from camera_hub.unixsocket import runtime_dir
from registry.model import Reason, State, Stream

H264 = StreamParams("h264", None, Fraction(1, 90_000), 0, 0)
HEVC = StreamParams("hevc", None, Fraction(1, 90_000), 0, 0)
STILL = Still(b"\xff\xd8picture", 160, 96, 0.0)


@dataclass
class Room:
    relay: Relay
    camera: UUID
    stream: Stream = "sub"
    endpoint: Endpoint = field(init=False)
    working: asyncio.Task[None] = field(init=False)

    @property
    def folder(self) -> Path:
        return self.relay.folder

    @property
    def tap(self) -> Tap:
        return self.endpoint.tap(self.camera, self.stream)

    def status(self, state: State, reason: Reason | None = None) -> None:
        self.endpoint.stand(self.camera, self.stream, state, reason)

    async def work(self) -> None:
        """A worker, or the next one after it was killed."""
        self.endpoint = Endpoint()
        self.working = asyncio.create_task(self.endpoint.listen(socket_of(self.folder, 0)))
        async with asyncio.timeout(10):
            while not await _answers(self.folder):
                await asyncio.sleep(0)

    async def kill(self) -> None:
        self.working.cancel()
        await asyncio.gather(self.working, return_exceptions=True)

    @property
    def links(self) -> int:
        return len(self.endpoint._links)


async def _answers(folder: Path) -> bool:
    try:
        _, writer = await asyncio.open_unix_connection(socket_of(folder, 0))
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


@asynccontextmanager
async def a_room(camera: UUID | None = None) -> AsyncIterator[Room]:
    """A worker that answers, for as long as the context lasts."""
    made = Room(Relay(runtime_dir(), 1), camera or uuid7())
    await made.work()
    try:
        yield made
    finally:
        await made.relay.close()
        await made.kill()
