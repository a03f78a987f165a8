"""A thousand registered cameras, 960 of them dead: how soon the 40 live ones are live, and how the API answers.

A third of the dead refuse the connection, a third let it time out, a third accept it and never say a word.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from camera_hub.demo import clip, scenes
from camera_hub.demo.sample_server import Mount, SampleServer
from tools.bench.desk import Desk, add, bench_folder, desk, found_county
from tools.bench.report import Report, at_most, median

LIVE, DEAD = 40, 960
RUNS = 3
WITHIN_S = 60.0


@contextmanager
def silent_ports() -> Iterator[tuple[int, int]]:
    """A port where connecting times out (its queue is full), and one that accepts and says nothing."""
    with socket.socket() as full, socket.socket() as mute:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)  # noqa: FBT003 - the socket's own way
            filler.connect_ex(full.getsockname())
        mute.bind(("127.0.0.1", 0))
        mute.listen(2000)
        try:
            yield full.getsockname()[1], mute.getsockname()[1]
        finally:
            for filler in fillers:
                filler.close()


async def _register(folder: Path, urls: list[str]) -> None:
    async with desk(folder, watch=False) as at:
        device = await found_county(at.hub)
        for number, url in enumerate(urls):
            await add(at.hub, device, f"camera {number}", url)


async def _live(at: Desk) -> int:
    health = await at.get("/health")
    return int(health["cameras"].get("live", 0))


async def _once(folder: Path) -> tuple[float, float]:
    """Seconds until all live cameras are live, and the slowest answer of the page's list meanwhile."""
    began = time.monotonic()
    slowest = 0.0
    async with desk(folder) as at:
        await at.sign_in()
        while await _live(at) < LIVE:
            asked = time.monotonic()
            if asked - began > WITHIN_S:
                raise TimeoutError(f"{await _live(at)} of {LIVE} cameras live after {WITHIN_S:.0f} s")
            listed = await at.get("/cameras")
            slowest = max(slowest, time.monotonic() - asked)
            if len(listed["cameras"]) != LIVE + DEAD:
                raise RuntimeError(f"the list shows {len(listed['cameras'])} cameras")
            await asyncio.sleep(0.2)
        return time.monotonic() - began, slowest


def run(report: Report) -> None:
    """Measure and report."""
    with bench_folder() as name, silent_ports() as (full, mute):
        folder = Path(name)
        shape = clip.Shape(640, 360, 15, 300)
        path = folder / "road.clip"
        pictures = scenes.render(next(iter(scenes.SCENES.values())), width=640, height=360, fps=15)
        clip.write(path, clip.encode(pictures, shape), shape, title="rendered", rendered=True)
        with SampleServer([Mount(f"/{n}", path) for n in range(LIVE)]) as server:
            live = list(server.urls.values())
            dead = [f"rtsp://127.0.0.1:{(1, full, mute)[n % 3]}/{n}" for n in range(DEAD)]
            every = DEAD // LIVE
            urls = [url for n, one in enumerate(live) for url in (*dead[n * every : (n + 1) * every], one)]
            asyncio.run(_register(folder / "data", urls))
            runs = [asyncio.run(_once(folder / "data")) for _ in range(RUNS)]
    note = f"{LIVE + DEAD} registered, {DEAD} dead (refused, timed out, silent)"
    report.add(median("40 live cameras live after start", [one for one, _ in runs], "s", at_most(20), note=note))
    report.add(median("slowest camera list over HTTP meanwhile", [two for _, two in runs], "s", at_most(3), note=note))
