"""A worker's endpoint and the hub's relay over a real socket; the tap is fed by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from camera_hub.demo.clip import Shape
from camera_hub.live.endpoint import socket_of
from camera_hub.live.line import Line, Lost
from camera_hub.live.piece import Kind, Piece, Told
from camera_hub.live.tap import MOST_KEPT_BYTES, Tap
from camera_hub.stream.packet import Packet, StreamParams
from registry.errors import Conflict, Unavailable
from registry.model import Reason, State

from .room import H264, HEVC, STILL, Room, a_room
from .test_fmp4 import UNITS, encoded, packets


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    async with a_room() as made:
        yield made


async def following(line: Line, kind: Kind) -> Piece:
    """The next piece of a kind; what is told meanwhile is passed over."""
    async with asyncio.timeout(10):
        while True:
            piece = await line.get()
            assert not isinstance(piece, Lost)
            if piece.kind is kind:
                return piece


async def told(line: Line, sought: Callable[[Told], bool]) -> Told:
    while True:
        found = Told.read((await following(line, Kind.TOLD)).data)
        if sought(found):
            return found


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0)


async def test_a_viewer_gets_how_to_decode_and_every_frame(room: Room) -> None:
    with room.relay.watch(0, room.camera, "sub", "video") as line:
        await until(lambda: bool(room.tap._joined))
        room.status(State.LIVE)
        room.tap.begin(H264, masked=False)
        for packet in packets(UNITS):
            room.tap.packet(packet)
        said = await told(line, lambda one: one.form is not None)
        assert (said.state, said.form, said.why, said.width, said.height) == (State.LIVE, "video", None, 160, 96)
        assert said.codec is not None
        assert said.codec.startswith("avc1.")
        assert (await following(line, Kind.INIT)).data[4:8] == b"ftyp"
        frames = [await following(line, Kind.MEDIA) for _ in UNITS]
        assert [frame.keyframe for frame in frames] == [key for key, _ in UNITS]
    await until(lambda: room.links == 0)


async def test_who_comes_in_the_middle_begins_with_the_current_pictures_at_once(room: Room) -> None:
    room.tap.begin(H264, masked=False)
    for packet in packets(UNITS)[:25]:
        room.tap.packet(packet)
    with room.relay.watch(0, room.camera, "sub", "video") as first:
        assert (await following(first, Kind.MEDIA)).keyframe
        for _ in range(9):
            assert not (await following(first, Kind.MEDIA)).keyframe
        with room.relay.watch(0, room.camera, "sub", "video") as second:
            assert (await following(second, Kind.INIT)).data
            assert (await following(second, Kind.MEDIA)).keyframe
            for _ in range(9):
                await following(second, Kind.MEDIA)
            assert room.links == 1, "one connection, whatever the number of viewers"
            room.tap.packet(packets(UNITS)[25])
            one, other = await following(first, Kind.MEDIA), await following(second, Kind.MEDIA)
            assert one == other


@pytest.mark.parametrize(
    ("params", "form", "why"),
    [(HEVC, "video", "codec"), (H264, "preview", "asked")],
)
async def test_pictures_come_in_place_of_video(room: Room, params: StreamParams, form, why: str) -> None:
    room.status(State.LIVE)
    room.tap.begin(params, masked=False)
    assert not room.tap.wants_picture(), "nobody asks: none is made"
    with room.relay.watch(0, room.camera, "sub", form) as line:
        await until(room.tap.wants_picture)
        for packet in packets(UNITS):
            room.tap.packet(packet)
        room.tap.picture(STILL)
        said = await told(line, lambda one: one.form is not None)
        assert (said.form, said.why) == ("preview", why)
        async with asyncio.timeout(10):
            assert await line.get() == Piece(Kind.JPEG, STILL.jpeg, taken=pytest.approx(0, abs=1e12))
        assert not room.tap.wants_picture(), "the next one only after a while"
    await until(lambda: not room.tap._asking)


async def test_a_mask_drawn_while_somebody_watches_lets_nothing_from_before_through(room: Room) -> None:
    room.status(State.LIVE)
    room.tap.begin(H264, masked=False)
    room.tap.packet(packets(UNITS)[0])
    with room.relay.watch(0, room.camera, "sub", "video") as line:
        unmasked = await following(line, Kind.INIT)
        await following(line, Kind.MEDIA)
        room.tap.end()
        room.tap.begin(H264, masked=True)
        assert room.tap.join(print)[1] == ()
        room.tap.packet(packets(encoded(Shape(320, 180, 15, 200, 1.0), 1))[0])
        masked = await following(line, Kind.INIT)
        assert masked != unmasked
        await following(line, Kind.MEDIA)
        with room.relay.watch(0, room.camera, "sub", "video") as later:
            assert await following(later, Kind.INIT) == masked, "what was kept unmasked is gone"


async def test_no_pictures_are_made_for_one_who_left_meanwhile() -> None:
    tap = Tap()
    tap.begin(HEVC, masked=False)
    tap.join(print)
    tap.leave(print)
    tap.ask(print, pictures=True)  # what it was told of the pull had waited for its turn
    assert not tap.wants_picture()


async def test_a_group_of_pictures_without_end_is_not_kept() -> None:
    tap = Tap()
    tap.begin(H264, masked=False)
    tap.packet(Packet(bytes(MOST_KEPT_BYTES - 10), 0, 0, keyframe=True, received=0.0))
    tap.packet(Packet(bytes(11), 1, 1, keyframe=False, received=0.0))
    assert tap.join(lambda _: None)[1] == ()
    tap.packet(Packet(b"small", 2, 2, keyframe=False, received=0.0))
    assert tap.join(lambda _: None)[1] == (), "it would begin in the middle"
    tap.packet(Packet(b"key", 3, 3, keyframe=True, received=0.0))
    assert len(tap.join(lambda _: None)[1]) == 1


async def test_a_camera_that_is_not_live_says_why(room: Room) -> None:
    room.status(State.BACKING_OFF, Reason.UNREACHABLE)
    with room.relay.watch(0, room.camera, "sub", "video") as line:
        assert await told(line, lambda one: one.state is State.BACKING_OFF) == Told(
            State.BACKING_OFF, Reason.UNREACHABLE
        )
        room.status(State.STOPPED, Reason.DISABLED)
        assert (await told(line, lambda one: one.state is State.STOPPED)).reason is Reason.DISABLED
        room.endpoint.forget(room.camera)
        assert (await told(line, lambda one: one.state is State.IDLE)).form is None


async def test_a_killed_worker_is_told_and_its_successor_goes_on_by_itself(room: Room) -> None:
    room.status(State.LIVE)
    room.tap.begin(H264, masked=False)
    room.tap.packet(packets(UNITS)[0])
    with room.relay.watch(0, room.camera, "sub", "video") as line:
        await following(line, Kind.MEDIA)
        await room.kill()
        assert (await told(line, lambda one: one.state is not State.LIVE)).reason is Reason.WORKER_DOWN
        await room.work()
        await until(lambda: bool(room.tap._joined))
        room.status(State.LIVE)
        room.tap.begin(H264, masked=False)
        room.tap.packet(packets(UNITS)[0])
        assert (await following(line, Kind.INIT)).data
        assert (await following(line, Kind.MEDIA)).keyframe


async def test_a_picture_of_now(room: Room) -> None:
    room.status(State.LIVE)
    room.tap.begin(H264, masked=True)
    asking = asyncio.create_task(room.relay.picture(0, room.camera, "sub"))
    await until(room.tap.wants_picture)
    room.tap.picture(STILL)
    assert await asking == STILL.jpeg


async def test_no_picture_of_a_camera_that_is_not_live(room: Room) -> None:
    room.status(State.STOPPED, Reason.REJECTED)
    with pytest.raises(Conflict) as refused:
        await room.relay.picture(0, room.camera, "sub")
    assert refused.value.params == {"state": "stopped", "reason": "rejected"}
    await room.kill()
    with pytest.raises(Unavailable):
        await room.relay.picture(0, room.camera, "sub")


@pytest.mark.parametrize("line", [b"\n", b"{}\n", b'{"camera":"x","stream":"sub","form":"video"}\n', b"x" * 5000, b""])
async def test_who_asks_wrongly_gets_nothing_and_harms_nobody(room: Room, line: bytes) -> None:
    reader, writer = await asyncio.open_unix_connection(socket_of(room.folder, 0))
    writer.write(line)
    writer.write_eof()
    async with asyncio.timeout(10):
        assert await reader.read() == b""
    writer.close()
    room.status(State.STOPPED, Reason.DISABLED)
    with room.relay.watch(0, room.camera, "sub", "video") as watching:
        assert (await told(watching, lambda one: one.state is State.STOPPED)).reason is Reason.DISABLED
