"""The register's page: an auditor lands there, sees who looked and why, asks, proves and takes it along."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from pydantic import SecretStr

from registry import audit, live, purposes, users, viewings
from registry.audit.chain import read_export
from registry.live import Wanted
from registry.model import Access, Actor, PurposeKind, Role
from registry.users import CONSOLE
from registry.viewings import Ended
from tests.e2e.county import PASSWORD, County
from tests.e2e.test_axe import axe, serious
from tests.e2e.visitor import DESK, PHONE, Visitor


@pytest.fixture
async def watched(place: County) -> County:
    """An auditor, and an officer who watched a camera for two minutes and searched in vain more than once."""
    store = place.hub.store
    new = users.NewUser(name="shen", password=SecretStr(PASSWORD), role=Role.AUDITOR, grants=("220882",))
    await users.create(store, new, CONSOLE)
    li = next(one for one in await users.list_users(store) if one.name == "li")
    actor = Actor(li, "10.1.1.1", "test")
    opened = purposes.OpenPurpose(kind=PurposeKind.PATROL, reason="夜间巡查")
    access = Access(actor, await purposes.open(store, opened, actor))
    camera = place.cameras["汉书村东口"]
    (seen,) = await live.open(store, access, [Wanted(camera, "sub", "video")])
    assert isinstance(seen, live.Watched)
    assert seen.viewing is not None
    await viewings.end(store, access, [Ended(seen.viewing, camera, store.clock(), 120.0, "closed")])
    for _ in range(store.policy.audit.misuse.vain + 1):
        async with store.write() as conn:
            await audit.append(conn, actor, "events.search", now=store.clock(), purpose=access.purpose, count=0)
    return place


async def test_an_auditor_sees_who_looked(watched: County, browser: Browser, tmp_path: Path) -> None:
    visitor = Visitor(await browser.new_page(viewport=DESK), watched)
    page = visitor.page
    await page.add_init_script(axe())
    await page.goto(watched.address)
    await visitor.sign_in("shen")
    await expect(page.get_by_role("tab", name="调用记录")).to_have_attribute("aria-selected", "true")
    await expect(page.locator("nav a[aria-current=page]")).to_have_text("调用登记")
    await expect(page.get_by_text("观看实时").first).to_be_visible()
    await expect(page.locator(".audit-bar").last).to_be_enabled()
    await expect(page.locator(".audit-bar").first).to_be_disabled()

    await page.get_by_label("用户名").fill("li")
    await page.keyboard.press("Enter")
    await page.get_by_label("查看方式").select_option("live")
    await expect(page.locator("tbody tr")).to_have_count(1)
    assert "user=li" in page.url
    assert "sort=live" in page.url
    await page.locator("tbody button").first.click()
    await expect(page.locator(".audit-detail")).to_contain_text("10.1.1.1")
    await page.screenshot(path=tmp_path / "rows.png")
    assert await serious(page) == []

    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="导出 JSON 行").click()
    file = tmp_path / "audit.jsonl"
    await (await waiting.value).save_as(file)
    with file.open("rb") as lines:
        found, fits = read_export(lines, [])
    assert (fits, found.selection, found.rows) == (True, True, 1)
    assert json.loads(file.read_text(encoding="utf-8").splitlines()[1])["user_name"] == "li"

    await page.get_by_role("tab", name="实时观看").click()
    await expect(page.get_by_role("cell", name="2 分钟")).to_be_visible()
    await page.get_by_role("tab", name="异常提示").click()
    await expect(page.get_by_text("多次无结果检索")).to_be_visible()
    await page.screenshot(path=tmp_path / "misuse.png")
    assert await serious(page) == []
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="导出 CSV").click()
    await (await waiting.value).save_as(tmp_path / "misuse.csv")
    assert "多次无结果检索,16,15" in (tmp_path / "misuse.csv").read_text(encoding="utf-8-sig")
    await page.get_by_role("link", name="查看记录").click()
    await expect(page.locator("tbody tr")).to_have_count(16)

    await page.get_by_role("tab", name="核验与导出").click()
    await page.get_by_role("button", name="核验整个链条").click()
    await expect(page.get_by_text("链条完整")).to_be_visible()
    await page.screenshot(path=tmp_path / "proof.png")
    assert await serious(page) == []
    visitor.check()


async def test_from_a_camera_to_who_looked_at_it(watched: County, browser: Browser, tmp_path: Path) -> None:
    visitor = Visitor(await browser.new_page(viewport=PHONE), watched)
    page = visitor.page
    camera = watched.cameras["汉书村东口"]
    await page.goto(f"{watched.address}/#/cameras/{camera}")
    await visitor.sign_in("shen")
    await page.get_by_role("link", name="谁看过").click()
    await expect(page.get_by_role("heading", name="谁看过“汉书村东口”")).to_be_visible()
    await expect(page.locator("tbody tr")).to_have_count(1)
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"]
    await page.screenshot(path=tmp_path / "phone-looks.png")
    await page.get_by_role("tab", name="调用记录").click()
    await expect(page.locator("tbody tr").first).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    await page.screenshot(path=tmp_path / "phone-rows.png")
    await page.get_by_role("button", name="EN", exact=True).click()
    await expect(page.get_by_role("tab", name="To ask about")).to_be_visible()
    await page.screenshot(path=tmp_path / "phone-en.png")
    visitor.check()


async def test_nothing_there_and_nothing_to_be_had(watched: County, browser: Browser, tmp_path: Path) -> None:
    visitor = Visitor(await browser.new_page(viewport=DESK), watched)
    page = visitor.page
    await page.goto(f"{watched.address}/#/audit?user=nobody")
    await visitor.sign_in("shen")
    await expect(page.get_by_text("这段时间没有符合条件的记录")).to_be_visible()
    await page.screenshot(path=tmp_path / "empty.png")
    await page.goto(f"{watched.address}/#/audit?from=2026-01-02&to=2026-01-01")
    await expect(page.get_by_text("请选择先后正确")).to_be_visible()
    await page.route("**/api/v1/audit?*", lambda one: one.fulfill(status=503, json={"code": "audit_unwritable"}))
    await page.goto(f"{watched.address}/#/audit")
    await expect(page.get_by_text("登记无法写入")).to_be_visible()
    await page.screenshot(path=tmp_path / "failing.png")
    visitor.check(refused=True)


async def test_who_may_not_read_it_has_no_such_view(watched: County, browser: Browser) -> None:
    visitor = Visitor(await browser.new_page(viewport=DESK), watched)
    await visitor.enter("#/audit")
    await expect(visitor.page.locator("nav").get_by_text("调用登记")).to_have_count(0)
    await expect(visitor.page.locator("nav a[aria-current=page]")).to_have_text("事件")
    visitor.check()
