"""A camera near a scene, as it is told: how far, what it sees, what there is of it, and what stands between."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from registry.inputs import Input
from registry.model import From, Kind, To
from registry.travel import How, Mode

MOST = 100
"""So many are told, the nearest first; of the others how many there are."""
MOST_GAPS = 20


class NearbyQuery(Input):
    """How one gets there, and how far to look."""

    mode: Mode = Mode.EBIKE
    minutes: Annotated[int, Field(ge=1, le=120)] = 20


class Agreed(StrEnum):
    """What stands between a camera's recordings and who looks."""

    NOT_NEEDED = "not_needed"
    GIVEN = "given"
    PARTLY = "partly"
    """For some of the window alone."""
    ASK = "ask"
    """Its owner has not agreed: ask him. Nothing of it can be played."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """A stretch that is missing, and why."""

    since: From
    until: To
    cause: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What there is of a camera in the window: seconds recorded and analysed, and each stretch that is missing.

    `gaps` and `unwatched` are the longest `MOST_GAPS` of each, in order; the seconds are of all.
    """

    recorded_s: int
    on_event: bool
    gaps: tuple[Lacking, ...]
    more_gaps: int
    analysed_s: int
    unwatched: tuple[Lacking, ...]
    more_unwatched: int


@dataclass(frozen=True, slots=True)
class NearCamera:
    """A camera near the scene. `how` is null for one on no map, `minutes` where no way is known.

    `sees` is null where that is not known. `facts` are null where the case does not reach, or no way leads there.
    """

    camera_id: UUID
    name: str
    kind: Kind
    village_code: str
    village_name: str
    lat: float | None
    lon: float | None
    bearing_deg: float | None
    view_angle_deg: float | None
    metres: int | None
    how: How | None
    minutes: float | None
    sees: bool | None
    entrances: tuple[str, ...]
    reached: bool
    consent: Agreed
    playable: bool
    clock_offset_ms: int | None
    chosen: bool
    facts: Facts | None


@dataclass(frozen=True, slots=True)
class Nearby:
    """The cameras by minutes, those no way leads to last.

    One gets `within_m` metres in that time. `by_road` is false where all of it is an estimate.
    """

    lat: float
    lon: float
    mode: Mode
    minutes: int
    within_m: int
    since: From
    until: To
    window_s: int
    by_road: bool
    cameras: tuple[NearCamera, ...]
    more: int
