"""Stories of upkeep: how much was online, what is down and why, one's own password and sign-ins, the settings."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from pydantic import SecretStr

from registry import cameras, runs, users
from registry.model import PictureFault, Reason, Role, State, StatusChange
from registry.users import CONSOLE
from tests.e2e.county import PASSWORD, County
from tests.e2e.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser
NEW = "another long password"


async def told(
    place: County,
    name: str,
    hours_ago: float,
    state: State,
    *,
    reason: Reason | None = None,
    picture: PictureFault | None = None,
) -> None:
    at = datetime.now(UTC) - timedelta(hours=hours_ago)
    change = StatusChange(
        camera_id=place.cameras[name],
        state=state,
        reason=reason,
        detail="",
        since=at,
        codec=None,
        width=None,
        height=None,
        fps=None,
        last_frame_at=None,
        picture=picture,
        picture_since=at if picture else None,
    )
    await cameras.record_status(place.hub.store, [change])


async def a_day(place: County) -> None:
    """A camera that was down for six of the last hours, one that is down since five, one that is covered."""
    for name in ("汉书村东口", "先进村桥头", "永富村主街"):
        await told(place, name, 40, State.LIVE)
    await told(place, "汉书村东口", 16, State.BACKING_OFF, reason=Reason.UNREACHABLE)
    await told(place, "汉书村东口", 10, State.LIVE)
    await told(place, "先进村桥头", 5, State.BACKING_OFF, reason=Reason.REJECTED)
    await told(place, "永富村主街", 2, State.LIVE, picture=PictureFault.COVERED)


async def test_a_technician_sees_what_is_down_and_why(desk: Visitor) -> None:
    await a_day(desk.place)
    await desk.enter("#/health?span=24h", "zhang")
    page = desk.page
    down = page.get_by_role("list", name="待处理点位")
    bridge = down.get_by_role("listitem").filter(has_text="先进村桥头")
    await expect(bridge).to_contain_text("用户名或密码不对")
    await expect(bridge).to_contain_text("核对并更新设备密码")
    await expect(bridge).to_contain_text("已 5 小时")
    covered = down.get_by_role("listitem").filter(has_text="永富村主街")
    await expect(covered).to_contain_text("画面被遮挡")
    await expect(covered).to_contain_text("到现场查看镜头")
    await expect(down.get_by_role("listitem").filter(has_text="老王家门前")).to_have_count(0)  # not due: outside hours
    await page.get_by_role("radio", name="按探头").check()
    row = page.get_by_role("row").filter(has_text="汉书村东口")
    await expect(row).to_contain_text("62.5%")
    await page.get_by_role("button", name="离线次数").click()
    await expect(page.get_by_role("columnheader", name="离线次数")).to_have_attribute("aria-sort", "descending")
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="下载 CSV").first.click()  # the other is of recordings
    saved = await (await waiting.value).path()
    text = Path(saved).read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
    assert len(rows) == 12
    assert {"汉书村东口", "先进村桥头"} <= {row[2] for row in rows}
    await bridge.click()
    await expect(page).to_have_url(f"{desk.place.address}/#/cameras/{desk.place.cameras['先进村桥头']}")
    desk.check()


async def test_the_span_stands_in_the_address_and_a_wrong_one_is_told(desk: Visitor) -> None:
    await a_day(desk.place)
    await desk.enter("#/health", "zhang")
    page = desk.page
    await page.get_by_role("radio", name="近 30 天").check()
    await expect(page).to_have_url(f"{desk.place.address}/#/health?span=30d")
    await page.get_by_role("radio", name="自选").check()
    await page.get_by_label("开始日期").fill("2026-01-05")
    await page.get_by_label("结束日期").fill("2026-01-02")
    await expect(page.get_by_role("alert")).to_contain_text("先后正确")
    await page.reload()
    await expect(page.get_by_label("开始日期")).to_have_value("2026-01-05")
    desk.check()


async def test_time_without_a_hub_is_told_apart(desk: Visitor) -> None:
    store = desk.place.hub.store
    now = datetime.now(UTC)
    clock = store.clock
    for began, ended in ((-30.0, -20.0), (-14.0, -0.001)):
        store.clock = lambda at=began: now + timedelta(hours=at)
        number, _ = await runs.begin(store, "local")
        store.clock = lambda at=ended: now + timedelta(hours=at)
        await runs.beat(store, number)
    store.clock = clock
    await desk.enter("#/health?span=7d", "zhang")
    await expect(desk.page.get_by_text("系统自身停止运行 6 小时")).to_be_visible()
    desk.check()


async def test_what_failed_is_told_and_what_was_there_stays(desk: Visitor) -> None:
    await desk.enter("#/health", "zhang")
    page = desk.page
    await expect(page.get_by_role("table", name="在线率")).to_be_visible()
    await page.route("**/health/online**", lambda route: route.abort())
    await page.get_by_role("radio", name="近 24 小时").check()
    await expect(page.locator(".stale")).to_be_visible()
    await expect(page.get_by_role("table", name="在线率")).to_be_visible()
    desk.check(refused=True)


async def test_an_officer_changes_his_name_and_password_and_ends_other_sign_ins(
    desk: Visitor, browser: Browser, place: County
) -> None:
    elsewhere = Visitor(await (await browser.new_context(viewport=DESK)).new_page(), place)
    await elsewhere.enter("#/me", "wang")
    await desk.enter("#/me", "wang")
    page = desk.page
    await expect(page.locator(".me-list").first.get_by_role("listitem")).to_have_count(2)
    await page.get_by_label("显示姓名").fill("王大力 👮")
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_role("button", name="王大力 👮")).to_be_visible()
    await page.get_by_label("原密码").fill("not this one")
    await page.get_by_label("新密码", exact=True).fill(NEW)
    await page.get_by_label("再输入一次新密码").fill(NEW + "x")
    change = page.get_by_role("button", name="修改密码")
    await change.click()
    await expect(page.get_by_text("两次输入的新密码不一致")).to_be_visible()
    await page.get_by_label("再输入一次新密码").fill(NEW)
    await change.click()
    await expect(page.get_by_text("原密码不对")).to_be_visible()
    await expect(page.get_by_label("新密码", exact=True)).to_have_value(NEW)  # nothing typed is lost
    await page.get_by_label("原密码").fill(PASSWORD)
    await change.click()
    await expect(page.get_by_text("密码已修改")).to_be_visible()
    await expect(page.locator(".me-list").first.get_by_role("listitem")).to_have_count(1)
    await elsewhere.page.reload()
    await expect(elsewhere.page.locator("input[name=password]")).to_be_visible()
    await elsewhere.sign_in("wang", NEW)
    await expect(elsewhere.page.get_by_role("heading", name="登录记录")).to_be_visible()
    await page.reload()
    await page.get_by_role("button", name="退出其他全部登录").click()
    await expect(page.get_by_text("已退出其他 1 处登录")).to_be_visible()
    desk.check(refused=True)


async def test_the_administrator_reads_the_settings(desk: Visitor, place: County) -> None:
    new = users.NewUser(name="chief", role=Role.ADMIN, password=SecretStr(PASSWORD), grants=("220882",))
    await users.create(place.hub.store, new, CONSOLE)
    await desk.enter("#/admin/settings", "chief")
    for kind, days in (("public", "30"), ("social", "30"), ("civilian", "7")):
        for name in (f"retention_days.{kind}", f"recording.days.{kind}"):
            row = desk.page.get_by_role("row").filter(has=desk.page.get_by_text(name, exact=True))
            await expect(row.get_by_role("cell").nth(1)).to_have_text(days)
            await expect(row).to_contain_text("保存天数")
            await expect(row).to_contain_text("默认")
    await expect(desk.page.get_by_role("row").filter(has_text="database_url")).to_contain_text("未设置")
    desk.check()


@pytest.mark.parametrize("path", ["#/health?span=24h", "#/me"])
async def test_on_a_phone_nothing_sticks_out(browser: Browser, place: County, path: str) -> None:
    await a_day(place)
    phone = Visitor(await browser.new_page(viewport=PHONE), place)
    await phone.enter(path, "zhang")
    await expect(phone.page.locator("main h2").first).to_be_visible()
    width = await phone.page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    phone.check()
