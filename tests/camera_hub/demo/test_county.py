"""The sample county's ground is sound: every shape is kept, every entrance lies on its village's outline or near it."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from camera_hub.demo import county, paperwork, theft
from camera_hub.demo.county import CAMERAS, Memory
from camera_hub.demo.ground import HANSHU
from camera_hub.media import Media
from camera_hub.settings import Settings
from camera_hub.signs import Signs
from registry import cameras, cases, geography, placement, users
from registry.casework import report
from registry.geometry import distance, holds
from registry.model import Actor, Kind
from registry.patrols import plans
from registry.placement import FilingState
from registry.scope import EVERYTHING
from registry.store import Store
from registry.users import CONSOLE
from registry.vault import Vault

PLACES = Path(county.__file__).parents[2] / "configs" / "places-220882.csv"


@pytest.fixture
async def store(tmp_path: Path) -> Store:
    return await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'hub.db'}", upgrade=True)


async def test_the_ground_is_drawn_once_round_the_cameras(store: Store, tmp_path: Path) -> None:
    vault, memory = Vault(bytes(32)), Memory.of(tmp_path)
    urls = {one.slug: f"rtsp://127.0.0.1:8554/{one.slug}" for one in CAMERAS if one.clip is not None}
    await county.make(store, vault, memory, urls, PLACES)
    await county.make(store, vault, Memory.of(tmp_path), urls, PLACES)

    ground = await geography.get(store, HANSHU[:9], EVERYTHING)
    outlines = {area.code: area.boundary for area in ground.areas if area.boundary}
    assert len(outlines) == 3
    assert len(ground.roads) == 4
    assert len(ground.entrances) == 6
    for one in await cameras.list_cameras(store, EVERYTHING):
        assert one.lat is not None
        assert one.lon is not None
        assert holds(outlines[one.village_code], (one.lon, one.lat)), one.name
        assert (one.bearing_deg is None) == (one.kind == "wifi_probe"), one.name
    for gate in ground.entrances:
        corners = outlines[gate.place_code]
        assert min(distance(corner, (gate.lon, gate.lat)) for corner in corners) < 250, gate.name
    watched = {camera for gate in ground.entrances for camera in gate.camera_ids}
    assert UUID(memory.made["hanshu-gate"]) in watched
    assert any(gate.camera_ids == () for gate in ground.entrances)
    await store.close()


def test_no_password_holds_its_users_name(tmp_path: Path) -> None:
    for number in range(500):
        told = Memory.of(tmp_path / str(number)).users
        assert [name for name, password in told.items() if name in password.casefold()] == []


async def test_the_theft_is_reported_once_and_its_footage_held(store: Store, tmp_path: Path) -> None:
    vault, memory, settings = Vault(bytes(32)), Memory.of(tmp_path), Settings(data_dir=tmp_path)
    urls = {one.slug: f"rtsp://127.0.0.1:8554/{one.slug}" for one in CAMERAS if one.clip is not None}
    await county.make(store, vault, memory, urls, PLACES)
    gone = theft.when(store.clock(), store.tz)
    for _ in range(2):
        await county.report_theft(store, settings.record_policy, settings.paces, Memory.of(tmp_path), gone)
    (case,) = await cases.list_cases(store, CONSOLE)
    told = await report.of_case(store, settings.record_policy, case.id, CONSOLE)
    assert told is not None
    assert told.report.last_seen_at < gone < told.report.found_at
    assert told.held == sum(one.village == HANSHU and one.kind is not Kind.WIFI_PROBE for one in CAMERAS)
    assert case.starts_at is not None
    assert case.starts_at < gone
    assert case.ends_at is not None
    assert case.ends_at > store.clock()
    await store.close()


async def test_a_patrol_is_planned_once_over_the_cameras_that_are_there(store: Store, tmp_path: Path) -> None:
    vault, memory = Vault(bytes(32)), Memory.of(tmp_path)
    urls = {one.slug: f"rtsp://127.0.0.1:8554/{one.slug}" for one in CAMERAS if one.clip is not None}
    await county.make(store, vault, memory, urls, PLACES)
    del memory.made["patrol"]  # a folder of the version before
    await cameras.remove(store, UUID(memory.made["hanshu-shop"]), CONSOLE)
    memory.keep()
    for _ in range(2):
        await county.make(store, vault, Memory.of(tmp_path), urls, PLACES)
    assistant = await users.by_name(store, "wang")
    first, second = await plans.list_plans(store, Actor(assistant, ""), mine=True)
    assert sorted((first.cameras, second.cameras)) == [9, 9]
    assert all(one.camera_ids for one in (first, second))
    await store.close()


async def test_the_sample_cameras_may_all_be_pulled_and_none_is_late(store: Store, tmp_path: Path) -> None:
    vault, memory = Vault(bytes(32)), Memory.of(tmp_path)
    media = Media(tmp_path / "media", 0, 10**9)
    urls = {one.slug: f"rtsp://127.0.0.1:8554/{one.slug}" for one in CAMERAS if one.clip is not None}
    await county.make(store, vault, memory, urls, PLACES)
    for _ in range(2):
        await paperwork.complete(Signs(store, media, "hub"), Memory.of(tmp_path))
    those = await placement.list_filings(store, EVERYTHING)
    assert {one.name: (one.placement.lacks, one.placement.overdue) for one in those} == {
        one.name: ((), False) for one in CAMERAS
    }
    assert len(list(media.keys())) == sum(one.placement.has_sign for one in those) > 5
    assert sum(one.placement.filing is FilingState.DUE for one in those) == 1
    await store.close()
