"""The main streams of a worker's cameras, where the sub-stream is the one that is analysed.

A main stream is pulled while somebody draws from its tap (a viewer, a recorder, a still), and `LINGER_S` longer, so
that a wall that turns does not sign in at the camera anew each time. Its life is a camera's: the same knock, the same
waits after a failure, the same states, told to those who draw. Packets are handed on as they come; only a keyframe is
decoded, and only for who asks for pictures. A masked camera's order names no main stream.

`draw` runs in a thread of its own under the contract of `camera_hub.watch.pull`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from camera_hub.live.endpoint import Endpoint
from camera_hub.live.tap import Still, Tap
from camera_hub.media import encode_jpeg
from camera_hub.stream.decode import Decoder
from camera_hub.stream.packet import Packet, StreamParams
from camera_hub.stream.wall import WallTime
from camera_hub.watch.camera import CameraWatch, Gate, Ways, all_over
from camera_hub.watch.pull import Gauge, Opened, Parts, Picture, Said
from camera_hub.watch.retry import Backoff
from registry.model import State
from registry.orders import WatchOrder

LINGER_S = 6.0


def draw(
    order: WatchOrder, parts: Parts, stop: threading.Event, *, gauge: Gauge, post: Callable[[Said], None], tap: Tap
) -> None:
    """Hand the packets of `order.url` to the tap until `stop`, an error, or the end of a file."""
    source = parts.open(order)
    try:
        post(Opened())
        wall = WallTime(parts.wall, parts.monotonic)
        tick = float(source.params.time_base)
        tap.begin(source.params, masked=False, wall=wall)
        keyframe = _Keyframe(source.params, tap)
        live = False
        try:
            for packet in source.packets():
                if stop.is_set():
                    break
                gauge.received = packet.received
                wall.of(packet.pts * tick, packet.received)
                tap.packet(packet)
                if packet.keyframe and not live:
                    live = True
                    post(Picture(source.params.codec, source.params.width, source.params.height))
                keyframe.show(packet)
        finally:
            tap.end()
    finally:
        source.close()


class _Keyframe:
    """The newest keyframe, as a picture for who asks: each is decoded once, when it is first asked for."""

    def __init__(self, params: StreamParams, tap: Tap) -> None:
        self._params = params
        self._tap = tap
        self._latest: Packet | None = None

    def show(self, packet: Packet) -> None:
        if packet.keyframe:
            self._latest = packet
        if self._latest is None or not self._tap.wants_picture():
            return
        keyframe, self._latest = self._latest, None
        decoder = Decoder(self._params, keyframes_only=True, deblock=True)
        try:
            # A decoder gives the picture it was fed last only when told that nothing follows.
            for frame in (*decoder.decode(keyframe), *decoder.finish()):
                height, width = frame.luma.shape
                self._tap.picture(Still(encode_jpeg(frame.rgb()), width, height, keyframe.received))
        finally:
            decoder.close()


@dataclass(slots=True)
class _Running:
    order: WatchOrder
    wanted: asyncio.Event
    task: asyncio.Task[None]


class MainStreams:
    """Each camera's main stream, pulled while it is wanted. Used from the worker's loop.

    `ways.pull` is to draw from `order.url`; what `ways` tells is of the main stream.
    """

    def __init__(self, ways: Ways, gate: Gate, live: Endpoint) -> None:
        self._ways = ways
        self._gate = gate
        self._live = live
        self._running: dict[UUID, _Running] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def follow(self, order: WatchOrder, after: asyncio.Task[None] | None) -> asyncio.Task[None] | None:
        """Take up another order: its pull begins, when wanted, after `after`. Returns what ends because of it."""
        running = self._running.get(order.camera_id)
        allowed = order.main_url is not None and order.halt is None
        if running is not None and allowed and _same_door(running.order, order):
            running.order = order
            return None
        ended = self.stop(order.camera_id)
        if order.main_url is not None and order.halt is None:
            wanted = asyncio.Event()
            own = replace(order, url=order.main_url, stream="main")
            before = {task for task in (after, ended) if task is not None}
            task = asyncio.create_task(self._run(own, wanted, before))
            self._running[order.camera_id] = _Running(order, wanted, task)
        elif order.stream != "main":
            self._live.stand(order.camera_id, "main", State.IDLE, order.halt)
        return ended

    def stop(self, camera_id: UUID) -> asyncio.Task[None] | None:
        """Pull a camera's main stream no more; the task that is over when its thread is."""
        running = self._running.pop(camera_id, None)
        if running is None:
            return None
        running.task.cancel()
        self._ending.add(running.task)
        running.task.add_done_callback(self._ending.discard)
        return running.task

    def wanted(self, camera_id: UUID) -> None:
        """Somebody began or ceased to draw from a camera's main stream."""
        if (running := self._running.get(camera_id)) is not None:
            running.wanted.set()

    def end(self) -> set[asyncio.Task[None]]:
        """Stop all; the tasks to wait for."""
        for camera_id in tuple(self._running):
            self.stop(camera_id)
        return set(self._ending)

    async def _run(self, order: WatchOrder, turned: asyncio.Event, before: set[asyncio.Task[None]]) -> None:
        await all_over(before)  # one pull per stream: the old thread must have let go of the tap
        tap = self._live.tap(order.camera_id, "main")
        backoff = Backoff(self._ways.jitter)
        retry_at = 0.0
        while True:
            await _until(turned, lambda: tap.joined)
            watch = CameraWatch(order, self._ways, self._gate, backoff=backoff)
            pulling = asyncio.create_task(watch.run(max(0.0, retry_at - self._ways.monotonic())))
            try:
                await self._left(tap, turned)
            finally:
                pulling.cancel()
                await all_over([pulling])
            retry_at = watch.retry_at
            watch.halt(None)

    async def _left(self, tap: Tap, turned: asyncio.Event) -> None:
        """Until nobody has drawn for `LINGER_S`."""
        while True:
            await _until(turned, lambda: not tap.joined)
            try:
                async with asyncio.timeout(LINGER_S):
                    await _until(turned, lambda: tap.joined)
            except TimeoutError:
                return


async def _until(turned: asyncio.Event, holds: Callable[[], bool]) -> None:
    while not holds():
        turned.clear()
        await turned.wait()


def _same_door(one: WatchOrder, other: WatchOrder) -> bool:
    return (one.main_url, one.username, one.password) == (other.main_url, other.username, other.password)
