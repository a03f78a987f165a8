"""Stills are taken from frames that are there, by the clock, masked, and never in anybody's way."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import av
import cv2
import numpy as np

from camera_hub.live.tap import Tap
from camera_hub.media import Media
from camera_hub.recall.stills import taking
from camera_hub.recall.stills.dayfile import Album, Still
from camera_hub.recall.stills.taking import Sampler, Shot, StillWriter
from camera_hub.watch.inference import Crop, Look
from camera_hub.watch.pull import Gauge, Parts, pull
from detectors.facts import Rgb
from registry.orders import WatchOrder
from registry.recordings.model import RecordOrder

CAMERA = UUID(int=1)
NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
MASK = [[0.0, 0.0], [0.5, 0.0], [0.5, 0.5], [0.0, 0.5]]


def grey(level: int, size: tuple[int, int] = (360, 640)) -> Rgb:
    return np.full((*size, 3), level, np.uint8)


class Desk:
    """A camera's sampler, and a writer whose thread never runs."""

    def __init__(self, folder: Path, *, every_s: int = 600, free: int = 10**12) -> None:
        self.agreed = True
        self.free = free
        self.writer = StillWriter(folder, every_s, 10**9, lambda _: self.agreed, free=lambda _: self.free)
        self.album = Album(folder)
        self.sampler = Sampler(self.writer, CAMERA, 0, masked=False)
        self.asked = 0

    def run(self, seconds: float, *, begin: float = 0, level: int = 100, apart: float = 0.2) -> None:
        """Frames from `begin` on; of noon plus stream time."""
        at = begin
        while at < begin + seconds:
            self.sampler.look(at, NOON + timedelta(seconds=at), lambda: self._picture(level))
            at = round(at + apart, 3)

    def _picture(self, level: int) -> Rgb:
        self.asked += 1
        return grey(level)

    def waiting(self) -> list[Shot]:
        found = []
        while not self.writer._waiting.empty():
            one = self.writer._waiting.get_nowait()
            assert one is not None
            found.append(one)
        return found


def test_one_still_a_slot_of_five_frames_a_second_apart(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.run(1300)
    shots = desk.waiting()
    assert [(one.at - NOON).total_seconds() for one in shots] == [0, 600, 1200]
    assert desk.asked == 15, "no other frame is converted"
    assert {len(one.frames) for one in shots} == {5}
    assert shots[0].frames[0].shape == (180, 320, 3)


def test_a_new_pull_of_the_same_slot_takes_no_second_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.run(10)
    desk.sampler = Sampler(desk.writer, CAMERA, 0, masked=False)
    desk.run(10, begin=20)
    assert len(desk.waiting()) == 1


def test_a_camera_that_may_not_be_recorded_has_none(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.agreed = False
    desk.run(700)
    assert (desk.waiting(), desk.asked) == ([], 0)
    desk.agreed = True
    desk.run(10, begin=1200)
    (shot,) = desk.waiting()
    desk.agreed = False
    desk.writer.keep(shot)
    assert desk.album.days() == [], "withdrawn while it waited"


def test_a_slow_or_broken_stream_makes_a_still_of_what_there_is(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.run(200, apart=60)
    assert [len(one.frames) for one in desk.waiting()] == [1]
    desk = Desk(tmp_path)
    desk.run(2.5)
    desk.run(5, begin=-100)
    assert [len(one.frames) for one in desk.waiting()] == [3, 5], "time that went back begins another one"


def test_who_walks_by_is_not_in_the_median(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    frames = tuple(taking.small(grey(one)) for one in (100, 102, 250, 101, 99))
    desk.writer.keep(Shot(CAMERA, NOON, masked=False, frames=frames))
    (kept,) = desk.album.read("2026-11-29", CAMERA).stills
    assert abs(float(picture(kept).mean()) - 101) < 2
    assert (kept.width, kept.height, kept.at) == (320, 180, round(NOON.timestamp() * 1000))


def test_without_room_nothing_is_written_and_nobody_waits(tmp_path: Path) -> None:
    desk = Desk(tmp_path, free=10**9)
    shot = Shot(CAMERA, NOON, masked=False, frames=(taking.small(grey(90)),))
    desk.writer.keep(shot)
    assert (desk.album.days(), desk.writer.left_out) == ([], 1)
    desk.free = 2 * 10**9
    desk.writer.keep(shot)
    assert desk.writer.kept == 1
    for _ in range(taking.MOST_WAITING + 5):
        desk.writer.offer(shot)
    assert (len(desk.waiting()), desk.writer.left_out) == (taking.MOST_WAITING, 6)


def test_a_disk_that_fails_costs_a_still(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (tmp_path / "stills").write_text("in the way", encoding="utf-8")
    desk.writer.keep(Shot(CAMERA, NOON, masked=False, frames=(taking.small(grey(90)),)))
    assert (desk.writer.kept, desk.writer.left_out) == (0, 1)


def test_the_thread_keeps_what_waits_and_ends(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.writer.start()
    for minute in range(3):
        at = NOON + timedelta(minutes=minute)
        desk.writer.offer(Shot(CAMERA, at, masked=False, frames=(taking.small(grey(90)),)))
    desk.writer.end(5)
    assert len(desk.album.read("2026-11-29", CAMERA).stills) == 3


class Blind:
    name = "none"

    def submit(self, crops: list[Crop]) -> Look:
        look = Look(crops)
        look.settle([])
        return look


def test_what_a_mask_hides_is_black_in_a_still(tmp_path: Path) -> None:
    footage = tmp_path / "bright.mp4"
    with av.open(str(footage), "w") as out:
        stream = out.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for number in range(120):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(grey(150 + number // 2), format="rgb24")))
        out.mux(stream.encode(None))
    order = WatchOrder(
        camera_no=1,
        camera_id=CAMERA,
        name="Yard",
        url=f"file://{footage}",
        username="",
        password="",
        tier="full",
        halt=None,
        scene_revision=1,
        scene={"masks": [MASK]},
        clock_offset_ms=None,
        stream="sub",
        main_url=None,
        record=RecordOrder(),
    )
    writer = StillWriter(tmp_path, 600, 0, lambda _: True)
    parts = Parts(Blind(), Media(tmp_path, 0, 10**9), "local", 5.0, UTC, allow_file=True, allow_loopback=False)
    writer.start()
    pull(order, replace(parts, stills=writer), threading.Event(), gauge=Gauge(), post=lambda _: None, tap=Tap())
    writer.end(5)
    album = Album(tmp_path)
    (still,) = [one for day in album.days() for one in album.read(day, CAMERA).stills]
    assert still.masked
    seen = picture(still)
    assert seen[:86, :156].max() < 30
    assert seen[96:].min() > 100


def picture(still: Still) -> Rgb:
    return cv2.imdecode(np.frombuffer(still.data, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]
