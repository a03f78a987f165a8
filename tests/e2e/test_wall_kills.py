"""A wall of nine tiles over a real hub: its worker is killed, then the hub itself."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiohttp import ClientError, ClientSession, ClientWebSocketResponse, WSMsgType
from playwright.async_api import Browser, expect
from pydantic import SecretStr

from camera_hub.demo.sample_server import Mount, SampleServer, engine
from registry import purposes, sessions, users, viewings
from registry.model import Actor, PurposeKind, Role
from registry.store import Store, utc_now
from registry.users import CONSOLE
from registry.vault import Vault, load_key
from registry.viewings import ViewingPage, ViewingQuery
from tests.camera_hub.stream.conftest import SMALL, make_clip
from tests.camera_hub.watch.county import add_camera, place_village, settings_in, until
from tests.e2e.street import SLOW_MS, divide, playing, put_up
from tests.services.process import free_port

pytestmark = pytest.mark.rtsp
HUB = Path(sys.executable).with_name("camera-hub")
TILES = 9
INIT, FRAME = 1, 2


@dataclass
class Serve:
    """`camera-hub serve` as its own process, and a session that outlives it."""

    folder: Path
    port: int = field(default_factory=free_port)
    cookie: str = ""
    cameras: list[str] = field(default_factory=list)
    process: subprocess.Popen[bytes] = field(init=False)

    async def build(self, urls: list[str]) -> None:
        """A village with cameras, and a monitor who is signed in and on patrol."""
        store = await Store.open(settings_in(self.folder).database, upgrade=True)
        vault = Vault(load_key(None, self.folder))
        await place_village(store)
        self.cameras = [
            str((await add_camera(store, vault, url, name=f"camera {number}")).id) for number, url in enumerate(urls)
        ]
        new = users.NewUser(
            name="wang",
            role=Role.MONITOR,
            password=SecretStr("a long enough password"),
            trained_at=utc_now(),
            pledged_at=utc_now(),
        )
        made = await users.create(store, new, CONSOLE)
        await users.set_grants(store, made.id, ("990101",), CONSOLE)
        user = await users.get(store, made.id)
        token, _ = await sessions.open_session(store, user, "127.0.0.1", 12)
        actor = Actor(user, "127.0.0.1")
        patrol = await purposes.open(store, purposes.OpenPurpose(kind=PurposeKind.PATROL, reason="night"), actor)
        session = await sessions.session_by_token(store, token)
        assert session is not None
        await sessions.set_purpose(store, session, patrol)
        self.cookie = f"hub_session={token}"
        await store.close()

    def start(self) -> None:
        given = {"HUB_WORKERS": "1", "HUB_ALLOW_LOOPBACK": "true", "HUB_MIN_FREE_GB": "0", "HUB_PORT": str(self.port)}
        self.process = subprocess.Popen(
            [HUB, "--data-dir", self.folder, "serve"],
            env={**os.environ, **given},
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def worker(self) -> int:
        (pid,) = [
            one.pid for one in psutil.Process(self.process.pid).children() if "camera_hub.watch.worker" in one.cmdline()
        ]
        return pid

    @asynccontextmanager
    async def wall(self) -> AsyncIterator[ClientWebSocketResponse]:
        """A wall of nine tiles, asked for until the hub answers."""
        async with ClientSession() as http, asyncio.timeout(120):
            while True:
                try:
                    socket = await http.ws_connect(
                        f"http://127.0.0.1:{self.port}/api/v1/live", headers={"Cookie": self.cookie}, max_msg_size=0
                    )
                except OSError:
                    await asyncio.sleep(0.1)
                    continue
                break
            async with socket:
                tiles = [{"tile": n, "camera": self.cameras[n % len(self.cameras)]} for n in range(TILES)]
                await socket.send_json({"op": "show", "tiles": tiles})
                yield socket

    async def all_live(self) -> None:
        """Until the hub answers and says that all its cameras are live."""

        async def live() -> bool:
            try:
                answer = await http.get(f"http://127.0.0.1:{self.port}/api/v1/health", headers={"Cookie": self.cookie})
                said: dict[str, Any] = await answer.json()
            except (OSError, ClientError):
                return False
            return bool(said["cameras"].get("live", 0) == len(self.cameras))

        async with ClientSession() as http:
            await until(live, seconds=120, what="all cameras are live")

    async def viewings(self) -> ViewingPage:
        store = await Store.open(settings_in(self.folder).database)
        try:
            return await viewings.find(store, ViewingQuery(), CONSOLE)
        finally:
            await store.close()


async def all_play(socket: ClientWebSocketResponse) -> None:
    """Until every tile got how to decode, a keyframe first, and frames after it."""
    seen: dict[int, list[int]] = {}
    async with asyncio.timeout(90):
        while len([one for one in seen.values() if len(one) >= 10]) < TILES:
            message = await socket.receive()
            assert message.type in (WSMsgType.TEXT, WSMsgType.BINARY), message
            if message.type is WSMsgType.BINARY:
                tile, kind, key = message.data[1], message.data[2], message.data[3]
                if kind == INIT:
                    seen[tile] = []
                elif tile in seen:
                    seen[tile].append(key)
    assert all(frames[0] == 1 for frames in seen.values())


async def all_told(socket: ClientWebSocketResponse, reason: str) -> None:
    """Until every tile says why nothing comes, and that nothing is shown."""
    told: set[int] = set()
    async with asyncio.timeout(30):
        while len(told) < TILES:
            message = await socket.receive()
            if message.type is WSMsgType.TEXT:
                said: dict[str, Any] = json.loads(message.data)
                if said.get("reason") == reason and said["form"] is None:
                    told.add(said["tile"])


async def test_nine_tiles_go_on_after_their_worker_and_after_their_hub_was_killed(tmp_path: Path) -> None:
    if engine() is None:
        pytest.skip("needs an RTSP server: GStreamer's, or the package aio-rtsp-toolkit")
    clip = make_clip(tmp_path / "yard.clip", SMALL)
    with SampleServer([Mount(f"/{number}", clip) for number in range(3)]) as server:
        serve = Serve(tmp_path / "data")
        serve.folder.mkdir()
        await serve.build(list(server.urls.values()))
        serve.start()
        try:
            async with serve.wall() as socket:
                await all_play(socket)
                os.kill(serve.worker(), signal.SIGKILL)
                await all_told(socket, "worker_down")
                await all_play(socket)
                assert [one.closed_at for one in (await serve.viewings()).viewings] == [None] * TILES
                os.killpg(serve.process.pid, signal.SIGKILL)
                serve.process.wait()
            left = (await serve.viewings()).viewings
            assert [one.closed_at for one in left] == [None] * TILES, "nobody was there to close them"
            serve.start()
            async with serve.wall() as socket:
                await all_play(socket)
                page = (await serve.viewings()).viewings
                assert [(one.why, one.closed_at is None) for one in page] == [
                    *[("", True)] * TILES,
                    *[("hub_restarted", False)] * TILES,
                ]
        finally:
            os.killpg(serve.process.pid, signal.SIGTERM)
            serve.process.wait(30)
    done = (await serve.viewings()).viewings
    assert all(one.closed_at is not None for one in done)
    assert {one.why for one in done} == {"hub_restarted", "left"}


@pytest.mark.browser
async def test_a_page_with_nine_tiles_says_that_its_hub_is_gone_and_goes_on_by_itself(
    browser: Browser, tmp_path: Path
) -> None:
    if engine() is None:
        pytest.skip("needs an RTSP server: GStreamer's, or the package aio-rtsp-toolkit")
    clip = make_clip(tmp_path / "yard.clip", SMALL)
    with SampleServer([Mount(f"/{number}", clip) for number in range(3)]) as server:
        serve = Serve(tmp_path / "data")
        serve.folder.mkdir()
        await serve.build([*server.urls.values()] * 3)
        serve.start()
        try:
            await serve.all_live()
            context = await browser.new_context(viewport={"width": 1440, "height": 900})
            name, _, token = serve.cookie.partition("=")
            address = f"http://127.0.0.1:{serve.port}"
            await context.add_cookies([{"name": name, "value": token, "url": address}])
            page = await context.new_page()
            await page.goto(f"{address}/#/wall")
            await divide(page, "3", "9")
            await put_up(page, *(f"camera {number}" for number in range(TILES)))
            await playing(page, TILES)

            os.killpg(serve.process.pid, signal.SIGKILL)
            serve.process.wait()
            gone = page.locator("live-tile[data-doing=stale]", has_text="与平台的连接中断")
            await expect(gone).to_have_count(TILES, timeout=SLOW_MS)

            serve.start()
            await serve.all_live()
            await expect(page.locator("live-tile[data-doing=playing]")).to_have_count(TILES, timeout=SLOW_MS)
            await expect(page.locator("live-tile").first).to_contain_text(re.compile(r"已恢复：.+，中断 \d+ 秒"))
            await context.close()
        finally:
            os.killpg(serve.process.pid, signal.SIGTERM)
            serve.process.wait(30)
