"""Retention: what no consent covers any more, events older than their days, the oldest pictures beyond the quota.

Pictures of bookmarks go by their case's end.

Rows go first, then files: a picture without a row is an orphan that the next sweep removes, a row without
its picture would be a lie. The disk's minimum of free space is not kept by deleting (somebody else may be filling the
disk, and would take every picture): below it no picture is written, events go on, and the fault is shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from camera_hub.faults import Faults
from camera_hub.media import Media
from camera_hub.observe import Metrics, log
from registry import alerts, bookmarks, consents, events, patrols, runs, status
from registry.consents.attention import attention
from registry.model import Kind
from registry.scope import EVERYTHING
from registry.store import Store

EVERY_S = 60.0
HISTORY_EVERY = timedelta(hours=1)
BATCH = 500
BATCHES = 40
"""At most this many batches of each sort in one round: the keeper must get at the database between them."""

EARLY_FOR = timedelta(days=1)
"""So long it is shown that the quota took pictures the law would have had kept."""
WITHDRAWN_FOR = timedelta(minutes=10)
"""A consent withdrawn this lately is looked at in every round: a worker's last words come later."""
ABANDONED_AFTER = timedelta(minutes=2)
"""An open event is told of about once a second; after this long without a word its worker is gone."""

_log = log("retention")


class Retention:
    """Deletes what is too old or too much: `days` are for events and pictures, `node` is whose files these are."""

    def __init__(
        self,
        store: Store,
        media: Media,
        *,
        days: Mapping[Kind, int],
        node: str,
        clock: Callable[[], datetime],
        metrics: Metrics,
        faults: Faults,
    ) -> None:
        self._store = store
        self._media = media
        self._days = days
        self._node = node
        self._clock = clock
        self._metrics = metrics
        self._faults = faults
        self._history_at: datetime | None = None
        self._early_at: datetime | None = None

    async def run(self) -> None:
        """Run a round each minute until cancelled."""
        await self._faults.rounds("retention_failed", self.round, EVERY_S)

    async def round(self) -> None:
        """End what was abandoned; then age, then quota, oldest first; then look at the disk."""
        if closed := await events.close_abandoned(self._store, self._clock() - ABANDONED_AFTER):
            _log.info("abandoned_events_closed", count=closed)
        await self._withdrawn()
        await self._expire()
        used = await asyncio.to_thread(self._media.used_bytes)
        for _ in range(BATCHES):
            if used <= self._media.quota_bytes:
                break
            over = used - self._media.quota_bytes
            # What people kept on patrol goes only when no event's picture is left to go.
            gone = await events.release(self._store, over, limit=BATCH)
            if gone.early:
                self._early_at = self._clock()
            files = gone.files or await patrols.release(self._store, over, limit=BATCH)
            await self._delete(files)
            if not files:
                break
            used = await asyncio.to_thread(self._media.used_bytes)
        self._show(used)
        await self._expire_history()

    async def _expire(self) -> None:
        """Take away what is older than its camera's days: at most so many batches, the next round goes on."""
        batches = 0
        for those in await events.overdue(self._store, self._days):
            while batches < BATCHES:
                gone = await events.expire(self._store, those, limit=BATCH)
                await self._delete(gone.files)
                self._metrics.expired.inc(gone.rows)
                if gone.rows == 0:
                    break
                batches += 1
                await asyncio.sleep(0)
        for those in await patrols.overdue(self._store, self._days):
            while marked := await patrols.expire(self._store, those, limit=BATCH):
                await self._delete(marked)
        while kept := await bookmarks.expire(self._store, limit=BATCH):
            await self._delete(kept)

    async def _withdrawn(self) -> None:
        """Let consents that ran out be so in the register; delete what withdrawn ones covered."""
        await consents.expire(self._store)
        if due := len(await attention(self._store, EVERYTHING)):
            self._faults.set("consents_due", count=due)
        else:
            self._faults.clear("consents_due")
        now = self._clock()
        hourly = self._history_at is None or abs(now - self._history_at) >= HISTORY_EVERY
        for camera_id in await consents.purging(self._store, None if hourly else now - WITHDRAWN_FOR):
            after: int | None = 0
            for _ in range(BATCHES):
                gone, after = await events.purge(self._store, camera_id, after=after or 0, limit=BATCH)
                await self._delete(gone.files)
                self._metrics.expired.inc(gone.rows)
                if after is None:
                    break
                await asyncio.sleep(0)
            await self._delete(await patrols.purge(self._store, camera_id, limit=BATCH))

    async def _expire_history(self) -> None:
        """Once an hour: counting who has too much of it looks at all of it."""
        now = self._clock()
        if self._history_at is not None and abs(now - self._history_at) < HISTORY_EVERY:
            return
        self._history_at = now
        await runs.expire(self._store, now - timedelta(days=status.KEPT_DAYS))
        for expire in (status.expire_history, alerts.expire):
            for _ in range(BATCHES):
                if not await expire(self._store, limit=BATCH):
                    break
                await asyncio.sleep(0)

    async def _delete(self, files: tuple[tuple[str, str], ...]) -> None:
        keys = [key for node, key in files if node == self._node]
        if keys:
            deleted = await asyncio.to_thread(self._media.delete, keys)
            self._metrics.files_deleted.inc(deleted)
            _log.info("files_deleted", count=deleted)

    def _show(self, used: int) -> None:
        free = self._media.free()
        self._metrics.media_used.set(used)
        self._metrics.disk_free.set(free)
        if free < self._media.min_free_bytes:
            self._faults.set("disk_full", free_bytes=free, min_free_bytes=self._media.min_free_bytes)
        else:
            self._faults.clear("disk_full")
        if self._early_at is not None and self._clock() - self._early_at < EARLY_FOR:
            self._faults.set("pictures_below_floor")
        else:
            self._faults.clear("pictures_below_floor")
        if used > self._media.quota_bytes:
            self._faults.set("media_over_quota", used_bytes=used, quota_bytes=self._media.quota_bytes)
        else:
            self._faults.clear("media_over_quota")
