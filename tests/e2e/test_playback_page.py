"""Recordings in a real browser: the right moment, frame by frame, over borders and gaps, four together; clips and refusals.

Each frame shows its number as bars, so that what is on the screen tells which moment it is.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Route, expect

from registry import audit
from registry.recordings.model import Why
from registry.users import CONSOLE
from tests.camera_hub.recording.footage import FPS, Take, numbers, put
from tests.camera_hub.watch.county import until
from tests.e2e.county import County
from tests.e2e.playing import CAMERAS, FRAMES, GAP, NUMBER, SECONDS, address, comes, frame_at, go, record, shows
from tests.e2e.visitor import PHONE, Visitor

pytestmark = pytest.mark.browser


async def test_the_right_moment_and_its_neighbours(desk: Visitor, place: County, base: datetime) -> None:
    await desk.enter(address(place, CAMERAS[:1], base + timedelta(seconds=25)))
    page = desk.page
    await comes(page, frame_at(25))
    await expect(page.locator(".play-clock time")).to_contain_text(":")
    await expect(page.locator(".play-moment")).to_contain_text("（+0.1 秒）")
    for key, number in ((".", 376), (".", 377), (",", 376), (",", 375), ("ArrowRight", 525), ("Shift+ArrowLeft", 0)):
        await page.keyboard.press(key)
        # A minute before 35 s nothing was recorded: it says so, and shows no picture that is not of the moment.
        if number:
            await comes(page, number)
    await expect(page.locator(".play-tile")).to_have_attribute("data-shows", "none")
    await expect(page.locator(".play-veil")).to_contain_text("不代表现场无情况")
    rows = await audit.list_rows(place.hub.store, CONSOLE)
    assert {"recording.list", "recording.play"} <= {one.action for one in rows}
    desk.check()


async def test_frames_keep_their_order_over_the_border_of_two_files(
    desk: Visitor, place: County, base: datetime
) -> None:
    await desk.enter(address(place, CAMERAS[:1], base + timedelta(seconds=18.5)))
    page = desk.page
    await comes(page, frame_at(18.5))
    await page.keyboard.press(" ")
    seen: list[int] = []

    async def passed() -> bool:
        seen.append(await shows(page))
        return seen[-1] > frame_at(21.5)

    await until(passed, seconds=20, what="it plays past the border")
    assert seen == sorted(seen)
    assert any(one < FRAMES for one in seen)
    assert len({one for one in seen if one >= FRAMES}) > 3
    desk.check()


async def test_four_play_together_one_of_them_as_pictures(desk: Visitor, place: County, base: datetime) -> None:
    await place.reach("220882100", "220882101")
    await desk.enter(address(place, CAMERAS, base + timedelta(seconds=5)))
    page = desk.page
    for tile in range(3):
        await comes(page, frame_at(5), tile)
    await expect(page.locator(".play-tile").nth(3)).to_have_attribute("data-shows", "picture")
    await expect(page.locator(".play-tile").nth(3)).to_contain_text("预览")
    await comes(page, frame_at(5), 3)
    await page.keyboard.press(" ")

    async def on() -> bool:
        return await shows(page, 0) > frame_at(9)

    await until(on, seconds=25, what="four seconds are played")
    await page.keyboard.press(" ")
    # Held at one moment, all three show the same frame of it.
    numbers = [await shows(page, tile) for tile in range(3)]

    async def alike() -> bool:
        numbers[:] = [await shows(page, tile) for tile in range(3)]
        return max(numbers) == min(numbers)

    await until(alike, what=f"the same frame on all: {numbers}")

    async def picture_too() -> bool:
        return await shows(page, 3) > frame_at(5)

    await until(picture_too, what="the picture is a later one")
    desk.check()


async def test_sixteen_times_as_fast_and_a_gap_is_skipped_and_said(
    desk: Visitor, place: County, base: datetime
) -> None:
    await desk.enter(address(place, CAMERAS[:1], base + timedelta(seconds=1)))
    page = desk.page
    await comes(page, frame_at(1))
    await page.get_by_label("播放速度").select_option("16")
    await page.get_by_role("button", name="播放", exact=True).click()
    await expect(page.locator(".play-moment [role=status]")).to_contain_text("已跳过 20 秒", timeout=30_000)
    asked = [one for one in desk.asked if "/segments/" in one]
    assert any("only=keyframes" in one for one in asked)

    async def beyond() -> bool:
        return await shows(page) > frame_at((GAP + 1) * SECONDS)

    await until(beyond, seconds=30, what="it goes on behind the gap")
    desk.check()


async def test_events_are_jumped_to_and_play_in_their_place(desk: Visitor, place: County, base: datetime) -> None:
    first = await place.event(CAMERAS[0], "person", at=base + timedelta(seconds=12))
    await place.event(CAMERAS[0], "car", at=base + timedelta(seconds=45))
    await desk.enter(address(place, CAMERAS[:1], base + timedelta(seconds=2)))
    page = desk.page
    await comes(page, frame_at(2))
    await page.keyboard.press("n")
    await comes(page, frame_at(10))
    await page.keyboard.press("n")
    await comes(page, frame_at(43))
    await page.keyboard.press("p")
    await comes(page, frame_at(10))

    await page.evaluate("hash => { location.hash = hash }", f"#/events/{first.id}")
    await page.get_by_role("radio", name="录像").check(force=True)
    tile = page.locator("dialog .play-tile")
    await expect(tile).to_have_attribute("data-shows", "video")

    async def moved() -> bool:
        return int(await tile.evaluate(NUMBER)) > frame_at(2)

    await until(moved, seconds=20, what="the footage plays by itself, from ten seconds before the event")
    await expect(page.get_by_role("button", name=re.compile("下载事件片段"))).to_be_visible()
    await page.keyboard.press("v")
    await expect(page.locator("dialog .detail-picture > .picture img")).to_be_visible()
    desk.check()


async def test_a_clip_is_taken_and_holds_what_was_marked(
    desk: Visitor, place: County, base: datetime, tmp_path: Path
) -> None:
    await desk.enter(address(place, CAMERAS[:1], base + timedelta(seconds=55)))
    page = desk.page
    await comes(page, frame_at(55))
    await page.keyboard.press("i")
    await go(page, place, CAMERAS[:1], base + timedelta(seconds=85))
    await comes(page, frame_at(85))
    await page.keyboard.press("o")
    async with page.expect_download() as coming:
        await page.get_by_role("button", name=re.compile("下载片段")).click()
    file = tmp_path / "clip.mp4"
    await (await coming.value).save_as(file)
    told = page.locator(".clip-taken")
    await expect(told).to_contain_text("其中 20 秒")
    await expect(told.locator("code")).to_have_text(re.compile("^[0-9a-f]{64}$"))
    frames = [number for _, number in numbers(file.read_bytes())]
    assert frames == sorted(frames)
    assert frames[0] == frame_at(55)
    assert not [one for one in frames if frame_at(60) <= one < frame_at(80)]
    assert frame_at(84) in frames
    await expect(page.get_by_role("button", name="为案件留存")).to_be_visible()
    desk.check()


def asked_for_files(desk: Visitor) -> int:
    return sum(one.endswith("/api/v1/playbacks") for one in desk.asked)


async def test_tickets_are_renewed_before_they_run_out_while_it_plays(
    desk: Visitor, place: County, base: datetime
) -> None:
    page = await at_four_times(desk, place, base)
    before = asked_for_files(desk)

    async def timeless(route: Route) -> None:
        answer = await route.fetch()
        headers = {name: value for name, value in answer.headers.items() if name.lower() != "date"}
        await route.fulfill(response=answer, headers=headers)

    # The page's clock alone is set, and no answer sets it right: tickets, and all that is timed, go on as they were.
    await page.route(re.compile("/api/v1/(?!segments)"), timeless)
    await page.evaluate("() => { const now = Date.now; Date.now = () => now() + 250_000 }")
    await plays_into_the_third_file(page)
    await page.unroute_all(behavior="ignoreErrors")
    assert asked_for_files(desk) > before
    desk.check()


async def test_a_ticket_that_ran_out_is_replaced_and_it_plays_on(desk: Visitor, place: County, base: datetime) -> None:
    """As after a laptop was shut for a while: the page takes its ticket for new, the hub does not."""
    page = await at_four_times(desk, place, base)
    place.ahead = timedelta(minutes=6)
    await plays_into_the_third_file(page)
    refused = {one.split("?")[0].rsplit("/segments/")[0] for one in desk.refused}
    assert refused == {f"403 {place.address}/api/v1"}, "an old ticket was refused, and nothing else"
    desk.check(refused=True)


async def at_four_times(desk: Visitor, place: County, base: datetime) -> Page:
    """Held near the end of the first file, to go on four times as fast; the second is fetched by then.

    Of long ago: what is being recorded now is asked for again and again all the same.
    """
    old = base - timedelta(hours=2)
    await record(place, CAMERAS[0], old, Take(), without=None)
    await desk.enter(address(place, CAMERAS[:1], old + timedelta(seconds=16)))
    await comes(desk.page, frame_at(16))
    await desk.page.get_by_label("播放速度").select_option("4")
    return desk.page


async def plays_into_the_third_file(page: Page) -> None:
    """Every frame that is seen is later than the one before."""
    await page.get_by_role("button", name="播放", exact=True).click()
    seen: list[int] = []

    async def passed() -> bool:
        seen.append(await shows(page))
        return seen[-1] > 2 * FRAMES + FPS

    await until(passed, seconds=30, what="it plays past the border of two files")
    assert seen == sorted(seen)


async def test_what_may_not_be_seen_is_refused_in_words(desk: Visitor, place: County, base: datetime) -> None:
    await put(place.hub.store, place.hub.settings.data_dir, place.cameras["老李家院外"], base, Take(), why=Why.EVENT)
    await desk.enter(address(place, ("老李家院外",), base + timedelta(seconds=1)))
    page = desk.page
    await expect(page.locator(".play-tile")).to_have_attribute("data-shows", "refused")
    await expect(page.locator(".play-veil")).to_contain_text("户主没有同意")
    assert not [one for one in desk.asked if "/segments/" in one]
    desk.check(refused=True)


async def test_a_desk_whose_clock_is_slow_sees_the_newest_footage(desk: Visitor, place: County, base: datetime) -> None:
    """What lies beyond the desk's own now is no time to come: all goes by the hub's clock."""
    await desk.page.add_init_script("{ const now = Date.now; Date.now = () => now() - 1_200_000 }")
    await desk.enter(address(place, CAMERAS[:1], base + timedelta(seconds=25)))
    await comes(desk.page, frame_at(25))
    await desk.page.keyboard.press("ArrowRight")
    await comes(desk.page, frame_at(35))
    desk.check()


async def test_a_damaged_file_is_passed_over_and_said(desk: Visitor, place: County, base: datetime) -> None:
    (file,) = place.hub.settings.data_dir.glob(
        f"recordings/*/{place.cameras[CAMERAS[0]]}/sub-{int((base + timedelta(seconds=SECONDS)).timestamp() * 1000)}.mp4"
    )
    file.write_bytes(b"nothing that can be played" * 40)
    await desk.enter(address(place, CAMERAS[:1], base + timedelta(seconds=SECONDS + 5)))
    page = desk.page
    await expect(page.locator(".play-tile")).to_have_attribute("data-shows", "damaged")
    await expect(page.locator(".play-veil")).to_contain_text("损坏")
    await page.keyboard.press(" ")

    async def beyond() -> bool:
        return await shows(page) >= frame_at(2 * SECONDS)

    await until(beyond, seconds=20, what="the rest plays")
    desk.check(refused=True)


async def test_the_timeline_is_worked_by_pointer_wheel_and_keyboard(
    desk: Visitor, place: County, base: datetime
) -> None:
    await desk.enter(address(place, CAMERAS[:2], base + timedelta(seconds=30)))
    page = desk.page
    await comes(page, frame_at(30))
    lanes = page.get_by_role("slider", name="录像时间轴")
    await expect(lanes).to_have_attribute("aria-valuetext", re.compile("有录像"))
    await page.get_by_role("button", name="10 分钟").click()
    box = await lanes.bounding_box()
    assert box is not None
    # The moment is in the middle; ten minutes are as wide as the lanes.
    middle = box["x"] + box["width"] / 2
    await page.mouse.click(middle + box["width"] / 60, box["y"] + 30)

    async def near() -> bool:
        return abs(await shows(page) - frame_at(40)) <= FPS

    await until(near, what="a click goes ten seconds on")
    before = await lanes.get_attribute("aria-valuemin") or ""
    await page.mouse.move(middle, box["y"] + 30)
    await page.mouse.down()
    await page.mouse.move(middle + 200, box["y"] + 30, steps=4)
    await page.mouse.up()
    await expect(lanes).not_to_have_attribute("aria-valuemin", before)
    at = await shows(page)
    await page.mouse.wheel(0, -400)
    await expect(page.get_by_role("button", name="10 分钟")).to_have_attribute("aria-pressed", "false")
    assert await shows(page) == at, "panning and zooming leave the moment alone"
    await page.mouse.move(5, 5)
    await lanes.focus()
    await page.keyboard.press("ArrowLeft")

    async def back() -> bool:
        return abs(await shows(page) - (at - 10 * FPS)) <= 1

    await until(back, what="an arrow goes ten seconds back")
    desk.check()


async def test_on_a_phone_one_camera_fits(browser: Browser, place: County, base: datetime) -> None:
    visitor = Visitor(await browser.new_page(viewport=PHONE), place)
    await visitor.enter(address(place, CAMERAS[:2], base + timedelta(seconds=30)))
    page = visitor.page
    await comes(page, frame_at(30))
    await expect(page.locator(".play-tile")).to_have_count(1)
    assert await page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    toggle = await page.get_by_role("button", name="播放", exact=True).bounding_box()
    assert toggle is not None
    assert toggle["height"] >= 40
    visitor.check()
