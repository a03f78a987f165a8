"""How a hub is, in machine-readable words: what `Hub.health` answers and the page shows."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from camera_hub.faults import Fault, Faults
from camera_hub.observe import Metrics
from camera_hub.stream.measure import CLOCK_OFF_MS
from camera_hub.watch.supervisor import WorkerHealth
from registry import devices
from registry.errors import HubError
from registry.model import State
from registry.status import count_states
from registry.store import Store


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk that keeps the pictures."""

    free_bytes: int
    min_free_bytes: int
    used_bytes: int
    quota_bytes: int


@dataclass(frozen=True, slots=True)
class RecordingsHealth:
    """The recordings kept here, as of the last minute: bytes kept, held for cases, and allowed."""

    used_bytes: int
    held_bytes: int
    quota_bytes: int


@dataclass(frozen=True, slots=True)
class DatabaseHealth:
    """Whether the registry answers, and how fast."""

    kind: Literal["sqlite", "postgresql"]
    ok: bool
    latency_ms: float | None


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """Whether the event channel stands, and what waits in it."""

    kind: Literal["unix", "redis", "none"]
    ok: bool
    waiting: int


@dataclass(frozen=True, slots=True)
class EventCounts:
    """What the keeper did since the hub started."""

    received: int
    stored: int
    refused: int
    poison: int


@dataclass(frozen=True, slots=True)
class Health:
    """How the hub is, in machine-readable words."""

    status: Literal["ok", "degraded"]
    started_at: datetime
    version: str
    cameras: dict[str, int]
    reasons: dict[str, int]
    workers: tuple[WorkerHealth, ...]
    disk: Disk
    recordings: RecordingsHealth
    database: DatabaseHealth
    channel: ChannelHealth
    events: EventCounts
    faults: tuple[Fault, ...]


async def ask_registry(
    store: Store, kind: Literal["sqlite", "postgresql"], faults: Faults
) -> tuple[DatabaseHealth, dict[str, int], dict[str, int]]:
    """How the database is, and how many cameras are in which state and for which reason; its faults are shown."""
    began = time.monotonic()
    states: dict[str, int] = {}
    reasons: dict[str, int] = {}
    try:
        await store.revision()
        latency = round((time.monotonic() - began) * 1000, 2)
        for (state, reason), count in (await count_states(store)).items():
            states[state.value] = states.get(state.value, 0) + count
            if reason is not None and state is not State.LIVE:
                reasons[reason.value] = reasons.get(reason.value, 0) + count
        off = await devices.list_off_clock(store, CLOCK_OFF_MS)
    except HubError as err:
        faults.set("database_away", hint=err.hint)
        return DatabaseHealth(kind, ok=False, latency_ms=None), states, reasons
    faults.clear("database_away")
    faults.hold("camera_clock", {d.name: {"camera": d.name, "offset_ms": d.clock_offset_ms or 0} for d in off})
    return DatabaseHealth(kind, ok=True, latency_ms=latency), states, reasons


def measure(metrics: Metrics, states: dict[str, int], disk: Disk, faults: tuple[Fault, ...]) -> None:
    """Put into the metrics what changes between two questions."""
    for state in State:
        metrics.cameras.labels(state.value).set(states.get(state.value, 0))
    metrics.disk_free.set(disk.free_bytes)
    metrics.media_used.set(disk.used_bytes)
    metrics.faults.clear()
    for fault in faults:
        metrics.faults.labels(fault.code).inc()
