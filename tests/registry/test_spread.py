"""Where somebody may be, how slow and fast he goes, and how many pass by chance: all without a database.

The toy villages lie on a plane around 124° E 45° N; lengths are metres along the roads, reckoned by hand.
"""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.geometry import Position, distance
from registry.pursuit import chance
from registry.pursuit.pace import SPEEDS, window
from registry.pursuit.spread import SECTORS, Guard, Piece, Sector, sectors, sectors_of, spread
from registry.spans import length, minus
from registry.travel import Mode, Paces
from registry.travel.graph import Graph
from registry.travel.noding import net_of

LAT, LON = 45.0, 124.0
PER_DEGREE = math.pi / 180 * 6_371_008.8
SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000
SPEED = 1.0 / SECOND
"""One metre a second: seconds are metres."""


def at(east: float, north: float) -> Position:
    return LON + east / (PER_DEGREE * math.cos(math.radians(LAT))), LAT + north / PER_DEGREE


def roads(*lines: list[tuple[float, float]]) -> Graph:
    return Graph(net_of([[at(*point) for point in line] for line in lines]))


def reached(graph: Graph, seconds: float, *guards: Guard, start: Position | None = None) -> float:
    return spread(graph, start or at(0, 0), (0, round(seconds * SECOND)), SPEED, guards).metres


def near(metres: float) -> object:
    return pytest.approx(metres, abs=2.0)


CROSS = roads([(-1000, 0), (1000, 0)], [(0, -1000), (0, 1000)])
"""Four roads of 1,000 m from a crossing, where he was last seen."""
RING = roads([(0, 0), (400, 0), (400, 400), (0, 400), (0, 0)], [(400, 400), (1400, 400)])
"""A ring of 1,600 m round the village, and one road out of its corner opposite to where he was last seen."""
RIVER = roads([(-1000, 0), (-50, 0)], [(50, 0), (1000, 0)], [(-500, 0), (-500, 600), (500, 600), (500, 0)])
"""Two roads that end at a river without a bridge; the bridge is 600 m upstream."""


def test_the_area_of_a_crossing_by_hand() -> None:
    east, dead = Guard(at(300, 0)), ((0, DAY),)
    assert reached(CROSS, 600) == near(4 * 600)
    assert reached(CROSS, 5000) == near(4000), "no further than roads go"
    assert reached(CROSS, 600, east) == near(3 * 600 + 300), "a camera that saw nobody ends the road east"
    assert reached(CROSS, 600, Guard(at(300, 0), dead)) == near(4 * 600), "one that was down ends nothing"
    assert reached(CROSS, 600, Guard(at(300, 0), ((400 * SECOND, DAY),))) == near(3 * 600 + 500)
    """It fell out after 400 s: he may have waited 100 s before it and gone on for 200."""
    hit = Guard(at(300, 0), ((300 * SECOND, 310 * SECOND),))
    assert reached(CROSS, 600, hit) == near(4 * 600), "he may be who was seen there just when he could be"
    late = Guard(at(300, 0), ((100 * SECOND, 110 * SECOND),))
    assert reached(CROSS, 600, late) == near(3 * 600 + 300), "who was seen there was there before he could be"


def test_the_area_of_a_ring_by_hand() -> None:
    assert reached(RING, 500) == near(1000), "500 m either way round"
    assert reached(RING, 1000) == near(1600 + 200), "all of the ring, and 200 m of the road out"
    one = Guard(at(400, 200))
    assert reached(RING, 1000, one) == near(1600 + 200), "the other way round is as short"
    assert reached(RING, 1100, one, Guard(at(200, 400))) == near(600 + 600), "both ways round are watched"
    corner = Guard(at(400, 400))
    assert reached(RING, 1100, corner) == near(1600), "a camera at a crossing watches all of its roads"
    assert reached(RING, 1100, Guard(at(400, 400), ((0, DAY),))) == near(1600 + 300)


def test_the_area_at_a_river_by_hand() -> None:
    west = at(-100, 0)
    assert reached(RIVER, 400, start=west) == near(50 + 400), "to the bank, and 400 m back"
    around = 400 + 600 + 1000 + 600
    assert reached(RIVER, around + 100, start=west) == near(950 + 2200 + 200), (
        "over the bridge, 100 m either way beyond"
    )
    bridge = Guard(at(0, 600))
    assert reached(RIVER, around + 100, bridge, start=west) == near(950 + 600 + 500), "the bridge was watched"


def test_what_lies_off_the_roads_is_said() -> None:
    off = spread(CROSS, at(0, 0), (0, 600 * SECOND), SPEED, [Guard(at(300, 200))])
    assert (off.placed, off.metres) == ((False,), near(2400))
    nowhere = spread(CROSS, at(5000, 5000), (0, 600 * SECOND), SPEED, [Guard(at(300, 0))])
    assert (nowhere.pieces, nowhere.came) == (None, (math.inf,))


def test_where_he_was_seen_he_is_not_held() -> None:
    gate = Guard(at(300, 0))
    assert reached(CROSS, 200, gate, start=at(300, 0)) == near(400)


@given(
    down=st.tuples(st.integers(0, 2000), st.integers(0, 2000)).map(sorted),
    seconds=st.integers(1, 2000),
    north=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_a_camera_that_was_down_never_makes_the_area_smaller(down: list[int], seconds: int, north: bool) -> None:
    others = [Guard(at(0, 200))] if north else []
    span = (down[0] * SECOND, down[1] * SECOND)
    closed = reached(RING, seconds, Guard(at(400, 200)), *others)
    opened = reached(RING, seconds, Guard(at(400, 200), (span,)), *others)
    assert opened >= closed - 0.01
    assert opened <= reached(RING, seconds) + 0.01


def test_sectors_tell_the_directions_that_are_open() -> None:
    area = spread(CROSS, at(0, 0), (0, 600 * SECOND), SPEED, [Guard(at(30, 0)), Guard(at(-30, 0)), Guard(at(0, 30))])
    by = sectors(at(0, 0), area.pieces or ())
    assert [round(one.metres) for one in by] == [30, 0, 30, 0, 600, 0, 30, 0]
    assert by[4].farthest_m == pytest.approx(600, abs=30)
    ends = [at(*to) for to in ((0, 9), (9, 9), (9, 0), (0, -9), (-9, 0))]
    assert sectors_of(at(0, 0), ends).tolist() == [0, 1, 2, 4, 6]
    assert sectors_of(at(0, 0), []).tolist() == []
    assert sectors(at(0, 0), []) == (Sector(0, 0),) * SECTORS
    assert sectors(at(0, 0), [Piece((at(0, 0), at(0, 100)), 100)])[0].metres == pytest.approx(100, abs=0.2)


flat = st.tuples(st.floats(-3000, 3000), st.floats(-3000, 3000))


@given(st.lists(st.lists(flat, min_size=2, max_size=4), max_size=6))
def test_sectors_are_those_of_a_step_after_another(lines: list[list[tuple[float, float]]]) -> None:
    centre, metres, farthest = at(0, 0), [0.0] * SECTORS, [0.0] * SECTORS
    paths = [tuple(at(*point) for point in line) for line in lines]
    for path in paths:
        for a, b in pairwise(path):
            far = distance(a, b)
            steps = max(1, math.ceil(far / 25))
            for step in range(steps):
                share = (step + 0.5) / steps
                there = a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
                east = (there[0] - centre[0]) * math.cos(math.radians(centre[1]))
                bearing = math.degrees(math.atan2(east, there[1] - centre[1])) % 360
                sector = round(bearing / 45) % SECTORS
                metres[sector] += far / steps
                farthest[sector] = max(farthest[sector], distance(centre, there))
    found = sectors(centre, [Piece(path, 0) for path in paths])
    assert [one.metres for one in found] == pytest.approx(metres, abs=0.11)
    assert [one.farthest_m for one in found] == pytest.approx(farthest, abs=0.11)


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("backwards", [False, True])
def test_a_true_hop_lies_in_the_window(mode: Mode, backwards: bool) -> None:
    """Trips at people's usual paces, spread by 0.3 of the logarithm, with clocks wrong by up to 5 s each."""
    chances = random.Random(f"{mode} {backwards}")
    inside, trips = 0, 4000
    for _ in range(trips):
        metres = chances.uniform(150, 8000)
        usual = getattr(Paces(), mode.value) / 3600
        took = metres / (usual * math.exp(chances.gauss(0, 0.3)))
        there = (-took if backwards else took) + chances.uniform(-10_000, 10_000)
        begin, end = window(0, metres, SPEEDS[mode], 10_000, backwards=backwards)
        inside += begin <= there <= end
    assert inside / trips >= 0.95


def test_a_window_backwards_is_the_forward_one_turned() -> None:
    begin, end = window(HOUR, 1000, SPEEDS[Mode.FOOT], 10_000, backwards=False)
    assert (begin, end) == (HOUR + 400_000 - 10_000, HOUR + 1_440_000 + 10_000)
    assert window(HOUR, 1000, SPEEDS[Mode.FOOT], 10_000, backwards=True) == (2 * HOUR - end, 2 * HOUR - begin)


@pytest.mark.parametrize("a_minute", [0.5, 2.0, 8.0])
@pytest.mark.parametrize("minutes", [8, 90])
@pytest.mark.parametrize("dead_hours", [0, 20])
def test_by_chance_is_rate_times_window(a_minute: float, minutes: int, dead_hours: int) -> None:
    """Poisson traffic whose rate is known, over many windows; the camera lies dead part of the days before."""
    chances = random.Random(f"{a_minute} {minutes} {dead_hours}")
    found = []
    for _ in range(40):
        asked = (10 * DAY, 10 * DAY + minutes * MINUTE)
        before = chance.same_hours(asked)
        died = before[-1][0] + chances.randrange(DAY)
        dark = [(died, died + dead_hours * HOUR)]
        passed = sum(
            begin <= moment < end
            for begin, end in minus(before, dark)
            for moment in traffic(chances, a_minute, begin, end)
        )
        found.append(chance.expected(asked, (), before, dark, passed).expected)
    told = [one for one in found if one is not None]
    assert len(told) == len(found)
    assert sum(told) / len(told) == pytest.approx(a_minute * minutes, rel=0.10)


def traffic(chances: random.Random, a_minute: float, begin: float, end: float) -> list[float]:
    moments, now = [], begin
    while (now := now + chances.expovariate(a_minute / MINUTE)) < end:
        moments.append(now)
    return moments


def test_what_was_not_watched_is_no_nobody() -> None:
    asked = (10 * DAY, 10 * DAY + HOUR)
    before = chance.same_hours(asked)
    assert len(before) == chance.DAYS
    assert length(before) == chance.DAYS * HOUR
    half = [(one[0], one[0] + HOUR // 2) for one in before]
    assert chance.expected(asked, (), before, (), 70).expected == 10
    assert chance.expected(asked, (), before, half, 35).expected == 10, "half watched, half as many seen"
    assert chance.expected(asked, [(asked[0], asked[0] + HOUR // 2)], before, (), 70).expected == 5
    assert chance.expected(asked, (), before, before, 0).expected is None


@given(begin=st.integers(0, DAY), long=st.integers(1, 3 * DAY))
def test_the_days_before_never_reach_into_the_window(begin: int, long: int) -> None:
    asked = (20 * DAY + begin, 20 * DAY + begin + long)
    for one, other in chance.same_hours(asked):
        assert other <= asked[0]
        assert other - one >= min(long, chance.LEAST_MS)
        assert (one + other) // 2 % DAY - (asked[0] + asked[1]) // 2 % DAY in (0, -1, 1, DAY - 1, 1 - DAY)
