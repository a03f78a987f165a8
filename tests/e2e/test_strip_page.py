"""The film strip in a real browser: thirty days, a box, marks by keys, keyframes, and the machine that asks."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import pytest
from playwright.async_api import Page, Request, expect

from camera_hub.recall.stills.dayfile import Album, Still
from camera_hub.recording.decoders import Decoders
from registry import audit, cases
from registry.cases import CaseChange
from registry.users import CONSOLE
from tests.api.test_stills import filmed
from tests.camera_hub.recording.footage import Take, put
from tests.detectors.vanishing import Vanishing
from tests.e2e.county import County
from tests.e2e.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser
CAMERA = "汉书村东口"
SHOTS = os.environ.get("SHOTS")
DAYS = 30


async def shot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def local(text: str) -> datetime:
    """A moment as the page writes it."""
    return datetime.strptime(f"{text} +0800", "%Y-%m-%d %H:%M:%S %z")


class Stage:
    """Thirty days of stills of a scene, a gap of three hours, and footage around the second in which it vanishes."""

    def __init__(self, place: County) -> None:
        self.place = place
        now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        self.begin = now - timedelta(days=DAYS - 1)
        self.scene = Vanishing(4, hours=(DAYS - 1) * 24, begins=(self.begin.hour + 8) % 24)
        self.gone = now - timedelta(days=2, hours=6, minutes=17, seconds=-23)
        self.scene.gone_s = (self.gone - self.begin).total_seconds()

    async def fill(self) -> None:
        album, camera = Album(self.place.hub.settings.data_dir), self.place.cameras[CAMERA]
        near = self.gone - timedelta(hours=1), self.gone + timedelta(hours=1)
        for minutes in range(0, (DAYS - 1) * 1440, 10):
            at = self.begin + timedelta(minutes=minutes)
            gap = timedelta(hours=30) < at - self.begin < timedelta(hours=33)
            if gap or (minutes % 60 and not near[0] < at < near[1]):
                continue
            picture = self.scene.frame(minutes * 60)
            _, data = cv2.imencode(".webp", cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), [cv2.IMWRITE_WEBP_QUALITY, 60])
            ms = round(at.timestamp() * 1000)
            album.append(camera, Still(ms, 320, 180, masked=False, data=data.tobytes()))
        first = self.gone.replace(second=0, minute=self.gone.minute // 10 * 10)
        for minute in range(11):
            at = first + timedelta(minutes=minute)
            since = (at - self.begin).total_seconds()
            data = filmed([self.scene.frame(since + 2 * n, n) for n in range(30)])
            take = Take(frames=60, fps=1, width=320, height=180)
            await put(self.place.hub.store, self.place.hub.settings.data_dir, camera, at, take, data=data)
        (case,) = await cases.list_cases(self.place.hub.store, CONSOLE)
        window = {"starts_at": self.begin, "ends_at": datetime.now(UTC) + timedelta(minutes=1)}
        change = CaseChange(expected_revision=case.revision, **window)
        self.case = await cases.change(self.place.hub.store, case.id, change, CONSOLE)


@pytest.fixture
async def stage(place: County) -> Stage:
    made = Stage(place)
    await made.fill()
    return made


async def opened(desk: Visitor, stage: Stage) -> Page:
    page = desk.page
    await page.goto(f"{desk.place.address}/#/cases/{stage.case.id}/moment/strip")
    await desk.sign_in("li")
    await page.get_by_role("button", name="以案件").click()
    form = page.locator(".strip-pick")
    await form.get_by_label("镜头").select_option(str(stage.place.cameras[CAMERA]))
    await form.get_by_role("button", name="打开").click()
    return page


async def box_around(page: Page, scene: Vanishing) -> None:
    area = await page.locator(".strip-stage").bounding_box()
    assert area is not None
    x0, y0, x1, y1 = (
        area["x"] + scene.box[0] / 320 * area["width"],
        area["y"] + scene.box[1] / 180 * area["height"],
        area["x"] + scene.box[2] / 320 * area["width"],
        area["y"] + scene.box[3] / 180 * area["height"],
    )
    await page.mouse.move(x0, y0)
    await page.mouse.down()
    await page.mouse.move((x0 + x1) / 2, (y0 + y1) / 2)
    await page.mouse.move(x1, y1)
    await page.mouse.up()
    await expect(page.locator(".strip-box")).to_be_visible()


async def test_thirty_days_to_the_second_in_three_screens(
    desk: Visitor, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[int] = []
    crops = Decoders.crops

    async def counted(self: Decoders, pieces: Any, *rest: Any, **more: Any) -> Any:
        decoded.append(len(pieces))
        return await crops(self, pieces, *rest, **more)

    monkeypatch.setattr(Decoders, "crops", counted)
    asked: list[str] = []

    def heard(request: Request) -> None:
        asked.append(request.url)

    desk.page.on("request", heard)
    page = await opened(desk, stage)
    cells = page.locator(".strip-cell .crop[data-shown=true]")
    await expect(cells).to_have_count((DAYS - 1) * 24 - 2, timeout=180_000)
    assert sum(decoded) <= 1, "opening needs no video: one larger picture to draw on is all"
    assert len([one for one in asked if "/stills/" in one]) <= DAYS + 1
    await expect(page.locator(".strip-cell[data-why=none]").first).to_have_attribute("title", re.compile("无画面"))
    day = f"{stage.gone + timedelta(hours=8):%m-%d}"
    await page.get_by_role("button", name=f"{day} 每 10 分钟").click()
    await expect(page.get_by_role("grid", name="每 10 分钟").locator(".crop[data-shown=true]").first).to_be_visible()
    await shot(page, "strip-day")
    await page.get_by_role("button", name="按天、按小时").click()
    await box_around(page, stage.scene)
    await expect(cells).to_have_count((DAYS - 1) * 24 - 2, timeout=180_000)
    await shot(page, "strip-days")

    def spot(at: datetime) -> str:
        return f"{at + timedelta(hours=8):%m-%d %H}"

    last, first = stage.gone.replace(minute=0, second=0), stage.gone.replace(minute=0, second=0) + timedelta(hours=1)
    with_ = page.locator(f".strip-cell[aria-label^='{spot(last)}']")
    await with_.focus()
    await page.keyboard.press("1")
    await expect(with_).to_have_attribute("data-mark", "in")
    without = page.locator(f".strip-cell[aria-label^='{spot(first)}']")
    await without.click()
    await expect(without).to_have_attribute("data-mark", "out")
    await expect(page.locator(".strip-changes li")).to_have_count(1)
    await page.get_by_role("button", name="看得更细").click()
    grid = page.get_by_role("grid", name="关键帧")
    await expect(grid.locator(".crop[data-shown=true]").first).to_be_visible()
    await shot(page, "strip-minutes")
    for _ in range(2):
        found = grid.locator(".strip-cell:not([data-why])")
        labels = [await one.get_attribute("aria-label") or "" for one in await found.all()]
        there = [n for n, one in enumerate(labels) if one[:14] <= f"{stage.gone + timedelta(hours=8):%m-%d %H:%M:%S}"]
        await found.nth(there[-1]).focus()
        await page.keyboard.press("1")
        if there[-1] + 1 < len(labels):
            await page.keyboard.press("ArrowRight")
            await found.nth(there[-1] + 1).focus()
            await page.keyboard.press("0")
        close = page.get_by_role("button", name="看得更细")
        if await close.is_disabled():
            break
        await close.click()
        await expect(found).not_to_have_count(len(labels))
        await expect(grid.locator(".crop[data-shown=true]").first).to_be_visible()
    await shot(page, "strip-seconds")
    shown = await page.locator(".strip-changes .time").inner_text()
    year = (stage.gone + timedelta(hours=8)).year
    begin, end = (local(f"{year}-{one}") for one in shown.split(" – "))
    assert begin - timedelta(seconds=2) <= stage.gone <= end + timedelta(seconds=2)
    assert end - begin <= timedelta(seconds=4)
    assert max(decoded) <= 60
    rows = {one.action for one in await audit.list_rows(stage.place.hub.store, CONSOLE)}
    assert {"still.list", "recording.frames"} <= rows
    play = await page.get_by_role("link", name="回放", exact=True).get_attribute("href")
    assert play is not None
    assert str(stage.place.cameras[CAMERA]) in play
    desk.check()


async def test_the_machine_looks_asks_and_says_why(desk: Visitor, stage: Stage) -> None:
    page = await opened(desk, stage)
    await expect(page.locator(".strip-cell .crop[data-shown=true]").first).to_be_visible(timeout=60_000)
    await box_around(page, stage.scene)
    shown = page.locator(".strip-cell:not([data-why])")
    await expect(shown).to_have_count((DAYS - 1) * 24 - 2, timeout=180_000)
    await shown.nth((DAYS - 5) * 24).click()
    await shown.last.click()
    await page.get_by_role("button", name="机器帮找").click()
    helper = page.get_by_role("region", name="消失查找")
    await expect(helper).to_contain_text("可能还有")
    for number in range(20):
        await expect(helper).to_have_attribute("aria-busy", "false")
        text = await helper.get_by_role("status").first.inner_text()
        if "在不在" not in text:
            break
        if number == 0:
            await shot(page, "vanish-asks")
        await page.keyboard.press("1" if local(text.split(" 在不在")[0]) < stage.gone else "0")
    await expect(helper.get_by_role("status").first).to_contain_text("不在")
    await helper.get_by_text("依据").click()
    await expect(helper.locator(".vanish-reasons .crop[data-shown=true]").first).to_be_visible()
    await shot(page, "vanish-found")
    desk.check()


async def test_on_a_phone_and_in_english_and_without_pictures(desk: Visitor, stage: Stage) -> None:
    page = await opened(desk, stage)
    await expect(page.locator(".strip-cell .crop[data-shown=true]").first).to_be_visible(timeout=60_000)
    await page.set_viewport_size(PHONE)
    await shot(page, "strip-phone")
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, "the grid scrolls by itself"
    await page.set_viewport_size(DESK)
    await page.get_by_role("button", name="EN").click()
    await shot(page, "strip-english")
    form = page.locator(".strip-pick")
    await form.get_by_label("Camera").select_option(str(stage.place.cameras["汉书村羊圈路口"]))
    await form.get_by_role("button", name="Open").click()
    await expect(page.get_by_text("There are no small pictures of that time")).to_be_visible()
    await shot(page, "strip-empty")
    desk.check()
