"""A real worker that records real cameras: what is on disk plays, whatever happened to the worker."""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
import pytest
import sqlalchemy as sa

from camera_hub.demo.clip import Shape
from camera_hub.demo.sample_server import Mount, SampleServer, engine
from camera_hub.hub import Hub
from camera_hub.live.piece import Kind
from camera_hub.recording.files import Name, path_of
from camera_hub.settings import RecordingSettings
from registry import scenes
from registry.policy import OfVideo
from registry.recordings.model import RecordMode, RecordStream
from registry.store import Store
from registry.tables import segments
from registry.users import CONSOLE
from tests.camera_hub.live.test_worker import next_of
from tests.camera_hub.stream.conftest import SMALL, make_clip
from tests.camera_hub.watch.county import (
    add_camera,
    found,
    officer,
    place_village,
    settings_in,
    until,
    worker_pids,
)

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


async def test_a_masked_camera_is_recorded_masked_from_the_moment_it_is(clip: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    settings = settings_in(folder, recording=RecordingSettings(segment_s=5))
    with SampleServer([Mount("/yard", clip)]) as server:
        async with Hub.running(settings) as hub:
            await place_village(hub.store)
            yard = await add_camera(hub.store, hub.vault, server.urls["/yard"])

            async def growing() -> bool:
                return bool(files_of(folder)) and files_of(folder)[-1].stat().st_size > 30_000

            await until(growing, seconds=60, what="it is recorded as it is")
            await scenes.put(hub.store, yard.id, scenes.Scene(masks=(MASK,)), CONSOLE)

            async def masked() -> bool:
                return sum(row.masked and row.ended_at is not None for row in await rows(hub.store)) >= 2

            await until(masked, seconds=60, what="two masked segments")
            known = await rows(hub.store)
            assert hub.live is not None
            with hub.live.watch(yard.no, yard.id, "main", "video") as line:
                init = await next_of(line, Kind.INIT)
                live = [await next_of(line, Kind.MEDIA) for _ in range(10)]
            with av.open(io.BytesIO(init.data + b"".join(one.data for one in live))) as seen:
                shown = [frame.to_ndarray(format="gray") for frame in seen.decode(video=0)]
            assert len(shown) == 10, "it plays as video"
            assert all(picture[:84, :154].max() < 40 for picture in shown)
    assert not known[0].masked
    flags = [row.masked for row in known]
    assert flags == sorted(flags), "once masked, nothing unmasked comes"
    black = [row for row in known if row.masked]
    for row in black:
        frames = frames_of(path_of(folder, Name(yard.id, row.stream, row.started_at)))
        assert len(frames) == row.frames or row.ended_at is None
        for _, picture in frames:
            assert picture.shape == (180, 320)
            assert picture[:84, :154].max() < 40, "what the mask hides is black in every frame"
            assert picture[120:, 200:].max() > 60, "what it does not is seen"
    assert black[0].ended_at is not None
    rate = black[0].frames / (black[0].ended_at - black[0].started_at).total_seconds()
    assert rate == pytest.approx(5, abs=1), "the analysis rate"
    assert all(one.ended_at == other.started_at for one, other in itertools.pairwise(black))


async def test_both_streams_are_recorded_each_from_its_one_pull(clip: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    both = OfVideo[RecordStream](public=RecordStream.BOTH, social=RecordStream.SUB, civilian=RecordStream.SUB)
    settings = settings_in(folder, recording=RecordingSettings(segment_s=5, stream=both))
    large = make_clip(tmp_path / "large.clip", Shape(640, 360, 15, 300, 1.0, "hevc"), 3.0)
    with SampleServer([Mount("/sub", clip), Mount("/main", large)]) as server:
        port = int(server.urls["/sub"].split(":")[2].split("/")[0])
        async with Hub.running(settings) as hub:
            await place_village(hub.store)
            gate = await add_camera(hub.store, hub.vault, server.urls["/main"], sub_url=server.urls["/sub"])

            async def whole() -> bool:
                return {row.stream for row in await rows(hub.store) if row.ended_at is not None} == {"sub", "main"}

            await until(whole, seconds=60, what="both have a segment")
            assert hub.live is not None
            with hub.live.watch(gate.no, gate.id, "main", "video"), hub.live.watch(gate.no, gate.id, "sub", "video"):
                (pid,) = worker_pids(hub)
                links = [
                    one for one in psutil.Process(pid).net_connections("tcp") if one.raddr and one.raddr.port == port
                ]
                assert len(links) == 2, "one pull a stream, whoever draws from it"
            known = [row for row in await rows(hub.store) if row.ended_at is not None]
    shapes = {(row.stream, row.codec, row.width, row.height) for row in known}
    assert shapes == {("sub", "h264", 320, 180), ("main", "hevc", 640, 360)}
    for row in known:
        assert len(frames_of(path_of(folder, Name(gate.id, row.stream, row.started_at)))) == row.frames


async def test_an_event_of_a_real_camera_is_on_record(clip: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    modes = OfVideo[RecordMode](public=RecordMode.ON_EVENT, social=RecordMode.NONE, civilian=RecordMode.NONE)
    settings = settings_in(folder, recording=RecordingSettings(mode=modes, pre_s=2, post_s=1))
    with SampleServer([Mount("/gate", clip)]) as server:
        async with Hub.running(settings) as hub:
            await place_village(hub.store)
            await add_camera(hub.store, hub.vault, server.urls["/gate"])
            access = await officer(hub.store)

            async def seen() -> Any:
                return await found(hub.store, access)

            (event, *_) = await until(seen, seconds=90, what="something is seen")

            async def recorded() -> bool:
                return any(row.why == "event" for row in await rows(hub.store))

            await until(recorded, seconds=30, what="it is recorded")
            begun = (await rows(hub.store))[0]
            assert begun.started_at <= event.started_at, "what led to it is there too"
