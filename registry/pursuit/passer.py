"""Who or what passed a camera: an event, or motion alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from registry.model import LabelGroup
from registry.pursuit.decisions import Decision


@dataclass(frozen=True, slots=True)
class Passer:
    """A passer. `ended_at` is None while it lasts; `direction` is the line's own word for it, None without a line.

    Without `event_id` it is motion only: nothing is known of it but when; `noisy` where much moves at that hour anyway.
    `revision` is how often it was decided on.
    """

    thing: str
    event_id: UUID | None
    noisy: bool
    at: datetime
    ended_at: datetime | None
    stay_s: float
    label: str
    group: LabelGroup | None
    score: float | None
    direction: str | None
    way: Literal["in", "out"] | None
    has_snapshot: bool
    decision: Decision
    revision: int
    decided_by: str
    decided_at: datetime | None
