"""Searching in a real browser: the sentence of filters, the histogram's brush, marks, selection, files, what was around."""

from __future__ import annotations

import csv
import os
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from openpyxl import load_workbook
from playwright.async_api import Page, Route, expect

from registry import cameras, events, purposes, scenes, sessions, users
from registry.model import Access, Actor, PurposeKind, State
from registry.purposes import OpenPurpose
from registry.scenes import Scene
from registry.users import CONSOLE
from tests.e2e.county import CASE, County
from tests.e2e.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("SHOTS")


@pytest.fixture(autouse=True)
async def _reach(place: County) -> None:
    """The case is of three villages, so that there is something to narrow."""
    await place.reach("220882100", "220882101200")


async def _night(place: County) -> datetime:
    """Six events of one night, a minute apart, the sheep first; the time of the first."""
    at = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=5)
    for minute, (camera, label) in enumerate(
        (
            ("汉书村羊圈路口", "sheep"),
            ("汉书村东口", "car"),
            ("汉书村东口", "person"),
            ("先进村桥头", "car"),
            ("永富村主街", "bicycle"),
            ("汉书村东口", "car"),
        )
    ):
        await place.event(camera, label, at=at + timedelta(minutes=minute))
    return at


async def _enter(desk: Visitor, path: str = "#/events", cards: int = 6) -> Page:
    await desk.enter(path)
    await expect(desk.page.locator(".card")).to_have_count(cards)
    return desk.page


async def _colleague(place: County) -> Access:
    user = await users.by_name(place.hub.store, "wang")
    actor = Actor(user, "127.0.0.1")
    new = OpenPurpose(kind=PurposeKind.PATROL, reason="夜间巡查")
    return Access(actor, await purposes.open(place.hub.store, new, actor, 1))


async def test_places_and_cameras_are_chosen_several_at_once(desk: Visitor, place: County) -> None:
    await _night(place)
    page = await _enter(desk)
    cards, where = page.locator(".card"), page.locator(".slot-where")
    await page.keyboard.press("/")
    await expect(page.get_by_label("按村屯或探头名称查找")).to_be_focused()
    await page.keyboard.type("桥头")
    await page.get_by_role("checkbox", name=re.compile("先进村桥头")).check()
    await expect(cards).to_have_count(1)
    await page.get_by_label("按村屯或探头名称查找").fill("永富 主街")
    await page.get_by_role("checkbox", name=re.compile("永富村主街")).check()
    await expect(cards).to_have_count(2)
    await expect(where).to_have_text("2 个探头")
    assert page.url.count("camera=") == 2
    await page.get_by_label("按村屯或探头名称查找").fill("没有这个")
    await expect(page.get_by_text("没有这个名称的村屯或探头")).to_be_visible()
    await page.get_by_label("按村屯或探头名称查找").fill("")
    await page.get_by_role("button", name="本案范围内").last.click()
    await page.get_by_role("checkbox", name=re.compile("^月亮泡镇")).check()
    await expect(cards).to_have_count(5)
    await page.get_by_role("checkbox", name=re.compile("^先进村")).uncheck()
    await expect(where).to_have_text("汉书村")
    await expect(cards).to_have_count(4)
    await page.keyboard.press("Escape")
    await expect(where).to_be_focused()
    desk.check()


async def test_the_brush_narrows_by_pointer_and_by_keyboard(desk: Visitor, place: County) -> None:
    at = await _night(place)
    await place.event("汉书村东口", "person", at=at - timedelta(hours=9))
    page = await _enter(desk, "#/events?last=24h", cards=7)
    bars = page.locator(".histogram-bars svg")
    box = await bars.bounding_box()
    assert box is not None
    first = await page.locator(".slot-bar").first.bounding_box()
    assert first is not None
    await page.mouse.move(box["x"] + 1, box["y"] + 20)
    await page.mouse.down()
    await page.mouse.move(first["x"] + first["width"], box["y"] + 20)
    await expect(page.locator(".histogram figcaption")).to_contain_text("1 条")
    await page.mouse.up()
    await expect(page.locator(".card")).to_have_count(1)
    assert "since=" in page.url
    await page.go_back()
    await expect(page.locator(".card")).to_have_count(7)

    await page.locator(".histogram-bars").focus()
    for _ in range(8):
        await page.keyboard.press("Shift+ArrowLeft")
    await page.keyboard.press("Enter")
    await expect(page.locator(".card")).to_have_count(6)
    desk.check()


async def test_a_mark_is_shown_at_once_undone_and_searched_by(desk: Visitor, place: County) -> None:
    await _night(place)
    page = await _enter(desk)
    first = page.locator(".card").first
    await page.keyboard.press("j")
    await page.keyboard.press("f")
    await expect(first).to_contain_text("误报")
    await page.get_by_role("button", name="撤销").click()
    await expect(first).not_to_contain_text("误报")
    await page.keyboard.press("u")
    await expect(first).to_contain_text("有用")

    identity = await page.locator(".card").nth(1).get_attribute("data-event")
    found = await events.search(place.hub.store, await _colleague(place), events.EventQuery(id=(identity,)))
    marked = await events.mark(
        place.hub.store, await _colleague(place), found.events[0].id, events.NewMark(note="看见车牌")
    )
    place.hub.feed.publish([marked])
    await expect(page.locator(".card").nth(1).locator(".said-note")).to_have_attribute("title", "看见车牌")

    await page.locator(".slot-more").click()
    await page.get_by_role("button", name="有用", exact=True).click()
    await expect(page.locator(".card")).to_have_count(1)
    assert "verdict=useful" in page.url
    desk.check()


async def test_a_mark_that_is_not_kept_is_taken_back_and_said(desk: Visitor, place: County) -> None:
    await _night(place)
    page = await _enter(desk)
    await page.route("**/mark", lambda route: route.fulfill(status=503, json={"code": "unavailable"}))
    await page.keyboard.press("j")
    await page.keyboard.press("u")
    await expect(page.locator(".toast-bad")).to_contain_text("1 条没有标注成功：系统的一部分暂时不可用")
    await expect(page.locator(".card").first).not_to_contain_text("有用")
    desk.check(refused=True)


async def test_several_are_picked_marked_and_taken_as_a_file(desk: Visitor, place: County, tmp_path: Path) -> None:
    await _night(place)
    page = await _enter(desk)
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("Shift+X")
    bulk = page.locator(".bulk")
    await expect(bulk).to_contain_text("已选 3 条")
    await page.locator(".card .pick-box").nth(1).click()
    await expect(bulk).to_contain_text("已选 2 条")
    await bulk.get_by_role("button", name="误报").click()
    await expect(page.locator(".card .tag-false")).to_have_count(2)
    async with page.expect_download() as starting:
        await bulk.get_by_role("button", name="导出").click()
        await page.get_by_role("button", name="CSV").click()
    await (await starting.value).save_as(tmp_path / "some.csv")
    with (tmp_path / "some.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["标注"] for row in rows] == ["误报", "误报"]
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    await expect(bulk).to_have_count(0)
    desk.check()


async def test_the_filtered_list_leaves_as_xlsx(desk: Visitor, place: County, tmp_path: Path) -> None:
    await _night(place)
    page = await _enter(desk, "#/events?group=vehicle", cards=3)
    async with page.expect_download() as starting:
        await page.get_by_role("button", name="导出").click()
        await page.get_by_role("button", name="Excel 表格").click()
    await (await starting.value).save_as(tmp_path / "some.xlsx")
    await expect(page.locator(".toast")).to_contain_text("已导出 3 条")
    rows = list(load_workbook(tmp_path / "some.xlsx").worksheets[0].values)
    assert [row[6] for row in rows[1:]] == ["小汽车"] * 3
    desk.check()


async def test_what_was_around_one_event_and_its_rule(desk: Visitor, place: County) -> None:
    store, camera = place.hub.store, place.cameras["汉书村东口"]
    zone = {"id": "gate", "name": "东口路面", "points": [[0.1, 0.5], [0.9, 0.5], [0.9, 0.95]]}
    rule = {"id": "object", "name": "东口有车", "kind": "object", "zone": "gate"}
    scene = Scene.model_validate({"zones": [zone], "rules": [rule]})
    await scenes.put(store, camera, scene, CONSOLE)
    at = await _night(place)
    changed = Scene.model_validate({"zones": [{**zone, "name": "改过的"}], "rules": [rule]})
    await scenes.put(store, camera, changed, CONSOLE)
    found = await events.search(store, await _colleague(place), events.EventQuery(camera=(camera,), label=("person",)))
    shown = found.events[0]
    assert shown.started_at == at + timedelta(minutes=2)

    async def then(route: Route) -> None:
        """As if the event had been found under the scene's first revision."""
        answer = await route.fetch()
        told = await answer.json()
        for one in told.get("events", []):
            one["scene_revision"] = 1
        await route.fulfill(json=told)

    await desk.page.route(re.compile(r"/api/v1/events\?"), then)
    page = await _enter(desk)
    await page.evaluate("path => { location.hash = path }", f"#/events/{shown.id}")
    dialog = page.get_by_role("dialog")
    await expect(dialog.locator(".zone-name")).to_have_text("东口路面")
    await expect(dialog.locator(".around section").first.locator("li")).to_have_count(3)
    await expect(dialog.locator(".around section").last).to_contain_text("那一分钟")
    await dialog.locator(".strip-list a").last.click()
    await expect(dialog).to_contain_text("小汽车 · 汉书村东口")
    await page.keyboard.press("j")
    await expect(dialog).to_contain_text("自行车 · 永富村主街")
    desk.check()


async def test_one_opened_by_link_is_followed_while_it_goes_on(desk: Visitor, place: County) -> None:
    going_on = await place.event("汉书村东口", "unknown", at=datetime.now(UTC) - timedelta(minutes=1), ended=False)
    await desk.enter(f"#/events/{going_on.id}?label=horse")
    dialog = desk.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("不明移动物 · 汉书村东口")
    await expect(dialog).to_contain_text("进行中")
    await place.event("汉书村东口", "sheep", before=going_on)
    await expect(dialog).to_contain_text("羊 · 汉书村东口")
    await expect(dialog).not_to_contain_text("进行中")
    desk.check()


async def test_a_note_outlives_the_session_it_was_typed_in(desk: Visitor, place: County) -> None:
    await _night(place)
    page = await _enter(desk)
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    note = page.get_by_label("备注", exact=True)
    await expect(note).to_be_visible()
    await page.keyboard.press("n")
    await expect(note).to_be_focused()
    await page.keyboard.type("灰色面包车")
    await expect(page.get_by_role("button", name="保存备注")).to_be_visible()
    store = place.hub.store
    (cookie,) = await page.context.cookies()
    session = await sessions.session_by_token(store, cookie["value"])
    assert session is not None
    # Nothing needs to be pressed: what the page listens to tells it within seconds.
    await sessions.close_session(store, session)
    await expect(page.get_by_text("登录已失效")).to_be_visible()
    await desk.sign_in()
    await page.get_by_role("button", name=CASE[1]).last.click()
    await expect(note).to_have_value("灰色面包车")
    await page.get_by_role("button", name="保存备注").click()
    await expect(page.get_by_text(re.compile("li .* 标注"))).to_be_visible()
    desk.check(refused=True)


async def test_lines_in_place_of_pictures_and_the_sheet_of_keys(desk: Visitor, place: County) -> None:
    await _night(place)
    page = await _enter(desk)
    await page.get_by_label("列表").check(force=True)
    lines = page.locator("tr.line")
    await expect(lines).to_have_count(6)
    await expect(lines.first).to_contain_text("小汽车")
    await page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="键盘快捷键")
    await expect(sheet).to_contain_text("选择或取消选择")
    await page.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)
    await page.keyboard.press("g")
    await page.keyboard.press("c")
    await expect(page).to_have_url(re.compile("#/cameras"))
    await expect(page.locator(".camera-row").nth(1)).to_be_visible()
    await page.keyboard.press("g")
    await page.keyboard.press("e")
    await expect(lines).to_have_count(6)
    desk.check()


async def test_the_map_beside_searches_in_a_circle(desk: Visitor, place: County) -> None:
    store, vault = place.hub.store, place.hub.vault
    for name, lat, lon in (
        ("汉书村东口", 45.70, 123.90),
        ("汉书村羊圈路口", 45.701, 123.90),
        ("永富村主街", 45.9, 124.3),
    ):
        await cameras.change(store, vault, place.cameras[name], cameras.CameraChange(lat=lat, lon=lon), CONSOLE)
    await _night(place)
    page = await _enter(desk)
    await page.get_by_role("button", name="地图", exact=True).click()
    beside = page.locator(".map-beside")
    await beside.get_by_label("圆心").fill("45.7003, 123.9")
    await beside.get_by_label("半径").fill("600")
    await beside.get_by_role("button", name="按数值画圈").click()
    await expect(page.locator(".card")).to_have_count(4)
    await expect(page.locator(".slot-circle")).to_contain_text("600 米")
    assert "near=45.70" in page.url
    await page.get_by_role("button", name="去掉圆圈").click()
    await expect(page.locator(".card")).to_have_count(6)
    await beside.locator("summary").click()
    await beside.get_by_role("button", name=re.compile("永富村主街")).click()
    await expect(page.locator(".card")).to_have_count(1)
    desk.check()


REFUSALS = (
    (403, "role", "您的角色没有这项权限"),
    (409, "conflict", "已经存在，或刚被他人修改"),
    (422, "invalid", "填写的内容不符合要求"),
    (429, "too_many", "操作过于频繁"),
    (500, "internal", "服务器内部错误，已记入日志"),
    (503, "timeout", "请缩小范围或稍后重试"),
    (502, "", "设备没有正常响应"),
)


async def test_every_refusal_is_said_in_words_with_what_to_do(desk: Visitor, place: County) -> None:
    await _night(place)
    page, asked = await _enter(desk), re.compile(r"/api/v1/events\?")
    for status, code, words in REFUSALS:
        told: dict[str, Any] = {"json": {"code": code}} if code else {"body": "<html>"}
        await page.route(asked, partial(Route.fulfill, status=status, **told))
        await page.reload()
        await expect(page.get_by_role("alert")).to_contain_text(words)
        await page.unroute(asked)
        # The page may have come back by itself meanwhile; where it has not, its button is pressed.
        await page.evaluate("[...document.querySelectorAll('button')].find(b => b.textContent === '重试')?.click()")
        await expect(page.locator(".card")).to_have_count(6)
    desk.check(refused=True)


async def test_on_a_slow_line_the_page_stands_and_fills(desk: Visitor, place: County) -> None:
    await _night(place)
    page = desk.page
    client = await page.context.new_cdp_session(page)
    # 3G: 400 ms to and fro, 50 kB/s.
    await client.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 30_000},
    )
    page.set_default_timeout(60_000)
    await desk.enter()
    await expect(page.locator(".grid[role=status], .card").first).to_be_visible(timeout=60_000)
    await expect(page.locator(".card")).to_have_count(6, timeout=60_000)
    desk.check()


async def test_a_list_says_how_much_of_what_was_searched_was_watched(desk: Visitor, place: County) -> None:
    now = datetime.now(UTC)
    for name in place.cameras:
        await place.status(name, State.STALLED, None, since=now - timedelta(days=9))
        await place.status(name, State.LIVE, None, since=now - timedelta(days=8))
    await place.status("汉书村东口", State.STALLED, None, since=now - timedelta(hours=6))
    await place.status("汉书村东口", State.LIVE, None, since=now - timedelta(hours=4))

    def between(*hours: float) -> str:
        # No hub ran between the making of this county and now.
        since, until = (
            f"{(now - timedelta(hours=one)).astimezone(place.hub.store.tz):%Y-%m-%d %H:%M}" for one in hours
        )
        return f"#/events?{urlencode({'since': since, 'until': until})}"

    page = await _enter(desk, between(8, 2), 0)
    told = page.locator(".watched")
    await expect(told.locator("summary")).to_contain_text("其中 1 个有时没有分析")
    await told.locator("summary").click()
    await expect(told.locator("li")).to_have_text("汉书村东口 汉书村 2 小时 0 分钟 未分析")
    if SHOTS:
        for name, size in (("1440", DESK), ("390", PHONE)):
            await page.set_viewport_size(size)
            await page.screenshot(path=Path(SHOTS) / f"watched-{name}.png", full_page=True)
    await page.goto(f"{place.address}/{between(3.5, 2)}")
    await expect(told).to_contain_text("全程有分析")
    desk.check()


async def test_a_sentence_fills_the_filters_and_says_what_it_does_not_know(desk: Visitor, place: County) -> None:
    await _night(place)
    page = await _enter(desk)
    await page.get_by_role("button", name="说一句话来查").click()
    await page.get_by_label("用一句话说要查什么").fill("今天汉书村红色的小汽车")
    await expect(page.locator(".ask-unknown")).to_have_text("红色")
    await expect(page.locator(".ask-chips li")).to_have_text(["今天", "汉书村", "小汽车"])
    if shots := os.environ.get("SHOTS"):
        await page.screenshot(path=f"{shots}/ask-1440.png")
    await expect(page.locator(".card")).to_have_count(6)
    await page.get_by_role("button", name="只按听懂的部分查找").click()
    await expect(page.locator(".slot-where")).to_contain_text("汉书村")
    await expect(page.locator(".slot-what")).to_contain_text("小汽车")
    desk.check()


async def test_a_search_is_saved_for_the_case_and_run_again_by_a_press(desk: Visitor, place: County) -> None:
    await _night(place)
    page = await _enter(desk, "#/events?group=animal", 1)
    await page.get_by_role("button", name="存过的查询").click()
    await page.get_by_label("给现在的条件起个名字").fill("夜里的羊")
    await page.get_by_role("button", name="保存", exact=True).click()
    await expect(page.get_by_role("button", name="夜里的羊", exact=True)).to_be_visible()
    await page.keyboard.press("Escape")
    await page.locator(".clear").click()
    await expect(page.locator(".card")).to_have_count(6)
    await page.get_by_role("button", name="存过的查询").click()
    await page.get_by_role("button", name="夜里的羊", exact=True).click()
    await expect(page.locator(".card")).to_have_count(1)
    desk.check()
