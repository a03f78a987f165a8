"""A real worker that records real cameras: what is on disk plays, whatever happened to the worker."""

from __future__ import annotations

import hashlib
import itertools
import os
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import sqlalchemy as sa

from camera_hub.demo.sample_server import Mount, SampleServer, engine
from camera_hub.hub import Hub
from camera_hub.recording.files import Name, path_of
from camera_hub.settings import RecordingSettings
from registry.store import Store
from registry.tables import segments
from tests.camera_hub.stream.conftest import SMALL, make_clip
from tests.camera_hub.watch.county import add_camera, place_village, settings_in, until, worker_pids

pytestmark = pytest.mark.rtsp
MASK = ((0.0, 0.0), (0.5, 0.0), (0.5, 0.5), (0.0, 0.5))


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    if engine() is None:
        pytest.skip("needs an RTSP server: GStreamer's, or the package aio-rtsp-toolkit")
    return make_clip(tmp_path / "yard.clip", SMALL)


async def rows(store: Store) -> list[Any]:
    async with store.read() as conn:
        return list(await conn.execute(sa.select(segments).order_by(segments.c.started_at)))


def files_of(folder: Path) -> list[Path]:
    return sorted(folder.glob("recordings/*/*/*.mp4"))


def frames_of(file: Path) -> list[tuple[float, np.ndarray[Any, Any]]]:
    """Time and picture (luma) of every frame of a file, as any player finds them."""
    with av.open(str(file)) as container:
        return [(float(one.time or 0), one.to_ndarray(format="gray")) for one in container.decode(video=0)]


def begun_at(file: Path) -> float:
    return int(file.stem.split("-")[1]) / 1000


async def test_a_killed_worker_leaves_what_it_recorded_to_the_last_second(clip: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with SampleServer([Mount("/gate", clip)]) as server:
        async with Hub.running(settings_in(folder, recording=RecordingSettings(segment_s=5))) as hub:
            await place_village(hub.store)
            gate = await add_camera(hub.store, hub.vault, server.urls["/gate"])

            async def two_files() -> bool:
                found = files_of(folder)
                return len(found) >= 2 and found[-1].stat().st_size > 60_000

            await until(two_files, seconds=60, what="the second segment grows")
            (pid,) = worker_pids(hub)
            os.kill(pid, signal.SIGKILL)
            killed = time.time()
            before = files_of(folder)
            frames = frames_of(before[-1])
            last = begun_at(before[-1]) + frames[-1][0]
            assert killed - last <= 2.0, "a killed worker loses two seconds at most"
            assert [b[0] - a[0] for a, b in itertools.pairwise(frames)] == pytest.approx(
                [1 / 15] * (len(frames) - 1), abs=0.002
            ), "every frame is there"

            async def another() -> bool:
                return len(files_of(folder)) > len(before)

            await until(another, seconds=60, what="the next worker records")
            known = await rows(hub.store)
        whole = [row for row in await _after(folder) if row.ended_at is not None]
        assert whole
        for row in whole:
            file = path_of(folder, Name(gate.id, row.stream, row.started_at))
            data = file.read_bytes()
            assert (len(data), hashlib.blake2b(data, digest_size=32).hexdigest()) == (row.bytes, row.digest)
            assert len(frames_of(file)) == row.frames
            assert (row.why, row.codec, row.width, row.height, row.masked) == ("continuous", "h264", 320, 180, False)
        first, second = known[0], known[1]
        assert first.ended_at == second.started_at, "no gap between the two"
        assert abs(first.started_at - datetime.fromtimestamp(begun_at(before[0]), UTC)) < timedelta(milliseconds=2)


async def _after(folder: Path) -> list[Any]:
    store = await Store.open(settings_in(folder).database)
    try:
        return await rows(store)
    finally:
        await store.close()
