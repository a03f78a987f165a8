"""What a worker has said and the hub has not yet acknowledged.

Up to `memory` messages wait in memory; beyond that they are appended to spool files, up to `disk_bytes`; beyond that
the oldest spool file is dropped and counted in `lost`. A worker that stops writes the rest to its spool, and the next
worker of the slot sends it. Spool files are not synced: what is in them was never acknowledged, so nothing is promised
about a power cut; a killed process loses only what was in memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from camera_hub.observe import log

SEGMENT_BYTES = 1024 * 1024
"""A spool file is closed at this size: the unit in which the oldest is dropped."""

_log = log("outbox")


@dataclass(frozen=True, slots=True)
class Entry:
    """One message on its way; `seq` rises steadily within one worker process."""

    seq: int
    data: bytes


@dataclass(slots=True)
class _Segment:
    path: Path
    messages: int = 0
    size: int = 0
    waiting: set[int] = field(default_factory=set)
    """Sequence numbers of its messages that were read back and are not yet acknowledged."""


class Outbox:
    """A queue with acknowledgement, bounded in memory, then on disk. Used from one event loop only.

    `folder` is shared by all slots of a data directory; a slot reads what the slots that no longer exist left behind
    (`slot % slots`). The hub starts a slot's worker only after the one before it is gone.
    """

    def __init__(
        self, folder: Path, slot: int, slots: int = 1, *, memory: int = 2000, disk_bytes: int = 64 * SEGMENT_BYTES
    ) -> None:
        self.lost = 0
        self._folder = folder
        self._slot = slot
        self._memory = memory
        self._disk_bytes = disk_bytes
        self._entries: dict[int, Entry] = {}
        self._unsent: deque[int] = deque()
        self._seq = 0
        self._files = 0
        self._born = time.time_ns()
        self._stored: deque[_Segment] = deque()
        self._loaded: dict[int, _Segment] = {}
        self._tail: BinaryIO | None = None
        self._ready = asyncio.Event()
        folder.mkdir(parents=True, exist_ok=True)
        self._stored.extend(_left_behind(folder, slot, slots))
        self._load()

    def __len__(self) -> int:
        return len(self._entries) + sum(s.messages for s in self._stored)

    def put(self, data: bytes) -> None:
        """Keep a message until it is acknowledged. `data` holds no newline."""
        if not self._stored and len(self._entries) < self._memory:
            self._add(data, None)
            return
        try:
            self._store(data)
        except OSError as err:
            _log.error("outbox_disk", error=str(err))
            self._drop_oldest_entry()
            self._add(data, None)

    async def unsent(self, limit: int = 500) -> list[Entry]:
        """Wait for messages to send and take up to `limit`, oldest first; they stay until acknowledged."""
        while not self._unsent:
            self._ready.clear()
            await self._ready.wait()
        taken: list[Entry] = []
        while self._unsent and len(taken) < limit:
            entry = self._entries.get(self._unsent.popleft())
            if entry is not None:
                taken.append(entry)
        return taken

    def rewind(self, held: AbstractSet[int] = frozenset()) -> None:
        """Send again everything unacknowledged, except what the channel still holds."""
        self._unsent = deque(seq for seq in sorted(self._entries) if seq not in held)
        if self._unsent:
            self._ready.set()

    def acknowledge(self, seqs: Iterable[int]) -> None:
        """Forget what the hub has committed. Unknown numbers are ignored (a message may be delivered twice)."""
        for seq in seqs:
            if self._entries.pop(seq, None) is not None:
                self._settle(seq)
        if self._stored and len(self._entries) <= self._memory // 2:
            self._load()

    def spill(self) -> None:
        """Write everything unacknowledged to disk, before the process ends. The outbox is not used afterwards."""
        fresh = [e for seq, e in sorted(self._entries.items()) if seq not in self._loaded]
        if self._tail is not None:
            self._tail.close()
            self._tail = None
        if fresh:
            # The name sorts before this process's other spool files: these messages are older than theirs.
            path = self._folder / f"{self._slot}-{self._born}-000000.spool"
            with path.open("wb") as file:
                file.writelines(e.data + b"\n" for e in fresh)

    def _add(self, data: bytes, segment: _Segment | None) -> None:
        self._seq += 1
        self._entries[self._seq] = Entry(self._seq, data)
        if segment is not None:
            self._loaded[self._seq] = segment
            segment.waiting.add(self._seq)
        self._unsent.append(self._seq)
        self._ready.set()

    def _settle(self, seq: int) -> None:
        segment = self._loaded.pop(seq, None)
        if segment is not None:
            segment.waiting.discard(seq)
            if not segment.waiting:
                segment.path.unlink(missing_ok=True)

    def _drop_oldest_entry(self) -> None:
        if self._entries:
            seq = min(self._entries)
            del self._entries[seq]
            self._settle(seq)
        self.lost += 1

    def _store(self, data: bytes) -> None:
        tail = self._stored[-1] if self._stored else None
        if self._tail is None or tail is None or tail.size >= SEGMENT_BYTES:
            if self._tail is not None:
                self._tail.close()
            self._files += 1
            tail = _Segment(self._folder / f"{self._slot}-{self._born}-{self._files:06}.spool")
            self._tail = tail.path.open("ab", buffering=0)
            self._stored.append(tail)
        self._tail.write(data + b"\n")
        tail.messages += 1
        tail.size += len(data) + 1
        while len(self._stored) > 1 and sum(s.size for s in self._stored) > self._disk_bytes:
            oldest = self._stored.popleft()
            self.lost += oldest.messages
            oldest.path.unlink(missing_ok=True)
            _log.error("outbox_full", lost=self.lost, hint="the hub has been away too long; oldest events are gone")

    def _load(self) -> None:
        while self._stored and len(self._entries) <= self._memory // 2:
            segment = self._stored.popleft()
            if not self._stored and self._tail is not None:
                self._tail.close()
                self._tail = None
            for line in _lines(segment.path):
                self._add(line, segment)
            if not segment.waiting:
                with contextlib.suppress(OSError):
                    segment.path.unlink(missing_ok=True)


def spooled_snapshots(folder: Path) -> set[str]:
    """Keys of pictures whose events still wait in spool files: a sweep of orphans must spare them."""
    keys: set[str] = set()
    for path in folder.glob("*.spool"):
        for line in _lines(path):
            with contextlib.suppress(ValueError, KeyError, TypeError):  # the hub will refuse that message and say so
                body = json.loads(line)["body"]
                keys.update(key for name in ("snapshot", "still") if (key := body.get(name)))
    return keys


def _left_behind(folder: Path, slot: int, slots: int) -> Iterator[_Segment]:
    found = []
    for path in folder.glob("*.spool"):
        owner, born, number = path.stem.split("-")
        if int(owner) % slots == slot:
            found.append((int(born), int(number), path))
    for _, _, path in sorted(found):
        yield _Segment(path, sum(1 for _ in _lines(path)), path.stat().st_size)


def _lines(path: Path) -> Iterator[bytes]:
    """Whole lines of a spool file; a torn last line (the writer was killed) is left out."""
    try:
        with path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield line[:-1]
    except FileNotFoundError:
        return
