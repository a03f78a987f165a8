"""An e-bike is gone in the night, and no detection saw it: from the report to the pack, as an officer lives it.

The camera looks at the place. Hours of stills say between which two, a minute of keyframes says when, the frame is kept,
the footage is asked for, granted by another, packed, and verified. Each click, key and field the officer needs counts.
"""

from __future__ import annotations

import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect
from pydantic import SecretStr

from camera_hub.demo import theft
from camera_hub.evidence import verify
from registry import cameras, places, users
from registry.cameras import CameraChange
from registry.model import Role
from registry.recordings import holds
from registry.scope import EVERYTHING
from registry.users import CONSOLE
from tests.e2e.county import PASSWORD, County
from tests.e2e.visitor import DESK, Visitor

pytestmark = pytest.mark.browser
CAMERA, VILLAGE = "汉书村东口", "220882100200"
LAT, LON = 45.7312, 123.9411
MOST = 25
"""Interactions from the report to the pack; what the second person does is his own."""


class Officer:
    """A hand that counts what it does."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.did = 0

    async def press(self, what: Locator) -> None:
        self.did += 1
        await what.click()

    async def fill(self, what: Locator, text: str) -> None:
        self.did += 1
        await what.fill(text)

    async def box(self, on: Locator, corners: tuple[float, float, float, float]) -> None:
        self.did += 1
        area = await on.bounding_box()
        assert area is not None
        x, y = (
            [area["x"] + area["width"] * at for at in corners[::2]],
            [area["y"] + area["height"] * at for at in corners[1::2]],
        )
        await self.page.mouse.move(x[0], y[0])
        await self.page.mouse.down()
        await self.page.mouse.move(sum(x) / 2, sum(y) / 2)
        await self.page.mouse.move(x[1], y[1])
        await self.page.mouse.up()


@pytest.fixture
async def stolen(place: County) -> datetime:
    """The camera and its village stand on the map, and saw a theft; somebody else may approve. When it was."""
    store, vault = place.hub.store, place.hub.vault
    await places.change(store, VILLAGE, places.PlaceChange(lat=LAT, lon=LON), CONSOLE)
    at = CameraChange(lat=LAT, lon=LON, bearing_deg=90.0)
    await cameras.change(store, vault, place.cameras[CAMERA], at, CONSOLE)
    new = users.NewUser(name="zhao", display_name="赵所长", role=Role.APPROVER, password=SecretStr(PASSWORD))
    made = await users.create(store, new, CONSOLE)
    await users.set_grants(store, made.id, ("220882",), CONSOLE)
    when = theft.when(store.clock(), store.tz)
    await theft.lay(store, place.hub.settings.data_dir, place.cameras[CAMERA], when)
    return when


async def signed_in(browser: Browser, place: County, name: str, path: str) -> Visitor:
    visitor = Visitor(await browser.new_page(viewport=DESK), place)
    await visitor.page.goto(f"{place.address}/{path}")
    await visitor.sign_in(name)
    return visitor


async def report(officer: Officer, gone: datetime) -> None:
    page = officer.page
    await officer.press(page.get_by_role("radio", name="电动自行车", exact=True))
    await officer.fill(page.get_by_label("最后看到"), f"{gone - timedelta(hours=7):%Y-%m-%d %H}:00")
    await officer.fill(page.get_by_label("发现不见"), f"{gone + timedelta(hours=6):%Y-%m-%d %H}:00")
    # The one village on the map fills it, and the camera stands in its middle.
    await officer.press(page.locator(".leaflet-container"))
    await expect(page.locator(".wizard-reach")).to_contain_text("4 个探头")
    await officer.press(page.get_by_role("radio", name="大概", exact=True))
    await officer.press(page.get_by_role("radio", name="被盗", exact=True))
    await officer.press(page.get_by_role("button", name="立案并留存录像"))
    await expect(page.locator(".holds li")).to_have_count(1)


async def find(officer: Officer, gone: datetime) -> None:
    """Between which hours, then between which seconds; the frame is kept."""
    page = officer.page
    await officer.press(page.get_by_role("tab", name="找镜头"))
    await officer.press(page.locator(".near-row").first.get_by_role("checkbox"))
    await officer.press(page.get_by_role("tab", name="找时刻"))
    await expect(page.locator(".strip-cell .crop[data-shown=true]").first).to_be_visible()
    await officer.box(page.locator(".strip-stage"), (0.46, 0.58, 0.68, 0.80))
    await officer.press(page.locator(f".strip-cell[aria-label^='{gone:%m-%d %H}']"))
    await officer.press(page.locator(f".strip-cell[aria-label^='{gone + timedelta(hours=1):%m-%d %H}']"))
    await officer.press(page.get_by_role("button", name="看得更细"))
    grid = page.get_by_role("grid", name="关键帧")
    await expect(grid.locator(".crop[data-shown=true]").first).to_be_visible()
    shown = grid.locator(".strip-cell:not([data-why])")
    labels = [await one.get_attribute("aria-label") or "" for one in await shown.all()]
    with_it = max(n for n, one in enumerate(labels) if one[:14] <= f"{gone:%m-%d %H:%M:%S}")
    await officer.press(shown.nth(with_it))
    await expect(shown.nth(with_it)).to_have_attribute("data-mark", "in")
    await officer.press(shown.nth(with_it + 1))
    await expect(shown.nth(with_it + 1)).to_have_attribute("data-mark", "out")
    await expect(page.locator(".strip-changes li")).to_have_count(1)
    await officer.press(page.locator(".strip-changes").get_by_role("button", name="加书签"))
    await officer.press(page.get_by_role("dialog").get_by_role("button", name="加书签"))
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def ask(officer: Officer) -> None:
    page = officer.page
    await officer.press(page.get_by_role("tab", name="出材料"))
    await officer.press(page.get_by_role("button", name="申请导出"))
    box = page.get_by_role("dialog")
    await officer.fill(box.get_by_label("接收方", exact=True), "刑侦大队 李明")
    await officer.fill(box.get_by_label("文书号"), "大公(治)调证字〔2026〕12号")
    await officer.press(box.get_by_role("button", name="提交审批"))
    await expect(page.locator(".papers .tag-wait")).to_have_text("待审批")


async def grant(browser: Browser, place: County) -> None:
    approver = await signed_in(browser, place, "zhao", "#/cases/approvals")
    page = approver.page
    await page.get_by_role("button", name="批准", exact=True).click()
    await page.get_by_role("dialog").get_by_role("textbox").fill("同意调取")
    await page.get_by_role("dialog").get_by_role("button", name="批准", exact=True).click()
    await expect(page.locator(".tag-ok")).to_have_text("已批准")
    approver.check()
    await page.close()


async def test_from_the_report_to_the_pack(browser: Browser, place: County, stolen: datetime, tmp_path: Path) -> None:
    visitor = await signed_in(browser, place, "li", "#/cases/new")
    officer, page = Officer(visitor.page), visitor.page
    await report(officer, stolen)
    (held,) = await holds.list_holds(place.hub.store, EVERYTHING)
    assert CAMERA in {one.name for one in held.cameras}
    await find(officer, stolen)
    await ask(officer)
    await grant(browser, place)
    await page.reload()
    await officer.press(page.get_by_role("button", name="制作证据包"))
    await expect(page.locator(".custody li")).to_contain_text(["制作"])
    async with page.expect_download() as coming:
        await officer.press(page.get_by_role("button", name="下载"))
    pack = tmp_path / "pack.zip"
    await (await coming.value).save_as(pack)
    with zipfile.ZipFile(pack) as zipped:
        zipped.extractall(tmp_path / "pack")
    (folder,) = (tmp_path / "pack").iterdir()
    told = await page.locator(".papers-key code").inner_text()
    assert verify.check(str(pack), told).problems == ()
    assert list(folder.glob("data/video/**/*.mp4"))
    visitor.check()
    assert officer.did <= MOST, "interactions from the report to the pack"
