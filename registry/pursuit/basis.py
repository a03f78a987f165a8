"""All that a clue map is made of, as plain values: what is drawn from it today is drawn from it in a year.

So a map that is kept keeps its basis, and whoever doubts it makes it again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from registry.columns import from_ms, to_ms
from registry.geometry import Position
from registry.pursuit import ground
from registry.pursuit.ground import RoadLine
from registry.pursuit.linking import Block, SightingLink
from registry.pursuit.pace import SPEEDS
from registry.pursuit.sightings import Sighting
from registry.pursuit.spread import SECTORS, Guard, Sector, Spread, sectors, sectors_of, spread
from registry.spans import Ms, common, length
from registry.travel import DETOUR, Mode

VERSION = 1


@dataclass(frozen=True, slots=True)
class Watcher:
    """A camera at a way: when nothing can be known from it, and when fitting passers were there (milliseconds)."""

    camera_id: UUID
    name: str
    position: Position
    dark: tuple[Ms, ...]
    hits: tuple[Ms, ...]


@dataclass(frozen=True, slots=True)
class Basis:
    """From where and when, until when and how; the roads that are not blocked, the cameras, the sightings and links.

    `thing` is the last sighting, None where it starts at the scene; `start` is None where that has no place.
    """

    version: int
    thing: str | None
    start: Position | None
    at: datetime
    until: datetime
    way: Mode
    roads: tuple[RoadLine, ...]
    watchers: tuple[Watcher, ...]
    sightings: tuple[Sighting, ...]
    links: tuple[SightingLink, ...]
    blocks: tuple[Block, ...]
    beyond: int
    unheard: int
    """Cameras whose rules told of nobody of the sorts asked for, and that were too many to ask what moved there."""

    @property
    def span(self) -> Ms:
        """From when to when, in milliseconds."""
        return to_ms(self.at), to_ms(self.until)

    @property
    def within_m(self) -> float:
        """How far one gets at the fastest."""
        return (self.span[1] - self.span[0]) * SPEEDS[self.way].fast_ms


_BASIS = TypeAdapter(Basis)


def stored(basis: Basis) -> dict[str, Any]:
    """A basis as JSON values."""
    found: dict[str, Any] = _BASIS.dump_python(basis, mode="json")
    return found


def restored(body: Any) -> Basis:
    """A basis out of JSON values."""
    return _BASIS.validate_python(json.loads(json.dumps(body)), strict=False)


def digest(basis: Basis) -> str:
    """SHA-256 of a basis: two maps with the same one are the same."""
    text = json.dumps(stored(basis), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Edge(StrEnum):
    """What a camera did to the area."""

    SHUT = "shut"
    """It was analysed whenever one could have passed, and saw nobody that fits: the area ends there."""
    DARK = "dark"
    """It was not analysed for a time: one may have passed unseen."""
    SEEN = "seen"
    """Somebody that fits passed when one could have."""
    FAR = "far"
    """One could not have come there."""
    OFF = "off"
    """It is at no road of the map: it neither ends nor opens any way."""


@dataclass(frozen=True, slots=True)
class Border:
    """A camera, what it did to the area, and the earliest one could have come there and gone on."""

    camera_id: UUID
    name: str
    lat: float
    lon: float
    held: Edge
    came_at: datetime | None
    passed_at: datetime | None
    unwatched_s: int
    hits: int


@dataclass(frozen=True, slots=True)
class Direction:
    """An eighth of the compass from the start: how much road of it may be reached, how far, and whether it is open.

    `shut` and `open` name the cameras that end it and those that do not; `ends` counts the ways that go on.
    """

    bearing_deg: int
    metres: int
    farthest_m: int
    ends: int
    shut: tuple[str, ...]
    open: tuple[str, ...]


class Advice(StrEnum):
    """What the area suggests."""

    INSIDE = "inside"
    """Every way out was watched and nobody passed: search within."""
    SECTORS = "sectors"
    """Some directions are open: search these, the most road first (`VanishingArea.search`)."""
    UNKNOWN = "unknown"
    """There are no roads on the map to say so."""


@dataclass(frozen=True, slots=True)
class VanishingArea:
    """The vanishing area (消失区域): the roads that may be reached, in metres and as lines of (longitude, latitude).

    Where no road is near the start, `estimate` is set and it is a circle of `radius_m`: cameras end nothing then.
    `search` are bearings of directions, the most promising first.
    """

    lat: float
    lon: float
    at: datetime
    until: datetime
    way: Mode
    estimate: bool
    radius_m: int
    metres: int
    pieces: tuple[tuple[Position, ...], ...]
    border: tuple[Border, ...]
    directions: tuple[Direction, ...]
    advice: Advice
    search: tuple[int, ...]
    beyond: int
    unheard: int


@dataclass(frozen=True, slots=True)
class ClueMap:
    """Sightings in time, links, blocked roads and the area after the last one; `digest` is of all it is made of."""

    thing: str | None
    sightings: tuple[Sighting, ...]
    links: tuple[SightingLink, ...]
    blocks: tuple[Block, ...]
    area: VanishingArea | None
    digest: str


def draw(basis: Basis, found: Spread | None = None) -> ClueMap:
    """The map of a basis; the same for the same one. Takes a moment for a county's roads: ask for it in a thread.

    `found` is how far one may have got (`reached`), where that is known already.
    """
    area = None if basis.start is None else _area(basis, basis.start, found or reached(basis, basis.start))
    return ClueMap(basis.thing, basis.sightings, basis.links, basis.blocks, area, digest(basis))


def reached(basis: Basis, start: Position) -> Spread:
    """How far one may have got over the roads of a basis, past its watchers."""
    guards = [Guard(one.position, tuple(sorted((*one.dark, *one.hits)))) for one in basis.watchers]
    return spread(ground.ways_over(basis.roads).graph, start, basis.span, SPEEDS[basis.way].fast_ms, guards)


def _area(basis: Basis, start: Position, found: Spread) -> VanishingArea:
    border = tuple(
        _border(one, basis.span, came, passed, placed=placed)
        for one, came, passed, placed in zip(basis.watchers, found.came, found.passed, found.placed, strict=True)
    )
    directions = _directions(start, border, sectors(start, found.pieces or ()), found.ends)
    open_ones = sorted((one for one in directions if one.ends), key=lambda one: (-one.metres, one.bearing_deg))
    advice = Advice.UNKNOWN if found.pieces is None else Advice.SECTORS if open_ones else Advice.INSIDE
    return VanishingArea(
        lat=start[1],
        lon=start[0],
        at=basis.at,
        until=basis.until,
        way=basis.way,
        estimate=found.pieces is None,
        radius_m=round(basis.within_m / DETOUR),
        metres=round(found.metres),
        pieces=tuple(one.path for one in found.pieces or ()),
        border=border,
        directions=directions,
        advice=advice,
        search=tuple(one.bearing_deg for one in open_ones) if advice is Advice.SECTORS else (),
        beyond=basis.beyond,
        unheard=basis.unheard,
    )


def _border(one: Watcher, span: Ms, came: float, passed: float, *, placed: bool) -> Border:
    reached, gone = came <= span[1], passed <= span[1]
    held = Edge.OFF
    if placed:
        unseen = Guard(one.position, one.dark).opens(came)
        held = Edge.FAR if not reached else Edge.SHUT if not gone else Edge.DARK if unseen <= passed else Edge.SEEN
    at = round(came) if reached else span[1]
    lon, lat = one.position
    return Border(
        camera_id=one.camera_id,
        name=one.name,
        lat=lat,
        lon=lon,
        held=held,
        came_at=from_ms(at) if reached else None,
        passed_at=from_ms(round(passed)) if gone else None,
        unwatched_s=round(length(common([(at, span[1])], one.dark)) / 1000),
        hits=sum(end >= at for _, end in one.hits),
    )


def _directions(
    start: Position, border: tuple[Border, ...], found: tuple[Sector, ...], ends: tuple[Position, ...]
) -> tuple[Direction, ...]:
    at = list(zip(sectors_of(start, [(one.lon, one.lat) for one in border]).tolist(), border, strict=True))
    open_ends = sectors_of(start, ends).tolist()
    return tuple(
        Direction(
            bearing_deg=number * 360 // SECTORS,
            metres=round(one.metres),
            farthest_m=round(one.farthest_m),
            ends=open_ends.count(number),
            shut=tuple(
                dict.fromkeys(camera.name for sector, camera in at if sector == number and camera.held is Edge.SHUT)
            ),
            open=tuple(
                dict.fromkeys(
                    camera.name for sector, camera in at if sector == number and camera.held in {Edge.DARK, Edge.SEEN}
                )
            ),
        )
        for number, one in enumerate(found)
    )
