"""Files of a backup as tar files in one of its folders, a new one when the last is full."""

from __future__ import annotations

import hashlib
import os
import tarfile
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import IO, Self

from camera_hub.backup.archive import Writer

TAR_BYTES = 1 << 30
"""No tar file grows beyond this: every file system and copying program takes it. A larger file is in one by itself."""


class Tars:
    """Writes into `folder` of a backup."""

    def __init__(self, writer: Writer, folder: str) -> None:
        self._writer = writer
        self._folder = folder
        self._numbers = count(1)
        self._open = ExitStack()
        self._tar: tarfile.TarFile | None = None
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def add(self, name: str, path: Path) -> tuple[int, str] | None:
        """Copy one file under a name; its size and SHA-256, as hex, or None when it is gone."""
        try:
            source = path.open("rb")
        except FileNotFoundError:
            return None
        with source:
            stat = os.fstat(source.fileno())
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime, entry.mode = stat.st_size, int(stat.st_mtime), 0o640
            read = _Digested(source)
            self._current(stat.st_size).addfile(entry, read)
        return stat.st_size, read.sum.hexdigest()

    def _current(self, size: int) -> tarfile.TarFile:
        """The tar file that takes `size` bytes more."""
        if self._tar is None or self._file is None or self._file.tell() + size > TAR_BYTES:
            self._open.close()
            self._file = self._open.enter_context(self._writer.file(f"{self._folder}/{next(self._numbers):06}.tar"))
            # As USTAR but for files beyond 8 GB.
            tar = tarfile.TarFile(fileobj=self._file, mode="w", format=tarfile.GNU_FORMAT)
            self._tar = self._open.enter_context(tar)
        return self._tar


class _Digested:
    """Reads a file and knows the digest of what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sum = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.sum.update(data)
        return data
