"""A clip from a shop, as its people live it: asked for at the desk, sent from a telephone through breaks, judged."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Literal
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page, Route, expect

from registry import cases
from registry.users import CONSOLE
from tests.api.test_owner import picture
from tests.api.test_uploads import mp4
from tests.camera_hub.recording.footage import Take
from tests.e2e.county import CASE, County
from tests.e2e.test_axe import axe, serious
from tests.e2e.visitor import DESK, PATIENCE_MS, PHONE, Visitor

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("SHOTS")
DURATION = """video => new Promise(done => {
  if (video.readyState > 0) done(video.duration);
  else video.addEventListener("loadedmetadata", () => done(video.duration));
})"""
FILM = Take(frames=600, width=640, height=360)


async def shot(page: Page, name: str) -> None:
    """A picture for whoever looks, where a folder is named for it."""
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


async def canvass(desk: Visitor, place: County) -> str:
    """The case's canvass, looked at under it; the case's id."""
    (case,) = await cases.list_cases(place.hub.store, CONSOLE)
    await desk.page.goto(f"{place.address}/#/cases/{case.id}/canvass")
    await desk.sign_in()
    await desk.page.get_by_role("button", name=f"以案件 {CASE[0]} 查看").click()
    await expect(desk.page.get_by_role("heading", name="走访清单")).to_be_visible()
    return str(case.id)


async def asked(desk: Visitor, name: str) -> str:
    """Put a shop on the list and ask it for its footage; the address of its link."""
    page = desk.page
    await page.get_by_role("button", name="添加走访对象").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("谁家、什么店").fill(name)
    await form.get_by_label("有没有探头").select_option("yes")
    await form.get_by_label("录像保存几天").fill("60")
    await shot(page, "canvass-add")
    await form.get_by_role("button", name="添加", exact=True).click()
    card = page.locator(".case-card", has_text=name)
    await expect(card).to_contain_text("天后开始覆盖")
    await card.get_by_role("button", name="请求录像").click()
    await shot(page, "canvass-ask")
    await form.get_by_role("button", name="生成请求").click()
    text = await form.get_by_label("短信内容").input_value()
    assert (
        await form.get_by_alt_text("上传二维码").evaluate("async code => (await code.decode(), code.naturalWidth)") > 0
    )
    await shot(page, "canvass-link")
    async with page.expect_popup() as printed:
        await form.get_by_role("button", name="打印请求书").click()
    paper = await printed.value
    await expect(paper.get_by_role("heading", name="录像调取请求书")).to_be_visible()
    assert await paper.locator("th").first.evaluate("one => getComputedStyle(one).borderStyle") == "solid"
    await shot(paper, "canvass-paper")
    await paper.close()
    await form.locator(".canvass-link").get_by_role("button", name="关闭").click()
    await expect(card).to_contain_text("等待上传")
    found = re.search(r"http\S+give\.html#[\w-]{32}", text)
    assert found
    return found[0]


async def test_a_shop_is_asked_sends_its_clip_through_breaks_and_it_is_taken(
    desk: Visitor, place: County, browser: Browser, tmp_path: Path
) -> None:
    await canvass(desk, place)
    address = await asked(desk, "王家小卖部")
    film, photo = tmp_path / "大门.mp4", tmp_path / "clock.jpg"
    film.write_bytes(mp4(FILM) + bytes(2_000_000))
    photo.write_bytes(picture("jpeg", 2400, 1600))

    phone = Visitor(await browser.new_page(viewport=PHONE), place)
    page, broken = phone.page, []

    async def line(route: Route) -> None:
        """Breaks at the second, fourth and fifth piece: before it comes, and once after it came."""
        broken.append(route.request.url)
        if len(broken) in (2, 5):
            await route.abort("connectionfailed")
        elif len(broken) == 4:
            await route.fetch()
            await route.abort("connectionfailed")
        else:
            await route.continue_()

    await page.route("**/api/v1/giving/files/*?offset=*", line)
    await page.goto(address)
    await expect(page.get_by_text("王家小卖部")).to_be_visible()
    await expect(page.get_by_text("丢羊")).to_have_count(0)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.get_by_label("录像文件").set_input_files(film)
    await page.get_by_label("您的姓名").fill("王店主")
    await page.get_by_label("是哪个摄像头").fill("大门口 海康")
    await page.get_by_label("时钟照片").set_input_files(photo)
    await page.get_by_text("这是摄像设备录下的原样").click()
    await expect(page.get_by_role("button", name="开始上传")).to_be_disabled()
    await page.get_by_text("我自愿为上述案件提供").click()
    await shot(page, "give-form")
    await page.get_by_role("button", name="开始上传").click()
    await expect(page.get_by_text("网络断开")).to_be_visible()
    await shot(page, "give-waiting")
    await expect(page.get_by_role("heading", name="回执")).to_be_visible(timeout=60_000)
    digest = hashlib.sha256(film.read_bytes()).hexdigest()
    await expect(page.get_by_text(digest)).to_be_visible()
    await expect(page.get_by_text("等待民警查看")).to_be_visible()
    await shot(page, "give-receipt")
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_text("Received, waits for an officer")).to_be_visible()
    await shot(page, "give-receipt-en")
    (identity,) = place.hub.intake.files.ids()
    assert place.hub.intake.files.path(UUID(str(identity))).read_bytes() == film.read_bytes()

    page = desk.page
    await page.get_by_role("button", name="刷新").click()
    await shot(page, "canvass-received")
    await page.get_by_role("button", name="查看并处理").click()
    sheet = page.get_by_role("dialog")
    await expect(sheet.locator(".upload-pictures img").first).to_be_visible(timeout=30_000)
    await sheet.get_by_label("设备显示").fill("2026-01-01 10:00:37")
    await sheet.get_by_label("实际时间").fill("2026-01-01 10:00:00")
    await sheet.get_by_role("button", name="保存时钟").click()
    await expect(sheet.get_by_text("设备时钟快 37 秒（±2 秒")).to_be_visible()
    await shot(page, "upload-triage")
    await sheet.get_by_role("button", name="采用，作为本案录像").click()
    await expect(page.locator(".canvass-sent")).to_contain_text("已采用")
    await expect(page.get_by_label("王家小卖部的状态")).to_have_value("got")
    await page.get_by_role("button", name="查看", exact=True).click()
    assert 39 < await sheet.locator("video").evaluate(DURATION) < 41
    await shot(page, "upload-accepted")
    desk.check()
    phone.check(refused=True)


async def test_what_is_declined_is_gone_and_its_giver_reads_why(
    desk: Visitor, place: County, browser: Browser, tmp_path: Path
) -> None:
    await canvass(desk, place)
    address = await asked(desk, "李家")
    script = tmp_path / "evil.mp4"
    script.write_bytes(b"<script>alert(1)</script>" * 4000)
    phone = await browser.new_page(viewport=PHONE)
    await phone.goto(address)
    await phone.get_by_role("button", name="English").click()
    await phone.get_by_label("Video file").set_input_files(script)
    await phone.get_by_label("Your name").fill("Li")
    await phone.get_by_label("Which camera").fill("gate")
    await phone.get_by_text("I give this clip").click()
    await shot(phone, "give-form-en")
    await phone.get_by_role("button", name="Send it").click()
    await expect(phone.get_by_role("heading", name="Receipt")).to_be_visible()

    page = desk.page
    await page.get_by_role("button", name="刷新").click()
    await page.get_by_role("button", name="查看并处理").click()
    sheet = page.get_by_role("dialog")
    await expect(sheet.locator(".tag-bad", has_text="不是录像")).to_be_visible(timeout=30_000)
    await expect(sheet.get_by_role("button", name="采用，作为本案录像")).to_be_disabled()
    await shot(page, "upload-hostile")
    await sheet.get_by_role("button", name="不采用并删除").click()
    await expect(page.locator(".canvass-sent")).to_contain_text("文件已于")
    assert place.hub.intake.files.ids() == []
    await phone.reload()
    await expect(phone.get_by_text("未采用，已删除：不是录像")).to_be_visible()
    await shot(phone, "give-declined")
    desk.check()


async def test_a_shop_sends_the_files_of_its_cameras_on_one_link(
    desk: Visitor, place: County, browser: Browser, tmp_path: Path
) -> None:
    await canvass(desk, place)
    address = await asked(desk, "钱家超市")
    films = [tmp_path / f"{name}.mp4" for name in ("门口1", "门口2", "后院")]
    for at, film in enumerate(films):
        film.write_bytes(mp4(Take(frames=30 + at)))
    phone = Visitor(await browser.new_page(viewport=PHONE), place)
    page = phone.page
    await page.goto(address)
    for device, some, came in (("门口", films[:2], 2), ("后院", films[2:], 3), ("后院", films[:1], 3)):
        if came == 3:
            await page.get_by_text("还有别的摄像头或文件要传").click()
            await expect(page.get_by_label("您的姓名")).to_have_value("钱老板")
        await page.get_by_label("录像文件").set_input_files(some)
        await page.get_by_label("您的姓名").fill("钱老板")
        await page.get_by_label("是哪个摄像头").fill(device)
        await page.get_by_text("我自愿为上述案件提供").click()
        await shot(page, f"give-files-{came}")
        await page.get_by_role("button", name="开始上传").click()
        await expect(page.get_by_text(f"已收到 {came} 个文件，最多 12 个")).to_be_visible(timeout=60_000)
    await expect(page.get_by_role("alert")).to_contain_text("这个文件已经传过了")
    receipts = page.locator(".receipt dl")
    await expect(receipts).to_have_count(3)
    for receipt, film, device in zip(await receipts.all(), films, ("门口", "门口", "后院"), strict=True):
        await expect(receipt).to_contain_text(film.name)
        await expect(receipt).to_contain_text(device)
        await expect(receipt).to_contain_text(hashlib.sha256(film.read_bytes()).hexdigest())
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await shot(page, "give-several")
    await page.get_by_role("button", name="English").click()
    await shot(page, "give-several-en")

    page = desk.page
    await page.get_by_role("button", name="刷新").click()
    card = page.locator(".case-card", has_text="钱家超市").first
    await expect(card).to_contain_text("已收到 3 个文件")
    await expect(card).to_contain_text("还可上传")
    await expect(page.locator(".canvass-sent li")).to_have_count(3)
    await expect(page.locator(".canvass-sent li", has_text="后院.mp4 · 后院")).to_have_count(1)
    await expect(page.locator(".canvass-map")).to_have_count(0)
    assert len(place.hub.intake.files.ids()) == 3
    await shot(page, "canvass-several")
    sheet = page.get_by_role("dialog")
    for film in films[:2]:
        row = page.locator(".canvass-sent li", has_text=film.name)
        await row.get_by_role("button", name="查看并处理").click()
        await expect(sheet.locator(".upload-pictures img").first).to_be_visible(timeout=30_000)
        if film is films[0]:
            await sheet.get_by_label("怎样核对").select_option("told")
            await sheet.get_by_label("设备显示").fill("2026-01-01 10:00:37")
            await sheet.get_by_label("实际时间").fill("2026-01-01 10:00:00")
        else:
            await expect(sheet.get_by_text("已按同一设备的另一个文件（门口1.mp4）填好钟差")).to_be_visible()
            await shot(page, "upload-same-clock")
        await sheet.get_by_role("button", name="保存时钟").click()
        await expect(sheet.get_by_text("设备时钟快 37 秒（±2 秒")).to_be_visible()
        await sheet.get_by_role("button", name="关闭").click()
    await card.get_by_role("button", name="记录走访情况").click()
    await sheet.get_by_label("坐标").fill("45.51, 124.12")
    await sheet.get_by_role("button", name="保存", exact=True).click()
    await page.locator(".canvass-map .map-canvas").wait_for()
    desk.check()
    phone.check(refused=True)


async def test_a_page_that_was_closed_goes_on_with_the_same_file(
    desk: Visitor, place: County, browser: Browser, tmp_path: Path
) -> None:
    await canvass(desk, place)
    address = await asked(desk, "赵家")
    film, other = tmp_path / "a.mp4", tmp_path / "b.mp4"
    film.write_bytes(os.urandom(1_500_000))
    other.write_bytes(b"x")
    first = await browser.new_page(viewport=PHONE)
    pieces: list[str] = []

    async def cut(route: Route) -> None:
        pieces.append(route.request.url)
        await (route.continue_() if len(pieces) == 1 else route.abort("connectionfailed"))

    await first.route("**/api/v1/giving/files/*?offset=*", cut)
    await first.goto(address)
    await first.get_by_label("录像文件").set_input_files(film)
    await first.get_by_label("您的姓名").fill("赵")
    await first.get_by_label("是哪个摄像头").fill("院门")
    await first.get_by_text("我自愿为上述案件提供").click()
    await first.get_by_role("button", name="开始上传").click()
    await expect(first.get_by_text("网络断开")).to_be_visible()
    await first.close()

    again = Visitor(await browser.new_page(viewport=PHONE), place)
    page = again.page
    await page.goto(address)
    await expect(page.get_by_text("有一个文件没有传完")).to_be_visible()
    chosen = page.get_by_label("请再选同一个文件")
    await chosen.set_input_files(other)
    await expect(page.get_by_text("不是同一个文件")).to_be_visible()
    await shot(page, "give-resume")
    await chosen.set_input_files(film)
    await expect(page.get_by_role("heading", name="回执")).to_be_visible(timeout=30_000)
    (identity,) = place.hub.intake.files.ids()
    assert place.hub.intake.files.path(identity).read_bytes() == film.read_bytes()
    again.check()


async def test_a_hub_that_restarts_in_the_middle_is_waited_for(
    desk: Visitor, place: County, browser: Browser, tmp_path: Path
) -> None:
    await canvass(desk, place)
    address = await asked(desk, "孙家")
    film = tmp_path / "a.mp4"
    film.write_bytes(os.urandom(3_000_000))
    page = await browser.new_page(viewport=PHONE)
    page.set_default_timeout(PATIENCE_MS)
    pieces: list[str] = []

    async def stopped(route: Route) -> None:
        pieces.append(route.request.url)
        if len(pieces) == 3:
            await place.stop()
        await route.continue_()

    await page.route("**/api/v1/giving/files/*?offset=*", stopped)
    await page.goto(address)
    await page.get_by_label("录像文件").set_input_files(film)
    await page.get_by_label("您的姓名").fill("孙")
    await page.get_by_label("是哪个摄像头").fill("院门")
    await page.get_by_text("我自愿为上述案件提供").click()
    await page.get_by_role("button", name="开始上传").click()
    await expect(page.get_by_text("网络断开")).to_be_visible()
    await place.start()
    await expect(page.get_by_role("heading", name="回执")).to_be_visible(timeout=60_000)
    (identity,) = place.hub.intake.files.ids()
    assert place.hub.intake.files.path(identity).read_bytes() == film.read_bytes()


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_neither_page_has_a_serious_finding(
    browser: Browser, place: County, theme: Literal["light", "dark"]
) -> None:
    desk = Visitor(await browser.new_page(viewport=DESK, color_scheme=theme), place)
    await desk.page.add_init_script(f"localStorage.setItem('theme', '{theme}')")
    await desk.page.add_init_script(axe())
    await canvass(desk, place)
    address = await asked(desk, "孙家")
    assert await serious(desk.page) == []
    await desk.page.get_by_role("button", name="请求录像").click()
    assert await serious(desk.page) == []
    phone = await browser.new_page(viewport=PHONE, color_scheme=theme)
    await phone.add_init_script(axe())
    await phone.goto(address)
    await expect(phone.get_by_label("录像文件")).to_be_visible()
    assert await serious(phone) == []


async def test_the_canvass_is_read_on_a_telephone(browser: Browser, place: County) -> None:
    desk = Visitor(await browser.new_page(viewport=DESK), place)
    await canvass(desk, place)
    await expect(desk.page.get_by_text("清单还是空的")).to_be_visible()
    await shot(desk.page, "canvass-empty")
    await desk.page.get_by_role("button", name="加入清单").first.click()
    await expect(desk.page.locator(".canvass-list .case-card")).to_have_count(1)
    await desk.page.set_viewport_size(PHONE)
    await shot(desk.page, "canvass-phone")
    assert await desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    desk.check()
