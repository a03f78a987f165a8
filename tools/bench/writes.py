"""How many events a second the hub acknowledges: picture synced first, commit with synchronous=FULL, then the answer.

Two producer processes stand in for workers; keeper, registry, media and channel are the hub's own, in this process.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from camera_hub.faults import Faults
from camera_hub.feed import Feed
from camera_hub.media import Media
from camera_hub.observe import Metrics
from camera_hub.watch.channel_unix import UnixInlet
from camera_hub.watch.keeper import Keeper
from registry import cameras, devices, places
from registry.events.named import named
from registry.model import Kind
from registry.store import Store
from registry.users import CONSOLE
from registry.vault import Vault
from tools.bench.report import Report, at_least, median

EVENTS = 16_000
PRODUCERS = 2
THREADS = 16
PICTURE = 25_000
RUNS = 3


async def county(store: Store, vault: Vault, count: int) -> list[str]:
    """A village with `count` cameras; their ids."""
    for code, name in (("990101", "County"), ("990101001", "Township"), ("990101001001", "Village")):
        await places.create(store, places.NewPlace(code=code, name=name), CONSOLE)
    device = await devices.create(store, vault, devices.NewDevice(name="NVR", host="192.0.2.1"), CONSOLE)
    ids = []
    for number in range(count):
        new = cameras.NewCamera(
            device_id=device.id,
            name=f"camera {number}",
            kind=Kind.PUBLIC,
            village_code="990101001001",
            manager_unit="bench",
            main_url=f"rtsp://192.0.2.1/{number}",
        )
        ids.append(str((await cameras.create(store, vault, new, CONSOLE)).id))
    return ids


async def once(folder: Path, events: int) -> tuple[float, int]:
    """Acknowledged events a second, and how many pictures no row names afterwards."""
    store = await Store.open(f"sqlite+aiosqlite:///{folder / 'hub.db'}", upgrade=True)
    ids = await county(store, Vault(bytes(32)), 40)
    inlet = await UnixInlet.listening()
    socket_file = folder / "socket"
    socket_file.write_text(str(inlet.path), encoding="utf-8")
    media = Media(folder, 0, 10**15)
    keeper = Keeper(store, media, inlet, Feed(), metrics=Metrics(), faults=Faults(), node="local")
    keeping = asyncio.create_task(keeper.run())
    processes = []
    for slot in range(PRODUCERS):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tools.bench.producer", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        job = {
            "data_dir": str(folder),
            "slot": slot,
            "slots": PRODUCERS,
            "acked": str(folder / f"acked-{slot}"),
            "socket_file": str(socket_file),
            "cameras": ids,
            "bytes": PICTURE,
            "count": events // PRODUCERS,
            "threads": THREADS,
        }
        processes.append((process, json.dumps(job).encode() + b"\n"))
    await asyncio.sleep(1)  # both have imported what they need
    began = time.time()
    for process, line in processes:
        assert process.stdin is not None
        process.stdin.write(line)
    ends = []
    for process, _ in processes:
        assert process.stdout is not None
        ends.append(json.loads(await process.stdout.readline()))
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
    rate = events / (max(end["at"] for end in ends) - began)
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    lost = 0
    keys = list(media.keys())
    for start in range(0, len(keys), 400):
        lost += len(keys[start : start + 400]) - len(await named(store, "local", keys[start : start + 400]))
    await inlet.close()
    await store.close()
    return rate, lost


def run(report: Report) -> None:
    """Measure and report."""
    rates = []
    for _ in range(RUNS):
        folder = Path(tempfile.mkdtemp(prefix="hub-bench-", dir=Path.cwd()))
        try:
            rate, lost = asyncio.run(once(folder, EVENTS))
        finally:
            shutil.rmtree(folder)
        if lost:
            raise RuntimeError(f"{lost} acknowledged events are not in the database")
        rates.append(rate)
        report.say(f"event writes: {rate:.0f}/s")
    report.add(
        median(
            "event writes acknowledged",
            rates,
            "/s",
            at_least(2000),
            note=f"SQLite, synchronous=FULL, {PICTURE // 1000} KB snapshot synced first, {PRODUCERS} producers",
        )
    )
