"""Bookmarks on the page: B in playback, the list of the case, a new version, an event found useful."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from registry import audit
from registry.users import CONSOLE
from tests.e2e.county import County
from tests.e2e.playing import CAMERAS, address, comes, frame_at
from tests.e2e.test_case_page import fits, shot
from tests.e2e.visitor import PHONE, Visitor

pytestmark = pytest.mark.browser


async def test_a_moment_is_bookmarked_by_a_key_and_changed_by_a_version(
    desk: Visitor, place: County, base: datetime
) -> None:
    await desk.enter(address(place, CAMERAS[:2], base + timedelta(seconds=25)))
    page = desk.page
    await comes(page, frame_at(25))
    await page.keyboard.press("b")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("说明").fill("白色三轮车往东")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("已记入案件")).to_be_visible()
    one = page.locator(".bookmark")
    await expect(one).to_contain_text("白色三轮车往东")
    await expect(one.locator("img")).to_have_js_property("complete", value=True)
    assert await one.locator("img").evaluate("img => img.naturalWidth") == 160
    await shot(page, "bookmarks-1440")
    await one.get_by_role("button", name="改书签").click()
    await dialog.get_by_role("radio", name="线索").check()
    await dialog.get_by_role("button", name="存为新版").click()
    await expect(one).to_have_count(1)
    await expect(one).to_contain_text("第 2 版")
    await page.keyboard.press("ArrowRight")
    await comes(page, frame_at(35))
    await one.get_by_role("button", name="到 ").click()
    await comes(page, frame_at(25))
    rows = await audit.list_rows(place.hub.store, CONSOLE)
    assert {"bookmark.add", "bookmark.supersede", "bookmark.list", "hold.create"} <= {row.action for row in rows}
    await page.set_viewport_size(PHONE)
    await expect(one).to_be_visible()
    await shot(page, "bookmarks-390")
    assert await fits(page)
    desk.check()


async def test_an_event_found_useful_feeds_the_case(desk: Visitor, place: County) -> None:
    await place.event(CAMERAS[0], "car", at=datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1))
    await desk.enter("#/events")
    page = desk.page
    await page.locator(".card-link").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="记入案件").click()
    await dialog.get_by_role("button", name="记入案件").last.click()
    await expect(dialog.get_by_role("link", name="已记入本案")).to_be_visible()
    await shot(page, "event-to-case-1440")
    desk.check()
