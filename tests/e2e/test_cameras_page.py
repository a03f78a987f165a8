"""The technicians' page in a real browser against a real hub: cameras listed, added, changed, drawn on, and taken away."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page, Route, expect

from camera_hub.demo.sample_server import Mount, SampleServer
from camera_hub.stream import discovery
from registry import cameras, consents, devices, scenes, users
from registry.errors import NotFound, Unavailable
from registry.model import Actor, Camera, PictureFault, State
from registry.scope import EVERYTHING
from registry.users import CONSOLE
from tests.camera_hub.stream.conftest import SMALL, make_clip
from tests.camera_hub.stream.probe_matches import Box, answer, match
from tests.camera_hub.stream.soap_camera import SoapCamera, profile
from tests.e2e.county import County, county
from tests.e2e.visitor import DESK, PHONE, Visitor
from tests.services.process import free_port

pytestmark = pytest.mark.browser
STRANGE = "🐑 <script>alert(1)</script> שער \u202eabc\u202c"
PASSWORD = "p@ss/1 ü"


@pytest.fixture
def yard(tmp_path: Path) -> Mount:
    """A sample camera that wants a password."""
    return Mount("/yard", make_clip(tmp_path / "yard.clip", SMALL), "digest", "admin", PASSWORD)


@pytest.fixture
def rtsp(yard: Mount) -> Iterator[SampleServer]:
    try:
        server = SampleServer([yard])
    except Unavailable as err:
        pytest.skip(f"needs an RTSP server with passwords: {err.hint}")
    yield server
    server.stop()


@pytest.fixture
async def near(template: tuple[Path, dict[str, UUID]], tmp_path: Path) -> AsyncIterator[County]:
    """The county of every page test, whose cameras may be on this machine."""
    data_dir = shutil.copytree(template[0], tmp_path / "data")
    async with county(data_dir, free_port(), template[1], loopback=True) as made:
        yield made


async def named(place: County, name: str) -> Camera:
    (found,) = [one for one in await cameras.list_cameras(place.hub.store, EVERYTHING) if one.name == name]
    return found


async def onward(page: Page) -> None:
    await page.get_by_role("button", name="下一步").click()


async def test_a_technician_adds_a_camera_that_is_there_and_a_session_that_ends_loses_nothing(
    browser: Browser, near: County, rtsp: SampleServer, yard: Mount
) -> None:
    page = await browser.new_page(viewport=PHONE)
    visitor = Visitor(page, near)
    await visitor.enter("#/cameras", "zhang")
    await page.get_by_role("link", name="添加设备").click()
    await page.get_by_role("textbox", name="取流地址").fill(rtsp.url_with_credentials(yard))
    await onward(page)

    steps = page.locator(".step")
    await expect(page.locator(".step-ok")).to_have_count(4, timeout=60_000)
    await expect(steps.nth(2)).to_contain_text("取得画面")
    await expect(page.locator(".measured")).to_contain_text("H.264")
    await expect(page.locator(".measured")).to_contain_text("320×180")
    await expect(page.locator(".measured")).to_contain_text(re.compile(r"1[345](\.\d+)? fps"))
    await onward(page)

    await page.get_by_label("探头名称").fill("汉书村北口")
    assert PASSWORD not in await page.locator("input[name=sub_url-1]").input_value()
    await onward(page)
    await onward(page)
    await expect(page.get_by_text("有内容没填好")).to_be_visible()
    await expect(page.get_by_label("所属村")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("所属村").select_option("220882100200")
    await page.get_by_label("管理单位").fill("月亮泡派出所")
    await page.get_by_label("杆号").fill("HS-07")
    await onward(page)

    await page.get_by_label("经度").fill("45.4")
    await page.get_by_label("纬度").fill("123.9")
    await page.get_by_role("button", name="经纬度对调").click()
    await page.get_by_label("坐标系").select_option("gcj02")
    await page.get_by_label("朝向").fill("90")
    await onward(page)

    kept = await page.evaluate("JSON.stringify(sessionStorage)")
    assert "汉书村北口" in kept
    assert PASSWORD not in kept
    assert "ss%2F1" not in kept
    async with visitor.session_over():
        await page.get_by_role("button", name="保存登记").click()
    await visitor.sign_in("zhang")
    await expect(page.get_by_text("汉书村北口", exact=True)).to_be_visible()
    await page.get_by_role("button", name="保存登记").click()
    await expect(page.get_by_text("登记完成")).to_be_visible()
    assert "汉书村北口" in await page.locator(".add-done").inner_text()

    made = await named(near, "汉书村北口")
    assert made.sub_url == rtsp.urls["/yard"]
    assert (made.pole, made.bearing_deg, made.coord_source) == ("HS-07", 90, "gcj02")
    assert made.lat == pytest.approx(45.4, abs=0.01)
    assert made.lat != pytest.approx(45.4, abs=0.001)
    assert made.gb_id is not None
    assert made.gb_id.startswith("220882")
    store, vault = near.hub.store, near.hub.vault
    assert await devices.credentials(store, vault, made.device_id) == ("admin", PASSWORD)
    visitor.check(refused=True)


async def test_a_camera_that_does_not_let_us_in_is_said_so_and_can_be_kept_all_the_same(
    browser: Browser, near: County, rtsp: SampleServer
) -> None:
    visitor = Visitor(await browser.new_page(viewport=DESK), near)
    page = visitor.page
    await visitor.enter("#/cameras/add", "zhang")
    await page.get_by_role("textbox", name="取流地址").fill(rtsp.urls["/yard"])
    await page.get_by_label("用户名").fill("admin")
    await page.get_by_label("密码").fill("wrong")
    await onward(page)
    await expect(page.locator(".step-bad")).to_contain_text("用户名或密码不对", timeout=30_000)
    await expect(page.locator(".step-bad")).to_contain_text("核对账号")
    await page.get_by_role("button", name="上一步").click()
    await expect(page.get_by_label("用户名")).to_have_value("admin")
    await expect(page.get_by_label("密码")).to_have_value("wrong")
    await onward(page)
    await page.get_by_role("button", name="不等测试，继续登记").click()
    await expect(page.get_by_label("探头名称")).to_be_visible()
    visitor.check()


async def test_a_recorder_is_found_and_the_channels_one_wants_of_it_become_cameras(
    browser: Browser, near: County, rtsp: SampleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By WS-Discovery, then ONVIF: both answered by real boxes of this machine."""
    parts = {"a": ("门口", "s0"), "b": ("后院", "s1")}
    profiles = "".join(profile(token, name, 320, 180, source) for token, (name, source) in parts.items())
    uris = dict.fromkeys(parts, rtsp.urls["/yard"])
    async with SoapCamera(password=PASSWORD, profiles=profiles, uris=uris) as recorder:
        says = answer(match(xaddrs=f"http://127.0.0.1:{recorder.port}/onvif/device_service"))
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: Box(lambda: [says]), local_addr=("127.0.0.1", 0)
        )
        monkeypatch.setattr(discovery, "own_addresses", lambda **_: ["127.0.0.1"])
        monkeypatch.setattr(discovery, "find", partial(discovery.find, group=transport.get_extra_info("sockname")))
        visitor = Visitor(await browser.new_page(viewport=DESK), near)
        page = visitor.page
        await visitor.enter("#/cameras", "zhang")
        await page.get_by_role("link", name="查找设备").click()
        found = page.locator(".found")
        await expect(found).to_have_count(1)
        await expect(found).to_contain_text("HIKVISION DS-2CD")
        await expect(found).to_contain_text("村口")
        await found.get_by_role("link").click()
        await expect(page.get_by_label("设备地址")).to_have_value("127.0.0.1")
        await expect(page.get_by_label("ONVIF 端口")).to_have_value(str(recorder.port))
        await page.get_by_label("用户名").fill("admin")
        await page.get_by_label("密码").fill(PASSWORD)
        await onward(page)
        await expect(page.get_by_text("HIKVISION DS-2CD")).to_be_visible()
        await expect(page.locator(".step-ok").first).to_be_visible(timeout=60_000)
        await onward(page)
        await expect(page.locator("input[name=name-1]")).to_have_value("门口")
        await page.get_by_role("checkbox").first.uncheck()
        await page.locator("input[name=name-2]").fill("永富村后院")
        await onward(page)
        await page.get_by_label("所属村").select_option("220882101200")
        await page.get_by_label("管理单位").fill("安广派出所")
        await onward(page)
        await onward(page)
        await page.get_by_role("button", name="保存登记").click()
        await expect(page.get_by_text("登记完成")).to_be_visible()
        transport.close()
    made = await named(near, "永富村后院")
    assert made.sub_url == rtsp.urls["/yard"]
    assert await devices.credentials(near.hub.store, near.hub.vault, made.device_id) == ("admin", PASSWORD)
    assert "门口" not in {one.name for one in await cameras.list_cameras(near.hub.store, EVERYTHING)}
    visitor.check()


async def test_a_recorders_channels_are_added_by_its_makers_template(desk: Visitor, place: County) -> None:
    page = desk.page
    await desk.enter("#/cameras/add", "zhang")
    await page.get_by_role("radio", name="按厂商").check()
    await page.get_by_label("厂商", exact=True).select_option("hikvision")
    await page.get_by_label("设备地址").fill("192.0.2.90")
    await page.get_by_label("通道号").fill("1")
    await onward(page)
    await page.get_by_role("button", name="取消").click()
    await page.get_by_role("button", name="不等测试，继续登记").click()
    await page.locator("input[name=more-channels]").fill("3-4")
    await page.get_by_role("button", name="加入").click()
    for number, name in enumerate(("粮库东", "粮库西", "粮库南"), 1):
        await page.locator(f"input[name=name-{number}]").fill(name)
    await onward(page)
    await page.get_by_label("所属村").select_option("220882101200")
    await page.get_by_label("管理单位").fill("安广派出所")
    await onward(page)
    await onward(page)
    await page.get_by_role("button", name="保存登记").click()
    await expect(page.get_by_text("登记完成")).to_be_visible()
    made = [await named(place, name) for name in ("粮库东", "粮库西", "粮库南")]
    assert [one.sub_url for one in made] == [
        f"rtsp://192.0.2.90:554/Streaming/Channels/{channel}02" for channel in (1, 3, 4)
    ]
    assert len({one.device_id for one in made}) == 1
    desk.check()


async def test_a_picture_that_shows_nothing_is_told_with_what_to_do(desk: Visitor, place: County) -> None:
    await place.status("汉书村东口", State.LIVE, None, picture=PictureFault.COVERED)
    page = desk.page
    await desk.enter("#/cameras", "zhang")
    row = page.locator(".camera-row", has_text="汉书村东口")
    await expect(row).to_contain_text("画面被遮挡")
    await expect(row.locator(".dot-bad")).to_be_visible()
    await row.get_by_role("link").first.click()
    await expect(page.locator(".one-state")).to_contain_text("画面被遮挡")
    await expect(page.locator(".one-state")).to_contain_text("到现场查看镜头")
    desk.check()


async def test_a_zone_is_drawn_by_keys_alone(desk: Visitor, place: County) -> None:
    camera = place.cameras["汉书村东口"]
    page = desk.page
    await desk.enter(f"#/cameras/{camera}/scene", "zhang")
    await page.get_by_role("button", name="画区域").press("Enter")
    canvas = page.get_by_role("application")
    await expect(canvas).to_be_focused()
    for key, times in (("ArrowRight", 4), ("ArrowDown", 4), ("ArrowLeft", 4)):
        await page.keyboard.press("Enter")
        for _ in range(times):
            await page.keyboard.press(f"Shift+{key}")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="画完").press("Enter")
    await page.get_by_label("名称", exact=True).first.fill("桥下")
    await page.get_by_role("button", name="保存").press("Enter")
    await expect(page.get_by_text("已保存第 1 版")).to_be_visible()
    (zone,) = (await scenes.get(place.hub.store, camera)).scene.zones
    assert zone.name == "桥下"
    assert [point for corner in zone.points for point in corner] == pytest.approx(
        [0.5, 0.5, 0.6, 0.5, 0.6, 0.6, 0.5, 0.6], abs=0.002
    )
    desk.check()


async def test_a_householders_camera_is_kept_with_his_consent_and_another_can_be_withdrawn(
    desk: Visitor, place: County
) -> None:
    page = desk.page
    await desk.enter("#/cameras/add", "zhang")
    await page.get_by_role("textbox", name="取流地址").fill("rtsp://192.0.2.77/1")
    await onward(page)
    await page.get_by_role("button", name="取消").click()
    await page.get_by_role("button", name="不等测试，继续登记").click()
    await page.get_by_label("探头名称").fill("老赵家后院")
    await onward(page)
    await page.get_by_text("民用探头", exact=True).click()
    await page.get_by_label("所属村").select_option("220882100201")
    await page.get_by_label("户主姓名").fill("赵大爷")
    await page.get_by_label("联系电话").fill("0436-1234567")
    await expect(page.get_by_label("同意人（户主）")).to_have_value("赵大爷")
    await page.get_by_label("同意书版本").fill("2026-1")
    await page.get_by_label("每天从").fill("18:00")
    await onward(page)
    await expect(page.get_by_text("起止时刻要么都填")).to_be_visible()
    await page.locator("input[name=to_hour]").fill("06:00")
    await onward(page)
    await onward(page)
    await page.get_by_role("button", name="保存登记").click()
    await page.get_by_role("link", name="老赵家后院").click()

    made = await named(place, "老赵家后院")
    (given,) = await consents.list_for(place.hub.store, made.id, EVERYTHING)
    assert (given.owner_name, given.from_minute, given.to_minute) == ("赵大爷", 1080, 360)
    await page.get_by_role("tab", name="同意书").click()
    await expect(page.locator(".consent-list")).to_contain_text("每天 18:00–06:00")
    await page.get_by_role("button", name="撤回同意").click()
    await expect(page.get_by_role("dialog")).to_contain_text("几秒内停止取流")
    await expect(page.get_by_role("dialog")).to_contain_text("随即删除")
    await page.get_by_role("button", name="确认撤回").click()
    await expect(page.locator(".consent-list")).to_contain_text("已撤回")
    (given,) = await consents.list_for(place.hub.store, made.id, EVERYTHING)
    assert given.withdrawn_at is not None
    assert not (await cameras.get(place.hub.store, made.id, EVERYTHING)).enabled
    desk.check()


async def test_two_people_change_one_camera_and_neither_loses_what_he_typed(desk: Visitor, place: County) -> None:
    camera, store, vault = place.cameras["汉书村东口"], place.hub.store, place.hub.vault
    page = desk.page
    await desk.enter(f"#/cameras/{camera}?tab=edit", "zhang")
    await page.get_by_label("安装地址").fill("村口桥东")
    await page.get_by_label("杆号").fill("HS-01")
    officer = Actor(await users.by_name(store, "li"), "127.0.0.1")
    theirs = cameras.CameraChange(pole="HS-99", hamlet="东屯")
    await cameras.change(store, vault, camera, theirs, officer)
    await page.get_by_role("button", name="保存").click()

    clash = page.locator(".clash")
    await expect(clash).to_contain_text("li")
    await expect(clash).to_contain_text("您和对方都改了“杆号”")
    await expect(clash).to_contain_text("HS-99")
    await expect(page.get_by_label("安装地址")).to_have_value("村口桥东")
    await expect(page.get_by_label("杆号")).to_have_value("HS-01")
    await expect(page.get_by_label("屯", exact=False).first).to_have_value("东屯")
    await clash.get_by_role("button", name="用对方的").click()
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_text("已保存", exact=True)).to_be_visible()
    now = await cameras.get(store, camera, EVERYTHING)
    assert (now.address, now.pole, now.hamlet) == ("村口桥东", "HS-99", "东屯")

    await page.get_by_role("tab", name="变更记录").click()
    await expect(page.locator(".changes > li").first).to_contain_text("zhang")
    await expect(page.locator(".changes > li").nth(1)).to_contain_text("HS-99")
    desk.check(refused=True)


async def test_a_zone_is_drawn_by_pointer_and_keys_crossings_are_refused_and_it_is_saved(
    desk: Visitor, place: County
) -> None:
    camera, store = place.cameras["汉书村东口"], place.hub.store
    page = desk.page
    await desk.enter(f"#/cameras/{camera}/scene", "zhang")
    await expect(page.get_by_text("现在没有画面可用")).to_be_visible()
    picture = page.locator(".canvas svg")
    box = await picture.bounding_box()
    assert box is not None

    async def press(x: float, y: float) -> None:
        await page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])

    await page.get_by_role("button", name="画区域").click()
    for corner in ((0.2, 0.2), (0.6, 0.2), (0.6, 0.7)):
        await press(*corner)
    await press(0.4, 0.1)
    await expect(page.get_by_text("边线不能交叉")).to_be_visible()
    await press(0.2, 0.7)
    await press(0.2, 0.2)
    await page.get_by_label("名称", exact=True).first.fill("羊圈")
    await page.get_by_role("button", name=re.compile("^角点 1，")).focus()
    await page.keyboard.press("ArrowRight")
    await page.get_by_role("button", name="画警戒线").click()
    await press(0.7, 0.3)
    await press(0.7, 0.9)
    await page.get_by_role("button", name="加规则").click()
    await expect(page.locator(".scene-rule").last).to_contain_text("进入“羊圈”")
    await page.get_by_label("时段").fill("22:00-05:00")
    await page.get_by_role("button", name="画遮蔽").click()
    for corner_at in ((0.8, 0.05), (0.95, 0.05), (0.95, 0.2)):
        await press(*corner_at)
    await page.get_by_role("button", name="画完").click()
    await page.get_by_role("button", name="撤销").click()
    await page.get_by_role("button", name="重做").click()
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_text("已保存第 1 版")).to_be_visible()

    kept = await scenes.get(store, camera)
    (zone,), (line,), (mask,) = kept.scene.zones, kept.scene.lines, kept.scene.masks
    assert (zone.name, len(zone.points), len(mask)) == ("羊圈", 4, 3)
    assert zone.points[0][0] == pytest.approx(0.205, abs=0.002)
    assert line.a[0] == pytest.approx(0.7, abs=0.002)
    rule = kept.scene.rules[-1]
    assert (rule.kind, rule.zone) == ("zone_entered", zone.id)
    assert rule.schedule == scenes.Schedule(from_minute=1320, to_minute=300)

    # Another's version keeps the mask: to bare what it hides takes an approval.
    await scenes.put(store, camera, scenes.DEFAULT_SCENE.model_copy(update={"masks": kept.scene.masks}), CONSOLE, 1)
    await page.get_by_label("名称", exact=True).first.fill("羊圈北")
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_text("已经保存了新的一版")).to_be_visible()
    await expect(page.get_by_label("名称", exact=True).first).to_have_value("羊圈北")
    await page.get_by_role("button", name="用我的覆盖").click()
    await expect(page.get_by_text("已保存第 3 版")).to_be_visible()
    assert (await scenes.get(store, camera)).scene.zones[0].name == "羊圈北"
    desk.check(refused=True)


async def test_names_of_all_sorts_are_shown_as_they_are_and_too_long_ones_refused_at_their_field(
    desk: Visitor, place: County
) -> None:
    camera = place.cameras["汉书村东口"]
    page = desk.page
    await desk.enter(f"#/cameras/{camera}?tab=edit", "zhang")
    name = page.get_by_label("探头名称")
    await name.fill("长" * 300)
    await page.get_by_role("button", name="保存").click()
    await expect(name).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_text("太长，请缩短")).to_be_visible()
    await name.fill(STRANGE)
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_role("heading", name=STRANGE)).to_be_visible()
    await page.get_by_role("link", name="返回探头列表").click()
    await expect(page.locator(".camera-row a bdi", has_text="<script>alert(1)</script>")).to_have_text(STRANGE)
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    desk.check(refused=True)


async def test_a_camera_is_switched_off_replaced_and_deleted(desk: Visitor, place: County) -> None:
    camera, store = place.cameras["永富村东口"], place.hub.store
    page = desk.page
    await desk.enter(f"#/cameras/{camera}", "zhang")
    await expect(page.locator(".history li")).to_have_count(1)
    await place.status("永富村东口", State.LIVE, None)
    await expect(page.locator(".history li")).to_have_count(2)
    await page.get_by_role("button", name="更多操作").click()
    await page.get_by_role("menuitem", name="停用").click()
    await expect(page.get_by_text("不再取流")).to_be_visible()
    assert not (await cameras.get(store, camera, EVERYTHING)).enabled

    await page.get_by_role("tab", name="设备与测试").click()
    await page.get_by_role("button", name="更换…").click()
    form = page.locator("form", has=page.get_by_role("button", name="确认更换"))
    await form.get_by_label("设备地址").fill("192.0.2.44")
    await expect(form.get_by_label("子码流地址")).to_have_value("rtsp://192.0.2.44/10")
    await form.get_by_role("button", name="确认更换").click()
    await expect(page.get_by_text("已更换设备")).to_be_visible()
    replaced = await cameras.get(store, camera, EVERYTHING)
    assert replaced.sub_url == "rtsp://192.0.2.44/10"

    await page.get_by_role("button", name="更多操作").click()
    await page.get_by_role("menuitem", name="删除探头").click()
    remove = page.get_by_role("dialog").get_by_role("button", name="删除探头")
    await expect(remove).to_be_disabled()
    await page.get_by_role("dialog").get_by_role("textbox").fill("永富村东口")
    await remove.click()
    await expect(page.locator(".camera-row").first).to_be_visible()
    with pytest.raises(NotFound):
        await cameras.get(store, camera, EVERYTHING)
    desk.check()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", ["desk", "phone"])
async def test_every_part_fits_in_both_languages(browser: Browser, place: County, language: str, width: str) -> None:
    page = await browser.new_page(viewport=DESK if width == "desk" else PHONE)
    await page.add_init_script(f"localStorage.setItem('language', '{language}')")
    visitor = Visitor(page, place)
    await visitor.enter("#/cameras", "zhang")
    camera = place.cameras["老李家院外"]
    for path, ready in (
        ("#/cameras?by=state", ".branch-state"),
        (f"#/cameras/{camera}", ".record"),
        (f"#/cameras/{camera}?tab=edit", "form .map"),
        (f"#/cameras/{camera}?tab=box", ".one-box"),
        (f"#/cameras/{camera}?tab=consents", ".consent-list li"),
        (f"#/cameras/{camera}?tab=changes", ".changes li"),
        (f"#/cameras/{camera}/scene", ".canvas"),
        ("#/cameras/add", "input[name=url]"),
    ):
        await page.evaluate("path => { location.hash = path }", path)
        await expect(page.locator(ready).first).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        if language == "en":
            words = await page.locator(
                "main button, main label, main th, main dt, main legend, main h2"
            ).all_inner_texts()
            assert [one for one in words if re.search("[一-鿿]", one) and not re.search("镇|村|家", one)] == [], path
    visitor.check()


async def test_five_thousand_cameras_are_a_tree_one_opens_and_searches(browser: Browser, place: County) -> None:
    page = await browser.new_page(viewport=DESK)

    async def many(route: Route) -> None:
        """The hub's own cameras, each some hundred times: how fast the hub lists thousands is the bench's to say."""
        answer = await route.fetch()
        told = (await answer.json())["cameras"]
        rows = [
            {**one, "id": f"{one['id']}-{copy}", "name": f"{one['name']} {copy}"} for one in told for copy in range(455)
        ]
        await route.fulfill(json={"cameras": rows})

    await page.route("**/api/v1/cameras", many)
    visitor = Visitor(page, place)
    await visitor.enter("#/cameras", "zhang")
    rows = page.locator(".windowed-row .camera-row")
    await expect(page.locator(".branch")).to_have_count(2)
    await expect(page.locator(".branch").first).to_contain_text("月亮泡镇")
    await expect(rows).to_have_count(0)
    await page.get_by_role("button", name=re.compile("月亮泡镇")).click()
    await page.get_by_role("button", name=re.compile("汉书村")).click()
    await expect(rows.first).to_be_visible()
    assert await rows.count() < 100
    await page.evaluate("scrollTo(0, 30000)")
    await expect(rows.nth(20)).to_be_in_viewport()
    await page.evaluate("scrollTo(0, 0)")
    await page.get_by_role("searchbox").fill("桥头 421")
    await expect(rows).to_have_count(1)
    await page.get_by_role("searchbox").fill("")
    await page.get_by_role("radio", name="按状态").check()
    await expect(page.locator(".branch-state").first).to_contain_text(
        re.compile("连不上设备|用户名或密码不对|编码格式")
    )
    visitor.check()
