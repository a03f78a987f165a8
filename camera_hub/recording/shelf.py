"""A node's recordings on disk, as the hub sees them: which files there are, and what one holds that nobody closed.

Workers write the files; the hub cuts what a killed one left, counts, and deletes. Blocking: call from threads.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from camera_hub.recording.boxes import Init, walk
from camera_hub.recording.files import RECORDINGS, Name, path_of
from registry.errors import NotFound

_READ = 1 << 20
_CAMERA = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A segment's file: its name, bytes, and when it was written last (seconds since 1970)."""

    name: Name
    size: int
    written_at: float


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What a file holds up to its last whole fragment; it was cut there. `cut_off` are the bytes behind that."""

    init: Init
    ended_at: datetime
    frames: int
    bytes: int
    digest: str
    cut_off: int


class Shelf:
    """The recordings below `data_dir`. Safe to use from several threads."""

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir

    def look(self, name: Name) -> OnDisk | None:
        """How a file is now; None where there is none. Raises OSError where the disk does not tell."""
        try:
            stat = path_of(self._root, name).stat()
        except FileNotFoundError:
            return None
        return OnDisk(name, stat.st_size, stat.st_mtime)

    def salvage(self, name: Name) -> Salvaged | None:
        """Cut a file that nobody writes any more after its last whole fragment, on disk when this returns.

        None where nothing of it can be played. Raises OSError, FileNotFoundError too.
        """
        path = path_of(self._root, name)
        found = walk(path)
        if found.init is None or not found.fragments:
            return None
        if not found.whole:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
            try:
                os.ftruncate(descriptor, found.end)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        ended_at = name.started_at + timedelta(milliseconds=max(round(found.seconds * 1000), 1))
        return Salvaged(found.init, ended_at, found.frames, found.end, self.digest(name), found.size - found.end)

    def digest(self, name: Name) -> str:
        """BLAKE2b-256 of a file, as hex. Raises OSError."""
        digest = hashlib.blake2b(digest_size=32)
        with path_of(self._root, name).open("rb") as file:
            while data := file.read(_READ):
                digest.update(data)
        return digest.hexdigest()

    def delete(self, names: Iterable[Name]) -> int:
        """Delete files, those that are gone already included; returns how many were there.

        Raises OSError when one could not be deleted, once all the others are.
        """
        deleted, failed = 0, None
        for name in names:
            try:
                path_of(self._root, name).unlink()
                deleted += 1
            except FileNotFoundError:
                continue
            except OSError as err:
                failed = err
        if failed is not None:
            raise failed
        return deleted

    def days(self) -> list[str]:
        """The days there are folders of, oldest first; none where nothing was recorded, or the folder is gone."""
        return sorted(entry.name for entry in _folders(self._root / RECORDINGS))

    def cameras(self, day: str) -> list[str]:
        """The cameras that have a folder in a day's, as their ids."""
        names = (entry.name for entry in _folders(self._root / RECORDINGS / day))
        return [name for name in names if _CAMERA.fullmatch(name)]

    def names(self, day: str, camera: str) -> list[Name]:
        """The segments of one folder; whatever else lies there is passed over."""
        found = []
        for entry in _scan(self._root / RECORDINGS / day / camera):
            with contextlib.suppress(NotFound):
                found.append(Name.read(f"{RECORDINGS}/{day}/{camera}/{entry.name}"))
        return found

    def changed_at(self, day: str, camera: str) -> int:
        """When a file came to a folder or left it (ns since 1970); 0 where there is none."""
        try:
            return (self._root / RECORDINGS / day / camera).stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def tidy(self, day: str) -> None:
        """Take empty folders away."""
        for camera in self.cameras(day):
            with contextlib.suppress(OSError):  # not empty, or written to just now: stays
                (self._root / RECORDINGS / day / camera).rmdir()
        with contextlib.suppress(OSError):
            (self._root / RECORDINGS / day).rmdir()


def _folders(folder: Path) -> Iterator[os.DirEntry[str]]:
    return (entry for entry in _scan(folder) if entry.is_dir(follow_symlinks=False))


def _scan(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except FileNotFoundError:
        return
