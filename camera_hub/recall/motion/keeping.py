"""The hub's care for the index: days that are over are sealed, old ones go, and what no consent covers any more.

A withdrawn consent is looked after each minute, ages and seals each hour and when a day is over. Damaged days stay, and
are shown. A file that the disk does not let be changed keeps no other from its turn, is a fault, and is tried again
each minute, with no second row in the register.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from typing import Literal
from uuid import UUID

from camera_hub.faults import Faults
from camera_hub.observe import log
from camera_hub.recall.motion.block import Block
from camera_hub.recall.motion.days import bounds, day_of
from camera_hub.recall.motion.shelf import Shelf
from registry import consents
from registry.errors import Corrupt
from registry.model import Kind
from registry.motion import Stretch, keeping
from registry.motion.keeping import Due
from registry.store import Store

EVERY_S = 60.0
HOURLY = timedelta(hours=1)
SETTLED_S = 300
"""So long after midnight a day is sealed: workers' last words of it have come."""
WITHDRAWN_FOR = timedelta(minutes=10)
BATCH = 500

_log = log("motion")
_Going = list[tuple[UUID, date]]


class Keeping:
    """Looks after the days on `shelf`; `days` says for how long they are kept, by kind of camera."""

    def __init__(self, store: Store, shelf: Shelf, days: Mapping[Kind, int], faults: Faults) -> None:
        self._store = store
        self._shelf = shelf
        self._days = days
        self._faults = faults
        self._looked_at: datetime | None = None
        self._proved: set[tuple[UUID, date]] = set()
        self._failed: OSError | None = None

    async def run(self) -> None:
        """Look each minute until cancelled."""
        await self._faults.rounds("motion_not_tended", self.round, EVERY_S)

    async def round(self) -> None:
        """Consents; then, once an hour or when another day began, seals and ages.

        Raises OSError for a file that could not be read or changed, once all the others are.
        """
        self._failed = None
        now = self._store.clock()
        due = self._looked_at is None or self._turned(self._looked_at, now)
        for camera_id in await consents.purging(self._store, None if due else now - WITHDRAWN_FOR):
            await self._purge(camera_id)
        if not due:
            self._raise()
            return
        damaged = await asyncio.to_thread(self._seal, now)
        if damaged:
            self._faults.set("motion_damaged", days=len(damaged), first=damaged[0])
        else:
            self._faults.clear("motion_damaged")
        await self._expire()
        self._raise()
        self._looked_at = now

    def _raise(self) -> None:
        if self._failed is not None:
            raise self._failed

    def _turned(self, before: datetime, now: datetime) -> bool:
        settled = (day_of(int(at.timestamp()) - SETTLED_S, self._shelf.tz) for at in (before, now))
        return abs(now - before) >= HOURLY or next(settled) != next(settled)

    def _seal(self, now: datetime) -> list[str]:
        """Seal what is over, where nothing half-written lies about any more; the files that are damaged."""
        today, damaged = day_of(int(now.timestamp()) - SETTLED_S, self._shelf.tz), []
        for camera_id in self._shelf.cameras():
            with self._going_on():
                self._shelf.tidy(camera_id)
            for day in self._shelf.logged(camera_id):
                if day >= today:
                    continue
                try:
                    with self._going_on():
                        self._shelf.seal(camera_id, day)
                except Corrupt:
                    damaged.append(self._shelf.key(camera_id, day))
        return damaged

    @contextmanager
    def _going_on(self) -> Iterator[None]:
        """What the disk does not let be done inside is a fault of this round, and ends nothing else."""
        try:
            yield
        except OSError as err:
            self._failed = err

    async def _expire(self) -> None:
        ids = await asyncio.to_thread(self._shelf.cameras)
        due = await keeping.due(self._store, self._days, ids)
        old = await asyncio.to_thread(self._old, due)
        for start in range(0, len(old), BATCH):
            await self._delete(old[start : start + BATCH])

    def _old(self, due: Mapping[UUID, Due]) -> _Going:
        found = []
        for camera_id, one in due.items():
            for day in self._shelf.days(camera_id):
                begin, end = self._bounds(day)
                if end <= one.before and not any(since < end and begin < until for since, until in one.held):
                    found.append((camera_id, day))
        return found

    async def _delete(self, days: _Going) -> None:
        if not await self._prove("motion.expire", days):
            return
        for one in days:
            await asyncio.to_thread(self._change, one, self._shelf.delete)
        _log.info("motion_expired", days=len(days))

    async def _prove(
        self, action: Literal["motion.expire", "motion.purge"], days: _Going, kept: Sequence[Stretch] = ()
    ) -> bool:
        """Write to the register what goes; not again what a round before proved, and the disk did not let go.

        False where it is to stay, since somebody just held it.
        """
        new = [one for one in days if one not in self._proved]
        if not new:
            return True
        size = sum(self._shelf.size(*one) for one in new)
        told = [(camera_id, self._bounds(day)) for camera_id, day in new]
        return await keeping.prove(self._store, action, told, size, kept)

    def _change(self, one: tuple[UUID, date], change: Callable[[UUID, date], None]) -> None:
        """Delete or cut a day that was proved."""
        self._proved.add(one)
        with self._going_on():
            change(*one)
            self._proved.discard(one)

    async def _purge(self, camera_id: UUID) -> None:
        """Leave of a camera's days what a consent covers that stands, and what is held."""
        days = await asyncio.to_thread(self._shelf.days, camera_id)
        if not days:
            return
        window = self._bounds(days[0])[0], self._bounds(days[-1])[1]
        kept = await keeping.agreed(self._store, camera_id, window)
        cut = await asyncio.to_thread(self._cut, camera_id, days, kept)
        if not cut:
            return
        if not await self._prove("motion.purge", [(camera_id, day) for day in cut], kept):
            return
        for day in cut:
            await asyncio.to_thread(self._change, (camera_id, day), partial(self._shelf.cut, kept=kept))
        _log.info("motion_purged", camera_id=str(camera_id), days=len(cut))

    def _cut(self, camera_id: UUID, days: list[date], kept: list[Stretch]) -> list[date]:
        """The days that hold something that is to go."""
        found = []
        for day in days:
            begin, end = self._bounds(day)
            try:
                held = self._shelf.read(camera_id, day)
            except Corrupt:
                if not any(since < end and begin < until for since, until in kept):
                    found.append(day)
                continue
            except OSError as err:
                self._failed = err
                continue
            if held is not None:
                whole = held.day() if isinstance(held, Block) else held
                if whole.cut([(since - begin, until - begin) for since, until in kept]) != whole:
                    found.append(day)
        return found

    def _bounds(self, day: date) -> Stretch:
        return bounds(day, self._shelf.tz)
