"""What is told of a loss, and what is answered: the report's words, its point and its times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from registry.cases import Case
from registry.cases.model import Members, Places
from registry.casework.items import Certainty, Item, Manner
from registry.geometry import LonLat, Position
from registry.inputs import Input, Latitude, Line, Longitude, Moment, Name, Short

_POSITION = TypeAdapter(LonLat)


class Where(Input):
    """A point on the map, WGS-84."""

    lat: Latitude
    lon: Longitude

    @model_validator(mode="after")
    def _in_china(self) -> Self:
        try:
            _POSITION.validate_python((self.lon, self.lat))
        except ValidationError as err:
            first = err.errors(include_input=False, include_url=False)[0]
            raise PydanticCustomError(first["type"], first["msg"]) from None
        return self

    @property
    def position(self) -> Position:
        """Longitude and latitude."""
        return round(self.lon, 7), round(self.lat, 7)


class Facts(Input):
    """What is told of a loss: six things, and words where they are needed."""

    item: Item
    where: Where
    last_seen_at: Moment
    found_at: Moment
    """When it was found missing."""
    certainty: Certainty
    manner: Manner
    item_text: Short = ""
    note: Line = ""

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.found_at <= self.last_seen_at:
            raise PydanticCustomError("interval", "it was found missing after it was last seen")
        return self


class NewReport(Facts):
    """What is reported: six things; the rest is for who knows better than what it would be."""

    number: Name | None = None
    """The force's own; not told: a provisional one, to be changed later."""
    title: Line = ""
    places: Places = ()
    """Not told: the village of the point, and those of the cameras in reach."""
    responsible_id: UUID | None = None
    """An officer; not told: whoever reports, or, where he may not be, an officer of his unit or of the place."""
    member_ids: Members = frozenset()
    expires_at: Moment | None = None


class Amendment(Facts):
    """All that is told from now on, in the place of what was; `expected_revision` is the case's as it was read."""

    expected_revision: Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True)
class Report:
    """What was reported, by whom and when; `version` 1 is what was told first."""

    version: int
    item: Item
    item_text: str
    lat: float
    lon: float
    last_seen_at: datetime
    found_at: datetime
    certainty: Certainty
    manner: Manner
    note: str
    reported_by: str
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class Reported:
    """A case as it was reported: how many cameras' footage it holds, and when the first of that would have gone.

    `earlier` is what was told before and amended since, the newest first. `provisional`: its number is not the force's
    own yet.
    """

    case: Case
    report: Report
    earlier: tuple[Report, ...]
    provisional: bool
    held: int
    first_goes_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reach:
    """What a report of a point would hold: in which villages, of how many cameras, and when the first footage goes."""

    village_code: str | None
    places: tuple[str, ...]
    cameras: int
    first_goes_at: datetime | None


class ReachQuery(Where):
    """A point, and the times as far as they are known."""

    last_seen_at: Moment | None = None
    found_at: Moment | None = None
