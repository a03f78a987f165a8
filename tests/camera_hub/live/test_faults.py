"""What bad streams and breaks look like to somebody who watches; the tap is fed by hand, the sockets are real."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Iterable
from fractions import Fraction
from itertools import pairwise

import av
import pytest

from camera_hub.demo.clip import Shape
from camera_hub.live.line import Line
from camera_hub.live.piece import Kind, Piece, Told
from camera_hub.stream.packet import Packet
from registry.model import Reason, State
from tests.camera_hub.recording.footage import Take, numbered

from .room import H264, HEVC, STILL, Room, a_room
from .test_fmp4 import UNITS, encoded, packets

FPS = 15
TICK = 90_000 // FPS
LARGE = encoded(Shape(320, 192, FPS, 200, 1.0), 20)


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    async with a_room() as made:
        made.status(State.LIVE)
        yield made


async def joined(room: Room) -> None:
    """Somebody draws: who comes later gets the current group of pictures only."""
    async with asyncio.timeout(20):
        while not room.tap.joined:
            await asyncio.sleep(0)


def feed(room: Room, given: Iterable[Packet]) -> None:
    for packet in given:
        room.tap.packet(packet)


async def pieces(line: Line, *kinds: Kind, count: int) -> list[Piece]:
    """The next `count` pieces of these kinds."""
    found: list[Piece] = []
    async with asyncio.timeout(20):
        while len(found) < count:
            piece = await line.get()
            assert isinstance(piece, Piece), "this viewer keeps up"
            if piece.kind in kinds:
                found.append(piece)
    return found


async def told(line: Line, **wanted: object) -> Told:
    while True:
        (piece,) = await pieces(line, Kind.TOLD, count=1)
        said = Told.read(piece.data)
        if all(getattr(said, name) == value for name, value in wanted.items()):
            return said


def sizes(given: Iterable[Piece]) -> list[tuple[int, int]]:
    with av.open(io.BytesIO(b"".join(piece.data for piece in given))) as seen:
        return [(frame.width, frame.height) for frame in seen.decode(video=0)]


async def test_another_resolution_comes_with_its_own_initialisation_and_plays_on(room: Room) -> None:
    room.tap.begin(H264, masked=False)
    with room.relay.watch(0, room.camera, "sub", "video") as line:
        await joined(room)
        feed(room, packets(UNITS)[:10])
        await told(line, width=160, height=96)
        before = await pieces(line, Kind.INIT, Kind.MEDIA, count=11)
        feed(room, packets(LARGE, begin=10 * TICK))
        assert await told(line, width=320, height=192)
        after = await pieces(line, Kind.INIT, Kind.MEDIA, count=21)
        assert after[0].kind is Kind.INIT
        assert after[1].keyframe
        assert sizes(before) == [(160, 96)] * 10
        assert sizes(after) == [(320, 192)] * 20
        assert after[1].at > before[-1].at, "time goes on"


async def test_a_camera_that_changes_to_h265_gives_pictures_and_to_h264_video_again(room: Room) -> None:
    room.tap.begin(H264, masked=False)
    with room.relay.watch(0, room.camera, "sub", "video") as line:
        await joined(room)
        feed(room, packets(UNITS)[:3])
        await told(line, form="video")
        room.tap.end()
        room.tap.begin(HEVC, masked=False)
        async with asyncio.timeout(20):
            while not room.tap.wants_picture():
                await asyncio.sleep(0)
        room.tap.picture(STILL)
        assert (await told(line, form="preview")).why == "codec"
        assert (await pieces(line, Kind.JPEG, count=1))[0].data == STILL.jpeg
        room.tap.end()
        room.tap.begin(H264, masked=False)
        feed(room, packets(UNITS)[:3])
        assert (await told(line, form="video")).why is None
        assert not room.tap.wants_picture(), "nobody asks for pictures any more"


async def test_b_frames_reach_the_viewer_in_the_order_they_are_shown(room: Room) -> None:
    take = Take(frames=30, bframes=2)
    room.tap.begin(H264, masked=False)
    with room.relay.watch(0, room.camera, "sub", "video") as line:
        await joined(room)
        feed(room, _with_b_frames(take))
        got = await pieces(line, Kind.INIT, Kind.MEDIA, count=take.frames + 1)
        with av.open(io.BytesIO(b"".join(piece.data for piece in got))) as seen:
            times = [float(frame.time or 0) for frame in seen.decode(video=0)]
        assert len(times) == take.frames
        assert times == sorted(times)


def _with_b_frames(take: Take) -> list[Packet]:
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = take.width, take.height, take.pixels
    context.time_base, context.framerate = Fraction(1, FPS), Fraction(FPS)
    context.options = {"x264-params": "bframes=2:b-adapt=0:scenecut=0:repeat-headers=1:keyint=15"}
    context.thread_count = 1
    coded: list[av.Packet[av.VideoStream]] = []
    for number in range(take.frames):
        frame = av.VideoFrame.from_ndarray(numbered(number, take), format="rgb24")
        frame.pts = number
        coded += context.encode(frame)
    coded += context.encode(None)
    assert any(one.pts != one.dts for one in coded)
    return [
        Packet(bytes(one), (one.pts or 0) * TICK, (one.dts or 0) * TICK, bool(one.is_keyframe), 0.0) for one in coded
    ]


async def test_without_parameter_sets_nothing_is_shown_until_they_come(room: Room) -> None:
    room.tap.begin(H264, masked=False)
    bare = [Packet(_without_sets(one.data), one.pts, one.dts, one.keyframe, 0.0) for one in packets(UNITS)[:15]]
    with room.relay.watch(0, room.camera, "sub", "video") as line:
        await joined(room)
        feed(room, bare)
        feed(room, packets(UNITS)[15:20])
        first, *rest = await pieces(line, Kind.INIT, Kind.MEDIA, count=6)
        assert first.kind is Kind.INIT
        assert [piece.keyframe for piece in rest] == [True, False, False, False, False]
        assert sizes([first, *rest]) == [(160, 96)] * 5


def _without_sets(data: bytes) -> bytes:
    """An access unit without SPS and PPS."""
    units = [unit for unit in data.split(b"\0\0\1")[1:] if unit[0] & 0x1F not in (7, 8)]
    return b"".join(b"\0\0\1" + unit for unit in units)


@pytest.mark.parametrize("jump", [-3600 * 90_000, 3600 * 90_000, -(2**33)], ids=["back", "ahead", "wrapped"])
async def test_timestamps_that_jump_leave_no_hole_in_what_is_played(room: Room, jump: int) -> None:
    room.tap.begin(H264, masked=False)
    begin = 2**34
    with room.relay.watch(0, room.camera, "sub", "video") as line:
        await joined(room)
        feed(room, packets(UNITS, begin=begin)[:20])
        feed(room, packets(UNITS, begin=begin + jump)[20:])
        got = await pieces(line, Kind.MEDIA, count=len(UNITS))
        apart = [after.at - before.at for before, after in pairwise(got)]
        assert apart == pytest.approx([1 / FPS] * len(apart), abs=0.002)


async def test_a_camera_that_restarts_is_told_and_goes_on_with_a_keyframe(room: Room) -> None:
    room.tap.begin(H264, masked=False)
    with room.relay.watch(0, room.camera, "sub", "video") as line:
        await joined(room)
        feed(room, packets(UNITS)[:10])
        await pieces(line, Kind.MEDIA, count=10)
        room.tap.end()
        room.status(State.BACKING_OFF, Reason.UNREACHABLE)
        gone = await told(line, state=State.BACKING_OFF, form=None)
        assert gone.reason is Reason.UNREACHABLE, "and no picture looks alive"
        with room.relay.watch(0, room.camera, "sub", "video") as later:
            (only,) = await pieces(later, Kind.TOLD, Kind.INIT, Kind.MEDIA, count=1)
            assert Told.read(only.data) == gone, "who comes now gets nothing of before"
        room.status(State.LIVE)
        room.tap.begin(H264, masked=False)
        feed(room, packets(UNITS)[:5])
        init, key = await pieces(line, Kind.INIT, Kind.MEDIA, count=2)
        assert (init.kind, key.kind, key.keyframe) == (Kind.INIT, Kind.MEDIA, True)
