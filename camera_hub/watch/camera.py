"""One camera's life in its worker, always visible: its state, the reason, and when it is tried again.

idle → connecting → waiting for keyframe → live ⇄ stalled → backing off → connecting → …; stopped when only another
order can help. A camera that failed stays `backing off` until somebody answers at its address: an absent camera costs
a few packets a minute and no row of history.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from camera_hub.observe import log
from camera_hub.watch.pull import Gauge, Opened, Picture, Said
from camera_hub.watch.retry import Backoff
from registry.errors import HubError
from registry.model import EventChange, PictureFault, Reason, RecordFault, State, StatusChange
from registry.orders import WatchOrder

STALLED_AFTER_S = 5.0
"""A live camera without a packet for this long is shown as stalled; its source gives up later by its own limit."""
REFRESH_S = 60.0
"""A live camera's state is told again this often: its last picture and frame rate change."""
FIRST_REFRESH_S = 7.0
"""The first time sooner: by then its frame rate is measured, and whoever mounts a camera waits for it."""

_log = log("camera")


class Gate:
    """Bounds what connecting cameras of one worker cost: sockets that knock, threads that open."""

    def __init__(self, knocks: int = 256, opens: int = 32) -> None:
        self.knocks = asyncio.Semaphore(knocks)
        self.opens = asyncio.Semaphore(opens)


@dataclass(frozen=True, slots=True)
class Ways:
    """How a camera is reached and told about; tests put their own in."""

    knock: Callable[[str], Awaitable[None]]
    pull: Callable[[WatchOrder, Gauge, Callable[[Said], None]], Awaitable[None]]
    tell: Callable[[EventChange | StatusChange], None]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    jitter: Callable[[], float] = random.random
    recording: Callable[[UUID], RecordFault | None] = field(default=lambda _: None)
    """Why a camera is not recorded as it should be, if so."""


class CameraWatch:
    """Watches the camera of one order until cancelled; another order needs another CameraWatch."""

    def __init__(self, order: WatchOrder, ways: Ways, gate: Gate, *, backoff: Backoff | None = None) -> None:
        self.order = order
        self.gauge = Gauge()
        self.state = State.IDLE
        self.backoff = backoff or Backoff(ways.jitter)
        self.retry_at = 0.0
        """When it is tried again after a failure, on the monotonic clock."""
        self._ways = ways
        self._gate = gate
        self._told: tuple[State, Reason | None, str] | None = None
        self._since = ways.wall()
        self._fault: PictureFault | None = None
        self._fault_since = self._since
        self._recording: RecordFault | None = None
        self._picture: Picture | None = None
        self._live_from: float | None = None
        self._opened = asyncio.Event()

    async def run(self, delay_s: float = 0.0) -> None:
        """Watch; begins after `delay_s`, so that many cameras do not start in the same moment."""
        self._tell(State.IDLE)
        await self._ways.sleep(delay_s)
        failed = False
        while True:
            try:
                await self._attempt(failed=failed)
            except Exception as err:  # noqa: BLE001 - a task's root: one camera's fault, whatever it is, stays its own
                wait = self._failed(err)
            else:
                self._tell(State.IDLE, None, "the file is over")
                return
            failed = True
            if wait is None:
                return
            self.retry_at = self._ways.monotonic() + wait
            await self._ways.sleep(wait)

    def halt(self, reason: Reason | None) -> None:
        """Tell that the camera is not pulled now, and why; None: nobody wants it. Call after cancelling `run`."""
        self._tell(State.IDLE, reason)

    async def _attempt(self, *, failed: bool) -> None:
        self._live_from = None
        self._picture = None
        self._opened.clear()
        if not failed:
            self._tell(State.CONNECTING)
        async with self._gate.knocks:
            await self._ways.knock(self.order.url)
        async with self._gate.opens:
            self._tell(State.CONNECTING)
            self.gauge.received = None
            self.gauge.picture = None
            pull = asyncio.ensure_future(self._ways.pull(self.order, self.gauge, self._hear))
            opened = asyncio.ensure_future(self._opened.wait())
            try:
                await asyncio.wait({pull, opened}, return_when=asyncio.FIRST_COMPLETED)
            except asyncio.CancelledError:
                await _cancelled(pull)
                raise
            finally:
                await _cancelled(opened)
        look = asyncio.ensure_future(self._look())
        try:
            await asyncio.wait({pull, look}, return_when=asyncio.FIRST_COMPLETED)
            if look.done() and not pull.done():
                look.result()
            await pull
        finally:
            await _cancelled(look)
            await _cancelled(pull)

    async def _look(self) -> None:
        """Show a live camera that falls silent as stalled, and refresh what is told of a live one."""
        refresh_at: float | None = None
        while True:
            await self._ways.sleep(1.0)
            now = self._ways.monotonic()
            if self._live_from is None:
                continue
            refresh_at = refresh_at or self._live_from + FIRST_REFRESH_S
            silent = now - (self.gauge.received or self._live_from)
            if silent > STALLED_AFTER_S:
                self._tell(State.STALLED, Reason.STALLED, "no packets")
            elif self.state is State.STALLED:
                self._tell(State.LIVE)
            elif now >= refresh_at or self._faults() != (self._fault, self._recording):
                refresh_at = max(refresh_at, now + REFRESH_S)
                self._tell(State.LIVE, again=True)

    def _faults(self) -> tuple[PictureFault | None, RecordFault | None]:
        return self.gauge.picture, self._ways.recording(self.order.camera_id)

    def _hear(self, said: Said) -> None:
        if isinstance(said, EventChange):
            self._ways.tell(said)
        elif isinstance(said, Opened):
            self._opened.set()
            self._tell(State.WAITING_KEYFRAME)
        else:
            again = self._picture is not None
            self._picture = said
            if self._live_from is None:
                self._live_from = self._ways.monotonic()
            self._tell(State.LIVE, again=again)

    def _failed(self, error: Exception) -> float | None:
        live_s = 0.0 if self._live_from is None else self._ways.monotonic() - self._live_from
        policy, wait = self.backoff.after(error, live_s)
        if isinstance(error, HubError):
            detail = error.hint
            _log.info(
                "camera_failed", camera=self.order.name, code=error.code, error=detail, retry_s=wait and round(wait)
            )
        else:
            detail = f"{type(error).__name__}; see the hub's log"
            _log.error("camera_broke", camera=self.order.name, exc_info=error)
        self._tell(State.STOPPED if wait is None else State.BACKING_OFF, policy.reason, detail)
        return wait

    def _tell(self, state: State, reason: Reason | None = None, detail: str = "", *, again: bool = False) -> None:
        now = self._ways.wall()
        if self._told == (state, reason, detail) and not again:
            return
        if self._told is None or self._told[:2] != (state, reason):
            self._since = now
        self._told = state, reason, detail
        fault, self._recording = self._faults() if state is State.LIVE else (None, None)
        if fault is not self._fault:
            self._fault, self._fault_since = fault, now
        self.state = state
        shown = self._picture
        self._ways.tell(
            StatusChange(
                camera_id=self.order.camera_id,
                state=state,
                reason=reason,
                detail=detail,
                since=self._since,
                codec=shown.codec if shown else None,
                width=shown.width if shown else None,
                height=shown.height if shown else None,
                fps=self.gauge.fps,
                last_frame_at=self.gauge.seen_at,
                picture=fault,
                picture_since=self._fault_since,
                recording=self._recording,
            )
        )


async def _cancelled(task: asyncio.Future[Any]) -> None:
    """Cancel a task and wait until it is over, whatever its end."""
    task.cancel()
    await all_over([task])
    with contextlib.suppress(asyncio.CancelledError):
        task.exception()


async def all_over(tasks: Collection[asyncio.Future[Any]]) -> None:
    """Wait until tasks are over, whatever their end; a cancellation meanwhile counts when they are.

    Who waits for an old pull to let go of its camera may be cancelled for a still newer one, which waits for him alone.
    """
    if not tasks:
        return
    waiting = asyncio.ensure_future(asyncio.wait(tasks))
    try:
        await asyncio.shield(waiting)
    except asyncio.CancelledError:
        await waiting
        raise
