"""Outlines: what is simple is kept, what crosses itself is refused, exactly and whichever way it is written."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from registry.geometry import (
    LonLat,
    Outline,
    Path,
    Position,
    box_around,
    distance,
    distances,
    holds,
    is_simple,
    length,
    signed_area,
)

OUTLINE: TypeAdapter[tuple[Position, ...]] = TypeAdapter(Outline)
PATH: TypeAdapter[tuple[Position, ...]] = TypeAdapter(Path)
POSITION: TypeAdapter[Position] = TypeAdapter(LonLat)
WEST, SOUTH = 123.93, 45.72
SQUARE = ((WEST, SOUTH), (123.94, SOUTH), (123.94, 45.73), (WEST, 45.73))

near = st.tuples(st.integers(0, 8), st.integers(0, 8)).map(lambda at: (WEST + at[0] / 1000, SOUTH + at[1] / 1000))


def refusal(kind: TypeAdapter[tuple[Position, ...]], given: object) -> str:
    with pytest.raises(ValidationError) as told:
        kind.validate_python(given)
    return told.value.errors()[0]["type"]


def turn(a: Position, b: Position, c: Position) -> int:
    scaled = [(round(x * 1e7), round(y * 1e7)) for x, y in (a, b, c)]
    (ax, ay), (bx, by), (cx, cy) = scaled
    twice = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    return (twice > 0) - (twice < 0)


def meet(a: Position, b: Position, c: Position, d: Position) -> bool:
    """Whether two closed edges share a point, as the textbook has it."""

    def on(p: Position, q: Position, r: Position) -> bool:
        return min(p[0], q[0]) <= r[0] <= max(p[0], q[0]) and min(p[1], q[1]) <= r[1] <= max(p[1], q[1])

    t1, t2, t3, t4 = turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)
    if t1 * t2 < 0 and t3 * t4 < 0:
        return True
    return (
        (t1 == 0 and on(a, b, c)) or (t2 == 0 and on(a, b, d)) or (t3 == 0 and on(c, d, a)) or (t4 == 0 and on(c, d, b))
    )


def plainly_simple(points: list[Position]) -> bool:
    """Every edge against every other: slow, short and surely right."""
    edges = list(pairwise((*points, points[0])))
    count = len(edges)
    for i, (a, b) in enumerate(edges):
        c = edges[(i + 1) % count][1]
        back = (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 1e-12
        if a == b or (turn(a, b, c) == 0 and back):
            return False
        if any(meet(a, b, *edges[j]) for j in range(i + 2, count) if (j + 1) % count != i):
            return False
    return True


@given(st.lists(near, min_size=3, max_size=9))
def test_the_sweep_finds_what_comparing_all_edges_finds(points: list[Position]) -> None:
    assert is_simple(points) == plainly_simple(points)


@given(st.lists(near, min_size=3, max_size=9), st.integers(0, 8), st.booleans())
def test_where_an_outline_begins_and_which_way_it_runs_changes_nothing(
    points: list[Position], start: int, backwards: bool
) -> None:
    turned = [*points[start % len(points) :], *points[: start % len(points)]]
    assert is_simple(turned[::-1] if backwards else turned) == is_simple(points)


@given(st.lists(st.floats(0.2, 1), min_size=5, max_size=60))
def test_a_star_round_a_middle_is_kept_anticlockwise_and_holds_its_middle(reach: list[float]) -> None:
    angles = [2 * math.pi * at / len(reach) for at in range(len(reach))]
    star = [
        (WEST + 0.02 * far * math.cos(at), SOUTH + 0.02 * far * math.sin(at))
        for at, far in zip(angles, reach, strict=True)
    ]
    kept = OUTLINE.validate_python(star[::-1])
    assert signed_area(kept) > 0
    assert len(kept) == len(star)
    assert holds(kept, (WEST, SOUTH))
    assert not holds(kept, (WEST + 0.03, SOUTH))
    assert OUTLINE.validate_python((*kept, kept[0])) == kept


@given(st.tuples(st.floats(73, 136), st.floats(3, 54)))
def test_every_position_of_china_is_kept_and_its_swapped_twin_is_named(at: tuple[float, float]) -> None:
    kept = POSITION.validate_python(at)
    assert kept == (round(at[0], 7), round(at[1], 7))
    if at[0] > 90:
        assert refusal(PATH, [(at[1], at[0]), (0, 0)]) == "swapped"


@pytest.mark.parametrize(
    ("points", "code"),
    [
        ([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]], "self_intersection"),
        ([*SQUARE, (WEST, SOUTH + 0.005), (WEST - 0.01, SOUTH + 0.005), (WEST, SOUTH + 0.005)], "self_intersection"),
        ([SQUARE[0], SQUARE[1], SQUARE[2], SQUARE[1]], "self_intersection"),
        ([SQUARE[0], SQUARE[1], SQUARE[0]], "too_few_points"),
        ([SQUARE[0]] * 5, "too_few_points"),
        ([SQUARE[0], (WEST + 0.00001, SOUTH), (WEST, SOUTH + 0.00001)], "area"),
        ([(lat, lon) for lon, lat in SQUARE], "swapped"),
        ([(13.4, 52.5), (13.5, 52.5), (13.5, 52.6)], "outside_china"),
        ([(0, 0), (1, 0), (1, 1)], "outside_china"),
        ([(float("nan"), SOUTH), *SQUARE], "finite_number"),
        ([(1e308, SOUTH), *SQUARE], "less_than_equal"),
        ([("123.9", "x"), *SQUARE], "float_parsing"),
        ([SQUARE[0], SQUARE[1]], "too_short"),
        ([SQUARE[0]] * 5002, "too_long"),
    ],
)
def test_outlines_that_are_none_are_refused_with_the_reason(points: object, code: str) -> None:
    assert refusal(OUTLINE, points) == code


def test_a_large_outline_is_judged_as_a_small_one() -> None:
    count = 5000
    ring = [
        (WEST + 0.05 * math.cos(2 * math.pi * at / count), SOUTH + 0.05 * math.sin(2 * math.pi * at / count))
        for at in range(count)
    ]
    assert is_simple(ring)
    ring[100], ring[102] = ring[102], ring[100]
    assert not is_simple(ring)


def test_distances_and_areas_are_those_of_the_ground() -> None:
    assert distance(SQUARE[0], SQUARE[3]) == pytest.approx(1111.95, abs=0.1)
    assert length(SQUARE[:3]) == pytest.approx(776.4 + 1111.95, abs=1)
    assert signed_area(SQUARE) == pytest.approx(1111.95 * 776.4, rel=0.001)


def test_a_line_may_cross_itself_but_has_two_ends() -> None:
    assert len(PATH.validate_python([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]])) == 4
    assert PATH.validate_python([SQUARE[0], SQUARE[0], SQUARE[1]]) == SQUARE[:2]
    assert refusal(PATH, [SQUARE[0], SQUARE[0]]) == "too_few_points"


def test_distance_is_that_of_the_globe() -> None:
    # One degree of a meridian on the mean sphere: pi / 180 * 6371008.8 m.
    assert distance((124, 45), (124, 46)) == pytest.approx(111_195.08, abs=0.1)
    assert distance((124, 45), (124, 45)) == 0
    assert distance((179.9, 0), (-179.9, 0)) == pytest.approx(22_239, abs=1)


globe = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


@given(globe, st.lists(globe, min_size=1, max_size=5))
def test_distances_of_many_are_those_of_each(one: Position, others: list[Position]) -> None:
    # Half around the globe the haversine is right to a metre; over a county both are the same to a micrometre.
    told = [distance(one, other) for other in others]
    assert distances(one, others) == pytest.approx(told, rel=1e-9, abs=1)
    assert distances([one] * len(others), others) == pytest.approx(told, rel=1e-9, abs=1)
    beside = [(one[0] + lon / 180, one[1] + lat / 90) for lon, lat in others]
    assert distances(one, beside) == pytest.approx([distance(one, other) for other in beside], abs=1e-6)


@given(
    globe,
    st.floats(1, 50_000),
    st.floats(-0.46, 0.46),
    st.one_of(st.floats(-1, 1), st.floats(-180, 180)),
)
def test_what_is_near_is_in_the_box(middle: Position, radius: float, up: float, aside: float) -> None:
    lon, lat = middle
    other = (lon + aside + 180) % 360 - 180, min(max(lat + up, -90), 90)
    west, south, east, north = box_around(middle, radius)
    inside = south <= other[1] <= north and west <= other[0] <= east
    assert inside or distance(middle, other) > radius
