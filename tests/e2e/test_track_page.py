"""A sheep that nobody saw go: two entrances that were watched, and the direction that was not is where to search."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page, expect

from camera_hub.recall.motion.days import bounds, day_of
from camera_hub.recall.motion.record import Motion, pack
from registry import cameras, cases, entrances, geography, roads, scenes
from registry.cameras import CameraChange
from registry.cases import CaseChange
from registry.entrances import NewEntrance
from registry.geography import NewBoundary
from registry.model import Event, State
from registry.roads import NewRoad
from registry.scenes import Scene
from registry.scope import EVERYTHING
from registry.users import CONSOLE
from tests.camera_hub.recall.sheets import lit, saw, write
from tests.e2e.county import CASE, County
from tests.e2e.visitor import DESK, PHONE, Visitor
from tests.registry.test_spread import at

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("SHOTS")
VILLAGE = "220882100200"
EAST, PEN, SHOP = "汉书村东口", "汉书村羊圈路口", "汉书村小卖部"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def shot(page: Page, name: str) -> None:
    """A picture for whoever looks, where a folder is named for it."""
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@dataclass
class Village:
    """The street runs north and south from the pen, whose camera saw a sheep; its ends are watched. A track goes east."""

    case: UUID
    seen: datetime
    sheep: Event


async def _put(place: County, name: str, spot: tuple[float, float]) -> None:
    (one,) = [one for one in await cameras.list_cameras(place.hub.store, EVERYTHING) if one.name == name]
    change = CameraChange(lat=spot[1], lon=spot[0], expected_revision=one.revision)
    await cameras.change(place.hub.store, place.hub.vault, one.id, change, CONSOLE)


@pytest.fixture
async def village(place: County) -> Village:
    store = place.hub.store
    now = datetime.now(UTC).replace(microsecond=0)
    seen = now - 3 * HOUR
    lanes = {"大街": (at(0, -2500), at(0, 2500)), "田间路": (at(0, 0), at(1200, 100), at(2600, 300))}
    for name, path in lanes.items():
        await roads.create(store, NewRoad(place_code=VILLAGE, name=name, path=path), CONSOLE)
    outline = (at(-900, -1100), at(900, -1100), at(900, 1100), at(-900, 1100))
    await geography.set_boundary(store, VILLAGE, NewBoundary(boundary=outline), CONSOLE)
    gates = {"北门": (EAST, (0.0, 1000.0), 180), "南门": ("汉书村小卖部", (0.0, -1000.0), 0)}
    for name, (camera, spot, bearing) in gates.items():
        lon, lat = at(*spot)
        new = NewEntrance(
            place_code=VILLAGE, name=name, lat=lat, lon=lon, bearing_deg=bearing, camera_ids=(place.cameras[camera],)
        )
        await entrances.create(store, new, CONSOLE)
        await _put(place, camera, at(spot[0] + 40, spot[1]))
    await _put(place, PEN, at(20, 20))
    for name in (EAST, PEN, "汉书村小卖部"):
        # Down for a moment, long ago: since then it is live, and on record as such.
        await place.status(name, State.STALLED, None, since=now - timedelta(days=10, minutes=1))
        await place.status(name, State.LIVE, None, since=now - timedelta(days=10))
    sheep = await place.event(PEN, "sheep", at=seen)
    for minute in (4, 7, 12, 31):
        await place.event(EAST, "person", at=seen + minute * MINUTE)
    await place.event(EAST, "car", at=seen + 9 * MINUTE)
    (case,) = await cases.list_cases(store, CONSOLE)
    change = CaseChange(expected_revision=case.revision, starts_at=seen - HOUR, ends_at=seen + 2 * HOUR)
    await cases.change(store, case.id, change, CONSOLE)
    return Village(case.id, seen, sheep)


async def opened(browser: Browser, place: County, path: str, language: str, size: dict[str, int]) -> Visitor:
    page = await browser.new_page(viewport=size)
    await page.add_init_script(f"localStorage.setItem('language', '{language}')")
    visitor = Visitor(page, place)
    await page.goto(f"{place.address}/#/cases/{path}")
    await visitor.sign_in("li")
    await page.get_by_role("button", name=CASE[0]).click()
    return visitor


async def test_the_direction_without_a_watch_suggests_the_search_sector(
    browser: Browser, place: County, village: Village
) -> None:
    visitor = await opened(browser, place, f"{village.case}/track/strip", "zh", DESK)
    page = visitor.page
    await expect(page.get_by_role("button", name="北门")).to_contain_text("过往 5")
    await expect(page.locator(".track-thumb")).to_have_count(5)
    await page.get_by_role("button", name="动物").click()
    await expect(page.get_by_role("status").filter(has_text="因类别隐藏 5")).to_be_visible()
    await page.get_by_role("button", name="动物").click()
    await expect(page.locator(".track-thumb")).to_have_count(5)
    await shot(page, "strip-zh-1440")
    # A tab that was pressed leaves the arrows to what it shows.
    await page.get_by_role("tab", name="追轨迹").click()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator(".track-thumb").nth(1)).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("ArrowLeft")
    # By the keyboard: drop the first, keep the second, take the last back, star the sheep at the pen.
    await page.keyboard.press("d")
    await expect(page.locator(".track-drop")).to_have_count(1)
    await page.keyboard.press("1")
    await expect(page.locator(".track-keep")).to_have_count(1)
    await page.keyboard.press("u")
    await expect(page.locator(".track-keep")).to_have_count(0)
    await page.get_by_role("button", name=PEN).click()
    await expect(page.locator(".track-thumb")).to_have_count(1)
    await page.keyboard.press("s")
    await expect(page.locator(".track-star")).to_have_count(1)
    await page.get_by_role("button", name="判定记录").click()
    await expect(page.locator(".track-log li")).to_have_count(4)
    # Before and after: the gates were watched, and no sheep passed.
    await page.get_by_role("radio", name="前后推算").check(force=True)
    await page.get_by_role("button", name="动物").click()
    gates = page.locator(".track-hop")
    await expect(gates).to_have_count(2)
    await expect(gates.first).to_contain_text("全程在看，没有事件")
    await expect(gates.first).to_contain_text("按机遇预计 0.0")
    await shot(page, "hops-zh-1440")
    # The map: both gates end the area, and east is where to search.
    await page.get_by_role("radio", name="线索图").check(force=True)
    await expect(page.locator(".track-say")).to_have_text("先搜：东")
    await expect(page.locator(".track-advice")).to_contain_text("看住、没有事件：")
    await page.locator(".map-canvas").wait_for()
    await shot(page, "map-zh-1440")
    await page.get_by_text("本案不通的道路").click()
    await page.get_by_label("田间路").check()
    await expect(page.locator(".track-say")).to_contain_text("先在圈内搜")
    await page.get_by_role("button", name="保存这张图").click()
    await expect(page.get_by_label("版本").locator("option")).to_have_count(2)
    await shot(page, "map-inside-zh-1440")
    visitor.check()


async def test_a_gate_that_was_blind_says_unknown_and_opens_its_direction(
    browser: Browser, place: County, village: Village
) -> None:
    await place.status(EAST, State.STALLED, None, since=village.seen + 5 * MINUTE)
    await place.status(EAST, State.LIVE, None, since=village.seen + 25 * MINUTE)
    visitor = await opened(browser, place, f"{village.case}/track/strip", "en", DESK)
    page = visitor.page
    await page.get_by_role("button", name=PEN).click()
    await expect(page.locator(".track-thumb")).to_have_count(1)
    await page.keyboard.press("s")
    await expect(page.locator(".track-star")).to_have_count(1)
    await page.get_by_role("radio", name="Before and after").check(force=True)
    await page.get_by_role("button", name="Animal").click()
    north = page.locator(".track-hop").filter(has_text="北门")
    await expect(north).to_contain_text("unknown")
    await expect(north).not_to_contain_text("nobody passed")
    await page.get_by_role("button", name="Animal").click()
    # Who passed may be it: linked as possible, then taken as confirmed.
    await north.get_by_role("button", name="Possibly it").first.click()
    await expect(north).to_contain_text("possible")
    await north.get_by_role("button", name="It is").first.click()
    await expect(north).to_contain_text("confirmed")
    await shot(page, "hops-en-1440")
    await page.get_by_role("button", name="Animal").click()
    await page.get_by_role("radio", name="Clue map").check(force=True)
    await expect(page.locator(".track-list li").first).to_contain_text(PEN)
    await expect(page.locator(".track-advice")).to_be_visible()
    await page.locator(".track-clues select").first.select_option(index=1)
    await expect(page.locator(".track-say")).to_contain_text("north")
    await expect(page.locator(".track-advice")).to_contain_text("Not watched for a time")
    await shot(page, "map-en-1440")
    visitor.check()


@pytest.mark.parametrize("part", ["strip", "hops", "map"])
async def test_on_a_phone_it_is_read(browser: Browser, place: County, village: Village, part: str) -> None:
    visitor = await opened(browser, place, f"{village.case}/track/{part}", "zh", PHONE)
    page = visitor.page
    await expect(page.locator(".track")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    await shot(page, f"{part}-zh-390")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visitor.check()


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_what_moved_and_was_no_event_is_decided_like_the_others(
    browser: Browser, place: County, village: Village, language: str
) -> None:
    shelf = place.hub.motion.shelf
    seen = int(village.seen.timestamp())
    moving = [seen + 60 * minute + more for minute in (2, 4, 20) for more in range(7)]
    for day in {day_of(one, shelf.tz) for one in (seen, *moving)}:
        first, last = bounds(day, shelf.tz)
        moved = {one - first: lit((5, 5)) for one in moving if first <= one < last}
        write(shelf, place.cameras[EAST], day, moved=moved)
    visitor = await opened(browser, place, f"{village.case}/track/strip", language, DESK)
    page = visitor.page
    alone = page.locator(".track-thumb").filter(has_text="仅有画面变动" if language == "zh" else "Motion only")
    await expect(alone).to_have_count(2)
    await alone.first.click()
    await expect(page.locator(".track-chosen")).to_contain_text("没有图片" if language == "zh" else "No picture")
    await page.keyboard.press("s")
    await expect(page.locator(".track-star")).to_have_count(1)
    await alone.last.click()
    await shot(page, f"motion-only-{language}-1440")
    await page.locator(".track-strip select").filter(has=page.locator("option[value=quiet]")).select_option("none")
    hidden = "因仅有画面变动隐藏 2" if language == "zh" else "2 hidden by motion only"
    await expect(page.get_by_role("status").filter(has_text=hidden)).to_be_visible()
    visitor.check()


@pytest.mark.parametrize(("language", "size"), [("zh", DESK), ("en", DESK), ("zh", PHONE)], ids=["zh", "en", "phone"])
async def test_a_gate_without_rules_is_judged_by_what_moved(
    browser: Browser, place: County, village: Village, language: str, size: dict[str, int]
) -> None:
    zh, store, shelf = language == "zh", place.hub.store, place.hub.motion.shelf
    for name in (EAST, SHOP):
        now, store.clock = store.clock, lambda: village.seen - HOUR
        await scenes.put(store, place.cameras[name], Scene(), CONSOLE)
        store.clock = now
    # One gate was watched and something moved; of the other the index has not a word.
    saw(shelf, place.cameras[EAST], village.seen - HOUR, village.seen + 2 * HOUR)
    second = int((village.seen + 14 * MINUTE).timestamp())
    moved = (pack(Motion(second + more, lit((5, 5)))) for more in range(7))
    shelf.append(place.cameras[EAST], day_of(second, shelf.tz), b"".join(moved))
    visitor = await opened(browser, place, f"{village.case}/track/strip", language, DESK)
    page = visitor.page
    await page.get_by_role("button", name=PEN).click()
    await expect(page.locator(".track-thumb")).to_have_count(1)
    await page.keyboard.press("s")
    await expect(page.locator(".track-star")).to_have_count(1)
    await page.set_viewport_size({"width": size["width"], "height": size["height"]})
    await page.get_by_role("radio", name="前后推算" if zh else "Before and after").check(force=True)
    await page.get_by_role("button", name="动物" if zh else "Animal").click()
    north, south = (page.locator(".track-hop").filter(has_text=name) for name in ("北门", "南门"))
    await expect(north).to_contain_text("按画面变动判断" if zh else "judged by motion")
    await expect(north).to_contain_text("发现 1" if zh else "1 found")
    await expect(north.locator(".track-thumb")).to_contain_text("仅有画面变动" if zh else "Motion only")
    await expect(south).to_contain_text("不明" if zh else "unknown")
    await shot(page, f"mute-hops-{language}-{size['width']}")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.get_by_role("radio", name="线索图" if zh else "Clue map").check(force=True)
    advice = page.locator(".track-advice")
    await expect(advice).to_contain_text("有一段没看，可能漏过" if zh else "Not watched for a time")
    await expect(advice).to_contain_text("有目标经过" if zh else "passed")
    await shot(page, f"mute-map-{language}-{size['width']}")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    visitor.check()
