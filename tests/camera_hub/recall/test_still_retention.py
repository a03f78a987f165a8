"""Small pictures go by age, quota and withdrawal, stay while they are held, and what went is proved."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from camera_hub.faults import Faults
from camera_hub.recall.left import counting
from camera_hub.recall.motion.shelf import Shelf
from camera_hub.recall.stills.dayfile import Album, Still, day_of
from camera_hub.recall.stills.retention import StillRetention
from registry import cases, consents, purges, withdrawals
from registry.errors import Unavailable
from registry.inputs import parse
from registry.model import Camera, ConsentScope, Kind
from registry.purges import Purge
from registry.recordings import holds, keeping_stills
from registry.recordings.holds import NewHold
from registry.scope import EVERYTHING
from registry.store import Store
from registry.users import CONSOLE
from registry.vault import Vault
from tests.camera_hub.watch.county import add_camera, officer, place_village
from tests.registry.recordings_of import POLICY

NOW = datetime.now(UTC).replace(microsecond=0)
SIZE = 32 + 100
HOME: dict[str, Any] = {"kind": Kind.CIVILIAN, "owner_name": "老李", "owner_contact": "139", "manager_unit": ""}


class House:
    def __init__(self, folder: Path, store: Store, camera: Camera) -> None:
        self.folder = folder
        self.store = store
        self.camera = camera
        self.album = Album(folder)
        self.faults = Faults()

    def keep(self, *days_ago: float, camera: Camera | None = None) -> None:
        for days in days_ago:
            at = round((NOW - timedelta(days=days)).timestamp() * 1000)
            self.album.append((camera or self.camera).id, Still(at, 320, 180, masked=False, data=b"x" * 100))

    def left(self, camera: Camera | None = None) -> list[float]:
        there = (self.album.read(day, (camera or self.camera).id).stills for day in self.album.days())
        ages = [NOW.timestamp() - one.at / 1000 for day in there for one in day]
        return [round(age / 86_400, 2) for age in ages]

    async def round(self, quota: int = 10**12) -> None:
        await StillRetention(self.store, self.album, POLICY, quota, faults=self.faults).round()

    async def proofs(self) -> list[Purge]:
        return [one for one in await purges.list_purges(self.store) if one.what == "stills"]

    async def hold(self, camera: Camera, since: float, until: float) -> Any:
        case = (await cases.list_cases(self.store, CONSOLE))[0]
        told = {
            "camera_ids": [str(camera.id)],
            "from": (NOW - timedelta(days=since)).isoformat(),
            "to": (NOW - timedelta(days=until)).isoformat(),
            "expires_at": (NOW + timedelta(days=9)).isoformat(),
        }
        return await holds.create(self.store, case.id, parse(NewHold, told), CONSOLE)


@pytest.fixture
async def house(tmp_path: Path, registry_url: str) -> AsyncIterator[House]:
    store = await Store.open(registry_url, clock=lambda: NOW)
    await place_village(store)
    yield House(tmp_path, store, await add_camera(store, Vault(bytes(32)), None))
    await store.close()


async def test_what_is_too_old_goes_to_the_picture_and_is_proved(house: House) -> None:
    house.keep(31, 30.01, 29.99, 2)
    await house.round()
    assert house.left() == [29.99, 2.0]
    (proof,) = await house.proofs()
    assert (proof.cause, proof.count, proof.bytes, proof.cameras, proof.early) == ("age", 2, 2 * SIZE, 1, 0)
    await house.round()
    assert len(await house.proofs()) == 1
    assert house.faults.now() == ()


async def test_what_a_case_holds_stays_whatever_its_age_and_the_quota(house: House) -> None:
    await officer(house.store, days=20)
    house.keep(40, 35.5, 35, 34.5, 3, 2, 1)
    await house.hold(house.camera, 36, 34.8)
    await house.round()
    assert house.left() == [35.5, 35.0, 3.0, 2.0, 1.0]
    await house.round(quota=2 * SIZE)
    assert house.left() == [35.5, 35.0]
    by_quota = [one for one in await house.proofs() if one.cause == "quota"]
    told = [(one.count, one.early) for one in by_quota]
    assert [sum(one) for one in zip(*told, strict=True)] == [3, 3], "the law would have had them kept"
    await house.round(quota=SIZE)
    assert [one.code for one in house.faults.now()] == ["stills_over_quota"]


async def test_the_oldest_days_of_all_cameras_go_first(house: House) -> None:
    other = await add_camera(house.store, Vault(bytes(32)), None, name="Other")
    house.keep(9, 5, 1)
    house.keep(7, 2, camera=other)
    await house.round(quota=3 * SIZE)
    assert (house.left(), house.left(other)) == ([5.0, 1.0], [2.0])


async def test_what_a_withdrawn_consent_covered_goes_unless_it_is_held(house: House) -> None:
    await officer(house.store, days=20)
    home = await add_camera(house.store, Vault(bytes(32)), None, name="Home", **HOME)
    agreed = consents.NewConsent(
        owner_name="老李",
        scopes={ConsentScope.EVENTS, ConsentScope.CLIP},
        text_version="1",
        valid_from=NOW - timedelta(days=8),
    )
    consent = await consents.create(house.store, home.id, agreed, CONSOLE)
    house.keep(3, 2, 1, camera=home)
    house.keep(3)
    await house.hold(home, 2.5, 1.5)
    await house.round()
    assert house.left(home) == [3.0, 2.0, 1.0]
    await consents.withdraw(house.store, consent.id, CONSOLE)
    await house.round()
    assert (house.left(home), house.left()) == ([2.0], [3.0])
    (proof,) = await house.proofs()
    assert (proof.cause, proof.count, proof.cameras) == ("withdrawal", 2, 1)
    files = counting(house.album, Shelf(house.folder, UTC))
    receipt = await withdrawals.receipt(house.store, consent.id, EVERYTHING, files)
    assert receipt.left is not None
    assert (receipt.purged.stills, receipt.left.stills) == (2, 1), "the held one is still there, and told"
    assert receipt.held_until == NOW + timedelta(days=9)


async def test_pictures_of_a_camera_nobody_knows_go_after_a_while(house: House) -> None:
    stranger = uuid4()
    at = round(NOW.timestamp() * 1000)
    house.album.append(stranger, Still(at, 320, 180, masked=False, data=b"x"))
    await house.round()
    assert house.album.read(day_of(at), stranger).stills
    path = house.album.path(day_of(at), stranger)
    os.utime(path, (NOW.timestamp() - 7200,) * 2)
    await house.round()
    assert not path.exists()


async def test_a_file_that_does_not_go_keeps_no_other_and_is_proved_once(house: House) -> None:
    other = await add_camera(house.store, Vault(bytes(32)), None, name="Other")
    await officer(house.store, days=20)
    noon = (NOW - timedelta(days=40)).replace(hour=12, minute=0)  # so that both pictures are of one UTC day
    ago = (NOW - noon) / timedelta(days=1)
    house.keep(ago, ago - 0.01)
    await house.hold(house.camera, ago - 0.005, ago - 0.02)
    house.keep(33, 32, 31, 1, camera=other)
    stuck = house.album.path(noon.date().isoformat(), house.camera.id)
    unread = house.album.path((noon + timedelta(days=2)).date().isoformat(), house.camera.id)
    # Folders in the way, of root too: a file is changed by writing a new one beside it, and a folder cannot be read.
    beside = stuck.with_name(f".{stuck.name}.{os.getpid()}")
    beside.mkdir()
    unread.mkdir(parents=True)
    retention = StillRetention(house.store, house.album, POLICY, 10**12, faults=house.faults)
    for _ in range(3):
        with pytest.raises((Unavailable, OSError)):
            await retention.round()
        assert house.left(other) == [1.0]
        assert [one.count for one in await house.proofs()] == [4]
    beside.rmdir()
    unread.rmdir()
    await retention.round()
    assert house.left() == [round(ago - 0.01, 2)]
    assert [one.count for one in await house.proofs()] == [4]


async def test_nothing_goes_that_was_held_since_the_rules_were_asked_for(house: House) -> None:
    await officer(house.store, days=20)
    at = {house.camera.id: [NOW - timedelta(days=40), NOW - timedelta(days=35)]}
    await house.hold(house.camera, 35.5, 34.5)
    assert not await keeping_stills.going(house.store, "stills.expire", at, 2 * SIZE)
    assert await house.proofs() == []
    assert await keeping_stills.going(house.store, "stills.expire", {house.camera.id: at[house.camera.id][:1]}, SIZE)
    assert [one.count for one in await house.proofs()] == [1]
