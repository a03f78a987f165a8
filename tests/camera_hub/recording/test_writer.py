"""The writer's thread over a disk that is slow, full, broken or taken away: nobody waits, and it recovers by itself."""

from __future__ import annotations

import errno
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest

from camera_hub.recording import writer as writer_module
from camera_hub.recording.disk import Disk
from camera_hub.recording.files import Name, path_of
from camera_hub.recording.reel import Reel, Subject
from camera_hub.recording.writer import Writer
from camera_hub.stream.packet import Packet
from registry.model import RecordFault
from registry.recordings.model import SegmentChange

from .desk import SMALL, TICKS, begun, frames_of, packets, taken, units


class Moody(Disk):
    """The real disk, until it is told to be otherwise."""

    def __init__(self, folder: Path) -> None:
        self.bytes_free = 10**12
        super().__init__(folder, 10**6, free=lambda _: self.bytes_free)
        self.free_to_write = threading.Event()
        self.free_to_write.set()
        self.error: int | None = None
        self.half = False

    def write(self, descriptor: int, data: bytes, offset: int) -> None:
        self.free_to_write.wait()
        if self.error is not None:
            if self.half:
                os.write(descriptor, data[: len(data) // 2])
                os.ftruncate(descriptor, offset)
            raise OSError(self.error, os.strerror(self.error))
        super().write(descriptor, data, offset)


@dataclass
class Room:
    folder: Path
    disk: Moody
    writer: Writer
    told: list[SegmentChange]
    reels: list[Reel] = field(default_factory=list)
    at: dict[Reel, int] = field(default_factory=dict)

    def reel(self, number: int = 1) -> Reel:
        reel = self.writer.reel(Subject(UUID(int=number), "sub", 600.0))
        self.writer.offer(reel, begun())
        self.reels.append(reel)
        return reel

    def play(self, reel: Reel, count: int = 15) -> None:
        """The next frames of a stream with a keyframe a second."""
        first = self.at.get(reel, 0)
        self.at[reel] = first + count
        step = TICKS // 15
        for n in range(first, first + count):
            key, data = units(SMALL, 60)[n % 60]
            for one in taken([Packet(data, n * step, n * step, key, n / 15)]):
                self.writer.offer(reel, one)

    def whole(self) -> list[SegmentChange]:
        return [one for one in self.told if one.ended_at is not None]

    def file(self, change: SegmentChange) -> Path:
        return path_of(self.folder, Name(change.camera_id, change.stream, change.started_at))


def until(condition: Callable[[], object], what: str = "") -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, what or condition
        time.sleep(0.01)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    told: list[SegmentChange] = []
    disk = Moody(tmp_path)
    writer = Writer(disk, "local", told.append)
    writer.start()
    yield Room(tmp_path, disk, writer, told)
    disk.free_to_write.set()
    writer.end(10)


def recovered(room: Room, reel: Reel) -> None:
    """Frames that come now are recorded, in a file that plays."""

    def again() -> bool:
        room.play(reel)
        return room.writer.fault(reel) is None and reel.recording

    until(again, "recording goes on by itself")
    before = len(room.whole())
    room.writer.retire(reel)
    until(lambda: len(room.whole()) > before)
    last = room.whole()[-1]
    assert len(frames_of(room.file(last))) == last.frames > 0


def test_many_cameras_are_recorded_and_told_whole(room: Room) -> None:
    reels = [room.reel(number) for number in range(1, 17)]
    for _ in range(3):
        for reel in reels:
            room.play(reel, 20)
    for reel in reels:
        room.writer.retire(reel)
    until(lambda: len(room.whole()) == 16)
    for one in room.whole():
        assert len(frames_of(room.file(one))) == one.frames == 60
    counts = room.writer.counts
    assert (counts.open, counts.frames, counts.dropped) == (0, 16 * 60, 0)
    assert counts.bytes == sum(one.bytes for one in room.whole())


def test_a_slow_disk_holds_up_nobody_and_is_shown(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "MOST_OF_ONE", 40_000)
    monkeypatch.setattr(writer_module, "MOST_WAITING", 100_000)
    slow, others = room.reel(1), [room.reel(number) for number in range(2, 8)]
    room.play(slow)
    until(lambda: slow.frames == 15)
    room.disk.free_to_write.clear()
    for _ in range(40):  # returns at once, or this test never ends
        room.play(slow)
        for other in others:
            room.play(other)
    assert room.writer._bytes <= 100_000
    assert slow.dropped > 0
    assert room.writer.fault(slow) is RecordFault.DISK_SLOW
    room.disk.free_to_write.set()
    room.play(slow, 30)
    until(lambda: not room.writer._bytes)
    monkeypatch.setattr(writer_module, "SHOWN_S", 0.0)
    recovered(room, slow)
    lost = slow.dropped
    sent = room.at[slow]
    recorded = [one for one in room.whole() if one.camera_id == UUID(int=1)]
    assert len(recorded) >= 2, "a gap is a gap: what follows is another file"
    assert sum(len(frames_of(room.file(one))) for one in recorded) == sent - lost


def test_what_is_left_out_reaches_to_a_keyframe_and_begins_another_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[SegmentChange] = []
    writer = Writer(Disk(tmp_path, 0), "local", told.append)
    room = Room(tmp_path, Moody(tmp_path), writer, told)
    reel = room.reel()
    room.play(reel, 20)
    writer._turn()
    with monkeypatch.context() as patched:
        patched.setattr(writer_module, "MOST_OF_ONE", 0)
        room.play(reel, 3)
    assert reel.dropped == 3
    room.play(reel, 10)  # the next keyframe is the eighth of them
    writer.retire(reel)
    writer._turn()
    writer.start()
    writer.end(30)
    assert reel.dropped == 10
    assert [(one.frames, len(frames_of(room.file(one)))) for one in room.whole()] == [(20, 20), (3, 3)]


def test_a_writer_that_hangs_is_shown_before_anything_is_lost(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "LATE_S", 0.3)
    reel = room.reel()
    room.play(reel)
    until(lambda: reel.frames == 15)
    assert room.writer.fault(reel) is None
    room.disk.free_to_write.clear()
    room.play(reel)
    until(lambda: room.writer.fault(reel) is RecordFault.DISK_SLOW)
    assert reel.dropped == 0
    room.disk.free_to_write.set()
    until(lambda: room.writer.fault(reel) is None)
    assert reel.dropped == 0


def test_a_full_disk_ends_files_and_recording_goes_on_when_there_is_room(room: Room) -> None:
    reel = room.reel()
    room.play(reel)
    until(lambda: reel.frames == 15)
    room.disk.bytes_free = 10**6

    def full() -> bool:
        room.play(reel, 1)
        return room.writer.fault(reel) is RecordFault.DISK_FULL

    until(full)
    until(lambda: len(room.whole()) == 1)
    assert len(frames_of(room.file(room.whole()[0]))) == room.whole()[0].frames
    assert not reel.recording
    room.disk.bytes_free = 10**12
    recovered(room, reel)
    assert reel.dropped > 0


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (errno.ENOSPC, RecordFault.DISK_FULL),
        (errno.EDQUOT, RecordFault.DISK_FULL),
        (errno.EIO, RecordFault.DISK_ERROR),
        (errno.EROFS, RecordFault.DISK_ERROR),
    ],
)
@pytest.mark.parametrize("half", [False, True])
def test_what_the_disk_refuses_is_left_out_and_what_it_took_plays(
    room: Room, error: int, fault: RecordFault, half: bool
) -> None:
    reel = room.reel()
    room.play(reel, 20)
    until(lambda: reel.frames == 20)
    room.disk.error, room.disk.half = error, half
    room.play(reel, 5)
    until(lambda: room.writer.fault(reel) is fault)
    until(lambda: len(room.whole()) == 1)
    (whole,) = room.whole()
    assert len(frames_of(room.file(whole))) == whole.frames == 20
    room.disk.error = None
    recovered(room, reel)
    assert room.writer._threads[0].is_alive()


def test_one_cameras_broken_folder_is_no_other_cameras_fault(room: Room) -> None:
    broken, sound = room.reel(1), room.reel(2)
    day = room.folder / Name(UUID(int=1), "sub", taken(packets())[0].date).key  # type: ignore[union-attr]
    day.parent.parent.mkdir(parents=True)
    day.parent.write_text("a file stands where its folder should be", encoding="utf-8")
    for _ in range(3):
        room.play(broken)
        room.play(sound)
    until(lambda: room.writer.fault(broken) is RecordFault.DISK_ERROR)
    until(lambda: sound.frames == 45)
    assert room.writer.fault(sound) is None
    assert sound.dropped == 0
    day.parent.unlink()
    recovered(room, broken)


def test_a_directory_that_was_removed_is_made_again(room: Room) -> None:
    reel = room.reel()
    room.play(reel)
    until(lambda: reel.frames == 15)
    shutil.rmtree(room.folder / "recordings")
    until(lambda: not reel.recording, "what is written to a deleted file nobody finds")
    recovered(room, reel)


def test_the_end_closes_every_file(tmp_path: Path) -> None:
    told: list[SegmentChange] = []
    writer = Writer(Disk(tmp_path, 0), "local", told.append)
    writer.start()
    room = Room(tmp_path, Moody(tmp_path), writer, told)
    for number in (1, 2, 3):
        room.play(room.reel(number), 7)
    writer.end(30)
    assert [(one.frames, len(frames_of(room.file(one)))) for one in room.whole()] == [(7, 7)] * 3


def test_a_tiny_disk_that_is_truly_full(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if os.geteuid() != 0 or os.system(f"mount -t tmpfs -o size=256k none {small} 2>/dev/null") != 0:
        pytest.skip("needs the right to mount")
    told: list[SegmentChange] = []
    writer = Writer(Disk(small, 0), "local", told.append)
    try:
        room = Room(small, Moody(small), writer, told)
        writer.start()
        reel = room.reel()

        def full() -> bool:
            room.play(reel)
            return writer.fault(reel) is RecordFault.DISK_FULL

        until(full)
        until(lambda: bool(room.whole()))
        first = room.whole()[0]
        assert len(frames_of(room.file(first))) == first.frames > 100
        room.file(first).unlink()
        recovered(room, reel)
    finally:
        writer.end(10)
        os.system(f"umount {small}")


def test_what_one_cameras_packets_break_is_its_own(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = room.reel(1), room.reel(2)
    room.play(broken)
    until(lambda: broken.frames == 15)

    def breaks(_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(broken, "roll", breaks)
        room.play(broken)
        room.play(sound, 30)
        until(lambda: room.writer.fault(broken) is RecordFault.CODEC)
        until(lambda: sound.frames == 30)
    recovered(room, broken)


def test_a_pull_that_begins_among_what_breaks_is_recorded_as_what_it_is(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    reel = room.reel()
    room.play(reel)
    until(lambda: reel.frames == 15)

    def breaks(_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(reel, "roll", breaks)
        room.writer.offer(reel, begun(masked=True))
        until(lambda: room.writer.fault(reel) is RecordFault.CODEC)
    recovered(room, reel)
    assert room.whole()[-1].masked


def test_a_stream_that_waits_for_an_event_shows_a_full_disk_no_longer_than_it_is_full(room: Room) -> None:
    reel = room.reel()
    room.disk.bytes_free = 10**6

    def full() -> bool:
        room.play(reel, 1)
        return room.writer.fault(reel) is RecordFault.DISK_FULL

    until(full)
    room.disk.bytes_free = 10**12
    until(lambda: room.writer.fault(reel) is None, "nothing happens, and the disk has room")


def test_a_disk_that_went_ends_no_thread(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    reel = room.reel()
    room.play(reel)
    until(lambda: reel.frames == 15)
    close, fstat = os.close, os.fstat

    def gone(descriptor: int) -> os.stat_result:
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), fstat(descriptor))

    def closed(descriptor: int) -> None:
        close(descriptor)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patched:
        patched.setattr("camera_hub.recording.disk.os.fstat", gone)
        patched.setattr("camera_hub.recording.segment.os.close", closed)
        until(lambda: not reel.recording)
    recovered(room, reel)
    assert all(thread.is_alive() for thread in room.writer._threads)
