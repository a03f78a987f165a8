"""The one thread of a worker that writes recordings, and the one that sees them onto the disk.

Thread contract
- `offer` is called by the pulls' threads and never waits: what comes faster than the disk takes it waits in memory, up
  to `MOST_WAITING` a worker and `MOST_OF_ONE` a camera's stream; beyond that packets are left out up to a keyframe.
- The writer's thread takes what waits every `TURN_S` and hands it to the operating system: a killed worker loses no
  more than that. It looks after the reels, which are its own.
- Files that are whole are synced by a second thread, one after the other, so that a slow sync holds up no writing.
  Only `MOST_UNSYNCED` wait for it; then writing waits, and packets are left out.
- `tell` is called by both threads.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from camera_hub.live.tap import Begun
from camera_hub.observe import log
from camera_hub.recording.disk import Disk, fault_of
from camera_hub.recording.reel import Cut, Item, Reel, Subject, Taken
from camera_hub.recording.segment import Segment
from registry.model import RecordFault
from registry.recordings.model import SegmentChange

TURN_S = 0.25
LOOK_S = 1.0
"""How often free space is asked for, and whether open files are still there."""
AGAIN_S = 1.0
"""A stream whose disk failed is tried again after this long."""
LATE_S = 3.0
"""A turn of the writer that takes longer than this is shown."""
SHOWN_S = 10.0
"""For how long it is shown that packets were left out."""
MOST_WAITING = 64 << 20
MOST_OF_ONE = 12 << 20
MOST_UNSYNCED = 64

_log = log("recording")


@dataclass(slots=True)
class _Waiting:
    """What one reel still has to record. Under the writer's lock."""

    items: list[Item]
    bytes: int = 0
    broken: bool = False
    slow_at: float | None = None
    last: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """Since the worker's start; `open` is the number of files being written now."""

    open: int
    frames: int
    bytes: int
    dropped: int


class Writer:
    """Writes what recorders offer to `disk`, as `node`; `tell` hears of segments begun and of those that are whole."""

    def __init__(
        self,
        disk: Disk,
        node: str,
        tell: Callable[[SegmentChange], None],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._disk = disk
        self._node = node
        self._tell = tell
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._waiting: dict[Reel, _Waiting] = {}
        self._before = Counts(0, 0, 0, 0)
        self._bytes = 0
        self._full = False
        self._look_at = 0.0
        self._turned_at = monotonic()
        self._ending = threading.Event()
        self._whole: queue.Queue[tuple[Segment, datetime] | None] = queue.Queue(MOST_UNSYNCED)
        self._threads = (
            threading.Thread(target=self._write, name="recorder", daemon=True),
            threading.Thread(target=self._sync, name="recorder-sync", daemon=True),
        )

    def start(self) -> None:
        """Begin to write."""
        self._turned_at = self._monotonic()
        for thread in self._threads:
            thread.start()

    def end(self, within_s: float) -> None:
        """Write what waits, close all files and wait for it, but no longer than `within_s`."""
        until = self._monotonic() + within_s
        self._ending.set()
        for thread in self._threads:
            thread.join(max(0.0, until - self._monotonic()))

    def reel(self, subject: Subject) -> Reel:
        """A stream to be recorded from now on."""
        reel = Reel(
            subject,
            self._disk,
            tell=lambda segment: self._tell(segment.change(self._node, None)),
            finish=lambda segment, ended_at: self._whole.put((segment, ended_at)),
        )
        with self._lock:
            self._waiting[reel] = _Waiting([])
        return reel

    def offer(self, reel: Reel, item: Item) -> None:
        """Have something recorded after what was offered before, or leave it out."""
        with self._lock:
            waiting = self._waiting.get(reel)
            if waiting is None or waiting.last:
                return
            if not isinstance(item, Taken):
                waiting.items.append(item)
                return
            size = len(item.packet.data)
            over = self._bytes + size > MOST_WAITING or waiting.bytes + size > MOST_OF_ONE
            if over:
                waiting.broken, waiting.slow_at = True, self._monotonic()
            if over or (waiting.broken and not item.packet.keyframe):
                reel.dropped += 1
                return
            if waiting.broken:
                waiting.items.append(Cut())
                waiting.broken = False
            waiting.items.append(item)
            waiting.bytes += size
            self._bytes += size

    def fault(self, reel: Reel) -> RecordFault | None:
        """Why a stream is not recorded as it should be, if so. Any thread may ask."""
        if reel.fault is not None:
            return reel.fault
        with self._lock:
            waiting = self._waiting.get(reel)
            slow_at = waiting.slow_at if waiting else None
        now = self._monotonic()
        late = now - self._turned_at > LATE_S
        return RecordFault.DISK_SLOW if late or (slow_at is not None and now - slow_at < SHOWN_S) else None

    def retire(self, reel: Reel) -> None:
        """Record a stream no more; what was offered before still is."""
        with self._lock:
            waiting = self._waiting[reel]
            waiting.items.append(Cut())
            waiting.last = True

    @property
    def counts(self) -> Counts:
        """What was recorded and left out so far. Any thread may ask."""
        with self._lock:
            reels, before = tuple(self._waiting), self._before
        return Counts(
            open=sum(reel.recording for reel in reels),
            frames=before.frames + sum(reel.frames for reel in reels),
            bytes=before.bytes + sum(reel.bytes for reel in reels),
            dropped=before.dropped + sum(reel.dropped for reel in reels),
        )

    def _reels(self) -> tuple[Reel, ...]:
        with self._lock:
            return tuple(self._waiting)

    def _write(self) -> None:
        try:
            while not self._ending.wait(TURN_S):
                self._turn()
            self._turn()
            for reel in self._reels():
                self._roll(reel, [Cut()])
        except Exception:  # noqa: BLE001 - a thread's root: without it nothing is recorded, and `fault` says so
            _log.exception("writer_broke")
        self._whole.put(None)

    def _turn(self) -> None:
        self._look()
        with self._lock:
            taken = [(reel, one) for reel, one in self._waiting.items() if one.items]
        for reel, waiting in taken:
            with self._lock:
                items, size, last = waiting.items, waiting.bytes, waiting.last
                waiting.items = []
            self._roll(reel, items)
            with self._lock:
                waiting.bytes -= size
                self._bytes -= size
                if last:
                    del self._waiting[reel]
                    was = self._before
                    self._before = Counts(
                        0, was.frames + reel.frames, was.bytes + reel.bytes, was.dropped + reel.dropped
                    )
        self._turned_at = self._monotonic()

    def _look(self) -> None:
        """Whether there is room, and whether the open files are still there."""
        now = self._monotonic()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_S
        was_full = self._full
        try:
            self._full = not self._disk.has_room()
        except OSError as err:
            _log.warning("disk_unknown", error=err.strerror)
        for reel in self._reels():
            if was_full and not self._full and reel.fault is RecordFault.DISK_FULL:
                self._stand(reel, None)  # one that waits for an event would show it up to the next one
            if reel.lost():
                _log.warning("segment_deleted", camera_id=str(reel.subject.camera_id), stream=reel.subject.stream)

    def _roll(self, reel: Reel, items: list[Item]) -> None:
        """Record what waited for a stream; what is wrong with the disk there is that stream's alone."""
        now = self._monotonic()
        fault, why = reel.fault, ""
        try:
            if self._full:
                reel.end()
                reel.leave_out(items)
                fault, why = RecordFault.DISK_FULL, "less than min_free_gb is free"
            elif now < reel.again_at:
                reel.leave_out(items)
            else:
                reel.roll(items)
                fault = None if reel.recording else fault
        except OSError as err:
            fault, why = fault_of(err), err.strerror or str(err)
            reel.again_at = now + AGAIN_S
        except Exception:  # noqa: BLE001 - a stream's root: what one camera's packets break is no other camera's fault
            _log.exception("recording_broke", camera_id=str(reel.subject.camera_id))
            reel.let_go()
            reel.leave_out(item for item in items if isinstance(item, Begun))  # what comes next is of that pull
            fault, why = RecordFault.CODEC, "its packets cannot be put into files"
            reel.again_at = now + AGAIN_S
        self._stand(reel, fault, why)

    def _stand(self, reel: Reel, fault: RecordFault | None, why: str = "") -> None:
        """Show how a stream's recording stands."""
        if fault is reel.fault:
            return
        reel.fault = fault
        where = {"camera_id": str(reel.subject.camera_id), "stream": reel.subject.stream}
        if fault is None:
            _log.info("recording_again", **where)
        else:
            _log.error("recording_fault", fault=fault.value, error=why, **where)

    def _sync(self) -> None:
        try:
            while (whole := self._whole.get()) is not None:
                self._keep(*whole)
        except Exception:  # noqa: BLE001 - a thread's root: what waits for it soon fills up, and `fault` says so
            _log.exception("syncer_broke")

    def _keep(self, segment: Segment, ended_at: datetime) -> None:
        try:
            segment.sync()
        except OSError as err:  # the hub finds it without an end, and looks at what there is
            _log.error("segment_not_synced", key=segment.name.key, error=err.strerror or str(err))
        else:
            self._tell(segment.change(self._node, ended_at))
        finally:
            segment.release()
