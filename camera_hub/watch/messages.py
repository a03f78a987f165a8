"""What a worker tells the hub, and how it is written on the wire (JSON).

Events and states travel over the event channel and are acknowledged after their commit. Heartbeats (`WorkerStats`)
travel over the worker's standard output, so that a channel that is away never makes a healthy worker look dead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from registry.errors import Invalid
from registry.model import EventChange, StatusChange, StillChange
from registry.recordings.model import SegmentChange

Message = EventChange | StatusChange | SegmentChange | StillChange

MAX_BYTES = 256 * 1024
"""A longer message is a fault of the program; it is refused where it is made."""


class _EventEnvelope(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["event"] = "event"
    body: EventChange


class _StatusEnvelope(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["status"] = "status"
    body: StatusChange


class _SegmentEnvelope(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["segment"] = "segment"
    body: SegmentChange


class _StillEnvelope(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: Literal["still"] = "still"
    body: StillChange


_AnyEnvelope = _EventEnvelope | _StatusEnvelope | _SegmentEnvelope | _StillEnvelope
_ENVELOPE: TypeAdapter[_AnyEnvelope] = TypeAdapter(Annotated[_AnyEnvelope, Field(discriminator="kind")])


@dataclass(frozen=True, slots=True)
class WorkerStats:
    """A worker's heartbeat. Counters run since its start; `uptime_s`, `cpu_s` in seconds.

    `recording` is the number of segments being written, `record_dropped` that of frames the disk did not take.
    """

    slot: int
    pid: int
    uptime_s: float
    cameras: int
    live: int
    frames: int
    detector_calls: int
    detector_dropped: int
    cpu_s: float
    memory_bytes: int
    outbox: int
    outbox_lost: int
    channel_ok: bool
    database_ok: bool
    media_ok: bool
    recording: int = 0
    recorded_frames: int = 0
    recorded_bytes: int = 0
    record_dropped: int = 0


_STATS: TypeAdapter[WorkerStats] = TypeAdapter(WorkerStats)


def encode(message: Message) -> bytes:
    """Write a message. Raises Invalid when it is longer than MAX_BYTES."""
    data = _in_envelope(message).model_dump_json().encode()
    if len(data) > MAX_BYTES:
        raise Invalid(f"message of {len(data)} bytes; at most {MAX_BYTES}", code="message_too_long")
    return data


def _in_envelope(message: Message) -> _AnyEnvelope:
    match message:
        case EventChange():
            return _EventEnvelope(body=message)
        case StatusChange():
            return _StatusEnvelope(body=message)
        case SegmentChange():
            return _SegmentEnvelope(body=message)
        case StillChange():
            return _StillEnvelope(body=message)


def decode(data: bytes) -> Message:
    """Read a message. Raises Invalid when it is not one."""
    try:
        return _ENVELOPE.validate_json(data).body
    except ValidationError as err:
        wrong = err.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(map(str, wrong["loc"]))
        raise Invalid(f"not a message: {where}: {wrong['msg']}", code="message") from None


def encode_stats(stats: WorkerStats) -> bytes:
    """Write a heartbeat as one line."""
    return _STATS.dump_json(stats) + b"\n"


def decode_stats(line: bytes) -> WorkerStats:
    """Read a heartbeat line. Raises Invalid when it is not one."""
    try:
        return _STATS.validate_json(line)
    except ValidationError:
        raise Invalid("not a heartbeat", code="message") from None
