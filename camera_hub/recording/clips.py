"""Clips that were cut and wait to be fetched: files in `data_dir/clips`, for an hour, and none survives the hub."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from uuid_utils.compat import uuid7

from camera_hub.observe import log
from camera_hub.recording.cutting import Order
from camera_hub.recording.decoder import FILE_BYTES
from camera_hub.recording.decoders import Decoders
from camera_hub.recording.wire import Message
from registry.columns import from_ms
from registry.errors import FieldError, Invalid, NotFound, TooMany, Unavailable
from registry.recordings.lawful import Span

KEPT = timedelta(hours=1)
AT_ONCE = 2
MOST = 50
"""So many wait at once; the oldest goes."""
CUT_S = 300.0
SWEEP_S = 60.0
"""Files older than their hour are looked for this often."""

_log = log("recording")


@dataclass(frozen=True, slots=True)
class Step:
    """So many of so many segments are done."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Subject:
    """What a clip shows: a camera, its name, and the times that whoever fetches it must still be allowed to see."""

    camera_id: UUID
    name: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Clip:
    """A finished clip; `begins` and `ends` are the true cut, `digest` is the SHA-256 of the file, as hex."""

    id: UUID
    of: Subject
    file: Path
    begins: datetime
    ends: datetime
    segments: int
    damaged: int
    bytes: int
    digest: str
    expires_at: datetime


class Clips:
    """Cuts clips and keeps them. `room` says how many bytes may still be written."""

    def __init__(
        self, folder: Path, decoders: Decoders, *, room: Callable[[], int], clock: Callable[[], datetime]
    ) -> None:
        self._folder = folder
        self._decoders = decoders
        self._room = room
        self._clock = clock
        self._kept: dict[UUID, Clip] = {}
        self._cutting = 0

    async def run(self) -> None:
        """Remove what an earlier hub left, then what is older than an hour, for ever."""
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        while True:
            await asyncio.sleep(SWEEP_S)
            await self.sweep()

    async def sweep(self) -> None:
        """Remove the clips whose hour is over."""
        now = self._clock()
        for one in [one for one in self._kept.values() if one.expires_at <= now]:
            await self._drop(one)

    def get(self, identity: UUID) -> Clip:
        """A clip. Raises NotFound when it is gone."""
        clip = self._kept.get(identity)
        if clip is None or clip.expires_at <= self._clock() or not clip.file.is_file():
            raise NotFound("this clip is gone; cut it again", code="clip_unknown")
        return clip

    async def cut(self, of: Subject, order: Order) -> AsyncGenerator[Step | Clip, None]:
        """Cut a clip: the steps, and at last the clip. Closing the generator ends the work and removes the file.

        Raises Invalid for one that gets too large, TooMany while others are cut, Unavailable without room on the disk
        or when it takes too long, NotFound where nothing can be cut, Conflict where codec or size changes.
        """
        await asyncio.to_thread(self._check_room, order)
        if self._cutting >= AT_ONCE:
            raise TooMany("other clips are being cut; try again in a moment", retry_after_s=5, code="clips_busy")
        identity = uuid7()
        file = self._folder / f"{identity}.mp4"
        kept = False
        self._cutting += 1
        try:
            async for told in self._cut(of, order, identity, file):
                if isinstance(told, Clip):
                    self._kept[identity] = told
                    kept = True
                    while len(self._kept) > MOST:
                        await self._drop(next(iter(self._kept.values())))
                yield told
        finally:
            self._cutting -= 1
            if not kept:
                await _remove(file)

    async def _cut(self, of: Subject, order: Order, identity: UUID, file: Path) -> AsyncGenerator[Step | Clip, None]:
        until = time.monotonic() + CUT_S
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        request = Message({"do": "clip", "order": order.said(), "file": str(file)})
        try:
            # Every wait has the time limit of its own: a generator is not run by one task.
            async with self._decoders.one() as decoder:
                async with asyncio.timeout(until - time.monotonic()):
                    answer = await decoder.ask(request)
                while not decoder.over:
                    yield Step(int(answer.head["step"]), len(order.sources))
                    async with asyncio.timeout(until - time.monotonic()):
                        answer = await decoder.answer()
        except TimeoutError as late:
            raise Unavailable("cutting took too long; ask for a shorter clip", code="clip_slow") from late
        except EOFError as died:
            _log.warning("decoder_failed", cutting=str(identity))
            raise Unavailable("cutting failed; try again, or a shorter clip", code="clip_failed") from died
        said = answer.head
        yield Clip(
            id=identity,
            of=of,
            file=file,
            begins=from_ms(said["from_ms"]),
            ends=from_ms(said["to_ms"]),
            segments=said["segments"],
            damaged=said["damaged"],
            bytes=said["bytes"],
            digest=said["digest"],
            expires_at=self._clock() + KEPT,
        )

    def _check_room(self, order: Order) -> None:
        needed = sum(_size(Path(one.file)) for one in order.sources)
        if needed > FILE_BYTES:
            raise Invalid(
                "this clip gets too large; ask for a shorter one",
                FieldError("to", "clip_too_large", "too much video"),
                code="clip_too_large",
                gb=FILE_BYTES >> 30,
            )
        if needed > self._room():
            raise Unavailable("too little free disk for clips; free some space", code="disk_full")

    async def _drop(self, clip: Clip) -> None:
        self._kept.pop(clip.id, None)
        await _remove(clip.file)


async def _remove(file: Path) -> None:
    """Delete a file, in a thread: one of gigabytes takes its time."""
    try:
        await asyncio.to_thread(file.unlink, missing_ok=True)
    except OSError as err:
        _log.error("clip_not_removed", file=file.name, error=err.strerror)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
