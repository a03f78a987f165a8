"""The folder a backup is: its files, what it says of itself, and the proof that every byte is the one written.

    backup.json          what it is: when, by which program, which schema, rows and pictures, id of the sealing key
    tables/NN-NAME.gz    a table's rows as JSON lines; the first line names its columns
    pictures/NNNNNN.tar  snapshots, under their keys; about a gigabyte each
    uploads/NNNNNN.tar   what people sent in for cases, under `<id>/<file>`; a larger file is one by itself
    changes.gz           picture columns of events that changed while their pictures were copied
    key                  only when asked for
    SHA256SUMS           of every file above, as sha256sum -c reads it

A backup is written beside its place under another name, read back, and renamed: what bears the name is whole.
`backup.json` says how many files there are and SHA256SUMS has its hash, so no line can be missing either.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import re
import shutil
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from camera_hub.durable import FULL, sync_folder
from registry.errors import Conflict, Corrupt, NotFound, Unavailable

FORMAT = 2
READ = (1, FORMAT)
"""The formats that are read; the first had nothing of what people sent in."""
ABOUT = "backup.json"
SUMS = "SHA256SUMS"
KEY = "key"
CHANGES = "changes.gz"
TABLES = "tables"
PICTURES = "pictures"
UPLOADS = "uploads"

Progress = Callable[[str, int, int], None]
"""Told of every step: what is being done, and how many bytes of how many."""

_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9_./-]{1,200})")
_BLOCK = 1 << 20
_MAX_ABOUT = 1 << 20
_MAX_LINE = 64 << 20
"""No row comes near: the longest hold the scan of a consent. A line without an end would fill the memory."""


class About(BaseModel):
    """What a backup says of itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    made_at: datetime
    """All that was acknowledged before this moment is in it."""
    made_by: str
    program: str
    database: str
    """The engine it was read from; it goes into either."""
    schema_revision: str
    node: str
    timezone: str
    key_id: str
    """Which key opens its sealed passwords."""
    has_key: bool
    rows: dict[str, int]
    pictures: int
    picture_bytes: int
    plain_bytes: int
    """Size of the rows before compression: about what a database needs."""
    missing: int
    """Pictures that rows named and that were gone already when the backup was made."""
    uploads: int = 0
    """Files that people sent in for cases."""
    upload_bytes: int = 0
    uploads_lost: int = 0
    """Those that rows name and that are not in it as they were received: left out, gone or damaged before."""
    files: int
    """Files beside backup.json and SHA256SUMS."""


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn what the disk says into our errors."""
    try:
        yield
    except OSError as err:
        if err.errno in FULL:
            raise Unavailable(f"the disk is full while {doing}; free some space", code="disk_full") from err
        raise Unavailable(f"the disk fails while {doing}: {err.strerror or err}", code="backup_disk") from err


class Writer:
    """A backup in the making, at `<place>.partial`. `writing` makes one and takes it away when it is not finished."""

    def __init__(self, partial: Path) -> None:
        self.partial = partial

    @contextmanager
    def file(self, name: str) -> Iterator[IO[bytes]]:
        """A new file of the backup, on disk when the context ends."""
        path = self.partial / name
        path.parent.mkdir(exist_ok=True)
        with path.open("xb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())

    @contextmanager
    def lines(self, name: str) -> Iterator[Callable[[object], int]]:
        """A new compressed file of JSON lines; what is yielded writes one and returns its length."""
        with self.file(name) as raw, gzip.GzipFile("", "wb", 3, raw, mtime=0) as packed:

            def write(value: object) -> int:
                line = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
                packed.write(line)
                return len(line)

            yield write

    def files(self) -> list[str]:
        """Names of the files so far, in order."""
        return _names(self.partial)

    def finish(self, about: About, place: Path, progress: Progress) -> int:
        """Say what it is, seal it, read it back, give it its name; how many bytes. Raises Corrupt, Unavailable."""
        with self.file(ABOUT) as out:
            out.write(about.model_dump_json(indent=1).encode() + b"\n")
        sums = {name: _hash(self.partial / name) for name in self.files()}
        with self.file(SUMS) as out:
            out.write("".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode())
        size = Archive.open(self.partial).verify(progress)
        for folder in (*(self.partial / name for name in (TABLES, PICTURES, UPLOADS)), self.partial):
            if folder.is_dir():
                sync_folder(folder)
        self.partial.rename(place)
        sync_folder(place.parent)
        return size


@contextmanager
def writing(place: Path) -> Iterator[Writer]:
    """Begin a backup that will be `place`. Raises Conflict when it is there already or another is being written."""
    with translated("the backup is written"):
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise Conflict(f"{place} is there already; name another folder", code="backup_exists")
        partial = place.with_name(f"{place.name}.partial")
        partial.mkdir(exist_ok=True, mode=0o700)
        folder = os.open(partial, os.O_RDONLY | os.O_DIRECTORY)
        try:
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Conflict(f"another backup is being written to {place}", code="backup_running") from None
            _empty(partial)
            try:
                yield Writer(partial)
            except BaseException:
                shutil.rmtree(partial, ignore_errors=True)
                raise
        finally:
            os.close(folder)


class Archive:
    """A finished backup."""

    def __init__(self, folder: Path, about: About, sums: dict[str, str]) -> None:
        self.folder = folder
        self.name = hashlib.sha256(json.dumps(sums, sort_keys=True).encode()).hexdigest()
        """Tells this backup from every other."""
        self.about = about
        self._sums = sums

    @classmethod
    def open(cls, folder: Path) -> Archive:
        """Read what a backup says of itself; `verify` proves it. Raises NotFound, Corrupt."""
        if not (folder / SUMS).is_file() or not (folder / ABOUT).is_file():
            raise NotFound(f"{folder} is no finished backup: {ABOUT} and {SUMS} are not both there", code="backup_none")
        try:
            sums: dict[str, str] = {}
            for line in (folder / SUMS).read_text(encoding="ascii").removesuffix("\n").split("\n"):
                match = _LINE.fullmatch(line)
                if match is None or match[2] in sums:
                    raise _broken(SUMS)
                sums[match[2]] = match[1]
            said = (folder / ABOUT).read_bytes()[:_MAX_ABOUT]
            about = About.model_validate_json(said)
        except (UnicodeDecodeError, ValidationError, OSError) as err:
            raise _broken(f"{ABOUT} or {SUMS}") from err
        if sums.get(ABOUT) != hashlib.sha256(said).hexdigest():
            raise _broken(ABOUT)
        if len(sums) != about.files + 1:
            raise _broken(SUMS)
        if about.format not in READ:
            raise Corrupt(
                f"the backup has format {about.format}, this program reads up to {FORMAT}", code="backup_format"
            )
        return cls(folder, about, sums)

    def verify(self, progress: Progress) -> int:
        """Read every file and compare; returns how many bytes. Raises Corrupt naming the first that differs."""
        if _names(self.folder) != sorted([*self._sums, SUMS]):
            there = set(_names(self.folder)) - {SUMS}
            named = ", ".join(sorted(there ^ set(self._sums))[:3])
            raise Corrupt(f"files are missing from the backup or strange to it: {named}", code="backup_damaged")
        total = sum((self.folder / name).stat().st_size for name in self._sums)
        done = 0
        for name, wanted in self._sums.items():
            path = self.folder / name
            if _hash(path) != wanted:
                raise _broken(name)
            done += path.stat().st_size
            progress("verifying", done, total)
        if (self.folder / SUMS).read_bytes() != b"".join(
            f"{self._sums[name]}  {name}\n".encode() for name in sorted(self._sums)
        ):
            raise _broken(SUMS)
        return total

    def names(self, folder: str) -> list[str]:
        """Files of `tables`, `pictures` or `uploads`, in the order they were written."""
        return sorted(name for name in self._sums if name.startswith(f"{folder}/"))

    def key(self) -> str:
        """The text of the sealing key, of a backup that has it. Raises Corrupt when it got lost."""
        try:
            return (self.folder / KEY).read_text(encoding="ascii", errors="replace")
        except OSError as err:
            raise _broken(KEY) from err

    def lines(self, name: str) -> Iterator[Any]:
        """The JSON lines of a compressed file. Raises Corrupt."""
        return read_lines(self.folder / name)


def read_lines(file: Path) -> Iterator[Any]:
    """The JSON lines of a compressed file. Raises Corrupt."""
    try:
        with gzip.open(file, "rb") as packed:
            while line := packed.readline(_MAX_LINE + 1):
                if len(line) > _MAX_LINE:
                    raise _broken(file.name)
                yield json.loads(line)
    except (OSError, EOFError, ValueError, RecursionError, zlib.error) as err:
        raise _broken(file.name) from err


def _broken(name: str) -> Corrupt:
    return Corrupt(f"the backup is damaged: {name} is not what was written; take another copy", code="backup_damaged")


def _names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
