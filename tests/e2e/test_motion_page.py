"""The search for motion in a real browser: a box on the picture, hits that play, and what nobody watched."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import pytest
from playwright.async_api import Page, expect

from camera_hub.recall.motion.days import day_of
from camera_hub.recall.stills.dayfile import Album, Still
from registry import audit, cases
from registry.cases import CaseChange
from registry.users import CONSOLE
from tests.camera_hub.recall.sheets import lit, write
from tests.camera_hub.recording.footage import Take, put
from tests.detectors.test_afterwards import picture
from tests.detectors.vanishing import HEIGHT, WIDTH, Vanishing
from tests.e2e.county import County
from tests.e2e.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser
GATE, YARD = "汉书村东口", "汉书村西口"
SHOTS = os.environ.get("SHOTS")
DAY = timedelta(days=1)


async def shot(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


class Stage:
    """Two days of a camera that was watched but for an hour, and one nobody watched."""

    def __init__(self, place: County) -> None:
        self.place = place
        shelf = place.hub.motion.shelf
        self.day = day_of(int(datetime.now(UTC).timestamp()), shelf.tz) - 2 * DAY
        self.begin = datetime(self.day.year, self.day.month, self.day.day, tzinfo=shelf.tz).astimezone(UTC)
        self.names = list(place.cameras)
        self.gate, self.yard = (place.cameras[name] for name in self.names[:2])

    async def fill(self) -> None:
        shelf = self.place.hub.motion.shelf
        moved = {at: lit((2, 28)) for at in range(0, 40_000, 20)}  # a tree in the corner
        moved |= {37_000 + at: lit((9, 15), (9, 16)) for at in range(12)}
        moved |= {70_000 + at: lit((10, 16)) for at in range(3)}
        gusts = {at: lit((2, 28)) for at in range(0, 86_400, 3)}
        write(shelf, self.gate, self.day - DAY, moved=gusts, sealed=True)
        write(shelf, self.gate, self.day, moved=moved, watched=[(0, 40_000), (43_600, 86_400)], sealed=True)
        write(shelf, self.gate, self.day + DAY, sealed=True)
        store, folder = self.place.hub.store, self.place.hub.settings.data_dir
        await put(store, folder, self.gate, self.begin + 2 * DAY - timedelta(seconds=8), Take())
        (case,) = await cases.list_cases(store, CONSOLE)
        window = {"starts_at": self.begin, "ends_at": self.begin + 2 * DAY}
        self.case = await cases.change(store, case.id, CaseChange(expected_revision=case.revision, **window), CONSOLE)


@pytest.fixture
async def stage(place: County) -> Stage:
    made = Stage(place)
    await made.fill()
    return made


async def opened(desk: Visitor, stage: Stage) -> Page:
    page = desk.page
    await page.goto(f"{desk.place.address}/#/cases/{stage.case.id}/moment/search")
    await desk.sign_in("li")
    await page.get_by_role("button", name="以案件").click()
    return page


async def boxed(page: Page, *corners: tuple[float, float]) -> None:
    area = await page.locator(".motion-stage").bounding_box()
    assert area is not None
    (x0, y0), (x1, y1) = [(area["x"] + x * area["width"], area["y"] + y * area["height"]) for x, y in corners]
    await page.mouse.move(x0, y0)
    await page.mouse.down()
    await page.mouse.move((x0 + x1) / 2, (y0 + y1) / 2)
    await page.mouse.move(x1, y1)
    await page.mouse.up()


async def test_a_box_is_drawn_and_what_moved_in_it_is_played(desk: Visitor, stage: Stage) -> None:
    page = await opened(desk, stage)
    await shot(page, "motion-empty")
    await page.get_by_role("checkbox", name=re.compile(stage.names[0])).check()
    await page.get_by_role("checkbox", name=re.compile(stage.names[1])).check()
    await page.get_by_role("button", name=re.compile(stage.names[0])).click()
    await expect(page.locator(".motion-stage img")).to_be_visible()
    await boxed(page, (0.4, 0.45), (0.6, 0.62))
    await expect(page.get_by_text("只找框内")).to_be_visible()
    await page.get_by_role("button", name="查找").click()
    await expect(page.locator(".motion-hits tbody tr")).to_have_count(2)
    rows = page.locator(".motion-hits tbody tr")
    await expect(rows.first).to_contain_text("10:16:40")
    cameras = page.locator(".motion-cameras > li")
    await expect(cameras.first).to_contain_text("有分析 97.9%")
    await expect(cameras.nth(1)).to_contain_text("有分析 0%")
    await cameras.nth(1).locator("summary").click()
    await shot(page, "motion-found")
    await page.get_by_label("至少动 1 格").fill("2")
    await page.get_by_role("button", name="查找").click()
    await expect(rows).to_have_count(1)
    link = rows.first.get_by_role("link", name="回放")
    href = await link.get_attribute("href")
    assert href is not None
    assert str(stage.gate) in href
    asked = [row for row in await audit.list_rows(stage.place.hub.store, CONSOLE) if row.action == "motion.search"]
    assert [row.result_count for row in asked] == [1, 2]
    await page.get_by_role("button", name="逐点勾画").click()
    canvas = page.locator(".motion-stage svg")
    area = await canvas.bounding_box()
    assert area is not None
    for x, y in ((0.8, 0.05), (0.98, 0.05), (0.98, 0.2)):
        await canvas.click(position={"x": x * area["width"], "y": y * area["height"]})
    await page.get_by_role("button", name="合拢").click()
    await page.get_by_label("至少动 2 格").fill("1")
    await page.get_by_role("button", name="查找").click()
    await expect(cameras.first).to_contain_text("1 格在某些时段常动")
    await expect(page.locator(".motion-draw").get_by_text("常动的格")).to_be_visible()
    await shot(page, "motion-noisy")
    await page.get_by_label("包括常动的格").check()
    await page.get_by_role("button", name="查找").click()
    await expect(page.get_by_role("status").filter(has_text="列出前 200 次")).to_be_visible()
    desk.check()


@pytest.mark.parametrize("size", [DESK, PHONE])
async def test_wrong_times_are_said_and_a_failure_keeps_what_was_drawn(desk: Visitor, stage: Stage, size: Any) -> None:
    await desk.page.set_viewport_size(size)
    page = await opened(desk, stage)
    await page.get_by_role("checkbox", name=re.compile(stage.names[0])).check()
    await boxed(page, (0.4, 0.45), (0.6, 0.62))
    await page.get_by_label("每天几点起").fill("25:00")
    await expect(page.get_by_text("起止都写成")).to_be_visible()
    await expect(page.get_by_role("button", name="查找")).to_be_disabled()
    await page.get_by_label("每天几点起").fill("20:00")
    await page.get_by_label("每天几点止").fill("06:00")
    await page.route("**/api/v1/motion/search", lambda route: route.abort())
    await page.get_by_role("button", name="查找").click()
    await expect(page.get_by_role("button", name="重试")).to_be_visible()
    await shot(page, f"motion-failed-{'desk' if size == DESK else 'phone'}")
    await page.unroute("**/api/v1/motion/search")
    await page.get_by_role("button", name="重试").click()
    await expect(page.get_by_text("没有查到变动")).to_be_visible()
    await expect(page.locator(".motion-region")).to_be_visible()


@pytest.mark.parametrize("size", [DESK, PHONE])
async def test_what_looks_different_afterwards_comes_first_with_its_two_pictures(
    desk: Visitor, stage: Stage, size: Any
) -> None:
    scene = Vanishing(43, 3, begins=10)  # its thing stands where the stage lets something move
    scene.gone_s = 5_530
    begins = 37_000 - scene.gone_s
    album = Album(stage.place.hub.settings.data_dir)
    for at in range(0, 10_800, 600):
        grey = cv2.cvtColor(picture(scene, at), cv2.COLOR_GRAY2BGR)
        ok, data = cv2.imencode(".webp", grey)
        assert ok
        taken = round((stage.begin + timedelta(seconds=begins + at)).timestamp() * 1000)
        album.append(stage.gate, Still(taken, WIDTH, HEIGHT, masked=False, data=data.tobytes()))
    await desk.page.set_viewport_size(size)
    page = await opened(desk, stage)
    await page.get_by_role("checkbox", name=re.compile(stage.names[0])).check()
    x0, y0, x1, y1 = scene.box
    await boxed(page, (x0 / WIDTH, y0 / HEIGHT), (x1 / WIDTH, y1 / HEIGHT))
    await page.route("**/api/v1/motion/changes", lambda route: route.abort())
    await page.get_by_role("button", name="查找").click()
    await expect(page.get_by_text("按原来的次序排列")).to_be_visible()
    rows = page.locator(".motion-hits tbody tr")
    await expect(rows.first).to_be_visible()
    await page.unroute("**/api/v1/motion/changes")
    await page.get_by_role("button", name="查找").click()
    await expect(page.get_by_text("1 次变动之后画面不同，已排到前面")).to_be_visible()
    await expect(rows.first).to_contain_text("之后画面不同")
    await expect(rows.first).to_contain_text("10:16:40")
    crops = rows.first.locator("canvas[data-shown=true]")
    await expect(crops).to_have_count(2)
    await expect(rows.last).to_contain_text("无法判断")
    await shot(page, f"motion-after-{'desk' if size == DESK else 'phone'}")
