"""Who may work on a data directory: one hub at a time, and nobody on one whose restore was not finished.

The lock is the kernel's, so that it goes with the process, whatever kills it; the sign of a restore is a file, so that
it stays.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.errors import Conflict, Corrupt

RESTORING = "restoring.json"
"""Stands in a data directory from a restore's first written byte to its last."""
OLD_WORKERS_S = 15.0
"""Workers of a killed hub end within seconds; longer than this means that something else is wrong."""


@contextmanager
def locked(data_dir: Path, *, restoring: bool = False) -> Iterator[None]:
    """Hold the data directory for this hub, or this restore, alone.

    Raises Conflict when another has it, Corrupt when a restore was not finished and this is none.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(data_dir / "hub.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
            raise Conflict(
                f"another hub (process {owner}) runs on {data_dir}; stop it, or choose another data_dir",
                code="hub_running",
                process=owner,
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        if not restoring:
            refuse_half_restored(data_dir)
        yield
    finally:
        os.close(descriptor)


def refuse_half_restored(data_dir: Path) -> None:
    """Raise Corrupt when a restore into the data directory began and did not end."""
    if (data_dir / RESTORING).exists():
        raise Corrupt(
            f"a restore into {data_dir} was not finished; run camera-hub restore again", code="restore_unfinished"
        )


async def old_workers_gone(data_dir: Path) -> None:
    """Wait until no worker of an earlier hub lives. Raises Conflict when they stay."""
    descriptor = os.open(data_dir / "workers.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + OLD_WORKERS_S
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Conflict(
                        f"workers of an earlier hub on {data_dir} do not end; end the python processes that run"
                        " camera_hub.watch.worker",
                        code="old_workers",
                    ) from None
                await asyncio.sleep(0.1)
            else:
                return
    finally:
        os.close(descriptor)
