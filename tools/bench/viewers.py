"""The viewers of the relay's bench, a process of their own: order as a line of JSON on standard input, answer likewise.

Each opens a wall of all cameras with one message. A fragment's decode time says which frame it is; a hole between two
is a frame that was lost.
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp

DECODE_TIME_AT = 4 + 60
"""Where the 64 bits of `tfdt` stand in a message: after the tile's head, moof, mfhd, traf, tfhd and tfdt's own head."""
TICKS = 90_000
FPS = 15
INIT, FRAME = 1, 2


@dataclass(slots=True)
class Seen:
    """What came of one tile: frames, and how many were missing between them."""

    frames: int = 0
    missing: int = 0
    last: int | None = None

    def frame(self, at: int) -> None:
        """A frame of decode time `at`."""
        if self.last is not None:
            self.missing += max(0, round((at - self.last) * FPS / TICKS) - 1)
        self.last = at
        self.frames += 1


@dataclass(slots=True)
class Viewer:
    """One socket, its tiles, and what it was told was lost."""

    tiles: dict[int, Seen] = field(default_factory=dict)
    lost: int = 0

    async def watch(self, session: aiohttp.ClientSession, order: dict[str, Any]) -> None:
        """See all cameras until cancelled."""
        async with session.ws_connect(order["url"], headers=order["headers"], max_msg_size=0) as socket:
            tiles = [{"tile": number, "camera": camera} for number, camera in enumerate(order["cameras"])]
            await socket.send_json({"op": "show", "tiles": tiles})
            async for message in socket:
                if message.type is aiohttp.WSMsgType.BINARY:
                    self._hear(message.data)
                elif message.type is aiohttp.WSMsgType.TEXT and (told := json.loads(message.data))["type"] == "lost":
                    self.lost += told["count"]

    def _hear(self, data: bytes) -> None:
        if data[2] == INIT:
            self.tiles[data[1]] = Seen()
        elif data[2] == FRAME:
            (at,) = struct.unpack_from(">Q", data, DECODE_TIME_AT)
            self.tiles[data[1]].frame(at)


async def main() -> None:
    """Watch as ordered until standard input closes; then say what was seen."""
    loop = asyncio.get_running_loop()
    order = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    ended = loop.run_in_executor(None, sys.stdin.readline)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as session:
        viewers = [Viewer() for _ in range(order["viewers"])]
        watching = [asyncio.create_task(viewer.watch(session, order)) for viewer in viewers]
        begun = time.monotonic()
        wanted = order["viewers"] * len(order["cameras"])
        while sum(seen.frames > 0 for viewer in viewers for seen in viewer.tiles.values()) < wanted:
            for task in watching:
                if task.done():
                    task.result()
            await asyncio.sleep(0.1)
        sys.stdout.write("all see\n")
        sys.stdout.flush()
        await ended
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
    tiles = [seen for viewer in viewers for seen in viewer.tiles.values()]
    answer = {
        "seconds": time.monotonic() - begun,
        "frames": sum(seen.frames for seen in tiles),
        "missing": sum(seen.missing for seen in tiles),
        "lost": sum(viewer.lost for viewer in viewers),
    }
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
