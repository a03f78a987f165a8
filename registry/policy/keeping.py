"""For how long what is seen is kept."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from registry.policy.section import Days, OfVideo, Section


class Keep(Section):
    """For how many days something is kept: at least (empty: the law asks for nothing), at most, and unless one says."""

    floor_days: Days | None
    ceiling_days: Days
    default_days: Days

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not (self.floor_days or 1) <= self.default_days <= self.ceiling_days:
            raise PydanticCustomError("order", "floor_days, default_days and ceiling_days must rise in this order")
        return self


class RetentionPolicy(Section):
    """For how long what is seen is kept (Decree 799; PIPL art. 19, 47)."""

    recordings: OfVideo[Keep]
    events: OfVideo[Keep]
    """Events with their pictures, and the pictures of marks."""
    motion: OfVideo[Keep]
    """The motion index: which cells of a picture moved in which second."""
    incident_days: Days
    """An incident that is open, or whose case is, keeps its event and its pictures so long after it was opened."""
    warn_days: int = Field(ge=1, le=30)
    """Footage an open case's place and time point at is told of so many days before it goes."""
