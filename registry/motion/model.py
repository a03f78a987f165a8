"""Stretches of a camera's time that the motion index does not cover, each with its reason."""

from __future__ import annotations

from enum import StrEnum

Stretch = tuple[int, int]
"""Seconds since 1970, from and up to but not including."""


class Unwatched(StrEnum):
    """Why nothing is told of a stretch. In it things may have moved."""

    BEYOND = "beyond"
    """The purpose does not reach there."""
    NO_CONSENT = "no_consent"
    """The owner has not agreed to events of that time, or had not then."""
    MASKED = "masked"
    """It is from before a mask was drawn over part of the picture."""
    TO_COME = "to_come"
    GAP = "gap"
    """The stream stood still for a while."""
    FLASH = "flash"
    """The whole picture changed at once, so that nothing can be told of what moved."""
    LOST = "lost"
    """It was watched, and the disk did not take it."""
    DAMAGED = "damaged"
    """The day's file is not what was written."""
    GONE = "gone"
    """It is older than the index is kept."""
    HUB_DOWN = "hub_down"
    STARTING = "starting"
    """The camera was on its way up."""
    UNREACHABLE = "unreachable"
    REJECTED = "rejected"
    UNSUPPORTED = "unsupported"
    STALLED = "stalled"
    OUTSIDE_HOURS = "outside_hours"
    DISABLED = "disabled"
    PLACEMENT = "placement_incomplete"
    MASKS_MISSING = "masks_missing"
    NO_VIDEO = "no_video"
    WORKER_DOWN = "worker_down"
    ERROR = "error"
    BLACK = "black"
    COVERED = "covered"
    FROZEN = "frozen"
    """The picture showed nothing."""
    NOT_ANALYSED = "not_analysed"
    """Nobody watched, and nothing says why."""


Why = tuple[Stretch, Unwatched]
"""A stretch, and why nothing is told of it."""
