"""One camera, live, in a real browser: over the lists it is picked from, and by itself on the wall; pixels that move."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from api.page import STATIC
from camera_hub.demo.sample_server import Mount, SampleServer, engine
from registry import audit, consents
from registry.users import CONSOLE
from tests.camera_hub.stream.conftest import SMALL, make_clip
from tests.camera_hub.watch.county import until, worker_pids
from tests.conftest import missing
from tests.e2e.street import AGREED, MASKED, SLOW_MS, Street, moves, plays, visit
from tests.e2e.visitor import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.rtsp]
NO_MSE = """() => { delete window.MediaSource; delete window.ManagedMediaSource; delete window.WebKitMediaSource; }"""


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("footage")
    h264 = make_clip(folder / "h264.clip", SMALL)
    hevc = make_clip(folder / "hevc.clip", replace(SMALL, codec="hevc"), 3.0)
    return {"东口": h264, MASKED: h264, "新式头": hevc, AGREED: h264}


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


async def test_each_camera_by_itself_plays_at_once_in_the_form_it_can(browser: Browser, street: Street) -> None:
    """The address of an older page leads there too; a masked camera comes masked, H.265 as previews, and both say so."""
    visitor = await visit(browser, street, f"#/live/{street.cameras['东口']}")
    page = visitor.page
    await plays(page, "video")
    await moves(page, "video")
    await expect(page.locator(".live-latency")).to_contain_text("延迟")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("东口")

    # the same element goes on while the list beside it is drawn anew
    await page.evaluate("() => { document.querySelector('live-tile').marked = true; }")
    await page.get_by_role("searchbox").fill("遮挡")
    await expect(page.locator(".wall-tree [draggable=true].wall-row")).to_have_count(1)
    assert await page.evaluate("() => document.querySelector('live-tile').marked === true")

    await page.evaluate(f"() => {{ location.hash = '#/wall/camera/{street.cameras[MASKED]}'; }}")
    await plays(page, "video")
    await expect(page.locator(".live-video")).to_have_text("播放 · 遮挡区")
    pixels = await moves(page, "video")
    masked = [pixels[(row * 64 + column) * 4 + part] for row in range(16) for column in range(30) for part in range(3)]
    assert max(masked) < 24, "what the mask hides is black"
    assert max(pixels[(30 * 64 + 50) * 4 :][:3]) > 40, "what it does not is seen"

    await page.evaluate(f"() => {{ location.hash = '#/wall/camera/{street.cameras['新式头']}'; }}")
    await plays(page, "preview")
    await expect(page.locator(".live-preview")).to_have_attribute("title", "预览：浏览器不能播放此编码，每秒约两帧")
    await moves(page, "img")
    visitor.check()


async def test_on_a_phone_and_without_mse_there_are_previews(browser: Browser, street: Street) -> None:
    path = f"#/wall/camera/{street.cameras['东口']}"
    visitor = await visit(browser, street, path, script=NO_MSE, **PHONE)
    page = visitor.page
    await plays(page, "preview")
    await expect(page.locator(".live-preview")).to_have_text("预览")
    await moves(page, "img")
    wide = await page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, "nothing hangs over the edge"
    box = await page.locator("live-tile").bounding_box()
    assert box is not None
    assert box["width"] > 340
    visitor.check()


async def test_what_breaks_is_said_and_mends_by_itself(browser: Browser, street: Street) -> None:
    visitor = await visit(browser, street, f"#/wall/camera/{street.cameras['东口']}")
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
    visitor = await visit(browser, street, f"#/wall/camera/{street.cameras[AGREED]}")
    page = visitor.page
    await plays(page, "video")
    await consents.withdraw(street.hub.store, street.consents[AGREED], CONSOLE)
    await expect(page.locator(".wall-tile")).to_contain_text("户主没有同意", timeout=SLOW_MS)
    await expect(page.locator("live-tile[data-doing=playing]")).to_have_count(0)
    assert await page.evaluate("() => document.querySelector('live-tile video')?.src ?? ''") == ""
    visitor.check()


async def test_a_closed_purpose_ends_it_and_a_new_one_goes_on(browser: Browser, street: Street) -> None:
    visitor = await visit(browser, street, f"#/wall/camera/{street.cameras['东口']}")
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
        rows = await audit.list_rows(street.hub.store, CONSOLE, audit.AuditQuery(action="live.close"))
        return [row.cameras for row in rows if row.action == "live.close"] == [(str(street.cameras["东口"]),)]

    await until(ended, what="the look is written down with its seconds")
    visitor.check()
