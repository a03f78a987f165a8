"""The map of a place: what is drawn by hand, by keyboard and from a file, and what one finds on it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, FloatRect, Page, Route, expect
from pydantic import SecretStr

from registry import cameras, geography, roads, users
from registry.geography import Ground, NewBoundary
from registry.model import Role
from registry.scope import EVERYTHING
from registry.store import utc_now
from registry.users import CONSOLE
from tests.e2e.county import PASSWORD, County
from tests.e2e.visitor import DESK, PHONE, Visitor

pytestmark = pytest.mark.browser
HANSHU, XIANJIN = "220882100200", "220882100201"
MARKUP = "<img src=x onerror=alert(1)>"
RING = ((123.93, 45.72), (123.95, 45.72), (123.95, 45.74), (123.93, 45.74))
STANDING = {
    "汉书村东口": (45.731, 123.948, 90.0),
    "汉书村羊圈路口": (45.729, 123.938, 200.0),
    "老李家院外": (45.733, 123.935, 0.0),
}


@pytest.fixture
async def standing(place: County) -> County:
    """The county with cameras that have a position."""
    for name, (lat, lon, bearing) in STANDING.items():
        change = cameras.CameraChange(lat=lat, lon=lon, bearing_deg=bearing, view_angle_deg=70)
        await cameras.change(place.hub.store, place.hub.vault, place.cameras[name], change, CONSOLE)
    return place


async def ground(place: County, code: str = HANSHU) -> Ground:
    return await geography.get(place.hub.store, code, EVERYTHING)


async def open_map(desk: Visitor, code: str = HANSHU, name: str = "zhang") -> FloatRect:
    """Signed in before the map; where it lies in the window."""
    await desk.enter(f"#/map/{code}", name)
    await expect(desk.page.locator(".map-canvas")).to_be_visible()
    await expect(desk.page.locator(".contents")).to_be_visible()
    box = await desk.page.locator(".map-host").bounding_box()
    assert box is not None
    return box


async def click(page: Page, box: FloatRect, *shares: tuple[float, float]) -> None:
    """Click points of the map, each in shares of its width and height."""
    for x, y in shares:
        await page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


async def test_a_technician_draws_a_boundary_and_an_entrance_with_its_cameras(desk: Visitor, standing: County) -> None:
    box = await open_map(desk)
    page = desk.page
    await page.get_by_role("button", name="画边界").click()
    await expect(page.get_by_role("button", name="保存")).to_be_disabled()
    await click(page, box, (0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
    await expect(page.get_by_text("已画 4 个点")).to_be_visible()
    handle = await page.locator(".map-handle").nth(3).bounding_box()
    assert handle is not None
    await page.mouse.move(handle["x"] + 9, handle["y"] + 9)
    await page.mouse.down()
    await page.mouse.move(handle["x"] - 60, handle["y"] + 9, steps=4)
    await page.mouse.up()
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_role("button", name="修改边界")).to_be_visible()
    (area,) = (await ground(standing)).areas
    assert area.boundary is not None
    assert len(area.boundary) == 4

    await page.get_by_role("button", name="标村口").click()
    await click(page, box, (0.8, 0.5))
    await page.get_by_label("名称").fill("东口 🚜 " + MARKUP)
    await page.get_by_label("进村方向（度）").first.fill("400")
    await expect(page.get_by_text("请填 0 到 359 之间的度数")).to_be_visible()
    await expect(page.get_by_role("button", name="保存")).to_be_disabled()
    await page.get_by_label("进村方向（度）").first.fill("270")
    await page.get_by_label("汉书村东口").check()
    await page.get_by_role("button", name="保存").click()
    await page.locator(".contents").get_by_role("button", name="东口").click()
    picked = page.locator(".picked")
    await expect(picked).to_contain_text(MARKUP)
    await expect(picked).to_contain_text("进村方向 270°")
    await picked.get_by_role("button", name="汉书村东口").click()
    await expect(page.locator(".picked")).to_contain_text("在线")
    (entrance,) = (await ground(standing)).entrances
    assert (entrance.bearing_deg, entrance.camera_ids) == (270.0, (standing.cameras["汉书村东口"],))
    desk.check()


async def test_a_crossing_outline_is_refused_in_words_and_kept_to_be_mended(desk: Visitor, standing: County) -> None:
    box = await open_map(desk)
    page = desk.page
    await page.get_by_role("button", name="画边界").click()
    await click(page, box, (0.2, 0.2), (0.8, 0.8), (0.8, 0.2), (0.2, 0.8))
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_role("alert")).to_have_text("边界自相交或自接触，请重画")
    await expect(page.get_by_text("已画 4 个点")).to_be_visible()
    assert (await ground(standing)).areas[0].boundary is None
    desk.check(refused=True)


async def test_everything_is_drawn_without_a_mouse(desk: Visitor, standing: County) -> None:
    await open_map(desk)
    page = desk.page
    await page.get_by_role("button", name="画道路").focus()
    await page.keyboard.press("Enter")
    await page.get_by_label("名称").fill("村东路")
    await page.locator(".map-host").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("已画 1 个点")).to_be_visible()
    await page.get_by_label("坐标（纬度, 经度）").fill("45.7312，123.9411")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("已画 2 个点")).to_be_visible()
    await page.get_by_label("坐标（纬度, 经度）").fill("123.9411, 45.7312")
    await expect(page.get_by_role("button", name="添加点")).to_be_disabled()
    await page.get_by_label("坐标（纬度, 经度）").fill("")
    await page.locator(".map-host").focus()
    await page.keyboard.press("Backspace")
    await expect(page.get_by_text("已画 1 个点")).to_be_visible()
    await page.get_by_label("坐标（纬度, 经度）").fill("45.7312, 123.9411")
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="保存").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".contents")).to_contain_text("村东路")
    (road,) = (await ground(standing)).roads
    assert road.path[1] == (123.9411, 45.7312)
    desk.check()


async def test_what_is_drawn_outlives_the_session(desk: Visitor, standing: County) -> None:
    box = await open_map(desk)
    page = desk.page
    await page.get_by_role("button", name="画道路").click()
    await click(page, box, (0.2, 0.3), (0.6, 0.4))
    await page.get_by_label("名称").fill("打到一半的路")
    async with desk.session_over():
        await page.get_by_role("button", name="保存").click()
    await desk.sign_in("zhang")
    await expect(page.get_by_label("名称")).to_have_value("打到一半的路")
    await expect(page.get_by_text("已画 2 个点")).to_be_visible()
    await page.get_by_role("button", name="保存").click()
    await expect(page.locator(".contents")).to_contain_text("打到一半的路")
    assert len((await ground(standing)).roads) == 1
    desk.check(refused=True)


async def test_two_who_draw_one_boundary_are_told_of_each_other(desk: Visitor, standing: County) -> None:
    box = await open_map(desk)
    page = desk.page
    await page.get_by_role("button", name="画边界").click()
    await click(page, box, (0.2, 0.2), (0.8, 0.2), (0.5, 0.8))
    await geography.set_boundary(standing.hub.store, HANSHU, NewBoundary(boundary=RING), CONSOLE)
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_role("alert")).to_contain_text("刚被他人修改过")
    kept = (await ground(standing)).areas[0].boundary
    assert kept is not None
    assert len(kept) == 4
    await page.get_by_role("button", name="仍按我的保存").click()
    await expect(page.get_by_role("button", name="修改边界")).to_be_visible()
    after = (await ground(standing)).areas[0].boundary
    assert after is not None
    assert len(after) == 3
    desk.check(refused=True)


def feature(shape: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": shape, "coordinates": coordinates}, "properties": properties}


async def test_a_file_with_a_bad_feature_is_told_of_and_the_rest_is_drawn(
    desk: Visitor, standing: County, tmp_path: Path
) -> None:
    ring = [list(one) for one in (*RING, RING[0])]
    swapped = [one[::-1] for one in ring]
    features = [
        feature("Polygon", [ring], code=HANSHU, name="汉书村"),
        feature("Polygon", [swapped], code=XIANJIN, name="先进村"),
        feature("Point", [123.95, 45.73], code=HANSHU, name=MARKUP, bearing_deg=270),
        feature("LineString", [[123.92, 45.73], [123.96, 45.73]], code=HANSHU, name="\u202eطريق"),
    ]
    file = tmp_path / "村屯.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    lie = tmp_path / "表.geojson"
    lie.write_bytes(b"PK\x03\x04 this is a workbook")
    huge = tmp_path / "大.geojson"
    huge.write_bytes(b" " * (5 * 2**20 + 1))

    await open_map(desk, "220882100")
    page = desk.page
    await page.get_by_role("button", name="GeoJSON 文件").click()
    await page.get_by_role("menuitem", name="导入 GeoJSON").click()
    chooser = page.locator("input[type=file]")
    await chooser.set_input_files(lie)
    await expect(page.get_by_role("alert")).to_contain_text("这不是 GeoJSON 文件")
    await chooser.set_input_files(huge)
    await expect(page.get_by_role("alert")).to_contain_text("超过 5 MB")
    await chooser.set_input_files(file)
    await expect(page.get_by_text("新增 3 项，修改 0 项，相同 0 项，不能导入 1 项")).to_be_visible()
    first = page.locator(".import-table tbody tr").first
    await expect(first).to_contain_text("2")
    await expect(first).to_contain_text("经纬度写反了")
    await expect(page.locator(".import-table")).to_contain_text(MARKUP)
    assert (await ground(standing)).entrances == ()
    await page.get_by_label("文件坐标系").select_option("gcj02")
    await expect(page.locator(".import-table")).to_contain_text("坐标系可能不对")
    await page.get_by_label("文件坐标系").select_option("wgs84")
    await expect(page.locator(".import-table")).not_to_contain_text("坐标系可能不对")
    await page.get_by_role("button", name="导入 3 项").click()
    await expect(page.locator(".contents")).to_contain_text(MARKUP)
    found = await ground(standing)
    assert found.areas[0].boundary == RING
    assert [one.name for one in found.entrances] == [MARKUP]

    await page.get_by_role("button", name="GeoJSON 文件").click()
    async with page.expect_download() as told:
        await page.get_by_role("menuitem", name="导出 GeoJSON").click()
    saved = json.loads(Path(await (await told.value).path()).read_text(encoding="utf-8"))
    assert len(saved["features"]) == 3
    assert (await told.value).suggested_filename == "月亮泡镇.geojson"
    desk.check()


async def test_an_officer_sees_only_his_villages_and_a_monitor_draws_nothing(desk: Visitor, standing: County) -> None:
    store = standing.hub.store
    await geography.set_boundary(store, HANSHU, NewBoundary(boundary=RING), CONSOLE)
    await roads.create(store, roads.NewRoad(place_code=XIANJIN, name="先进路", path=RING[:2]), CONSOLE)
    new = users.NewUser(
        name="hu",
        role=Role.MONITOR,
        password=SecretStr(PASSWORD),
        grants=(HANSHU,),
        trained_at=utc_now(),
        pledged_at=utc_now(),
    )
    await users.create(store, new, CONSOLE)
    await open_map(desk, "220882", "hu")
    page = desk.page
    await expect(page.get_by_label("村", exact=True)).to_have_count(0)
    await expect(page.get_by_role("button", name="画道路")).to_have_count(0)
    await expect(page.locator(".contents")).not_to_contain_text("先进路")
    await page.get_by_label("乡镇").select_option("220882100")
    await expect(page.get_by_label("村", exact=True).locator("option")).to_have_text(["全镇", "汉书村"])
    await page.goto(f"{standing.address}/#/map/{XIANJIN}")
    await expect(page.get_by_role("alert")).to_contain_text("不在您的管辖范围内")
    desk.check(refused=True)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_it_fits_full_empty_and_failing(browser: Browser, standing: County, language: str, size: Any) -> None:
    await geography.set_boundary(standing.hub.store, HANSHU, NewBoundary(boundary=RING), CONSOLE)
    page = await browser.new_page(viewport=size)
    await page.add_init_script(f"localStorage.setItem('language', '{language}')")
    visitor = Visitor(page, standing)
    await open_map(visitor)
    for code in (HANSHU, "220882", "220882101200"):
        await page.evaluate("code => { location.hash = `#/map/${code}` }", code)
        await expect(page.locator(".contents")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, code
    visitor.check()

    async def broken(route: Route) -> None:
        await route.fulfill(status=503, json={"code": "database_away", "title": "away", "params": {}, "fields": []})

    await page.route("**/places/*/map", broken)
    await page.evaluate("location.hash = '#/map/220882100'")
    retry = page.get_by_role("button", name="重试" if language == "zh" else "Try again")
    await expect(retry).to_be_visible()
    await page.unroute("**/places/*/map")
    await retry.click()
    await expect(page.locator(".contents")).to_be_visible()
    visitor.check(refused=True)


async def test_five_thousand_cameras_are_drawn_and_one_is_picked(desk: Visitor, standing: County) -> None:
    async def many(route: Route) -> None:
        """The hub's own cameras over the county: how fast the hub lists them is the bench's to say."""
        told = (await (await route.fetch()).json())["cameras"]
        rows = [
            {
                **told[n % len(told)],
                "id": f"{n}",
                "name": f"探头 {n}",
                "lat": 45.3 + n % 71 / 180,
                "lon": 123.7 + n / 7000,
            }
            for n in range(5000)
        ]
        await route.fulfill(json={"cameras": rows})

    await desk.page.route("**/api/v1/cameras", many)
    box = await open_map(desk, "220882")
    page = desk.page
    await expect(page.get_by_text("探头列表（图上 5000 个）")).to_be_visible()
    await page.mouse.move(box["x"] + 400, box["y"] + 300)
    await page.mouse.wheel(0, -300)
    await page.get_by_text("探头列表（图上 5000 个）").click()
    await page.get_by_role("button", name="探头 7 ").first.click()
    await expect(page.locator(".picked")).to_contain_text("探头 7")
    desk.check()


async def test_a_search_circle_is_drawn_dragged_and_typed(desk: Visitor, standing: County) -> None:
    await desk.enter("#/events")
    page = desk.page
    await page.get_by_role("button", name="地图").click()
    await expect(page.locator(".map-canvas")).to_be_visible()
    await expect(page.locator(".map-beside")).to_have_attribute("aria-busy", "false")
    await page.get_by_role("button", name="画查找圈").click()
    box = await page.locator(".map-host").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await page.mouse.move(*middle)
    await page.mouse.down()
    await page.mouse.move(middle[0] + 40, middle[1], steps=8)
    assert "near=" not in page.url, "nothing is searched before the circle is let go"
    await page.mouse.up()
    radius = page.get_by_label("半径（米）")
    await expect(radius).not_to_have_value("")
    await expect(page).to_have_url(re.compile("near="))
    drawn = int(await radius.input_value())
    await page.wait_for_load_state("networkidle")  # what was found, or left out, is said above the map and moves it
    edge = await page.locator(".map-handle[data-kind=edge]").bounding_box()
    assert edge is not None
    await page.mouse.move(edge["x"] + 9, edge["y"] + 9)
    await page.mouse.down()
    await page.mouse.move(edge["x"] + 49, edge["y"] + 9, steps=4)
    await page.mouse.up()
    await expect(radius).not_to_have_value(str(drawn))
    assert int(await radius.input_value()) > 1.5 * drawn
    await radius.fill("9")
    await expect(page.get_by_role("button", name="按数值画圈")).to_be_disabled()
    await page.get_by_label("圆心（纬度, 经度）").fill("45.73, 123.94")
    await radius.fill("750")
    await radius.press("Enter")
    await expect(page).to_have_url(re.compile(r"near=45\.73.*123\.94.*750"))
    await page.get_by_role("button", name="清除查找圈").click()
    await expect(page).not_to_have_url(re.compile("near="))
    await page.get_by_role("button", name="画查找圈").click()
    await page.keyboard.press("Escape")
    await expect(page.locator(".map-hint")).to_have_count(0)
    await page.get_by_role("button", name="画查找圈").click()
    await page.keyboard.press("Enter")
    await expect(radius).to_have_value("500")
    desk.check()
