"""The hub process: everything a running hub holds, started in order and stopped in the opposite one.

One hub per data directory: a lock file says so, and the kernel lets it go whatever kills the process. A hub started
after a kill first waits until the old workers have let go too, so that no file is written behind the sweep's back.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from camera_hub.alerts.sender import Sender
from camera_hub.alerts.watch import Watch
from camera_hub.anchors import Anchors
from camera_hub.evidence.keeping import Keeping
from camera_hub.faults import Faults
from camera_hub.feed import Feed
from camera_hub.health import ChannelHealth, Disk, EventCounts, Health, RecordingsHealth, ask_registry, measure
from camera_hub.live.relay import Relay
from camera_hub.lock import locked, old_workers_gone
from camera_hub.media import Media
from camera_hub.observe import Metrics, log
from camera_hub.orphans import Orphans
from camera_hub.owed import Owed
from camera_hub.recall.left import counting
from camera_hub.recall.motion.answer import Index
from camera_hub.recall.motion.keeping import Keeping as MotionKeeping
from camera_hub.recall.motion.passing import Passing
from camera_hub.recall.motion.shelf import Shelf as MotionShelf
from camera_hub.recall.stills.dayfile import Album
from camera_hub.recall.stills.retention import StillRetention
from camera_hub.recording.reconciler import Reconciler
from camera_hub.recording.retention import RecordingRetention
from camera_hub.recording.shelf import Shelf
from camera_hub.recording.sweep import Sweep
from camera_hub.retention import Retention
from camera_hub.screens import Screens
from camera_hub.settings import Settings
from camera_hub.stream import reach
from camera_hub.unixsocket import runtime_dir
from camera_hub.uploads import Intake, Quarantine
from camera_hub.viewings import Viewings
from camera_hub.watch.channel import Inlet
from camera_hub.watch.channel_redis import RedisInlet
from camera_hub.watch.channel_unix import UnixInlet
from camera_hub.watch.job import NODE, prefix
from camera_hub.watch.keeper import Keeper
from camera_hub.watch.supervisor import Supervisor
from registry import keys, reached, runs, unmaskings, viewings
from registry.alerts import Alert
from registry.errors import Unavailable
from registry.evidence import keys as signing
from registry.incidents import Incident
from registry.model import Event
from registry.status import forget_states
from registry.store import Store
from registry.users import CONSOLE
from registry.vault import Vault, load_key

_log = log("hub")


class Hub:
    """A running hub. Made by `Hub.running`."""

    def __init__(self, settings: Settings, store: Store, vault: Vault) -> None:
        self.settings = settings
        self.store = store
        self.vault = vault
        self.media = Media(settings.data_dir, round(settings.min_free_gb * 1e9), round(settings.media_quota_gb * 1e9))
        self.feed: Feed[Event] = Feed()
        self.alerts: Feed[Alert] = Feed()
        self.incidents: Feed[Incident] = Feed()
        self.screens = Screens()
        self.viewings = Viewings(store)
        self.faults = Faults()
        self.sender = Sender(store, vault, settings, self.faults)
        self.metrics = Metrics()
        self.shelf = Shelf(settings.data_dir)
        self.recordings = RecordingRetention(
            store,
            self.shelf,
            settings.record_policy,
            round(settings.recording.quota_gb * 1e9),
            node=NODE,
            metrics=self.metrics,
            faults=self.faults,
        )
        """The recordings kept here, and the room they take."""
        self.album = Album(settings.data_dir)
        """The small pictures kept here."""
        self.evidence = Keeping(store, settings.data_dir, NODE, self.faults)
        self.motion = Index(store, MotionShelf(settings.data_dir, settings.tz), settings.index_days)
        self.files_of = counting(self.album, self.motion.shelf)
        """Counts what analysis keeps of a camera in files."""
        self.passing = Passing(store, self.motion.shelf, settings.index_days)
        self.node = NODE
        self.intake = Intake(
            store,
            Quarantine(settings.data_dir, round(settings.min_free_gb * 1e9)),
            node=NODE,
            most_bytes=round(settings.upload_max_gb * 1e9),
            faults=self.faults,
        )
        """What people send in for a case."""
        self.started_at = datetime.now(UTC)
        self.live: Relay | None = None
        """Live streams, while the hub watches."""
        self._inlet: Inlet | None = None
        self._keeper: Keeper | None = None
        self._supervisor: Supervisor | None = None

    @classmethod
    @asynccontextmanager
    async def running(cls, settings: Settings, *, watch: bool = True) -> AsyncIterator[Hub]:
        """A hub for as long as the context lasts; with `watch=False` nothing is pulled, kept or deleted.

        SQLite is brought to the program's schema here; PostgreSQL may serve several hubs, so there somebody decides
        (`camera-hub db upgrade`). Raises Conflict when another hub runs on the data directory, Corrupt when the schema
        is newer than the program, Unavailable when the database is away or must be upgraded.
        """
        async with AsyncExitStack() as stack:
            stack.enter_context(locked(settings.data_dir))
            reach.confine(settings.allowed_networks)
            store = await Store.open(
                settings.database,
                tz=settings.tz,
                law=settings.law,
                upgrade=settings.database.startswith("sqlite"),
            )
            stack.push_async_callback(store.close)
            await keys.settle(store, settings.data_dir)
            vault = Vault(load_key(settings.key.get_secret_value() if settings.key else None, settings.data_dir))
            hub = cls(settings, store, vault)
            if rolled := await reached.compare(store, settings.data_dir, CONSOLE):
                hub.faults.set("rolled_back", known=rolled.known, found=rolled.found)
            await hub._reached()
            stack.push_async_callback(hub._reached)
            if watch:
                await stack.enter_async_context(hub._watching())
            _log.info("hub_up", data_dir=str(settings.data_dir), watch=watch)
            yield hub
            _log.info("hub_stopping")

    @asynccontextmanager
    async def _watching(self) -> AsyncIterator[None]:
        """Channel, keeper, retention, workers; stopped workers first, so that their last words are still kept."""
        await old_workers_gone(self.settings.data_dir)
        await signing.ensure(self.store, self.vault, CONSOLE)  # its fingerprint is told before anything is signed
        run, seen_before = await runs.begin(self.store, self.node)
        await forget_states(self.store, seen_before)
        await unmaskings.put_back(self.store)  # before anything is pulled: their time may have run out meanwhile
        await viewings.close_left_open(self.store, self.node, CONSOLE)
        outbox = self.settings.data_dir / "outbox"
        orphans = await asyncio.to_thread(Orphans, self.store, self.media, outbox, self.node)
        began_at = self.store.clock()
        inlet, kind, address = await self._open_channel()
        live = Relay(runtime_dir(), self.settings.workers)
        keeper = Keeper(
            self.store,
            self.media,
            inlet,
            self.feed,
            metrics=self.metrics,
            faults=self.faults,
            node=self.node,
        )
        supervisor = Supervisor(
            self.settings,
            self.store,
            self.vault,
            channel=kind,
            address=address,
            live=live.folder,
            metrics=self.metrics,
            faults=self.faults,
        )
        retention = Retention(
            self.store,
            self.media,
            days=self.settings.event_days,
            node=self.node,
            clock=self.store.clock,
            metrics=self.metrics,
            faults=self.faults,
        )
        reconciler = Reconciler(
            self.store,
            self.shelf,
            self.settings.record_policy,
            node=self.node,
            metrics=self.metrics,
            faults=self.faults,
        )
        sweep = Sweep(
            self.store,
            self.shelf,
            self.settings.record_policy,
            node=self.node,
            metrics=self.metrics,
            faults=self.faults,
        )
        stills = StillRetention(
            self.store,
            self.album,
            self.settings.record_policy,
            round(self.settings.recording.stills_gb * 1e9),
            faults=self.faults,
        )
        motion = MotionKeeping(self.store, self.motion.shelf, self.settings.index_days, self.faults)
        anchors = Anchors(self.store, self.settings.anchors, self.faults, self.store.clock)
        self._inlet, self._keeper, self._supervisor, self.live = inlet, keeper, supervisor, live
        keeping = self._start("keeper", keeper.run)
        others = [
            self._start("retention", retention.run),
            self._start("recordings", lambda: self._after(keeper.drained, lambda: reconciler.run(began_at))),
            self._start("recording_sweep", lambda: self._after(keeper.drained, sweep.run)),
            self._start("recording_retention", self.recordings.run),
            self._start("still_retention", stills.run),
            self._start("motion", motion.run),
            self._start("anchors", anchors.run),
            self._start("evidence", self.evidence.run),
            self._start("alert_watch", Watch(self.store, self.feed, self.alerts, seen_before).run),
            self._start("alert_sender", self.sender.run),
            self._start("viewings", self.viewings.run),
            self._start("owed", Owed(self.store, self.faults).run),
            self._start("uploads", self.intake.run),
            self._start("sweep", lambda: self._after(keeper.drained, orphans.run)),
        ]
        working = self._start("supervisor", supervisor.run)
        beating = self._start("beat", lambda: self._beat(run))
        try:
            yield
        finally:
            await _stop(working)
            await keeper.settle()
            await _stop(keeping, beating, *others)
            with contextlib.suppress(Unavailable):
                await runs.beat(self.store, run)
            await inlet.close()
            await live.close()

    async def _open_channel(self) -> tuple[Inlet, Literal["unix", "redis"], str]:
        if self.settings.redis_url is not None:
            url = self.settings.redis_url.get_secret_value()
            return RedisInlet(url, prefix(self.settings), self.node), "redis", url
        inlet = await UnixInlet.listening()
        return inlet, "unix", str(inlet.path)

    async def _beat(self, run: int) -> None:
        """Say twice a minute that the hub runs: after a kill, cameras count as down from the last word on."""
        while True:
            await asyncio.sleep(runs.BEAT_S)
            with contextlib.suppress(Unavailable):  # the database is away: health says so, and the next beat covers it
                await runs.beat(self.store, run)
            await self._reached()

    async def _reached(self) -> None:
        """Keep outside the database how far its register got."""
        with contextlib.suppress(Unavailable, OSError):  # away, or no room: health says so, and the next beat covers it
            await reached.keep(self.store, self.settings.data_dir)

    async def _after(self, ready: asyncio.Event, work: Callable[[], Awaitable[None]]) -> None:
        """Do what must know all that the channel still held."""
        await ready.wait()
        await work()

    def _start(self, name: str, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Run a part of the hub; one that breaks is shown, and starts again."""

        async def root() -> None:
            while True:
                try:
                    await work()
                except Exception:  # noqa: BLE001 - a task's root: the hub goes on without hiding what broke
                    _log.exception("part_broke", part=name)
                    self.faults.set("part_broke", name, part=name)
                    await asyncio.sleep(5)
                else:
                    return

        return asyncio.create_task(root(), name=name)

    async def health(self) -> Health:
        """How everything is now. Never raises for a part that is away: that is what it tells."""
        kind: Literal["sqlite", "postgresql"] = (
            "sqlite" if self.settings.database.startswith("sqlite") else "postgresql"
        )
        database, states, reasons = await ask_registry(self.store, kind, self.faults)
        counts = self._keeper.counts if self._keeper else None
        faults = self.faults.now()
        room = self.recordings.room
        disk = Disk(
            free_bytes=self.media.free(),
            min_free_bytes=self.media.min_free_bytes,
            used_bytes=await asyncio.to_thread(self.media.used_bytes),
            quota_bytes=self.media.quota_bytes,
        )
        measure(self.metrics, states, disk, faults)
        away = any(fault.code == "channel_away" for fault in faults)
        return Health(
            status="degraded" if faults or not database.ok else "ok",
            started_at=self.started_at,
            version=_version(),
            cameras=states,
            reasons=reasons,
            workers=self._supervisor.health() if self._supervisor else (),
            disk=disk,
            recordings=RecordingsHealth(room.used, room.held, room.quota),
            database=database,
            channel=ChannelHealth(
                kind="none" if self._inlet is None else "redis" if self.settings.redis_url else "unix",
                ok=self._inlet is not None and not away,
                waiting=self._inlet.waiting if self._inlet else 0,
            ),
            events=EventCounts(counts.received, counts.stored, counts.refused, counts.poison)
            if counts
            else EventCounts(0, 0, 0, 0),
            faults=faults,
        )


async def _stop(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _version() -> str:
    try:
        return version("camera-hub")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "0"
