"""Papers of a case, as two people do them: asked for, granted by the other, made, fetched, handed over; copies blurred."""

from __future__ import annotations

import os
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from pydantic import SecretStr

from camera_hub.evidence import verify
from registry import cases, users
from registry.cases import CaseChange
from registry.model import Role
from registry.users import CONSOLE
from tests.e2e.county import CASE, PASSWORD, County
from tests.e2e.playing import CAMERAS
from tests.e2e.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("SHOTS")


async def shot(page: Page, name: str) -> None:
    """A picture for whoever looks, where a folder is named for it."""
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.fixture
async def case(place: County, base: datetime) -> str:
    """The case reaches the footage and has a camera; somebody else may approve. Its id."""
    store = place.hub.store
    (found,) = [one for one in await cases.list_cases(store, CONSOLE) if one.number == CASE[0]]
    times = {"starts_at": base - timedelta(hours=1), "ends_at": base + timedelta(hours=1)}
    await cases.change(store, found.id, CaseChange(expected_revision=found.revision, **times), CONSOLE)
    new = users.NewUser(name="zhao", display_name="赵所长", role=Role.APPROVER, password=SecretStr(PASSWORD))
    made = await users.create(store, new, CONSOLE)
    await users.set_grants(store, made.id, ("220882",), CONSOLE)
    return str(found.id)


async def opened(
    browser: Browser, place: County, name: str, path: str, *, size: Any = DESK, language: str = "zh"
) -> Visitor:
    page = await browser.new_page(viewport=size)
    await page.add_init_script(f"localStorage.setItem('language', '{language}')")
    visitor = Visitor(page, place)
    await page.goto(f"{place.address}/{path}")
    await visitor.sign_in(name)
    return visitor


async def ask(page: Page, place: County, case: str, base: datetime, kind: str) -> None:
    """Officer li asks for twenty seconds of a camera."""
    chosen = {"add": [str(place.cameras[CAMERAS[0]])]}
    await page.evaluate(
        """async ([id, choice]) => {
          const csrf = (await (await fetch("/api/v1/session")).json()).csrf;
          await fetch(`/api/v1/cases/${id}/cameras`, { method: "POST", body: JSON.stringify(choice),
            headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf } });
        }""",
        [case, chosen],
    )
    await page.get_by_role("button", name="申请导出").click()
    box = page.get_by_role("dialog")
    times = [
        (base + timedelta(seconds=at)).astimezone(place.hub.store.tz).strftime("%Y-%m-%d %H:%M:%S") for at in (2, 18)
    ]
    await box.get_by_label("从", exact=True).first.fill(times[0])
    await box.get_by_label("到", exact=True).first.fill(times[1])
    await box.get_by_label("接收方类别").select_option(kind)
    await box.get_by_label("接收方", exact=True).fill("刑侦大队 李明")
    await box.get_by_label("文书号").fill("大公(治)调证字〔2026〕12号")
    await shot(page, f"papers-ask-{kind}")
    await box.get_by_role("button", name="提交审批").click()
    await expect(page.locator(".papers .tag-wait")).to_have_text("待审批")


async def grant(browser: Browser, place: County) -> None:
    approver = await opened(browser, place, "zhao", "#/cases/approvals")
    page = approver.page
    await expect(page.locator(".case-card")).to_contain_text("大公(治)调证字〔2026〕12号")
    await shot(page, "papers-approval")
    await page.get_by_role("button", name="批准", exact=True).click()
    await page.get_by_role("dialog").get_by_role("textbox").fill("同意调取")
    await page.get_by_role("dialog").get_by_role("button", name="批准", exact=True).click()
    await expect(page.locator(".tag-ok")).to_have_text("已批准")
    approver.check()
    await page.close()


async def enter(visitor: Visitor) -> None:
    await visitor.page.get_by_role("button", name="以案件").click()
    await expect(visitor.page.locator(".papers")).to_be_visible()


async def test_a_pack_from_asking_to_handing_over(
    browser: Browser, place: County, base: datetime, case: str, tmp_path: Path
) -> None:
    officer = await opened(browser, place, "li", f"#/cases/{case}/papers")
    page = officer.page
    await enter(officer)
    await shot(page, "papers-empty")
    await ask(page, place, case, base, "investigation")
    await grant(browser, place)
    await page.reload()
    await page.get_by_role("button", name="制作证据包").click()
    await expect(page.locator(".custody li")).to_contain_text(["制作"])
    async with page.expect_download() as coming:
        await page.get_by_role("button", name="下载").click()
    fetched = tmp_path / "pack.zip"
    await (await coming.value).save_as(fetched)
    told = await page.locator(".papers-key code").inner_text()
    assert verify.check(str(fetched), told).problems == ()
    with zipfile.ZipFile(fetched) as opened_zip:
        assert any(name.endswith("报告.html") for name in opened_zip.namelist())
    await page.get_by_role("button", name="登记移交").click()
    box = page.get_by_role("dialog")
    await box.get_by_label("接收单位").fill("刑侦大队")
    await box.get_by_label("已通过另一途径").check()
    await box.get_by_role("button", name="登记移交").click()
    await expect(page.locator(".custody li")).to_contain_text(["制作", "下载", "已告知指纹"])
    await shot(page, "papers-done")
    async with page.expect_popup() as popup:
        await page.get_by_role("link", name="查看、打印").click()
    paper = await popup.value
    await expect(paper.get_by_role("heading", level=1)).to_have_text("视频侦查报告")
    await shot(paper, "papers-report")
    officer.check()
    phone = await opened(browser, place, "li", f"#/cases/{case}/papers", size=PHONE, language="en")
    await phone.page.get_by_role("button", name="Look under").click()
    await expect(phone.page.locator(".custody li")).to_have_count(3)
    await expect(phone.page.get_by_role("button", name="Ask to take out")).to_be_hidden()
    assert await phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await shot(phone.page, "papers-phone-en")


async def test_a_copy_for_others_is_looked_at_frame_by_frame(
    browser: Browser, place: County, base: datetime, case: str
) -> None:
    officer = await opened(browser, place, "li", f"#/cases/{case}/papers")
    page = officer.page
    await enter(officer)
    await ask(page, place, case, base, "person")
    await grant(browser, place)
    await page.reload()
    await page.get_by_role("button", name="生成模糊副本").click()
    await page.get_by_role("button", name="逐帧核对").click(timeout=120_000)
    box = page.get_by_role("dialog")
    confirm = box.get_by_role("button", name="已看完")
    await expect(confirm).to_be_disabled()
    frame = box.locator(".blur-frame")
    await expect(frame.locator("img")).to_be_visible()
    area = await frame.bounding_box()
    assert area is not None
    await page.mouse.move(area["x"] + 20, area["y"] + 20)
    await page.mouse.down()
    await page.mouse.move(area["x"] + 120, area["y"] + 90, steps=4)
    await page.mouse.up()
    await expect(box.get_by_role("button", name="去掉框 1")).to_be_visible()
    await shot(page, "papers-blur")
    await box.get_by_role("button", name="按手工框重新生成").click()
    await page.get_by_role("button", name="逐帧核对").click(timeout=120_000)
    count = int(await box.get_by_role("slider").get_attribute("max") or 0) + 1
    for at in range(count):
        await expect(box.locator("p, .time").filter(has_text=f"已看 {at + 1} / {count}").last).to_be_visible()
        await page.keyboard.press("ArrowRight")
    await confirm.click()
    await expect(page.locator(".copies .tag-ok")).to_contain_text("已核对")
    await page.get_by_role("button", name="制作证据包").click()
    await expect(page.locator(".custody li")).to_contain_text(["制作"])
    await shot(page, "papers-copy")
    officer.check()
