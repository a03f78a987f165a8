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

from registry import cameras, entrances, geography, roads, users
from registry.alerts import rules
from registry.alerts.rules import Hours, NewAlertRule, Watch
from registry.cameras import CameraChange
from registry.model import Actor, LabelGroup, State
from registry.users import CONSOLE
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


VIEWS = (
    ("events", "events", ".card rect.box"),
    ("cameras", "cameras", ".camera-row:not(.camera-head)"),
    ("map", "map/220882100200", ".leaflet-container"),
    ("alerts", "alerts/rules", ".rule"),
)
"""Name of the file, where in the page, and what stands there when it is read."""
OUTLINE = [(123.934, 45.7285), (123.9395, 45.7279), (123.9425, 45.7295), (123.9428, 45.7322), (123.9345, 45.7318)]
WAYS = (
    ("村路", [(123.9455, 45.7314), (123.9411, 45.7311), (123.9338, 45.7301)]),
    ("羊圈路", [(123.938, 45.7306), (123.9385, 45.7322)]),
)
STANDS = {
    "汉书村东口": (45.7312, 123.9424, 85.0),
    "汉书村羊圈路口": (45.7308, 123.9381, 10.0),
    "汉书村小卖部": (45.7303, 123.9395, 200.0),
    "老李家院外": (45.7316, 123.9402, 150.0),
}
"""Where cameras stand and look, all of it made up: latitude, longitude, bearing."""


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
    await draw(made)
    live = [name for name, _, _, (state, _) in SEEN if state is State.LIVE]
    for day in range(1, 30):
        for _ in range(rng.randint(2, 9)):
            at = datetime.now(UTC) - timedelta(days=day, minutes=rng.randint(0, 1200))
            await made.event(rng.choice(live), rng.choice(LABELS), at=at, night=dark(at))


async def draw(made: County) -> None:
    """One village on the map, and two alert rules."""
    store, village = made.hub.store, "220882100200"
    await geography.set_boundary(store, village, geography.NewBoundary(boundary=OUTLINE), CONSOLE)
    for name, path in WAYS:
        await roads.create(store, roads.NewRoad(place_code=village, name=name, path=path), CONSOLE)
    for name, (lat, lon, bearing) in STANDS.items():
        wanted = CameraChange(lat=lat, lon=lon, bearing_deg=bearing, view_angle_deg=70)
        await cameras.change(store, made.hub.vault, made.cameras[name], wanted, CONSOLE)
    east = entrances.NewEntrance(
        place_code=village,
        name="东口",
        lat=45.7312,
        lon=123.9427,
        bearing_deg=265,
        camera_ids=[made.cameras["汉书村东口"]],
    )
    await entrances.create(store, east, CONSOLE)
    officer = Actor(await users.by_name(store, "li"), "desk")
    night = Hours(from_minute=22 * 60, to_minute=5 * 60)
    for name, watch, sound in (
        (
            "夜间羊圈",
            Watch(camera=(made.cameras["汉书村羊圈路口"],), group=frozenset({LabelGroup.ANIMAL}), hours=night),
            True,
        ),
        ("春耕护农：夜间车辆", Watch(place=(village,), group=frozenset({LabelGroup.VEHICLE}), hours=night), False),
    ):
        rule = NewAlertRule(name=name, reason="汉书村丢羊案", watch=watch, sound=sound)
        await rules.create(store, rule, officer)


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
    """Write a picture of each of VIEWS into `folder`."""
    chromium = shutil.which("chromium") or sys.exit("no chromium: apt-get install chromium fonts-wqy-microhei")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        async with county(Path(scratch, "data"), free_port()) as made, async_playwright() as playwright:
            await fill(made)
            args = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = await playwright.chromium.launch(executable_path=chromium, args=args)
            page = await browser.new_page(viewport={"width": 1440, "height": 900})
            await enter(page, made)
            for name, where, ready in VIEWS:
                await page.evaluate("where => { location.hash = `#/${where}` }", where)
                await page.locator(ready).first.wait_for()
                await page.wait_for_load_state("networkidle")
                raw = Path(scratch, f"{name}.png")
                await page.screenshot(path=raw)
                reduce = ["ffmpeg", "-y", "-loglevel", "error", "-i", raw, "-lavfi", FEW_COLOURS, folder / raw.name]
                await asyncio.to_thread(subprocess.run, reduce, check=True)
            await browser.close()


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1])))
