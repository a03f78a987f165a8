"""The disk that a worker records to: new files under names that are free, whole writes, and whether there is room."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from camera_hub.durable import FULL, sync_folder, write_whole
from camera_hub.media import free_bytes
from camera_hub.recording.files import Name, path_of
from registry.model import RecordFault

_MOST_TRIES = 1000


def fault_of(error: OSError) -> RecordFault:
    """What is wrong with the disk, by what it said."""
    return RecordFault.DISK_FULL if error.errno in FULL else RecordFault.DISK_ERROR


class Disk:
    """Writes below `data_dir` and keeps `min_free_bytes` free. Blocking; safe to use from several threads."""

    def __init__(self, data_dir: Path, min_free_bytes: int, *, free: Callable[[Path], int] = free_bytes) -> None:
        self._root = data_dir
        self._min_free_bytes = min_free_bytes
        self._free = free
        self._known: set[Path] = set()
        """Folders whose own names are on disk."""

    def has_room(self) -> bool:
        """Whether more may be written. Raises OSError."""
        return self._free(self._root) > self._min_free_bytes

    def create(self, name: Name) -> tuple[Name, int]:
        """Make a segment's file, and its folder where it is not; the name it got and its descriptor.

        A name that is taken (the clock was set back) gives the next free millisecond. Raises OSError.
        """
        for _ in range(_MOST_TRIES):
            path = path_of(self._root, name)
            try:
                return name, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
            except FileExistsError:
                name = replace(name, started_at=name.started_at + timedelta(milliseconds=1))
            except FileNotFoundError:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._known.difference_update((path.parent, path.parent.parent))
        raise FileExistsError(errno.EEXIST, "no free name for a segment", str(path_of(self._root, name)))

    def write(self, descriptor: int, data: bytes, offset: int) -> None:
        """Write all of it, or leave the file `offset` bytes long, as it was. Raises OSError."""
        write_whole(descriptor, data, offset)

    def remove(self, name: Name) -> None:
        """Delete a segment's file, if that is possible."""
        with contextlib.suppress(OSError):
            path_of(self._root, name).unlink()

    def is_gone(self, descriptor: int) -> bool:
        """Whether the file was deleted underneath, or its disk went: what is written to it nobody finds."""
        try:
            return os.fstat(descriptor).st_nlink == 0
        except OSError:
            return True

    def sync(self, descriptor: int, name: Name) -> None:
        """Return when the file and its name are on disk. Raises OSError."""
        os.fsync(descriptor)
        camera = path_of(self._root, name).parent
        sync_folder(camera)
        if camera.parent not in self._known:
            self._known.clear()  # another day: of those before nothing is asked any more
        for folder in (camera, camera.parent):
            if folder not in self._known:
                sync_folder(folder.parent)
                self._known.add(folder)
