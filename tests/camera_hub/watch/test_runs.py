"""A hub that is killed: its cameras count as down from the last time it was seen, not from its next start."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from camera_hub.hub import Hub
from camera_hub.settings import Settings
from registry import cameras
from registry.model import State, StatusChange
from registry.online import OnlineQuery, online
from registry.scope import EVERYTHING
from registry.store import Store
from registry.tables import hub_runs
from registry.vault import Vault, load_key
from tests.camera_hub.watch.county import add_camera, place_village

HUB = """
import asyncio, sys
from pathlib import Path
from camera_hub.hub import Hub
from camera_hub.settings import Settings
from registry import runs

async def main():
    runs.BEAT_S = 0.1
    async with Hub.running(Settings(data_dir=Path(sys.argv[1]), workers=1, min_free_gb=0)):
        print("up", flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


async def _seen(store: Store) -> datetime | None:
    async with store.read() as conn:
        return await conn.scalar(sa.select(sa.func.max(hub_runs.c.seen_at)))


async def test_a_hub_killed_hard_leaves_no_camera_live(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, workers=1, min_free_gb=0)
    store = await Store.open(settings.database, upgrade=True)
    await place_village(store)
    # Nobody answers there: once the worker said so it says no more.
    camera = await add_camera(store, Vault(load_key(None, tmp_path)), url="rtsp://127.0.0.1:1/1")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HUB, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while await process.stdout.readline() != b"up\n":  # the log's lines come before it
            assert process.returncode is None
    while (await cameras.get(store, camera.id, EVERYTHING)).status.state in (State.IDLE, State.CONNECTING):
        await asyncio.sleep(0.1)
    live = StatusChange(
        camera_id=camera.id,
        state=State.LIVE,
        reason=None,
        detail="",
        since=datetime.now(UTC),
        codec=None,
        width=None,
        height=None,
        fps=None,
        last_frame_at=None,
    )
    await cameras.record_status(store, [live])
    while (seen := await _seen(store)) is None or seen <= live.since:
        await asyncio.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    killed = datetime.now(UTC)
    async with Hub.running(settings, watch=True) as hub:
        started = datetime.now(UTC)
        told = await online(hub.store, EVERYTHING, OnlineQuery(since=killed - timedelta(minutes=5)))
        (mine,) = told.cameras
        assert mine.down_since is not None
        assert live.since <= mine.down_since <= killed
        assert mine.online_s <= (killed - live.since).total_seconds() + 1
        (gap,) = told.hub_down
        assert gap.since <= killed <= gap.until <= started
    await store.close()
