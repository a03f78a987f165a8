"""Recordings as they should be and as they are, every minute: open files looked after, gaps written and shown."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from camera_hub.faults import Faults
from camera_hub.observe import Metrics, log
from camera_hub.recording.files import Name
from camera_hub.recording.shelf import OnDisk, Salvaged, Shelf
from registry.columns import to_ms
from registry.errors import HubError
from registry.recordings import due, segments
from registry.recordings.due import Wanted
from registry.recordings.gaps import OpenGap, Round, names_of, reconcile
from registry.recordings.model import GapCause, RecordPolicy
from registry.recordings.segments import Closing, OpenSegment
from registry.spans import Ms
from registry.store import Store

EVERY_S = 60.0
STALE_S = 60.0
"""A file is written to several times a second; one that was not for so long has lost its writer."""
QUIET_MS = 5_000
JUMP_MS = 5_000
SHOWN = 3
"""So many of the cameras that are not recorded are named in the fault."""
BATCH = 100

_log = log("recordings")


class Reconciler:
    """Looks after recordings. `node` names the machine whose files these are."""

    def __init__(
        self,
        store: Store,
        shelf: Shelf,
        policy: RecordPolicy,
        *,
        node: str,
        metrics: Metrics,
        faults: Faults,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._policy = policy
        self._node = node
        self._metrics = metrics
        self._faults = faults
        self._monotonic = monotonic
        self._clocks: tuple[int, float] | None = None
        self._skipped: list[Ms] = []
        self._asked: tuple[tuple[int, int], Wanted] | None = None
        self._sizes: dict[int, int] = {}

    async def run(self, began: datetime) -> None:
        """Close what hubs before left open at `began`, then run a round each minute, until cancelled."""
        left_before: datetime | None = began
        while True:
            try:
                await self.round(left_before=left_before)
                left_before = None
                self._faults.clear("recordings_unchecked")
            except HubError as err:
                self._faults.set("recordings_unchecked", hint=err.hint)
            except OSError as err:
                self._faults.set("recordings_unchecked", hint=str(err.strerror))
            await asyncio.sleep(EVERY_S)

    async def round(self, *, left_before: datetime | None = None) -> Round:
        """Look after open files, then compare. No worker lives that could write to what began before `left_before`."""
        self._watch_clocks()
        reach = await self._open_files(left_before)
        found = await reconcile(
            self._store, self._policy, await self._wanted(), reach=reach, skipped=tuple(self._skipped)
        )
        await self._show(found, len(self._sizes))
        return found

    async def _wanted(self) -> Wanted:
        # The end of a camera's grace is no write: look anew each hour.
        seen = await self._store.revision(), to_ms(self._store.clock()) // 3_600_000
        if self._asked is None or self._asked[0] != seen:
            self._asked = seen, await due.wanted(self._store, self._policy)
        return self._asked[1]

    def _watch_clocks(self) -> None:
        """Note where the wall clock was set ahead since the last round: that time never was."""
        wall, passed = to_ms(self._store.clock()), self._monotonic()
        if self._clocks is not None:
            expected = self._clocks[0] + round((passed - self._clocks[1]) * 1000)
            if wall - expected > JUMP_MS:
                self._skipped.append((expected, wall))
                _log.warning("clock_set_ahead", seconds=round((wall - expected) / 1000))
        self._clocks = wall, passed
        oldest = to_ms(self._store.clock() - timedelta(hours=1))
        self._skipped = [one for one in self._skipped if oldest < one[1] <= wall]

    async def _open_files(self, left_before: datetime | None) -> dict[int, int]:
        """Up to when each open file holds footage; those whose writer is gone are closed."""
        reach: dict[int, int] = {}
        sizes: dict[int, int] = {}
        left: list[OpenSegment] = []
        now = to_ms(self._store.clock())
        those = await segments.open_segments(self._store, self._node)
        for start in range(0, len(those), BATCH):
            some = those[start : start + BATCH]
            for one, file in zip(some, await asyncio.to_thread(self._look, some), strict=True):
                began = to_ms(one.started_at)
                written = began if file is None else round(file.written_at * 1000)
                size = 0 if file is None else file.size
                # A clock set ahead makes every file look old: what counts is that it did not grow since the last round.
                silent = now - max(written, began) > STALE_S * 1000 and self._sizes.get(one.no) == size
                if silent or (left_before is not None and one.started_at < left_before):
                    left.append(one)
                    reach[one.no] = written
                else:
                    sizes[one.no] = size
                    reach[one.no] = now if now - written <= QUIET_MS and file is not None else written
        self._sizes = sizes
        for start in range(0, len(left), BATCH):
            await self._close(left[start : start + BATCH])
        return reach

    def _look(self, those: Sequence[OpenSegment]) -> list[OnDisk | None]:
        return [self._shelf.look(_name(one)) for one in those]

    async def _close(self, those: Sequence[OpenSegment]) -> None:
        """End files that nobody writes any more with their last whole fragment; those without one go."""
        held = await asyncio.to_thread(self._salvaged, those)
        ending = [
            Closing(one.no, what.ended_at, what.frames, what.bytes, what.digest)
            for one, what in held
            if what is not None
        ]
        empty = [one for one, what in held if what is None]
        if ending:
            await segments.close(self._store, ending)
        if empty:
            await segments.forget(self._store, [one.no for one in empty])
            await asyncio.to_thread(self._shelf.delete, [_name(one) for one in empty])
        _log.info("open_segments_closed", count=len(ending), empty=len(empty))

    def _salvaged(self, those: Sequence[OpenSegment]) -> list[tuple[OpenSegment, Salvaged | None]]:
        """What each file holds; None for nothing. One that the disk does not give stays open, and is tried again."""
        held: list[tuple[OpenSegment, Salvaged | None]] = []
        for one in those:
            try:
                held.append((one, self._shelf.salvage(_name(one))))
            except FileNotFoundError:
                held.append((one, None))
            except OSError as err:
                _log.error("segment_unread", key=_name(one).key, error=err.strerror)
        return held

    async def _show(self, found: Round, writing: int) -> None:
        self._metrics.recordings_due.set(found.due)
        self._metrics.recordings_writing.set(writing)
        by_cause = dict.fromkeys(GapCause, 0)
        for gap in found.open:
            by_cause[gap.cause] += 1
        for cause, count in by_cause.items():
            self._metrics.recording_gaps.labels(cause.value).set(count)
        if not found.open:
            self._faults.clear("recording_gap")
            return
        worst = _longest(found.open)[:SHOWN]
        names = await names_of(self._store, [gap.camera_no for gap in worst])
        self._faults.set(
            "recording_gap",
            count=len({gap.camera_no for gap in found.open}),
            cameras=", ".join(names[gap.camera_no] for gap in worst if gap.camera_no in names),
            cause=max(by_cause, key=lambda cause: by_cause[cause]).value,
        )


def _longest(gaps: Sequence[OpenGap]) -> list[OpenGap]:
    """One gap for each camera, the longest first."""
    by_camera: dict[int, OpenGap] = {}
    for gap in sorted(gaps, key=lambda gap: gap.since):
        by_camera.setdefault(gap.camera_no, gap)
    return list(by_camera.values())


def _name(one: OpenSegment) -> Name:
    return Name(one.camera_id, one.stream, one.started_at)
