"""A stand-in for a worker under full load: threads that sync a picture, then report an event, over the real channel.

Run by the bench of writes and by the storm test, as `python -m tools.bench.producer` with one line of JSON on standard
input. It dies with its standard input, like a worker, and like a worker holds `workers.lock`. Every acknowledged event
is appended to `acked` (one line each, written before the next acknowledgement is heard), so that a kill -9 of anybody
leaves a true list of what was promised.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import random
import sys
import threading
import time
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from uuid_utils.compat import uuid7

from camera_hub.media import Media, snapshot_key
from camera_hub.watch import messages
from camera_hub.watch.channel import Line, Outlet, deliver
from camera_hub.watch.channel_redis import RedisOutlet
from camera_hub.watch.channel_unix import UnixOutlet
from camera_hub.watch.outbox import Outbox
from registry.model import Box, EventChange, EventKind, LabelGroup


class FollowingOutlet:
    """A Unix outlet whose path stands in a file: the hub's socket is another one after each restart."""

    def __init__(self, file: Path) -> None:
        self._file = file

    async def connect(self) -> tuple[Line, AbstractSet[int]]:
        """Open a line to the socket the file names now."""
        path = self._file.read_text(encoding="utf-8").strip() if self._file.exists() else "/nonexistent"
        return await UnixOutlet(Path(path)).connect()


class LoggedOutbox(Outbox):
    """An outbox that writes down what was acknowledged."""

    def __init__(self, folder: Path, slot: int, slots: int, log: Path) -> None:
        super().__init__(folder, slot, slots, memory=2000)
        self.acked = 0
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def acknowledge(self, seqs: Iterable[int]) -> None:
        """Log, then forget."""
        seqs = list(seqs)
        known = [self._entries[seq] for seq in seqs if seq in self._entries]
        lines = []
        for entry in known:
            body = json.loads(entry.data)["body"]
            lines.append(f"{body['id']} {body['revision']}\n")
        os.write(self._log, "".join(lines).encode())
        super().acknowledge(seqs)
        self.acked += len(known)


def change(camera: UUID, event_id: UUID, revision: int, key: str | None, size: int, *, ended: bool) -> EventChange:
    """An event as a worker would report it."""
    now = datetime.now(UTC)
    return EventChange(
        id=event_id,
        revision=revision,
        camera_id=camera,
        kind=EventKind.OBJECT,
        rule_id="objects",
        rule_name="objects",
        scene_revision=0,
        label="person",
        group=LabelGroup.PERSON,
        score=0.9,
        box=Box(0.1, 0.1, 0.3, 0.6),
        path=tuple((0.01 * n, 0.5) for n in range(20)),
        direction=None,
        started_at=now,
        updated_at=now,
        ended_at=now if ended else None,
        snapshot=key,
        snapshot_bytes=size,
        snapshot_at=now if key else None,
        node="local",
        model="bench",
        clock_offset_ms=None,
    )


def _produce(
    job: dict[str, object], media: Media, loop: asyncio.AbstractEventLoop, outbox: Outbox, left: list[int]
) -> None:
    """One thread: pictures and events until the job's count is reached (0: for ever)."""
    cameras = [UUID(str(one)) for one in job["cameras"]]  # type: ignore[attr-defined]  # a JSON list
    picture = os.urandom(int(str(job["bytes"])))
    revisions = int(str(job.get("revisions", 1)))
    waiting = int(str(job.get("waiting", 1500)))
    endless = not int(str(job["count"]))
    while True:
        if not endless:
            with _COUNT:
                if left[0] <= 0:
                    return
                left[0] -= 1
        while len(outbox) > waiting:  # the bench is no test of spooling
            time.sleep(0.005)
        camera, event_id = random.choice(cameras), uuid7()
        for revision in range(1, revisions + 1):
            key = snapshot_key(event_id, revision, datetime.now(UTC))
            media.put(key, picture)
            data = messages.encode(change(camera, event_id, revision, key, len(picture), ended=revision == revisions))
            with contextlib.suppress(RuntimeError):  # the loop is closed: the process is ending
                loop.call_soon_threadsafe(outbox.put, data)


_COUNT = threading.Lock()


async def _run(job: dict[str, object]) -> None:
    data_dir = Path(str(job["data_dir"]))
    lock = os.open(data_dir / "workers.lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_SH)
    outbox = LoggedOutbox(data_dir / "outbox", int(str(job["slot"])), int(str(job["slots"])), Path(str(job["acked"])))
    outlet: Outlet = (
        RedisOutlet(str(job["redis"]), str(job["prefix"]))
        if job.get("redis")
        else FollowingOutlet(Path(str(job["socket_file"])))
    )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hang_on() -> None:
        while os.read(0, 1024):
            pass
        loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=hang_on, daemon=True).start()
    media = Media(data_dir, 0, 10**15)
    left = [int(str(job["count"]))]
    for _ in range(int(str(job["threads"]))):
        threading.Thread(target=_produce, args=(job, media, loop, outbox, left), daemon=True).start()
    delivering = asyncio.create_task(deliver(outbox, outlet))
    count = int(str(job["count"]))
    while not stop.is_set() and (not count or outbox.acked < count):  # noqa: ASYNC110 - two ends, looked at often enough
        await asyncio.sleep(0.01)
    print(json.dumps({"acked": outbox.acked, "at": time.time()}), flush=True)
    delivering.cancel()
    outbox.spill()


def main() -> None:
    """Read the job and produce."""
    job = json.loads(sys.stdin.readline())
    asyncio.run(_run(job))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
