"""A real hub whose real camera goes away, and which is down for a while itself: both are gaps, what was open is kept."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from camera_hub.demo.sample_server import Mount, SampleServer, engine
from camera_hub.hub import Hub
from camera_hub.recording import reconciler
from camera_hub.settings import RecordingSettings
from registry.recordings import gaps
from registry.recordings.missing import GapQuery, GapReport, report
from registry.scope import EVERYTHING
from registry.store import Store
from registry.tables import hub_runs, segments
from tests.camera_hub.stream.conftest import SMALL, make_clip
from tests.camera_hub.watch.county import add_camera, place_village, settings_in, until

pytestmark = pytest.mark.rtsp


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds by the second."""
    monkeypatch.setattr(reconciler, "EVERY_S", 1.0)
    monkeypatch.setattr(gaps, "LAG_MS", 1000)


async def told(hub: Hub) -> GapReport:
    return await report(hub.store, EVERYTHING, GapQuery())


async def test_a_camera_that_goes_away_and_a_hub_that_is_down_are_gaps(tmp_path: Path) -> None:
    if engine() is None:
        pytest.skip("needs an RTSP server: GStreamer's, or the package aio-rtsp-toolkit")
    clip, folder = make_clip(tmp_path / "yard.clip", SMALL), tmp_path / "data"
    settings = settings_in(folder, recording=RecordingSettings(segment_s=5))
    async with Hub.running(settings) as hub:
        await place_village(hub.store)
        with SampleServer([Mount("/gate", clip)]) as server:
            await add_camera(hub.store, hub.vault, server.urls["/gate"])

            async def recorded() -> bool:
                shown = (await told(hub)).cameras
                return bool(shown) and shown[0].recorded_s >= 4 and shown[0].open is None

            await until(recorded, seconds=60, what="recorded without a gap that lasts")
            assert "recording_gap" not in [fault.code for fault in hub.faults.now()]

        async def missing() -> bool:
            (shown,) = (await told(hub)).cameras
            return shown.open is not None and shown.open.cause.value in {"unreachable", "stalled", "error"}

        await until(missing, seconds=60, what="a gap with the camera's reason")
        assert "recording_gap" in [fault.code for fault in hub.faults.now()]
        assert (await hub.health()).status == "degraded"

    store = await Store.open(settings.database)
    async with store.write() as conn:  # as if it had been killed half a minute earlier
        seen = sa.update(hub_runs).values(seen_at=store.clock() - timedelta(seconds=30))
        await conn.execute(seen)
    await store.close()
    async with Hub.running(settings) as hub:

        async def down() -> bool:
            return "hub_down" in {cause.value for cause in (await told(hub)).causes}

        await until(down, seconds=60, what="a gap while the hub was down")
        async with hub.store.read() as conn:
            rows = list(await conn.execute(sa.select(segments)))
        assert rows
        assert all(row.ended_at is not None for row in rows)
