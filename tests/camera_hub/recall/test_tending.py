"""The hub's care for the index: seals, ages, withdrawn consents, holds, and the proof of what went."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from camera_hub.faults import Faults
from camera_hub.recall.left import counting
from camera_hub.recall.motion.block import Block
from camera_hub.recall.motion.days import bounds, day_of
from camera_hub.recall.motion.keeping import Keeping
from camera_hub.recall.motion.shelf import Shelf
from camera_hub.recall.stills.dayfile import Album
from registry import consents, purges, withdrawals
from registry.consents import NewConsent
from registry.inputs import parse
from registry.model import Camera, ConsentScope, Kind
from registry.motion import keeping
from registry.recordings import holds
from registry.scope import EVERYTHING
from registry.store import Store
from registry.users import CONSOLE
from registry.vault import Vault
from tests.camera_hub.recall.sheets import lit, write
from tests.camera_hub.watch.county import add_camera, case_of, place_village
from tests.registry.county import NOON, Clock

DAYS = {Kind.PUBLIC: 90, Kind.SOCIAL: 90, Kind.CIVILIAN: 7}
DAY = timedelta(days=1)


@dataclass
class House:
    """A registry, its index, and what looks after it."""

    folder: Path
    store: Store
    clock: Clock
    camera: Camera
    faults: Faults = field(default_factory=Faults)

    def __post_init__(self) -> None:
        self.shelf = Shelf(self.folder, self.store.tz)
        self.keeping = Keeping(self.store, self.shelf, DAYS, self.faults)
        self.today = day_of(int(NOON.timestamp()), self.store.tz)

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("motion/*/*"))

    async def proofs(self) -> list[tuple[str, str, int]]:
        return [(one.what, one.cause, one.count) for one in await purges.list_purges(self.store)]


@pytest.fixture
async def house(tmp_path: Path, registry_url: str) -> AsyncIterator[House]:
    clock = Clock()
    store = await Store.open(registry_url, clock=clock)
    await place_village(store)
    vault = Vault(bytes(32))
    yield House(tmp_path, store, clock, await add_camera(store, vault, None, sub_url="rtsp://127.0.0.1/sub"))
    await store.close()


async def test_a_day_is_sealed_some_minutes_after_midnight(house: House) -> None:
    yesterday = house.today - DAY
    for day in (yesterday, house.today):
        write(house.shelf, house.camera.id, day, moved={5: lit((1, 1))})
    await house.keeping.round()
    assert house.files() == [f"{yesterday}.vmi", f"{house.today}.log"]
    house.clock.now = NOON.replace(hour=16, minute=4)  # 00:04 in Asia/Shanghai
    await house.keeping.round()
    assert f"{house.today}.log" in house.files()
    house.clock.turn(minutes=2)
    await house.keeping.round()
    assert house.files() == [f"{yesterday}.vmi", f"{house.today}.vmi"]
    assert await house.proofs() == []


async def test_what_is_too_old_goes_unless_it_is_held(house: House) -> None:
    days = [house.today - 91 * DAY - number * DAY for number in range(3)]
    for day in [*days, house.today - 90 * DAY]:
        write(house.shelf, house.camera.id, day, sealed=True)
    case = await case_of(house.store, NOON)
    begin = bounds(days[1], house.store.tz)[0]
    asked = {
        "camera_ids": [str(house.camera.id)],
        "from": (NOON + timedelta(seconds=begin + 80_000 - NOON.timestamp())).isoformat(),
        "to": (NOON + timedelta(seconds=begin + 80_060 - NOON.timestamp())).isoformat(),
        "expires_at": (NOON + 9 * DAY).isoformat(),
    }
    await holds.create(house.store, case.id, parse(holds.NewHold, asked), CONSOLE)
    await house.keeping.round()
    assert house.shelf.days(house.camera.id) == [days[1], house.today - 90 * DAY]
    assert await house.proofs() == [("motion", "age", 2)]
    house.clock.turn(days=10)
    await house.keeping.round()
    assert house.shelf.days(house.camera.id) == []


async def test_what_a_withdrawn_consent_covered_goes_and_what_another_covers_stays(house: House) -> None:
    vault = Vault(bytes(32))
    own = {"kind": Kind.CIVILIAN, "owner_name": "老李", "owner_contact": "139", "name": "Yard"}
    yard = await add_camera(house.store, vault, None, sub_url="rtsp://127.0.0.1/yard", **own)
    given = {"owner_name": "老李", "scopes": {ConsentScope.EVENTS}, "text_version": "2026-1"}
    first = await consents.create(
        house.store, yard.id, NewConsent(**given, valid_from=NOON - 5 * DAY, signed_at=NOON - 5 * DAY), CONSOLE
    )
    second = await consents.create(
        house.store,
        yard.id,
        NewConsent(**given, valid_from=NOON - 5 * DAY, signed_at=NOON - 5 * DAY, from_minute=0, to_minute=60),
        CONSOLE,
    )
    yesterday = house.today - DAY
    moved = {100: lit((1, 1)), 5000: lit((1, 1))}
    write(house.shelf, yard.id, yesterday, moved=moved, sealed=True)
    write(house.shelf, yard.id, house.today, moved=moved, watched=[(0, 6000)])
    await house.keeping.round()
    assert await house.proofs() == []
    await consents.withdraw(house.store, first.id, CONSOLE)
    await house.keeping.round()
    for day in (yesterday, house.today):
        held = house.shelf.read(yard.id, day)
        assert isinstance(held, Block)
        assert held.day().seconds.tolist() == [100]
        assert [(one.since, one.until) for one in held.spans] == [(0, 3600)]
    assert await house.proofs() == [("motion", "withdrawal", 2)]
    await house.keeping.round()
    assert len(await house.proofs()) == 1
    await consents.withdraw(house.store, second.id, CONSOLE)
    await house.keeping.round()
    assert house.files() == []
    assert not (house.folder / "motion" / str(yard.id)).exists()
    files = counting(Album(house.folder), house.shelf)
    told = [await withdrawals.receipt(house.store, one.id, EVERYTHING, files) for one in (first, second)]
    assert [(one.purged.motion, one.left and one.left.motion) for one in told] == [(2, None), (2, 0)]


async def test_a_damaged_day_is_shown_and_the_others_are_sealed(house: House) -> None:
    yesterday, before = house.today - DAY, house.today - 2 * DAY
    write(house.shelf, house.camera.id, before, sealed=True)
    path = house.folder / "motion" / str(house.camera.id) / f"{before}.vmi"
    data = bytearray(path.read_bytes())
    data[60] ^= 1
    path.write_bytes(data)
    for day in (before, yesterday):
        write(house.shelf, house.camera.id, day)
    await house.keeping.round()
    (fault,) = house.faults.now()
    assert (fault.code, fault.params["days"]) == ("motion_damaged", 1)
    assert f"{before}.vmi" in str(fault.params["first"])
    assert f"{yesterday}.vmi" in house.files()


async def test_a_file_that_does_not_go_keeps_no_other_and_is_proved_once(house: House) -> None:
    vault = Vault(bytes(32))
    cameras = [house.camera, *[await add_camera(house.store, vault, None, name=name) for name in ("B", "C")]]
    cameras.sort(key=lambda one: one.id)
    old, yesterday = house.today - 100 * DAY, house.today - DAY
    for one in cameras:
        write(house.shelf, one.id, old, sealed=True)
        write(house.shelf, one.id, yesterday, moved={5: lit((1, 1))})
    folder = house.folder / "motion" / str(cameras[0].id)
    # Folders in the way: neither can what is old be deleted, nor can what is over be sealed. Root too.
    (folder / f"{old}.vmi").unlink()
    (folder / f"{old}.vmi").mkdir()
    (folder / f".{yesterday}.vmi").mkdir()
    for _ in range(3):
        with pytest.raises(OSError, match="Is a directory"):
            await house.keeping.round()
        assert [house.shelf.days(one.id) for one in cameras] == [[old, yesterday], [yesterday], [yesterday]]
        assert [house.shelf.logged(one.id) for one in cameras] == [[yesterday], [], []]
        assert await house.proofs() == [("motion", "age", 3)]
    (folder / f"{old}.vmi").rmdir()
    (folder / f".{yesterday}.vmi").rmdir()
    await house.keeping.round()
    assert house.shelf.days(cameras[0].id) == [yesterday]
    assert house.shelf.logged(cameras[0].id) == []
    assert await house.proofs() == [("motion", "age", 3)]


async def test_nothing_goes_that_was_held_since_it_was_asked_for(house: House) -> None:
    day = bounds(house.today - 100 * DAY, house.store.tz)
    case = await case_of(house.store, NOON)
    begin = NOON + timedelta(seconds=day[0] - NOON.timestamp())
    asked = {
        "camera_ids": [str(house.camera.id)],
        "from": (begin + timedelta(hours=3)).isoformat(),
        "to": (begin + timedelta(hours=4)).isoformat(),
        "expires_at": (NOON + 9 * DAY).isoformat(),
    }
    await holds.create(house.store, case.id, parse(holds.NewHold, asked), CONSOLE)
    told = [(house.camera.id, day)]
    assert not await keeping.prove(house.store, "motion.expire", told, 9)
    assert not await keeping.prove(house.store, "motion.purge", told, 9, [(day[0], day[0] + 3 * 3600)])
    assert await house.proofs() == []
    assert await keeping.prove(house.store, "motion.purge", told, 9, [(day[0], day[0] + 5 * 3600)])
    assert await house.proofs() == [("motion", "withdrawal", 1)]
