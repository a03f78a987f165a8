"""The hub's hold on its workers: starts them, listens to their heartbeats, restarts what died or fell silent."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import camera_hub
from camera_hub.faults import Faults
from camera_hub.live.endpoint import socket_of
from camera_hub.observe import Metrics, log
from camera_hub.settings import Settings
from camera_hub.watch import messages
from camera_hub.watch.job import Job, carried
from camera_hub.watch.messages import WorkerStats
from registry import cameras
from registry.errors import HubError, Invalid
from registry.model import Reason, State, StatusChange
from registry.store import Store
from registry.vault import Vault

SILENT_S = 15.0
"""A worker without a heartbeat for this long hangs: it is killed and started anew."""
START_S = 60.0
"""A new worker may take this long to its first heartbeat: it loads the model."""
END_S = 6.0
"""A worker told to stop is killed after this long."""
RESTARTS_S = (0.2, 1.0, 3.0, 10.0, 30.0)
"""Waits before the first, second, … restart; the last repeats."""
STEADY_S = 60.0
"""A worker that ran this long starts over with the first wait."""

_SHOWN = (
    *("cameras", "live", "frames", "detector_calls", "cpu_s", "memory_bytes", "outbox", "outbox_lost"),
    *("recording", "recorded_frames", "recorded_bytes", "record_dropped"),
)
"""What of a heartbeat the metrics show."""

_log = log("supervisor")


@dataclass(frozen=True, slots=True)
class WorkerHealth:
    """One worker as the hub sees it; rates are of its last two heartbeats."""

    slot: int
    pid: int | None
    state: Literal["starting", "running", "backing_off"]
    restarts: int
    cameras: int
    live: int
    frames_per_s: float
    detector_per_s: float
    cpu_share: float
    memory_mb: float
    outbox: int
    outbox_lost: int
    heard_at: datetime | None


class _Slot:
    """One worker slot: the process that fills it now."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.process: asyncio.subprocess.Process | None = None
        self.restarts = 0
        self.quick_deaths = 0
        self.started = 0.0
        self.heard: float | None = None
        self.heard_at: datetime | None = None
        self.last: WorkerStats | None = None
        self.before: WorkerStats | None = None

    def began(self, process: asyncio.subprocess.Process, now: float) -> None:
        self.process, self.started = process, now
        self.heard = self.last = self.before = None

    def heard_of(self, stats: WorkerStats, now: float) -> None:
        self.heard, self.heard_at = now, datetime.now(UTC)
        self.before, self.last = self.last, stats

    def silent(self, now: float) -> bool:
        if self.heard is None:
            return now - self.started > START_S
        return now - self.heard > SILENT_S

    def health(self) -> WorkerHealth:
        new, old = self.last, self.before
        passed = new.uptime_s - old.uptime_s if new and old else 0.0

        def rate(name: str) -> float:
            return round((getattr(new, name) - getattr(old, name)) / passed, 2) if passed > 0 else 0.0

        return WorkerHealth(
            slot=self.number,
            pid=self.process.pid if self.process else None,
            state="backing_off" if self.process is None else "starting" if self.heard is None else "running",
            restarts=self.restarts,
            cameras=new.cameras if new else 0,
            live=new.live if new else 0,
            frames_per_s=rate("frames"),
            detector_per_s=rate("detector_calls"),
            cpu_share=rate("cpu_s"),
            memory_mb=round(new.memory_bytes / 1e6, 1) if new else 0.0,
            outbox=new.outbox if new else 0,
            outbox_lost=new.outbox_lost if new else 0,
            heard_at=self.heard_at,
        )


class Supervisor:
    """Runs `settings.workers` worker processes that speak to the channel at `address`.

    They give live streams on sockets in the folder `live`.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        vault: Vault,
        *,
        channel: Literal["unix", "redis"],
        address: str,
        live: Path,
        metrics: Metrics,
        faults: Faults,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._store = store
        self._vault = vault
        self._channel: Literal["unix", "redis"] = channel
        self._address = address
        self._live = live
        self._metrics = metrics
        self._faults = faults
        self._monotonic = monotonic
        self._slots = [_Slot(number) for number in range(settings.workers)]

    def health(self) -> tuple[WorkerHealth, ...]:
        """Every worker, by slot."""
        return tuple(slot.health() for slot in self._slots)

    async def run(self) -> None:
        """Keep every slot filled until cancelled; then stop the workers and wait for them."""
        async with asyncio.TaskGroup() as group:
            for slot in self._slots:
                group.create_task(self._fill(slot))

    async def _fill(self, slot: _Slot) -> None:
        while True:
            process = await self._spawn(slot)
            try:
                code = await self._attend(slot, process)
            finally:
                slot.process = None
                await _end(process)
            steady = self._monotonic() - slot.started >= STEADY_S
            slot.quick_deaths = 0 if steady else slot.quick_deaths + 1
            slot.restarts += 1
            self._metrics.restarts.labels(str(slot.number)).inc()
            wait = RESTARTS_S[min(slot.quick_deaths, len(RESTARTS_S) - 1)] * (1 + 0.2 * random.random())  # noqa: S311 - spreads restarts
            _log.error("worker_died", slot=slot.number, code=code, restart_s=round(wait, 1))
            self._faults.set("worker_down", str(slot.number), slot=slot.number, exit_code=code)
            await self._mark_down(slot)
            await asyncio.sleep(wait)

    async def _spawn(self, slot: _Slot) -> asyncio.subprocess.Process:
        root = str(Path(camera_hub.__file__).parents[1])
        environment = {
            **os.environ,
            # One heap for all camera threads: their small pictures take each other's still-cached place. Seen to help
            # small streams only, in few and noisy runs (docs/decisions.md).
            "MALLOC_ARENA_MAX": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH")))),
            # One thread per library call: a worker is one of several, and its cameras are its parallelism.
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "camera_hub.watch.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment,
        )
        slot.began(process, self._monotonic())
        job = Job(
            slot=slot.number,
            slots=len(self._slots),
            channel=self._channel,
            address=self._address,
            live=str(socket_of(self._live, slot.number)),
            settings=carried(self._settings),
        )
        if process.stdin is not None:
            process.stdin.write(job.line())
            with contextlib.suppress(OSError):  # it died at once: `_attend` sees that
                await process.stdin.drain()
        return process

    async def _attend(self, slot: _Slot, process: asyncio.subprocess.Process) -> int:
        """Listen until the worker is gone; kill one that fell silent. Returns its exit code."""
        listening = asyncio.create_task(self._listen(slot, process))
        try:
            while process.returncode is None:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(1.0):
                        await process.wait()
                if process.returncode is None and slot.silent(self._monotonic()):
                    _log.error("worker_silent", slot=slot.number, pid=process.pid)
                    process.kill()
            return process.returncode
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _listen(self, slot: _Slot, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            return
        async for line in process.stdout:
            try:
                stats = messages.decode_stats(line)
            except Invalid:
                _log.warning("heartbeat_unreadable", slot=slot.number)
                continue
            slot.heard_of(stats, self._monotonic())
            self._show(stats)

    def _show(self, stats: WorkerStats) -> None:
        slot = str(stats.slot)
        self._faults.clear("worker_down", slot)
        if stats.outbox_lost:
            self._faults.set("outbox_lost", slot, slot=stats.slot, count=stats.outbox_lost)
        if stats.media_ok:
            self._faults.clear("media_write", slot)
        else:
            self._faults.set("media_write", slot, slot=stats.slot)
        for name in _SHOWN:
            self._metrics.worker.labels(slot, name).set(getattr(stats, name))

    async def _mark_down(self, slot: _Slot) -> None:
        """Show the cameras of a dead worker as such; the next one tells better."""
        now = datetime.now(UTC)
        try:
            orders = await cameras.orders(
                self._store, self._vault, slot.number, len(self._slots), policy=self._settings.record_policy, now=now
            )
            await cameras.record_status(
                self._store,
                [
                    StatusChange(
                        camera_id=order.camera_id,
                        state=State.BACKING_OFF,
                        reason=Reason.WORKER_DOWN,
                        detail="the worker process ended and is being restarted",
                        since=now,
                        codec=None,
                        width=None,
                        height=None,
                        fps=None,
                        last_frame_at=None,
                    )
                    for order in orders
                    if order.halt is None
                ],
            )
        except HubError as err:
            _log.warning("cannot_mark_down", slot=slot.number, error=err.hint)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Close a worker's standard input, which ends it, and see that it is gone."""
    if process.stdin is not None:
        process.stdin.close()
    with contextlib.suppress(TimeoutError, ProcessLookupError):
        async with asyncio.timeout(END_S):
            await process.wait()
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
