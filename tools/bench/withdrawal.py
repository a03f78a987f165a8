"""How long a withdrawal takes: until no worker is connected to the camera, and until who watches sees nothing.

Ten cameras of householders, pulled by two workers, all of them in one viewer's wall; their consents are withdrawn one
after another. Stored things are refused from the same transaction on and are not timed here.
"""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import psutil

from camera_hub.demo.clip import Shape, encode, write
from camera_hub.demo.sample_server import Mount, SampleServer
from camera_hub.demo.scenes import SCENES, render
from registry import consents, withdrawals
from registry.model import ConsentScope, Kind
from registry.users import CONSOLE
from tools.bench.desk import Desk, add, bench_folder, desk, found_county
from tools.bench.report import Figure, Report, at_most, median

CAMERAS = 10
SHAPE = Shape(640, 360, 15, 150, 2.0)
LIMIT_S = 20.0
FRAME = 2


class Watching:
    """A viewer of all cameras: when each tile's last frame came, and which were told to be over."""

    def __init__(self) -> None:
        self.last: dict[int, float] = {}
        self.ended: dict[int, float] = {}

    async def run(self, at: Desk, ids: list[str]) -> None:
        """Watch until cancelled."""
        url, headers = at.socket("/live")
        async with aiohttp.ClientSession() as http, http.ws_connect(url, headers=headers, max_msg_size=0) as socket:
            tiles = [{"tile": number, "camera": one} for number, one in enumerate(ids)]
            await socket.send_json({"op": "show", "tiles": tiles})
            async for message in socket:
                now = time.monotonic()
                if message.type is aiohttp.WSMsgType.BINARY and message.data[2] == FRAME:
                    self.last[message.data[1]] = now
                elif message.type is aiohttp.WSMsgType.TEXT:
                    self.hear(json.loads(message.data), now)

    def hear(self, told: dict[str, Any], now: float) -> None:
        """A message of the hub's."""
        if told["type"] == "state" and told["state"] == "ended":
            self.ended.setdefault(told["tile"], now)


def _connected(port: int) -> int:
    """Connections of this process's children to the cameras' port."""
    workers = [one for one in psutil.Process().children() if "camera_hub.watch.worker" in one.cmdline()]
    links = [link for one in workers for link in one.net_connections("tcp")]
    return sum(
        link.raddr != () and link.raddr.port == port and link.status == psutil.CONN_ESTABLISHED for link in links
    )


async def _until(condition: Any, what: str, seconds: float = 120.0) -> float:
    """When the condition held first."""
    try:
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - other processes are asked
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise RuntimeError(f"not within {seconds:.0f} s: {what}") from None
    return time.monotonic()


async def _measure(folder: Path, urls: list[str], port: int) -> tuple[list[float], list[float], list[float]]:
    pulls, frames, told = [], [], []
    async with desk(folder, workers=2) as at:
        device = await found_county(at.hub)
        ids = [await add(at.hub, device, f"yard {n}", url, kind=Kind.CIVILIAN) for n, url in enumerate(urls)]
        scopes = frozenset({ConsentScope.EVENTS, ConsentScope.CLIP, ConsentScope.LIVE})
        given = consents.NewConsent(owner_name="Li", scopes=scopes)
        agreed = [(await consents.create(at.hub.store, UUID(one), given, CONSOLE)).id for one in ids]
        await at.sign_in()
        await _until(lambda: _connected(port) == CAMERAS, "every camera is pulled")
        viewer = Watching()
        watching = asyncio.create_task(viewer.run(at, ids))
        try:
            await _until(lambda: len(viewer.last) == CAMERAS, "every tile shows frames")
            for tile, consent in enumerate(agreed):
                left = CAMERAS - tile - 1
                began = time.monotonic()
                await withdrawals.withdraw(at.hub.store, consent, CONSOLE, at.hub.files_of)
                gone = await _until(lambda left=left: _connected(port) <= left, "the pull ends", LIMIT_S)
                await _until(lambda tile=tile: tile in viewer.ended, "the viewer is told", LIMIT_S)
                pulls.append(gone - began)
                frames.append(max(0.0, viewer.last[tile] - began))
                told.append(viewer.ended[tile] - began)
        finally:
            watching.cancel()
    return pulls, frames, told


def run(report: Report) -> None:
    """Measure and report."""
    with bench_folder() as name:
        folder = Path(name)
        path = folder / "yard.clip"
        scene = SCENES["road"]
        write(
            path,
            encode(render(scene, width=SHAPE.width, height=SHAPE.height, fps=SHAPE.fps), SHAPE),
            SHAPE,
            title=scene.title,
            rendered=True,
        )
        with SampleServer([Mount(f"/yard{number}", path) for number in range(CAMERAS)]) as server:
            urls = list(server.urls.values())
            port = int(urls[0].split(":")[2].split("/")[0])
            pulls, frames, told = asyncio.run(_measure(folder / "data", urls, port))
    note = f"{CAMERAS} withdrawals one after another, two workers, one viewer with all of them open"
    for what, runs in (
        ("no worker is connected to the camera", pulls),
        ("the last frame reaches a viewer", frames),
        ("his tile says so", told),
    ):
        report.add(median(f"withdrawal: until {what}", runs, "s", at_most(5.0), note=note))
        report.add(Figure(f"withdrawal: until {what}, the slowest", max(runs), "s", at_most(5.0), note=note))
