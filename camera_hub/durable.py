"""Files that several write to, and that outlive a power cut. Blocking: call from threads."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
"""By these an OSError says that a disk is full."""


def sync_folder(folder: Path) -> None:
    """Put a folder's names on disk. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(descriptor: int, data: bytes, size: int) -> None:
    """Write all of it to a file's end, or leave the file `size` bytes long, as it was. Raises OSError."""
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(descriptor, view) :]
    except OSError:
        os.ftruncate(descriptor, size)
        raise


@contextlib.contextmanager
def locked(path: Path, *, make: bool) -> Iterator[int | None]:
    """Hold the file at `path` for oneself alone, open to read and append; None where there is none and none is made.

    Another one may have taken its place, or it may be gone, when its turn comes: then that one is held.
    """
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | (os.O_CREAT if make else 0), 0o640)
        except FileNotFoundError:
            if not make:
                yield None
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_at(descriptor, path):
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
