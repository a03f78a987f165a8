"""The motion index on disk: `motion/<camera>/<local day>.log` while a day is written, `….vmi` once it is sealed.

A file holds one camera-day, so that what is too old, or no longer agreed to, is deleted with it. Where both files are
there (a hub was killed between them, or a worker's word came late) they are read together and sealed into one.

Workers append to logs; the hub seals, rewrites and deletes. Both hold the log's lock meanwhile, and whoever got it asks
whether the file is still there: what is appended is never lost to a seal. Blocking: call from threads.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from pathlib import Path
from uuid import UUID

from camera_hub.durable import locked, sync_folder, write_whole
from camera_hub.recall.motion.block import Block, damaged, seal
from camera_hub.recall.motion.days import Day, bounds, joined, of_log
from camera_hub.recall.motion.record import SIZE
from registry.errors import Corrupt
from registry.motion import Stretch

MOTION = "motion"
_LOG, _SEALED = ".log", ".vmi"
Held = Block | Day
"""A day as it is read: sealed, or what its log tells."""


@dataclass(frozen=True, slots=True)
class Stand:
    """How a day's files stand: which log, how large, and which sealed file (inode, time, size); None: none is there."""

    log: int | None
    size: int
    sealed: tuple[int, int, int] | None

    def grew_to(self, later: Stand) -> bool:
        """Whether nothing happened since but that the log was added to."""
        return (self.log, self.sealed) == (later.log, later.sealed) and self.size <= later.size


class Shelf:
    """The index below `data_dir`; `tz` says where days begin. Safe to use from several threads and processes."""

    def __init__(self, data_dir: Path, tz: tzinfo) -> None:
        self.tz = tz
        self._root = data_dir / MOTION

    def cameras(self) -> list[UUID]:
        """The cameras that have a folder."""
        found = []
        for name in _names(self._root):
            with contextlib.suppress(ValueError):
                found.append(UUID(name))
        return sorted(found)

    def days(self, camera_id: UUID) -> list[date]:
        """The days a camera has a file of, oldest first."""
        return sorted(self._named(camera_id, _LOG, _SEALED))

    def logged(self, camera_id: UUID) -> list[date]:
        """The days of a camera that are not sealed, oldest first."""
        return sorted(self._named(camera_id, _LOG))

    def read(self, camera_id: UUID, day: date) -> Held | None:
        """What is held of a day, the one that is being written too; None without a file. Raises Corrupt, OSError."""
        # The log first: a seal makes its file before it takes the log away.
        logged = _bytes(self._path(camera_id, day, _LOG))
        block = self.sealed(camera_id, day)
        if logged is None:
            return block
        told = self._of_log(logged, day)
        return told if block is None else joined(block.day(), told)

    def sealed(self, camera_id: UUID, day: date) -> Block | None:
        """What was sealed of a day. Raises Corrupt, OSError."""
        data = _bytes(self._path(camera_id, day, _SEALED))
        if data is None:
            return None
        block = Block(data)
        if (block.begin, block.begin + block.length) != bounds(day, self.tz):
            raise damaged("it was sealed in another time zone")  # its hours would be told as others
        return block

    def log(self, camera_id: UUID, day: date, after: int = 0) -> bytes:
        """The whole records of a day's log from a byte on; none where there is no log. Raises OSError."""
        try:
            with self._path(camera_id, day, _LOG).open("rb", buffering=0) as file:
                file.seek(after)
                data = file.read()
        except FileNotFoundError:
            return b""
        return data[: len(data) - len(data) % SIZE]

    def stand(self, camera_id: UUID, day: date) -> Stand:
        """How a day's files stand now. Raises OSError."""
        log = _stat(self._path(camera_id, day, _LOG))
        sealed = _stat(self._path(camera_id, day, _SEALED))
        return Stand(
            None if log is None else log.st_ino,
            0 if log is None else log.st_size,
            None if sealed is None else (sealed.st_ino, sealed.st_mtime_ns, sealed.st_size),
        )

    def size(self, camera_id: UUID, day: date) -> int:
        """What a day takes on disk."""
        size = 0
        for suffix in (_LOG, _SEALED):
            with contextlib.suppress(FileNotFoundError):
                size += self._path(camera_id, day, suffix).stat().st_size
        return size

    def append(self, camera_id: UUID, day: date, records: bytes) -> None:
        """Add whole records to a day's log; a torn one that somebody left at its end is cut off first. OSError."""
        path = self._path(camera_id, day, _LOG)
        with locked(path, make=True) as descriptor:
            assert descriptor is not None  # noqa: S101 -- it is made where it is not
            size = os.fstat(descriptor).st_size
            if size % SIZE:
                os.ftruncate(descriptor, size := size - size % SIZE)
            write_whole(descriptor, records, size)

    def seal(self, camera_id: UUID, day: date) -> bool:
        """Seal a day that is over, whatever was sealed of it before; False where there is no log.

        On disk when this returns; done twice, or cut off anywhere and done again, it gives the same file. Raises
        Corrupt where what was sealed before is damaged: then both files stay.
        """
        path = self._path(camera_id, day, _LOG)
        with locked(path, make=False) as descriptor:
            if descriptor is None:
                return False
            held = self.read(camera_id, day)
            assert isinstance(held, Day)  # noqa: S101 -- there is a log, and nobody else takes it away
            self._put(camera_id, day, held)
            path.unlink()
        return True

    def cut(self, camera_id: UUID, day: date, kept: Sequence[Stretch]) -> None:
        """Leave of a day what lies in `kept` stretches (since 1970), sealed; of a damaged one nothing."""
        begin, end = bounds(day, self.tz)
        path = self._path(camera_id, day, _LOG)
        with locked(path, make=False) as descriptor:
            try:
                held = self.read(camera_id, day) or Day.empty(end - begin)
            except Corrupt:
                held = Day.empty(end - begin)
            whole = held.day() if isinstance(held, Block) else held
            left = whole.cut([(since - begin, until - begin) for since, until in kept])
            if left:
                self._put(camera_id, day, left)
            else:
                self._path(camera_id, day, _SEALED).unlink(missing_ok=True)
            if descriptor is not None:
                path.unlink()
        self._leave(path.parent)

    def delete(self, camera_id: UUID, day: date) -> None:
        """Delete a day's files, and the camera's folder when it is the last."""
        path = self._path(camera_id, day, _LOG)
        with locked(path, make=False):
            path.unlink(missing_ok=True)
        self._path(camera_id, day, _SEALED).unlink(missing_ok=True)
        self._leave(path.parent)

    def tidy(self, camera_id: UUID) -> None:
        """Take half-written files of a killed hub away."""
        for name in _names(self._root / str(camera_id)):
            if name.startswith("."):
                (self._root / str(camera_id) / name).unlink(missing_ok=True)

    def key(self, camera_id: UUID, day: date) -> str:
        """How a day's file is named to people."""
        suffix = _SEALED if self._path(camera_id, day, _SEALED).exists() else _LOG
        return f"{MOTION}/{camera_id}/{day}{suffix}"

    def _leave(self, folder: Path) -> None:
        with contextlib.suppress(OSError):  # not empty
            folder.rmdir()

    def _of_log(self, data: bytes, day: date) -> Day:
        begin, end = bounds(day, self.tz)
        return of_log(data, begin, end - begin)

    def _put(self, camera_id: UUID, day: date, held: Day) -> None:
        path = self._path(camera_id, day, _SEALED)
        temporary = path.with_name(f".{path.name}")
        with temporary.open("wb") as file:
            file.write(seal(held, bounds(day, self.tz)[0]))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)

    def _path(self, camera_id: UUID, day: date, suffix: str) -> Path:
        return self._root / str(camera_id) / f"{day.isoformat()}{suffix}"

    def _named(self, camera_id: UUID, *suffixes: str) -> set[date]:
        found = set()
        for name in _names(self._root / str(camera_id)):
            day, dot, suffix = name.partition(".")
            if dot + suffix in suffixes:
                with contextlib.suppress(ValueError):
                    found.add(date.fromisoformat(day))
        return found


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 -- names are wanted, thousands of them
    except FileNotFoundError:
        return []


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
