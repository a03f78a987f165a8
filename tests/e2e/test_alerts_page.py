"""Alerts in a real browser: a rule made at the desk tells the desk, and a webhook made by the administrator is tried."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, expect
from pydantic import SecretStr

from camera_hub.alerts.watch import Watch
from registry import users
from registry.model import Role
from registry.users import CONSOLE
from tests.camera_hub.alerts.receivers import receiving
from tests.e2e.county import PASSWORD, County
from tests.e2e.visitor import PHONE, Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
async def watching(place: County) -> AsyncIterator[County]:
    """The hub of the county holds its events against the rules."""
    task = asyncio.create_task(Watch(place.hub.store, place.hub.feed, place.hub.alerts).run())
    yield place
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_an_officer_makes_a_rule_and_is_told(desk: Visitor, watching: County) -> None:
    page = desk.page
    await desk.enter()
    await page.goto(f"{desk.place.address}/#/alerts/rules")
    await expect(page.get_by_text("还没有告警规则")).to_be_visible()
    await page.get_by_role("button", name="新建规则").click()
    await page.get_by_label("规则名称").fill("夜间羊圈")
    await page.get_by_label("设定理由").fill("丢羊案防范")
    await page.get_by_label("输入乡镇、村屯或探头名称").fill("羊圈")
    await page.get_by_role("button", name=re.compile("汉书村羊圈路口")).click()
    await page.get_by_role("button", name="动物", exact=True).click()
    await page.get_by_label("声音").check()
    await page.get_by_role("button", name="保存").click()
    await expect(page.locator(".rule")).to_contain_text("汉书村羊圈路口 · 全天 · 动物 → 本系统页面 · 声音")

    await page.get_by_role("tab", name="最近告警").click()
    await expect(page.get_by_text("最近一天没有告警")).to_be_visible()
    await page.goto(f"{watching.address}/#/health")
    await watching.event("汉书村羊圈路口", "person")
    await watching.event("汉书村东口", "sheep")
    await watching.event("汉书村羊圈路口", "sheep")
    await expect(page.locator(".toast")).to_contain_text("夜间羊圈")
    badge = page.locator("nav .count").filter(has_text="1")
    await expect(badge).to_be_visible()
    await page.locator("nav a[href^='#/alerts']").first.click()
    line = page.locator(".alert-line")
    await expect(line).to_have_count(1)
    await expect(line).to_contain_text("羊")
    await line.click()
    await expect(page.get_by_role("dialog")).to_contain_text("汉书村羊圈路口")
    desk.check()


async def test_what_was_typed_stays_when_the_session_ends(desk: Visitor, place: County) -> None:
    page = desk.page
    await desk.enter()
    await page.goto(f"{desk.place.address}/#/alerts/rules")
    await page.get_by_role("button", name="新建规则").click()
    await page.get_by_label("规则名称").fill("春耕夜巡 🐑")
    await page.get_by_label("设定理由").fill("农机防盗")
    async with desk.session_over():
        await page.get_by_role("button", name="保存").click()
    await desk.sign_in()
    await page.get_by_role("button", name="新建规则").click()
    await expect(page.get_by_label("规则名称")).to_have_value("春耕夜巡 🐑")
    await expect(page.get_by_label("设定理由")).to_have_value("农机防盗")
    await page.get_by_role("button", name="保存").click()
    await expect(page.locator(".rule")).to_contain_text("春耕夜巡 🐑")
    desk.check(refused=True)


async def test_an_administrator_makes_a_webhook_sees_its_secret_once_and_tries_it(desk: Visitor, place: County) -> None:
    new = users.NewUser(name="boss", display_name="管理员", role=Role.ADMIN, password=SecretStr(PASSWORD))
    boss = await users.create(place.hub.store, new, CONSOLE)
    await users.set_grants(place.hub.store, boss.id, ("220882",), CONSOLE)
    page = desk.page
    async with receiving() as receiver:
        await desk.enter("#/alerts/targets", "boss")
        await page.get_by_role("button", name="新建通知方式").click()
        await page.get_by_label("名称").fill("所里值班群")
        await page.get_by_label("接口地址").fill(receiver.url)
        await page.get_by_role("button", name="保存").click()
        await expect(page.get_by_role("alert")).to_contain_text("不是本机地址")
        await page.get_by_label("接口地址").fill("http://192.0.2.1:9/hook")
        await page.get_by_role("button", name="保存").click()
        secret = await page.locator(".secret").inner_text()
        assert len(secret) > 40
        await page.keyboard.press("Escape")
        await expect(page.locator(".rule")).to_contain_text("所里值班群")
        assert secret not in await page.content()
    desk.check(refused=True)


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_alerts_fit_a_phone(browser: Browser, watching: County, language: str) -> None:
    from registry.alerts import rules
    from registry.model import Actor

    officer = Actor(await users.by_name(watching.hub.store, "li"), "desk")
    rule = rules.NewAlertRule(name="很长的规则名称" * 8, reason="防范")
    await rules.create(watching.hub.store, rule, officer)
    phone = Visitor(await browser.new_page(viewport=PHONE), watching)
    if language == "en":
        await phone.page.add_init_script("localStorage.setItem('language', 'en')")
    await watching.event()
    await phone.enter()
    await phone.page.goto(f"{watching.address}/#/alerts")
    await expect(phone.page.locator(".alert-line")).to_have_count(1)
    for part in ("", "/rules", "/targets", "/log"):
        await phone.page.goto(f"{watching.address}/#/alerts{part}")
        await phone.page.locator(".tab-panel").wait_for()
        wide = await phone.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"], part
    phone.check()
    await phone.page.close()
