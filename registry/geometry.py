"""Shapes on the ground: positions, outlines and lines in WGS-84 degrees, longitude first as in GeoJSON (RFC 7946).

Whatever comes in is rounded to seven decimals (a centimetre) and then reckoned with as integers, so that whether two
edges meet is exact and the same on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

MOST_CORNERS = 5000
LEAST_AREA_M2 = 100.0
_PER_DEGREE = 10_000_000
_WEST, _SOUTH, _EAST, _NORTH = 73.0, 3.0, 136.0, 54.0
"""The box around China: what lies outside is a mistake, most often latitude and longitude in the wrong order."""
_EARTH_M = 6_371_008.8
"""Mean radius of the Earth (IUGG)."""
DEGREE_M = math.pi / 180 * _EARTH_M
"""A degree of latitude."""

Position = tuple[float, float]
"""Longitude, latitude."""
_Ints = NDArray[np.int64]
_Floats = NDArray[np.float64]


def _in_china(position: Position) -> Position:
    lon, lat = round(position[0], 7), round(position[1], 7)
    if _WEST <= lon <= _EAST and _SOUTH <= lat <= _NORTH:
        return lon, lat
    if _WEST <= lat <= _EAST and _SOUTH <= lon <= _NORTH:
        raise PydanticCustomError("swapped", "latitude and longitude are in the wrong order; longitude comes first")
    raise PydanticCustomError("outside_china", "the position lies outside China; give WGS-84 degrees, longitude first")


_Degree = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
LonLat = Annotated[tuple[_Degree, _Degree], AfterValidator(_in_china)]


def _without_repeats(points: Sequence[Position]) -> list[Position]:
    """Positions that repeat the one before are dropped: receivers write them while one stands still."""
    return [one for index, one in enumerate(points) if index == 0 or one != points[index - 1]]


def _grid(points: Sequence[Position]) -> _Ints:
    return np.rint(np.asarray(points, dtype=np.float64) * _PER_DEGREE).astype(np.int64)


def _turn(a: _Ints, b: _Ints, c: _Ints) -> _Ints:
    """Sign of twice the signed area of a, b, c, each x and y. Within China's box the products stay below 2**63."""
    found: _Ints = np.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
    return found


def _on(a: _Ints, b: _Ints, c: _Ints) -> NDArray[np.bool_]:
    """Whether c, known to lie on the line through a and b, lies between them."""
    inside = (np.minimum(a[0], b[0]) <= c[0]) & (c[0] <= np.maximum(a[0], b[0]))
    found: NDArray[np.bool_] = inside & (np.minimum(a[1], b[1]) <= c[1]) & (c[1] <= np.maximum(a[1], b[1]))
    return found


def _meet(one: _Ints, others: _Ints) -> NDArray[np.bool_]:
    """For one edge (x0, y0, x1, y1), which of the others have a point in common with it."""
    a, b, c, d = one[:2], one[2:], others.T[:2], others.T[2:]
    t1, t2, t3, t4 = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    found: NDArray[np.bool_] = (
        ((t1 * t2 < 0) & (t3 * t4 < 0))
        | ((t1 == 0) & _on(a, b, c))
        | ((t2 == 0) & _on(a, b, d))
        | ((t3 == 0) & _on(c, d, a))
        | ((t4 == 0) & _on(c, d, b))
    )
    return found


def _folds(corners: _Ints) -> bool:
    """Whether an outline turns back on itself at a corner, or has a corner twice in a row."""
    before, after = np.roll(corners, 1, axis=0), np.roll(corners, -1, axis=0)
    come, go = corners - before, after - corners
    straight = come[:, 0] * go[:, 1] - come[:, 1] * go[:, 0] == 0
    back = come[:, 0] * go[:, 0] + come[:, 1] * go[:, 1] <= 0
    return bool(np.any(straight & back))


def is_simple(points: Sequence[Position]) -> bool:
    """Whether a closed outline neither crosses, touches nor doubles itself; the first corner is not repeated.

    Edges are swept from west to east, so that each is compared only with those that begin before it ends.
    """
    corners = _grid(points)
    count = len(corners)
    if _folds(corners):
        return False
    edges = np.hstack((corners, np.roll(corners, -1, axis=0)))
    west = np.minimum(edges[:, 0], edges[:, 2])
    order = np.argsort(west, kind="stable")
    edges, west = edges[order], west[order]
    east = np.maximum(edges[:, 0], edges[:, 2])
    last = np.searchsorted(west, east, side="right")
    for at in range(count):
        rest = slice(at + 1, int(last[at]))
        apart = np.abs(order[rest] - order[at])
        far = (apart != 1) & (apart != count - 1)
        if np.any(_meet(edges[at], edges[rest][far])):
            return False
    return True


def _flat(points: Sequence[Position]) -> NDArray[np.float64]:
    """Metres east and north of the first position; right to a thousandth over a county."""
    there = np.asarray(points, dtype=np.float64)
    east = (there[:, 0] - there[0, 0]) * DEGREE_M * math.cos(math.radians(there[0, 1]))
    return np.column_stack((east, (there[:, 1] - there[0, 1]) * DEGREE_M))


def signed_area(points: Sequence[Position]) -> float:
    """Square metres inside a closed outline, positive when it runs anticlockwise (shoelace formula)."""
    flat = _flat(points)
    after = np.roll(flat, -1, axis=0)
    return float(np.sum(flat[:, 0] * after[:, 1] - after[:, 0] * flat[:, 1])) / 2


def length(points: Sequence[Position]) -> float:
    """Metres along a line."""
    return sum(distance(a, b) for a, b in pairwise(points))


def distance(a: Position, b: Position) -> float:
    """Great-circle metres between two positions (haversine)."""
    north, east = math.radians(b[1] - a[1]) / 2, math.radians(b[0] - a[0]) / 2
    across = math.cos(math.radians(a[1])) * math.cos(math.radians(b[1]))
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(math.sin(north) ** 2 + across * math.sin(east) ** 2)))


def distances(some: ArrayLike, others: ArrayLike) -> _Floats:
    """`distance` of many at once: positions along the last axis, one or as many on either side."""
    a, b = np.asarray(some, dtype=np.float64), np.asarray(others, dtype=np.float64)
    east, north = np.moveaxis(np.radians(b - a) / 2, -1, 0)
    across = np.cos(np.radians(a[..., 1])) * np.cos(np.radians(b[..., 1]))
    found: _Floats = 2 * _EARTH_M * np.arcsin(np.minimum(1.0, np.sqrt(np.sin(north) ** 2 + across * np.sin(east) ** 2)))
    return found


def box_around(middle: Position, radius_m: float) -> tuple[float, float, float, float]:
    """West, south, east and north of a box that holds the circle: few of a county's things are then measured each.

    Near a pole or the 180th meridian it goes around the globe.
    """
    lon, lat = middle
    high = math.degrees(radius_m / _EARTH_M) * 1.001
    farthest = abs(lat) + high
    wide = high / math.cos(math.radians(farthest)) if farthest < 89 else 180.0  # noqa: PLR2004 - near enough a pole
    if abs(lon) + wide >= 180:  # noqa: PLR2004 - where longitudes jump
        return -180.0, lat - high, 180.0, lat + high
    return lon - wide, lat - high, lon + wide, lat + high


def holds(outline: Sequence[Position], position: Position) -> bool:
    """Whether a position lies inside a closed outline (even-odd rule)."""
    x, y = position
    inside = False
    for (x0, y0), (x1, y1) in pairwise((*outline, outline[0])):
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            inside = not inside
    return inside


def _outline(given: tuple[Position, ...]) -> tuple[Position, ...]:
    """Simple, with an area, anticlockwise (RFC 7946, 3.1.6), without the first corner repeated at the end."""
    points = _without_repeats(given)
    if len(points) > 1 and points[0] == points[-1]:
        points.pop()
    if len(points) < 3:  # noqa: PLR2004 - a triangle is the least outline
        raise PydanticCustomError("too_few_points", "an outline has three corners or more")
    if not is_simple(points):
        raise PydanticCustomError("self_intersection", "the outline crosses or touches itself; draw it anew")
    area = signed_area(points)
    if abs(area) < LEAST_AREA_M2:
        raise PydanticCustomError("area", "the outline holds less than 100 m²; draw it larger")
    return tuple(points if area > 0 else reversed(points))


def _line(given: tuple[Position, ...]) -> tuple[Position, ...]:
    points = tuple(_without_repeats(given))
    if len(points) < 2:  # noqa: PLR2004 - a line has two ends
        raise PydanticCustomError("too_few_points", "a line has two points or more, apart from each other")
    return points


Outline = Annotated[tuple[LonLat, ...], Field(min_length=3, max_length=MOST_CORNERS + 1), AfterValidator(_outline)]
"""A village's boundary: one outline without holes."""
Path = Annotated[tuple[LonLat, ...], Field(min_length=2, max_length=MOST_CORNERS), AfterValidator(_line)]
"""A road; it may cross itself."""
Bearing = Annotated[float, Field(ge=0, lt=360, allow_inf_nan=False)]
"""Degrees clockwise from north."""
