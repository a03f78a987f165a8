"""The page in Chromium over a hub with 5,000 cameras and 10,000 events of a month, on the machine that serves it.

Times are taken inside the page, from the press to the frame in which the answer stands. The first load is what the
browser fetches before the first view, compressed as a proxy would.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import re
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from playwright.async_api import Browser, Page, ViewportSize, async_playwright
from pydantic import SecretStr

from api.page import STATIC
from camera_hub import media
from registry import users
from registry.model import Role
from registry.tables import events
from registry.users import CONSOLE
from tools.bench import county, desk
from tools.bench.report import Report, at_most, median

EVENTS, CAMERAS = 10_000, 5_000
RUNS = 5
PICTURES = 400
"""Of the newest events: more than is scrolled to."""
REASON = "bench"
WINDOW = ViewportSize(width=1440, height=900)
WHERE = f"{EVENTS:,} events, {CAMERAS:,} cameras, hub and browser on the same cores"

STAND = """() => new Promise((done, failed) => {
  const from = performance.now();
  const look = () => {
    if (performance.now() - from > 30000) failed(new Error("never stood"));
    else if (READY) requestAnimationFrame(() => done(performance.now() - from));
    else requestAnimationFrame(look);
  };
  PRESS;
  look();
})"""
"""Does PRESS in the page; milliseconds until READY holds and a frame shows it."""
PICTURES_STAND = (
    "document.querySelectorAll('.card').length >= 50 && "
    "[...document.querySelectorAll('.card img')].filter(one => one.getBoundingClientRect().top < innerHeight)"
    ".every(one => one.complete && one.naturalWidth > 0)"
)
KEY = """async (text) => {
  const box = document.querySelector('.where-head input');
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
  const took = [];
  for (let end = 1; end <= text.length; end += 1) {
    await new Promise(requestAnimationFrame);
    const from = performance.now();
    set.call(box, text.slice(0, end));
    box.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await new Promise(done => requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = done; c.port2.postMessage(0); }));
    took.push(performance.now() - from);
  }
  return took;
}"""  # noqa: E501 - a script
"""Types into the tree's search; milliseconds of each key until the frame after it is drawn."""


async def _stand(page: Page, press: str, ready: str) -> float:
    return float(await page.evaluate(STAND.replace("PRESS", press).replace("READY", ready)))


def _first_load_kb() -> float:
    """Kilobytes of index.html and what it names, gzipped; later views are not among it."""
    index = (STATIC / "index.html").read_bytes()
    named = re.findall(rb'(?:src|href)="/([^"]+)"', index)
    files = [index, *((STATIC / name.decode()).read_bytes() for name in named)]
    return sum(len(gzip.compress(file)) for file in files) / 1000


async def draw(at: desk.Desk) -> None:
    """Pictures of the newest events, 960 by 540, as heavy as a camera's."""
    rng = np.random.default_rng(7)
    coarse = rng.integers(40, 200, (34, 60, 3), dtype=np.uint8).repeat(16, 0).repeat(16, 1)[:540]
    picture = (coarse + rng.integers(0, 24, coarse.shape, dtype=np.uint8)).astype(np.uint8)
    jpeg = media.encode_jpeg(picture)
    async with at.hub.store.read() as conn:
        newest = sa.select(events.c.snapshot).order_by(events.c.started_at.desc()).limit(PICTURES)
        for key in list(await conn.scalars(newest)):
            file = at.hub.media.path(key)
            await asyncio.to_thread(_write, file, jpeg)


def _write(file: Path, jpeg: bytes) -> None:
    """Without the hub's own care for a power cut: these are no evidence."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(jpeg)


async def people(at: desk.Desk) -> None:
    """The officer whose page is measured."""
    new = users.NewUser(name="li", password=SecretStr(desk.PASSWORD), role=Role.OFFICER, grants=("220882",))
    await users.create(at.hub.store, new, CONSOLE)


async def enter(page: Page, address: str) -> float:
    """Sign in, open a patrol; milliseconds from there to the first cards with their pictures."""
    await page.goto(address)
    await page.locator("input[name=name]").fill("li")
    await page.locator("input[name=password]").fill(desk.PASSWORD)
    await page.locator("button[type=submit]").click()
    await page.get_by_role("radio", name="视频巡查").check()
    await page.get_by_label("事由说明").fill(REASON)
    press = "document.querySelector('.subform button[type=submit]').click()"
    return await _stand(page, press, PICTURES_STAND)


async def _measured(browser: Browser, address: str, report: Report) -> None:
    first: list[float] = []
    for _ in range(RUNS):
        context = await browser.new_context(viewport=WINDOW)
        page = await context.new_page()
        first.append(await enter(page, address))
        if len(first) < RUNS:
            await context.close()
    report.add(median("page: first view, from the purpose to the pictures", first, "ms", at_most(1000), note=WHERE))
    subjects: tuple[Callable[[Page, Report], Awaitable[None]], ...] = (_filters, _typing, _tree, _map, _cameras)
    for subject in subjects:
        await subject(page, report)


async def _filters(page: Page, report: Report) -> None:
    took = []
    for group, word in (
        ("person", "人员"),
        ("vehicle", "小汽车|货车|客车"),
        ("two_wheeler", "摩托车|自行车"),
        ("animal", "狗|猫|牛|羊"),
    ):
        press = f"location.hash = '#/events?group={group}'"
        ready = (
            "document.querySelectorAll('.card').length > 0 && [...document.querySelectorAll('.card strong')]"
            f".every(one => /^({word})$/.test(one.textContent))"
        )
        took.append(await _stand(page, press, ready))
    await _stand(page, "location.hash = '#/events'", "document.querySelectorAll('.card').length >= 50")
    report.add(median("page: filter change to new results", took, "ms", at_most(300), note=WHERE))


async def _typing(page: Page, report: Report) -> None:
    await page.locator(".slot-where").click()
    await page.locator(".where-row").first.wait_for()
    took: list[float] = []
    for text in ("camera 4321", "月亮泡", "camera 17"):
        took += await page.evaluate(KEY, text)
        await page.locator(".where-head input").fill("")
    await page.keyboard.press("Escape")
    report.add(median("page: a key typed into the camera search", took, "ms", at_most(50), note=WHERE))
    report.add(median("page: the slowest key of these", [max(took)], "ms", at_most(50), note=WHERE))


async def _tree(page: Page, report: Report) -> None:
    took = []
    for _ in range(RUNS):
        press = "document.querySelector('.slot-where').click()"
        took.append(await _stand(page, press, "document.querySelectorAll('.where-row').length > 5"))
        await page.keyboard.press("Escape")
    report.add(median("page: the tree of cameras opened", took, "ms", at_most(2000), note=WHERE))


async def _map(page: Page, report: Report) -> None:
    took = []
    toggle = "document.querySelector('.events-tools .toggle').click()"
    for _ in range(RUNS):
        ready = "document.querySelector('.map-host[aria-busy=false] .leaflet-map-pane')"
        took.append(await _stand(page, toggle, ready))
        await _stand(page, toggle, "!document.querySelector('.map-host')")
    report.add(median("page: the map with all cameras", took, "ms", at_most(2000), note=WHERE))


async def _cameras(page: Page, report: Report) -> None:
    took = []
    for _ in range(RUNS):
        ready = "document.querySelectorAll('main [role=row]').length > 5"
        took.append(await _stand(page, "location.hash = '#/cameras'", ready))
        await _stand(page, "location.hash = '#/events'", "document.querySelectorAll('.card').length >= 50")
    report.add(median("page: the cameras' list", took, "ms", at_most(2000), note=WHERE))


def chromium() -> str:
    """Path of the browser. Raises FileNotFoundError."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise FileNotFoundError("Chromium is not installed: apt-get install chromium")


async def _serve(folder: Path, report: Report) -> None:
    async with desk.desk(folder, watch=False) as at, async_playwright() as playwright:
        await people(at)
        await draw(at)
        # Chromium's own sandbox refuses to run as root.
        args = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = await playwright.chromium.launch(executable_path=chromium(), args=args)
        await _measured(browser, at.address, report)
        await browser.close()


def run(report: Report) -> None:
    """Measure the page as built: run `npm run build` in api/web first."""
    report.add(median("page: first load, gzipped", [_first_load_kb()], "kB", at_most(200)))
    with desk.bench_folder() as folder:
        path = Path(folder) / "hub.db"
        report.say(f"making {EVENTS:,} events at {CAMERAS:,} cameras")
        asyncio.run(county.make(path, EVENTS, CAMERAS))
        asyncio.run(_serve(Path(folder), report))
