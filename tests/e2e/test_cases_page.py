"""Cases and approvals in the page: opened with place, time and people; refused beyond them; asked for, decided, used."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from pydantic import SecretStr

from registry import approvals, cases, users
from registry.approvals import Decision, Ending, NewApproval, ReachAsk
from registry.model import Actor, Role, User
from registry.users import CONSOLE
from tests.e2e.county import CASE, PASSWORD, County
from tests.e2e.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser
HOME, NEXT = "220882100200", "220882100201"
SHOTS = os.environ.get("SHOTS")


async def shot(page: Page, name: str) -> None:
    """A picture for whoever looks, where a folder is named for it."""
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture
async def chief(place: County) -> User:
    new = users.NewUser(
        name="chief", display_name="赵所长", role=Role.APPROVER, password=SecretStr(PASSWORD), grants=("220882",)
    )
    return await users.create(place.hub.store, new, CONSOLE)


async def li(place: County) -> Actor:
    return Actor(await users.by_name(place.hub.store, "li"), "10.0.0.9")


async def test_a_case_is_opened_with_its_place_time_and_people(desk: Visitor, place: County, chief: User) -> None:
    del chief
    page = desk.page
    await page.goto(f"{place.address}/#/cases")
    await desk.sign_in("li")
    await expect(page.locator(".case-card")).to_have_count(1)
    await shot(page, "cases")
    await page.get_by_role("button", name="新建案件").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("案号").fill("B-7")
    await form.get_by_label("案名").fill("电动车被盗")
    await form.get_by_label("案由").select_option("vehicle")
    await form.get_by_role("button", name="展开月亮泡镇的村").click()
    await form.get_by_label("汉书村").check()
    await form.get_by_label("王辅警").check()
    await form.get_by_label("到", exact=True).fill("2026-01-01 00:00")
    await expect(form.get_by_role("button", name="建立案件")).to_be_disabled()
    await form.get_by_label("从", exact=True).fill("2025-10-01 00:00")
    await form.get_by_role("button", name="建立案件").click()
    await expect(form.get_by_text("超过政策允许的长度")).to_be_visible()
    await form.get_by_label("从", exact=True).fill("2025-12-31 20:00")
    await shot(page, "case-form")
    await form.get_by_role("button", name="建立案件").click()
    await expect(page.locator(".case-card")).to_have_count(2)
    made = next(one for one in await cases.list_cases(place.hub.store, CONSOLE) if one.number == "B-7")
    assert (made.places, made.offence.value) == ((HOME,), "vehicle")
    assert sorted(one.name for one in made.members) == ["li", "wang"]

    card = page.locator(".case-card", has_text="B-7")
    await card.get_by_role("button", name="修改").click()
    await form.get_by_label("案名").fill("电动三轮车被盗")
    await form.get_by_role("button", name="保存").click()
    await expect(card).to_contain_text("电动三轮车被盗")
    await card.get_by_role("button", name="办结").click()
    await page.get_by_role("dialog").get_by_role("button", name="办结").click()
    await expect(card).to_contain_text("已办结")
    desk.check(refused=True)


async def test_what_a_case_does_not_reach_is_asked_for_and_granted(
    desk: Visitor, browser: Browser, place: County, chief: User
) -> None:
    del chief
    page = desk.page
    await desk.enter(f"#/events?place={NEXT}", "li")
    await expect(page.get_by_text("超出了本案的地点或时间范围")).to_be_visible()
    await shot(page, "beyond")
    await page.locator(".purpose-chip").click()
    await expect(page.get_by_role("dialog")).to_contain_text("可查看：")
    await shot(page, "purpose")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="申请扩大范围").click()
    ask = page.get_by_role("dialog")
    await expect(ask.locator(".chip")).to_have_count(1)
    await ask.get_by_label("事由说明").fill("嫌疑人可能去了邻村")
    await shot(page, "ask")
    await ask.get_by_role("button", name="提交申请").click()
    await expect(page.locator(".case-card")).to_contain_text("待审批")

    other = Visitor(await browser.new_page(viewport=DESK), place)
    await other.page.goto(f"{place.address}/#/cases/approvals")
    await other.sign_in("chief")
    await expect(other.page.locator("nav .count")).to_have_text("1")
    await shot(other.page, "approvals")
    await other.page.get_by_role("button", name="批准", exact=True).click()
    dialog = other.page.get_by_role("dialog")
    await dialog.get_by_label("事由说明").fill("同意，限本案")
    await dialog.get_by_role("button", name="批准", exact=True).click()
    await expect(other.page.locator(".case-card")).to_contain_text("已批准")
    await expect(other.page.locator("nav .count")).to_have_count(0)

    await page.reload()
    await page.get_by_role("button", name="以此查看").click()
    await expect(page.locator(".events")).to_be_visible()
    await page.locator(".purpose-chip").click()
    await expect(page.get_by_role("dialog")).to_contain_text("经审批")
    await page.keyboard.press("Escape")
    await other.page.get_by_role("button", name="收回批准").click()
    await dialog.get_by_label("事由说明").fill("已破案")
    await dialog.get_by_role("button", name="收回", exact=True).click()
    await expect(other.page.locator(".case-card")).to_contain_text("已收回")
    await page.reload()
    await expect(page.get_by_text("以什么事由查看")).to_be_visible()
    desk.check(refused=True)
    other.check()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_every_part_fits(browser: Browser, place: County, chief: User, language: str, size: Any) -> None:
    store, officer = place.hub.store, await li(place)
    now = datetime.now(UTC)
    (case,) = await cases.list_cases(store, officer)
    asks = NewApproval(
        asked=ReachAsk(
            kind="reach",
            case_id=case.id,
            places=("220882", NEXT),
            starts_at=now - timedelta(days=9),
            ends_at=now,
            hours=24,
        ),
        reason="嫌疑车辆向安广镇方向驶离，沿途各村都要看",
    )
    first, second, _ = [await approvals.ask(store, asks, officer) for _ in range(3)]
    by = Actor(chief, "10.0.0.8")
    await approvals.decide(store, first.id, Decision(granted=True, reason="同意", expected_revision=1), by)
    await approvals.revoke(store, first.id, Ending(reason="已破案", expected_revision=2), by)
    await approvals.decide(store, second.id, Decision(granted=True, reason="同意", expected_revision=1), by)
    page = await browser.new_page(viewport=size)
    await page.add_init_script(f"localStorage.setItem('language', '{language}')")
    visitor = Visitor(page, place)
    await page.goto(f"{place.address}/#/cases")
    await visitor.sign_in("chief")
    for part in ("cases", "approvals"):
        await page.evaluate("part => { location.hash = `#/cases/${part}` }", part)
        await expect(page.locator(".case-card").first).to_be_visible()
        await shot(page, f"{part}-{language}-{size['width']}")
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, part
    visitor.check()
    assert CASE[0] in await page.content()
