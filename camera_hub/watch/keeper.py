"""The keeper: the only writer of events. Receives from the channel, commits in groups, then acknowledges.

A group is whatever arrived while the commit before it ran, at most `GROUP` messages: under load commits are shared,
without load an event waits for nobody. What cannot be read or stored is counted, logged and acknowledged away, so that
one bad message never blocks the rest; a database that is away is waited for, and nothing is acknowledged meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import stamina

from camera_hub.faults import Faults
from camera_hub.feed import Feed
from camera_hub.media import Media
from camera_hub.observe import Metrics, log
from camera_hub.watch import messages
from camera_hub.watch.channel import Delivery, Inlet
from registry import cameras, events, recordings
from registry.errors import HubError, Unavailable
from registry.model import Event, EventChange, StatusChange, StillChange
from registry.recordings.model import SegmentChange
from registry.store import Store

GROUP = 500
CHANNEL_PAUSE_S = 1.0

_log = log("keeper")
_T = TypeVar("_T", EventChange, StatusChange, SegmentChange, StillChange)


@dataclass(slots=True)
class Counts:
    """What the keeper did since it started."""

    received: int = 0
    stored: int = 0
    refused: int = 0
    poison: int = 0


@dataclass(slots=True)
class _Kept:
    """What a group's commit leaves to do."""

    publish: list[Event] = field(default_factory=list)
    discard: list[str] = field(default_factory=list)


class Keeper:
    """Moves messages from an inlet into the registry. `node` names the machine whose files it may delete."""

    def __init__(
        self,
        store: Store,
        media: Media,
        inlet: Inlet,
        feed: Feed[Event],
        *,
        metrics: Metrics,
        faults: Faults,
        node: str,
    ) -> None:
        self.counts = Counts()
        self.drained = asyncio.Event()
        """Set once the channel had nothing left to deliver."""
        self._store = store
        self._media = media
        self._inlet = inlet
        self._feed = feed
        self._metrics = metrics
        self._faults = faults
        self._node = node
        self._busy = False

    async def run(self) -> None:
        """Keep until cancelled."""
        while True:
            try:
                deliveries = await self._inlet.receive(GROUP)
            except Unavailable as err:
                self._faults.set("channel_away", hint=err.hint)
                await asyncio.sleep(CHANNEL_PAUSE_S)
                continue
            self._faults.clear("channel_away")
            if deliveries:
                self._busy = True
                await self._keep(deliveries)
                self._busy = False
            else:
                self.drained.set()

    async def settle(self, at_most_s: float = 5.0) -> None:
        """Wait until what was received is stored: the workers have stopped, and these were their last words."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(at_most_s):
                while self._busy or self._inlet.waiting:  # noqa: ASYNC110 - the inlet has no event for "empty"
                    await asyncio.sleep(0.02)

    async def _keep(self, deliveries: Sequence[Delivery]) -> None:
        self.counts.received += len(deliveries)
        self._metrics.received.inc(len(deliveries))
        changes: list[EventChange] = []
        states: list[StatusChange] = []
        segments: list[SegmentChange] = []
        stills: list[StillChange] = []
        for delivery in deliveries:
            try:
                message = messages.decode(delivery.data)
            except HubError as err:
                self._poison(err, delivery.data[:200].decode(errors="replace"))
                continue
            match message:
                case EventChange():
                    changes.append(message)
                case StatusChange():
                    states.append(message)
                case SegmentChange():
                    segments.append(message)
                case StillChange():
                    stills.append(message)
        kept = _Kept()
        with self._metrics.commit.time():
            await self._store_all(changes, lambda group: self._record_events(group, kept))
            await self._store_all(states, lambda group: cameras.record_status(self._store, group))
            await self._store_all(stills, lambda group: self._record_stills(group, kept))
            await self._store_all(segments, lambda group: recordings.record(self._store, group))
        try:
            await self._inlet.acknowledge(deliveries)
        except Unavailable as err:
            _log.warning("acknowledge_failed", error=err.hint)  # they come again, and change nothing
        self._feed.publish(kept.publish)
        if kept.discard:
            self._metrics.files_deleted.inc(await asyncio.to_thread(self._media.delete, kept.discard))

    async def _store_all(self, group: list[_T], store: Callable[[list[_T]], Awaitable[None]]) -> None:
        """Store a group; when it fails, each message by itself, so that only the bad ones are left out."""
        if not group:
            return
        try:
            await self._patiently(lambda: store(group))
        except Exception as err:  # noqa: BLE001 - whatever one message breaks must not stop the others
            if len(group) == 1:
                self._poison(err, repr(group[0])[:500])
                return
            for message in group:
                await self._store_all([message], store)

    async def _patiently(self, attempt: Callable[[], Awaitable[None]]) -> None:
        """Try for as long as the database is away."""
        async for trial in stamina.retry_context(
            on=Unavailable, attempts=None, timeout=None, wait_initial=0.1, wait_max=2.0
        ):
            with trial:
                try:
                    await attempt()
                except Unavailable as err:
                    self._faults.set("database_away", hint=err.hint)
                    raise
        self._faults.clear("database_away")

    async def _record_events(self, group: list[EventChange], kept: _Kept) -> None:
        refused = 0
        for change, record in zip(group, await events.record(self._store, group), strict=True):
            if record.event is not None:
                kept.publish.append(record.event)
            if record.refused is not None:
                refused += 1
                _log.info("event_refused", event_id=str(record.id), reason=record.refused)
            if record.refused == "forbidden":
                self._faults.set("event_forbidden", change.model, label=change.label, model=change.model)
            kept.discard += [key for node, key in record.discard if node == self._node]
        self.counts.refused += refused
        self.counts.stored += len(group) - refused
        self._metrics.refused.inc(refused)
        self._metrics.stored.inc(len(group) - refused)

    async def _record_stills(self, group: list[StillChange], kept: _Kept) -> None:
        told, discard = await events.record_stills(self._store, group)
        kept.publish += told
        kept.discard += [key for node, key in discard if node == self._node]

    def _poison(self, err: Exception, message: str) -> None:
        self.counts.poison += 1
        self._metrics.poison.inc()
        self._faults.set("poison_message", count=self.counts.poison)
        _log.error("poison_message", error=f"{type(err).__name__}: {err}", message=message)
