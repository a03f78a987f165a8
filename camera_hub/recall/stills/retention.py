"""Retention of small pictures: by the rules of recordings, at the same times, with the same proof.

What no consent covers any more goes in every round, ages once an hour, the oldest beyond the quota when there is too
much. What is held stays. The register's row is written first, then the files are. A file that the disk does not let go
keeps no other from going, is a fault, and is tried again each minute, with no second row.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from camera_hub.faults import Faults
from camera_hub.observe import log
from camera_hub.recall.stills.dayfile import Album, Filed, Still
from registry import consents
from registry.columns import from_ms
from registry.errors import Unavailable
from registry.recordings import keeping_stills
from registry.recordings.keeping_stills import Rule
from registry.recordings.model import RecordPolicy
from registry.store import Store

EVERY_S = 60.0
AGES_EVERY = timedelta(hours=1)
WITHDRAWN_FOR = timedelta(minutes=10)
"""A consent withdrawn this lately is looked at in every round: a still that was being made is kept only later."""
STRANGE_FOR_S = 3600.0
"""Files of a camera that nobody knows are older than this before they go: its row may be on its way."""
BATCH = 500
"""Files looked through for one row of the register."""

Cause = Literal["stills.expire", "stills.release", "stills.purge"]

_log = log("stills")


@dataclass(slots=True)
class _Going:
    """What goes for one cause: when each picture of each camera was taken, in which files, and their bytes."""

    cause: Cause
    taken: dict[UUID, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    files: dict[Filed, set[int]] = field(default_factory=dict)
    bytes: int = 0
    early: int = 0


class StillRetention:
    """Deletes small pictures of `album`."""

    def __init__(self, store: Store, album: Album, policy: RecordPolicy, quota_bytes: int, *, faults: Faults) -> None:
        self._store = store
        self._album = album
        self._policy = policy
        self._quota_bytes = quota_bytes
        self._faults = faults
        self._ages_at: datetime | None = None
        self._proved: set[tuple[UUID, int]] = set()
        self._failed: Unavailable | OSError | None = None

    async def run(self) -> None:
        """Run a round each minute until cancelled."""
        await self._faults.rounds("stills_not_deleted", self.round, EVERY_S)

    async def round(self) -> None:
        """Consents; once an hour ages, and then the quota.

        Raises Unavailable and OSError for a file that could not be read or changed, once all the others are.
        """
        self._failed = None
        now = self._store.clock()
        hourly = self._ages_at is None or abs(now - self._ages_at) >= AGES_EVERY
        withdrawn = await consents.purging(self._store, None if hourly else now - WITHDRAWN_FOR)
        if not hourly and not withdrawn:
            return
        files = await asyncio.to_thread(self._files)
        rules = await keeping_stills.rules(self._store, self._policy, {one.camera_id for one in files})
        for camera_id in withdrawn:
            own = [one for one in files if one.camera_id == camera_id]
            if own and camera_id in rules:
                await self._purge(camera_id, own, rules[camera_id])
        if hourly:
            await self._expire(files, rules)
            await self._release(rules)
            await asyncio.to_thread(self._album.tidy, time.time() - STRANGE_FOR_S)
        if self._failed is not None:
            raise self._failed
        if hourly:
            self._ages_at = now

    def _files(self) -> list[Filed]:
        return [one for day in self._album.days() for one in self._album.files(day)]

    async def _purge(self, camera_id: UUID, files: list[Filed], rule: Rule) -> None:
        begin, end = _day(files[0].day), _day(files[-1].day) + timedelta(days=1)
        agreed = await keeping_stills.agreed(self._store, camera_id, (begin, end))

        def goes(at: datetime) -> bool:
            return not rule.keeps(at) and not any(since <= at < until for since, until in agreed)

        await self._take("stills.purge", files, {camera_id: goes})

    async def _expire(self, files: list[Filed], rules: Mapping[UUID, Rule]) -> None:
        strange = [one for one in files if one.camera_id not in rules]
        for one in strange:
            stays = one.written_at >= time.time() - STRANGE_FOR_S
            if not stays and await asyncio.to_thread(self._leave_out, one, lambda _: True):
                _log.warning("stills_of_nobody", camera_id=str(one.camera_id), day=one.day)
        old = [one for one in files if one.camera_id in rules and _day(one.day) < rules[one.camera_id].before]
        ways = {camera_id: _too_old(rule) for camera_id, rule in rules.items()}
        for begin in range(0, len(old), BATCH):
            await self._take("stills.expire", old[begin : begin + BATCH], ways)

    async def _release(self, rules: Mapping[UUID, Rule]) -> None:
        files = await asyncio.to_thread(self._files)
        over = sum(one.size for one in files) - self._quota_bytes
        ways = {camera_id: _free(rule) for camera_id, rule in rules.items()}
        some: list[Filed] = []
        for one in files:  # the oldest day first
            if over <= 0:
                break
            if one.camera_id not in rules:
                continue
            some.append(one)
            if sum(file.size for file in some) >= over or len(some) == BATCH:
                over -= await self._take("stills.release", some, ways, rules)
                some = []
        if over > 0:
            self._faults.set("stills_over_quota", over_bytes=over, quota_bytes=self._quota_bytes)
        else:
            self._faults.clear("stills_over_quota")

    async def _take(
        self,
        cause: Cause,
        files: Iterable[Filed],
        ways: Mapping[UUID, Callable[[datetime], bool]],
        rules: Mapping[UUID, Rule] | None = None,
    ) -> int:
        """Take out of files what `ways` says goes, by camera; how many bytes that were."""
        those = await asyncio.to_thread(self._look, cause, files, ways, rules or {})
        if not await keeping_stills.going(self._store, cause, those.taken, those.bytes, early=those.early):
            return 0
        await asyncio.to_thread(self._delete, those)
        if those.files:
            _log.info("stills_deleted", cause=cause, count=sum(len(at) for at in those.files.values()))
        return those.bytes

    def _look(
        self,
        cause: Cause,
        files: Iterable[Filed],
        ways: Mapping[UUID, Callable[[datetime], bool]],
        rules: Mapping[UUID, Rule],
    ) -> _Going:
        those = _Going(cause)
        for file in files:
            goes = ways[file.camera_id]
            try:
                there = self._album.read(file.day, file.camera_id).stills
            except Unavailable as err:
                self._failed = err
                continue
            found = [one for one in there if goes(from_ms(one.at))]
            if not found:
                continue
            those.files[file] = {one.at for one in found}
            found = [one for one in found if (file.camera_id, one.at) not in self._proved]
            if not found:
                continue
            those.taken[file.camera_id] += [from_ms(one.at) for one in found]
            those.bytes += sum(len(one.encoded()) for one in found)
            floor = rules[file.camera_id].floor if file.camera_id in rules else None
            those.early += sum(floor is not None and from_ms(one.at) > floor for one in found)
        return those

    def _delete(self, those: _Going) -> None:
        for file, moments in those.files.items():

            def going(still: Still, moments: set[int] = moments) -> bool:
                return still.at in moments

            stays = {(file.camera_id, at) for at in moments}
            if self._leave_out(file, going):
                self._proved -= stays
            else:
                self._proved |= stays

    def _leave_out(self, file: Filed, going: Callable[[Still], bool]) -> bool:
        """Take pictures out of a file; False where the disk does not let it."""
        try:
            self._album.leave_out(file.day, file.camera_id, going)
        except OSError as err:
            self._failed = err
            return False
        return True


def _too_old(rule: Rule) -> Callable[[datetime], bool]:
    return lambda at: at < rule.before and not rule.keeps(at)


def _free(rule: Rule) -> Callable[[datetime], bool]:
    return lambda at: not rule.keeps(at)


def _day(name: str) -> datetime:
    return datetime.strptime(name, "%Y-%m-%d").replace(tzinfo=UTC)
