"""What relatives, owners and authorities ask of a hub."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from registry.policy.section import Section


class RequestPolicy(Section):
    """How relatives' and owners' requests to see recordings are answered (L13)."""

    answer_days: int = Field(ge=1, le=366)
    """Days from receipt to the answer."""
    answer_in: Literal["days", "working_days"]
    """Whether all days count, or those of the calendar on which an office works."""
    hold_days: int = Field(ge=1, le=400)
    """The footage concerned is kept this long at most, while the request is open."""
    second_person: bool
    """Whether somebody else decides than who received it."""


class CalendarPolicy(Section):
    """Which days an office works."""

    weekend: frozenset[Annotated[int, Field(ge=1, le=7)]] = Field(max_length=6)
    """Days of the week that are free, 1 for Monday."""
    holidays: frozenset[date] = Field(max_length=2000)
    """Public holidays, weekends among them or not."""
    workdays: frozenset[date] = Field(max_length=2000)
    """Days of a weekend that are worked in exchange for a holiday."""
    known_until: date | None
    """The lists are whole up to this day; empty: nothing is said of holidays, and weekends alone are free."""


class AssessmentPolicy(Section):
    """Impact assessments (L14)."""

    review_days: int = Field(ge=1, le=1100)
    """An assessment is looked at again after so many days at most."""
