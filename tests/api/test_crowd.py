"""Costly questions: they take turns, one user and ten at once leave the hub free for others, and none blocks its loop."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
import sqlalchemy as sa
from aiohttp import web

import api.events
from api import all_routes
from api.audit import PROVING
from api.crowd import AT_ONCE, CROWD, OF_ONE, Crowd
from api.events import AT_A_TIME
from api.exports import PACKING, PACKS_AT_ONCE
from camera_hub.hub import Hub
from camera_hub.recall.motion import answer
from camera_hub.recall.motion.block import seal
from camera_hub.recall.motion.days import Day, bounds, day_of
from camera_hub.recall.motion.record import Seen, Span, View
from detectors.cells import ROWS
from registry.errors import Unavailable
from registry.model import PurposeKind, Role
from registry.tables import events
from tests.api.conftest import JPEG, Answer, Client, Serving, World

DAYS = 30
EVENTS = 6_000
MOST_MS = 100.0
MOVED = {"no", "id", "started_at", "updated_at"}


def busy_day(seed: int) -> Day:
    """A corner where something passes every half minute."""
    rng = np.random.default_rng(seed)
    grid = np.zeros((86_400, ROWS), np.uint32)
    for begin in rng.integers(0, 86_000, 3_000).tolist():
        grid[begin : begin + int(rng.integers(3, 20)), int(rng.integers(0, ROWS))] |= np.uint32(rng.integers(1, 2**32))
    lit = np.flatnonzero(grid.any(axis=1))
    dark = (View(0, np.zeros(ROWS, np.uint32)),)
    return Day(86_400, lit.astype(np.uint32), grid[lit], (Span(0, 86_400, Seen.FULL),), dark)


async def fill(world: World, days: int = DAYS) -> None:
    """A month of a busy camera: its index, and an event every seven minutes."""
    gate, shelf = world.county.cameras["gate"], world.hub.motion.shelf
    folder = world.hub.settings.data_dir / "motion" / str(gate)
    folder.mkdir(parents=True)
    made = [busy_day(seed) for seed in range(3)]
    today = day_of(int(time.time()), shelf.tz)
    for back in range(1, days + 1):
        day = today - timedelta(days=back)
        (folder / f"{day}.vmi").write_bytes(seal(made[back % 3], bounds(day, shelf.tz)[0]))
    await world.event()
    names = ", ".join(one.name for one in events.c if one.name not in MOVED)
    copies = sa.text(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :many)"
        f" INSERT INTO events (id, started_at, updated_at, {names})"
        f" SELECT randomblob(16), started_at - i * 420000, updated_at - i * 420000 + 20000, {names} FROM events, n"
    )
    async with world.hub.store.write() as conn:
        await conn.execute(copies, {"many": EVENTS})


@contextmanager
def longest() -> Iterator[list[float]]:
    """The processor's milliseconds of the longest step of the loop.

    What other threads and programs do is not in it, nor that this process, full of test tools, collects its garbage.
    """
    worst, run = [0.0], asyncio.Handle._run

    def timed(handle: asyncio.Handle) -> None:
        begun = time.thread_time()
        run(handle)
        worst[0] = max(worst[0], (time.thread_time() - begun) * 1000)

    asyncio.Handle._run = timed  # type: ignore[method-assign]
    gc.disable()
    try:
        yield worst
    finally:
        gc.enable()
        asyncio.Handle._run = run  # type: ignore[method-assign]


def month() -> dict[str, str]:
    now = datetime.now(UTC).replace(microsecond=0)
    return {"from": (now - timedelta(days=29)).isoformat(), "to": now.isoformat()}


def searching(world: World, **more: Any) -> dict[str, Any]:
    return {"cameras": [{"camera_id": str(world.county.cameras["gate"])}], **month(), **more}


async def test_no_costly_question_blocks_the_loop(world: World) -> None:
    await fill(world)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    gate, case = world.county.cameras["gate"], world.county.case
    wide = searching(world, noisy=True, limit=1000)
    found = await officer.post("/api/v1/motion/search", wide, 200)
    assert found["total"] > 1000
    hits = [{"camera_id": str(gate), "from": one["from"], "to": one["to"]} for one in found["hits"]]
    span = "?from={from}&to={to}".format(**month()).replace("+", "%2B")
    asked: dict[str, tuple[str, str, object]] = {
        "search": ("POST", "/motion/search", wide),
        "changes": ("POST", "/motion/changes", {"cameras": wide["cameras"], "hits": hits}),
        "density": ("GET", f"/cameras/{gate}/motion{span}", None),
        "lanes": ("GET", f"/lanes{span}&camera={gate}", None),
        "film strip": ("GET", f"/cameras/{gate}/stills{span}", None),
        "gates": ("GET", f"/cases/{case}/candidates", None),
        "strip": ("GET", f"/cases/{case}/candidates/{gate}?motion=all", None),
        "clue map": ("GET", f"/cases/{case}/cluemap", None),
        "nearby": ("GET", f"/cases/{case}/nearby?mode=van&minutes=20", None),
        "paper": ("GET", f"/cases/{case}/paper", None),
    }
    took = {}
    for name, (method, path, body) in asked.items():
        with longest() as worst:
            got = await officer.ask(
                method, f"/api/v1{path}", raw=name == "changes", **({} if body is None else {"json": body})
            )
        assert got.status == 200 or (name, got.code) == ("nearby", (409, "case_no_point")), (name, got)
        took[name] = worst[0]
    assert max(took.values()) < MOST_MS, took


class Watched:
    """How many searches of the index run at once: now, and the most there were. None is over before `go`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = self.most = self.done = 0
        self.go = threading.Event()
        lock, search = threading.Lock(), answer.search

        def counted(*given: Any, **more: Any) -> Any:
            with lock:
                self.now += 1
                self.most = max(self.most, self.now)
            try:
                assert self.go.wait(60)
                return search(*given, **more)
            finally:
                with lock:
                    self.now -= 1
                    self.done += 1

        monkeypatch.setattr(answer, "search", counted)


@pytest.mark.parametrize(("roles", "most"), [(1, OF_ONE), (4, AT_ONCE)], ids=["one officer", "four people"])
async def test_many_at_once_take_turns_and_others_are_answered_meanwhile(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, roles: int, most: int
) -> None:
    def patient(app: web.Application) -> None:
        app[CROWD] = Crowd(wait_s=60)

    world = await serving(patient)
    await fill(world, days=1)
    watched = Watched(monkeypatch)
    who = [
        await world.client(role, PurposeKind.CASE) for role in (Role.OFFICER, Role.ADMIN, Role.APPROVER, Role.ASSISTANT)
    ]
    monitor = await world.client(Role.MONITOR)
    body = searching(world, noisy=True)
    asked = [
        asyncio.create_task(one.ask("POST", "/api/v1/motion/search", json=body))
        for one in who[:roles]
        for _ in range(4)
    ]
    while watched.now < most:
        await asyncio.sleep(0)
    for _ in asked:
        light = await monitor.ask("GET", "/api/v1/session")
        assert (light.status, watched.done) == (200, 0), "who signs in, watches or plays back waits for none of it"
    watched.go.set()
    told = [await one for one in asked]
    assert {one.status for one in told} == {200}
    assert watched.done == len(asked)
    assert watched.most == most


async def test_who_waits_too_long_for_his_turn_is_told_so(serving: Serving) -> None:
    def impatient(app: web.Application) -> None:
        app[CROWD] = crowd

    crowd = Crowd(wait_s=0.05)
    world = await serving(impatient)
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    for path, body in (
        ("/motion/search", searching(world)),
        ("/events/pictures", {"event_ids": [str(await world.event())]}),
    ):
        async with crowd.turn(uuid4()), crowd.turn(uuid4()), crowd.turn(uuid4()):
            busy = await officer.ask("POST", f"/api/v1{path}", json=body)
        assert busy.code == (503, "hub_busy")
        assert (await officer.ask("POST", f"/api/v1{path}", json=body)).status == 200
    rows = (await (await world.client(Role.ADMIN)).get("/api/v1/audit?action=events.pictures"))["rows"]
    assert [one["result_count"] for one in rows] == [1], "who was shown nothing did not look"


async def test_pictures_made_small_leave_the_threads_to_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    event_id, small, meet = str(await world.event()), api.events._small, threading.Barrier(2)
    sizes: list[int] = []

    def alone(hub: Hub, begin: int, asked: Sequence[Any], width: int) -> bytes:
        with pytest.raises(threading.BrokenBarrierError):
            meet.wait(0.05)
        meet.reset()
        sizes.append(len(asked))
        return small(hub, begin, asked, width)

    monkeypatch.setattr(api.events, "_small", alone)
    body = {"event_ids": [event_id] * 60}
    sheet = await officer.ask("POST", "/api/v1/events/pictures", json=body, raw=True)
    assert (sheet.status, sheet.body.count(JPEG)) == (200, 60)
    assert sizes == [AT_A_TIME, AT_A_TIME, 10]


async def test_turns_of_one_user_leave_one_for_others_and_who_gives_up_takes_none_along() -> None:
    crowd, greedy, other = Crowd(), uuid4(), uuid4()
    running: list[UUID] = []
    go = asyncio.Event()

    async def work(user: UUID) -> None:
        async with crowd.turn(user):
            running.append(user)
            await go.wait()

    many = [asyncio.create_task(work(greedy)) for _ in range(50)]
    await asyncio.sleep(0)
    one = asyncio.create_task(work(other))
    await asyncio.sleep(0.01)
    assert (running.count(greedy), running.count(other)) == (OF_ONE, 1)
    for task in many[OF_ONE : OF_ONE + 20]:
        task.cancel()
    go.set()
    await asyncio.gather(one, *many, return_exceptions=True)
    assert running.count(greedy) == 30
    go.clear()
    again = [asyncio.create_task(work(uuid4())) for _ in range(AT_ONCE)]
    await asyncio.sleep(0.01)
    assert len(running) == 31 + AT_ONCE, "every turn is back"
    with pytest.raises(Unavailable):
        async with Crowd(wait_s=0.01).turn(greedy), crowd.turn(greedy):
            pytest.fail("there is none left")  # pragma: no cover
    go.set()
    await asyncio.gather(*again)


@pytest.fixture
async def auditor(world: World) -> Client:
    return await world.client(Role.AUDITOR)


async def test_the_register_is_proved_once_at_a_time(world: World, auditor: Client) -> None:
    async def ask() -> Answer:
        return await auditor.ask("POST", "/api/v1/audit/verify", json={}, raw=True)

    async with world.server.app[PROVING]:
        busy = await ask()
    assert busy.status == 429
    assert busy.headers["Retry-After"] == "10"
    assert b"audit_busy" in busy.body
    assert (await ask()).status == 200


async def test_few_packs_are_made_at_once(world: World) -> None:
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    packing = world.server.app[PACKING]
    for _ in range(PACKS_AT_ONCE):
        await packing.acquire()
    answer = await officer.ask("POST", "/api/v1/exports", json={"approval_id": str(uuid4())})
    assert answer.code == (429, "export_busy")
    packing.release()
    assert (await officer.ask("POST", "/api/v1/exports", json={"approval_id": str(uuid4())})).status == 404


def test_whatever_reads_days_or_ways_is_costly() -> None:
    """What is named here was seen to hold up a hub when ten asked it at once."""
    told = {f"{one.method} {one.path.removeprefix('/api/v1')}" for one in all_routes() if one.costly}
    assert told >= {
        "POST /motion/search",
        "POST /motion/changes",
        "GET /cameras/{camera_id}/motion",
        "GET /cameras/{camera_id}/stills",
        "GET /cameras/{camera_id}/frames",
        "POST /cameras/{camera_id}/vanish",
        "GET /lanes",
        "GET /cases/{case_id}/candidates/{camera_id}",
        "GET /cases/{case_id}/hops",
        "GET /cases/{case_id}/nearby",
        "POST /cases/report",
        "PUT /cases/{case_id}/report",
        "POST /events/pictures",
    }
