"""Distances as they are answered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from registry.geometry import Position, distance

DETOUR = 1.4
"""Roads are about so much longer than the straight line; said to be an estimate wherever it is used."""


class How(StrEnum):
    """How a distance is known, or why it is not."""

    ROAD = "road"
    """Over the roads that are on the map."""
    STRAIGHT = "straight"
    """No road is near one of the two: the straight line × `DETOUR`, an estimate."""
    BEYOND = "beyond"
    """Further than was asked for."""
    UNREACHABLE = "unreachable"
    """Both are at roads, and none leads from one to the other."""


@dataclass(frozen=True, slots=True)
class Leg:
    """How far it is to one place; `metres` is None for `beyond` and `unreachable`."""

    metres: float | None
    how: How


@dataclass(frozen=True, slots=True)
class Stretch:
    """A straight piece of road that is reached: from where to where, and how far each end is, in metres."""

    begin: Position
    end: Position
    begin_m: float
    end_m: float


def straight(a: Position, b: Position) -> Leg:
    """The estimate where no road is known: the straight line × `DETOUR`."""
    return Leg(distance(a, b) * DETOUR, How.STRAIGHT)
