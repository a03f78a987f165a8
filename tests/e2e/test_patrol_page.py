"""Patrols in a real browser: a shift in front of real streams, and an incident from the mark to its end on four screens."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from api.page import STATIC
from camera_hub.demo.sample_server import engine
from registry import audit, incidents, users
from registry.incidents import IncidentQuery
from registry.model import Actor
from registry.patrols import plans
from registry.patrols.plan import NewPatrolPlan, PlanTime
from registry.users import CONSOLE
from tests.camera_hub.stream.conftest import SMALL, make_clip
from tests.conftest import missing
from tests.e2e.beat import DOWN, LIVE, PRIVATE, Beat, beat
from tests.e2e.test_axe import axe, serious
from tests.e2e.visitor import DESK, PHONE, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.rtsp]
SLOW_MS = 20_000
PLAN = "夜间一轮"
FIRST = next(iter(LIVE))


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    clip = make_clip(tmp_path_factory.mktemp("footage") / "h264.clip", SMALL)
    return dict.fromkeys(LIVE, clip)


@pytest.fixture
async def place(footage: dict[str, Path], tmp_path: Path) -> AsyncIterator[Beat]:
    if not (STATIC / "index.html").is_file():
        missing("the built page", "run: npm ci && npm run build, in api/web")
    if engine() is None:
        pytest.skip("needs an RTSP server: GStreamer's, or the package aio-rtsp-toolkit")
    async with beat(tmp_path / "data", footage) as made:
        yield made


async def actor(place: Beat, name: str) -> Actor:
    return Actor(await users.by_name(place.hub.store, name), "desk")


async def plan(place: Beat, *names: str, dwell_s: int = 60) -> None:
    """A plan for everybody, due at any hour."""
    always = PlanTime(days=frozenset(range(1, 8)), from_minute=0, to_minute=0)
    ids = tuple(place.cameras[name] for name in names)
    new = NewPatrolPlan(name=PLAN, dwell_s=dwell_s, camera_ids=ids, times=(always,))
    await plans.create(place.hub.store, new, await actor(place, "li"))


async def visit(browser: Browser, place: Beat, name: str, path: str = "", *, phone: bool = False) -> Visitor:
    """Somebody of the shift, signed in at a desk or on a phone."""
    context = await browser.new_context(viewport=PHONE if phone else DESK, reduced_motion="reduce")
    visitor = Visitor(await context.new_page(), place)  # type: ignore[arg-type] # it is asked for its address alone
    await visitor.page.goto(f"{place.address}/{path}")
    await visitor.sign_in(name)
    await visitor.page.locator("header.top").wait_for()
    return visitor


async def begin(page: Page) -> None:
    await page.locator(".plan-due", has_text=PLAN).get_by_role("button", name="开始巡查").click()
    await playing(page, FIRST)


async def playing(page: Page, name: str) -> None:
    """The camera is the one looked at, and its picture moves."""
    await expect(page.locator(".watch-now figcaption")).to_contain_text(name)
    await expect(page.locator(".watch-now live-tile")).to_have_attribute("data-doing", "playing", timeout=SLOW_MS)


async def fits(page: Page) -> None:
    wide = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1], page.url


async def clean(page: Page) -> None:
    """Nothing serious for those who use a screen reader or a keyboard, light and dark."""
    await page.evaluate(axe())
    for scheme in ("dark", "light"):
        await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # one of the two
        assert await serious(page) == []


async def test_a_shift_from_the_plan_to_the_hand_over(browser: Browser, place: Beat) -> None:
    """Every camera is looked at and marked by one key, what cannot be seen says why, and the next shift reads the note."""
    await plan(place, *LIVE, DOWN, PRIVATE)
    sun = await visit(browser, place, "sun", "#/patrol")
    page = sun.page
    await begin(page)
    # The next one plays already, small; it keeps its element, and so its picture, when it comes to the front.
    await expect(page.locator(".watch-next-1 live-tile")).to_have_attribute("data-doing", "playing", timeout=SLOW_MS)
    await page.evaluate("document.querySelector('.watch-next-1 live-tile').dataset.was = 'here'")
    await page.keyboard.press("1")
    await expect(page.locator(".watch-now live-tile")).to_have_attribute("data-was", "here")
    await expect(page.locator(".watch-now live-tile")).to_have_attribute("data-doing", "playing")
    await expect(page.locator(".watch-progress")).to_contain_text("1/5")
    await clean(page)
    await page.keyboard.press("n")
    await page.keyboard.type("树枝挡住半边")
    await page.keyboard.press("Escape")
    await page.keyboard.press("4")
    await expect(page.locator(".watch-progress")).to_contain_text("2/5")

    # Paused, it stays through a reload; back and forth goes by the arrows.
    await page.keyboard.press("p")
    await expect(page.locator(".ring-held")).to_be_visible()
    await page.reload()
    await playing(page, "先进村桥头")
    await expect(page.locator(".ring-held")).to_be_visible()
    await page.keyboard.press("ArrowLeft")
    await expect(page.locator(".watch-now figcaption")).to_contain_text("遮挡")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("1")

    # What is down says why and cannot be called normal; what may not be watched is a fault or nothing.
    await expect(page.locator(".verdicts-why")).to_contain_text("连不上设备")
    await expect(page.locator(".verdict-normal")).to_be_disabled()
    await page.keyboard.press("1")
    await expect(page.locator(".watch-progress")).to_contain_text("3/5")
    await page.keyboard.press("3")
    await expect(page.locator(".verdicts-why")).to_contain_text("户主没有同意")
    await expect(page.locator(".verdict-suspicious")).to_be_disabled()
    await page.keyboard.press("3")
    await expect(page.locator(".watch-finished")).to_be_visible()

    await page.keyboard.press("e")
    await page.get_by_label(re.compile("^交接说明")).fill("小卖部连不上，已报修")
    await page.get_by_role("button", name="结束并交接").click()
    await expect(page.locator(".sheet-facts")).to_contain_text("100%")
    await expect(page.locator(".sheet")).to_contain_text("小卖部连不上，已报修")
    await fits(page)
    (row,) = [one for one in await audit.list_rows(place.hub.store, CONSOLE) if one.action == "patrol.end"]
    assert "5" in row.detail

    wang = await visit(browser, place, "wang", "#/patrol")
    await begin(wang.page)
    await expect(wang.page.locator(".watch-before")).to_contain_text("小卖部连不上，已报修")
    await wang.page.get_by_role("button", name="知道了，开始").click()
    await expect(wang.page.locator(".watch-before")).to_have_count(0)

    # The technician finds what was reported beside what is down, and settles it.
    zhang = await visit(browser, place, "zhang", "#/health")
    reported = zhang.page.locator(".reported-line")
    await expect(reported).to_have_count(3)
    await expect(reported.filter(has_text="树枝挡住半边")).to_contain_text("遮挡")
    await reported.filter(has_text="树枝挡住半边").get_by_role("button", name="已修复").click()
    await expect(reported).to_have_count(2)
    for one in (sun, wang, zhang):
        one.check()
        await one.page.context.close()


async def test_a_suspicion_becomes_an_incident_that_is_checked_and_closed(browser: Browser, place: Beat) -> None:
    """The mark at one desk is on the officer's screen at once, on the assistant's phone when it is his, and ends as a case."""
    await plan(place, *LIVE)
    sun, li = await visit(browser, place, "sun", "#/patrol"), await visit(browser, place, "li", "#/patrol")
    await begin(sun.page)
    await li.page.locator(".free-open").click()
    await li.page.get_by_label("事由说明").fill("带班")
    await li.page.locator(".pick-village input").first.check()
    await li.page.get_by_role("button", name=re.compile("开始巡查（")).click()
    await expect(li.page.locator(".watch-head")).to_be_visible()

    await sun.page.keyboard.press("2")
    await sun.page.get_by_role("button", name="可疑人员").click()
    await sun.page.get_by_label(re.compile("^情况说明")).fill("一人在羊圈外徘徊")
    await sun.page.get_by_role("button", name="上报线索").click()
    await expect(sun.page.locator(".watch-now figcaption")).not_to_contain_text(FIRST)
    await expect(li.page.locator(".strip-incident")).to_contain_text("可疑人员")

    await li.page.locator(".strip-newest").click()
    await expect(li.page.locator(".incident-lead")).to_have_text("一人在羊圈外徘徊")
    shown = li.page.locator(".incident-picture")
    await expect(shown).to_be_visible()
    assert await shown.evaluate("async one => { await one.decode(); return one.naturalWidth }") > 0
    await clean(li.page)
    wang = await visit(browser, place, "wang", phone=True)
    await expect(wang.page.locator(".strip-incident")).to_contain_text("可疑人员")
    await li.page.get_by_label(re.compile("^派给")).select_option(label="王辅警 · 月亮泡派出所")
    await li.page.get_by_role("button", name="派出").click()
    await expect(li.page.locator(".incident-head")).to_contain_text("已派出")

    # In the field: three taps and a note.
    phone = wang.page
    await phone.locator(".strip-newest").click()
    await phone.get_by_role("button", name="为核查此线索查看").click()
    await expect(phone.locator(".incident-picture")).to_be_visible()
    await phone.get_by_role("button", name="收到，前往核查").click()
    await phone.get_by_label("现场核查情况").fill("村民转场，羊已清点")
    await fits(phone)
    await phone.get_by_role("button", name="上报核查情况").click()
    await expect(phone.locator(".incident-head")).to_contain_text("已核查")

    await expect(li.page.locator(".steps")).to_contain_text("村民转场，羊已清点")
    await li.page.get_by_role("button", name="转为案件").click()
    await li.page.get_by_label("案号").fill("月公(治)案〔2026〕201号")
    await li.page.locator(".incident-actions form").get_by_role("button", name="转为案件").click()
    await expect(li.page.locator(".incident-head")).to_contain_text("〔2026〕201号")
    await expect(sun.page.locator(".strip-incident")).to_have_count(0)
    (kept,) = (await incidents.list_incidents(place.hub.store, IncidentQuery(), await actor(place, "li"))).incidents
    assert (kept.state, kept.case_number) == ("case", "月公(治)案〔2026〕201号")
    for one in (sun, li, wang):
        one.check()
        await one.page.context.close()


async def test_what_was_typed_stays_when_somebody_was_faster(browser: Browser, place: Beat) -> None:
    await plan(place, *LIVE)
    sun, li = await visit(browser, place, "sun", "#/patrol"), await visit(browser, place, "li")
    await begin(sun.page)
    await sun.page.keyboard.press("2")
    await sun.page.get_by_label("线索名称").fill("烟火")
    await sun.page.get_by_role("button", name="上报线索").click()
    await expect(sun.page.locator(".strip-incident")).to_contain_text("烟火")
    (one,) = (await incidents.list_incidents(place.hub.store, IncidentQuery(), await actor(place, "li"))).incidents
    # Without a purpose the page hears of changes now and then only, so that it may decide on an old revision.
    await li.page.goto(f"{place.address}/#/patrol/incidents/{one.id}")
    await li.page.get_by_label("处置结果").fill("烧秸秆，已制止")
    who = (await actor(place, "wang")).user
    await incidents.assign(
        place.hub.store,
        one.id,
        incidents.Assign(user_id=who.id, expected_revision=one.revision),
        await actor(place, "li"),
    )
    await li.page.get_by_role("button", name="办结").click()
    await expect(li.page.get_by_role("alert")).to_contain_text("刚有人处理过")
    await expect(li.page.locator(".incident-head")).to_contain_text("已派出")
    await expect(li.page.get_by_label("处置结果")).to_have_value("烧秸秆，已制止")
    await li.page.get_by_role("button", name="办结").click()
    await expect(li.page.locator(".incident-head")).to_contain_text("已办结")
    await expect(li.page.locator(".steps")).to_contain_text("烧秸秆，已制止")
    li.check(refused=True)
    for each in (sun, li):
        await each.page.context.close()


async def test_marks_made_while_the_line_is_away_are_kept_and_sent(browser: Browser, place: Beat) -> None:
    await plan(place, *LIVE)
    sun = await visit(browser, place, "sun", "#/patrol")
    page = sun.page
    await begin(page)
    await page.context.set_offline(True)
    await page.keyboard.press("1")
    await expect(page.locator(".watch-stuck")).to_contain_text("1 条标记待上传")
    await expect(page.locator(".watch-progress")).to_contain_text("1/3")
    await page.keyboard.press("e")
    await expect(page.get_by_role("button", name="结束并交接")).to_be_disabled()
    await page.keyboard.press("Escape")
    await page.context.set_offline(False)
    await expect(page.locator(".watch-stuck")).to_have_count(0, timeout=SLOW_MS)
    await expect(page.locator(".watch-progress")).to_contain_text("1/3")
    identity = page.url.rsplit("/", 1)[-1]
    done = await page.evaluate("id => fetch(`/api/v1/patrols/${id}`).then(r => r.json()).then(r => r.done)", identity)
    assert done == 1
    sun.check(refused=True)
    await page.context.close()


async def test_a_plan_is_made_by_mouse_and_keys(browser: Browser, place: Beat) -> None:
    li = await visit(browser, place, "li", "#/patrol/plans")
    page = li.page
    await page.get_by_role("link", name="新建计划").click()
    await page.get_by_label("计划名称").fill("凌晨巡查")
    await page.get_by_label("每路停留").select_option("20")
    await page.get_by_label("点位名、村名、地址").fill("先进")
    await page.get_by_label("先进村桥头").check()
    await page.get_by_label("点位名、村名、地址").fill("羊圈")
    await page.get_by_label("汉书村羊圈路口").check()
    await page.get_by_role("button", name="移动汉书村羊圈路口").press("Alt+ArrowUp")
    await expect(page.locator(".order-line").first).to_contain_text("羊圈路口")
    await page.locator("#week-0-23").focus()
    await page.keyboard.press("Space")
    begin_at, end_at = page.locator("#week-1-0"), page.locator("#week-1-3")
    await begin_at.hover()
    await page.mouse.down()
    await end_at.hover(force=True)
    await page.mouse.up()
    await expect(page.locator(".plan-form")).to_contain_text("周一 23:00–04:00")
    await page.get_by_role("button", name="王辅警").click()
    await clean(page)
    # A wrong click away and back loses nothing.
    await page.goto(f"{place.address}/#/events")
    await expect(page.locator(".gate")).to_be_visible()
    await page.goto(f"{place.address}/#/patrol/plans/new")
    await expect(page.locator(".order-line")).to_have_count(2)
    await page.get_by_role("button", name="保存计划").click()
    await expect(page.locator(".plan-line")).to_contain_text("2 路，每路 20 秒 · 周一 23:00–04:00")
    (kept,) = await plans.list_plans(place.hub.store, await actor(place, "li"))
    assert [one.name for one in kept.people] == ["wang"]
    assert kept.camera_ids == (place.cameras["汉书村羊圈路口"], place.cameras["先进村桥头"])
    li.check()
    await page.context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_it_fits_a_phone(browser: Browser, place: Beat, language: str) -> None:
    await plan(place, *LIVE, DOWN)
    wang = await visit(browser, place, "wang", "#/patrol", phone=True)
    page = wang.page
    await page.evaluate("language => { localStorage.setItem('language', language) }", language)
    await page.reload()
    for part in ("", "/incidents", "/history", "/plans"):
        await page.goto(f"{place.address}/#/patrol{part}")
        await expect(page.locator(".tab-panel > *").first).to_be_visible()
        await expect(page.locator(".bone")).to_have_count(0)
        await fits(page)
    await page.goto(f"{place.address}/#/patrol")
    await page.locator(".plan-due button").click()
    await playing(page, FIRST)
    await expect(page.locator("live-tile")).to_have_count(1)
    await fits(page)
    await clean(page)
    await page.locator(".verdict-suspicious").click()
    await expect(page.locator("dialog")).to_be_visible()
    await fits(page)
    wang.check()
    await page.context.close()
