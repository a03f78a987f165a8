"""Where a camera's pull stands, and why it is not live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class State(StrEnum):
    """Where a camera's pull stands; a reason goes with every state but `live`."""

    IDLE = "idle"
    CONNECTING = "connecting"
    WAITING_KEYFRAME = "waiting_keyframe"
    LIVE = "live"
    STALLED = "stalled"
    BACKING_OFF = "backing_off"
    STOPPED = "stopped"


class Reason(StrEnum):
    """Why a camera is not live, machine-readable."""

    UNREACHABLE = "unreachable"
    REJECTED = "rejected"
    UNSUPPORTED = "unsupported"
    STALLED = "stalled"
    NO_CONSENT = "no_consent"
    OUTSIDE_HOURS = "outside_hours"
    PLACEMENT = "placement_incomplete"
    """What the policy asks of the place is not there yet: `registry.placement` says what is missing."""
    MASKS_MISSING = "masks_missing"
    DISABLED = "disabled"
    NO_VIDEO = "no_video"
    WORKER_DOWN = "worker_down"
    ERROR = "error"


NOT_DUE = (
    Reason.DISABLED,
    Reason.PLACEMENT,
    Reason.NO_CONSENT,
    Reason.OUTSIDE_HOURS,
    Reason.MASKS_MISSING,
    Reason.NO_VIDEO,
)
"""Reasons for which a camera is meant to be off: such time counts neither for nor against it."""


class PictureFault(StrEnum):
    """What is wrong with the picture of a camera that is live."""

    BLACK = "black"
    COVERED = "covered"
    FROZEN = "frozen"


class RecordFault(StrEnum):
    """Why a camera that should be recorded is not, although its packets come."""

    DISK_FULL = "disk_full"
    DISK_SLOW = "disk_slow"
    DISK_ERROR = "disk_error"
    CODEC = "codec"


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """A camera's state with its reason, as last reported by its worker."""

    state: State
    reason: Reason | None
    detail: str
    since: datetime
    codec: str | None
    width: int | None
    height: int | None
    fps: float | None
    last_frame_at: datetime | None
    picture: PictureFault | None
    picture_since: datetime | None
    recording: RecordFault | None


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A camera's state as its worker reports it.

    `picture` is what is wrong with what it shows, `picture_since` when that, or that nothing is, was found;
    `recording` why what should be recorded of it is not, although its packets come.
    """

    camera_id: UUID
    state: State
    reason: Reason | None
    detail: str
    since: datetime
    codec: str | None
    width: int | None
    height: int | None
    fps: float | None
    last_frame_at: datetime | None
    picture: PictureFault | None = None
    picture_since: datetime | None = None
    recording: RecordFault | None = None
