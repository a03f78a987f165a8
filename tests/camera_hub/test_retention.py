"""Retention on a real registry and real files: row and file go together, age first, then the oldest beyond the quota."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from camera_hub.faults import Faults
from camera_hub.media import Media, bookmark_key, snapshot_key
from camera_hub.observe import Metrics
from camera_hub.retention import Retention
from registry import bookmarks, consents, events, purges
from registry.bookmarks import NewBookmark, Source, Still, Subject
from registry.model import Camera, ConsentScope, Kind
from registry.store import Store
from registry.tables import cases, holds
from registry.tables import events as event_rows
from registry.users import CONSOLE
from registry.vault import Vault
from tests.camera_hub.watch.county import add_camera, found, officer, place_village
from tools.bench.producer import change

NOW = datetime.now(UTC)
SIZE = 1000


class House:
    """A registry with pictures, and retention over both."""

    def __init__(self, folder: Path, store: Store, camera: Camera) -> None:
        self.folder = folder
        self.store = store
        self.camera = camera
        self.faults = Faults()
        self.free = 10**12
        self.media = Media(folder, 0, 10**12)

    async def keep(self, days_ago: float) -> UUID:
        at = NOW - timedelta(days=days_ago)
        event_id = uuid4()
        key = snapshot_key(event_id, 1, at)
        self.media.put(key, b"x" * SIZE)
        one = change(self.camera.id, event_id, 1, key, SIZE, ended=True)
        await events.record(self.store, [replace(one, started_at=at, updated_at=at, ended_at=at, snapshot_at=at)])
        return event_id

    async def round(self, *, days: int = 30, quota: int = 10**12, minimum: int = 0) -> None:
        self.media = Media(self.folder, minimum, quota, free=lambda _: self.free)
        retention = Retention(
            self.store,
            self.media,
            days=dict.fromkeys(Kind, days),
            node="local",
            clock=lambda: NOW,
            metrics=Metrics(),
            faults=self.faults,
        )
        await retention.round()

    def files(self) -> set[str]:
        return {key.split("/")[-1][:36] for key in self.media.keys()}  # noqa: SIM118 - not a dict


@pytest.fixture
async def house(tmp_path: Path, registry_url: str) -> AsyncIterator[House]:
    store = await Store.open(registry_url)
    await place_village(store)
    yield House(tmp_path, store, await add_camera(store, Vault(bytes(32)), None))
    await store.close()


async def test_what_is_too_old_goes_row_and_file(house: House) -> None:
    old = [await house.keep(31 + n) for n in range(3)]
    young = [await house.keep(n) for n in range(3)]
    await house.round(days=30)
    kept = await found(house.store, await officer(house.store, days=30), since=NOW - timedelta(days=60))
    assert {event.id for event in kept} == set(young)
    async with house.store.read() as conn:  # no case looks back as far as the old ones were
        assert set(await conn.scalars(sa.select(event_rows.c.id))) == set(young)
    assert house.files() == {str(one) for one in young}
    assert str(old[0]) not in house.files()
    assert house.faults.now() == ()


async def test_beyond_the_quota_the_oldest_pictures_go_and_their_rows_know(house: House) -> None:
    ids = [await house.keep(10 - n) for n in range(10)]
    await house.round(quota=4 * SIZE)
    assert house.files() == {str(one) for one in ids[-4:]}
    stored = {event.id: event for event in await found(house.store, await officer(house.store, days=30))}
    assert {one for one, event in stored.items() if event.has_snapshot} == set(ids[-4:])
    assert [fault.code for fault in house.faults.now()] == ["pictures_below_floor"], "the law asks for 30 days"
    (proof,) = await purges.list_purges(house.store)
    assert (proof.what, proof.cause, proof.count, proof.bytes, proof.early) == ("snapshots", "quota", 6, 6 * SIZE, 6)


async def test_a_cameras_events_go_after_its_own_days_and_a_householders_after_the_laws(house: House) -> None:
    vault = Vault(bytes(32))
    home = {"kind": Kind.CIVILIAN, "owner_name": "老李", "owner_contact": "139", "manager_unit": ""}
    others = [
        await add_camera(house.store, vault, None, name="shop", kind=Kind.SOCIAL, event_days=2),
        await add_camera(house.store, vault, None, name="home", **home),
    ]
    consent = consents.NewConsent(
        owner_name="老李", scopes={ConsentScope.EVENTS}, text_version="1", valid_from=NOW - timedelta(days=60)
    )
    await consents.create(house.store, others[1].id, consent, CONSOLE)
    gate, kept = house.camera, {}
    for camera in (gate, *others):
        house.camera = camera
        kept[camera.name] = [await house.keep(days) for days in (1, 3, 8, 29)]
    await house.round(days=7)
    left = house.files()
    assert [len(left & {str(one) for one in kept[name]}) for name in ("Gate", "shop", "home")] == [4, 1, 2], (
        "29 days of a public camera are the law's, whatever the settings say"
    )


async def test_too_little_free_disk_deletes_nothing_and_is_a_fault_until_it_is_over(house: House) -> None:
    await house.keep(1)
    house.free = 10
    await house.round(minimum=100)
    assert [fault.code for fault in house.faults.now()] == ["disk_full"]
    assert len(house.files()) == 1
    house.free = 1000
    await house.round(minimum=100)
    assert house.faults.now() == ()


async def test_files_that_no_row_names_cannot_be_released_and_show(house: House) -> None:
    for _ in range(3):
        house.media.put(snapshot_key(uuid4(), 1, NOW), b"x" * SIZE)
    await house.round(quota=SIZE)
    assert [fault.code for fault in house.faults.now()] == ["media_over_quota"]


async def test_an_event_left_open_by_a_killed_worker_is_ended_when_last_seen(house: House) -> None:
    event_id = uuid4()
    seen = NOW - timedelta(minutes=5)
    one = change(house.camera.id, event_id, 1, None, 0, ended=False)
    await events.record(house.store, [replace(one, started_at=seen, updated_at=seen, ended_at=None)])
    await house.round()
    access = await officer(house.store)
    assert (await events.get(house.store, access, event_id)).ended_at == seen.replace(
        microsecond=seen.microsecond // 1000 * 1000
    )
    later = replace(one, revision=2, started_at=seen, updated_at=NOW, ended_at=NOW)
    await events.record(house.store, [later])
    assert (await events.get(house.store, access, event_id)).ended_at != seen


async def test_an_event_heard_of_just_now_stays_open(house: House) -> None:
    event_id = uuid4()
    one = change(house.camera.id, event_id, 1, None, 0, ended=False)
    await events.record(house.store, [replace(one, started_at=NOW, updated_at=NOW, ended_at=None)])
    await house.round()
    assert (await events.get(house.store, await officer(house.store), event_id)).ended_at is None


async def test_pictures_of_bookmarks_go_with_their_files_when_their_case_is_long_over(house: House) -> None:
    access = await officer(house.store, days=30)
    case_id, at = access.purpose.case_id, NOW - timedelta(days=2)
    assert case_id is not None
    keys = [bookmark_key(uuid7(), at) for _ in range(2)]
    for key in keys:
        house.media.put(key, b"x" * SIZE)
    still = Still("local", Source.RECORDING, key=keys[0], size=SIZE, digest="a" * 64, frame_at=at)
    new, of = NewBookmark(camera_id=house.camera.id, at=at, kind="sighting"), Subject(house.camera.id, at)
    await bookmarks.add(house.store, access, case_id, new, of=of, still=still)
    await house.round(days=365)
    assert house.media.path(keys[0]).exists(), "the case goes on"
    long_ago = NOW - timedelta(days=house.store.policy.evidence.keep_days, hours=1)
    async with house.store.write() as conn:
        await conn.execute(sa.update(cases).values(closed_at=long_ago, expires_at=long_ago))
        await conn.execute(sa.update(holds).values(expires_at=long_ago))
    await house.round(days=365)
    assert not house.media.path(keys[0]).exists()
    assert house.media.path(keys[1]).exists(), "what no row names is the sweep's"
    (proof,) = [one for one in await purges.list_purges(house.store) if one.what == "bookmarks"]
    assert (proof.cause, proof.count, proof.bytes) == ("age", 1, SIZE)
