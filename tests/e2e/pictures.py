"""Takes the screenshots of docs/images from the page over a real hub with drawn scenes: python -m tests.e2e.pictures FOLDER.

Needs the built page, Chromium, and ffmpeg, which reduces the colours so that the files stay small.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.async_api import Page, async_playwright

from registry.model import State
from tests.e2e.county import CASE, PASSWORD, SEEN, County, county
from tests.services.process import free_port

FEW_COLOURS = "split[a][b];[a]palettegen=max_colors=176[p];[b][p]paletteuse=dither=none"
LABELS = ("person", "person", "car", "bicycle", "sheep", "unknown")
TALE = (  # the newest first: what a search for stolen sheep would look at
    ("汉书村羊圈路口", "person", False),
    ("汉书村羊圈路口", "sheep", True),
    ("汉书村东口", "car", True),
    ("老李家院外", "unknown", True),
    ("先进村桥头", "car", True),
    ("汉书村羊圈路口", "sheep", True),
    ("永富村主街", "bicycle", True),
    ("汉书村东口", "person", True),
    ("汉书村羊圈路口", "sheep", True),
    ("先进村桥头", "bicycle", True),
    ("永富村主街", "car", True),
    ("老李家院外", "person", True),
)


def dark(at: datetime) -> bool:
    """Whether it is night in the villages in November."""
    return not 6 <= at.astimezone(ZoneInfo("Asia/Shanghai")).hour < 17


async def fill(made: County) -> None:
    """Thirty days of events, the last night's on top."""
    rng = random.Random(7)
    at = datetime.now(UTC)
    for camera, label, ended in TALE:
        at -= timedelta(minutes=rng.randint(12, 170))
        await made.event(camera, label, at=at, night=dark(at), ended=ended, score=rng.uniform(0.55, 0.97))
    for hours, (name, _, _, (state, reason)) in enumerate(SEEN):
        await made.status(name, state, reason, since=datetime.now(UTC) - timedelta(hours=7 * hours, minutes=3))
    live = [name for name, _, _, (state, _) in SEEN if state is State.LIVE]
    for day in range(1, 30):
        for _ in range(rng.randint(2, 9)):
            at = datetime.now(UTC) - timedelta(days=day, minutes=rng.randint(0, 1200))
            await made.event(rng.choice(live), rng.choice(LABELS), at=at, night=dark(at))


async def enter(page: Page, made: County) -> None:
    """Signed in as the officer, under the open case."""
    await page.goto(made.address)
    await page.locator("input[name=name]").fill("li")
    await page.locator("input[name=password]").fill(PASSWORD)
    await page.locator("button[type=submit]").click()
    await page.get_by_role("button", name=CASE[1]).click()
    await page.locator(".link-live").wait_for()
    await page.mouse.move(0, 0)


async def take(folder: Path) -> None:
    """Write events.png and cameras.png into `folder`."""
    chromium = shutil.which("chromium") or sys.exit("no chromium: apt-get install chromium fonts-wqy-microhei")
    with tempfile.TemporaryDirectory() as scratch:
        async with county(Path(scratch, "data"), free_port()) as made, async_playwright() as playwright:
            await fill(made)
            args = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = await playwright.chromium.launch(executable_path=chromium, args=args)
            page = await browser.new_page(viewport={"width": 1440, "height": 900})
            await enter(page, made)
            for name, ready in (("events", ".card rect.box"), ("cameras", ".village .camera-row")):
                await page.evaluate("name => { location.hash = `#/${name}` }", name)
                await page.locator(ready).first.wait_for()
                await page.wait_for_load_state("networkidle")
                raw = Path(scratch, f"{name}.png")
                await page.screenshot(path=raw)
                reduce = ["ffmpeg", "-y", "-loglevel", "error", "-i", raw, "-lavfi", FEW_COLOURS, folder / raw.name]
                await asyncio.to_thread(subprocess.run, reduce, check=True)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1])))
