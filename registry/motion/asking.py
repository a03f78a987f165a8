"""What is asked of the motion index: where something moved, in which hours, in how many cells."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from registry.inputs import Input, Minute, Moment, bounded
from registry.outlines import Polygon

MOST = timedelta(days=31)
MOST_CAMERAS = 12
MOST_HITS = 1000
MOST_BUCKETS = 2000
CELLS = 576
"""Cells of a picture: 18 rows of 32."""

CellRow = Annotated[int, Field(ge=0, lt=2**32)]


class Region(Input):
    """A camera, and where in its picture: an outline in shares of it, or rows of cells; neither: all of it."""

    camera_id: UUID
    outline: Polygon | None = None
    rows: Annotated[tuple[CellRow, ...], Field(min_length=18, max_length=18)] | None = None
    """18 rows of 32 cells, the top one first, the leftmost cell the highest bit."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.outline is not None and self.rows is not None:
            raise PydanticCustomError("one_of_two", "give an outline or rows of cells, one of the two")
        if self.rows is not None and not any(self.rows):
            raise PydanticCustomError("empty", "no cell is named")
        return self


class MotionSearch(Input):
    """Where and when to look for motion."""

    cameras: Annotated[tuple[Region, ...], Field(min_length=1, max_length=MOST_CAMERAS)]
    since: Moment = Field(alias="from")
    until: Moment = Field(alias="to")
    """At most 31 days after `from`."""
    from_minute: Minute | None = None
    """Local minute of the day, with `to_minute`: only what moved between the two, over midnight too."""
    to_minute: Minute | None = None
    least_cells: Annotated[int, Field(ge=1, le=CELLS)] = 1
    """At least so many cells of the region in one second."""
    noisy: bool = False
    """Also where a cell moves so often at that hour that it says little: leaves, a road, insects."""
    order: Literal["rare", "time"] = "rare"
    """What is rare at that hour first, and of that what moved most at once; or the earliest."""
    limit: Annotated[int, Field(ge=1, le=MOST_HITS)] = 200

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if (self.from_minute is None) != (self.to_minute is None):
            raise PydanticCustomError("hours", "give from_minute and to_minute, or neither")
        if self.from_minute is not None and self.from_minute == self.to_minute:
            raise PydanticCustomError("hours", "from_minute and to_minute are equal; leave both out for the whole day")
        if len({one.camera_id for one in self.cameras}) != len(self.cameras):
            raise PydanticCustomError("doubled", "a camera is named twice")
        return self

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The window. Raises Invalid where it runs backwards or is too long."""
        return bounded(self.since, self.until, MOST)


class Moved(Input):
    """A hit that was found: on which camera, and from when to when something moved."""

    camera_id: UUID
    since: Moment = Field(alias="from")
    until: Moment = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until < self.since:
            raise PydanticCustomError("order", "it ends before it begins")
        return self


class ChangesQuery(Input):
    """Of which hits is asked whether the region looked different afterwards: those that a search told, in its order."""

    cameras: Annotated[tuple[Region, ...], Field(min_length=1, max_length=MOST_CAMERAS)]
    hits: Annotated[tuple[Moved, ...], Field(min_length=1, max_length=MOST_HITS)]

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        named = {one.camera_id for one in self.cameras}
        if len(named) != len(self.cameras):
            raise PydanticCustomError("doubled", "a camera is named twice")
        if any(one.camera_id not in named for one in self.hits):
            raise PydanticCustomError("no_region", "a hit is of a camera without a region")
        return self

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From the first hit to the end of the last. Raises Invalid where that is too long."""
        first = min(one.since for one in self.hits)
        return bounded(first, max(*(one.until for one in self.hits), first + timedelta(seconds=1)), MOST)


class DensityQuery(Input):
    """Of which stretch, and in about how many buckets at most."""

    since: Moment = Field(alias="from")
    until: Moment = Field(alias="to")
    """At most 31 days after `from`."""
    buckets: Annotated[int, Field(ge=1, le=MOST_BUCKETS)] = 1000

    @property
    def span(self) -> tuple[datetime, datetime]:
        """The window. Raises Invalid where it runs backwards or is too long."""
        return bounded(self.since, self.until, MOST)
