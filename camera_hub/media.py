"""Pictures on disk, of events, marks, signs, bookmarks: to a temporary name, synced, renamed; the row follows the file.

A key (`snapshots/2026-11-23/<event-id>-<revision>.jpg` or `…-still.jpg`, `marks/2026-11-23/<mark-id>.jpg`,
`signs/2026-11-23/<id>.jpg`, `bookmarks/2026-11-23/<id>.jpg`, UTC day) is the only address a file has; it is checked
against one pattern, so that no key leads outside the data directory.
Blocking: call from threads.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import cv2
import numpy as np

from camera_hub.durable import FULL, sync_folder
from detectors.facts import Rgb
from registry.errors import Invalid, NotFound, Unavailable

SNAPSHOTS = "snapshots"
MARKS = "marks"
SIGNS = "signs"
BOOKMARKS = "bookmarks"
FOLDERS = (SNAPSHOTS, MARKS, SIGNS, BOOKMARKS)
STILL = "-still.jpg"
"""How the key of an event's full-size picture ends."""
SMALL_QUALITY = 80
_DAY = r"\d{4}-\d{2}-\d{2}"
_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_KEY = re.compile(
    rf"{SNAPSHOTS}/{_DAY}/{_ID}-(?:\d{{1,9}}|still)\.jpg|(?:{MARKS}|{SIGNS}|{BOOKMARKS})/{_DAY}/{_ID}\.jpg"
)


def snapshot_key(event_id: UUID, revision: int, at: datetime) -> str:
    """The key of the picture of one revision of an event, taken at `at` (timezone-aware)."""
    return f"{SNAPSHOTS}/{at.astimezone(UTC):%Y-%m-%d}/{event_id}-{revision}.jpg"


def still_key(event_id: UUID, at: datetime) -> str:
    """The key of an event's full-size picture, taken at `at` (timezone-aware)."""
    return f"{SNAPSHOTS}/{at.astimezone(UTC):%Y-%m-%d}/{event_id}{STILL}"


def mark_key(mark_id: UUID, at: datetime) -> str:
    """The key of the picture of a mark on patrol, made at `at` (timezone-aware)."""
    return f"{MARKS}/{at.astimezone(UTC):%Y-%m-%d}/{mark_id}.jpg"


def sign_key(photo_id: UUID, at: datetime) -> str:
    """The key of the photo of a camera's sign, kept at `at` (timezone-aware)."""
    return f"{SIGNS}/{at.astimezone(UTC):%Y-%m-%d}/{photo_id}.jpg"


def bookmark_key(still_id: UUID, at: datetime) -> str:
    """The key of a bookmark's picture, kept at `at` (timezone-aware)."""
    return f"{BOOKMARKS}/{at.astimezone(UTC):%Y-%m-%d}/{still_id}.jpg"


def encode_jpeg(picture: Rgb, quality: int = 85) -> bytes:
    """Encode a picture (uint8 [h, w, 3], RGB) as JPEG; `quality` 1–100."""
    ok, data = cv2.imencode(".jpg", picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not ok:
        raise Invalid("the picture cannot be encoded; is it uint8 [h, w, 3]?", code="picture")
    return data.tobytes()


def smaller(jpeg: bytes, width: int) -> bytes:
    """The picture as a JPEG `width` pixels wide; as it is where it is no wider, or no picture."""
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB) if jpeg else None
    if picture is None or picture.shape[1] <= width:
        return jpeg
    high, wide = picture.shape[:2]
    small = cv2.resize(picture, (width, max(1, round(high * width / wide))), interpolation=cv2.INTER_AREA)
    return encode_jpeg(small.astype(np.uint8, copy=False), SMALL_QUALITY)


def free_bytes(folder: Path) -> int:
    """Bytes an ordinary process may still write on the disk of `folder`."""
    stat = os.statvfs(folder)
    return stat.f_bavail * stat.f_frsize


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file of the media folder."""

    key: str
    size: int
    written_at: float
    """Modification time, seconds since the epoch."""


class Media:
    """The pictures of one node under `data_dir`. Safe to use from several threads and processes."""

    def __init__(
        self,
        data_dir: Path,
        min_free_bytes: int,
        quota_bytes: int,
        *,
        free: Callable[[Path], int] = free_bytes,
    ) -> None:
        self._root = data_dir
        self.min_free_bytes = min_free_bytes
        self.quota_bytes = quota_bytes
        self._free = free
        self._serial = itertools.count()
        self._known_days: set[Path] = set()
        self._synced: dict[Path, _FolderSync] = {}
        self._sizes: dict[Path, tuple[int, int]] = {}
        for folder in FOLDERS:
            (data_dir / folder).mkdir(parents=True, exist_ok=True)

    def free(self) -> int:
        """Bytes still free on the disk."""
        return self._free(self._root)

    def path(self, key: str) -> Path:
        """Where the file of `key` is or would be. Raises NotFound for anything that is not a key."""
        if _KEY.fullmatch(key) is None:
            raise NotFound("no such picture", code="not_found")
        return self._root / key

    def put(self, key: str, data: bytes) -> None:
        """Write a file so that it survives a power cut before this returns.

        Raises Unavailable(code="disk_full") when less than `min_free_bytes` would be left.
        """
        path = self.path(key)
        if self.free() - len(data) < self.min_free_bytes:
            raise self._disk_full()
        temporary = path.with_name(f".{path.name}.{os.getpid()}.{next(self._serial)}")
        try:
            self._make_day(path.parent)
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
            try:
                view = memoryview(data)
                while view:
                    view = view[os.write(descriptor, view) :]
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            temporary.replace(path)
            self._synced.setdefault(path.parent, _FolderSync(path.parent)).wait()
        except OSError as err:
            self._known_days.discard(path.parent)
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            if err.errno in FULL:
                raise self._disk_full() from err
            raise Unavailable(f"cannot write pictures: {err.strerror}", code="media_write") from err

    def delete(self, keys: Iterable[str]) -> int:
        """Delete files, those that are gone already included; returns how many were there."""
        deleted = 0
        for key in keys:
            try:
                self.path(key).unlink()
                deleted += 1
            except FileNotFoundError:
                continue
        return deleted

    def days(self) -> list[str]:
        """The day folders (`snapshots/2026-11-23`), the oldest first of each sort."""
        return [f"{folder}/{day}" for folder in FOLDERS for day in sorted(_folders(self._root / folder))]

    def files(self, day: str) -> Iterator[StoredFile]:
        """The finished files of one day folder, in no order."""
        for entry in _scan(self._root / day):
            key = f"{day}/{entry.name}"
            if _KEY.fullmatch(key) is None:
                continue
            try:
                stat = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            yield StoredFile(key, stat.st_size, stat.st_mtime)

    def keys(self) -> Iterator[str]:
        """Every key on disk, the oldest day of each sort first."""
        for day in self.days():
            for file in self.files(day):
                yield file.key

    def used_bytes(self) -> int:
        """Bytes of all finished files. A day folder is counted again only when it changed."""
        return sum(self._day_bytes(day) for day in self.days())

    def sweep(self, known: Callable[[list[str]], set[str]], before: float) -> int:
        """Delete orphans: files older than `before` (epoch seconds) that `known` leaves out, and half-written ones.

        `known` gets at most 500 keys at a time and returns those that must stay. Returns how many files went.
        """
        swept = 0
        for day in self.days():
            folder = self._root / day
            old = [f.key for f in self.files(day) if f.written_at < before]
            for start in range(0, len(old), 500):
                keys = old[start : start + 500]
                swept += self.delete(sorted(set(keys) - known(keys)))
            swept += _sweep_unfinished(folder, before)
            with contextlib.suppress(OSError):  # not empty, or written to just now: stays
                folder.rmdir()
        self._known_days.clear()
        self._synced.clear()
        return swept

    def _day_bytes(self, day: str) -> int:
        folder = self._root / day
        try:
            changed = folder.stat().st_mtime_ns
        except FileNotFoundError:
            return 0
        cached = self._sizes.get(folder)
        if cached is None or cached[0] != changed:
            cached = changed, sum(f.size for f in self.files(day))
            self._sizes[folder] = cached
        return cached[1]

    def _make_day(self, folder: Path) -> None:
        if folder not in self._known_days or not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            sync_folder(folder.parent)
            self._known_days.add(folder)

    def _disk_full(self) -> Unavailable:
        return Unavailable(
            "too little free disk for pictures; free some space or lower min_free_gb",
            code="disk_full",
            free_bytes=self.free(),
            min_free_bytes=self.min_free_bytes,
        )


def _folders(within: Path) -> list[str]:
    with os.scandir(within) as entries:
        return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]


def _scan(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except FileNotFoundError:
        return


def _sweep_unfinished(folder: Path, before: float) -> int:
    swept = 0
    for entry in _scan(folder):
        if entry.name.startswith(".") and entry.stat(follow_symlinks=False).st_mtime < before:
            Path(entry.path).unlink(missing_ok=True)
            swept += 1
    return swept


class _FolderSync:
    """Syncs of one folder, shared: one that began after a rename serves every thread that renamed before it began."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turn = threading.Lock()
        self._asked = itertools.count(1)
        self._latest = 0
        self._done = 0

    def wait(self) -> None:
        """Return once what this thread renamed is on disk. Raises OSError."""
        mine = self._latest = next(self._asked)
        with self._turn:
            if self._done < mine:
                upto = max(mine, self._latest)
                sync_folder(self._folder)
                self._done = upto
