"""Taking what people send in: begun, written piece by piece, finished, examined, and let go when its time is over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar, TypeVarTuple, Unpack
from uuid import UUID
from weakref import WeakValueDictionary

from camera_hub.faults import Faults
from camera_hub.observe import log
from camera_hub.recording.decoders import Decoders
from camera_hub.uploads.quarantine import Quarantine, disk_full, picture_name
from registry import uploads
from registry.errors import Conflict, FieldError, Invalid, NotFound, Unavailable
from registry.store import Store
from registry.uploads import CLOCK_PHOTO, Examined, Giving, NewUpload, Upload, UploadState, Verdict

EVERY_S = 60.0
DIGESTS_AT_ONCE = 2
_DISK = ThreadPoolExecutor(4, thread_name_prefix="upload")
"""Of their own: a disk that is slow to take what many send holds up nothing else."""
_Given = TypeVarTuple("_Given")
_Done = TypeVar("_Done")
_log = log("uploads")


async def _on_disk(work: Callable[[Unpack[_Given]], _Done], *given: *_Given) -> _Done:
    return await asyncio.get_running_loop().run_in_executor(_DISK, work, *given)


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
            raise disk_full()

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
