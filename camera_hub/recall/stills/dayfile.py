"""A camera's small pictures of one UTC day in one file, `stills/<UTC day>/<camera id>.stills`: nothing but them.

A record is a head of 32 bytes (magic, when it was taken, width, height, whether masked, length, CRC-32) and the
picture as WebP. Records are appended under a lock of the file and synced, so that a cut at any byte loses the last one
at most: a reader passes over what does not fit, up to the next head. Blocking: call from threads.
"""

from __future__ import annotations

import contextlib
import os
import re
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from uuid import UUID
from zlib import crc32

from camera_hub.durable import locked, sync_folder, write_whole
from registry.columns import from_ms
from registry.errors import Unavailable

STILLS = "stills"
MAGIC = b"stl1"
_HEAD = struct.Struct(">4sqHHBxxxII4x")
"""Magic, ms since 1970, width, height, flags, bytes of the picture, CRC-32 of head (CRC 0) and picture."""
_MASKED = 1
MOST_BYTES = 1 << 18
"""A picture of 320 pixels' width is some kilobytes; a longer one is none of ours."""
_MOST_FILE = 64 << 20
"""A day of a still a minute is 10 MB; what is longer was made by something else, and is read no further."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_FILE = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.stills")


@dataclass(frozen=True, slots=True)
class Still:
    """One picture: when it was taken (ms since 1970), its size, whether parts of it are masked, and its WebP bytes."""

    at: int
    width: int
    height: int
    masked: bool
    data: bytes

    def encoded(self) -> bytes:
        """As it stands in its file."""
        sum_ = crc32(self.data, crc32(self._head(0)))
        return self._head(sum_) + self.data

    def _head(self, sum_: int) -> bytes:
        flags = _MASKED if self.masked else 0
        return _HEAD.pack(MAGIC, self.at, self.width, self.height, flags, len(self.data), sum_)


@dataclass(frozen=True, slots=True)
class Read:
    """What a day's file holds, in order of time, and how many bytes of it are no picture: torn or damaged."""

    stills: tuple[Still, ...]
    lost: int


def day_of(at_ms: int) -> str:
    """The UTC day that a moment's still is filed under."""
    return from_ms(at_ms).astimezone(UTC).date().isoformat()


def parse(data: bytes) -> Read:
    """Read the records of a file."""
    found: list[Still] = []
    at = lost = 0
    while at < len(data):
        still = _record(data, at)
        if still is not None:
            found.append(still)
            at += _HEAD.size + len(still.data)
            continue
        after = data.find(MAGIC, at + 1)
        after = len(data) if after < 0 else after
        lost += after - at
        at = after
    return Read(tuple(sorted(found, key=lambda one: one.at)), lost)


def _record(data: bytes, at: int) -> Still | None:
    if len(data) - at < _HEAD.size:
        return None
    magic, taken, width, height, flags, size, _ = _HEAD.unpack_from(data, at)
    if magic != MAGIC or size > MOST_BYTES or at + _HEAD.size + size > len(data):
        return None
    still = Still(taken, width, height, bool(flags & _MASKED), data[at + _HEAD.size : at + _HEAD.size + size])
    return still if still.encoded()[: _HEAD.size] == data[at : at + _HEAD.size] else None


@dataclass(frozen=True, slots=True)
class Filed:
    """A day's file of one camera: its UTC day, its bytes, and when it was last written (seconds since 1970)."""

    day: str
    camera_id: UUID
    size: int
    written_at: float


class Album:
    """The small pictures below `data_dir`. Safe to use from several threads and processes."""

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir / STILLS

    def path(self, day: str, camera_id: UUID) -> Path:
        """Where a camera's pictures of a day are or would be; `day` is one that `day_of` gives."""
        return self._root / day / f"{camera_id}.stills"

    def append(self, camera_id: UUID, still: Still) -> None:
        """Add a picture; on disk when this returns. Raises OSError, and then the file is as it was."""
        path = self.path(day_of(still.at), camera_id)
        with locked(path, make=True) as descriptor:
            assert descriptor is not None  # noqa: S101 -- it is made where it is not
            size = os.fstat(descriptor).st_size
            write_whole(descriptor, still.encoded(), size)
            try:
                os.fsync(descriptor)
            except OSError:
                os.ftruncate(descriptor, size)
                raise
            if size == 0:
                sync_folder(path.parent)
                sync_folder(path.parent.parent)

    def read(self, day: str, camera_id: UUID) -> Read:
        """A camera's pictures of a day; none without a file. Raises Unavailable where the disk does not tell."""
        if _DAY.fullmatch(day) is None:
            return Read((), 0)
        try:
            with self.path(day, camera_id).open("rb") as file:
                return parse(file.read(_MOST_FILE))
        except FileNotFoundError:
            return Read((), 0)
        except OSError as err:
            raise Unavailable(f"pictures cannot be read: {err.strerror}", code="media_read") from err

    def leave_out(self, day: str, camera_id: UUID, going: Callable[[Still], bool]) -> None:
        """Take pictures out of a day's file: those of which `going` is true. The file goes with its last one.

        What is appended meanwhile waits. Raises OSError.
        """
        path = self.path(day, camera_id)
        with locked(path, make=False) as descriptor:
            if descriptor is None:
                return
            with os.fdopen(os.dup(descriptor), "rb") as file:
                file.seek(0)
                kept = [one for one in parse(file.read(_MOST_FILE)).stills if not going(one)]
            if not kept:
                path.unlink()
                return
            temporary = path.with_name(f".{path.name}.{os.getpid()}")
            with temporary.open("wb") as file:
                file.writelines(one.encoded() for one in kept)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            sync_folder(path.parent)

    def days(self) -> list[str]:
        """The UTC days there are folders of, oldest first."""
        return sorted(entry.name for entry in _scan(self._root) if _DAY.fullmatch(entry.name))

    def files(self, day: str) -> Iterator[Filed]:
        """The files of a day, in no order."""
        for entry in _scan(self._root / day):
            match = _FILE.fullmatch(entry.name)
            if match is None:
                continue
            with contextlib.suppress(FileNotFoundError):
                stat = entry.stat(follow_symlinks=False)
                yield Filed(day, UUID(match[1]), stat.st_size, stat.st_mtime)

    def tidy(self, before: float) -> None:
        """Take away empty folders, and what a kill left half-written before `before` (seconds since 1970)."""
        for day in self.days():
            for entry in _scan(self._root / day):
                if entry.name.startswith(".") and entry.stat(follow_symlinks=False).st_mtime < before:
                    Path(entry.path).unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # not empty, or written to just now: stays
                (self._root / day).rmdir()


def _scan(folder: Path) -> Iterable[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except FileNotFoundError:
        return []
