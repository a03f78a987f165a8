"""Stills of a real hub: a worker that watches a camera leaves one, and none once it may not record it any more."""

from __future__ import annotations

from pathlib import Path

import pytest

from camera_hub.demo.sample_server import Mount, SampleServer
from camera_hub.hub import Hub
from camera_hub.settings import RecordingSettings
from registry.model import Kind
from tests.camera_hub.recording.test_worker import clip
from tests.camera_hub.watch.county import add_camera, place_village, settings_in, state_of, until

__all__ = ["clip"]
pytestmark = pytest.mark.rtsp


async def test_a_worker_keeps_a_still_of_a_camera_that_may_be_recorded(clip: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    home = {"kind": Kind.CIVILIAN, "owner_name": "老李", "owner_contact": "139", "manager_unit": ""}
    with SampleServer([Mount("/gate", clip), Mount("/off", clip)]) as server:
        off = RecordingSettings(still_minutes=1)
        async with Hub.running(settings_in(folder, recording=off)) as hub:
            await place_village(hub.store)
            gate = await add_camera(hub.store, hub.vault, server.urls["/gate"])
            none = await add_camera(hub.store, hub.vault, server.urls["/off"], name="Off", record_mode="none")
            house = await add_camera(hub.store, hub.vault, server.urls["/off"], name="House", **home)

            async def there() -> bool:
                return any(file.camera_id == gate.id for day in hub.album.days() for file in hub.album.files(day))

            await until(there, seconds=60, what="a still is kept")
            (day,) = {day for day in hub.album.days() if hub.album.read(day, gate.id).stills}
            still = hub.album.read(day, gate.id).stills[0]
            assert (still.width, still.height, still.masked) == (320, 180, False)
            assert (await state_of(hub.store, none.id))[0] == "live"
            kept = {file.camera_id for day in hub.album.days() for file in hub.album.files(day)}
            assert kept.isdisjoint({none.id, house.id})
