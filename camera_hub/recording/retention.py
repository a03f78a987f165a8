"""Retention of recordings: what no consent covers any more, is too old or beyond the quota goes; what is held stays.

Rows go first, then files. Withdrawn consents are looked after in every round, so that what they covered is gone within
about a minute; ages once an hour. The disk's minimum of free space is not kept by deleting: below it workers stop.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from camera_hub.faults import Faults
from camera_hub.observe import Metrics, log
from camera_hub.recording.files import Name
from camera_hub.recording.shelf import Shelf
from registry import cases, consents
from registry.ages import DAY_MS
from registry.columns import to_ms
from registry.recordings import expiring, keeping
from registry.recordings.keeping import Gone
from registry.recordings.model import RecordPolicy
from registry.scope import EVERYTHING
from registry.store import Store
from registry.users import CONSOLE

EVERY_S = 60.0
AGES_EVERY = timedelta(hours=1)
EARLY_FOR = timedelta(days=1)
"""So long it is shown that the quota took what the law would have had kept."""
WITHDRAWN_FOR = timedelta(minutes=10)
"""A consent withdrawn this lately is looked at in every round: a file that was being written is whole only later."""
BATCH = 1000
BATCHES = 50
"""At most this many batches of each sort in one round: the keeper must get at the database between them."""

_log = log("recordings")


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of recordings: kept, held for cases, allowed."""

    used: int
    held: int
    quota: int


class RecordingRetention:
    """Deletes recordings. `node` names the machine whose files these are."""

    def __init__(
        self,
        store: Store,
        shelf: Shelf,
        policy: RecordPolicy,
        quota_bytes: int,
        *,
        node: str,
        metrics: Metrics,
        faults: Faults,
    ) -> None:
        self.room = Room(0, 0, quota_bytes)
        """As of the last round."""
        self._store = store
        self._shelf = shelf
        self._policy = policy
        self._quota_bytes = quota_bytes
        self._node = node
        self._metrics = metrics
        self._faults = faults
        self._days: dict[int, int] = {}
        self._ages_at: datetime | None = None
        self._only_held_before: datetime | None = None
        self._early_at: datetime | None = None

    async def run(self) -> None:
        """Run a round each minute until cancelled."""
        await self._faults.rounds("recordings_not_deleted", self.round, EVERY_S)

    async def round(self) -> None:
        """Consents, ages, quota, in this order."""
        now = self._store.clock()
        hourly = self._ages_at is None or abs(now - self._ages_at) >= AGES_EVERY
        for camera_id in await consents.purging(self._store, None if hourly else now - WITHDRAWN_FOR):
            await self._purge(camera_id)
        if hourly:
            self._days = await keeping.bytes_by_day(self._store, 0)
            self._only_held_before = None
            self._ages_at = now if await self._expire() else None
            await self._warn()
        yesterday = to_ms(now) // DAY_MS - 1
        fresh = await keeping.bytes_by_day(self._store, yesterday)
        self._days = {day: size for day, size in self._days.items() if day < yesterday} | fresh
        held = await keeping.held_bytes(self._store)
        await self._release()
        self._show(held)

    async def _purge(self, camera_id: UUID) -> None:
        after: datetime | None = None
        for _ in range(BATCHES):
            gone, more = await keeping.purge(self._store, camera_id, self._node, after=after, limit=BATCH)
            await self._delete(gone)
            after = gone.last
            if gone.files:
                _log.info("recordings_purged", camera_id=str(camera_id), count=len(gone.files))
            if not more:
                return

    async def _expire(self) -> bool:
        """Take away what is too old; False where there is more of it than one round takes: the next goes on."""
        batches = 0
        for those in await keeping.overdue(self._store, self._policy):
            more = True
            while more:
                if batches == BATCHES:
                    return False
                gone = await keeping.expire(self._store, those, self._node, limit=BATCH)
                await self._delete(gone)
                batches += bool(gone.files)  # cameras of which all is held take no turn of others
                more = len(gone.files) == BATCH
        return True

    async def _release(self) -> None:
        for _ in range(BATCHES):
            over = self._used() - self._quota_bytes
            if over <= 0:
                return
            gone = await keeping.release(self._store, over, self._node, after=self._only_held_before, limit=BATCH)
            await self._delete(gone)
            if gone.early:
                self._early_at = self._store.clock()
            if gone.last is None:
                return
            self._only_held_before = gone.last

    async def _warn(self) -> None:
        """Say aloud what an open case points at and will soon be gone."""
        open_cases = await cases.list_cases(self._store, CONSOLE, open_only=True)
        those = await expiring.expiring(self._store, self._policy, open_cases, EVERYTHING)
        if those:
            self._faults.set("case_footage_expires", cases=len(those))
        else:
            self._faults.clear("case_footage_expires")

    def _used(self) -> int:
        return sum(self._days.values())

    async def _delete(self, gone: Gone) -> None:
        for day, size in gone.days.items():
            self._days[day] = self._days.get(day, 0) - size
        if gone.files:
            names = [Name(*key) for key in gone.files]
            deleted = await asyncio.to_thread(self._shelf.delete, names)
            self._metrics.segments_deleted.inc(deleted)
            _log.info("segments_deleted", count=deleted)

    def _show(self, held: int) -> None:
        used = self._used()
        self.room = Room(used, held, self._quota_bytes)
        self._metrics.recordings_used.set(used)
        self._metrics.recordings_held.set(held)
        if held > self._quota_bytes:
            self._faults.set("recordings_held_over_quota", held_bytes=held, quota_bytes=self._quota_bytes)
        else:
            self._faults.clear("recordings_held_over_quota")
        if self._early_at is not None and self._store.clock() - self._early_at < EARLY_FOR:
            self._faults.set("recordings_below_floor")
        else:
            self._faults.clear("recordings_below_floor")
        if used > self._quota_bytes >= held:
            self._faults.set("recordings_over_quota", used_bytes=used, quota_bytes=self._quota_bytes)
        else:
            self._faults.clear("recordings_over_quota")
