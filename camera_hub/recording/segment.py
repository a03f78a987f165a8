"""A segment while it is written: its file, what it holds so far, and what the hub is told of it."""

from __future__ import annotations

import contextlib
import hashlib
import os
from datetime import datetime, timedelta

from camera_hub.live.coding import Init
from camera_hub.recording.disk import Disk
from camera_hub.recording.files import Name
from registry.recordings.model import SegmentChange, Why


class Segment:
    """One file being written, by the writer's thread; `sync` and `release` may be another's once nobody writes.

    Its digest is taken of what was written, as it is written. All that writes raises OSError.
    """

    def __init__(
        self, name: Name, disk: Disk, init: Init, *, codec: str, why: Why, masked: bool, clock_offset_ms: int | None
    ) -> None:
        self.name, self._descriptor = disk.create(name)
        self.why = why
        self.frames = 0
        self.bytes = 0
        self._disk = disk
        self._init = init
        self._codec = codec
        self._masked = masked
        self._clock_offset_ms = clock_offset_ms
        self._digest = hashlib.blake2b(digest_size=32)

    def write(self, data: bytes, frames: int) -> None:
        """Append whole fragments."""
        self._disk.write(self._descriptor, data, self.bytes)
        self._digest.update(data)
        self.bytes += len(data)
        self.frames += frames

    @property
    def is_gone(self) -> bool:
        """Whether somebody deleted it."""
        return self._disk.is_gone(self._descriptor)

    def sync(self) -> None:
        """Return when all of it is on disk."""
        self._disk.sync(self._descriptor, self.name)

    def release(self) -> None:
        """Close the file. What a disk says to that changes nothing: what had to be on it was synced before."""
        with contextlib.suppress(OSError):
            os.close(self._descriptor)

    def discard(self) -> None:
        """Close the file and take it away: nothing is in it."""
        self._disk.remove(self.name)
        self.release()

    def change(self, node: str, ended_at: datetime | None) -> SegmentChange:
        """What the hub is told: begun, or whole."""
        return SegmentChange(
            camera_id=self.name.camera_id,
            stream=self.name.stream,
            started_at=self.name.started_at,
            ended_at=None if ended_at is None else max(ended_at, self.name.started_at + timedelta(milliseconds=1)),
            node=node,
            why=self.why,
            codec=self._codec,
            width=self._init.width,
            height=self._init.height,
            masked=self._masked,
            frames=self.frames,
            bytes=self.bytes,
            digest=None if ended_at is None else self._digest.hexdigest(),
            clock_offset_ms=self._clock_offset_ms,
        )
