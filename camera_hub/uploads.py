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
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, TypeVarTuple, Unpack
from uuid import UUID, uuid4
from weakref import WeakValueDictionary

from camera_hub.durable import FULL, sync_folder
from camera_hub.faults import Faults
from camera_hub.media import free_bytes
from camera_hub.observe import log
from camera_hub.recording.decoders import Decoders
from registry import uploads
from registry.errors import Conflict, FieldError, Invalid, NotFound, Unavailable
from registry.store import Store
from registry.uploads import CLOCK_PHOTO, FILE, FOLDER, Examined, Giving, NewUpload, Upload, UploadState, Verdict

EVERY_S = 60.0
DIGESTS_AT_ONCE = 2
_DISK = ThreadPoolExecutor(4, thread_name_prefix="upload")
"""Of their own: a disk that is slow to take what many send holds up nothing else."""
_Given = TypeVarTuple("_Given")
_Done = TypeVar("_Done")
_log = log("uploads")


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
                raise _disk_full()
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
            raise _disk_full() if err.errno in FULL else _away(err) from err
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
                raise _disk_full()
            file.parent.mkdir(mode=0o700, exist_ok=True)
            with part.open("wb") as opened:
                opened.write(data)
                opened.flush()
                os.fsync(opened.fileno())
            part.replace(file)
            self._sync(file)
        except OSError as err:
            part.unlink(missing_ok=True)
            raise _disk_full() if err.errno in FULL else _away(err) from err

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


async def _on_disk(work: Callable[[Unpack[_Given]], _Done], *given: *_Given) -> _Done:
    return await asyncio.get_running_loop().run_in_executor(_DISK, work, *given)


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


def _disk_full() -> Unavailable:
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


@dataclass(frozen=True, slots=True)
class Progress:
    """A link's request, how far each file that is being sent on it came, and how large one may be."""

    giving: Giving
    offsets: Mapping[UUID, int]
    most_bytes: int


class Intake:
    """Takes what is sent in, one piece of a file at a time, and lets it go when its time is over."""

    def __init__(self, store: Store, files: Quarantine, *, node: str, most_bytes: int, faults: Faults) -> None:
        self._store = store
        self.files = files
        self._node = node
        self.most_bytes = most_bytes
        self._faults = faults
        self._digesting = asyncio.Semaphore(DIGESTS_AT_ONCE)
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    async def view(self, token: str, address: str) -> Progress:
        """What a link asks for, and how far its files came. Raises NotFound (clip_link)."""
        return await self._progress(await uploads.view(self._store, token, address))

    async def begin(self, token: str, new: NewUpload, address: str) -> tuple[UUID, int]:
        """Begin a file, or go on with it: its id, and how far it came.

        Raises as `uploads.begin`, Invalid for too large a file, Unavailable without room.
        """
        if new.bytes > self.most_bytes:
            limit = self.most_bytes
            raise Invalid(
                f"the file is too large; at most {limit} bytes",
                FieldError("bytes", "upload_too_large", "too large"),
                code="upload_too_large",
                most_bytes=limit,
            )
        await self._check_room(new.bytes, await uploads.begun(self._store, token, new))
        upload = await uploads.begin(self._store, token, new, self._node, address)
        return upload.id, await asyncio.to_thread(self.files.size, upload.id)

    async def _check_room(self, size: int, begun: UUID | None) -> None:
        """Whether what is left of it fits beside all that is being sent: a disk that fills up half-way helps nobody."""
        waiting = await uploads.unfinished(self._store, self._node)
        those = [(one, of) for one, of in waiting.items() if one != begun]

        def fits() -> bool:
            promised = sum(max(of - self.files.size(one), 0) for one, of in those)
            came = 0 if begun is None else self.files.size(begun)
            return size - came <= self.files.room() - promised

        if not await asyncio.to_thread(fits):
            raise _disk_full()

    async def write(self, token: str, identity: UUID, offset: int, data: bytes) -> int:
        """Keep a piece; how far the file came. Raises as `Quarantine.write`, Invalid beyond the size that was told."""
        upload = await uploads.open_upload(self._store, token, identity)
        if offset + len(data) > upload.bytes:
            raise Invalid("this is more than was told", FieldError("offset", "upload_size", "beyond the file's size"))
        async with self._turn(upload.id):
            return await _on_disk(self.files.write, upload.id, offset, data)

    async def finish(self, token: str, identity: UUID, sha256: str, address: str) -> Progress:
        """All of it was sent: it is compared with what its sender has.

        Raises Conflict: upload_incomplete with how far it came, upload_digest where it is another file; then it is to
        be sent from its beginning; upload_twice where the same one came before.
        """
        upload = await uploads.open_upload(self._store, token, identity)
        async with self._turn(upload.id):
            size = await asyncio.to_thread(self.files.size, upload.id)
            if size != upload.bytes:
                raise Conflict("not all of it is there yet", code="upload_incomplete", offset=size)
            async with self._digesting:
                found = await _on_disk(self.files.digest, upload.id)
            if found != sha256:
                await asyncio.to_thread(self.files.empty, upload.id)
                raise Conflict("what came is another file; send it again from its beginning", code="upload_digest")
            giving = await uploads.arrived(self._store, token, upload.id, found, address)
        _log.info("upload_received", upload=str(upload.id), bytes=upload.bytes)
        return await self._progress(giving)

    async def photo(self, token: str, identity: UUID, picture: bytes, address: str) -> Progress:
        """Keep a photograph (a JPEG that was made anew) of the camera's clock. Raises as `uploads.open_upload`."""
        async with self._turn(identity):  # once the file is whole, its photograph is what came with it
            upload = await uploads.open_upload(self._store, token, identity)
            await asyncio.to_thread(self.files.put, upload.id, CLOCK_PHOTO, picture)
            await uploads.clock_photo(self._store, token, upload.id, address)
        return await self.view(token, address)

    async def give_up(self, token: str, identity: UUID, address: str) -> Progress:
        """Forget a file that is half sent. Raises as `uploads.open_upload`."""
        upload = await uploads.open_upload(self._store, token, identity)
        async with self._turn(upload.id):
            await uploads.give_up(self._store, token, upload.id, address)
            await self._remove(upload.id)
        return await self.view(token, address)

    async def examine(self, upload: Upload, decoders: Decoders) -> Upload:
        """Have a decoder look at a file, once; its pictures are kept beside it.

        Raises NotFound without the file, Unavailable when no decoder is free.
        """
        if upload.verdict is not None:
            return upload
        file = self.files.path(upload.id)
        if not await asyncio.to_thread(file.is_file):
            raise NotFound("the file is not on this machine", code="upload_missing")
        found = await decoders.examine(file)
        for number, picture in enumerate(found.pictures):
            await asyncio.to_thread(self.files.put, upload.id, picture_name(number), picture)
        return await uploads.examined(self._store, upload.id, Verdict(found.verdict), Examined.of(found.found))

    async def purge(self, identity: UUID) -> bool:
        """Remove an upload's files, with a proof; what cannot be removed now is a fault, and goes in a later round."""
        gone = await self._remove(identity)
        if gone:
            await uploads.purged(self._store, identity)
        return gone

    async def run(self) -> None:
        """Run a round each minute until cancelled."""
        while True:
            try:
                await self.round()
            except Unavailable as err:
                _log.warning("uploads_wait", error=err.hint)
            await asyncio.sleep(EVERY_S)

    async def round(self) -> None:
        """Remove what is due, then files that belong to no upload; once all are gone the fault is over.

        Raises Unavailable.
        """
        gone = True
        for one in await uploads.due(self._store, self._node):
            async with self._turn(one.id):
                gone &= await self.purge(one.id)
        there = await asyncio.to_thread(self.files.ids)
        known = await uploads.existing(self._store, self._node, there)
        for identity in set(there) - known:
            gone &= await self._remove(identity)
        if gone:
            self._faults.clear("uploads_not_deleted")

    async def _remove(self, identity: UUID) -> bool:
        try:
            await asyncio.to_thread(self.files.purge, identity)
        except OSError as err:
            _log.error("upload_not_removed", upload=str(identity), error=err.strerror)
            self._faults.set("uploads_not_deleted", hint=str(err.strerror))
            return False
        return True

    async def _progress(self, giving: Giving) -> Progress:
        half = [one.id for one in giving.uploads if one.state is UploadState.RECEIVING]
        return Progress(giving, {one: await asyncio.to_thread(self.files.size, one) for one in half}, self.most_bytes)

    def _turn(self, identity: UUID) -> asyncio.Lock:
        """Pieces of one file wait for each other: two telephones may hold one link."""
        return self._turns.setdefault(identity, asyncio.Lock())
