"""What an owner agreed to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from registry.model.row import Internal
from registry.model.shape import Polygon


class ConsentScope(StrEnum):
    """What an owner agreed to: to be registered alone, or to what is looked at.

    `incident`: live pictures while an incident that somebody was put on names the camera or its village; `live`: live
    pictures at any time. The hours of the consent bound all of them.
    """

    REGISTER = "register"
    CLIP = "clip"
    EVENTS = "events"
    INCIDENT = "incident"
    LIVE = "live"


class ConsentState(StrEnum):
    """Where a consent stands; `registry.consents.machine` says what leads where."""

    INVITED = "invited"
    SIGNED = "signed"
    ACTIVE = "active"
    PAUSED = "paused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Consent:
    """What an owner agreed to, from when to when, in which local hours (minutes after midnight, over it too).

    `masks` are the least that must be blacked out before the camera is pulled. It ends at `valid_to`, and runs out at
    `reconfirm_by` unless he agrees anew; `stopped_at` is since when it has been paused or expired, `gaps` are the times
    it did not hold before that. `state` is as of the reading; `signed_at` is None of an invitation.
    """

    no: Internal
    id: UUID
    camera_id: UUID
    owner_name: str
    state: ConsentState
    scopes: frozenset[ConsentScope]
    purpose: str
    from_minute: int | None
    to_minute: int | None
    masks: tuple[Polygon, ...]
    valid_from: datetime
    valid_to: datetime | None
    reconfirm_by: datetime | None
    text_version: str
    signed_at: datetime | None
    stopped_at: datetime | None
    withdrawn_at: datetime | None
    gaps: tuple[tuple[datetime, datetime], ...]
    has_scan: bool
    has_link: bool
