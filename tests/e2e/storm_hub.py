"""A hub under load for the storm test: the real hub with its workers, and two producers that add to what cameras give.

Run as `python -m tests.e2e.storm_hub`, one line of JSON on standard input: data_dir, cameras, acked (a prefix), redis.
The socket's path is written to `<data_dir>/socket`. Ends when standard input closes.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from pathlib import Path

from camera_hub import observe
from camera_hub.hub import Hub
from camera_hub.settings import RecordingSettings
from camera_hub.watch.job import prefix
from tests.camera_hub.watch.county import settings_in

PRODUCERS = (8, 9)
SLOTS = 10


async def main() -> None:
    job = json.loads(sys.stdin.readline())
    folder = Path(job["data_dir"])
    observe.configure("warning")
    given = {"redis_url": job["redis"]} if job["redis"] else {}
    settings = settings_in(folder, workers=2, recording=RecordingSettings(segment_s=5), **given)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hang_on() -> None:
        while os.read(0, 1024):
            pass
        loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=hang_on, daemon=True).start()
    async with Hub.running(settings) as hub:
        socket = getattr(hub._inlet, "path", None)
        (folder / "socket").write_text(str(socket), encoding="utf-8")
        producers = []
        for slot in PRODUCERS if job["load"] else ():
            producer = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tools.bench.producer",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
            )
            order = {
                "data_dir": str(folder),
                "slot": slot,
                "slots": SLOTS,
                "acked": f"{job['acked']}-{slot}",
                "socket_file": str(folder / "socket"),
                "redis": job["redis"],
                "prefix": prefix(settings),
                "cameras": job["cameras"],
                "bytes": 5000,
                "count": 0,
                "revisions": 3,
                "threads": 4,
                "waiting": 100,
            }
            assert producer.stdin is not None
            producer.stdin.write(json.dumps(order).encode() + b"\n")
            producers.append(producer)
        print("up", flush=True)
        if not job["load"]:
            async with asyncio.timeout(120):
                assert hub._keeper is not None
                await hub._keeper.drained.wait()
                while list((folder / "outbox").glob("*.spool")):
                    await asyncio.sleep(0.1)
            await asyncio.sleep(2)
            print("drained", flush=True)
        await stop.wait()
        for producer in producers:
            assert producer.stdin is not None
            producer.stdin.close()
            await producer.wait()


if __name__ == "__main__":
    asyncio.run(main())
    os._exit(0)
