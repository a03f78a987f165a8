"""The page left open on the events while ten a second come in: what it keeps of them, and how long it holds up a key.

The heap is read after a forced collection, so that what is counted is what is held. HUB_OPEN_MIN shortens the twenty
minutes for a try (4 at least); figures of a shorter run are said to be of that.
"""

from __future__ import annotations

import asyncio
import os
import random
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from playwright.async_api import CDPSession, Page, async_playwright
from uuid_utils.compat import uuid7

from camera_hub.media import snapshot_key
from registry import events
from registry.tables import cameras
from tools.bench import county, desk, page
from tools.bench.producer import change
from tools.bench.report import Report, Target, at_most, median

MINUTES = float(os.environ.get("HUB_OPEN_MIN", "20"))
WARM_MINUTES = min(4.0, MINUTES / 4)
RATE = 10.0
CYCLE_S = 45.0
"""Longer than the page takes to fill its list of live events at RATE."""
SAMPLE_S = 3.0
CAMERAS, BEFORE = 200, 10_000
WATCH = """() => {
  window.longTasks = [];
  new PerformanceObserver(list => window.longTasks.push(...list.getEntries().map(one => one.duration)))
    .observe({ type: 'longtask' });
}"""


async def _come_in(at: desk.Desk, seconds: float) -> int:
    """Store and publish events at RATE, each with a picture; returns how many."""
    async with at.hub.store.read() as conn:
        ids = list(await conn.scalars(sa.select(cameras.c.id)))
        some = await conn.scalar(sa.select(sa.text("snapshot FROM events ORDER BY started_at DESC LIMIT 1")))
    picture, rng = at.hub.media.path(str(some)), random.Random(11)
    clock = asyncio.get_running_loop().time
    begun, made = clock(), 0
    while clock() - begun < seconds:
        identity = uuid7()
        key = snapshot_key(identity, 1, datetime.now(UTC))
        await asyncio.to_thread(_link, picture, at.hub.media.path(key))
        (kept,) = await events.record(at.hub.store, [change(rng.choice(ids), identity, 1, key, 4, ended=True)])
        if kept.event is not None:
            at.hub.feed.publish([kept.event])
            made += 1
        await asyncio.sleep(max(0.0, begun + (made + 1) / RATE - clock()))
    return made


def _link(picture: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    os.link(picture, to)


async def _held_mb(session: CDPSession) -> float:
    """The most that is held over one CYCLE_S: the list grows to its bound and then starts from its first page again."""
    held: list[float] = []
    until = asyncio.get_running_loop().time() + CYCLE_S
    while asyncio.get_running_loop().time() < until:
        await session.send("HeapProfiler.collectGarbage")
        metrics = (await session.send("Performance.getMetrics"))["metrics"]
        held += [one["value"] / 1e6 for one in metrics if one["name"] == "JSHeapUsedSize"]
        await asyncio.sleep(SAMPLE_S)
    return max(held)


async def _measured(at: desk.Desk, tab: Page, report: Report) -> None:
    await page.enter(tab, at.address)
    await tab.evaluate(WATCH)
    session = await tab.context.new_cdp_session(tab)
    await session.send("Performance.enable")
    coming = asyncio.create_task(_come_in(at, MINUTES * 60))
    await asyncio.sleep(WARM_MINUTES * 60 - CYCLE_S)
    warm = await _held_mb(session)
    await asyncio.sleep((MINUTES - WARM_MINUTES) * 60 - CYCLE_S)
    held = await _held_mb(session)
    came = await coming
    tasks = [float(one) for one in await tab.evaluate("window.longTasks")]
    where = (
        f"{came:,} events in {MINUTES:g} min, warm after {WARM_MINUTES:g} min at {warm:.1f} MB; {len(tasks)} long tasks"
    )
    growth = 100 * (held - warm) / warm
    report.add(median("page open: growth of what it holds", [growth], "%", Target(10, upper=True), note=where))
    p99 = float(np.percentile(tasks, 99)) if tasks else 0.0
    report.add(median("page open: long tasks, p99", [p99], "ms", at_most(100), note=where))


async def _serve(folder: Path, report: Report) -> None:
    async with desk.desk(folder, watch=False) as at, async_playwright() as playwright:
        await page.people(at)
        await page.draw(at)
        args = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = await playwright.chromium.launch(executable_path=page.chromium(), args=args)
        tab = await browser.new_page(viewport=page.WINDOW)
        await _measured(at, tab, report)
        await browser.close()


def run(report: Report) -> None:
    """Measure the page as built, left open."""
    with desk.bench_folder() as folder:
        path = Path(folder) / "hub.db"
        asyncio.run(county.make(path, BEFORE, CAMERAS))
        asyncio.run(_serve(Path(folder), report))
