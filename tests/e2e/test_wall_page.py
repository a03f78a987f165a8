"""The wall in a real browser: nine real cameras whose frames bear their number, a real hub, and what may go wrong."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import pytest
from playwright.async_api import Browser, Page, expect
from uuid_utils.compat import uuid7

from api.page import STATIC
from camera_hub.demo.clip import Shape
from camera_hub.demo.sample_server import Mount, SampleServer, engine
from registry import audit, events, walls
from registry.model import Actor, Box, EventChange, EventKind, LabelGroup
from registry.users import CONSOLE, by_name
from tests.camera_hub.stream.conftest import make_clip
from tests.camera_hub.watch.county import until, worker_pids
from tests.conftest import missing
from tests.e2e.street import AGREED, MASKED, REFUSED, SLOW_MS, Street, divide, playing, put_up, row, tile, visit
from tools.bench import counted

pytestmark = [pytest.mark.browser, pytest.mark.rtsp]
SHAPE = Shape(400, 224, 15, 200, 1.0)
CHUNK = 16_384
PUBLIC = ("东口", "西口", "小卖部", "羊圈路口", "桥头", "粮库", "主街", "村部")
HEVC = "新式头"
NUMBERS = f"""() => {{
  const read = {counted.READ};
  return [...document.querySelectorAll("live-tile[data-doing=playing] video")].map(read);
}}"""
"""The numbers of the frames that are shown now, tile by tile; null where none can be read."""
ROUND = """() => {
  const of = (which) => [...document.querySelectorAll(`.wall-tile${which}`)].map((one) => [
    one.dataset.camera, one.querySelector("live-tile")?.dataset.doing,
  ]);
  return [document.querySelector(".wall-page")?.textContent ?? "", of(":not(.beneath)"), of(".beneath")];
}"""
"""Which page of a rotation is shown, and the cameras of its tiles and of those beneath, with what they do."""


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("footage")
    clip = counted.make(folder / "counted.clip", SHAPE, 40.0)
    hevc = make_clip(folder / "hevc.clip", replace(SHAPE, codec="hevc"), 3.0)
    return {**dict.fromkeys((*PUBLIC, MASKED, AGREED, REFUSED), clip), HEVC: hevc}


@pytest.fixture
async def street(footage: dict[str, Path], tmp_path: Path) -> AsyncIterator[Street]:
    if not (STATIC / "index.html").is_file():
        missing("the built page", "run: npm ci && npm run build, in api/web")
    if engine() is None:
        pytest.skip("needs an RTSP server: GStreamer's, or the package aio-rtsp-toolkit")
    paths = {name: f"/{number}" for number, name in enumerate(footage)}
    with SampleServer([Mount(paths[name], clip) for name, clip in footage.items()]) as server:
        made = Street(tmp_path / "data", {name: server.urls[path] for name, path in paths.items()})
        await made.start()
        try:
            await made.build()
            yield made
        finally:
            await made.stop()


async def count_on(page: Page, count: int) -> None:
    """Wait until every tile has shown ten frames more, each later than the one before; a clip's end begins it anew."""
    seen: list[list[int]] = [[] for _ in range(count)]

    async def enough() -> bool:
        numbers = await page.evaluate(NUMBERS)
        if len(numbers) == count:
            for one, number in zip(seen, numbers, strict=True):
                if number is not None and (not one or one[-1] != number):
                    one.append(number)
        return all(len(one) >= 10 for one in seen)

    await until(enough, seconds=30, what="all tiles count on")
    for one in seen:
        steps = [(after - before) % 600 for before, after in itertools.pairwise(one)]
        assert max(steps) < 300, f"frames went back: {one}"


async def test_nine_play_in_order_move_without_a_break_and_come_back_after_a_killed_worker(
    browser: Browser, street: Street
) -> None:
    visitor = await visit(browser, street, "#/wall")
    page = visitor.page
    await divide(page, "3", "9")
    await put_up(page, *PUBLIC, AGREED)
    await playing(page, 9)
    over = await page.evaluate("() => document.documentElement.scrollHeight - innerHeight")
    assert over <= 0, "the wall fills the window without scrolling"
    sockets = await audit.list_rows(street.hub.store, CONSOLE, audit.AuditQuery(action="live.open"))
    assert {camera for one in sockets for camera in one.cameras} == {
        str(street.cameras[name]) for name in (*PUBLIC, AGREED)
    }

    # a household that did not agree is in the list, greyed, with the reason
    await expect(row(page, REFUSED)).to_be_disabled()
    await expect(row(page, REFUSED)).to_contain_text("户主未同意")

    await count_on(page, 9)

    # tiles change places by drag and by keyboard, and their elements go on
    await page.evaluate("() => document.querySelectorAll('live-tile').forEach((one, at) => { one.marked = at; })")
    await tile(page, 0).drag_to(tile(page, 4))
    await expect(tile(page, 0)).to_have_attribute("data-camera", str(street.cameras[PUBLIC[4]]))
    await expect(tile(page, 4)).to_have_attribute("data-camera", str(street.cameras[PUBLIC[0]]))
    await page.keyboard.press("s")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    await expect(tile(page, 5)).to_have_attribute("data-camera", str(street.cameras[PUBLIC[0]]))
    marks = await page.evaluate("() => [...document.querySelectorAll('live-tile')].map(one => one.marked)")
    assert sorted(marks) == list(range(9)), "no element was made anew"
    await playing(page, 9)

    # big and back, off the wall and back on it
    await page.keyboard.press("Enter")
    await expect(page.locator(".wall-tile.big")).to_have_attribute("data-camera", str(street.cameras[PUBLIC[0]]))
    await page.keyboard.press("Escape")
    await expect(page.locator(".wall-tile.big")).to_have_count(0)
    await tile(page, 5).focus()
    await page.keyboard.press("Delete")
    await expect(page.locator(".wall-tile[data-camera]")).to_have_count(8)
    await page.keyboard.press("z")
    await expect(page.locator(".wall-tile[data-camera]")).to_have_count(9)
    await playing(page, 9)

    (pid,) = worker_pids(street.hub)
    os.kill(pid, signal.SIGKILL)
    await expect(page.locator("live-tile[data-doing=stale]")).to_have_count(9, timeout=SLOW_MS)
    await expect(tile(page, 0)).to_contain_text("分析进程停止")
    await expect(tile(page, 0)).to_contain_text("画面已停")
    await playing(page, 9)
    await expect(tile(page, 0)).to_contain_text("已恢复：分析进程停止")
    await count_on(page, 9)
    visitor.check()


async def test_cameras_are_dragged_from_the_list_found_by_initials_and_played_in_the_form_they_can(
    browser: Browser, street: Street
) -> None:
    visitor = await visit(browser, street, "#/wall")
    page = visitor.page
    await row(page, "桥头").drag_to(tile(page, 2))
    await expect(tile(page, 2)).to_have_attribute("data-camera", str(street.cameras["桥头"]))
    await page.keyboard.press("/")
    await expect(page.get_by_role("searchbox")).to_be_focused()
    await page.keyboard.type("xst")
    await expect(page.locator(".wall-tree button.wall-row[draggable=true]")).to_have_count(1)
    await page.keyboard.press("Enter")
    await expect(tile(page, 3)).to_have_attribute("data-camera", str(street.cameras[HEVC]))
    await expect(tile(page, 3).locator(".live-preview")).to_have_text("预览 · 编码", timeout=SLOW_MS)
    await page.get_by_role("searchbox").fill("")
    await playing(page, 2)

    # a whole village at once makes the wall as large as it needs
    await page.locator(".wall-branch").last.hover()
    await page.locator(".wall-branch .wall-all").last.click()
    await expect(page.locator(".wall-grid")).to_have_attribute("data-layout", "16")
    await playing(page, 11)

    # all that is done to one is in its menu, at the pointer
    await tile(page, 3).click()
    menu = page.get_by_role("menu")
    await expect(menu).to_be_visible()
    async with page.expect_download() as download:
        await menu.get_by_role("menuitem", name="保存截图").click()
    taken = await (await download.value).path()
    assert taken.read_bytes()[:2] == b"\xff\xd8"

    # the last minutes play over the wall, which goes on
    await tile(page, 2).click()
    await menu.get_by_role("menuitem", name="回放最近几分钟").click()
    await expect(page.locator("dialog .play-tile")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog")).to_have_count(0)
    await playing(page, 11)

    # another view's address is not taken for a saved wall's: nothing is refused
    await page.evaluate("() => { location.hash = '#/patrol/incidents' }")
    await expect(page.locator(".notice")).to_be_visible()
    visitor.check()


async def test_a_wall_is_saved_shared_taken_up_again_and_says_when_another_changed_it(
    browser: Browser, street: Street
) -> None:
    visitor = await visit(browser, street, "#/wall")
    page = visitor.page
    await put_up(page, "东口", "西口")
    await page.get_by_role("button", name="另存为").click()
    await page.get_by_label("名称").fill("夜间村口")
    await page.get_by_label("共享").check()
    await page.get_by_role("button", name="保存", exact=True).click()
    await expect(page.locator(".wall-saved-name")).to_have_text("夜间村口")
    li = Actor(await by_name(street.hub.store, "li"), "desk")
    (wall,) = await walls.list_walls(street.hub.store, li)
    assert (wall.name, wall.shared) == ("夜间村口", True)
    assert [one for one in wall.body.tiles if one] == [street.cameras["东口"], street.cameras["西口"]]

    await row(page, "粮库").click()
    await page.get_by_role("button", name="保存", exact=True).click()
    await expect(page.get_by_role("button", name="保存", exact=True)).to_have_count(0)
    (wall,) = await walls.list_walls(street.hub.store, li)
    assert len([one for one in wall.body.tiles if one]) == 3

    change = walls.WallChange(name="夜间村口", body=wall.body, shared=True, expected_revision=wall.revision)
    await walls.change(street.hub.store, wall.id, change, li)
    await row(page, "主街").click()
    await page.get_by_role("button", name="保存", exact=True).click()
    await expect(page.get_by_role("dialog", name="这面墙刚被别人改过")).to_be_visible()
    await page.get_by_role("button", name="用最新的版本").click()
    await expect(page.locator(".wall-tile[data-camera]")).to_have_count(3)

    # its address leads a colleague to it, and what was deleted is brought back
    await page.evaluate("() => sessionStorage.clear()")
    await page.goto(f"{street.address}/#/wall/{wall.id}")
    await page.reload()
    await expect(page.locator(".wall-tile[data-camera]")).to_have_count(3)
    await page.locator(".wall-saved").click()
    await page.get_by_role("button", name="夜间村口 的更多操作").click()
    await page.get_by_role("menuitem", name="删除").click()
    await page.get_by_role("button", name="撤销").click()

    async def back() -> bool:
        return [one.name for one in await walls.list_walls(street.hub.store, li)] == ["夜间村口"]

    await until(back, what="the wall is back")
    visitor.check(refused=True)


async def test_a_rotation_shows_page_after_page_without_a_black_one(browser: Browser, street: Street) -> None:
    visitor = await visit(browser, street, "#/wall")
    page = visitor.page
    await page.get_by_role("radio", name="轮巡").click(force=True)
    await page.get_by_label("每页停留").fill("10")
    await expect(page.get_by_role("dialog")).to_contain_text("共 11 路，分 3 页")
    await page.get_by_role("button", name="开始轮巡").click()
    first: set[str] = set()
    second: dict[str, str] = {}

    async def ready() -> bool:
        said, shown, beneath = await page.evaluate(ROUND)
        first.update(camera for camera, doing in shown if "1 / 3" in said and doing == "playing")
        return "1 / 3" in said and len(first) == 4 and "playing" in dict(beneath).values()

    async def turned() -> bool:
        said, shown, _ = await page.evaluate(ROUND)
        second.update(shown if "2 / 3" in said else ())
        return bool(second)

    await until(ready, seconds=120, what="the first page plays, and the second beneath it")
    await until(turned, what="the second page")
    assert "playing" in second.values(), "opened before its turn"
    assert first.isdisjoint(second)
    await page.get_by_role("button", name="暂停轮巡").click()
    await page.get_by_role("button", name="上一页").click()
    await expect(page.locator(".wall-page")).to_have_text("第 1 / 3 页")
    await expect(page.get_by_role("button", name="继续轮巡")).to_be_visible()
    assert str(street.cameras[REFUSED]) not in {*first, *second}
    visitor.check()


async def happen(street: Street, name: str, label: str) -> None:
    """Something happens in front of a camera: stored, and told as the keeper does."""
    now = datetime.now(UTC)
    change = EventChange(
        id=uuid7(),
        revision=1,
        camera_id=street.cameras[name],
        kind=EventKind.OBJECT,
        rule_id="object",
        rule_name="发现目标",
        scene_revision=0,
        label=label,
        group=LabelGroup.ANIMAL,
        score=0.9,
        box=Box(0.2, 0.2, 0.4, 0.6),
        path=((0.2, 0.6),),
        direction=None,
        started_at=now,
        updated_at=now,
        ended_at=None,
        snapshot=None,
        snapshot_bytes=0,
        snapshot_at=None,
        node=street.hub.node,
        model="test",
        clock_offset_ms=None,
    )
    (recorded,) = await events.record(street.hub.store, [change])
    assert recorded.event is not None
    street.hub.feed.publish([recorded.event])


async def test_cameras_come_up_where_something_happens_and_stay_a_while(browser: Browser, street: Street) -> None:
    visitor = await visit(browser, street, "#/wall")
    page = visitor.page
    await page.get_by_role("radio", name="动态墙").click(force=True)
    await page.get_by_label("每路至少停留").fill("120")
    await page.get_by_role("button", name="开始", exact=True).click()
    await expect(page.locator(".wall-mode")).to_contain_text("等待事件上墙")
    for name in ("桥头", "粮库"):
        await happen(street, name, "sheep")
        up = page.locator(f'.wall-tile[data-camera="{street.cameras[name]}"]')
        await expect(up.locator(".wall-event")).to_contain_text("羊")
    place = await page.locator(f'.wall-tile[data-camera="{street.cameras["桥头"]}"]').get_attribute("data-at")
    await happen(street, "桥头", "cow")
    again = page.locator(f'.wall-tile[data-camera="{street.cameras["桥头"]}"]')
    await expect(again.locator(".wall-event")).to_contain_text("牛")
    assert await again.get_attribute("data-at") == place, "a camera stays where it came up"
    await expect(again.locator("live-tile")).to_have_attribute("data-doing", "playing", timeout=SLOW_MS)
    visitor.check()


async def test_a_camera_is_pushed_to_the_screen_of_the_room(browser: Browser, street: Street) -> None:
    screen = await visit(browser, street, "#/wall")
    await screen.page.get_by_role("button", name="大屏").click()
    await screen.page.get_by_label("大屏名称").fill("值班室")
    await screen.page.get_by_role("button", name="设为大屏").click()
    await expect(screen.page.locator(".toolbar .tag", has_text="大屏 值班室")).to_have_class("tag tag-ok")

    desk = await visit(browser, street, "#/wall")
    await put_up(desk.page, "东口")
    await tile(desk.page, 0).click()
    await desk.page.get_by_role("menuitem", name="推送到大屏").click()
    await desk.page.get_by_role("dialog").get_by_role("button", name="值班室").click()
    await expect(tile(screen.page, 0)).to_have_attribute("data-camera", str(street.cameras["东口"]))
    await playing(screen.page, 1)
    await expect(screen.page.locator(".toast")).to_contain_text("推送了 东口")
    pushed = await audit.list_rows(street.hub.store, CONSOLE, audit.AuditQuery(action="wall.push"))
    assert [one.cameras for one in pushed] == [(str(street.cameras["东口"]),)]
    desk.check()
    screen.check()


class Line:
    """A line between a browser and the hub that carries as many bytes a second as it is told; None: all."""

    def __init__(self, street: Street) -> None:
        self.bytes_a_second: int | None = None
        self._street = street

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0, limit=CHUNK)
        self.address = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kernel = socket.socket()
        kernel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, CHUNK)  # what waits, waits at the hub
        kernel.settimeout(0)
        await asyncio.get_running_loop().sock_connect(kernel, ("127.0.0.1", self._street.port))
        down, up = await asyncio.open_connection(sock=kernel, limit=CHUNK)
        await asyncio.gather(self._pump(reader, up, slow=False), self._pump(down, writer, slow=True))

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, slow: bool) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(CHUNK):
                writer.write(data)
                await writer.drain()
                if slow and self.bytes_a_second is not None:
                    await asyncio.sleep(len(data) / self.bytes_a_second)
        writer.close()


async def test_a_slow_line_gets_less_says_so_and_gets_all_again(browser: Browser, street: Street) -> None:
    async with Line(street) as line:
        visitor = await visit(browser, line, "#/wall")  # type: ignore[arg-type]  # all it asks is the address
        page = visitor.page
        await divide(page, "3", "9")
        await put_up(page, *PUBLIC)
        await playing(page, len(PUBLIC))
        line.bytes_a_second = 40_000
        said = page.locator(".live-keyframes, .live-preview", has_text="网络慢").first
        await expect(said).to_be_visible(timeout=60_000)
        line.bytes_a_second = None
        await expect(page.locator(".live-video")).to_have_count(len(PUBLIC), timeout=90_000)
        await count_on(page, len(PUBLIC))
        visitor.check(refused=True)
        await page.close()
