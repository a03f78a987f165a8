"""A worker's share of the cameras, and everything that watches, records and shows them.

It asks the registry every second whether what it should do has changed, applies the difference, and tells the hub over
the event channel.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import resource
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from camera_hub import detector, observe
from camera_hub.live.endpoint import Endpoint
from camera_hub.live.tap import Tap
from camera_hub.media import Media
from camera_hub.recall.motion.log import Log
from camera_hub.recall.motion.shelf import Shelf
from camera_hub.recall.stills.taking import StillWriter
from camera_hub.recording.crew import Crew
from camera_hub.recording.disk import Disk
from camera_hub.recording.writer import Writer
from camera_hub.settings import Settings
from camera_hub.watch import messages
from camera_hub.watch.camera import Gate, Ways
from camera_hub.watch.channel import ChannelState, deliver
from camera_hub.watch.inference import Inference
from camera_hub.watch.job import NODE, Job
from camera_hub.watch.knock import knock
from camera_hub.watch.main_stream import MainStreams, draw
from camera_hub.watch.messages import Message, WorkerStats
from camera_hub.watch.outbox import Outbox
from camera_hub.watch.pull import Gauge, Parts, Said
from camera_hub.watch.stills import Stills, Tools
from camera_hub.watch.thread import in_thread
from camera_hub.watch.watches import Watches
from registry import cameras
from registry.errors import Invalid, Unavailable
from registry.model import EventChange, State, StatusChange, Stream
from registry.orders import WatchOrder
from registry.recordings.model import RecordMode, SegmentChange
from registry.store import Store
from registry.vault import Vault, load_key

LOOK_S = 1.0
"""How often the registry's revision is asked for."""
HEARTBEAT_S = 2.0
STAGGER_S = 3.0
"""Cameras of one worker start spread over at most this long."""
LAST_WORDS_S = 1.5
"""How long a worker that ends waits for its cameras to close their events."""

_log = observe.log("worker")


class Share:
    """Everything one worker process holds. `heartbeat` is the descriptor that heartbeats are written to."""

    def __init__(self, job: Job, settings: Settings, heartbeat: int) -> None:
        self._job = job
        self._settings = settings
        self._heartbeat = heartbeat
        self._began = time.monotonic()
        self._loop = asyncio.get_running_loop()
        self._media = Media(settings.data_dir, round(settings.min_free_gb * 1e9), round(settings.media_quota_gb * 1e9))
        self._outbox = Outbox(settings.data_dir / "outbox", job.slot, job.slots)
        self._channel = ChannelState()
        self._database_ok = False
        self._orders: dict[UUID, WatchOrder] = {}
        self._live = Endpoint(self._wanted)
        self._inference = Inference(detector.load(settings), settings.detector_rate)
        self._small = self._still_writer(settings)
        disk = Disk(settings.data_dir, self._media.min_free_bytes)
        self._index = Log(Shelf(settings.data_dir, settings.tz), disk.has_room)
        parts = Parts(
            inference=self._inference,
            media=self._media,
            node=NODE,
            analysis_fps=settings.analysis_fps,
            tz=settings.tz,
            allow_file=settings.allow_file_sources,
            allow_loopback=settings.allow_loopback,
            stills=self._small,
            index=self._index.offer,
        )

        async def pull(order: WatchOrder, gauge: Gauge, hear: Callable[[Said], None]) -> None:
            try:
                await in_thread(order, parts, gauge, hear, self._live.tap(order.camera_id, order.stream))
            finally:
                self._crew.quiet(order.camera_id)

        async def draw_main(order: WatchOrder, gauge: Gauge, hear: Callable[[Said], None]) -> None:
            await in_thread(order, parts, gauge, hear, self._live.tap(order.camera_id, "main"), work=draw)

        async def ask(url: str) -> None:
            await knock(url, allow_loopback=settings.allow_loopback)

        self._writer = Writer(disk, NODE, self._segment_changed)
        self._crew = Crew(self._writer, self._live.tap)
        gate = Gate()
        self._watches = Watches(Ways(knock=ask, pull=pull, tell=self._tell, recording=self._crew.fault), gate)
        self._mains = MainStreams(Ways(knock=ask, pull=draw_main, tell=self._tell_main), gate, self._live)
        self._stills = Stills(Tools(main=self._main_tap, media=self._media, node=NODE, tell=self._send))

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`; then let the cameras close their events and keep what is unsent on disk."""
        self._writer.start()
        if self._small is not None:
            self._small.start()
        self._index.start()
        tasks = [
            asyncio.create_task(deliver(self._outbox, self._job.outlet(self._settings), state=self._channel)),
            asyncio.create_task(self._follow_orders()),
            asyncio.create_task(self._beat()),
            asyncio.create_task(self._live.listen(Path(self._job.live))),
        ]
        ended = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait([ended, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in done - {ended}:
                task.result()  # raises what broke it; a heartbeat nobody hears just ends
        finally:
            closing = self._watches.end() | self._mains.end() | self._stills.end()
            if closing:
                await asyncio.wait(closing, timeout=LAST_WORDS_S)
            await asyncio.to_thread(self._writer.end, LAST_WORDS_S)
            if self._small is not None:
                await asyncio.to_thread(self._small.end, LAST_WORDS_S)
            await asyncio.to_thread(self._index.end, LAST_WORDS_S)
            for task in (ended, *tasks):
                task.cancel()
            # The loop's own end would cancel them a second time, in the middle of letting the database go.
            await asyncio.wait((ended, *tasks), timeout=LAST_WORDS_S)
            self._outbox.spill()

    async def _follow_orders(self) -> None:
        """Compare what should be watched with what is, every second; keep on while the database is away."""
        store: Store | None = None
        vault = Vault(load_key(_secret(self._settings), self._settings.data_dir))
        seen: tuple[int, int] | None = None
        try:
            while True:
                try:
                    if store is None:
                        store = await Store.open(self._settings.database, tz=self._settings.tz, law=self._settings.law)
                    # Consent and hours change what an order says without any write: look anew each minute.
                    now = await store.revision(), int(time.time() // 60)
                    if now != seen:
                        self._apply(
                            await cameras.orders(
                                store,
                                vault,
                                self._job.slot,
                                self._job.slots,
                                policy=self._settings.record_policy,
                                now=_now(),
                            )
                        )
                        seen = now
                    if not self._database_ok:
                        _log.info("database_reached")
                    self._database_ok = True
                except Unavailable as err:
                    if self._database_ok or seen is None:
                        _log.warning("database_away", error=err.hint)
                    self._database_ok = False
                await asyncio.sleep(LOOK_S)
        finally:
            if store is not None:
                await store.close()

    def _apply(self, orders: list[WatchOrder]) -> None:
        wanted = {order.camera_id: order for order in orders}
        for camera_id in set(self._orders) - set(wanted):
            self._watches.stop(camera_id)
            self._mains.stop(camera_id)
            self._crew.forget(camera_id)
            self._live.forget(camera_id)
        starting = [o for o in orders if o.halt is None and self._orders.get(o.camera_id) != o]
        spread = min(STAGGER_S, len(starting) * 0.01)
        known, self._orders = self._orders, wanted
        for order in orders:
            before = known.get(order.camera_id)
            if before == order:
                continue
            self._crew.follow(order)
            if before is not None and replace(before, record=order.record) == order:
                continue
            old = self._watches.of(order.camera_id)
            ended = self._watches.stop(order.camera_id)
            main_ended = self._mains.follow(order, ended)
            if order.halt is None:
                after = {task for task in (ended, main_ended) if task is not None}
                delay_s = random.uniform(0, spread)  # noqa: S311 - spreads load, hides nothing
                self._watches.start(order, after=after, delay_s=delay_s, before=old)
            else:
                self._watches.halt(order, order.halt)

    def _tell(self, message: EventChange | StatusChange) -> None:
        if isinstance(message, EventChange):
            self._crew.happened(message)
            if message.revision == 1:
                self._stills.opened(message)
        else:
            order = self._orders.get(message.camera_id)
            if order is not None:  # last words of a pull whose camera is no more this worker's
                self._live.stand(message.camera_id, order.stream, message.state, message.reason)
        self._send(message)

    def _segment_changed(self, change: SegmentChange) -> None:
        """In a thread of the recorder."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: the process is ending
            self._loop.call_soon_threadsafe(self._send, change)

    def _send(self, message: Message) -> None:
        try:
            self._outbox.put(messages.encode(message))
        except Invalid as err:
            _log.error("message_refused", error=err.hint)

    def _tell_main(self, message: EventChange | StatusChange) -> None:
        if isinstance(message, StatusChange):
            self._live.stand(message.camera_id, "main", message.state, message.reason)

    def _still_writer(self, settings: Settings) -> StillWriter | None:
        minutes = settings.recording.still_minutes
        if minutes == 0:
            return None
        return StillWriter(settings.data_dir, minutes * 60, self._media.min_free_bytes, self._recorded)

    def _recorded(self, camera_id: UUID) -> bool:
        """Whether a camera may be recorded now. Any thread may ask."""
        order = self._orders.get(camera_id)
        return order is not None and order.halt is None and order.record.mode is not RecordMode.NONE

    def _main_tap(self, camera_id: UUID) -> Tap | None:
        order = self._orders.get(camera_id)
        there = order is not None and order.main_url is not None and order.halt is None
        return self._live.tap(camera_id, "main") if there else None

    def _wanted(self, camera_id: UUID, stream: Stream) -> None:
        if stream == "main":
            self._mains.wanted(camera_id)

    async def _beat(self) -> None:
        while True:
            used = resource.getrusage(resource.RUSAGE_SELF)
            watches = self._watches.now
            recorded = self._crew.counts
            stats = WorkerStats(
                slot=self._job.slot,
                pid=os.getpid(),
                uptime_s=round(time.monotonic() - self._began, 3),
                cameras=len(self._orders),
                live=sum(w.state is State.LIVE for w in watches),
                frames=self._watches.frames,
                detector_calls=self._inference.counts.calls,
                detector_dropped=self._inference.counts.dropped,
                cpu_s=used.ru_utime + used.ru_stime,
                memory_bytes=_resident_bytes(),
                outbox=len(self._outbox),
                outbox_lost=self._outbox.lost,
                channel_ok=self._channel.connected,
                database_ok=self._database_ok,
                media_ok=all(w.gauge.media_ok for w in watches),
                recording=recorded.open,
                recorded_frames=recorded.frames,
                recorded_bytes=recorded.bytes,
                record_dropped=recorded.dropped,
            )
            try:
                os.write(self._heartbeat, messages.encode_stats(stats))
            except BlockingIOError:
                pass  # the hub is stopped for the moment; a later heartbeat tells as much
            except BrokenPipeError:
                return  # the hub is gone, and so are we
            await asyncio.sleep(HEARTBEAT_S)


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


def _now() -> datetime:
    return datetime.now(UTC)


def _secret(settings: Settings) -> str | None:
    return settings.key.get_secret_value() if settings.key else None
