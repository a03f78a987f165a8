"""What the administrator does: villages, users with their grants, and what the page refuses with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Browser, expect
from pydantic import SecretStr

from registry import geography, places, signin, users
from registry.geography import NewBoundary
from registry.model import Role
from registry.signin import Tried
from registry.users import CONSOLE
from tests.e2e.county import PASSWORD, County
from tests.e2e.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser
MARKUP = "<script>alert(1)</script>"


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


async def test_a_new_user_sees_only_the_villages_he_was_given(admin: Visitor, browser: Browser, place: County) -> None:
    await admin.enter("#/admin/users", "boss")
    page = admin.page
    await page.get_by_role("button", name="添加用户").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("用户名").fill("刘民警")
    await expect(dialog.get_by_text("用户名应以字母或数字开头")).to_be_visible()
    await dialog.get_by_label("用户名").fill("liu")
    await dialog.get_by_label("姓名").fill(MARKUP)
    await dialog.get_by_label("角色").select_option("monitor")
    await dialog.get_by_role("button", name="展开月亮泡镇的村").click()
    await dialog.get_by_label("汉书村").check()
    await dialog.get_by_role("button", name="添加并生成密码").click()
    password = await dialog.locator("output.password").inner_text()
    assert len(password) == 14
    await dialog.get_by_role("button", name="已记下").click()
    await expect(page.locator("[data-user=liu]")).to_contain_text("汉书村")
    await expect(page.locator("[data-user=liu]")).to_contain_text(MARKUP)
    assert password not in await page.content()

    other = Visitor(await browser.new_page(viewport=DESK), place)
    await other.page.goto(f"{place.address}/#/map/220882")
    await other.sign_in("liu", password)
    await expect(other.page.get_by_text("探头在线 3/5")).to_be_visible()
    await expect(other.page.locator(".contents")).not_to_contain_text("先进村")
    await expect(other.page.get_by_role("link", name="管理")).to_have_count(0)
    admin.check()
    other.check()


async def test_what_is_typed_of_a_new_user_outlives_the_session(admin: Visitor, place: County) -> None:
    await admin.enter("#/admin/users", "boss")
    page = admin.page
    await page.get_by_role("button", name="添加用户").click()
    await page.get_by_role("dialog").get_by_label("用户名").fill("liu")
    await page.get_by_role("dialog").get_by_label("单位").fill("汉书村警务室")
    async with admin.session_over():
        await page.get_by_role("button", name="添加并生成密码").click()
    await admin.sign_in("boss")
    await page.get_by_role("button", name="添加用户").click()
    await expect(page.get_by_role("dialog").get_by_label("单位")).to_have_value("汉书村警务室")
    await page.get_by_role("button", name="添加并生成密码").click()
    await expect(page.locator("output.password")).to_be_visible()
    admin.check(refused=True)


async def test_the_last_administrator_stays_and_others_change(admin: Visitor, place: County) -> None:
    await admin.enter("#/admin/users", "boss")
    page = admin.page
    await act(admin, "boss", "修改")
    await page.get_by_role("dialog").get_by_label("可以登录").uncheck()
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_role("alert")).to_have_text("这是最后一个管理员，请先让别人当管理员。")
    await page.get_by_role("button", name="取消", exact=True).click()

    await act(admin, "wang", "修改")
    await page.get_by_role("dialog").get_by_label("角色").select_option("monitor")
    await expect(page.get_by_role("dialog")).to_contain_text("立即在所有地方退出登录")
    await page.get_by_role("dialog").get_by_role("button", name="取消授权：大安市").click()
    await page.get_by_role("dialog").get_by_label("按名称或代码查找").fill("永富")
    await page.get_by_role("dialog").get_by_label("安广镇 永富村").check()
    await page.get_by_role("button", name="保存").click()
    await expect(page.locator("[data-user=wang]")).to_contain_text("值机员")
    user = await users.by_name(place.hub.store, "wang")
    assert (user.role, user.grants) == (Role.MONITOR, ("220882101200",))

    await act(admin, "wang", "重置密码")
    await page.get_by_role("dialog").get_by_role("button", name="重置密码").click()
    password = await page.locator("output.password").inner_text()
    assert (await signin.verify(place.hub.store, place.hub.vault, Tried("wang", password))).name == "wang"
    admin.check(refused=True)


async def test_villages_are_added_renamed_recoded_and_removed(admin: Visitor, place: County) -> None:
    await admin.enter("#/admin/villages", "boss")
    page = admin.page
    await page.get_by_role("button", name="添加地点").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("行政区划代码").fill("2208821002")
    await expect(dialog.get_by_text("应为 6、9 或 12 位数字")).to_be_visible()
    await dialog.get_by_label("行政区划代码").fill("220882999200")
    await dialog.get_by_label("名称").fill(MARKUP)
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog.get_by_role("alert")).to_have_text("上级的代码还没有，请先添加上级。")
    await dialog.get_by_label("行政区划代码").fill("220882100202")
    await expect(dialog).to_contain_text("属于月亮泡镇")
    await dialog.get_by_label("坐标").fill("45.72, 123.91")
    await dialog.get_by_role("button", name="保存").click()
    row = page.locator("[data-code='220882100202']")
    await expect(row).to_contain_text(MARKUP)
    await expect(row).to_contain_text("45.72000, 123.91000")

    await act(admin, MARKUP, "修改")
    await dialog.get_by_label("名称").fill("志发村")
    await places.change(place.hub.store, "220882100202", places.PlaceChange(name="别人改的"), CONSOLE)
    await dialog.get_by_role("button", name="保存").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("刚被他人修改过")
    await dialog.get_by_role("button", name="仍按我的保存").click()
    await expect(row).to_contain_text("志发村")
    await act(admin, "志发村", "修改")
    await dialog.get_by_label("行政区划代码").fill("220882100203")
    await dialog.get_by_role("button", name="保存").click()
    await act(admin, "志发村", "删除")
    await dialog.get_by_role("button", name="删除").click()
    await expect(page.locator("[data-code='220882100203']")).to_have_count(0)

    await act(admin, "汉书村", "删除")
    await dialog.get_by_role("button", name="删除").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("还有探头登记在这里")
    await dialog.get_by_role("button", name="取消").click()
    await page.get_by_label("按名称或代码查找").fill("永富")
    await expect(page.locator("tbody tr")).to_have_count(1)
    admin.check(refused=True)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_every_part_fits(admin: Visitor, browser: Browser, place: County, language: str, size: Any) -> None:
    await geography.set_boundary(
        place.hub.store,
        "220882100200",
        NewBoundary(boundary=((123.93, 45.72), (123.95, 45.72), (123.95, 45.74))),
        CONSOLE,
    )
    await places.change(place.hub.store, "220882100200", places.PlaceChange(name="é" * 64), CONSOLE)
    del admin
    page = await browser.new_page(viewport=size)
    await page.add_init_script(f"localStorage.setItem('language', '{language}')")
    visitor = Visitor(page, place)
    await visitor.enter("#/admin/villages", "boss")
    for part, ready in (("villages", "tbody tr"), ("users", "[data-user]"), ("roles", ".matrix")):
        await page.evaluate("part => { location.hash = `#/admin/${part}` }", part)
        await expect(page.locator(ready).first).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, part
    visitor.check()
