"""Stations and teams, what one must hold, the second factor and tokens, in a browser."""

from __future__ import annotations

from base64 import b32decode
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.async_api import Browser, expect
from pydantic import SecretStr

from registry import units, users
from registry.model import Role
from registry.users import CONSOLE, UserChange
from tests.e2e.county import PASSWORD, County
from tests.e2e.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser


@pytest.fixture
async def admin(desk: Visitor, place: County) -> Visitor:
    """The desk of an administrator of the whole county, not yet signed in."""
    new = users.NewUser(
        name="boss", display_name="管理员", role=Role.ADMIN, password=SecretStr(PASSWORD), grants=("220882",)
    )
    await users.create(place.hub.store, new, CONSOLE)
    return desk


async def act(desk: Visitor, name: str, item: str) -> None:
    await desk.page.get_by_role("button", name=f"操作：{name}", exact=True).click()
    await desk.page.get_by_role("menuitem", name=item).click()


async def add_unit(desk: Visitor, kind: str, name: str, under: str | None = None, village: str | None = None) -> None:
    await desk.page.get_by_role("button", name="添加派出所或队组").click()
    dialog = desk.page.get_by_role("dialog")
    await dialog.get_by_label("类别").select_option(kind)
    if under is not None:
        await dialog.get_by_label("上级").select_option(label=under)
    await dialog.get_by_label("名称").fill(name)
    if village is not None:
        await dialog.get_by_label(village).check()
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog).to_have_count(0)


async def test_a_user_is_granted_a_squadron_and_sees_what_joins_it(admin: Visitor, place: County) -> None:
    await admin.enter("#/admin/units", "boss")
    page = admin.page
    await expect(page.get_by_text("还没有派出所和队组")).to_be_visible()
    await add_unit(admin, "squadron", "二中队")
    await add_unit(admin, "group", "三小组", "二中队", "汉书村")
    await expect(page.locator("[data-unit=三小组]")).to_contain_text("汉书村")

    await page.goto(f"{place.address}/#/admin/users")
    await act(admin, "wang", "修改")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="取消授权：大安市").click()
    await dialog.get_by_label("按派出所或队组授权").select_option(label="二中队")
    await dialog.get_by_label("所属队组").select_option(label="二中队 三小组")
    await dialog.get_by_role("button", name="保存").click()
    await expect(page.locator("[data-user=wang]")).to_contain_text("二中队")
    user = await users.by_name(place.hub.store, "wang")
    assert (user.grants, user.through, user.unit) == ((), ("220882100200",), user.unit)
    group = next(one for one in await units.list_units(place.hub.store) if one.name == "三小组")
    assert user.team == group.id

    await page.goto(f"{place.address}/#/admin/units")
    await act(admin, "二中队", "删除")
    await page.get_by_role("dialog").get_by_role("button", name="删除").click()
    await expect(page.get_by_role("alert")).to_contain_text("请先删除下级")
    admin.check(refused=True)


async def test_what_is_missing_is_said_to_whom_it_concerns(admin: Visitor, browser: Browser, place: County) -> None:
    wang = await users.by_name(place.hub.store, "wang")
    await users.change(place.hub.store, wang.id, UserChange(role=Role.MONITOR, pledged_at=None), CONSOLE)
    await admin.enter("#/admin/users", "boss")
    row = admin.page.locator("[data-user=wang]")
    await expect(row).to_contain_text("保密承诺无效")

    his = Visitor(await browser.new_page(viewport=PHONE), place)
    await his.enter("#/map", "wang")
    await expect(his.page.get_by_role("status").filter(has_text="保密承诺没有登记")).to_be_visible()
    await expect(his.page.get_by_role("link", name="视频墙")).to_have_count(0)
    await act(admin, "wang", "修改")
    await admin.page.get_by_label("保密承诺日期").fill(datetime.now(place.hub.store.tz).date().isoformat())
    await admin.page.get_by_role("button", name="保存").click()
    await expect(row).not_to_contain_text("无效")
    await his.page.reload()
    await expect(his.page.get_by_role("status").filter(has_text="保密承诺")).to_have_count(0)
    admin.check()
    his.check()


async def test_a_second_factor_is_set_up_and_asked_for(desk: Visitor, browser: Browser, place: County) -> None:
    await desk.page.goto(f"{place.address}/#/me")
    await desk.sign_in("wang")
    page = desk.page
    await page.get_by_role("button", name="开始设置").click()
    await expect(page.get_by_alt_text("两步验证二维码")).to_be_visible()
    secret = await page.locator("output.two-secret").inner_text()
    await page.get_by_label("验证码").fill("000000")
    await page.get_by_role("button", name="开启").click()
    await expect(page.get_by_role("alert")).to_contain_text("验证码不对")
    totp = TOTP(b32decode(secret), 6, SHA1(), 30)
    await page.get_by_label("验证码").fill(totp.generate(int(datetime.now(UTC).timestamp())).decode())
    await page.get_by_role("button", name="开启").click()
    codes = (await page.locator("output.two-codes").inner_text()).split()
    assert len(codes) == 10

    other = Visitor(await browser.new_page(viewport=DESK), place)
    await other.page.goto(f"{place.address}/#/me")
    await other.sign_in("wang")
    await other.page.locator("input[name=code]").fill(codes[0])
    await other.page.locator("button[type=submit]").click()
    await expect(other.page.get_by_text("已开启")).to_be_visible()
    desk.check(refused=True)


async def test_a_token_is_made_with_less_than_ones_own(desk: Visitor, place: County) -> None:
    await desk.page.goto(f"{place.address}/#/me")
    await desk.sign_in("wang")
    page = desk.page
    await page.get_by_role("button", name="新建令牌").click()
    await page.get_by_label("用途").fill("统计")
    await expect(page.get_by_role("button", name="生成")).to_be_disabled()
    await page.get_by_label("查看探头和地图").check()
    await page.get_by_role("button", name="生成").click()
    assert (await page.locator("output.two-secret").inner_text()).startswith("hub_")
    await page.get_by_role("button", name="已记下").click()
    await expect(page.get_by_text("查看探头和地图")).to_be_visible()
    desk.check()
