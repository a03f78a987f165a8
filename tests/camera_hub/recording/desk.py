"""A reel with a real disk and no thread, and streams made for it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import numpy as np

from camera_hub.demo.clip import Shape, encode
from camera_hub.live.tap import Begun
from camera_hub.recording.disk import Disk
from camera_hub.recording.files import Name, path_of
from camera_hub.recording.reel import Item, Reel, Subject, Taken
from camera_hub.recording.segment import Segment
from camera_hub.stream.packet import Packet, StreamParams
from camera_hub.stream.wall import WallTime
from registry.recordings.model import SegmentChange, Why

TICKS = 90_000
FPS = 15
CAMERA = UUID(int=7)
START = datetime(2026, 11, 24, 3, 0, 0, 123_000, tzinfo=UTC)
SMALL = Shape(160, 96, FPS, 200, 1.0)
LARGE = Shape(320, 180, FPS, 300, 1.0)
SMALL_HEVC = Shape(160, 96, FPS, 200, 1.0, "hevc")


@cache
def units(shape: Shape = SMALL, count: int = 60) -> tuple[tuple[bool, bytes], ...]:
    """Frames that each differ in one grey, a keyframe a second."""
    greys = (number * 3 % 200 + 20 for number in range(count))
    return tuple(encode((np.full((shape.height, shape.width, 3), grey, np.uint8) for grey in greys), shape))


def packets(shape: Shape = SMALL, count: int = 60, *, begin: int = 0, first: int = 0) -> list[Packet]:
    """Packets from stream tick `begin` on; received as they are timed. `first` leaves frames out at the beginning."""
    step = TICKS // FPS
    return [
        Packet(data, begin + n * step, begin + n * step, key, (begin + n * step) / TICKS)
        for n, (key, data) in enumerate(units(shape, count))
        if n >= first
    ]


def begun(codec: str = "h264", *, masked: bool = False, wall: WallTime | None = None) -> Begun:
    clock = wall or WallTime(lambda: START, lambda: 0.0)
    return Begun(StreamParams(codec, None, Fraction(1, TICKS), 0, 0), None, masked, clock)


def taken(given: Iterable[Packet], *, start: datetime = START, why: Why = Why.CONTINUOUS) -> list[Item]:
    """The packets, dated: stream time zero is `start`."""
    return [Taken(one, start + timedelta(seconds=one.pts / TICKS), why) for one in given]


def frames_of(file: Path) -> list[tuple[float, int]]:
    """Time and grey of every frame that a player finds."""
    with av.open(str(file)) as container:
        return [(float(one.time or 0), int(one.to_ndarray(format="gray").mean())) for one in container.decode(video=0)]


@dataclass
class Desk:
    """A reel whose files are synced at once. `whole` is what the hub would be told."""

    folder: Path
    segment_s: float = 2.0
    camera: UUID = CAMERA
    begun: list[SegmentChange] = field(default_factory=list)
    whole: list[SegmentChange] = field(default_factory=list)
    reel: Reel = field(init=False)

    def __post_init__(self) -> None:
        def finish(segment: Segment, ended_at: datetime) -> None:
            segment.sync()
            segment.release()
            self.whole.append(segment.change("local", ended_at))

        self.reel = Reel(
            Subject(self.camera, "sub", self.segment_s),
            Disk(self.folder, 0),
            tell=lambda segment: self.begun.append(segment.change("local", None)),
            finish=finish,
        )

    def file(self, change: SegmentChange) -> Path:
        return path_of(self.folder, Name(change.camera_id, change.stream, change.started_at))

    def played(self) -> Iterator[tuple[SegmentChange, list[tuple[float, int]]]]:
        """Every whole segment with its frames; what was told of it is checked against its file."""
        assert len({one.started_at for one in self.whole}) == len(self.whole)
        for one in self.whole:
            data = self.file(one).read_bytes()
            assert (one.bytes, one.digest) == (len(data), hashlib.blake2b(data, digest_size=32).hexdigest())
            frames = frames_of(self.file(one))
            assert len(frames) == one.frames > 0
            assert frames[0][0] >= 0
            yield one, frames

    def dated(self) -> list[tuple[datetime, int]]:
        """Wall time and grey of every frame recorded."""
        return [(one.started_at + timedelta(seconds=at), grey) for one, frames in self.played() for at, grey in frames]

    def files(self) -> list[Any]:
        return sorted(self.folder.glob("recordings/*/*/*.mp4"))
