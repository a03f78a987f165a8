"""How a hub is, in machine-readable words: what `Hub.health` answers and the page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from camera_hub.faults import Fault
from camera_hub.watch.supervisor import WorkerHealth


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
