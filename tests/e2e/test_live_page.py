"""Live pictures in a real browser: real cameras, a real hub with its worker, pixels that move."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, expect

from api import make_app
from api.page import STATIC
from camera_hub.demo.sample_server import Mount, SampleServer, engine
from camera_hub.hub import Hub
from registry import audit, consents, scenes
from registry.model import ConsentScope, Kind
from registry.users import CONSOLE
from tests.camera_hub.stream.conftest import SMALL, make_clip
from tests.camera_hub.watch.county import add_camera, officer, place_village, settings_in, state_of, until, worker_pids
from tests.conftest import missing
from tests.e2e.visitor import DESK, PHONE, Visitor
from tests.services.process import free_port

pytestmark = [pytest.mark.browser, pytest.mark.rtsp]
MASK = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))
SLOW_MS = 20_000
NO_MSE = """() => { delete window.MediaSource; delete window.ManagedMediaSource; delete window.WebKitMediaSource; }"""


@dataclass
class Street:
    """A hub that watches four cameras, and its page."""

    folder: Path
    urls: dict[str, str]
    port: int = field(default_factory=free_port)
    cameras: dict[str, UUID] = field(default_factory=dict)
    consent: UUID | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self._up = AsyncExitStack()
        self.hub = await self._up.enter_async_context(Hub.running(settings_in(self.folder)))
        runner = web.AppRunner(make_app(self.hub), access_log=None, shutdown_timeout=1)
        await runner.setup()
        self._up.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", self.port).start()

    async def stop(self) -> None:
        await self._up.aclose()

    async def build(self) -> None:
        await place_village(self.hub.store)
        await officer(self.hub.store)
        for name, url in self.urls.items():
            civilian = name == "老李家院外"
            more = (
                {"kind": Kind.CIVILIAN, "manager_unit": "", "owner_name": "老李", "owner_contact": "0436-0000000"}
                if civilian
                else {}
            )
            camera = await add_camera(self.hub.store, self.hub.vault, url, name=name, **more)
            self.cameras[name] = camera.id
        await scenes.put(self.hub.store, self.cameras["遮挡口"], scenes.Scene(masks=(MASK,)), CONSOLE)
        given = consents.NewConsent(
            owner_name="老李",
            scopes=frozenset(ConsentScope),
            valid_from=datetime.now(UTC) - timedelta(days=1),
            text_version="2026-1",
        )
        self.consent = (await consents.create(self.hub.store, self.cameras["老李家院外"], given, CONSOLE)).id
        await self.all_live()

    async def all_live(self) -> None:
        async def live() -> bool:
            return all([(await state_of(self.hub.store, one))[0] == "live" for one in self.cameras.values()])

        await until(live, seconds=60, what="all cameras are live")


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("footage")
    h264 = make_clip(folder / "h264.clip", SMALL)
    hevc = make_clip(folder / "hevc.clip", replace(SMALL, codec="hevc"), 3.0)
    return {"东口": h264, "遮挡口": h264, "新式头": hevc, "老李家院外": h264}


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


async def visit(browser: Browser, street: Street, path: str = "#/live", *, script: str = "", **size: int) -> Visitor:
    """Signed in, on a patrol."""
    page = await browser.new_page(viewport=size or DESK)
    if script:
        await page.add_init_script(f"({script})()")
    visitor = Visitor(page, street)  # type: ignore[arg-type]  # all it asks of a county is its address
    page.set_default_timeout(SLOW_MS)  # a hub, a worker, a model and a browser share what may be two slow cores
    await page.goto(f"{street.address}/{path}")
    await visitor.sign_in()
    await page.get_by_role("button", name="night patrol").click()
    return visitor


async def plays(page: Page, form: str) -> None:
    await expect(page.locator("live-tile")).to_have_attribute("data-doing", "playing", timeout=SLOW_MS)
    await expect(page.locator("live-tile")).to_have_attribute("data-form", form)


PIXELS = """async (name) => {
  const shown = document.querySelector(`live-tile ${name}`);
  const canvas = document.createElement("canvas");
  canvas.width = 64; canvas.height = 36;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(shown, 0, 0, 64, 36);
  return [...pen.getImageData(0, 0, 64, 36).data];
}"""


async def moves(page: Page, name: str) -> list[int]:
    """Wait until several different pictures were seen; returns the last one's pixels (64 × 36, RGBA)."""
    seen: set[tuple[int, ...]] = set()

    async def several() -> bool:
        seen.add(tuple(await page.evaluate(PIXELS, name)))
        return len(seen) >= 4

    await until(several, seconds=20, what="the picture moves")
    return list(await page.evaluate(PIXELS, name))


async def test_a_monitor_picks_cameras_and_each_plays_at_once(browser: Browser, street: Street) -> None:
    visitor = await visit(browser, street)
    page = visitor.page
    await expect(page.get_by_text("请选择点位")).to_be_visible()
    await page.get_by_role("link", name="东口").click()
    await plays(page, "video")
    await moves(page, "video")
    await expect(page.locator(".live-latency")).to_contain_text("延迟")
    assert street.cameras["东口"].hex in page.url.replace("-", "")

    # the same element goes on while the list around it is drawn anew
    await page.evaluate("() => { document.querySelector('live-tile').marked = true; }")
    await page.get_by_role("searchbox").fill("遮挡")
    await expect(page.get_by_role("navigation", name="点位列表").get_by_role("link")).to_have_count(1)
    assert await page.evaluate("() => document.querySelector('live-tile').marked === true")
    await plays(page, "video")

    await page.get_by_role("searchbox").press("Enter")
    await plays(page, "preview")
    await expect(page.locator(".live-preview")).to_have_text("预览：有遮挡区，每秒约两帧")
    pixels = await moves(page, "img")
    masked = [pixels[(row * 64 + column) * 4 + part] for row in range(16) for column in range(30) for part in range(3)]
    assert max(masked) < 24, "what the mask hides is black"
    assert max(pixels[(30 * 64 + 50) * 4 :][:3]) > 40, "what it does not is seen"
    assert await page.evaluate("() => document.querySelector('live-tile video').src") == ""

    await page.get_by_role("searchbox").fill("")
    await page.get_by_role("link", name="新式头").click()
    await plays(page, "preview")
    await expect(page.locator(".live-preview")).to_contain_text("浏览器不能播放此编码")
    await moves(page, "img")

    # by keyboard: the camera before it in the list
    before = page.url
    await page.locator("body").press("k")
    await expect(page.locator(".live-line[aria-current]")).not_to_have_text("新式头")
    assert page.url != before
    visitor.check()


async def test_on_a_phone_and_without_mse_there_are_previews(browser: Browser, street: Street) -> None:
    path = f"#/live/{street.cameras['东口']}"
    visitor = await visit(browser, street, path, script=NO_MSE, **PHONE)
    page = visitor.page
    await plays(page, "preview")
    await expect(page.locator(".live-preview")).to_have_text("预览：每秒约两帧")
    await moves(page, "img")
    wide = await page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, "nothing hangs over the edge"
    box = await page.locator("live-tile").bounding_box()
    assert box is not None
    assert box["width"] > 340
    visitor.check()


async def test_what_breaks_is_said_and_mends_by_itself(browser: Browser, street: Street) -> None:
    visitor = await visit(browser, street, f"#/live/{street.cameras['东口']}")
    page = visitor.page
    shown = page.locator("live-tile")
    await plays(page, "video")

    (pid,) = worker_pids(street.hub)
    os.kill(pid, signal.SIGKILL)
    await expect(shown).to_have_attribute("data-doing", "stale", timeout=SLOW_MS)
    await expect(shown).to_contain_text("分析进程停止")
    await plays(page, "video")
    await moves(page, "video")

    await street.stop()
    await expect(shown).to_contain_text("与平台的连接中断", timeout=SLOW_MS)
    await street.start()
    await plays(page, "video")
    await moves(page, "video")
    visitor.check(refused=True)


async def test_a_householder_who_withdraws_is_seen_no_more(browser: Browser, street: Street) -> None:
    visitor = await visit(browser, street, f"#/live/{street.cameras['老李家院外']}")
    page = visitor.page
    await plays(page, "video")
    assert street.consent is not None
    await consents.withdraw(street.hub.store, street.consent, CONSOLE)
    await expect(page.locator("live-tile")).to_contain_text("户主没有同意", timeout=SLOW_MS)
    await expect(page.locator("live-tile")).to_have_attribute("data-doing", "off")
    assert await page.evaluate("() => document.querySelector('live-tile video').src") == ""
    visitor.check()


async def test_a_closed_purpose_ends_it_and_a_new_one_goes_on(browser: Browser, street: Street) -> None:
    visitor = await visit(browser, street, f"#/live/{street.cameras['东口']}")
    page = visitor.page
    await plays(page, "video")
    await page.locator(".purpose-chip").click()
    await page.get_by_role("button", name="结束查看").click()
    await expect(page.locator("live-tile")).to_have_count(0)
    await page.get_by_role("radio", name="视频巡查").check(force=True)
    await page.get_by_label("事由说明").fill("夜班")
    await page.get_by_role("button", name="开始视频巡查").click()
    await plays(page, "video")
    visitor.check()


async def test_from_the_list_of_cameras_one_plays_over_it_and_closing_ends_the_look(
    browser: Browser, street: Street
) -> None:
    visitor = await visit(browser, street)
    page = visitor.page
    await page.get_by_role("link", name="探头", exact=True).click()
    await page.get_by_role("row", name="东口").first.get_by_role("button", name="播放").click()
    await plays(page, "video")
    await moves(page, "video")
    await page.keyboard.press("Escape")
    await expect(page.locator("live-tile")).to_have_count(0)

    async def ended() -> bool:
        rows = await audit.list_rows(street.hub.store, CONSOLE, action="live.close")
        return [row.cameras for row in rows if row.action == "live.close"] == [(str(street.cameras["东口"]),)]

    await until(ended, what="the look is written down with its seconds")
    visitor.check()
