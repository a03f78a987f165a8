"""A pump is gone from a field that no camera sees: three entrances at night, and one clip that a volunteer sends.

What is true is made here: he came in by the west, whose camera was down, and went out by the east on two wheels; an
old man's camera at the roadside saw him, by a clock that is 83 seconds fast. Nowhere may the page or the report say that nobody
passed in the west. Each click, key and field the officer needs counts.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from registry import cameras, entrances, geography, roads
from registry.cameras import CameraChange
from registry.entrances import NewEntrance
from registry.geography import NewBoundary
from registry.geometry import Position, distance
from registry.model import State
from registry.pursuit.pace import SPEEDS
from registry.roads import NewRoad
from registry.travel import Mode
from registry.users import CONSOLE
from tests.api.test_owner import picture
from tests.api.test_uploads import mp4
from tests.camera_hub.recall.sheets import lit, write
from tests.camera_hub.recording.footage import Take
from tests.e2e.county import County
from tests.e2e.test_lanes_page import LANE, RULER
from tests.e2e.test_story_ebike import Officer, signed_in
from tests.e2e.visitor import DESK, PHONE, Visitor
from tests.registry.test_spread import at

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("SHOTS")
VILLAGE = "220882100200"
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EAST, NORTH, WEST = "汉书村东口", "汉书村羊圈路口", "汉书村小卖部"
SPOTS = {EAST: (1000.0, 600.0), NORTH: (0.0, 1500.0), WEST: (-1000.0, 600.0)}
DOORS = {EAST: "东口", NORTH: "北口", WEST: "西口"}
GONE = 92 * MINUTE
"""When he passed the east, after midnight; ten minutes before, the pump still ran."""
DARK = 30 * MINUTE, 165 * MINUTE
"""When the west was down, after midnight."""
NIGHT = {
    EAST: ((-260, "person"), (-165, "car"), (-30, "person"), (92, "bicycle"), (290, "person"), (340, "bicycle")),
    NORTH: ((-210, "person"), (-110, "car"), (310, "person")),
    WEST: ((-250, "person"), (320, "person")),
}
"""Who passed which entrance, in minutes after midnight; all but one of them live here."""
UNSEEN = 10 * MINUTE
"""When something moved at the north that no detection saw: a fox, but nobody can know."""
FILM = Take(frames=600, width=640, height=360)
FAST_S = 83
ROADSIDE = (760.0, 640.0)
"""Where the old man's camera hangs: beside the street, on the way to the east."""
INTO = 20 * SECOND
"""So far into his clip something is seen."""
MOST = 70
"""Interactions from the report to the paper; what the giver does is his own."""


async def shot(page: Page, name: str) -> None:
    """Pictures for whoever looks, where a folder is named for it: as it stands, and on a telephone where it is a desk's."""
    if not SHOTS:
        return
    await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
    if name.endswith("-1440"):
        await page.set_viewport_size(PHONE)
        await page.screenshot(path=Path(SHOTS) / f"{name.removesuffix('-1440')}-390.png", full_page=True)
        await page.set_viewport_size(DESK)


class Hand(Officer):
    """A hand that also counts keys and choices."""

    async def key(self, *keys: str) -> None:
        for key in keys:
            self.did += 1
            await self.page.keyboard.press(key)

    async def scrub(self, video: Locator, to: timedelta) -> None:
        """Drags a film to a moment."""
        self.did += 1
        await video.evaluate(
            "async (film, to) => {"
            " const wait = () => new Promise(done => setTimeout(done, 50));"
            " while (film.readyState < 1) await wait();"
            " film.currentTime = to;"
            " for (let n = 0; n < 400 && (film.seeking || film.currentTime < to); n += 1) await wait(); }",
            to / SECOND,
        )

    async def choose(self, what: Locator, value: str) -> None:
        self.did += 1
        await what.select_option(value)


@dataclass(frozen=True, slots=True)
class Field:
    """The night: its local midnight, and where the pump stood."""

    midnight: datetime
    at: Position

    def stamp(self, after: timedelta, form: str = "%Y-%m-%d %H:%M:%S") -> str:
        return f"{self.midnight + after:{form}}"


@pytest.fixture
async def field(place: County) -> Field:
    """A field track ends in a street, with an entrance at each end and one to the north; no camera sees the field."""
    store = place.hub.store
    now = datetime.now(UTC).astimezone(store.tz)
    midnight = (now - 8 * HOUR).replace(hour=0, minute=0, second=0, microsecond=0)
    lanes = {
        "机耕路": ((0, 0), (0, 600)),
        "大街": ((-1300, 600), (0, 600), (1300, 600)),
        "北路": ((0, 600), (0, 1800)),
    }
    for name, path in lanes.items():
        await roads.create(store, NewRoad(place_code=VILLAGE, name=name, path=tuple(at(*one) for one in path)), CONSOLE)
    corners = ((-1400, -1900), (1400, -1900), (1400, 1900), (-1400, 1900))
    await geography.set_boundary(store, VILLAGE, NewBoundary(boundary=tuple(at(*one) for one in corners)), CONSOLE)
    for name, spot in SPOTS.items():
        lon, lat = at(*spot)
        one = await cameras.change(store, place.hub.vault, place.cameras[name], CameraChange(lat=lat, lon=lon), CONSOLE)
        new = NewEntrance(place_code=VILLAGE, name=DOORS[name], lat=lat, lon=lon, bearing_deg=0, camera_ids=(one.id,))
        await entrances.create(store, new, CONSOLE)
        # Down for a moment, long ago: since then it is live, and on record as such.
        await place.status(name, State.STALLED, None, since=now - 10 * DAY - MINUTE)
        await place.status(name, State.LIVE, None, since=now - 10 * DAY)
    await place.status(WEST, State.STALLED, None, since=midnight + DARK[0])
    await place.status(WEST, State.LIVE, None, since=midnight + DARK[1])
    for name, passers in NIGHT.items():
        for minute, label in passers:
            await place.event(name, label, at=midnight + minute * MINUTE, night=True)
    index(place, midnight)
    for day in range(1, 8):  # somebody comes home by the north at that hour, every night
        await place.event(NORTH, "bicycle", at=midnight + 85 * MINUTE - day * DAY, night=True)
    return Field(midnight, at(0, 0))


def index(place: County, midnight: datetime) -> None:
    """What moved before the three cameras: all that passed, and once what made no event; the west not while it was down."""
    shelf = place.hub.motion.shelf
    for name, passers in NIGHT.items():
        moments = [minute * MINUTE for minute, _ in passers] + ([UNSEEN] if name == NORTH else [])
        for day, begin in (((midnight - DAY).date(), -DAY), (midnight.date(), 0 * DAY)):
            inside = [one - begin for one in moments if begin <= one < begin + DAY]
            moved = {int(one / SECOND) + at: lit((9, 15), (9, 16)) for one in inside for at in range(10)}
            whole = [(0, 86_400)]
            if name == WEST and begin == 0 * DAY:
                whole = [(0, int(DARK[0] / SECOND)), (int(DARK[1] / SECOND), 86_400)]
            write(shelf, place.cameras[name], day, moved=moved, watched=whole, sealed=True)


async def report(officer: Hand, place: County, field: Field) -> str:
    """The case is open, its point in the field; its id."""
    page = officer.page
    await officer.press(page.get_by_role("radio", name="水泵", exact=True))
    await officer.fill(page.get_by_label("最后看到"), field.stamp(-5 * HOUR, "%Y-%m-%d %H:%M"))
    await officer.fill(page.get_by_label("发现不见"), field.stamp(6 * HOUR, "%Y-%m-%d %H:%M"))
    # The village fills the map, and the field lies in its middle.
    await page.locator(".map-canvas").wait_for()
    await officer.press(page.locator(".leaflet-container"))
    await officer.press(page.get_by_role("radio", name="准确", exact=True))
    await officer.press(page.get_by_role("radio", name="被盗", exact=True))
    await expect(page.locator(".wizard-reach")).to_be_visible()
    await shot(page, "pump-report-1440")
    await officer.press(page.get_by_role("button", name="立案并留存录像"))
    await expect(page.locator(".holds li")).to_have_count(1)
    found = re.search(r"/cases/([0-9a-f-]{36})/", page.url)
    assert found
    await expect(page.locator(".case-facts")).to_contain_text(re.compile(r"\d+\.\d{5}"))
    (lat, lon) = re.findall(r"\d+\.\d{5}", await page.locator(".case-facts").inner_text())
    assert distance((float(lon), float(lat)), field.at) < 100
    return found[1]


async def no_camera_sees(officer: Hand) -> None:
    """Of the cameras near none sees the field; the three entrances are the case's, and the west was down for a time."""
    page = officer.page
    await officer.press(page.get_by_role("tab", name="找镜头"))
    for name in SPOTS:
        row = page.locator(".near-row").filter(has_text=name)
        await expect(row).to_contain_text(f"村口：{DOORS[name]}")
        await officer.press(row.get_by_role("checkbox"))
    await expect(page.locator(".near-tools")).to_contain_text("3")
    await shot(page, "pump-cameras-1440")


async def moved(officer: Hand, field: Field) -> None:
    """What moved all night: one thing that made no event is kept as a lead; the west was not watched throughout."""
    page = officer.page
    await officer.press(page.get_by_role("tab", name="找时刻"))
    await officer.press(page.locator("label").filter(has_text="画面变动"))
    await officer.press(page.get_by_role("button", name="查找"))
    rows = page.locator(".motion-hits tbody tr")
    await expect(rows).to_have_count(sum(map(len, NIGHT.values())) + 1)
    await expect(rows.filter(has_text=field.stamp(GONE))).to_contain_text("自行车")
    west = page.locator(".motion-cameras > li").filter(has_text=WEST)
    await expect(west).to_contain_text("有分析 79.5%")
    await expect(page.locator(".motion-cameras > li").filter(has_text=NORTH)).to_contain_text("有分析 100%")
    await shot(page, "pump-moved-1440")
    unseen = rows.filter(has_text=field.stamp(UNSEEN))
    await expect(unseen.locator(".tag")).to_have_count(0)
    await officer.press(unseen.get_by_role("button", name="加书签"))
    await shot(page, "pump-keep-1440")
    await officer.press(page.get_by_role("dialog").get_by_role("button", name="加书签"))
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def sift(officer: Hand, field: Field) -> None:
    """Each entrance's night: who lives here is dropped, the one on two wheels after midnight is starred."""
    page = officer.page
    await officer.press(page.get_by_role("tab", name="追轨迹"))
    for name, starred in ((EAST, 3), (NORTH, None), (WEST, None)):
        gate = page.locator(".track-gate").filter(has_text=name)
        await expect(gate).to_contain_text(f"过往 {len(NIGHT[name])}")
        await officer.press(gate)
        await expect(page.locator(".track-strip")).to_have_attribute("aria-label", name)
        # What moved at the north and was no event passes there too, and is dropped like any other.
        passers = len(NIGHT[name]) + (name == NORTH)
        await expect(page.locator(".track-thumb")).to_have_count(passers)
        for number in range(passers):
            await officer.key("s" if number == starred else "d")
            await expect(page.locator(".track-drop, .track-star")).to_have_count(number + 1)
        await shot(page, f"pump-strip-{DOORS[name]}-1440")
    await expect(page.locator(".track-thumb.track-star")).to_have_count(0)
    west = page.locator(".track-gate").filter(has_text=WEST)
    await expect(west).to_contain_text("未分析")
    await expect(page.locator(".track-strip")).to_contain_text(f"{field.stamp(DARK[0], '%H:%M')}")
    await expect(page.locator(".track-gate").filter(has_text=NORTH)).not_to_contain_text("未分析")


async def reckon(officer: Hand, field: Field) -> None:
    """Where he came from and where he went: the north was watched, the west is unknown, and so it is searched."""
    page = officer.page
    await officer.press(page.locator("label").filter(has_text="前后推算"))
    await officer.choose(page.get_by_label("行进方式"), "ebike")
    pace = SPEEDS[Mode.EBIKE]
    north, west = (page.locator(".track-hop").filter(has_text=DOORS[one]) for one in (NORTH, WEST))
    for back in (True, False):
        await officer.press(page.get_by_role("button", name="倒查" if back else "往后推"))
        for hop, metres in ((north, 1900), (west, 2000)):
            await expect(hop).to_contain_text("应曾于" if back else "应于")
            soon, late = (timedelta(milliseconds=metres / one) for one in (pace.fast_ms, pace.slow_ms))
            begin = GONE - late - 10 * SECOND if back else GONE + soon - 10 * SECOND
            end = GONE - soon + 10 * SECOND if back else GONE + late + 10 * SECOND
            await expect(hop).to_contain_text(f"{metres} 米")
            told = [await one.get_attribute("datetime") for one in await hop.locator("time").all()]
            for said, true in zip(told[:2], (begin, end), strict=True):
                assert said is not None
                assert abs(datetime.fromisoformat(said) - field.midnight - true) < 2 * SECOND
        await expect(north).to_contain_text("全程在看，没有事件")
        # Seven came by on seven nights in that hour, backwards: by chance 1 an hour. Forwards the hour is the next.
        window_h = (1900 / pace.slow_ms - 1900 / pace.fast_ms) / 3_600_000 + 20 / 3600
        await expect(north).to_contain_text(f"按机遇预计 {window_h:.1f}")
        await expect(west).to_contain_text("不明")
        await expect(west).not_to_contain_text("没有事件")
        await shot(page, f"pump-{'back' if back else 'forth'}-1440")
    await officer.press(page.locator("label").filter(has_text="线索图"))
    await expect(page.get_by_label("行进方式")).to_have_value("ebike")
    advice = page.locator(".track-advice")
    await expect(advice.locator("p").filter(has_text="有一段没看，可能漏过")).to_contain_text(WEST)
    await expect(advice.locator("p").filter(has_text="看住、没有事件：")).not_to_contain_text(WEST)
    await expect(page.locator(".track-say")).to_contain_text("西")
    await page.locator(".map-canvas").wait_for()
    await shot(page, "pump-map-1440")


async def ask(officer: Hand) -> str:
    """An old man by the roadside is asked; the address he gets."""
    page = officer.page
    await officer.press(page.get_by_role("tab", name="走访调取"))
    await officer.press(page.get_by_role("button", name="添加走访对象"))
    form = page.get_by_role("dialog")
    await officer.fill(form.get_by_label("谁家、什么店"), "张大爷家")
    await officer.choose(form.get_by_label("有没有探头"), "yes")
    await officer.fill(form.get_by_label("录像保存几天"), "7")
    lon, lat = at(*ROADSIDE)
    await officer.fill(form.get_by_label("坐标"), f"{lat:.5f}, {lon:.5f}")
    await officer.press(form.get_by_role("button", name="定位"))
    await shot(page, "pump-add-1440")
    await officer.press(form.get_by_role("button", name="添加", exact=True))
    card = page.locator(".case-card", has_text="张大爷家")
    await expect(card).to_contain_text("天后开始覆盖")
    await page.locator(".canvass-map .map-canvas").wait_for()
    await expect(card.locator(".canvass-no")).to_have_text("1")
    await shot(page, "pump-canvass-1440")
    await officer.press(card.get_by_role("button", name="请求录像"))
    await officer.press(form.get_by_role("button", name="生成请求"))
    text = await form.get_by_label("短信内容").input_value()
    await shot(page, "pump-link-1440")
    await officer.press(form.locator(".canvass-link").get_by_role("button", name="关闭"))
    found = re.search(r"http\S+give\.html#[\w-]{32}", text)
    assert found
    return found[0]


async def give(browser: Browser, place: County, address: str, film: Path, photo: Path) -> None:
    """The old man's grandson, with a telephone of his own."""
    context = await browser.new_context(viewport=PHONE)
    phone = Visitor(await context.new_page(), place)
    page = phone.page
    await page.goto(address)
    await expect(page.get_by_text("张大爷家")).to_be_visible()
    await expect(page.get_by_text("水泵")).to_have_count(0)
    await page.get_by_label("录像文件").set_input_files(film)
    await page.get_by_label("您的姓名").fill("张小宝")
    await page.get_by_label("是哪个摄像头").fill("院门口 海康")
    await page.get_by_label("时钟照片").set_input_files(photo)
    await page.get_by_text("这是摄像设备录下的原样").click()
    await page.get_by_text("我自愿为上述案件提供").click()
    await shot(page, "pump-give-390")
    await page.get_by_role("button", name="开始上传").click()
    await expect(page.get_by_role("heading", name="回执")).to_be_visible(timeout=60_000)
    await expect(page.get_by_text(hashlib.sha256(film.read_bytes()).hexdigest())).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await shot(page, "pump-receipt-390")
    phone.check()
    await context.close()


async def take(officer: Hand, field: Field) -> None:
    """What came is looked at, its clock read off the photograph, and taken."""
    page = officer.page
    await officer.press(page.get_by_role("button", name="刷新"))
    await officer.press(page.get_by_role("button", name="查看并处理"))
    sheet = page.get_by_role("dialog")
    await expect(sheet.locator(".upload-pictures img").first).to_be_visible(timeout=30_000)
    await expect(sheet.locator(".upload-photo")).to_be_visible()
    await officer.fill(sheet.get_by_label("设备显示"), field.stamp(9 * HOUR + FAST_S * SECOND))
    await officer.fill(sheet.get_by_label("实际时间"), field.stamp(9 * HOUR))
    await officer.fill(sheet.get_by_label("第一帧画面上的时间"), field.stamp(GONE - MINUTE + FAST_S * SECOND))
    await officer.press(sheet.get_by_role("button", name="保存时钟"))
    await expect(sheet.get_by_text(f"设备时钟快 {FAST_S} 秒（±2 秒")).to_be_visible()
    await expect(sheet.get_by_text(f"第一帧的北京时间：{field.stamp(GONE - MINUTE)}")).to_be_visible()
    await shot(page, "pump-triage-1440")
    await officer.press(sheet.get_by_role("button", name="采用，作为本案录像"))
    await expect(page.locator(".canvass-sent")).to_contain_text("已采用")


async def seen(officer: Hand, field: Field, digest: str) -> None:
    """He is seen in the clip: at the true time, at the old man's place, a sighting like any other on the map and in links."""
    page = officer.page
    await officer.press(page.get_by_role("button", name="查看", exact=True))
    sheet = page.get_by_role("dialog")
    await officer.scrub(sheet.locator("video"), INTO)
    when = field.stamp(GONE - MINUTE + INTO)
    await expect(sheet.locator(".upload-moment")).to_contain_text(when)
    await expect(sheet.locator(".upload-moment")).to_contain_text(
        field.stamp(GONE - MINUTE + INTO + FAST_S * SECOND, "%H:%M:%S")
    )
    await officer.press(sheet.locator(".upload-moment").get_by_role("button", name="此处看到"))
    await officer.fill(sheet.get_by_label("说明"), "骑车载水泵往东")
    await shot(page, "pump-mark-1440")
    await officer.press(sheet.get_by_role("button", name="记入案件"))
    await expect(sheet.locator(".upload-marked li")).to_contain_text(when)
    await officer.press(sheet.get_by_role("button", name="关闭"))
    await officer.press(page.get_by_role("tab", name="追轨迹"))
    await officer.press(page.locator("label").filter(has_text="线索图"))
    rows = page.locator(".track-list").first.locator("li")
    await expect(rows).to_have_count(2)
    for said in (
        when,
        "张大爷家",
        "骑车载水泵往东",
        "他人提供的录像",
        "张小宝",
        f"时钟快 {FAST_S} 秒（±2）",
        digest[:12],
    ):
        await expect(rows.first).to_contain_text(said)
    await expect(rows.last).to_contain_text(field.stamp(GONE))
    await page.locator(".map-canvas").wait_for()
    await shot(page, "pump-clue-1440")
    await officer.press(page.locator("label").filter(has_text="前后推算"))
    first = page.get_by_label("从目击点").locator("option").first
    await expect(first).to_contain_text("张大爷家 · 他人提供的录像")
    await officer.choose(page.get_by_label("从目击点"), await first.get_attribute("value") or "")
    east = page.locator(".track-hop").filter(has_text=DOORS[EAST])
    await officer.choose(page.get_by_label("行进方式"), "ebike")
    await expect(east).to_contain_text("280 米")
    await officer.press(east.get_by_role("button", name="确认是"))
    await expect(east.locator("figcaption")).to_contain_text("已确认")
    await shot(page, "pump-linked-1440")


async def read(officer: Hand, field: Field, digest: str) -> None:
    """The report lists the clip with who gave it and its clock, and says of the west what is not known."""
    page = officer.page
    await officer.press(page.get_by_role("tab", name="出材料"))
    async with page.expect_popup() as popup:
        await officer.press(page.get_by_role("link", name="查看、打印"))
    paper = await popup.value
    await expect(paper.get_by_role("heading", level=1)).to_have_text("视频侦查报告")
    await shot(paper, "pump-paper")
    marks = paper.locator("h2", has_text="时间线（书签 2 条）").locator("+ table tbody tr")
    await expect(marks.first).to_contain_text(f"{field.stamp(UNSEEN)} 至")
    await expect(marks.first).to_contain_text(NORTH)
    clip = field.stamp(GONE - MINUTE + INTO)
    for said in (clip, f"+{FAST_S}.0 秒", "他人提供的录像 1：张大爷家", "第 20.", "时钟 ±2 秒", digest, "目击"):
        await expect(marks.last).to_contain_text(said)
    trail = paper.locator("table", has_text="目击点（线索图编号）").locator("tbody tr")
    await expect(trail).to_have_count(2)
    for said in ("1", clip, "他人提供的录像 1：张大爷家", "书签"):
        await expect(trail.first).to_contain_text(said)
    for said in ("2", field.stamp(GONE), EAST, "卡口标星：自行车"):
        await expect(trail.last).to_contain_text(said)
    await expect(paper.locator("svg.map")).to_contain_text("他人提供的录像 1 #2")
    given = paper.locator("h2", has_text="他人提供的录像（1）").locator("+ table tbody tr")
    for said in (
        "张大爷家：张小宝，院门口 海康",
        "声明系原始录像",
        f"+{FAST_S}.0 秒 ±2 秒",
        "时钟照片",
        field.stamp(GONE - MINUTE),
        digest,
    ):
        await expect(given).to_contain_text(said)
    looked = paper.locator("h2", has_text="已查看的镜头").locator("+ table tbody tr")
    dark = f"{field.stamp(DARK[0])} 至 {field.stamp(DARK[1])}"
    await expect(looked.filter(has_text=WEST)).to_contain_text(dark)
    await expect(looked.filter(has_text=NORTH)).not_to_contain_text(dark)


async def beside(officer: Hand, place: County, field: Field) -> None:
    """In playback his clip is a lane under the cameras', at its true time: the name and the stretch both play it."""
    page = officer.page
    when = (field.midnight + GONE - MINUTE + INTO).astimezone(UTC).isoformat().replace("+00:00", "Z")
    await page.evaluate(
        "to => { location.hash = to; }",
        f"#/playback?cameras={place.cameras[EAST]}&lanes={place.cameras[NORTH]}&at={when}",
    )
    await page.reload()  # nothing of the case's page is there, its style neither
    lane = page.get_by_role("button", name="播放他人提供的录像：张大爷家 · 院门口 海康")
    await lane.wait_for()
    await shot(page, "pump-lanes-1440")
    sheet = page.get_by_role("dialog")
    box = await page.locator(".lanes").bounding_box()
    assert box is not None
    spot = {"x": box["width"] / 2, "y": RULER + 2.3 * LANE}
    for press in (lane.click, partial(page.locator(".lanes").click, position=spot)):
        await press()
        await expect(sheet.locator(".upload-moment strong").first).to_contain_text(
            field.stamp(GONE - MINUTE + INTO, "%H:%M:")
        )
        await expect(sheet.locator(".upload-marked li")).to_have_count(1)
        await expect(sheet.locator(".case-facts")).to_have_css("display", "grid")
        await sheet.get_by_role("button", name="关闭").click()
        await expect(sheet).to_have_count(0)


async def test_three_entrances_at_night_and_one_clip(
    browser: Browser, place: County, field: Field, tmp_path: Path
) -> None:
    film, photo = tmp_path / "院门.mp4", tmp_path / "clock.jpg"
    film.write_bytes(mp4(FILM))
    photo.write_bytes(picture("jpeg", 1200, 800))
    visitor = await signed_in(browser, place, "li", "#/cases/new")
    officer = Hand(visitor.page)
    await report(officer, place, field)
    await no_camera_sees(officer)
    await moved(officer, field)
    await sift(officer, field)
    await reckon(officer, field)
    address = await ask(officer)
    await give(browser, place, address, film, photo)
    await take(officer, field)
    await seen(officer, field, hashlib.sha256(film.read_bytes()).hexdigest())
    await read(officer, field, hashlib.sha256(film.read_bytes()).hexdigest())
    await beside(officer, place, field)
    visitor.check()
    assert officer.did <= MOST, "interactions from the report to the paper"
