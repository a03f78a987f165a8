"""kill -9 of hub, workers and producers under load, again and again: no acknowledged event is lost, `check` is clean.

Real cameras are recorded meanwhile: what is on disk plays, and what was told to be whole is.

HUB_STORM_S sets the length (20 s; the release check runs a minute).
"""

import asyncio
import contextlib
import hashlib
import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest
import sqlalchemy as sa

from camera_hub.demo.sample_server import Mount, SampleServer, engine
from camera_hub.media import Media
from camera_hub.recording.boxes import walk
from camera_hub.recording.files import Name, path_of
from registry import check
from registry.store import Store
from registry.tables import cameras, segments
from registry.vault import Vault, load_key
from tests.camera_hub.stream.conftest import SMALL, make_clip
from tests.camera_hub.watch.county import add_camera, found, officer, place_village, settings_in, until

LOAD = 150
FRAMES = 300
"""So many lines of what was acknowledged, and so many frames on record, make a storm."""
STORM_S = float(os.environ.get("HUB_STORM_S", "20"))


def children_of(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except FileNotFoundError:
        return []


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def lines_of(log: Path) -> int:
    return log.read_bytes().count(b"\n")


def frames_in(folder: Path) -> int:
    return sum(walk(file).frames for file in folder.glob("recordings/*/*/*.mp4"))


def recorded(folder: Path) -> int:
    """How many frames are on disk. Every file plays, up to where its worker was killed."""
    frames = 0
    for file in folder.glob("recordings/*/*/*.mp4"):
        found = walk(file)
        if found.size == 0:
            continue  # killed between making the file and writing to it
        assert found.init is not None
        assert found.frames > 0
        with av.open(str(file)) as container:
            assert sum(1 for _ in container.decode(video=0)) >= found.frames
        frames += found.frames
    return frames


async def whole_segments(store: Store, folder: Path) -> int:
    """How many segments the registry knows to be whole; their files are as they were written."""
    async with store.read() as conn:
        rows = (
            await conn.execute(
                sa.select(segments, cameras.c.id.label("camera_id"))
                .join(cameras, cameras.c.no == segments.c.camera_no)
                .where(segments.c.digest.is_not(None))
            )
        ).all()
    for row in rows:
        data = path_of(folder, Name(row.camera_id, row.stream, row.started_at)).read_bytes()
        assert (len(data), hashlib.blake2b(data, digest_size=32).hexdigest()) == (row.bytes, row.digest)
    return len(rows)


async def start_hub(job: dict[str, Any]) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.e2e.storm_hub", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(job).encode() + b"\n")
    line = await asyncio.wait_for(process.stdout.readline(), 60)
    assert line == b"up\n", line
    return process


@pytest.fixture
def streams(tmp_path: Path) -> Iterator[list[str]]:
    """Cameras that send, where a server for them can run."""
    if engine() is None:
        yield []
        return
    clip = make_clip(tmp_path / "yard.clip", SMALL)
    with SampleServer([Mount(f"/{number}", clip) for number in range(3)]) as server:
        yield list(server.urls.values())


@pytest.mark.parametrize("channel", ["unix", pytest.param("redis", marks=pytest.mark.redis)])
async def test_no_acknowledged_event_is_lost(
    channel: str, tmp_path: Path, request: pytest.FixtureRequest, streams: list[str]
) -> None:
    rng = random.Random(7)
    settings = settings_in(tmp_path)
    store = await Store.open(settings.database, upgrade=True)
    vault = Vault(load_key(None, tmp_path))
    await place_village(store)
    ids = [str((await add_camera(store, vault, None, name=f"camera {n}")).id) for n in range(5)]
    for number, url in enumerate(streams):
        await add_camera(store, vault, url, name=f"stream {number}")
    job = {
        "data_dir": str(tmp_path),
        "cameras": ids,
        "acked": str(tmp_path / "acked"),
        "redis": request.getfixturevalue("redis_url") if channel == "redis" else None,
        "load": True,
    }
    killed = {"hub": 0, "child": 0}
    hub = await start_hub(job)
    end = time.monotonic() + (STORM_S if channel == "unix" else STORM_S * 0.75)
    done, patience = (0, 0), 1.0
    enough = LOAD, FRAMES if streams else 0
    while time.monotonic() < end or killed["hub"] < 2 or not killed["child"] or any(map(int.__lt__, done, enough)):
        await asyncio.sleep(rng.uniform(1.0, 4.0) * patience)
        before, done = done, (sum(map(lines_of, tmp_path.glob("acked-*"))), frames_in(tmp_path))
        if done == before:  # a slow machine: they are killed before they have done anything
            patience = min(patience * 1.5, 10.0)
        children = children_of(hub.pid)
        if rng.random() < 0.5 and children:
            kill(rng.choice(children))
            killed["child"] += 1
        else:
            kill(hub.pid)
            await hub.wait()
            killed["hub"] += 1
            hub = await start_hub(job)
    kill(hub.pid)
    await hub.wait()

    last = await start_hub({**job, "load": False})
    assert last.stdin is not None
    assert last.stdout is not None
    assert await asyncio.wait_for(last.stdout.readline(), 150) == b"drained\n"

    async def swept() -> bool:
        return (await check.compare(store, Media(tmp_path, 0, 10**12).keys(), "local")).orphans == ()

    await until(swept, seconds=60, what="the last start sweeps what the kills left")
    last.stdin.close()
    assert await asyncio.wait_for(last.wait(), 60) == 0

    acknowledged: dict[str, int] = {}
    for log in tmp_path.glob("acked-*"):
        for line in log.read_text(encoding="ascii").splitlines():
            event_id, revision = line.split()
            acknowledged[event_id] = max(acknowledged.get(event_id, 0), int(revision))
    stored = {str(event.id): event for event in await found(store, await officer(store))}
    assert len(acknowledged) > 0, "there was no load"
    print(f"{channel}: {len(acknowledged)} acknowledged, {len(stored)} stored, killed {killed}")
    lost = {
        one: revision for one, revision in acknowledged.items() if one not in stored or stored[one].revision < revision
    }
    assert not lost, f"{len(lost)} of {len(acknowledged)} acknowledged events lost after {killed}"

    report = await check.compare(store, Media(tmp_path, 0, 10**12).keys(), "local")
    assert report.clean, report
    assert report.files == sum(event.has_snapshot for event in stored.values()) > 0
    if streams:
        assert recorded(tmp_path) >= FRAMES
        assert await whole_segments(store, tmp_path) > 0
    await store.close()
