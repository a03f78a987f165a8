"""A running hub with real worker processes, killed, stopped, starved and locked out."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from camera_hub.hub import Hub
from camera_hub.watch import messages, supervisor
from camera_hub.watch.channel import Outlet, deliver
from camera_hub.watch.channel_redis import RedisOutlet
from camera_hub.watch.channel_unix import UnixOutlet
from camera_hub.watch.job import prefix
from camera_hub.watch.outbox import Outbox
from registry import cameras, devices, migrate
from registry.errors import Conflict, Unavailable
from registry.users import CONSOLE
from tests.camera_hub.watch.county import (
    POLICY,
    add_camera,
    found,
    officer,
    place_village,
    settings_in,
    state_of,
    until,
    worker_pids,
)
from tools.bench.producer import change


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def heard(hub: Hub) -> bool:
    return all(worker.heard_at for worker in (await hub.health()).workers)


@contextlib.asynccontextmanager
async def sending(hub: Hub, folder: Path) -> AsyncIterator[Outbox]:
    """A worker's outbox of the test's own, delivered to the hub."""
    outbox = Outbox(folder, 0)
    url = hub.settings.redis_url
    outlet: Outlet = (
        RedisOutlet(url.get_secret_value(), prefix(hub.settings)) if url else UnixOutlet(hub._inlet.path)  # type: ignore[union-attr]
    )
    task = asyncio.create_task(deliver(outbox, outlet))
    try:
        yield outbox
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_second_hub_on_the_same_data_is_refused(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    async with Hub.running(settings, watch=False) as hub:
        with pytest.raises(Conflict, match=str(os.getpid())) as caught:
            async with Hub.running(settings, watch=False):
                pass
        assert caught.value.code == "hub_running"
        health = await hub.health()
        assert (health.status, health.channel.kind, health.workers) == ("ok", "none", ())
    async with Hub.running(settings, watch=False):
        pass


async def test_health_counts_states_and_names_a_clock_that_is_off(tmp_path: Path) -> None:
    async with Hub.running(settings_in(tmp_path), watch=False) as hub:
        await place_village(hub.store)
        camera = await add_camera(hub.store, hub.vault, "rtsp://127.0.0.1:9/x")
        await devices.set_clock_offset(hub.store, camera.device_id, -6000)
        health = await hub.health()
        assert (health.cameras, health.reasons, health.status) == ({"idle": 1}, {}, "degraded")
        assert [(f.code, dict(f.params)) for f in health.faults] == [
            ("camera_clock", {"camera": "Gate", "offset_ms": -6000})
        ]
        await devices.set_clock_offset(hub.store, camera.device_id, 5000)
        assert (await hub.health()).faults == ()


async def test_orders_act_and_a_killed_worker_is_replaced(tmp_path: Path) -> None:
    async with Hub.running(settings_in(tmp_path)) as hub:
        await place_village(hub.store)
        camera = await add_camera(hub.store, hub.vault, "rtsp://127.0.0.1:9/x")

        async def has(state: tuple[str, str | None]) -> bool:
            return await state_of(hub.store, camera.id) == state

        await until(lambda: has(("backing_off", "unreachable")), seconds=40, what="the worker tries the camera")

        async def change_to(*, enabled: bool) -> None:
            wanted = cameras.CameraChange(enabled=enabled)
            await cameras.change(hub.store, hub.vault, camera.id, wanted, CONSOLE, policy=POLICY)

        await change_to(enabled=False)
        await until(lambda: has(("idle", "disabled")))
        await change_to(enabled=True)
        await until(lambda: has(("backing_off", "unreachable")))

        first = worker_pids(hub)
        os.kill(first[0], signal.SIGKILL)
        await until(lambda: has(("backing_off", "worker_down")))
        assert [fault.code for fault in (await hub.health()).faults] == ["worker_down"]
        await until(lambda: has(("backing_off", "unreachable")), seconds=40)
        await until(lambda: heard(hub), seconds=30)
        health = await hub.health()
        assert health.workers[0].restarts == 1
        assert worker_pids(hub) != first
        assert health.faults == ()
        last = worker_pids(hub)
    assert not [pid for pid in last if alive(pid)], "a hub that stops leaves no worker behind"


async def test_a_worker_that_hangs_is_killed_and_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "SILENT_S", 4.0)
    async with Hub.running(settings_in(tmp_path)) as hub:
        await until(lambda: heard(hub), seconds=40)
        hung = worker_pids(hub)[0]
        os.kill(hung, signal.SIGSTOP)

        async def replaced() -> bool:
            return worker_pids(hub) not in ([], [hung])

        await until(replaced, seconds=30)
        assert not alive(hung)


async def test_too_little_disk_is_a_fault_and_events_go_on(tmp_path: Path) -> None:
    async with Hub.running(settings_in(tmp_path, min_free_gb=1e6)) as hub:
        await place_village(hub.store)
        camera = await add_camera(hub.store, hub.vault, None)

        async def faulty() -> bool:
            return "disk_full" in [fault.code for fault in (await hub.health()).faults]

        await until(faulty)
        with pytest.raises(Unavailable):
            hub.media.put(f"snapshots/2026-11-23/{uuid4()}-1.jpg", b"x")
        async with sending(hub, tmp_path / "out") as outbox:
            outbox.put(messages.encode(change(camera.id, uuid4(), 1, None, 0, ended=True)))

            async def empty() -> bool:
                return not len(outbox)

            await until(empty)
        assert len(await found(hub.store, await officer(hub.store))) == 1


async def test_pictures_nobody_names_are_swept_at_the_start(tmp_path: Path) -> None:
    async with Hub.running(settings_in(tmp_path), watch=False) as hub:
        orphan, spooled = (f"snapshots/2026-11-23/{uuid4()}-1.jpg" for _ in range(2))
        hub.media.put(orphan, b"left by a hub killed between picture and row")
        hub.media.put(spooled, b"its event waits in a spool")
        await place_village(hub.store)
        camera = await add_camera(hub.store, hub.vault, None)
    outbox = Outbox(tmp_path / "outbox", 0)
    event_id = uuid4()
    outbox.put(messages.encode(change(camera.id, event_id, 1, spooled, 5, ended=True)))
    outbox.spill()
    async with Hub.running(settings_in(tmp_path)) as hub:

        async def swept() -> bool:
            return list(hub.media.keys()) == [spooled]

        await until(swept)
        access = await officer(hub.store)

        async def sent() -> bool:
            return [e.id for e in await found(hub.store, access)] == [event_id]

        await until(sent, seconds=40, what="the new worker sends what the old one spooled")
        assert list(hub.media.keys()) == [spooled]


@pytest.mark.postgres
@pytest.mark.redis
async def test_postgresql_and_redis_may_go_for_a_while(
    tmp_path: Path, postgres_url: str, postgres: Any, redis_url: str, redis_server: Any
) -> None:
    plain = postgres_url.replace("+asyncpg", "")
    settings = settings_in(tmp_path, database_url=plain, redis_url=redis_url)
    with pytest.raises(Unavailable, match="db upgrade"):
        async with Hub.running(settings):
            pass
    await migrate.upgrade(settings.database)
    async with Hub.running(settings) as hub:
        await place_village(hub.store)
        camera = await add_camera(hub.store, hub.vault, None)
        access = await officer(hub.store)
        await until(lambda: heard(hub), seconds=40)
        pids = worker_pids(hub)
        async with sending(hub, tmp_path / "out") as outbox:

            async def empty() -> bool:
                return not len(outbox)

            async def faulty(code: str) -> bool:
                return code in [fault.code for fault in (await hub.health()).faults]

            sent = []

            def say() -> None:
                sent.append(uuid4())
                outbox.put(messages.encode(change(camera.id, sent[-1], 1, None, 0, ended=True)))

            say()
            await until(empty)
            for server, code in ((redis_server, "channel_away"), (postgres, "database_away")):
                await asyncio.to_thread(server.stop)
                try:
                    say()
                    await until(lambda code=code: faulty(code), what=code)
                    assert len(outbox) == 1, "acknowledged before its commit"
                finally:
                    await asyncio.to_thread(server.start)
                say()
                await until(empty, seconds=30)

                async def well(code: str = code) -> bool:
                    return not await faulty(code)

                await until(well, seconds=30)
            assert sorted(e.id for e in await found(hub.store, access)) == sorted(sent)
        assert worker_pids(hub) == pids, "the workers lived through it"


async def test_a_database_locked_by_another_program_is_waited_for(tmp_path: Path) -> None:
    import sqlite3

    async with Hub.running(settings_in(tmp_path)) as hub:
        await place_village(hub.store)
        camera = await add_camera(hub.store, hub.vault, None)
        locker = sqlite3.connect(tmp_path / "hub.db", isolation_level=None)
        locker.execute("BEGIN IMMEDIATE")
        try:
            async with sending(hub, tmp_path / "out") as outbox:
                outbox.put(messages.encode(change(camera.id, uuid4(), 1, None, 0, ended=True)))

                async def away() -> bool:
                    return "database_away" in [fault.code for fault in hub.faults.now()]

                await until(away, seconds=30)
                assert len(outbox) == 1
                locker.execute("ROLLBACK")

                async def empty() -> bool:
                    return not len(outbox)

                await until(empty)
        finally:
            locker.close()
