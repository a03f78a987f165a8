"""One behaviour on two channels: every test here runs over the Unix socket and over Redis Streams."""

import asyncio
import contextlib
import os
import signal
import sys
import textwrap
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from camera_hub.unixsocket import runtime_dir
from camera_hub.watch.channel import ChannelState, Delivery, Inlet, Outlet, deliver
from camera_hub.watch.channel_redis import RedisInlet, RedisOutlet
from camera_hub.watch.channel_unix import UnixInlet, UnixOutlet
from camera_hub.watch.outbox import Entry, Outbox
from registry.errors import Unavailable


@dataclass
class Bench:
    """A channel under test: how to make its ends."""

    inlet: Callable[[], Awaitable[Inlet]]
    outlet: Callable[[], Outlet]


@pytest.fixture(params=["unix", pytest.param("redis", marks=pytest.mark.redis)])
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    if request.param == "redis":
        url, prefix = request.getfixturevalue("redis_url"), f"hub-test-{uuid.uuid4().hex[:8]}"

        async def redis_inlet() -> Inlet:
            return RedisInlet(url, prefix, "hub", take_over_after_ms=200)

        yield Bench(redis_inlet, lambda: RedisOutlet(url, prefix))
        return
    folder = runtime_dir()

    async def unix_inlet() -> Inlet:
        folder.mkdir(exist_ok=True)
        (folder / "events").unlink(missing_ok=True)
        return await UnixInlet.listening(folder)

    yield Bench(unix_inlet, lambda: UnixOutlet(folder / "events"))
    with contextlib.suppress(OSError):
        folder.rmdir()


@contextlib.asynccontextmanager
async def delivering(outbox: Outbox, outlet: Outlet) -> AsyncIterator[ChannelState]:
    state = ChannelState()
    task = asyncio.create_task(deliver(outbox, outlet, state=state))
    try:
        yield state
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def take(inlet: Inlet, count: int, *, acknowledge: bool = True) -> list[bytes]:
    """Receive until `count` different messages have come."""
    seen: dict[bytes, None] = {}
    async with asyncio.timeout(15):
        while len(seen) < count:
            deliveries: list[Delivery] = []
            with contextlib.suppress(Unavailable):
                deliveries = await inlet.receive(500)
                if acknowledge and deliveries:
                    await inlet.acknowledge(deliveries)
            seen.update(dict.fromkeys(d.data for d in deliveries))
    return list(seen)


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(15):
        while not condition():
            await asyncio.sleep(0.01)


def messages(worker: int, count: int) -> list[bytes]:
    return [b'{"worker":%d,"n":%d}' % (worker, n) for n in range(count)]


async def test_two_workers_deliver_in_order_and_their_outboxes_empty(bench: Bench, tmp_path: Path) -> None:
    inlet = await bench.inlet()
    boxes = [Outbox(tmp_path, slot, 2) for slot in range(2)]
    async with delivering(boxes[0], bench.outlet()), delivering(boxes[1], bench.outlet()):
        for slot in range(2):
            for data in messages(slot, 1500):
                boxes[slot].put(data)
        seen = await take(inlet, 3000)
        await until(lambda: not len(boxes[0]) and not len(boxes[1]))
    for slot in range(2):
        assert [m for m in seen if b'"worker":%d' % slot in m] == messages(slot, 1500)
    await inlet.close()


async def test_what_was_not_acknowledged_comes_again_to_the_next_hub(bench: Bench, tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, 0)
    for data in messages(0, 50):
        outbox.put(data)
    first = await bench.inlet()
    async with delivering(outbox, bench.outlet()):
        assert await take(first, 50, acknowledge=False) == messages(0, 50)
        assert len(outbox) == 50
        await first.close()
        second = await bench.inlet()
        assert sorted(await take(second, 50)) == sorted(messages(0, 50))
        await until(lambda: not len(outbox))
    await second.close()


async def test_a_worker_waits_for_a_hub_that_is_not_there_yet(bench: Bench, tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, 0)
    outbox.put(b"early")
    async with delivering(outbox, bench.outlet()):
        await asyncio.sleep(0.3)
        inlet = await bench.inlet()
        assert await take(inlet, 1) == [b"early"]
        await until(lambda: not len(outbox))
    await inlet.close()


async def test_a_new_worker_life_is_not_confused_by_old_numbers(bench: Bench, tmp_path: Path) -> None:
    inlet = await bench.inlet()
    old = Outbox(tmp_path / "a", 0)
    old.put(b"old")
    async with delivering(old, bench.outlet()):
        await take(inlet, 1, acknowledge=False)
    new = Outbox(tmp_path / "b", 0)
    new.put(b"new")
    async with delivering(new, bench.outlet()):
        while b"new" not in await take(inlet, 1):
            pass
        await until(lambda: not len(new))
    assert len(old) == 1, "the new life's acknowledgement of number 1 is not the old one's"
    await inlet.close()


async def test_a_message_that_is_too_long_blocks_nobody(bench: Bench, tmp_path: Path) -> None:
    inlet = await bench.inlet()
    line, _ = await bench.outlet().connect()
    await line.send([Entry(1, b"x" * 400_000), Entry(2, b"after")])
    assert b"after" in await take(inlet, 2)
    assert list(await line.acknowledged())[:1] == [1]
    await line.close()
    await inlet.close()


async def test_a_keeper_killed_before_its_acknowledgement_loses_nothing(bench: Bench, tmp_path: Path) -> None:
    """kill -9 of the process that commits, between commit and acknowledgement: the messages come again."""
    probe = await bench.inlet()
    arguments = (
        ["redis", probe._client.connection_pool.connection_kwargs, probe._prefix]
        if isinstance(probe, RedisInlet)
        else ["unix", str(probe.path.parent), ""]  # type: ignore[attr-defined]
    )
    await probe.close()
    if arguments[0] == "redis":
        kwargs: Any = arguments[1]
        arguments[1] = f"redis://{kwargs['host']}:{kwargs['port']}/{kwargs.get('db', 0)}"
    else:
        Path(str(arguments[1])).mkdir(exist_ok=True)
    script = textwrap.dedent("""
        import asyncio, os, pathlib, signal, sys
        from camera_hub.watch.channel_redis import RedisInlet
        from camera_hub.watch.channel_unix import UnixInlet
        async def main():
            kind, where, prefix = sys.argv[1:]
            inlet = RedisInlet(where, prefix, "doomed") if kind == "redis" else await UnixInlet.listening(pathlib.Path(where))
            print("up", flush=True)
            taken = 0
            while taken < 30:
                taken += len(await inlet.receive(500))
            os.kill(os.getpid(), signal.SIGKILL)
        asyncio.run(main())
    """)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        script,
        *map(str, arguments),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 20) == b"up\n"
    outbox = Outbox(tmp_path, 0)
    for data in messages(0, 30):
        outbox.put(data)
    async with delivering(outbox, bench.outlet()):
        assert await asyncio.wait_for(process.wait(), 20) == -signal.SIGKILL
        assert len(outbox) == 30
        survivor = await bench.inlet()
        assert sorted(await take(survivor, 30)) == sorted(messages(0, 30))
        await until(lambda: not len(outbox))
    await survivor.close()


@pytest.mark.redis
async def test_redis_that_comes_back_empty_loses_nothing(redis_url: str, tmp_path: Path) -> None:
    import redis.asyncio as redis

    inlet, outbox = RedisInlet(redis_url, "empty", "hub"), Outbox(tmp_path, 0)
    for data in messages(0, 20):
        outbox.put(data)
    async with delivering(outbox, RedisOutlet(redis_url, "empty")):
        await take(inlet, 20, acknowledge=False)
        client = redis.Redis.from_url(redis_url)
        await client.flushall()
        await client.aclose()
        assert await take(inlet, 20) == messages(0, 20)
        await until(lambda: not len(outbox))
    await inlet.close()


@pytest.mark.redis
async def test_redis_stopped_and_started_loses_nothing_and_adds_nothing_twice(
    redis_url: str, redis_server: Any, tmp_path: Path
) -> None:
    inlet, outbox = RedisInlet(redis_url, "gone", "hub"), Outbox(tmp_path, 0)
    async with delivering(outbox, RedisOutlet(redis_url, "gone")) as state:
        outbox.put(b"before")
        await take(inlet, 1)
        await until(lambda: not len(outbox))
        await asyncio.to_thread(redis_server.stop)
        try:
            await until(lambda: not state.connected)
            for data in messages(0, 20):
                outbox.put(data)
            with pytest.raises(Unavailable):
                await inlet.receive(500)
        finally:
            await asyncio.to_thread(redis_server.start)
        assert sorted(await take(inlet, 20)) == sorted(messages(0, 20))
        await until(lambda: not len(outbox))
    await inlet.close()


async def test_a_socket_path_that_is_too_long_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(long))
    with pytest.raises(Unavailable, match="TMPDIR") as caught:
        runtime_dir()
    assert caught.value.code == "socket_path"
