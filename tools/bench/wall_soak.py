"""A wall of 16 tiles for twenty minutes and more, while a quarter of its cameras go away and come back each minute.

Memory is the browser's own (all its processes) and the page's heap after a collection; growth is from the end of the
warm-up to the end. Beside it stands the growth of the first minutes, which is what a short look would have seen.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
from playwright.async_api import CDPSession, Page

from camera_hub.demo.sample_server import Mount, SampleServer
from tools.bench import counted
from tools.bench.desk import bench_folder
from tools.bench.report import Figure, Report, at_most
from tools.bench.wall import CLIP_S, FIRST, SHAPE, all_play, standing, wall_of

SOAK_S, WARM_UP_S, FLAP_S, DOWN_S, EVERY_S = 1500.0, 300.0, 60.0, 15.0, 10.0
TILES, FLAPPING = 16, 4
SETTLE_S = 60.0
"""What is down at the end gets so long to come back before a tile counts as stuck."""


def _browser_mb() -> float:
    """Resident memory of this process's Chromium, all its processes, MB; shared pages count by their part."""
    total = 0
    for one in psutil.Process().children(recursive=True):
        try:
            if "chrom" in one.name():
                total += one.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total / 1e6


async def _heap_mb(cdp: CDPSession) -> float:
    await cdp.send("HeapProfiler.collectGarbage")
    metrics = (await cdp.send("Performance.getMetrics"))["metrics"]
    return next(float(one["value"]) for one in metrics if one["name"] == "JSHeapUsedSize") / 1e6


def _growth(samples: Sequence[tuple[float, float]], start: float, end: float) -> float:
    """Percent from the median of the minute after `start` to that of the minute before `end`."""
    first = statistics.median(value for at, value in samples if start <= at < start + 60)
    last = statistics.median(value for at, value in samples if end - 60 <= at <= end)
    return (last - first) / first * 100


async def _flap(server: SampleServer, until: float) -> None:
    """Let the cameras of a server fall silent for a while each minute, as they do on a bad line."""
    while time.monotonic() < until:
        await asyncio.sleep(FLAP_S - DOWN_S)
        os.kill(server.pid, signal.SIGSTOP)
        await asyncio.sleep(DOWN_S)
        os.kill(server.pid, signal.SIGCONT)


async def _stuck(page: Page) -> int:
    """Tiles that do not play again in time."""
    left = page.locator("live-tile:not([data-doing=playing])")
    until = time.monotonic() + SETTLE_S
    while (count := await left.count()) and time.monotonic() < until:  # noqa: ASYNC110 - asked of the page
        await asyncio.sleep(1)
    return count


async def _soak(folder: Path, urls: Sequence[str], flapping: SampleServer, report: Report) -> None:
    async with standing(folder, urls) as (at, page, ids):
        await page.evaluate(FIRST, await wall_of(at, ids, "16"))
        await all_play(page, TILES)
        cdp = await page.context.new_cdp_session(page)
        await cdp.send("Performance.enable")
        begun = time.monotonic()
        flap = asyncio.create_task(_flap(flapping, begun + SOAK_S))
        whole: list[tuple[float, float]] = []
        heap: list[tuple[float, float]] = []
        while (past := time.monotonic() - begun) < SOAK_S:
            whole.append((past, await asyncio.to_thread(_browser_mb)))
            heap.append((past, await _heap_mb(cdp)))
            await asyncio.sleep(EVERY_S)
        await flap
        stuck = await _stuck(page)
    note = f"{SOAK_S / 60:.0f} min, {FLAPPING} of {TILES} cameras silent {DOWN_S:.0f} s of each minute"
    for name, samples in (("browser", whole), ("page's heap", heap)):
        report.add(
            Figure(
                f"wall_soak: growth of the {name} after warm-up",
                _growth(samples, WARM_UP_S, SOAK_S),
                "%",
                at_most(2),
                tuple(value for _, value in samples),
                _growth(samples, 0, WARM_UP_S),
                f"{note}; runs: MB; plain way: growth within the warm-up of {WARM_UP_S / 60:.0f} min",
            )
        )
    report.add(Figure("wall_soak: tiles stuck at the end", stuck, "tiles", at_most(0), note=note))


def run(report: Report) -> None:
    """Measure the page as built: run `npm run build` in api/web first."""
    with bench_folder() as name:
        folder = Path(name)
        clip = counted.make(folder / "counted.clip", SHAPE, CLIP_S)
        steady = [Mount(f"/{number}", clip) for number in range(TILES - FLAPPING)]
        flapping = [Mount(f"/f{number}", clip) for number in range(FLAPPING)]
        with SampleServer(steady) as server, SampleServer(flapping) as other:
            urls = [*(server.urls[one.path] for one in steady), *(other.urls[one.path] for one in flapping)]
            asyncio.run(_soak(folder, urls, other, report))
