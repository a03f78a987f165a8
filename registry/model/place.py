"""Places of the administrative tree, and the stations and teams villages stand under."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from registry.model.row import Internal


class Level(StrEnum):
    """Level of a place: county 6 digits, township 9, village 12 (GB/T 2260, GB/T 10114)."""

    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


@dataclass(frozen=True, slots=True)
class Place:
    """A county, township or village of the administrative tree; `code` is an attribute that may change, `id` is not."""

    no: Internal
    id: UUID
    code: str
    name: str
    level: Level
    lat: float | None
    lon: float | None
    source: str
    revision: int


class Line(StrEnum):
    """Under whom a village stands: it has one unit of each line, and so has a user."""

    STATION = "station"
    TEAM = "team"


class UnitKind(StrEnum):
    """The stations (派出所), and the three levels of teams: brigade (大队), squadron (中队), group (小组)."""

    STATION = "station"
    BRIGADE = "brigade"
    SQUADRON = "squadron"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Unit:
    """A station or a team. `villages` are the codes of its own, not of the units below it; None of those: `parent_id`.

    Whoever is granted a unit sees its villages and those of the units below it, as they are at each request.
    """

    no: Internal
    id: UUID
    kind: UnitKind
    name: str
    parent_id: UUID | None
    villages: tuple[str, ...]
