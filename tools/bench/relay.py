"""What it costs to show live video: 16 viewers with a wall of 16 tiles each, 640x360 at 15 fps, over WebSockets.

CPU is what the kernel charged the hub and its workers, in windows with the viewers and in windows without them, the
pulls going on all the while; the difference is the relay's. The viewers are a process of their own; they count, for
each tile, the frames by the times the fragments carry, so that one left out is seen.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil

from camera_hub.demo.clip import Shape, encode, write
from camera_hub.demo.sample_server import Mount, SampleServer
from camera_hub.demo.scenes import SCENES, render
from tools.bench.desk import Desk, add, bench_folder, desk, found_county
from tools.bench.report import Figure, Report, at_most, median

VIEWERS, TILES = 16, 16
SHAPE = Shape(640, 360, 15, 300, 2.0)
WINDOWS, WINDOW_S = 3, 20.0
SETTLE_S = 10.0


def cpu_s(pids: list[int]) -> float:
    """Seconds of CPU the processes have used."""
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


async def _windows(pids: list[int]) -> list[float]:
    """Shares of a core the processes used, one for each window."""
    shares = []
    for _ in range(WINDOWS):
        before = cpu_s(pids)
        await asyncio.sleep(WINDOW_S)
        shares.append((cpu_s(pids) - before) / WINDOW_S)
    return shares


@asynccontextmanager
async def viewers(order: dict[str, Any]) -> AsyncIterator[asyncio.subprocess.Process]:
    """The viewers' process, once all of them see all their tiles."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tools.bench.viewers", stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=1 << 20
    )
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(order).encode() + b"\n")
        async with asyncio.timeout(120):
            assert (await process.stdout.readline()) == b"all see\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _measure(folder: Path, urls: list[str]) -> tuple[list[float], list[float], dict[str, Any]]:
    async with desk(folder, workers=1) as at:
        device = await found_county(at.hub)
        ids = [await add(at.hub, device, f"camera {number}", url) for number, url in enumerate(urls)]
        await at.sign_in()
        await _all_live(at, len(ids))
        children = psutil.Process().children()
        pids = [os.getpid(), *(one.pid for one in children if "camera_hub.watch.worker" in one.cmdline())]
        await asyncio.sleep(SETTLE_S)
        alone = await _windows(pids)
        url, headers = at.socket("/live")
        order = {"url": url, "headers": headers, "viewers": VIEWERS, "cameras": ids}
        async with viewers(order) as process:
            await asyncio.sleep(SETTLE_S)
            watched = await _windows(pids)
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.close()
            answer = json.loads(await process.stdout.readline())
        alone += await _windows(pids)
    return alone, watched, answer


async def _all_live(at: Desk, count: int) -> None:
    async with asyncio.timeout(120):
        while (await at.get("/health"))["cameras"].get("live", 0) < count:  # noqa: ASYNC110 - asked over HTTP
            await asyncio.sleep(0.2)


def run(report: Report) -> None:
    """Measure and report."""
    with bench_folder() as name:
        folder = Path(name)
        path = folder / "street.clip"
        scene = SCENES["road"]
        shown = render(scene, width=SHAPE.width, height=SHAPE.height, fps=SHAPE.fps)
        write(path, encode(shown, SHAPE), SHAPE, title=scene.title, rendered=True)
        with SampleServer([Mount(f"/camera{number}", path) for number in range(TILES)]) as server:
            alone, watched, answer = asyncio.run(_measure(folder / "data", list(server.urls.values())))
    base = statistics.median(alone)
    beyond = [100 * (share - base) for share in watched]
    note = (
        f"{VIEWERS} viewers of {TILES} tiles, 640x360@15, hub and workers; pulls alone {100 * base:.0f} % of a core; "
        f"{answer['frames']} frames in {answer['seconds']:.0f} s"
    )
    report.add(median("relay: CPU beyond pulling", beyond, "% of a core", at_most(10.0), note=note))
    lost = answer["missing"] + answer["lost"]
    report.add(Figure("relay: frames lost to viewers that keep up", lost, "frames", at_most(0), note=note))
