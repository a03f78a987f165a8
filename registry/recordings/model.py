"""What a recording is made of, and what a recorder is told and tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from registry.model import Kind, Stream


class RecordMode(StrEnum):
    """When a camera is recorded."""

    CONTINUOUS = "continuous"
    ON_EVENT = "on_event"
    NONE = "none"


class RecordStream(StrEnum):
    """Which of its streams."""

    SUB = "sub"
    MAIN = "main"
    BOTH = "both"


class Why(StrEnum):
    """Why a segment was recorded."""

    CONTINUOUS = "continuous"
    EVENT = "event"


class Damage(StrEnum):
    """What is wrong with a segment. What its file still holds stays playable."""

    CUT = "cut"
    """Its worker died while it wrote: the file ends with its last whole frame."""
    CORRUPT = "corrupt"
    """Its bytes are not those that were written."""
    MISSING = "missing"


class GapCause(StrEnum):
    """Why what should have been recorded was not: the camera's reason, its recording's fault, or the hub's own."""

    UNREACHABLE = "unreachable"
    REJECTED = "rejected"
    UNSUPPORTED = "unsupported"
    STALLED = "stalled"
    WORKER_DOWN = "worker_down"
    ERROR = "error"
    STARTING = "starting"
    """It was on its way up: connecting, or waiting for a keyframe."""
    DISK_FULL = "disk_full"
    DISK_SLOW = "disk_slow"
    DISK_ERROR = "disk_error"
    CODEC = "codec"
    HUB_DOWN = "hub_down"
    CLOCK_SET = "clock_set"
    """The hub's clock was set ahead: that time never was."""
    LOST = "lost"
    """Nothing explains it: packets came, and there is no file."""


@dataclass(frozen=True, slots=True)
class RecordPolicy:
    """What the settings say of recording, by kind of camera; what is said of one camera goes before it."""

    mode: Mapping[Kind, RecordMode]
    stream: Mapping[Kind, RecordStream]
    days: Mapping[Kind, int]
    pre_s: float
    post_s: float
    segment_s: float


@dataclass(frozen=True, slots=True)
class RecordOrder:
    """How a worker records one camera now. `streams` is empty where nothing is, or may be, recorded.

    On event, what lies `pre_s` before to `post_s` after each event is kept. Seconds throughout.
    """

    mode: RecordMode = RecordMode.NONE
    streams: frozenset[Stream] = field(default_factory=frozenset)
    pre_s: float = 0.0
    post_s: float = 0.0
    segment_s: float = 60.0


@dataclass(frozen=True, slots=True)
class SegmentChange:
    """A segment as its worker reports it: when its file was begun (`ended_at` and `digest` are None), and when it ends.

    `started_at` is the hub's wall clock at its first frame; with camera and stream it names the segment and its file.
    `digest` is the BLAKE2b-256 of the file's bytes, as hex.
    """

    camera_id: UUID
    stream: Stream
    started_at: datetime
    ended_at: datetime | None
    node: str
    why: Why
    codec: str
    width: int
    height: int
    masked: bool
    frames: int
    bytes: int
    digest: str | None
    clock_offset_ms: int | None
