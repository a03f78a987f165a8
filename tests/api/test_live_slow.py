"""Viewers whose links carry less, and many at once; the worker's end is fed by hand, the sockets are real."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType

from api.sockets import PER_SESSION
from camera_hub.live.tap import Still
from camera_hub.stream.packet import Packet
from registry.model import Role
from tests.camera_hub.live.test_fmp4 import UNITS, packets

from .conftest import Serving
from .watching import FRAME, INIT, JPEG, Wall, a_wall, connect, frame, said

STEP = 6000
FILLER = b"\0\0\1\x06" + b"\xaa" * 120_000
"""A message no decoder heeds: it makes a frame as large as a busy camera's."""


@pytest.fixture
async def wall(serving: Serving) -> AsyncIterator[Wall]:
    async with a_wall(serving) as made:
        yield made


def stream(filler: bytes = FILLER, begin: int = 1) -> Iterator[Packet]:
    """Packets without end, every fifth a keyframe."""
    key, other = packets(UNITS)[15], packets(UNITS)[16]
    number = begin
    while True:
        one = key if number % 5 == 0 else other
        yield Packet(one.data + filler, number * STEP, number * STEP, one.keyframe, 0.0)
        number += 1


def pause(socket: ClientWebSocketResponse, *, reading: bool) -> None:
    """Have the client's end take no more, as a computer that sleeps; or take it again."""
    connection = socket._response.connection
    assert connection is not None
    assert connection.transport is not None
    if reading:
        connection.transport.resume_reading()
    else:
        connection.transport.pause_reading()


async def playing(wall: Wall, given: Iterator[Packet], until: asyncio.Task[Any]) -> Any:
    """Feed the camera until somebody saw what he waits for."""
    async with asyncio.timeout(30):
        while not until.done():
            wall.room.tap.packet(next(given))
            await asyncio.sleep(0.01)
    return until.result()


@pytest.fixture
def quick_link(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes seconds takes tenths of them here."""
    monkeypatch.setattr("camera_hub.live.line.MOST_BEHIND_S", 0.2)
    monkeypatch.setattr("camera_hub.live.link.SETTLE_S", 0.1)
    monkeypatch.setattr("camera_hub.live.link.HOLD_S", 0.4)


async def choke(wall: Wall, given: Iterator[Packet], socket: ClientWebSocketResponse) -> None:
    """A link that takes nothing while large frames come, until the hub leaves some out: kernels hold megabytes."""
    (channel,) = wall.room.relay._channels.values()
    (line,) = channel._lines
    pause(socket, reading=False)
    async with asyncio.timeout(30):
        while not line._lost:
            wall.room.tap.packet(next(given))
            await asyncio.sleep(0.005)
    pause(socket, reading=True)


@pytest.mark.usefixtures("quick_link")
async def test_a_slow_link_gets_keyframes_then_pictures_and_everything_again(wall: Wall) -> None:
    wall.play("gate", count=1)
    given = stream()
    async with await connect(await wall.viewer(), max_msg_size=0) as socket:
        await socket.send_json(wall.open("gate"))
        await said(socket, "state", form="video")
        await choke(wall, given, socket)
        state = await playing(wall, given, asyncio.create_task(said(socket, "state", why="slow")))
        assert (state["form"], state["stream"]) == ("keyframes", "sub")
        media = await playing(wall, stream(b"", 10_000), asyncio.create_task(frame(socket, FRAME)))
        assert media[3] == 1, "nothing but keyframes"
        small = stream(b"", 20_000)
        state = await playing(wall, small, asyncio.create_task(said(socket, "state", form="video")))
        assert state["why"] is None, "it kept up: everything again"
        while (await playing(wall, small, asyncio.create_task(frame(socket, FRAME))))[3] == 1:
            pass


@pytest.mark.usefixtures("quick_link")
async def test_a_link_that_does_not_carry_keyframes_gets_a_picture_now_and_then(
    wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("camera_hub.live.link.HOLD_S", 60.0)
    monkeypatch.setattr("camera_hub.live.link.SETTLE_S", 0.0)
    wall.play("gate", count=1)
    given = stream()
    async with await connect(await wall.viewer(), max_msg_size=0) as socket:
        await socket.send_json(wall.open("gate"))
        await said(socket, "state", form="video")
        await choke(wall, given, socket)
        await playing(wall, given, asyncio.create_task(said(socket, "state", form="keyframes")))
        await choke(wall, given, socket)
        seeing = asyncio.create_task(said(socket, "state", form="preview"))
        number = 0
        async with asyncio.timeout(30):
            while not seeing.done():
                wall.room.tap.packet(next(given))
                if wall.room.tap.wants_picture():
                    number += 1
                    wall.room.tap.picture(Still(b"\xff\xd8%d" % number, 160, 96, 0.0))
                await asyncio.sleep(0.01)
        assert seeing.result()["why"] == "slow"
        assert (await frame(socket, JPEG))[4:6] == b"\xff\xd8"


@pytest.mark.usefixtures("quick_link")
async def test_one_that_is_paused_costs_nobody_a_frame_and_goes_on_at_a_keyframe(wall: Wall) -> None:
    wall.play("gate", count=1)
    given = stream()
    paused, other = await wall.viewer(), await wall.viewer(Role.OFFICER)
    async with await connect(paused, max_msg_size=0) as one, await connect(other, max_msg_size=0) as two:
        for socket in (one, two):
            await socket.send_json(wall.open("gate"))
            await said(socket, "state", form="video")
        await frame(two, FRAME)
        pause(one, reading=False)
        for _ in range(150):
            wall.room.tap.packet(next(given))
            await frame(two, FRAME)  # fails on "lost": frame() takes the next, and each is waited for
        (viewer,) = [line for channel in wall.room.relay._channels.values() for line in channel._lines[:1]]
        assert viewer._bytes < 40 * len(FILLER), "what waits is bounded"
        pause(one, reading=True)
        lost = await playing(wall, given, asyncio.create_task(said(one, "lost")))
        assert lost["count"] > 0
        after = await playing(wall, given, asyncio.create_task(frame(one, FRAME)))
        assert after[3] == 1


async def test_a_hundred_viewers_at_once_each_get_every_frame_over_one_connection(wall: Wall) -> None:
    wall.play("gate", count=1)
    sockets: list[ClientWebSocketResponse] = []
    while len(sockets) < 100:
        viewer = await wall.viewer()
        sockets += [await connect(viewer) for _ in range(min(PER_SESSION, 100 - len(sockets)))]
    for socket in sockets:
        await socket.send_json(wall.open("gate"))
    async with asyncio.timeout(60):
        for socket in sockets:
            await frame(socket, INIT)
            await frame(socket, FRAME)
    for packet in packets(UNITS)[1:31]:
        wall.room.tap.packet(packet)
        await asyncio.sleep(0)

    async def thirty(socket: ClientWebSocketResponse) -> list[int]:
        found: list[int] = []
        while len(found) < 30:
            message = await socket.receive()
            if message.type is WSMsgType.BINARY:
                found.append(message.data[3])
            else:
                assert json.loads(message.data)["type"] != "lost"
        return found

    async with asyncio.timeout(60):
        seen = await asyncio.gather(*map(thirty, sockets))
    assert seen == [[int(packet.keyframe) for packet in packets(UNITS)[1:31]]] * 100
    assert wall.room.links == 1
    assert len(wall.world.hub.viewings._open) == 100
    await asyncio.gather(*(socket.close() for socket in sockets))
