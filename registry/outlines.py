"""Outlines drawn in a picture: points in shares of it, neither crossing nor touching themselves."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

_LEAST_AREA = 1e-6
"""Share of the picture below which a polygon is a stroke, not an area (a pixel of a 1000 × 1000 picture)."""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Point = tuple[Share, Share]


def _turn(a: Point, b: Point, c: Point) -> float:
    """Twice the signed area of the triangle a, b, c."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _on(a: Point, b: Point, c: Point) -> bool:
    """Whether c, on the line through a and b, lies between them."""
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])


def segments_meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the closed segments ab and cd have a point in common."""
    t1, t2, t3, t4 = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if ((t1 > 0) != (t2 > 0)) and ((t3 > 0) != (t4 > 0)) and 0 not in (t1, t2, t3, t4):
        return True
    return (
        (t1 == 0 and _on(a, b, c))
        or (t2 == 0 and _on(a, b, d))
        or (t3 == 0 and _on(c, d, a))
        or (t4 == 0 and _on(c, d, b))
    )


def is_simple(points: tuple[Point, ...]) -> bool:
    """Whether a closed polygon neither crosses nor touches itself, and no corner is doubled or folds back."""
    count = len(points)
    edges = list(pairwise((*points, points[0])))
    for i, (a, b) in enumerate(edges):
        if a == b:
            return False
        after = edges[(i + 1) % count]
        if (
            _turn(a, b, after[1]) == 0
            and (b[0] - a[0]) * (after[1][0] - b[0]) + (b[1] - a[1]) * (after[1][1] - b[1]) < 0
        ):
            return False
        for j in range(i + 2, count):
            if (j + 1) % count != i and segments_meet(a, b, *edges[j]):
                return False
    return True


def area(points: tuple[Point, ...]) -> float:
    """The polygon's area in shares of the picture (shoelace formula)."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise((*points, points[0])))) / 2


def _polygon(points: tuple[Point, ...]) -> tuple[Point, ...]:
    if not is_simple(points):
        raise PydanticCustomError("self_intersection", "the outline crosses or touches itself; draw it anew")
    if area(points) < _LEAST_AREA:
        raise PydanticCustomError("area", "the outline holds no area; draw it larger")
    return points


Polygon = Annotated[tuple[Point, ...], Field(min_length=3, max_length=64), AfterValidator(_polygon)]
