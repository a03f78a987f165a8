"""A theft in the demo's past: three days of a sample camera that no pull ever saw, generated and said to be.

An e-bike stands at a rack until somebody walks off with it at night. What analysis would have left of it is there:
small pictures every ten minutes, where something moved in every second, and some minutes of footage around the theft.
The pictures of those minutes go through the same motion stage, encoder and files as a pull's.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from fractions import Fraction
from pathlib import Path
from uuid import UUID

import cv2
import numpy as np
from numpy.typing import NDArray

from camera_hub.demo.clip import Shape, encode
from camera_hub.demo.scenes import SCENES, Actor, Picture, draw, ground
from camera_hub.live.coding import TIMESCALE
from camera_hub.live.fmp4 import Muxer
from camera_hub.recall.motion.days import day_of
from camera_hub.recall.motion.noting import Noting
from camera_hub.recall.motion.record import Motion, Record, Seen, Span, View, pack
from camera_hub.recall.motion.shelf import Shelf
from camera_hub.recall.stills.dayfile import Album, Still
from camera_hub.recall.stills.taking import Shot, developed, small
from camera_hub.recording.disk import Disk
from camera_hub.recording.files import Name
from camera_hub.recording.segment import Segment
from camera_hub.stream.packet import Packet, StreamParams
from camera_hub.watch.job import NODE
from detectors.cells import ROWS, packed
from detectors.motion import MotionDetector
from registry import recordings
from registry.model import State, StatusChange
from registry.recordings.model import SegmentChange, Why
from registry.status import record_status
from registry.store import Store

Kept = dict[date, list[Record]]
"""What the motion stage notes, by the day whose file it goes to."""
Units = list[tuple[bool, bytes]]
"""A file's access units: keyframe, Annex B bytes."""
SCENE = SCENES["rack"]
DAYS = 3
DONE = "theft"
"""What a demo folder remembers of it."""
STILL_EVERY = timedelta(minutes=10)
FILE_S, FILES_BEFORE, FILES_AFTER = 60, 3, 3
SHAPE = Shape(640, 360, 8, 300, 2.0)
BIKE = Actor("ebike", 0, 1, (0.56, 0.76), (0.56, 0.76), 0.15, (190, 40, 45))
"""The one that is stolen; the scene's own stays."""
COMES_S, LEAVES_S = 9.0, 7.0
_NIGHT_BEGINS, _NIGHT_ENDS = 18, 6
_PASSERS_AN_HOUR = (1, 6)
"""By night and by day."""
_GRAINS = 7


@dataclass(frozen=True, slots=True)
class Theft:
    """When the e-bike was taken off its place, and from when to when there is footage."""

    at: datetime
    footage: tuple[datetime, datetime]


def when(now: datetime, tz: tzinfo) -> datetime:
    """The night before the last one, at seventeen minutes past two, local time."""
    day = now.astimezone(tz).date() - timedelta(days=1)
    return datetime(day.year, day.month, day.day, 2, 17, 8, tzinfo=tz)


def begins(at: datetime) -> datetime:
    """From when on the camera has seen its place, for a theft `at` a moment."""
    return at.replace(minute=0, second=0) - timedelta(days=DAYS - 1)


async def tell(store: Store, camera_id: UUID) -> None:
    """Put on record that the camera is live since its past begins: to be told before a worker tells of it."""
    since = begins(when(store.clock(), store.tz))
    await record_status(store, [StatusChange(camera_id, State.LIVE, None, "", since, *[None] * 5)])


async def lay(
    store: Store, data_dir: Path, camera_id: UUID, at: datetime, *, progress: Callable[[float], None] = lambda _: None
) -> Theft:
    """Leave on disk, and in the registry, what `camera_id` would have seen of a theft `at` a moment.

    Takes some twenty seconds of one core, in a thread; cancelled while it draws, it leaves nothing.
    """
    past = _Past(camera_id, at, store.tz)
    work = asyncio.create_task(asyncio.to_thread(past.leave, data_dir, store.clock(), progress))
    try:
        changes = await asyncio.shield(work)
    except asyncio.CancelledError:
        past.halted.set()
        await asyncio.gather(work, return_exceptions=True)
        raise
    await recordings.record(store, changes)
    return Theft(at, (changes[0].started_at, changes[-1].ended_at or changes[-1].started_at))


class _Halted(Exception):
    """Nobody waits for it any more."""


class _Past:
    def __init__(self, camera_id: UUID, at: datetime, tz: tzinfo) -> None:
        self._camera_id = camera_id
        self._at = at
        self._tz = tz
        self._dice = np.random.default_rng(17)
        self._grounds: dict[int, Picture] = {}
        self._grains: dict[tuple[bool, int], list[NDArray[np.int16]]] = {}
        self.halted = threading.Event()

    def leave(self, data_dir: Path, now: datetime, progress: Callable[[float], None]) -> list[SegmentChange]:
        """Draws all of it, which takes long, and then writes it, which does not. Raises _Halted while it draws."""
        begin = begins(self._at)
        first = self._at - timedelta(seconds=FILE_S * FILES_BEFORE)
        last = self._at + timedelta(seconds=FILE_S * FILES_AFTER)
        stills = list(self._stills(begin, now))
        progress(0.3)
        before, after = self._quiet(begin, first), self._quiet(last, now)
        moved: Kept = {}
        files = []
        for file in self._footage(first, moved):
            files.append(file)
            progress(0.3 + 0.7 * len(files) / (FILES_BEFORE + FILES_AFTER))
        album, shelf, disk = Album(data_dir), Shelf(data_dir, self._tz), Disk(data_dir, 0)
        for still in stills:
            album.append(self._camera_id, still)
        for kept in (before, after, moved):
            for day, records in kept.items():
                shelf.append(self._camera_id, day, b"".join(map(pack, records)))
        return [_file(disk, self._camera_id, start, units) for start, units in files]

    def _stills(self, begin: datetime, now: datetime) -> Iterator[Still]:
        at = begin
        while at < now:
            frames = tuple(small(self._picture(at, 320, 180)) for _ in range(3))
            yield developed(Shot(self._camera_id, at, masked=False, frames=frames))
            at += STILL_EVERY

    def _quiet(self, begin: datetime, end: datetime) -> Kept:
        """Hours in which now and then somebody walks by: what the motion stage would note of it."""
        kept: Kept = {}
        second, until = int(begin.timestamp()), int(end.timestamp())
        while second < until:
            day = day_of(second, self._tz)
            stop = min(until, second + 3600 - second % 3600)
            records = kept.setdefault(day, [View(second, np.zeros(ROWS, np.uint32))])
            records.append(Span(second, stop, Seen.FULL))
            hourly = _PASSERS_AN_HOUR[not self._night(datetime.fromtimestamp(second, self._tz))]
            for start in sorted(self._dice.integers(second, stop, self._dice.poisson(hourly))):
                records += _walk(int(start), stop)
            second = stop
        return kept

    def _footage(self, first: datetime, kept: Kept) -> Iterator[tuple[datetime, Units]]:
        """When each file begins and its access units; what moved in them is added to `kept` by the way."""
        noting = Noting(lambda day, record: kept.setdefault(day, []).append(record), self._tz, hidden=_none(), scene=0)
        motion = MotionDetector(None)

        def pictures(begin: datetime) -> Iterator[Picture]:
            for number in range(FILE_S * SHAPE.fps):
                at = begin + timedelta(seconds=number / SHAPE.fps)
                picture = self._picture(at, SHAPE.width, SHAPE.height)
                luma = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
                noting.saw(motion.look(luma, (at - first).total_seconds()), at, thin=False)
                yield picture

        for number in range(FILES_BEFORE + FILES_AFTER):
            begin = first + timedelta(seconds=FILE_S * number)
            yield begin, list(encode(pictures(begin), SHAPE))
        noting.end()

    def _night(self, at: datetime) -> bool:
        return not _NIGHT_ENDS <= at.astimezone(self._tz).hour < _NIGHT_BEGINS

    def _picture(self, at: datetime, width: int, height: int) -> Picture:
        if self.halted.is_set():
            raise _Halted
        night = self._night(at)
        if width not in self._grounds:
            self._grounds[width] = ground(SCENE, width, height)
        picture = self._grounds[width].copy()
        draw(picture, SCENE.actors[0], 0.0)
        since = (at - self._at).total_seconds()
        if since < 0:
            draw(picture, BIKE, 0.0)
        for actor, begins, takes in _THIEF:
            if begins <= since < begins + takes:
                draw(picture, actor, since - begins)
        if night:
            grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
            picture = (cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB) * 0.45).astype(np.uint8)
        noisy: Picture = np.clip(picture + self._grain(night, width, height), 0, 255).astype(np.uint8)
        return noisy

    def _grain(self, night: bool, width: int, height: int) -> NDArray[np.int16]:
        """A sensor's noise, one of seven: drawn anew for each picture it would cost more than all the rest."""
        grains = self._grains.setdefault((night, width), [])
        if len(grains) < _GRAINS:
            grains.append(self._dice.normal(0, 6 if night else 2, (height, width, 1)).astype(np.int16))
            return grains[-1]
        return grains[int(self._dice.integers(_GRAINS))]


_COAT = (60, 60, 70)
_THIEF = (
    (Actor("person", 0, COMES_S, (-0.05, 0.90), (0.52, 0.80), 0.40, _COAT), -COMES_S, COMES_S),
    (Actor("person", 0, LEAVES_S, (0.50, 0.80), (1.08, 0.90), 0.40, _COAT), 0.0, LEAVES_S),
    (Actor("ebike", 0, LEAVES_S, BIKE.begin, (1.18, 0.90), BIKE.size, BIKE.colour), 0.0, LEAVES_S),
)
"""He comes from the left, and leaves to the right with it: who, from which second of the theft, how long."""


def _none() -> NDArray[np.uint32]:
    return np.zeros(ROWS, np.uint32)


def _walk(start: int, stop: int) -> list[Record]:
    """Somebody who crosses the foreground, from one side to the other."""
    records: list[Record] = []
    for step in range(min(12, stop - start)):
        cells = np.zeros((ROWS, 32), np.bool_)
        left = step * 32 // 12
        cells[12:17, left : left + 3] = True
        records.append(Motion(start + step, packed(cells)))
    return records


def _file(disk: Disk, camera_id: UUID, begin: datetime, units: Units) -> SegmentChange:
    muxer = Muxer(StreamParams("h264", None, Fraction(1, TIMESCALE), 0, 0))
    step = TIMESCALE // SHAPE.fps
    segment: Segment | None = None
    for number, (key, unit) in enumerate(units):
        init, fragment = muxer.feed(Packet(unit, number * step, number * step, key, number / SHAPE.fps))
        if init is not None:
            name = Name(camera_id, "sub", begin)
            segment = Segment(name, disk, init, codec="h264", why=Why.CONTINUOUS, masked=False, clock_offset_ms=0)
            segment.write(init.data, 0)
        if fragment is not None and segment is not None:
            segment.write(fragment.data, 1)
    assert segment is not None  # noqa: S101 - the first picture is a keyframe
    segment.sync()
    segment.release()
    return segment.change(NODE, begin + timedelta(seconds=FILE_S))
