"""Holding recordings for a case from playback, and letting go of them, as an officer does it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from registry.recordings import holds
from registry.scope import EVERYTHING
from tests.e2e.county import CASE, County
from tests.e2e.playing import CAMERAS, address, comes, frame_at, go
from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.browser


async def test_what_is_marked_is_held_for_a_case_and_let_go_with_a_reason(
    desk: Visitor, place: County, base: datetime
) -> None:
    await desk.enter(address(place, CAMERAS[:2], base + timedelta(seconds=5)))
    page = desk.page
    await comes(page, frame_at(5))
    await page.keyboard.press("i")
    await go(page, place, CAMERAS[:2], base + timedelta(seconds=35))
    await comes(page, frame_at(35))
    await page.keyboard.press("o")
    await page.get_by_role("button", name="为案件留存").click()
    dialog = page.get_by_role("dialog", name="为案件留存")
    # The case one looks under is chosen; without a reason nothing is held.
    await expect(dialog.get_by_label("案件").locator("option:checked")).to_contain_text(CASE[0])
    await expect(dialog.get_by_role("button", name="为案件留存")).to_be_disabled()
    await dialog.get_by_label("留存理由").fill("羊群经过")
    last = (datetime.now(UTC) + timedelta(days=90)).date()
    await dialog.get_by_label("留存至").fill(last.isoformat())
    await dialog.get_by_role("button", name="为案件留存").click()
    await expect(dialog).to_have_count(0)
    await expect(page.locator(".toast")).to_contain_text("已留存")
    (held,) = await holds.list_holds(place.hub.store, EVERYTHING)
    assert (held.reason, held.active, {one.name for one in held.cameras}) == ("羊群经过", True, set(CAMERAS[:2]))
    assert abs(held.since - (base + timedelta(seconds=5))) < timedelta(seconds=0.2)
    assert abs(held.until - (base + timedelta(seconds=35))) < timedelta(seconds=0.2)
    local = held.expires_at.astimezone(place.hub.store.tz)
    assert (local.date(), local.hour) == (last + timedelta(days=1), 0), "through the day that was named"

    await page.evaluate("() => { location.hash = '#/cases' }")
    await page.get_by_role("button", name="留存录像").click()
    listed = page.get_by_role("dialog", name=re.compile("案件留存录像"))
    await expect(listed.locator(".panel")).to_contain_text("羊群经过")
    await listed.get_by_role("button", name="解除留存").click()
    await expect(listed).to_contain_text("无法恢复")
    await expect(listed.get_by_role("button", name="解除留存")).to_be_disabled()
    await listed.get_by_label("解除理由").fill("已调取")
    await listed.get_by_role("button", name="解除留存").click()
    await expect(listed.locator(".inactive")).to_contain_text("li 于")
    await expect(listed.get_by_role("button", name="解除留存")).to_have_count(0)
    assert [one.active for one in await holds.list_holds(place.hub.store, EVERYTHING)] == [False]
    desk.check()
