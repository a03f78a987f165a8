"""The watches of a worker's cameras: a task each, and the last words of those that were stopped.

One pull has a stream at a time: a watch begins when what it follows has let go of the camera.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from camera_hub.watch.camera import CameraWatch, Gate, Ways, all_over
from registry.model import Reason
from registry.orders import WatchOrder

Task = asyncio.Task[None]


@dataclass(frozen=True, slots=True)
class _Running:
    watch: CameraWatch
    task: Task


class Watches:
    """What is watched now. Used from the worker's loop."""

    def __init__(self, ways: Ways, gate: Gate) -> None:
        self._ways = ways
        self._gate = gate
        self._running: dict[UUID, _Running] = {}
        self._ending: set[Task] = set()
        self._frames_before = 0

    @property
    def now(self) -> list[CameraWatch]:
        """The watches that run."""
        return [running.watch for running in self._running.values()]

    @property
    def frames(self) -> int:
        """Frames analysed since the worker's start."""
        return self._frames_before + sum(watch.gauge.frames for watch in self.now)

    def of(self, camera_id: UUID) -> CameraWatch | None:
        """A camera's watch, if it is watched."""
        running = self._running.get(camera_id)
        return running.watch if running is not None else None

    def start(
        self,
        order: WatchOrder,
        *,
        after: Collection[Task] = (),
        delay_s: float = 0.0,
        before: CameraWatch | None = None,
    ) -> None:
        """Watch by an order, once the tasks `after` are over.

        A camera whose address and password stayed keeps the failures and the wait of the watch `before`.
        """
        kept = before if before is not None and _same_door(before.order, order) else None
        watch = CameraWatch(order, self._ways, self._gate, backoff=kept.backoff if kept else None)
        if kept is not None:
            delay_s = max(delay_s, kept.retry_at - self._ways.monotonic())

        async def run() -> None:
            await all_over(after)
            await watch.run(delay_s)

        self._running[order.camera_id] = _Running(watch, asyncio.create_task(run()))

    def halt(self, order: WatchOrder, reason: Reason) -> None:
        """Tell why a camera is not watched; it was stopped before."""
        CameraWatch(order, self._ways, self._gate).halt(reason)

    def stop(self, camera_id: UUID) -> Task | None:
        """Stop a camera's watch; the task that is over when its thread is, and those of the watches before it."""
        running = self._running.pop(camera_id, None)
        if running is None:
            return None
        self._frames_before += running.watch.gauge.frames
        running.task.cancel()
        self._ending.add(running.task)
        running.task.add_done_callback(self._ending.discard)
        return running.task

    def end(self) -> set[Task]:
        """Stop all; the tasks to wait for."""
        for camera_id in tuple(self._running):
            self.stop(camera_id)
        return set(self._ending)


def _same_door(one: WatchOrder, other: WatchOrder) -> bool:
    return (one.url, one.username, one.password) == (other.url, other.username, other.password)
