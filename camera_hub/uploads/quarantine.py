"""What people send in: received piece by piece into a place of its own, and kept there until it is judged or goes.

A file is `uploads/<id>/original`, under the hub's own name, never under the sender's, and outside of what is served;
how long it is, is how far it came, so that a hub that is killed goes on where it was. Beside it lie the photograph of
the camera's clock and the pictures a decoder took. Each piece is on the disk before it is answered.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

from camera_hub.durable import FULL, sync_folder
from camera_hub.media import free_bytes
from registry import uploads
from registry.errors import Conflict, Unavailable
from registry.store import Store
from registry.uploads import FILE, FOLDER

PICTURE = r"key-\d{1,3}\.jpg"
"""The decoder's pictures are called so."""


def picture_name(number: int) -> str:
    """A file of the decoder's pictures."""
    return f"key-{number}.jpg"


class Quarantine:
    """The files, below `data_dir`; `min_free_bytes` of the disk stay free. Blocking: call from threads."""

    def __init__(self, data_dir: Path, min_free_bytes: int, *, free: Callable[[Path], int] = free_bytes) -> None:
        self._root = data_dir / FOLDER
        self._min_free_bytes = min_free_bytes
        self._free = free
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)

    def path(self, identity: UUID, name: str = FILE) -> Path:
        """Where a file is or would be; both parts of its name are the hub's."""
        return self._root / str(identity) / name

    def room(self) -> int:
        """Bytes that may still be written."""
        return self._free(self._root) - self._min_free_bytes

    def size(self, identity: UUID) -> int:
        """How far a file came."""
        try:
            return self.path(identity).stat().st_size
        except FileNotFoundError:
            return 0

    def write(self, identity: UUID, offset: int, data: bytes) -> int:
        """Add a piece at the file's end; how far it came.

        Raises Conflict (upload_offset) for a piece that belongs elsewhere, Unavailable for a full disk: then the file
        is as it was.
        """
        file = self.path(identity)
        try:
            if self.room() < len(data):
                raise disk_full()
            file.parent.mkdir(mode=0o700, exist_ok=True)
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                size = os.fstat(descriptor).st_size
                if size != offset:
                    raise Conflict("go on from where the file ends", code="upload_offset", offset=size)
                if offset == 0:  # before there is anything in it: killed in between, it begins here once more
                    self._sync(file)
                _append(descriptor, data, offset)
            finally:
                os.close(descriptor)
        except OSError as err:
            raise disk_full() if err.errno in FULL else _away(err) from err
        return offset + len(data)

    def digest(self, identity: UUID) -> str:
        """The SHA-256 of the file as it lies on the disk, as hex."""
        with self.path(identity).open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()

    def empty(self, identity: UUID) -> None:
        """Let a file begin anew."""
        os.truncate(self.path(identity), 0)

    def put(self, identity: UUID, name: str, data: bytes) -> None:
        """Keep a small file beside it. Raises Unavailable for a full disk."""
        file = self.path(identity, name)
        part = file.with_name(f".{name}.{uuid4()}")  # of its own: two may look at one upload at once
        try:
            if self.room() < len(data):
                raise disk_full()
            file.parent.mkdir(mode=0o700, exist_ok=True)
            with part.open("wb") as opened:
                opened.write(data)
                opened.flush()
                os.fsync(opened.fileno())
            part.replace(file)
            self._sync(file)
        except OSError as err:
            part.unlink(missing_ok=True)
            raise disk_full() if err.errno in FULL else _away(err) from err

    def _sync(self, file: Path) -> None:
        """Have a file that is new be found after a power cut."""
        sync_folder(file.parent)
        sync_folder(self._root)

    def purge(self, identity: UUID) -> None:
        """Remove all of an upload. Raises OSError."""
        folder = self._root / str(identity)
        if folder.exists():
            shutil.rmtree(folder)

    def ids(self) -> list[UUID]:
        """Whose files there are."""
        return [UUID(entry.name) for entry in self._root.iterdir() if entry.is_dir() and _is_id(entry.name)]


def _is_id(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False


def _append(descriptor: int, data: bytes, offset: int) -> None:
    view, at = memoryview(data), offset
    try:
        while view:
            written = os.pwrite(descriptor, view, at)
            view, at = view[written:], at + written
        os.fdatasync(descriptor)
    except OSError:
        os.ftruncate(descriptor, offset)
        raise


def disk_full() -> Unavailable:
    """What is said where there is no room for what is sent."""
    return Unavailable("too little free disk; free some space, then go on", code="disk_full")


def _away(err: OSError) -> Unavailable:
    return Unavailable(f"cannot write what is sent: {err.strerror}", code="media_write")


async def faults_of(store: Store, files: Quarantine, node: str, *, deep: bool) -> tuple[int, list[str]]:
    """How many uploads are kept, and in sentences what is wrong with their files; `deep`: their digests too."""
    those = await uploads.kept(store, node)

    def wrong(one: uploads.Kept) -> str | None:
        size = files.size(one.id)
        if size == 0:
            return "is missing"
        same = size == one.bytes and (not deep or files.digest(one.id) == one.sha256)
        return None if same else "is not what was received"

    found = [(one, await asyncio.to_thread(wrong, one)) for one in those]
    return len(those), [f"the upload {one.id} {why}" for one, why in found if why is not None]
