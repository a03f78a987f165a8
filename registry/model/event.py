"""Findings kept, and what was said of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from registry.model.camera import Kind
from registry.model.row import Internal
from registry.model.shape import Box


class EventKind(StrEnum):
    """Which sort of rule made the event."""

    ZONE_ENTERED = "zone_entered"
    LINE_CROSSED = "line_crossed"
    OBJECT = "object"
    UNKNOWN_MOVING = "unknown_moving"


class LabelGroup(StrEnum):
    """Groups of detector labels people search by; detectors.labels maps labels to them."""

    PERSON = "person"
    TWO_WHEELER = "two_wheeler"
    VEHICLE = "vehicle"
    ANIMAL = "animal"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class EventChange:
    """A new or changed event, as a worker reports it: `(id, revision)` make it idempotent, a higher revision wins.

    `snapshot` is the key of a file already synced to disk on `node`, or None when this revision brings no new picture.
    `path` are the track's foot points so far (at most 64).
    """

    id: UUID
    revision: int
    camera_id: UUID
    kind: EventKind
    rule_id: str
    rule_name: str
    scene_revision: int
    label: str
    group: LabelGroup
    score: float
    box: Box
    path: tuple[tuple[float, float], ...]
    direction: str | None
    started_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    snapshot: str | None
    snapshot_bytes: int
    snapshot_at: datetime | None
    node: str
    model: str
    clock_offset_ms: int | None


@dataclass(frozen=True, slots=True)
class StillChange:
    """An event's full-size picture, as a worker took it: the key of a file already synced to disk on `node`.

    `still_at` is when it was taken, which may be seconds after the event began.
    """

    event_id: UUID
    still: str
    still_bytes: int
    still_at: datetime
    node: str


class Verdict(StrEnum):
    """What a person said of an event."""

    USEFUL = "useful"
    FALSE = "false"


@dataclass(frozen=True, slots=True)
class Mark:
    """A verdict, a note, or both; `marked_by` is the user's name."""

    verdict: Verdict | None
    note: str
    marked_by: str
    marked_at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """A finding kept, as a reader gets it."""

    no: Internal
    id: UUID
    revision: int
    camera_id: UUID
    camera_name: str
    camera_kind: Kind
    village_code: str
    village_name: str
    kind: EventKind
    rule_id: str
    rule_name: str
    scene_revision: int
    label: str
    group: LabelGroup
    score: float
    box: Box
    path: tuple[tuple[float, float], ...]
    direction: str | None
    started_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    received_at: datetime
    has_snapshot: bool
    snapshot_at: datetime | None
    has_still: bool
    still_at: datetime | None
    model: str
    clock_offset_ms: int | None
    mark: Mark | None


LeftOut = Literal["places", "cameras", "times", "minors"]
"""Of a search: places, cameras or times beyond its purpose's reach; cameras near minors, whose reason is too short."""


@dataclass(frozen=True, slots=True)
class EventPage:
    """One page of a search, of [since, until); `audit_no` is the audit row that covers its pictures.

    `left_out` says what was asked for by name and is left out since the purpose does not reach it.
    """

    events: tuple[Event, ...]
    next_cursor: str | None
    audit_no: int
    since: datetime
    until: datetime
    left_out: tuple[LeftOut, ...]
