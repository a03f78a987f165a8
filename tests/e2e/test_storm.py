"""kill -9 of hub, workers and producers under load, again and again: no acknowledged event is lost, `check` is clean.

HUB_STORM_S sets the length (20 s; the release check runs a minute).
"""

import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from camera_hub.media import Media
from registry import check
from registry.store import Store
from registry.vault import Vault, load_key
from tests.camera_hub.watch.county import add_camera, found, officer, place_village, settings_in

STORM_S = float(os.environ.get("HUB_STORM_S", "20"))


def children_of(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except FileNotFoundError:
        return []


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


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


@pytest.mark.parametrize("channel", ["unix", pytest.param("redis", marks=pytest.mark.redis)])
async def test_no_acknowledged_event_is_lost(channel: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    rng = random.Random(7)
    settings = settings_in(tmp_path)
    store = await Store.open(settings.database, upgrade=True)
    vault = Vault(load_key(None, tmp_path))
    await place_village(store)
    ids = [str((await add_camera(store, vault, None, name=f"camera {n}")).id) for n in range(5)]
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
    while time.monotonic() < end or killed["hub"] < 2 or not killed["child"]:
        await asyncio.sleep(rng.uniform(1.0, 4.0))
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
    assert await asyncio.wait_for(last.stdout.readline(), 60) == b"drained\n"
    last.stdin.close()
    assert await asyncio.wait_for(last.wait(), 30) == 0

    acknowledged: dict[str, int] = {}
    for log in tmp_path.glob("acked-*"):
        for line in log.read_text(encoding="ascii").splitlines():
            event_id, revision = line.split()
            acknowledged[event_id] = max(acknowledged.get(event_id, 0), int(revision))
    stored = {str(event.id): event for event in await found(store, await officer(store))}
    assert len(acknowledged) > 50, "there was no load"
    print(f"{channel}: {len(acknowledged)} acknowledged, {len(stored)} stored, killed {killed}")
    lost = {
        one: revision for one, revision in acknowledged.items() if one not in stored or stored[one].revision < revision
    }
    assert not lost, f"{len(lost)} of {len(acknowledged)} acknowledged events lost after {killed}"

    report = await check.compare(store, Media(tmp_path, 0, 10**12).keys(), "local")
    assert report.clean, report
    assert report.orphans == (), "the last start swept what the kills left"
    assert report.files == sum(event.has_snapshot for event in stored.values()) > 0
    await store.close()
