"""A case's own page: its steps, under its own purpose, at a desk and on a phone."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from pydantic import SecretStr

from registry import cameras, cases, placement, places, recordings, roads, users
from registry.cameras import CameraChange
from registry.casework import chosen, report
from registry.casework.items import Certainty, Item, Manner
from registry.casework.told import NewReport, Where
from registry.model import Actor, Reason, Role, State
from registry.placement import PlacementChange
from registry.recordings import holds
from registry.roads import NewRoad
from registry.scope import EVERYTHING
from registry.users import CONSOLE
from tests.camera_hub.recall.sheets import saw
from tests.e2e.county import CASE, PASSWORD, County
from tests.e2e.visitor import DESK, PHONE, Visitor
from tests.registry.recordings_of import round_of, say, segment

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("SHOTS")
WIDTHS = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


async def shot(page: Page, name: str) -> None:
    """A picture for whoever looks, where a folder is named for it."""
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


async def fits(page: Page) -> bool:
    """Whether nothing is wider than the window."""
    return bool(await page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@WIDTHS
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_case_has_a_page_of_its_own(browser: Browser, place: County, size: Any, language: str) -> None:
    page = await browser.new_page(viewport=size)
    await page.add_init_script(f"localStorage.setItem('language', '{language}')")
    visitor = Visitor(page, place)
    await page.goto(f"{place.address}/#/cases")
    await visitor.sign_in("li")
    await page.get_by_role("link", name=CASE[1]).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(CASE[1])
    await expect(page.get_by_role("tab", selected=True)).to_have_text("报案" if language == "zh" else "Report")
    await expect(page.locator(".case-facts")).to_contain_text("汉书村")
    await shot(page, f"case-report-{language}-{size['width']}")
    assert await fits(page)
    visitor.check()


HOME = "220882100200"
LAT, LON = 45.6, 123.9
STREET = ("汉书村东口", "汉书村羊圈路口", "汉书村小卖部", "老李家院外")


def minute(place: County, at: datetime) -> str:
    """As it is typed on the page."""
    return f"{at.astimezone(place.hub.store.tz):%Y-%m-%d %H:%M}"


def clock(place: County, begin: datetime, hours: int) -> str:
    """The clock so many hours later, as the page writes a whole minute within a day."""
    return f"{(begin + timedelta(hours=hours)).astimezone(place.hub.store.tz):%H:%M}"


async def on_the_map(place: County) -> datetime:
    """The village, its street, and four of its cameras along it; when the first one's three hours of footage begin.

    The second hour is missing: its camera could not be reached. Half an hour later analysis saw nothing for ten minutes.
    """
    store, vault = place.hub.store, place.hub.vault
    await places.change(store, HOME, places.PlaceChange(lat=LAT, lon=LON), CONSOLE)
    street = ((LON - 0.01, LAT), (LON + 0.02, LAT))
    await roads.create(store, NewRoad(place_code=HOME, name="村路", path=street), CONSOLE)
    for number, name in enumerate(STREET):
        at = CameraChange(lat=LAT + 0.0001, lon=LON + 0.001 + 0.004 * number, bearing_deg=270.0)
        await cameras.change(store, vault, place.cameras[name], at, CONSOLE)
    begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=4)
    now, store.clock = store.clock, lambda: begin
    await round_of(store)
    store.clock = now
    (first,) = [one for one in await cameras.list_cameras(store, EVERYTHING) if one.name == STREET[0]]
    hour = timedelta(hours=1)
    for since, state, reason in (
        (begin - 2 * hour, State.BACKING_OFF, Reason.UNREACHABLE),
        (begin - hour, State.LIVE, None),
        (begin + hour, State.BACKING_OFF, Reason.UNREACHABLE),
        (begin + 2 * hour, State.LIVE, None),
    ):
        await say(store, first, since, state, reason)
    told = [segment(first, begin + timedelta(minutes=10 * n), 600) for n in range(18) if not 6 <= n < 12]
    await recordings.record(store, told)
    await round_of(store)
    for since, until in ((-1.0, 1.0), (2.0, 2.5), (2.5 + 1 / 6, 3.0)):
        saw(place.hub.motion.shelf, first.id, begin + since * hour, begin + until * hour)
    return begin


@WIDTHS
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_report_opens_a_case_and_leads_to_its_cameras(
    browser: Browser, place: County, size: Any, language: str
) -> None:
    zh = language == "zh"
    begin = await on_the_map(place)
    page = await browser.new_page(viewport=size)
    await page.add_init_script(f"localStorage.setItem('language', '{language}')")
    visitor = Visitor(page, place)
    # An assistant takes the report: an officer of his unit is responsible.
    await page.goto(f"{place.address}/#/cases")
    await visitor.sign_in("wang")
    await page.get_by_role("link", name="受理报案" if zh else "Take a report").click()
    send = page.get_by_role("button", name="立案并留存录像" if zh else "Open the case and hold footage")
    await expect(send).to_be_disabled()
    await page.get_by_role("radio", name="羊" if zh else "Sheep, goats", exact=True).check()
    last, found = (minute(place, begin + timedelta(hours=n)) for n in (0, 3))
    await page.get_by_label("最后看到" if zh else "Last seen").fill(last)
    await page.get_by_label("发现不见" if zh else "Found missing").fill(found)
    position = page.locator(".map-fields input").first
    await position.fill(f"{LAT}, {LON}")
    await position.press("Enter")
    await page.get_by_role("radio", name="准确" if zh else "Sure", exact=True).check()
    await page.get_by_role("radio", name="被盗" if zh else "Stolen", exact=True).check()
    await expect(page.locator(".wizard-reach")).to_contain_text("4")
    await expect(page.locator(".wizard-reach")).to_contain_text("29 天" if zh else "29 d")
    await shot(page, f"wizard-{language}-{size['width']}")
    assert await fits(page)
    await send.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("汉书村羊被盗")
    await expect(page.locator(".case-facts")).to_contain_text("李警官")
    await expect(page.locator(".holds li")).to_have_count(1)
    await expect(page.get_by_text("若不留存" if zh else "Otherwise")).to_be_visible()
    await shot(page, f"reported-{language}-{size['width']}")
    assert await fits(page)
    made = next(one for one in await cases.list_cases(place.hub.store, CONSOLE) if one.number.startswith("临"))
    (held,) = await holds.list_holds(place.hub.store, EVERYTHING, case_id=made.id)
    assert {one.name for one in held.cameras} == set(STREET)

    await page.get_by_role("tab", name="找镜头" if zh else "Cameras").click()
    rows = page.locator(".near-row")
    await expect(rows).to_have_count(4)
    await expect(rows.first).to_contain_text(STREET[0])
    await expect(rows.first.locator(".near-bad")).to_have_count(3)
    await expect(rows.first).to_contain_text("66%")
    await expect(rows.first).to_contain_text("61%")
    unknown = rows.first.locator(".near-gaps").filter(has_text="原因不详" if zh else "no reason is known")
    await expect(unknown).to_contain_text(clock(place, begin + timedelta(minutes=30), 2))
    await expect(rows.nth(1)).to_contain_text("0%")
    for hours in (1, 2):
        await expect(rows.first.locator(".near-why").first).to_contain_text(clock(place, begin, hours))
    await expect(rows.nth(3)).to_contain_text("须征得户主同意" if zh else "ask the owner")
    async with page.expect_response(lambda answer: answer.url.endswith(f"/cases/{made.id}/cameras")):
        await rows.first.get_by_role("checkbox").check()
    await expect(page.get_by_text("本案已选 1 个探头" if zh else "1 cameras chosen")).to_be_visible()
    await shot(page, f"near-{language}-{size['width']}")
    assert await fits(page)
    (one,) = await chosen.of_case(place.hub.store, made.id, Actor(CONSOLE.user, ""))
    assert one.name == STREET[0]
    await page.reload()
    await expect(rows.first.get_by_role("checkbox")).to_be_checked()
    visitor.check()


async def test_a_case_is_handed_over_and_gets_its_own_number(desk: Visitor, place: County) -> None:
    store = place.hub.store
    begin = await on_the_map(place)
    new = users.NewUser(
        name="zhao",
        display_name="赵警官",
        role=Role.OFFICER,
        password=SecretStr(PASSWORD),
        grants=("220882",),
        trained_at=begin,
        pledged_at=begin,
    )
    await users.create(store, new, CONSOLE)
    told = NewReport(
        item=Item.PUMP,
        where=Where(lat=LAT, lon=LON),
        last_seen_at=begin,
        found_at=begin + timedelta(hours=1),
        certainty=Certainty.ABOUT,
        manner=Manner.UNKNOWN,
    )
    settings = place.hub.settings
    li = Actor(await users.by_name(store, "li"), "10.0.0.9")
    made = await report.create(store, settings.record_policy, settings.paces, told, li)
    page = desk.page
    await page.goto(f"{place.address}/#/cases/{made.case.id}")
    await desk.sign_in("li")
    await expect(page.get_by_role("heading", level=1)).to_have_text("汉书村水泵不见")
    await page.get_by_label("现为临时编号").fill("月公(治)案〔2026〕200号")
    await page.get_by_role("button", name="保存").click()
    await expect(page.locator(".case-page-head")).to_contain_text("〔2026〕200号")
    await expect(page.get_by_label("现为临时编号")).to_have_count(0)
    await page.get_by_role("button", name="移交案件").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("移交给").select_option(label="王辅警 · 月亮泡派出所")
    await dialog.get_by_label("交接说明").fill("东口录像看到 21 点")
    await dialog.get_by_role("button", name="移交案件").click()
    await expect(dialog.get_by_role("alert")).to_be_visible()
    await dialog.get_by_label("移交给").select_option(label="赵警官")
    await shot(page, "handover")
    await dialog.get_by_role("button", name="移交案件").click()
    await expect(page.locator(".case-page-head")).to_contain_text("赵警官")
    await expect(page.get_by_label("移交记录")).to_contain_text("东口录像看到 21 点")
    await expect(page.get_by_role("button", name="移交案件")).to_have_count(0)
    desk.check(refused=True)


@WIDTHS
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_what_was_reported_is_amended_and_the_second_of_two_is_told(
    browser: Browser, place: County, size: Any, language: str
) -> None:
    zh, store, settings = language == "zh", place.hub.store, place.hub.settings
    begin = await on_the_map(place)
    told = NewReport(
        item=Item.PUMP,
        where=Where(lat=LAT, lon=LON),
        last_seen_at=begin,
        found_at=begin + timedelta(hours=3),
        certainty=Certainty.SURE,
        manner=Manner.UNKNOWN,
    )
    li = Actor(await users.by_name(store, "li"), "10.0.0.9")
    made = await report.create(store, settings.record_policy, settings.paces, told, li)
    page = await browser.new_page(viewport=size)
    await page.add_init_script(f"localStorage.setItem('language', '{language}')")
    visitor = Visitor(page, place)
    await page.goto(f"{place.address}/#/cases/{made.case.id}")
    await visitor.sign_in("li")
    facts, dialog = page.locator(".case-facts"), page.get_by_role("dialog")
    amend, save = ("更正案情", "保存更正") if zh else ("Amend", "Save")
    await page.get_by_role("button", name=amend, exact=True).click()
    last = dialog.get_by_label("最后看到" if zh else "Last seen")
    await expect(last).to_have_value(minute(place, begin))
    earlier = begin - timedelta(hours=6)
    await last.fill(minute(place, earlier))
    await dialog.get_by_label("备注" if zh else "Note").fill("邻居二十二点还看见过")
    await shot(page, f"amend-{language}-{size['width']}")
    assert await fits(page)
    await dialog.get_by_role("button", name=save, exact=True).click()
    await expect(dialog).to_have_count(0)
    await expect(facts).to_contain_text("邻居二十二点还看见过")
    await expect(facts).to_contain_text(minute(place, earlier))
    await expect(facts.get_by_text("已更正" if zh else "amended", exact=True)).to_have_count(2)
    before = page.get_by_text("更正过 1 次" if zh else "Amended 1 times")
    await before.click()
    await expect(page.locator("details[open]")).to_contain_text(minute(place, begin))
    await shot(page, f"amended-{language}-{size['width']}")
    assert await fits(page)
    after = await cases.get(store, made.case.id, CONSOLE)
    assert after.starts_at == earlier
    assert len(await holds.list_holds(store, EVERYTHING, case_id=after.id)) == 2

    await page.get_by_role("button", name=amend, exact=True).click()
    own = cases.CaseChange(expected_revision=after.revision, title="水泵案")
    await cases.change(store, after.id, own, CONSOLE)
    await dialog.get_by_label("备注" if zh else "Note").fill("另一种说法")
    await dialog.get_by_role("button", name=save, exact=True).click()
    stale = "案件刚被别人修改" if zh else "Somebody changed the case"
    await expect(dialog.get_by_role("alert")).to_contain_text(stale)
    await shot(page, f"amend-stale-{language}-{size['width']}")
    visitor.check(refused=True)


@WIDTHS
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_camera_near_minors_asks_who_looks_for_his_own_words(
    browser: Browser, place: County, size: Any, language: str
) -> None:
    zh, store = language == "zh", place.hub.store
    school = place.cameras["汉书村东口"]
    asked = await placement.get(store, school, EVERYTHING)
    near = PlacementChange(expected_revision=asked.revision, near_minors=True)
    await placement.change(store, school, near, CONSOLE)
    page = await browser.new_page(viewport=size)
    await page.add_init_script(f"localStorage.setItem('language', '{language}')")
    visitor = Visitor(page, place)
    await visitor.enter(f"#/events?camera={school}")
    say = page.get_by_role("button", name="写明事由" if zh else "Say why", exact=True)
    await expect(page.locator(".strip")).to_contain_text("未成年人" if zh else "minors")
    await shot(page, f"minors-strip-{language}-{size['width']}")
    assert await fits(page)
    await say.first.click()
    dialog = page.get_by_role("dialog")
    words = dialog.get_by_label("写明本人查看的具体事由" if zh else "say in your own words why")
    go_on = dialog.get_by_role("button", name="写明事由，继续查看" if zh else "Say so and go on")
    await words.fill(CASE[1])
    await go_on.click()
    await expect(dialog.get_by_role("alert")).to_contain_text("案件名称不算事由" if zh else "title is no reason")
    await words.fill("追查翻墙人员离开校门的方向")
    await shot(page, f"minors-why-{language}-{size['width']}")
    assert await fits(page)
    await go_on.click()
    await expect(dialog).to_have_count(0)
    await expect(page.locator(".purpose-chip")).to_contain_text("追查翻墙人员")
    await expect(page.locator(".strip").filter(has_text="未成年人" if zh else "minors")).to_have_count(0)
    visitor.check(refused=True)
