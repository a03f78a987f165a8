"""The page in a real browser against a real hub: what an officer and a technician do, in both languages and two widths."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, expect

from registry import cameras, purposes, sessions, users
from registry.model import Actor, State
from registry.users import CONSOLE
from tests.e2e.county import CASE, County
from tests.e2e.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser
MARKUP = "<img src=x onerror=alert(1)>"


async def test_an_officer_signs_in_names_a_case_and_sees_what_happened(desk: Visitor, place: County) -> None:
    now = datetime.now(UTC)
    await place.event("汉书村羊圈路口", "sheep", at=now - timedelta(hours=3), night=True)
    await place.event("先进村桥头", "car", at=now - timedelta(hours=3))
    await desk.page.goto(place.address)
    await desk.sign_in(password="wrong and long enough")
    await expect(desk.page.get_by_role("alert")).to_have_text("用户名或密码不对。")
    await desk.sign_in()

    await expect(desk.page.get_by_text("以什么事由查看？")).to_be_visible()
    assert desk.events_asked() == 0
    await desk.page.get_by_role("button", name="新建案件").click()
    await desk.page.get_by_label("案号").fill("月公(治)案〔2026〕114号")
    await desk.page.get_by_label("案名").fill("汉书村羊圈被撬")
    # A case is of a place: without one nothing is made.
    await expect(desk.page.get_by_role("button", name="建立并开始查看")).to_be_disabled()
    await desk.page.get_by_role("button", name="展开月亮泡镇的村").click()
    await desk.page.get_by_label("汉书村", exact=True).check()
    await desk.page.get_by_role("button", name="建立并开始查看").click()

    # What its place saw since yesterday is shown, and no other village's.
    await expect(desk.page.locator(".purpose-chip")).to_contain_text("114号 汉书村羊圈被撬")
    card = desk.page.locator(".card")
    await expect(card).to_have_count(1)
    await expect(card).to_contain_text("羊")
    await expect(card).to_contain_text("汉书村羊圈路口")
    await expect(card.locator("rect.box")).to_have_count(1)
    picture = await card.locator("img").evaluate("img => [img.naturalWidth, img.naturalHeight]")
    assert picture == [960, 540]
    desk.check(refused=True)


async def test_new_events_come_by_themselves_and_move_nothing_one_reads(desk: Visitor, place: County) -> None:
    now = datetime.now(UTC)
    for minute in range(60):
        await place.event("汉书村羊圈路口", "person", at=now - timedelta(minutes=minute + 1), picture=False)
    await desk.enter()
    cards = desk.page.locator(".card")
    await expect(desk.page.locator(".link")).to_have_text(re.compile("实时更新中"))
    await expect(cards).to_have_count(50)

    open_one = await place.event("汉书村东口", "car", ended=False)
    await expect(cards.first).to_contain_text("小汽车")
    await expect(cards.first).to_contain_text("进行中")
    await place.event("汉书村东口", "car", before=open_one, score=0.97)
    await expect(cards.first).to_contain_text("97%")
    await expect(cards.first).not_to_contain_text("进行中")

    await cards.nth(2).hover()
    pointed_at = await cards.nth(2).get_attribute("data-event")
    await place.event("永富村主街", "car", picture=False)  # where the case does not reach: it does not come
    await place.event("汉书村小卖部", "car", picture=False)
    await desk.page.get_by_role("button", name="1 条新事件").wait_for()
    assert await cards.nth(2).get_attribute("data-event") == pointed_at
    await desk.page.get_by_role("button", name="1 条新事件").click()
    await desk.page.mouse.move(0, 0)

    await desk.page.evaluate("scrollTo(0, 900)")
    reading = desk.page.locator(".card").nth(12)
    name = await reading.get_attribute("data-event")
    at = await reading.evaluate("card => card.getBoundingClientRect().top")
    await place.event("汉书村小卖部", "bicycle")
    await place.event("汉书村小卖部", "sheep")
    pill = desk.page.get_by_role("button", name="2 条新事件")
    await expect(pill).to_be_visible()
    assert await desk.page.locator(f"[data-event='{name}']").evaluate("card => card.getBoundingClientRect().top") == at
    await pill.click()
    await expect(cards.first).to_contain_text("羊")
    await expect(cards.nth(1)).to_contain_text("自行车")

    await desk.page.locator(".more button, .end").scroll_into_view_if_needed()
    await expect(cards).to_have_count(64)
    desk.check()


async def test_filters_narrow_stay_in_the_address_and_come_back(desk: Visitor, place: County) -> None:
    # Of the villages' half past midnights the last that is ten hours ago: what happens ten hours after it is no time to come.
    midnight = (datetime.now(UTC) - timedelta(hours=26.5)).replace(hour=16, minute=30, second=0, microsecond=0)
    await place.event("汉书村羊圈路口", "sheep", at=midnight, night=True)
    await place.event("汉书村东口", "sheep", at=midnight + timedelta(hours=10))
    await place.event("汉书村小卖部", "person", at=midnight, night=True)
    await desk.enter()
    cards = desk.page.locator(".card")
    await expect(cards).to_have_count(3)

    await desk.page.locator(".slot-what").click()
    await desk.page.get_by_role("button", name="动物").click()
    await expect(cards).to_have_count(2)
    await desk.page.keyboard.press("Escape")
    await desk.page.locator(".slot-when").click()
    await desk.page.get_by_role("button", name="夜间").click()
    await expect(cards).to_have_count(1)
    await expect(cards).to_contain_text("汉书村羊圈路口")
    assert "night=22%3A00-04%3A30" in desk.page.url
    await desk.page.reload()
    await expect(cards).to_have_count(1)
    await expect(desk.page.locator(".slot-what")).to_have_text("动物")
    await expect(desk.page.locator(".slot-when")).to_contain_text("每天 22:00–04:30")

    await desk.page.locator(".slot-when").click()
    await desk.page.get_by_label("时段").fill("nachts")
    await expect(desk.page.get_by_label("时段")).to_have_attribute("aria-invalid", "true")
    await expect(desk.page.get_by_role("alert")).to_contain_text("可以跨零点")
    await desk.page.keyboard.press("Escape")
    await desk.page.get_by_role("button", name="清除筛选").first.click()
    await expect(cards).to_have_count(3)

    await desk.page.locator(".slot-where").click()
    await desk.page.get_by_label("按村屯或探头名称查找").fill("小卖部")
    await desk.page.get_by_role("checkbox", name=re.compile("汉书村小卖部")).check()
    await expect(cards).to_have_count(1)
    await desk.page.keyboard.press("Escape")
    await desk.page.locator(".slot-what").click()
    await desk.page.get_by_role("button", name="动物").click()
    await expect(desk.page.get_by_text("没有符合筛选条件的事件")).to_be_visible()
    await desk.page.keyboard.press("Escape")
    await desk.page.get_by_role("button", name="清除筛选").first.click()
    await expect(cards).to_have_count(3)
    desk.check()


async def test_a_filter_beyond_the_case_says_so_and_is_cleared(desk: Visitor, place: County) -> None:
    await place.event("汉书村东口", "person")
    await place.event("永富村主街", "person")
    await desk.enter()
    cards = desk.page.locator(".card")
    await expect(cards).to_have_count(1)
    await desk.page.locator(".slot-where").click()
    await desk.page.get_by_role("checkbox", name=re.compile("^安广镇")).check()
    await expect(desk.page.get_by_text("超出了本案的地点或时间范围")).to_be_visible()
    await expect(cards).to_have_count(0)
    await desk.page.keyboard.press("Escape")
    await desk.page.get_by_role("button", name="清除筛选").first.click()
    await expect(cards).to_have_count(1)
    assert {one.split()[0] for one in desk.refused} == {"403"}
    desk.check(refused=True)


async def test_one_event_in_full_by_keyboard(desk: Visitor, place: County) -> None:
    now = datetime.now(UTC)
    await place.event("汉书村东口", "person", at=now - timedelta(minutes=2))
    await place.event("汉书村羊圈路口", "car", at=now - timedelta(minutes=1), offset_ms=-8400)
    await desk.enter()
    await desk.page.locator(".card a").first.focus()
    await desk.page.keyboard.press("Enter")
    dialog = desk.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("小汽车 · 汉书村羊圈路口")
    await expect(dialog).to_contain_text("慢 8.4 秒")
    await expect(dialog).to_contain_text("220882100200")
    await expect(dialog.locator("polyline.path")).to_have_count(1)
    await desk.page.keyboard.press("ArrowRight")
    await expect(dialog).to_contain_text("人员 · 汉书村东口")
    shared = desk.page.url
    await desk.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)

    await desk.page.goto(f"{place.address}/")
    await desk.page.goto(shared)
    await expect(dialog).to_contain_text("人员 · 汉书村东口")
    desk.check()


async def test_a_technician_reads_what_is_wrong_with_which_camera(desk: Visitor, place: County) -> None:
    camera, store = place.cameras["永富村东口"], place.hub.store
    await cameras.change(store, place.hub.vault, camera, cameras.CameraChange(name=MARKUP), CONSOLE)
    await desk.enter("#/cameras", "zhang")
    page = desk.page
    row = page.locator(".camera-row", has_text="先进村小学门口")
    await expect(row).to_contain_text("用户名或密码不对")
    await expect(row).to_contain_text("核对并更新设备密码")
    await expect(page.locator(".camera-row", has_text="汉书村东口")).to_contain_text("H.264 640×360")
    await expect(page.locator(".camera-row", has_text=MARKUP)).to_be_visible()
    await place.status("先进村小学门口", State.LIVE, None)
    await expect(row).to_contain_text("在线")
    await page.get_by_role("button", name=re.compile("等待重连")).click()
    await expect(page.locator(".windowed-row .camera-row")).to_have_count(1)
    await page.get_by_role("button", name=re.compile("全部")).click()
    await page.get_by_label("按名称、村屯、地址查找").fill("永富")
    await expect(page.locator(".windowed-row .camera-row")).to_have_count(3)
    desk.check()


async def test_when_the_purpose_or_the_session_ends_the_page_says_so_and_leads_on(desk: Visitor, place: County) -> None:
    await place.event()
    await desk.enter("#/events?group=person")
    await expect(desk.page.locator(".card")).to_have_count(1)
    store = place.hub.store
    user = await users.by_name(store, "li")
    (open_one,) = await purposes.list_open(store, user)
    await purposes.close(store, open_one.id, Actor(user, "127.0.0.1"))
    await expect(desk.page.get_by_text("本次查看事由已到期或已关闭")).to_be_visible()
    await expect(desk.page.locator(".card")).to_have_count(0)

    await desk.page.get_by_role("button", name=CASE[1]).click()
    await expect(desk.page.locator(".card")).to_have_count(1)
    (cookie,) = await desk.page.context.cookies()
    session = await sessions.session_by_token(store, cookie["value"])
    assert session is not None
    await sessions.close_session(store, session)
    await expect(desk.page.get_by_text("登录已失效")).to_be_visible()
    await desk.sign_in()
    await desk.page.get_by_role("button", name=CASE[1]).last.click()
    await expect(desk.page.locator(".card")).to_have_count(1)
    assert "group=person" in desk.page.url
    desk.check(refused=True)


async def test_a_hub_that_restarts_is_named_and_then_caught_up_with(desk: Visitor, place: County) -> None:
    await place.event("汉书村东口", "person")
    await desk.enter()
    await expect(desk.page.locator(".card")).to_have_count(1)
    await expect(desk.page.locator(".link-live")).to_be_visible()
    await place.stop()
    await expect(desk.page.locator(".link-offline")).to_contain_text("正在重连")
    await place.start()
    await place.event("汉书村羊圈路口", "bicycle")
    await expect(desk.page.locator(".card")).to_have_count(2)
    await expect(desk.page.locator(".link-live")).to_be_visible()
    desk.check(refused=True)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", ["desk", "phone"])
async def test_every_view_fits_in_both_languages(browser: Browser, place: County, language: str, width: str) -> None:
    await place.event("汉书村东口", "person")
    await place.event("老李家院外", "unknown", night=True, ended=False)
    page = await browser.new_page(viewport=DESK if width == "desk" else PHONE)
    await page.add_init_script(f"localStorage.setItem('language', '{language}')")
    visitor = Visitor(page, place)
    await visitor.enter()
    await expect(page.locator(".card")).to_have_count(2)
    identity = await page.locator(".card").first.get_attribute("data-event")
    for path, ready in (
        ("#/events", ".card rect.box"),
        (f"#/events/{identity}", "dialog rect.box"),
        ("#/cameras", ".windowed-row .camera-row"),
        ("#/health", ".figures"),
    ):
        await page.evaluate("path => { location.hash = path }", path)
        await expect(page.locator(ready).first).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        if language == "en":
            # Names of places and people are Chinese in any language; words of the page are not.
            words = await page.locator("button, label, th, dt, nav a, .camera-head span").all_inner_texts()
            own = {CASE[0], CASE[1], "中文", "李警官"}
            strange = [one for one in words if re.search("[一-鿿]", one) and not any(name in one for name in own)]
            assert [one for one in strange if not re.search("镇|村|家", one)] == []
    assert await page.evaluate("document.documentElement.lang") == ("zh-CN" if language == "zh" else "en")
    visitor.check()


async def test_a_technician_finds_the_cameras_to_maintain_one_below_the_other(browser: Browser, place: County) -> None:
    visitor = Visitor(await browser.new_page(viewport=DESK), place)
    page = visitor.page
    await page.goto(f"{place.address}/#/events")
    await visitor.sign_in("zhang")
    labels = page.get_by_role("group", name="要维护的探头").locator("label.check")
    await expect(labels.nth(1)).to_be_visible()
    first, second = [await labels.nth(at).bounding_box() for at in range(2)]
    assert first is not None
    assert second is not None
    assert (first["x"], first["y"] + first["height"] <= second["y"]) == (second["x"], True)
    await page.close()
