"""The processes that decode: they may crash, hang or be killed, and the next request is answered."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from camera_hub.recording.clips import Clip, Clips, Subject
from camera_hub.recording.cutting import Order, Source
from camera_hub.recording.decoders import AT_ONCE, WARM, Decoders
from camera_hub.recording.reading import Footage
from registry.errors import Invalid, NotFound, TooMany, Unavailable
from tests.camera_hub.recording.footage import Take, number_in, shot

UP = 'import sys, time; sys.stdout.write(\'{"over": true, "body_bytes": 0}\\n\'); sys.stdout.flush(); '
HANGS, DIES, TALKS = (
    UP + "time.sleep(600)",
    UP + "sys.stdin.readline()",
    UP + "print('x' * 3_000_000, flush=True); time.sleep(600)",
)


PLAIN = Take()


@pytest.fixture
async def decoders() -> AsyncIterator[Decoders]:
    made = Decoders()
    yield made
    await made.close()


def keyframe(folder: Path, take: Take = PLAIN) -> bytes:
    file = folder / "one.mp4"
    file.write_bytes(shot(take))
    footage = Footage(file)
    extract = footage.whole(footage.fragments[:1])
    with contextlib.closing(extract):
        return extract.all()


@pytest.mark.parametrize(
    "take", [Take(width=640, height=360, first=77), Take(codec="hevc", first=77), Take(bframes=2, first=77)]
)
async def test_a_keyframe_becomes_a_picture_no_larger_than_it_is(
    tmp_path: Path, decoders: Decoders, take: Take
) -> None:
    data = keyframe(tmp_path, take)
    for width, wide in ((None, take.width), (160, 160), (1920, take.width)):
        picture = cv2.imdecode(np.frombuffer(await decoders.picture(data, width), np.uint8), cv2.IMREAD_COLOR)
        assert (picture.shape[1], number_in(picture)) == (wide, 77)


@pytest.mark.parametrize("junk", [b"", b"junk" * 100, bytes(100_000)])
async def test_what_cannot_be_decoded_is_refused_and_the_decoder_lives_on(
    tmp_path: Path, decoders: Decoders, junk: bytes
) -> None:
    data = keyframe(tmp_path)
    await decoders.picture(data, 160)
    first = pids(decoders)
    for bad in (junk, data[: len(data) // 2], data[:800] + junk):
        with contextlib.suppress(NotFound):
            await decoders.picture(bad, 160)
    assert await decoders.picture(data, 160)
    assert pids(decoders) == first


def pids(decoders: Decoders) -> list[int]:
    return [one._process.pid for one in decoders._idle]


@pytest.mark.parametrize("script", [HANGS, DIES, TALKS])
async def test_one_that_hangs_dies_or_talks_without_end_is_ended_and_replaced(script: str) -> None:
    decoders = Decoders((sys.executable, "-c", script), picture_s=0.3)
    for _ in range(AT_ONCE + 1):  # as many as there may be, and one more: none stays taken
        with pytest.raises(NotFound):
            await decoders.picture(b"x", 160)
    assert pids(decoders) == []
    await decoders.close()


async def test_one_that_does_not_start_is_said_so() -> None:
    decoders = Decoders((sys.executable, "-c", "raise SystemExit(1)"))
    with pytest.raises(Unavailable) as away:
        await decoders.picture(b"x", 160)
    assert away.value.code == "decoder_away"


async def test_one_killed_while_it_waits_is_replaced(tmp_path: Path, decoders: Decoders) -> None:
    data = keyframe(tmp_path)
    await decoders.picture(data, 160)
    (pid,) = pids(decoders)
    os.kill(pid, signal.SIGKILL)
    while decoders._idle[0].alive:
        await asyncio.sleep(0.01)
    assert await decoders.picture(data, 160)
    assert pids(decoders) != [pid]


async def test_few_stay_when_nobody_asks(tmp_path: Path, decoders: Decoders) -> None:
    data = keyframe(tmp_path)
    await asyncio.gather(*(decoders.picture(data, 160) for _ in range(12)))
    assert 0 < len(pids(decoders)) <= WARM


class Shop:
    """Clips of a few segments, a clock that is turned, and a disk that is full when it is told to be."""

    def __init__(self, folder: Path, decoders: Decoders) -> None:
        self.folder = folder / "clips"
        self.now = datetime(2026, 11, 23, 4, tzinfo=UTC)
        self.free = 10**9
        self.clips = Clips(self.folder, decoders, room=lambda: self.free, clock=lambda: self.now)
        parts = []
        for number in range(6):
            file = folder / f"{number}.mp4"
            file.write_bytes(shot(Take(first=30 * number)))
            parts.append(Source(str(file), 2000 * number, ((0.0, 2000.0),)))
        self.order = Order(tuple(parts), 0, 12_000, "gate")
        self.of = Subject(folder, "gate", ())  # type: ignore[arg-type]  # whose it is does not matter here

    async def cut(self) -> Clip:
        made = [one async for one in self.clips.cut(self.of, self.order)][-1]
        assert isinstance(made, Clip)
        return made

    def files(self) -> list[str]:
        return sorted(one.name for one in self.folder.iterdir()) if self.folder.is_dir() else []


async def test_a_clip_lies_an_hour_and_goes(tmp_path: Path, decoders: Decoders) -> None:
    shop = Shop(tmp_path, decoders)
    made = await shop.cut()
    assert shop.clips.get(made.id) == made
    shop.now += timedelta(minutes=59)
    await shop.clips.sweep()
    assert shop.files() == [f"{made.id}.mp4"]
    shop.now += timedelta(minutes=2)
    with pytest.raises(NotFound) as gone:
        shop.clips.get(made.id)
    assert gone.value.code == "clip_unknown"
    await shop.clips.sweep()
    assert shop.files() == []


async def test_a_clip_that_cannot_be_removed_keeps_no_other(tmp_path: Path, decoders: Decoders) -> None:
    shop = Shop(tmp_path, decoders)
    stuck, other = await shop.cut(), await shop.cut()
    stuck.file.unlink()
    stuck.file.mkdir()  # as any file that the disk does not let go
    shop.now += timedelta(hours=2)
    await shop.clips.sweep()
    assert not other.file.exists()


async def test_what_an_earlier_hub_left_is_removed(tmp_path: Path, decoders: Decoders) -> None:
    shop = Shop(tmp_path, decoders)
    shop.folder.mkdir()
    (shop.folder / "old.mp4").write_bytes(b"x")
    running = asyncio.create_task(shop.clips.run())
    while shop.files():
        await asyncio.sleep(0.01)
    running.cancel()


async def test_a_decoder_killed_in_the_middle_costs_the_clip_and_nothing_else(
    tmp_path: Path, decoders: Decoders
) -> None:
    shop = Shop(tmp_path, decoders)
    await shop.cut()
    os.kill(pids(decoders)[0], signal.SIGSTOP)
    cutting = shop.clips.cut(shop.of, shop.order)
    (pid,) = pids(decoders)
    coming = asyncio.ensure_future(anext(cutting))
    while pids(decoders):
        await asyncio.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(Unavailable) as failed:
        await coming
    assert failed.value.code == "clip_failed"
    assert len(shop.files()) == 1, "the one before stays, the broken one is gone"
    assert (await shop.cut()).segments == 6


async def test_who_goes_away_ends_the_work(tmp_path: Path, decoders: Decoders) -> None:
    shop = Shop(tmp_path, decoders)
    cutting = shop.clips.cut(shop.of, shop.order)
    await anext(cutting)
    await cutting.aclose()
    assert shop.files() == []
    assert (await shop.cut()).segments == 6


async def test_no_more_than_two_are_cut_at_once_and_none_on_a_full_disk(tmp_path: Path, decoders: Decoders) -> None:
    shop = Shop(tmp_path, decoders)
    others = [shop.clips.cut(shop.of, shop.order) for _ in range(2)]
    for one in others:
        await anext(one)
    with pytest.raises(TooMany) as busy:
        await shop.cut()
    assert busy.value.code == "clips_busy"
    for one in others:
        await one.aclose()
    shop.free = 1000
    with pytest.raises(Unavailable) as full:
        await shop.cut()
    assert full.value.code == "disk_full"
    os.truncate(shop.order.sources[0].file, 5 << 30)
    with pytest.raises(Invalid) as large:
        await shop.cut()
    assert large.value.code == "clip_too_large"
    os.truncate(shop.order.sources[0].file, 0)
    shop.free = 10**9
    assert (await shop.cut()).damaged == 1
