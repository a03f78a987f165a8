"""The lanes of a case: twelve cameras, thirty days, asked for at once through the API, and painted in Chromium.

Each camera has a file a minute with a break a day, some thirty events a day, and the motion index's made days. The
baseline is what the page did before: each camera's timeline and its count of events asked for by themselves, four at a
time. Hub and browser run on the same cores.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from playwright.async_api import async_playwright
from uuid_utils.compat import uuid7

from registry import events, recordings
from registry.model import Box, EventChange, EventKind, LabelGroup
from registry.recordings.model import SegmentChange, Why
from tools.bench.desk import PASSWORD, Desk, add, bench_folder, desk, found_county
from tools.bench.motion_index import CAMERAS, fill
from tools.bench.page import WINDOW, chromium
from tools.bench.report import Report, at_most, median

DAYS = 30
EVENTS_A_DAY = 30
LOOKS = 7
DATA_MS, PAINT_MS = 300.0, 300.0
MINUTE = timedelta(minutes=1)
PAINTED = """() => new Promise((done, failed) => {
  const canvas = document.querySelector(".lanes canvas");
  const pen = canvas.getContext("2d");
  const ink = getComputedStyle(canvas).getPropertyValue("--timeline-continuous").trim();
  const wanted = [1, 3, 5].map((at) => parseInt(ink.slice(at, at + 2), 16));
  const late = setTimeout(() => failed(new Error("never painted")), 20000);
  const ratio = canvas.width / canvas.clientWidth;
  performance.clearResourceTimings();
  const look = () => {
    const told = performance.getEntriesByType("resource").find((one) => one.name.includes("/api/v1/lanes"));
    // A pixel of the last lane's bar, two thirds along: bare until its month is drawn.
    const [r, g, b] = pen.getImageData(canvas.width * 0.4, (24 + 11 * 26 + 8) * ratio, 1, 1).data;
    const shown = r === wanted[0] && g === wanted[1] && b === wanted[2];
    if (told && told.responseEnd > 0 && shown) {
      clearTimeout(late);
      done([told.responseEnd - told.requestStart, performance.now() - told.responseEnd]);
    } else requestAnimationFrame(look);
  };
  [...document.querySelectorAll(".lanes-zooms button")].at(-1).click();
  look();
})"""
"""Milliseconds from the question to the end of its answer, and from there to the painted lane."""


async def month(office: Desk, camera: str, begin: datetime) -> None:
    """A file for every minute but seven each day, and events."""
    rng, store = random.Random(camera), office.hub.store
    for day in range(DAYS):
        at = begin + timedelta(days=day)
        files = [
            SegmentChange(
                camera_id=UUID(camera), stream="sub", started_at=at + n * MINUTE, ended_at=at + (n + 1) * MINUTE,
                node=office.hub.node, why=Why.CONTINUOUS, codec="h264", width=640, height=360, masked=False,
                frames=900, bytes=400_000, digest="00", clock_offset_ms=None,
            )
            for n in range(1440) if not 600 <= n < 607
        ]  # fmt: skip
        await recordings.record(store, files)
        seen = (at + timedelta(seconds=rng.randrange(86_400)) for _ in range(EVENTS_A_DAY))
        await events.record(store, [_event(camera, office.hub.node, one) for one in seen])


def _event(camera: str, node: str, at: datetime) -> EventChange:
    return EventChange(
        id=uuid7(), revision=1, camera_id=UUID(camera), kind=EventKind.OBJECT, rule_id="people", rule_name="people",
        scene_revision=0, label="person", group=LabelGroup.PERSON, score=0.8, box=Box(0.1, 0.1, 0.2, 0.5),
        path=((0.15, 0.5),), direction=None, started_at=at, updated_at=at, ended_at=at, snapshot=None,
        snapshot_bytes=0, snapshot_at=None, node=node, model="bench", clock_offset_ms=None,
    )  # fmt: skip


async def asked(office: Desk, cameras: list[str], since: datetime, until: datetime) -> tuple[list[float], list[float]]:
    """Milliseconds of the lanes in one answer, and of each camera by itself."""
    span = {"from": since.isoformat(), "to": until.isoformat()}
    whole, apart = [], []
    for _ in range(LOOKS + 1):
        begun = time.perf_counter()
        told = await office.get("/lanes", camera=cameras, **span)
        whole.append((time.perf_counter() - begun) * 1000)
        if any(one["refused"] or len(one["recordings"]["spans"]) < DAYS for one in told["lanes"]):
            raise RuntimeError("a lane is not whole")
        begun = time.perf_counter()
        for some in (cameras[at : at + 4] for at in range(0, len(cameras), 4)):
            count = {"since": since.isoformat(), "until": until.isoformat(), "bucket": "day"}
            one_by_one = [office.get(f"/cameras/{one}/recordings", **span) for one in some]
            await asyncio.gather(*one_by_one, *(office.get("/events/histogram", camera=one, **count) for one in some))
        apart.append((time.perf_counter() - begun) * 1000)
    return whole[1:], apart[1:]


async def painted(office: Desk, cameras: list[str], at: datetime) -> list[tuple[float, float]]:
    """In Chromium, at a desk: from the press to the painted month."""
    found = []
    async with async_playwright() as playwright:
        # Chromium's own sandbox refuses to run as root.
        args = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = await playwright.chromium.launch(executable_path=chromium(), args=args)
        for look in range(LOOKS + 1):
            page = await browser.new_page(viewport=WINDOW)
            moment = at.isoformat().replace("+00:00", "Z")
            path = f"#/playback?cameras={cameras[0]}&lanes={','.join(cameras[1:])}&at={moment}"
            await page.goto(f"{office.address}/{path}")
            await page.locator("input[name=name]").fill("li")
            await page.locator("input[name=password]").fill(PASSWORD)
            await page.locator("button[type=submit]").click()
            await page.get_by_role("button").filter(has_text="BENCH-1").first.click()
            await page.locator(".lanes-name").nth(len(cameras) - 1).wait_for()
            await page.wait_for_timeout(1500)
            took = await page.evaluate(PAINTED)
            if look:
                found.append((took[0], took[1]))
            await page.close()
        await browser.close()
    return found


async def measure(folder: Path, report: Report) -> None:
    """Measure in `folder`."""
    async with desk(folder / "data", watch=False) as office:
        device = await found_county(office.hub)
        cameras = [
            await add(office.hub, device, f"{kind} {n}", "rtsp://127.0.0.1/main") for n, kind in enumerate(CAMERAS)
        ]
        await office.sign_in()
        until = datetime.now(UTC).replace(second=0, microsecond=0)
        begin = until - timedelta(days=DAYS)
        case = await office.open_case("BENCH-1", begin, until + timedelta(days=1))
        await office.look_into(case["id"])
        for camera in cameras:
            await month(office, camera, begin)
        await asyncio.to_thread(fill, office.hub.motion.shelf, folder / "data", cameras, report)
        whole, apart = await asked(office, cameras, begin, until)
        looks = await painted(office, cameras, until - timedelta(hours=2))
    rows, seen = len(CAMERAS) * DAYS * 1433, len(CAMERAS) * DAYS * EVENTS_A_DAY
    name, base = "case timeline: 12 cameras × 30 days", sorted(apart)[len(apart) // 2]
    note = f"{rows:,} files, {seen:,} events, a month of motion, SQLite, one answer, on record"
    report.add(median(f"{name}, data", whole, "ms", at_most(DATA_MS), baseline=base, note=note))
    note = "from the end of the answer to the painted pixels of the twelfth lane, in Chromium"
    drawn = [one[1] for one in looks]
    report.add(median(f"{name}, painted after data", drawn, "ms", at_most(PAINT_MS), note=note))


def run(report: Report) -> None:
    """Measure the page as built: run `npm run build` in api/web first."""
    with bench_folder() as folder:
        asyncio.run(measure(Path(folder), report))
