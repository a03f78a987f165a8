"""The wall where there is little room, and its cameras on the map, over a county that nothing is watched of."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from registry import cameras
from registry.users import CONSOLE
from tests.camera_hub.watch.county import until
from tests.e2e.county import County
from tests.e2e.visitor import PHONE, Visitor

pytestmark = pytest.mark.browser
ROW_PX = 56
"""No row of the bar is higher."""
EAST, NEAR, AWAY = "汉书村东口", "汉书村羊圈路口", "先进村桥头"


async def enter(visitor: Visitor) -> Page:
    """An officer before the wall, under the case."""
    await visitor.enter()
    await visitor.page.locator(".events-tools").wait_for()
    await visitor.page.evaluate("() => { location.hash = '#/wall' }")
    await visitor.page.locator(".wall-grid").wait_for()
    return visitor.page


async def height(page: Page) -> float:
    box = await page.locator(".wall > .toolbar").bounding_box()
    assert box is not None
    return box["height"]


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_on_a_phone_the_bar_is_one_row_and_a_menu(browser: Browser, place: County, language: str) -> None:
    page = await browser.new_page(viewport=PHONE)
    await page.add_init_script(f"localStorage.setItem('language', '{language}')")
    visitor = Visitor(page, place)
    await enter(visitor)
    assert await height(page) <= ROW_PX
    bar = page.locator(".wall > .toolbar")
    await bar.get_by_role("button", name={"zh": "更多", "en": "More"}[language]).click()
    await bar.get_by_role("radio", name="9").click()
    await expect(page.locator(".wall-grid")).to_have_attribute("data-layout", "9")
    await page.locator(".wall-more .segments label").nth(1).click()
    await page.locator("dialog button[type=submit]").click()
    await expect(page.locator(".wall-more")).to_have_count(0)
    await expect(page.locator(".wall-round")).to_be_visible()
    assert await height(page) <= 2 * ROW_PX
    assert await page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    # What is up can be saved here, too.
    await page.locator(".wall-saved").click()
    await page.get_by_role("button", name={"zh": "另存为", "en": "Save as"}[language]).click()
    await expect(page.locator("dialog input[required]")).to_be_focused()


async def test_the_map_beside_the_wall_puts_cameras_up(desk: Visitor, place: County) -> None:
    store, vault = place.hub.store, place.hub.vault
    stands = cameras.CameraChange(lat=45.73, lon=123.94)
    await cameras.change(store, vault, place.cameras[EAST], stands, CONSOLE)
    page = await enter(desk)
    await page.get_by_role("radio", name="地图").check(force=True)
    await page.locator(".wall-find").fill(EAST)
    box = await page.locator(".wall-map .map-host").bounding_box()
    assert box is not None
    up = page.locator(f'.wall-tile[data-camera="{place.cameras[EAST]}"]')

    async def pressed() -> bool:
        # Of one camera the map is fitted so that it stands in the middle, once that is drawn.
        await page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        return await up.count() == 1

    await until(pressed, what="a press on the map puts the camera up")
    # Who has no position is not on the map, and said to be missing.
    await page.locator(".wall-find").fill(NEAR)
    await expect(page.locator(".wall-picker .hint")).to_be_visible()
    await expect(page.locator(".wall-map")).to_have_count(0)
    await page.locator("button.wall-row", has_text=NEAR).click()
    await expect(page.locator(".wall-tile[data-camera]")).to_have_count(2)
    # What the case does not reach is not said to be the owner's refusal.
    await page.locator(".wall-find").fill(AWAY)
    await expect(page.locator("button.wall-row", has_text=AWAY)).to_be_disabled()
    await expect(page.locator("button.wall-row", has_text=AWAY)).to_contain_text("不在事由范围")
