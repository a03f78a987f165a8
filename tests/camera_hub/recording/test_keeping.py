"""Recordings on disk looked after: what a killed hub left, what lost its row or its file, what is damaged or too much."""

from __future__ import annotations

import errno
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from camera_hub.faults import Faults
from camera_hub.observe import Metrics
from camera_hub.recording import retention, verifying
from camera_hub.recording.files import Name, path_of
from camera_hub.recording.reconciler import Reconciler
from camera_hub.recording.retention import RecordingRetention
from camera_hub.recording.shelf import Salvaged, Shelf
from camera_hub.recording.sweep import Sweep
from registry import consents, recordings, runs
from registry.columns import AnyRow
from registry.inputs import parse
from registry.model import Camera, ConsentScope, Kind, State
from registry.recordings import holds
from registry.recordings.model import Damage, GapCause
from registry.store import Store
from registry.tables import recording_gaps, segments
from registry.users import CONSOLE
from registry.vault import Vault
from tests.camera_hub.recording.footage import FPS
from tests.camera_hub.recording.footage import segment as footage
from tests.camera_hub.watch.county import add_camera, case_of, place_village
from tests.registry.county import NOON, Clock
from tests.registry.recordings_of import POLICY, say, segment

DATA, ENDS = footage()
SECONDS = 40 / FPS


@dataclass
class House:
    """A registry, its files, and all that looks after both."""

    folder: Path
    store: Store
    clock: Clock
    camera: Camera
    faults: Faults = field(default_factory=Faults)
    metrics: Metrics = field(default_factory=Metrics)
    mono: float = 1000.0

    def __post_init__(self) -> None:
        self.shelf = Shelf(self.folder)
        own: dict[str, Any] = {"node": "local", "metrics": self.metrics, "faults": self.faults}
        self.reconciler = Reconciler(self.store, self.shelf, POLICY, **own, monotonic=lambda: self.mono)
        self.sweep = Sweep(self.store, self.shelf, POLICY, **own)
        self.own = own

    def turn(self, seconds: float) -> None:
        self.clock.turn(seconds=seconds)
        self.mono += seconds

    def write(self, at: datetime, data: bytes = DATA, *, written_at: datetime | None = None) -> Path:
        path = path_of(self.folder, self.name(at))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        stamp = (written_at or self.clock.now).timestamp()
        os.utime(path, (stamp, stamp))
        return path

    def name(self, at: datetime) -> Name:
        return Name(self.camera.id, "sub", at)

    async def keep(self, at: datetime, seconds: float | None = SECONDS, data: bytes = DATA, **given: Any) -> Path:
        """A segment with its row."""
        path = self.write(at, data)
        digest = None if seconds is None else self.shelf.digest(self.name(at))
        one = segment(self.camera, at, seconds, bytes=len(data), digest=digest, frames=40, **given)
        await recordings.record(self.store, [one])
        return path

    async def rows(self) -> list[AnyRow]:
        async with self.store.read() as conn:
            return list(await conn.execute(sa.select(segments).order_by(segments.c.started_at)))

    async def gaps(self) -> list[tuple[float, float, str]]:
        async with self.store.read() as conn:
            rows = await conn.execute(sa.select(recording_gaps).order_by(recording_gaps.c.started_at))
            return [((r.started_at - NOON).total_seconds(), (r.ended_at - NOON).total_seconds(), r.cause) for r in rows]

    def codes(self) -> list[str]:
        return [fault.code for fault in self.faults.now()]

    def retention(self, quota: int) -> RecordingRetention:
        return RecordingRetention(self.store, self.shelf, POLICY, quota, **self.own)


async def camera_of(store: Store, **given: Any) -> Camera:
    return await add_camera(store, Vault(bytes(32)), None, sub_url="rtsp://127.0.0.1/sub", **given)


async def hold_all(house: House) -> None:
    case = await case_of(house.store, NOON)
    span = {"from": (NOON - timedelta(days=1)).isoformat(), "to": NOON.isoformat()}
    asked = {"camera_ids": [str(house.camera.id)], "expires_at": (NOON + timedelta(days=9)).isoformat(), **span}
    await holds.create(house.store, case.id, parse(holds.NewHold, asked), CONSOLE)


@pytest.fixture
async def house(tmp_path: Path, registry_url: str) -> AsyncIterator[House]:
    clock = Clock()
    store = await Store.open(registry_url, clock=clock)
    await place_village(store)
    yield House(tmp_path, store, clock, await camera_of(store))
    await store.close()


async def test_what_a_killed_hub_left_open_ends_with_its_last_whole_frame(house: House) -> None:
    run, _ = await runs.begin(house.store, "local")
    await house.reconciler.round()
    await say(house.store, house.camera, NOON, State.LIVE)
    path = await house.keep(NOON, None, DATA[: ENDS[31] - 7])
    empty = await house.keep(NOON + timedelta(milliseconds=1), None, DATA[:20])
    house.turn(20)
    await runs.beat(house.store, run)
    house.turn(300)
    again, _ = await runs.begin(house.store, "local")
    await house.reconciler.round(left_before=house.clock.now)
    (row,) = await house.rows()
    assert (row.damage, row.frames, row.bytes) == (Damage.CUT.value, 30, ENDS[30])
    assert row.ended_at == NOON + timedelta(seconds=2)
    assert row.digest == house.shelf.digest(house.name(NOON))
    assert (path.stat().st_size, empty.exists()) == (ENDS[30], False)
    assert await house.gaps() == [(2, 310, "hub_down")]
    assert house.codes() == ["recording_gap"]
    (fault,) = house.faults.now()
    assert (fault.params["count"], fault.params["cameras"]) == (1, house.camera.name)
    await house.keep(NOON + timedelta(seconds=320), 60)
    house.turn(60)
    await runs.beat(house.store, again)
    await house.reconciler.round()
    assert house.codes() == []


async def test_what_this_hubs_workers_write_is_none_of_what_was_left(house: House) -> None:
    await house.keep(NOON - timedelta(seconds=30), None, DATA)
    growing = await house.keep(NOON + timedelta(seconds=1), None, DATA[: ENDS[31] - 7])
    house.turn(5)
    await house.reconciler.round(left_before=NOON)
    assert [row.ended_at is None for row in await house.rows()] == [False, True]
    assert growing.stat().st_size == ENDS[31] - 7


async def test_a_file_that_the_disk_does_not_give_holds_up_no_other(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, sound = house.name(NOON), house.name(NOON + timedelta(seconds=1))
    orphan = house.name(NOON - timedelta(hours=2))
    salvage = house.shelf.salvage

    def on_a_bad_sector(name: Name) -> Salvaged | None:
        if name in (bad, orphan):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return salvage(name)

    monkeypatch.setattr(house.shelf, "salvage", on_a_bad_sector)
    await house.keep(bad.started_at, None, DATA)
    await house.keep(sound.started_at, None, DATA)
    house.write(orphan.started_at)
    house.write(orphan.started_at + timedelta(seconds=1))
    house.turn(300)
    await house.reconciler.round(left_before=house.clock.now)
    assert [row.ended_at is None for row in await house.rows()] == [True, False]
    assert (await house.sweep.round()).adopted == 1
    assert path_of(house.folder, orphan).exists()
    monkeypatch.undo()
    await house.reconciler.round(left_before=house.clock.now)
    assert (await house.sweep.round()).adopted == 1
    assert all(row.ended_at for row in await house.rows())


async def test_a_file_that_grows_no_more_is_closed_and_one_that_grows_is_left_alone(house: House) -> None:
    await house.reconciler.round()
    await house.keep(NOON, None, DATA)
    for _ in range(3):
        house.turn(60)
        house.write(NOON, DATA)
        await house.reconciler.round()
    assert [row.ended_at for row in await house.rows()] == [None]
    house.turn(61)
    await house.reconciler.round()
    assert [row.ended_at for row in await house.rows()] == [NOON + timedelta(seconds=round(SECONDS, 3))]


async def test_a_file_that_was_only_waiting_for_a_slow_disk_is_blameless_once_it_is_told(house: House) -> None:
    await house.keep(NOON, None, DATA)
    house.turn(90)
    await house.reconciler.round()
    house.turn(61)
    await house.reconciler.round()
    assert [row.damage for row in await house.rows()] == ["cut"]
    await house.keep(NOON, 3.5, DATA)
    (row,) = await house.rows()
    assert (row.damage, row.ended_at) == (None, NOON + timedelta(seconds=3.5))
    await house.keep(NOON, 50, DATA)
    assert (await house.rows())[0].ended_at == row.ended_at, "a whole segment stays whole"


async def test_a_clock_set_ahead_closes_no_file_and_the_time_that_never_was_says_so(house: House) -> None:
    await house.reconciler.round()
    await house.keep(NOON, None, DATA)
    house.turn(60)
    house.write(NOON)
    assert (await house.reconciler.round()).open == ()
    house.clock.turn(hours=1)
    house.turn(60)
    house.write(NOON, DATA + b"grown")
    assert (await house.reconciler.round()).open == ()
    assert [row.ended_at for row in await house.rows()] == [None]


async def test_a_clock_set_back_ends_no_round(house: House) -> None:
    await house.reconciler.round()
    house.turn(600)
    assert [gap.cause for gap in (await house.reconciler.round()).open] == [GapCause.LOST]
    house.clock.turn(minutes=-9)
    house.mono += 60
    await house.reconciler.round()
    house.turn(60)
    await house.reconciler.round()
    told = await house.gaps()
    assert told == [(0, 110, "lost")]


async def test_a_file_without_a_row_gets_one_where_it_can_be_played(house: House) -> None:
    house.write(NOON)
    cut = house.write(NOON + timedelta(seconds=10), DATA[:-3])
    junk = house.write(NOON + timedelta(seconds=20), b"junk")
    (junk.parent / "notes.txt").write_text("somebody's")
    (junk.parent.parent / "lost+found").mkdir()
    assert (await house.sweep.round()).adopted == 0, "word of them may be on its way"
    house.turn(180)
    swept = await house.sweep.round()
    assert (swept.adopted, swept.deleted) == (2, 0)
    first, second = await house.rows()
    assert (first.frames, first.bytes, first.codec, first.width) == (40, len(DATA), "h264", 160)
    assert (second.frames, cut.stat().st_size) == (39, ENDS[39])
    house.turn(3600)
    swept = await house.sweep.round()
    assert (swept.adopted, swept.deleted, junk.exists()) == (0, 1, False)
    assert (junk.parent / "notes.txt").exists()


async def test_a_civilian_file_without_row_is_adopted_only_under_a_consent(house: House) -> None:
    house.camera = await camera_of(house.store, name="yard", kind=Kind.CIVILIAN, owner_name="老李", owner_contact="139")
    path = house.write(NOON)
    house.turn(180)
    assert ((await house.sweep.round()).deleted, path.exists()) == (1, False)


async def test_a_stranger_cameras_file_goes(house: House) -> None:
    stranger = path_of(house.folder, Name(uuid4(), "sub", NOON))
    stranger.parent.mkdir(parents=True)
    stranger.write_bytes(DATA)
    os.utime(stranger, (NOON.timestamp(), NOON.timestamp()))
    house.turn(180)
    assert ((await house.sweep.round()).deleted, stranger.exists()) == (1, False)


async def test_a_row_without_its_file_is_a_gap_until_the_file_is_back(house: House) -> None:
    await house.reconciler.round()
    paths = [await house.keep(NOON + timedelta(seconds=60 * n), 60) for n in range(5)]
    house.turn(300)
    await house.reconciler.round()
    assert await house.gaps() == []
    away = [(path, path.read_bytes()) for path in paths[1:3]]
    for path, _ in away:
        path.unlink()
    assert (await house.sweep.round()).missing == 2
    assert [row.damage for row in await house.rows()] == [None, "missing", "missing", None, None]
    assert await house.gaps() == [(60, 180, "lost")]
    assert (await house.sweep.round()).missing == 0
    away[0][0].write_bytes(away[0][1])
    assert (await house.sweep.round()).back == 1
    assert await house.gaps() == [(120, 180, "lost")]


async def test_a_file_that_cannot_be_deleted_keeps_no_other(house: House) -> None:
    stuck = house.write(NOON)
    stuck.unlink()
    stuck.mkdir()
    other = house.write(NOON + timedelta(seconds=1))
    with pytest.raises(OSError, match=r"\S"):
        house.shelf.delete([house.name(NOON), house.name(NOON + timedelta(seconds=1))])
    assert not other.exists()


async def test_a_disk_that_is_not_there_is_a_fault_and_nothing_is_written_off(house: House) -> None:
    path = await house.keep(NOON)
    house.turn(300)
    away = house.folder / "elsewhere"
    (house.folder / "recordings").rename(away)
    swept = await house.sweep.round()
    await house.reconciler.round()
    await house.retention(10**9).round()
    assert (swept.missing, "recordings_gone" in house.codes()) == (0, True)
    assert [row.damage for row in await house.rows()] == [None]
    away.rename(house.folder / "recordings")
    await house.sweep.round()
    assert ("recordings_gone" in house.codes(), path.exists()) == (False, True)


async def test_verifying_marks_what_is_not_what_was_written(house: House) -> None:
    good, bad, short, gone = [await house.keep(NOON + timedelta(seconds=60 * n), 60) for n in range(4)]
    data = bytearray(bad.read_bytes())
    data[len(data) // 2] ^= 1
    bad.write_bytes(data)
    short.write_bytes(DATA[:-1])
    gone.unlink()
    for deep, found in ((False, [None, None, "corrupt", "missing"]), (True, [None, "corrupt", "corrupt", "missing"])):
        async for checked in verifying.verify(house.store, house.shelf, "local", deep=deep):
            assert [one.damage and one.damage.value for one in checked] == found
            if deep:
                await verifying.keep(house.store, checked)
    assert [row.damage for row in await house.rows()] == [None, "corrupt", "corrupt", "missing"]
    bad.write_bytes(good.read_bytes())
    async for checked in verifying.verify(house.store, house.shelf, "local"):
        await verifying.keep(house.store, checked)
    assert [row.damage for row in await house.rows()] == [None, None, "corrupt", "missing"]
    house.write(NOON + timedelta(hours=1))
    assert [name async for name in verifying.orphans(house.store, house.shelf, "local")] == [
        house.name(NOON + timedelta(hours=1))
    ]


async def test_beyond_the_quota_rows_and_files_go_the_oldest_first(house: House) -> None:
    paths = [await house.keep(NOON - timedelta(hours=n), 60) for n in (5, 4, 3, 2, 1)]
    retention = house.retention(3 * len(DATA))
    await retention.round()
    assert [path.exists() for path in paths] == [False, False, True, True, True]
    assert (len(await house.rows()), retention.room.used) == (3, 3 * len(DATA))
    await house.keep(NOON - timedelta(minutes=30), 60)
    house.turn(60)
    await retention.round()
    assert [path.exists() for path in paths] == [False, False, False, True, True]


async def test_what_the_quota_takes_before_its_days_is_said_for_a_day(house: House) -> None:
    for days in (29, 0):
        await house.keep(NOON - timedelta(days=days, hours=1), 60)
    retention = house.retention(len(DATA))
    await retention.round()
    assert house.codes() == ["recordings_below_floor"], "the law asks for 30 days"
    house.turn(23 * 3600)
    await retention.round()
    assert house.codes() == ["recordings_below_floor"]
    house.turn(3600)
    await retention.round()
    assert house.codes() == []


async def test_what_no_law_asks_for_goes_beyond_the_quota_without_a_word(house: House) -> None:
    house.camera = await camera_of(house.store, name="Shop", kind=Kind.SOCIAL, owner_name="Wang")
    paths = [await house.keep(NOON - timedelta(hours=n), 60) for n in (2, 1)]
    await house.retention(len(DATA)).round()
    assert ([path.exists() for path in paths], house.codes()) == ([False, True], [])


async def test_held_recordings_alone_beyond_the_quota_are_a_fault_and_stay(house: House) -> None:
    paths = [await house.keep(NOON - timedelta(hours=n), 60) for n in (3, 2, 1)]
    await hold_all(house)
    await house.retention(len(DATA)).round()
    assert (all(path.exists() for path in paths), house.codes()) == (True, ["recordings_held_over_quota"])
    await house.retention(10**9).round()
    assert house.codes() == []


async def test_a_withdrawn_consents_recordings_are_gone_in_the_next_round(house: House) -> None:
    house.camera = await camera_of(house.store, name="yard", kind=Kind.CIVILIAN, owner_name="老李", owner_contact="139")
    given = consents.NewConsent(
        owner_name="老李",
        scopes=frozenset({ConsentScope.CLIP, ConsentScope.EVENTS}),
        valid_from=NOON - timedelta(days=3),
        text_version="1",
    )
    consent = await consents.create(house.store, house.camera.id, given, CONSOLE)
    paths = [await house.keep(NOON - timedelta(minutes=n), 60) for n in (30, 20, 2)]
    retention = house.retention(10**9)
    await retention.round()
    assert all(path.exists() for path in paths)
    house.turn(1)
    await consents.withdraw(house.store, consent.id, CONSOLE)
    await retention.round()
    assert [path.exists() for path in paths] == [False, False, False]


async def test_a_hundred_thousand_files_are_compared_without_reading_each_again(house: House) -> None:
    day = NOON - timedelta(days=1)
    folder = path_of(house.folder, house.name(day)).parent
    folder.mkdir(parents=True)
    many = [segment(house.camera, day + timedelta(milliseconds=10 * n), 0.01) for n in range(3000)]
    for one in many:
        path_of(house.folder, house.name(one.started_at)).touch()
    await recordings.record(house.store, many)
    assert (await house.sweep.round()).missing == 0
    read = 0
    names = house.shelf.names

    def counted(day: str, camera: str) -> list[Name]:
        nonlocal read
        read += 1
        return names(day, camera)

    house.shelf.names = counted  # type: ignore[method-assign]
    await house.sweep.round()
    assert read == 0
    path_of(house.folder, house.name(many[7].started_at)).unlink()
    assert (await house.sweep.round()).missing == 1
    assert read == 2


async def test_more_that_is_too_old_than_a_round_takes_goes_in_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 1)
    monkeypatch.setattr(retention, "BATCHES", 2)
    for minute in range(3):
        await house.keep(NOON - timedelta(days=31, minutes=minute))
    keeps = house.retention(10**9)
    await keeps.round()
    assert len(await house.rows()) == 1
    house.turn(60)
    await keeps.round()
    assert await house.rows() == []
