"""A viewer's line: what a slow one loses, and what it never does."""

from __future__ import annotations

import asyncio

import pytest

from camera_hub.live.line import MOST_BEHIND_S, Line, Lost
from camera_hub.live.piece import Kind, Piece, Told, packed, read_piece
from registry.model import Reason, State


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def frame(number: int, *, key: bool = False) -> Piece:
    return Piece(Kind.MEDIA, number.to_bytes(4, "big"), key, 1.5, number / 15)


def jpeg(number: int) -> Piece:
    return Piece(Kind.JPEG, number.to_bytes(4, "big"))


async def drained(line: Line) -> list[Piece | Lost]:
    found: list[Piece | Lost] = []
    while True:
        try:
            async with asyncio.timeout(0):
                found.append(await line.get())
        except TimeoutError:
            return found


async def test_one_that_keeps_up_loses_nothing() -> None:
    line = Line(Clock())
    sent = [frame(n, key=n % 15 == 0) for n in range(45)]
    for piece in sent:
        line.offer(piece)
    assert await drained(line) == sent


async def test_a_slow_one_loses_whole_runs_up_to_a_keyframe_and_is_told() -> None:
    clock = Clock()
    line = Line(clock)
    for n in range(5):
        line.offer(frame(n, key=n == 0))
    clock.now += MOST_BEHIND_S + 0.1
    for n in range(5, 10):
        line.offer(frame(n))
    assert await drained(line) == []
    line.offer(frame(10, key=True))
    line.offer(frame(11))
    assert await drained(line) == [Lost(10), frame(10, key=True), frame(11)]


async def test_what_is_told_and_how_to_decode_is_never_lost() -> None:
    clock = Clock()
    line = Line(clock)
    told = Told(State.LIVE, None, "video", None, "avc1.42e01e", 640, 360).piece()
    init = Piece(Kind.INIT, b"init")
    line.offer(told)
    line.offer(init)
    for n in range(5):
        line.offer(frame(n, key=n == 0))
    clock.now += 60
    line.offer(frame(5))
    assert await drained(line) == [told, init]
    line.offer(Piece(Kind.INIT, b"other"))
    line.offer(frame(6, key=True))
    assert [one for one in await drained(line) if isinstance(one, Piece)] == [
        Piece(Kind.INIT, b"other"),
        frame(6, key=True),
    ]


async def test_of_pictures_only_the_newest_waits() -> None:
    line = Line(Clock())
    for n in range(20):
        line.offer(jpeg(n))
    assert await drained(line) == [jpeg(19)]


async def test_a_reader_waits_for_what_comes() -> None:
    line = Line(Clock())
    getting = asyncio.create_task(line.get())
    await asyncio.sleep(0)
    line.offer(jpeg(1))
    assert await getting == jpeg(1)


async def test_pieces_travel() -> None:
    told = Told(State.BACKING_OFF, Reason.WORKER_DOWN)
    sent = [frame(7, key=True), frame(8), told.piece(), jpeg(0)]
    reader = asyncio.StreamReader()
    for piece in sent:
        reader.feed_data(b"".join(packed(piece)))
    reader.feed_eof()
    assert [await read_piece(reader) for _ in sent] == sent
    assert Told.read(sent[2].data) == told
    with pytest.raises(asyncio.IncompleteReadError):
        await read_piece(reader)
    for wrong in (b"\xff" * 22, b"\0\0\0\0\x09" + bytes(17)):
        broken = asyncio.StreamReader()
        broken.feed_data(wrong)
        with pytest.raises(ValueError):
            await read_piece(broken)


async def test_a_narrow_line_takes_keyframes_only_and_goes_on_whole_from_the_next_one() -> None:
    line = Line(Clock())
    for n in range(4):
        line.offer(frame(n, key=n % 3 == 0))
    line.narrow(keyframes=True)
    line.offer(frame(4))
    line.offer(frame(6, key=True))
    assert await drained(line) == [frame(0, key=True), frame(3, key=True), frame(6, key=True)], "and nothing is lost"
    line.narrow(keyframes=False)
    for n in range(7, 11):
        line.offer(frame(n, key=n == 9))
    assert await drained(line) == [frame(9, key=True), frame(10)]


async def test_a_narrow_line_that_is_not_read_keeps_the_newest_keyframe() -> None:
    clock = Clock()
    line = Line(clock)
    line.narrow(keyframes=True)
    for n in range(30):
        line.offer(frame(n, key=True))
        clock.now += MOST_BEHIND_S + 0.1
    assert await drained(line) == [Lost(29), frame(29, key=True)]


async def test_pictures_come_as_far_apart_as_asked() -> None:
    clock = Clock()
    line = Line(clock, apart=1.0)
    seen = []
    for n in range(10):
        line.offer(jpeg(n))
        seen += await drained(line)
        clock.now += 0.5
    assert seen == [jpeg(n) for n in range(0, 10, 2)]


async def test_lines_that_share_their_bell_ring_it() -> None:
    bell = asyncio.Event()
    one, other = Line(ready=bell), Line(ready=bell)
    assert one.take() is None
    other.offer(jpeg(1))
    assert bell.is_set()
    assert other.take() == jpeg(1)


async def test_a_line_nobody_reads_for_a_minute_stays_small() -> None:
    clock = Clock()
    line = Line(clock)
    large = Piece(Kind.MEDIA, bytes(100_000), keyframe=False)
    for n in range(60 * 15):
        clock.now += 1 / 15
        line.offer(Piece(Kind.MEDIA, large.data, keyframe=n % 30 == 0))
        assert line._bytes <= 32 * 100_000
    line.offer(frame(0, key=True))
    found = await drained(line)
    assert isinstance(found[0], Lost)
    assert isinstance(found[1], Piece)
    assert found[1].keyframe
