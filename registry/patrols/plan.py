"""A patrol plan: which cameras are looked at in turn, how long each, by whom and in which local hours of which days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from registry.columns import AnyRow
from registry.inputs import Input, Minute, Name
from registry.model import Internal, Person

MOST_CAMERAS = 500
Day = Annotated[int, Field(ge=1, le=7)]
"""A day of the week, Monday is 1."""
_DAY_MIN = 24 * 60


class PlanTime(Input):
    """Local hours on some days of the week: [from, to) in minutes after midnight, into the next day when from ≥ to."""

    days: frozenset[Day] = Field(min_length=1)
    from_minute: Minute
    to_minute: Minute

    def began(self, at: datetime, tz: tzinfo) -> datetime | None:
        """When the time that `at` lies in began; None outside."""
        local = at.astimezone(tz)
        length = (self.to_minute - self.from_minute - 1) % _DAY_MIN + 1
        for day in (local, local - timedelta(days=1)):
            midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
            begin = midnight.replace(hour=self.from_minute // 60, minute=self.from_minute % 60)
            if day.isoweekday() in self.days and begin <= local < begin + timedelta(minutes=length):
                return begin
        return None


class NewPatrolPlan(Input):
    """A plan to keep. Without users it is for everybody who may patrol and sees one of its cameras."""

    name: Name
    dwell_s: Annotated[int, Field(ge=20, le=60)] = 30
    camera_ids: tuple[UUID, ...] = Field(min_length=1, max_length=MOST_CAMERAS)
    """In the order of the round."""
    user_ids: tuple[UUID, ...] = Field((), max_length=200)
    times: tuple[PlanTime, ...] = Field((), max_length=20)

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        for name in ("camera_ids", "user_ids"):
            given = getattr(self, name)
            if len(set(given)) != len(given):
                raise PydanticCustomError("repeated", "{name}: name each once", {"name": name})
        return self


class PatrolPlanChange(NewPatrolPlan):
    """A plan as it shall be from now on; the revision that was read guards against another's change meanwhile."""

    expected_revision: Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True)
class PatrolPlan:
    """A plan as kept.

    `camera_ids` are those of the reader's villages, of `cameras` in all. `due`: now is one of its times. `done` of them
    were marked since `since`: the begin of the time it is, or local midnight.
    """

    no: Internal
    id: UUID
    revision: int
    name: str
    dwell_s: int
    camera_ids: tuple[UUID, ...]
    cameras: int
    user_ids: tuple[UUID, ...]
    people: tuple[Person, ...]
    times: tuple[PlanTime, ...]
    mine: bool
    due: bool
    since: datetime
    done: int
    rate: float | None
    created_by: str
    created_at: datetime


def person(row: AnyRow) -> Person:
    """A row of users as colleagues see him."""
    return Person(row.id, row.name, row.display_name, row.unit, row.active)
