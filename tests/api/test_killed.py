"""A real hub killed (SIGKILL) before each thing that a request does to the disk: it comes back by itself, and what it
had acknowledged is there.

Each life of the hub checks what the one before left, and dies one step later.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree
from typing import Any, cast
from uuid import UUID

import aiohttp
import psutil
import pytest
from aiohttp.test_utils import TestServer
from yarl import URL

from api import make_app
from camera_hub.hub import Hub
from registry.model import PurposeKind, Role
from tests.api.conftest import Answer, Client, County, World, settings_for
from tests.api.test_bookmarks import of
from tests.api.test_exports import Desk
from tests.api.test_giving import API, Link, linked
from tests.api.test_recordings import SECOND, hour_ago, record

STEPS = 60
"""No request here does more things to the disk than this."""
Work = Callable[[], Awaitable[Answer]]


@dataclass
class Lives:
    """A data directory and the hubs that live on it, one after another; `url` leads to the one that lives."""

    data_dir: Path
    county: County
    line: asyncio.subprocess.Process
    """What begins them: see tests/fused_hub.py."""
    address: str = ""
    hub: int = 0
    clients: list[Client] = field(default_factory=list)

    def url(self, path: str) -> URL:
        return URL(self.address + path)

    def follow(self, client: Client) -> Client:
        """The same sign-in at whatever hub lives."""
        mine = Client(cast("World", self), client.headers, client.role)
        self.clients.append(mine)
        return mine

    async def begin(self, at: int, *more: str) -> None:
        assert self.line.stdin is not None
        assert self.line.stdout is not None
        self.line.stdin.write(" ".join((str(at), *more)).encode())
        async with asyncio.timeout(60):
            told = await self.line.stdout.readline()
        pid, self.address = told.decode().split()
        self.hub = int(pid)

    async def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.hub, signal.SIGKILL)
        while psutil.pid_exists(self.hub):
            await asyncio.sleep(0.01)

    async def until_done(self, work: Work, check: Callable[[], Awaitable[None]]) -> Answer:
        """Do it in one life after another, each dying a step later, until one lives to answer."""
        for at in range(1, STEPS):
            await self.begin(at)
            await check()
            os.kill(self.hub, signal.SIGUSR1)
            await asyncio.sleep(0.05)
            answer = None
            with contextlib.suppress(aiohttp.ClientError, ConnectionError):
                answer = await work()
            await self.end()
            if answer is not None:
                assert at > 1, "nothing it did to the disk was seen"
                return answer
        raise AssertionError("it never ends")


@asynccontextmanager
async def hub_on(data_dir: Path, made: County) -> AsyncIterator[World]:
    """The hub in this process, to make what the others find."""
    async with Hub.running(settings_for(data_dir), watch=False) as hub:
        server = TestServer(make_app(hub))
        await server.start_server()
        world = World(hub, server, made)
        try:
            yield world
        finally:
            await world.close()
            await server.close()


@pytest.fixture
async def lives(template: tuple[Path, County], tmp_path: Path) -> AsyncIterator[Lives]:
    folder, made = template
    data_dir = tmp_path / "data"
    copytree(folder, data_dir)
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    line = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.fused_hub", str(data_dir), **pipes)
    all_of_them = Lives(data_dir, made, line)
    yield all_of_them
    if all_of_them.hub:
        await all_of_them.end()
    assert line.stdin is not None
    line.stdin.close()
    await line.wait()
    for client in all_of_them.clients:
        await client.http.close()


async def until(true: Callable[[], Awaitable[bool]], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not await true():
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.2)


async def test_a_clip_that_is_sent_in(lives: Lives) -> None:
    data = os.urandom(700_000)
    async with hub_on(lives.data_dir, lives.county) as world:
        made = await linked(world)
        assert (await made.begin(data)).status == 200
    link = Link(lives.follow(made.client), made.case, made.entry, made.request, made.token, made.sending)
    came = told = 0
    received = False

    async def check() -> None:
        nonlocal came
        seen = (await link.ask("GET")).body
        (upload,) = seen["giving"]["uploads"]
        came = seen["offsets"].get(link.sending, len(data))
        assert came >= told, "what was answered is there"
        assert upload["state"] == "received" or not received

    async def piece() -> Answer:
        nonlocal told
        answer = await link.piece(data[came : came + 300_000], came)
        if answer.status == 200:
            told = answer.body["offset"]
        return answer

    while told < len(data):
        assert (await lives.until_done(piece, check)).status == 200
    finished = await lives.until_done(lambda: link.finish(data), check)
    received = finished.status == 200 or finished.code == (409, "upload_came")
    assert received, finished
    await lives.begin(0)
    await check()
    assert (lives.data_dir / "uploads" / link.sending / "original").read_bytes() == data


async def test_a_bookmark_with_its_picture(lives: Lives) -> None:
    begun = hour_ago()
    async with hub_on(lives.data_dir, lives.county) as world:
        await record(world, begun)
        officer = lives.follow(await world.client(Role.OFFICER, PurposeKind.CASE))
    path, told, tries = f"{API}/cases/{lives.county.case}/bookmarks", set[str](), itertools.count(1)

    async def listed() -> list[dict[str, Any]]:
        return list((await officer.get(path))["bookmarks"])

    async def check() -> None:
        there = await listed()
        assert told <= {one["id"] for one in there}
        for one in there:
            assert one["still_url"] is not None
            picture = await officer.ask("GET", one["still_url"], raw=True)
            assert hashlib.sha256(picture.body).hexdigest() == one["still_digest"]

    async def mark() -> Answer:
        at = begun + next(tries) * SECOND / 25
        answer = await officer.ask("POST", path, json=of(cast("World", lives), at))
        if answer.status == 201:
            told.add(answer.body["id"])
        return answer

    assert (await lives.until_done(mark, check)).status == 201
    await lives.begin(0, "watch")
    await check()
    many = len(await listed())

    async def swept() -> bool:
        files = [one for one in (lives.data_dir / "bookmarks").rglob("*") if one.is_file()]
        return len(files) == many

    await until(swept, "pictures that no bookmark names go, those that one names stay")


async def test_a_pack(lives: Lives) -> None:
    async with hub_on(lives.data_dir, lives.county) as world:
        desk = await Desk.at(world)
        approval = await desk.granted()
        officer = lives.follow(desk.officer)
    told: set[str] = set()

    async def check() -> None:
        there = (await officer.get(f"{API}/cases/{lives.county.case}/exports"))["exports"]
        assert told <= {one["id"] for one in there}
        for one in there:
            url = (await officer.post(f"{API}/exports/{one['id']}/url", {}, status=200))["url"]
            pack = await officer.ask("GET", url, raw=True)
            assert hashlib.sha256(pack.body).hexdigest() == one["digest"], "a pack that is on record is whole"

    async def make() -> Answer:
        answer = await officer.ask("POST", f"{API}/exports", json={"approval_id": approval}, raw=True)
        last = json.loads(answer.body.splitlines()[-1])
        told.add(last["export"]["id"])
        return answer

    assert (await lives.until_done(make, check)).status == 201
    folder = lives.data_dir / "exports"
    left = {one.name for one in folder.iterdir()} - {f"{one}.zip" for one in told}
    assert left, "half-made packs lie there"
    for one in folder.iterdir():
        os.utime(one, (0, 0))
    await lives.begin(0, "watch")
    await check()
    known = {f"{one['id']}.zip" for one in (await officer.get(f"{API}/cases/{lives.county.case}/exports"))["exports"]}

    async def swept() -> bool:
        return {one.name for one in folder.iterdir()} == known

    await until(swept, "what no record names goes after two hours")


async def test_a_withdrawal_and_what_follows_from_it(lives: Lives) -> None:
    async with hub_on(lives.data_dir, lives.county) as world:
        pictures = [await world.event("yard") for _ in range(3)]
        keeper = lives.follow(await world.client(Role.ADMIN))
    yard, consent = lives.county.cameras["yard"], f"{API}/consents/{lives.county.consent}"
    withdrawn = False

    def files() -> list[Path]:
        return [one for one in (lives.data_dir / "snapshots").rglob("*.jpg") if UUID(one.name[:36]) in pictures]

    async def check() -> None:
        receipt = await keeper.ask("GET", f"{consent}/receipt")
        enabled = (await keeper.get(f"{API}/cameras/{yard}"))["enabled"]
        assert (receipt.status, enabled) in {(200, False), (404, True)}, "all of it, or nothing"
        assert receipt.status == 200 or not withdrawn

    answer = await lives.until_done(lambda: keeper.ask("POST", f"{consent}/withdraw"), check)
    assert answer.status == 200
    withdrawn = True
    assert len(files()) == 3
    for seconds in (0.0, 0.3, 0.6, 1.0):
        await lives.begin(0, "watch")
        await check()
        await asyncio.sleep(seconds)
        await lives.end()
    await lives.begin(0, "watch")

    async def purged() -> bool:
        left = (await keeper.get(f"{consent}/receipt"))["left"]
        return not any(left.values()) and not files()

    await until(purged, "what was kept under it goes, whenever the hub was killed", 120)
    receipt = await keeper.get(f"{consent}/receipt")
    assert receipt["purged"]["events"] == 3, "each is counted once"
