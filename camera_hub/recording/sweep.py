"""Files against rows, at start and every hour: what has no row gets one or goes, what has no file is marked.

A folder whose files and rows are equal in number and in the sum of their beginnings is as it should be, and a folder
that nothing came to or left since is not read again: a hundred thousand files are a few statements.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from camera_hub.faults import Faults
from camera_hub.observe import Metrics, log
from camera_hub.recording.files import Name
from camera_hub.recording.shelf import Shelf
from registry.ages import DAY_MS
from registry.columns import EPOCH, to_ms
from registry.errors import HubError
from registry.recordings import damage, inventory, segments
from registry.recordings.inventory import Key, Sum
from registry.recordings.model import Damage, RecordPolicy, SegmentChange
from registry.store import Store

EVERY_S = 3600.0
AGAIN_S = 30.0
YOUNG = timedelta(minutes=2)
"""Word of a file that is younger may be on its way."""
UNREADABLE_FOR = timedelta(hours=1)

_log = log("recordings")


@dataclass(slots=True)
class Swept:
    """What a sweep did."""

    adopted: int = 0
    deleted: int = 0
    missing: int = 0
    back: int = 0


class Sweep:
    """Compares the files of `shelf` with the rows of `node`."""

    def __init__(
        self, store: Store, shelf: Shelf, policy: RecordPolicy, *, node: str, metrics: Metrics, faults: Faults
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._policy = policy
        self._node = node
        self._metrics = metrics
        self._faults = faults
        self._folders: dict[tuple[str, str], tuple[int, Sum]] = {}

    async def run(self) -> None:
        """Sweep now, then each hour, until cancelled."""
        while True:
            try:
                await self.round()
            except HubError as err:
                _log.warning("sweep_waits", error=err.hint)
                await asyncio.sleep(AGAIN_S)
                continue
            except OSError as err:
                self._faults.set("recordings_unread", hint=str(err.strerror))
                await asyncio.sleep(AGAIN_S)
                continue
            self._faults.clear("recordings_unread")
            await asyncio.sleep(EVERY_S)

    async def round(self) -> Swept:
        """Go through every day there are files or rows of."""
        swept = Swept()
        on_disk = await asyncio.to_thread(self._shelf.days)
        told = await inventory.days(self._store, self._node)
        if told is not None and not on_disk:
            # A disk that is not mounted looks like this: nothing is written off.
            self._faults.set("recordings_gone")
            return swept
        self._faults.clear("recordings_gone")
        numbers = {number for day in on_disk if (number := day_number(day)) is not None}
        if told is not None:
            numbers |= set(range(told[0], told[1] + 1))
        for number in sorted(numbers):
            await self._day(number, swept)
        self._folders = {key: seen for key, seen in self._folders.items() if key[0] in on_disk}
        if swept != Swept():
            _log.info(
                "recordings_swept",
                adopted=swept.adopted,
                deleted=swept.deleted,
                missing=swept.missing,
                back=swept.back,
            )
        return swept

    async def _day(self, number: int, swept: Swept) -> None:
        day = day_name(number)
        rows = await inventory.sums(self._store, self._node, number)
        files = await asyncio.to_thread(self._sums, day, number)
        for camera_id in {*rows, *files}:
            if rows.get(camera_id) != files.get(camera_id):
                await self._folder(camera_id, day, number, swept)
        if day != day_name(to_ms(self._store.clock()) // DAY_MS):
            await asyncio.to_thread(self._shelf.tidy, day)

    def _sums(self, day: str, number: int) -> dict[UUID, Sum]:
        found: dict[UUID, Sum] = {}
        for camera in self._shelf.cameras(day):
            changed = self._shelf.changed_at(day, camera)
            seen = self._folders.get((day, camera))
            if seen is None or seen[0] != changed:
                names = self._shelf.names(day, camera)
                begins = sum(name.milliseconds - number * DAY_MS for name in names)
                seen = changed, Sum(len(names), begins)
                self._folders[day, camera] = seen
            if seen[1].count:
                found[UUID(camera)] = seen[1]
        return found

    async def _folder(self, camera_id: UUID, day: str, number: int, swept: Swept) -> None:
        """Look at each file of a folder that is not as it should be."""
        # Files first: what is begun in between has a row and no file here, and is open.
        names = await asyncio.to_thread(self._shelf.names, day, str(camera_id))
        rows = await inventory.folder(self._store, self._node, camera_id, number)
        files: dict[Key, Name] = {(name.stream, name.milliseconds): name for name in names}
        old = self._store.clock() - YOUNG
        gone = [
            row
            for key, row in rows.items()
            if key not in files and not row.open and row.damage is not Damage.MISSING and row.started_at < old
        ]
        back = [row for key, row in rows.items() if key in files and row.damage is Damage.MISSING]
        await damage.mark(self._store, [row.no for row in gone], Damage.MISSING)
        await damage.mark(self._store, [row.no for row in back], None)
        swept.missing += len(gone)
        swept.back += len(back)
        for key, name in files.items():
            if key not in rows:
                await self._orphan(name, swept)

    async def _orphan(self, name: Name, swept: Swept) -> None:
        """Give a file that has no row one, where it can be played and may be kept; else let it go after a while."""
        file = await asyncio.to_thread(self._shelf.look, name)
        now = self._store.clock()
        if file is None or now - EPOCH - timedelta(seconds=file.written_at) < YOUNG:
            return
        written_at = EPOCH + timedelta(seconds=file.written_at)
        span = name.started_at, max(written_at, name.started_at + timedelta(milliseconds=1))
        about = await inventory.adoptable(self._store, self._policy, name.camera_id, span)
        try:
            held = None if about is None else await asyncio.to_thread(self._shelf.salvage, name)
        except OSError as err:  # a bad sector is this file's alone: the next sweep tries it again
            _log.error("segment_unread", key=name.key, error=err.strerror)
            return
        if about is None or held is None:
            if about is None or now - written_at > UNREADABLE_FOR:
                swept.deleted += await asyncio.to_thread(self._shelf.delete, [name])
                self._metrics.segments_deleted.inc()
            return
        whole = SegmentChange(
            camera_id=name.camera_id,
            stream=name.stream,
            started_at=name.started_at,
            ended_at=held.ended_at,
            node=self._node,
            why=about.why,
            codec=held.init.codec,
            width=held.init.width,
            height=held.init.height,
            masked=about.masked,
            frames=held.frames,
            bytes=held.bytes,
            digest=held.digest,
            clock_offset_ms=None,
        )
        await segments.record(self._store, [whole])
        swept.adopted += 1


def day_name(number: int) -> str:
    """The folder of a UTC day, by its number since 1970."""
    return (EPOCH + timedelta(days=number)).date().isoformat()


def day_number(name: str) -> int | None:
    """The number of a day's folder; None for anything else that lies there."""
    try:
        return (datetime.strptime(name, "%Y-%m-%d").replace(tzinfo=UTC) - EPOCH).days
    except ValueError:
        return None
