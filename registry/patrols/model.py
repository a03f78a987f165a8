"""Patrols as facts: what was planned, who walked it, what he said of each camera."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from registry.model import Internal, Person, Reason, State


class PatrolVerdict(StrEnum):
    """What somebody on patrol says of a camera's picture (正常/异常/故障/遮挡)."""

    NORMAL = "normal"
    SUSPICIOUS = "suspicious"
    FAULT = "fault"
    COVERED = "covered"


FAULTS = (PatrolVerdict.FAULT, PatrolVerdict.COVERED)
"""Verdicts that are for a technician."""


@dataclass(frozen=True, slots=True)
class PlanName:
    """A plan by its name; it may have been removed since."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class PatrolCamera:
    """A camera of a patrol: how it stands, and what was said of it last.

    `refused` is the code of why it may not be watched (`live_no_consent`, `live_outside_hours`, `camera_removed`).
    """

    camera_id: UUID
    name: str
    village_code: str
    village_name: str
    state: State
    reason: Reason | None
    refused: str | None
    marked: PatrolVerdict | None
    marked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Handover:
    """What the one before left for the next: `by` is the name he is called by."""

    by: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class PatrolSummary:
    """A patrol in a list: `done` of its `due` cameras were marked; `ended_at` is when its purpose closed or ran out."""

    no: Internal
    id: UUID
    purpose_id: UUID
    plan: PlanName | None
    user: Person
    reason: str
    started_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    due: int
    done: int
    rate: float | None
    verdicts: dict[PatrolVerdict, int]
    handover: str


@dataclass(frozen=True, slots=True)
class Patrol(PatrolSummary):
    """A patrol with its cameras in the order of the round; those outside the reader's villages are left out."""

    dwell_s: int
    cameras: tuple[PatrolCamera, ...]
    handover_before: Handover | None


@dataclass(frozen=True, slots=True)
class PatrolMark:
    """What somebody on patrol said of a camera.

    `snapshot_why` is the code of why a picture that was asked for is not there.
    """

    no: Internal
    id: UUID
    patrol_id: UUID
    camera_id: UUID
    camera_name: str
    village_code: str
    village_name: str
    by: str
    at: datetime
    verdict: PatrolVerdict
    note: str
    has_snapshot: bool
    snapshot_why: str
    cleared_at: datetime | None
    cleared_by: str
    incident_id: UUID | None
