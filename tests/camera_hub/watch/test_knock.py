"""Knocking on real sockets of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from camera_hub.watch import knock as module
from camera_hub.watch.knock import knock
from registry.errors import Invalid, Unreachable
from tests.services.process import free_port
from tests.services.talking import Talk, talking


async def answers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    heard.append(await reader.readuntil(b"\r\n\r\n"))
    writer.write(b"RTSP/1.0 401 Unauthorized\r\nCSeq: 1\r\n\r\n")
    await writer.drain()
    writer.close()


async def hangs_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


heard: list[bytes] = []


async def at(talk: Talk, scheme: str = "rtsp") -> None:
    async with talking(talk) as port:
        await knock(f"{scheme}://127.0.0.1:{port}/stream", allow_loopback=True)


async def test_a_server_that_wants_a_password_is_there_and_is_told_none() -> None:
    heard.clear()
    await at(answers)
    assert heard[0].startswith(b"OPTIONS rtsp://127.0.0.1:")
    assert b"Authorization" not in heard[0]


async def closed() -> None:
    await knock(f"rtsp://127.0.0.1:{free_port()}/x", allow_loopback=True)


async def nowhere() -> None:
    await knock("rtsp://no-such-host.invalid/x", allow_loopback=True)


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (closed, "port_closed"),
        (nowhere, "unknown_host"),
        (lambda: at(hangs_up), "hung_up"),
        (lambda: at(says_nothing), "timed_out"),
    ],
)
async def test_each_absence_has_its_code(
    work: Callable[[], Awaitable[None]], code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KNOCK_S", 0.5 if code == "timed_out" else 10)
    with pytest.raises(Unreachable) as caught:
        await work()
    assert caught.value.code == code


async def test_http_is_only_connected_to_and_files_are_always_there() -> None:
    await at(says_nothing, "http")
    await at(says_nothing, "snapshot+http")
    await knock("file:///nowhere.mp4", allow_loopback=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "169.254.1.1", "localhost"])
async def test_this_machine_is_refused_unless_allowed(host: str) -> None:
    with pytest.raises(Invalid):
        await knock(f"rtsp://{host}:{free_port()}/x", allow_loopback=False)
