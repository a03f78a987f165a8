"""A seek to any minute of a month in Chromium: from the press to the frame that was asked for, painted.

The camera of `playback`: a row for every minute of 30 days, and real files for those sought, out of the page cache.
Every frame bears its number in its pixels, and only the one of the moment asked for ends the time. Hub and browser run
on the same cores.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from playwright.async_api import Page, async_playwright

from camera_hub.demo.clip import Shape, encode
from camera_hub.recording.files import Name, path_of
from tools.bench import counted
from tools.bench.desk import PASSWORD, add, bench_folder, desk, found_county
from tools.bench.page import WINDOW, chromium
from tools.bench.playback import DAYS, MINUTE, SECONDS, forget, month, segment_of
from tools.bench.report import Figure, Report, at_most, median

SHAPE = Shape(640, 360, 15, 400, 2.0)
SEEKS = 40
SEEK_MS = 300.0
SEEK = """([path, number]) => new Promise((done, failed) => {
  const read = READ;
  const video = document.querySelector(".play-tile video");
  const late = setTimeout(() => failed(new Error("never shown")), 15000);
  const shown = () => {
    if (read(video) !== number) requestAnimationFrame(shown); // what is on the screen, whoever was told of it
    else {
      clearTimeout(late);
      const asked = performance.getEntriesByType("resource").filter((one) => one.startTime >= from);
      const listed = asked.find((one) => one.name.endsWith("/playbacks"))?.responseEnd ?? from;
      done([performance.now() - from, listed - from]);
    }
  };
  performance.clearResourceTimings();
  const from = performance.now();
  location.hash = path;
  shown();
})""".replace("READ", counted.READ)
"""Milliseconds from the press to the frame, and to the list of files; 0 where that was at hand."""


def minute() -> bytes:
    """A segment of a minute whose frames bear their numbers."""
    return segment_of(encode(counted.pictures(SHAPE, SHAPE.fps * SECONDS), SHAPE), SHAPE)


def path_to(camera: str, at: datetime) -> str:
    """The page's address of a moment."""
    return f"#/playback?cameras={camera}&at={at.isoformat(timespec='milliseconds').replace('+00:00', 'Z')}"


async def enter(page: Page, address: str, camera: str, at: datetime) -> None:
    """Signed in under the case, in front of a picture."""
    await page.goto(f"{address}/{path_to(camera, at)}")
    await page.locator("input[name=name]").fill("li")
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.locator("button[type=submit]").click()
    await page.get_by_role("button").filter(has_text="BENCH-1").first.click()
    await page.locator(".play-tile[data-shows=video]").wait_for()


async def measure(folder: Path, report: Report) -> None:
    """Measure in `folder`."""
    data = await asyncio.to_thread(minute)
    async with desk(folder / "data", watch=False) as office, async_playwright() as playwright:
        camera = await add(office.hub, await found_county(office.hub), "gate", "rtsp://127.0.0.1/main")
        await office.sign_in()
        begin = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(days=DAYS)
        await office.open_case("BENCH-1", begin, begin + timedelta(days=DAYS))
        await month(office, camera, begin, len(data), "sub")
        rng = random.Random(2)
        starts = [begin + number * MINUTE for number in rng.sample(range(1, DAYS * 1440 - 2), SEEKS + 1)]
        files = {start: path_of(folder / "data", Name(UUID(camera), "sub", start)) for start in starts}
        for file in files.values():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        # Chromium's own sandbox refuses to run as root.
        args = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = await playwright.chromium.launch(executable_path=chromium(), args=args)
        page = await browser.new_page(viewport=WINDOW)
        await enter(page, office.address, camera, starts[0])
        took = []
        for start in starts[1:]:
            number = rng.randrange(SHAPE.fps * (SECONDS - 2))
            at = start + timedelta(seconds=(number + 0.5) / SHAPE.fps)
            forget(files[start])
            took.append(await page.evaluate(SEEK, [path_to(camera, at), number]))
        await browser.close()
    whole = [one[0] for one in took]
    note = f"{DAYS * 1440:,} rows, SQLite, file not cached; from the press to the painted frame, in Chromium"
    report.add(median("page: seek to a random minute in 30 days, p50", whole, "ms", at_most(SEEK_MS), note=note))
    p95 = statistics.quantiles(whole, n=20)[-1]
    report.add(Figure("page: seek to a random minute in 30 days, p95", p95, "ms", None, tuple(whole), note=note))
    listed = [one[1] for one in took]
    report.add(median("page: of that, up to the list of files with their tickets", listed, "ms", note=note))


def run(report: Report) -> None:
    """Measure the page as built: run `npm run build` in api/web first."""
    with bench_folder() as folder:
        asyncio.run(measure(Path(folder), report))
