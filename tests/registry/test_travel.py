"""Distances over roads: as a plain Dijkstra has them, joined where roads meet, and apart where nothing joins them."""

from __future__ import annotations

import heapq
import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import roads
from registry.geometry import Position, distance
from registry.roads import NewRoad, RoadChange
from registry.travel import DETOUR, How, Mode, Paces, Ways, noding, ways
from registry.travel.noding import JOIN_M, Grid, net_of
from registry.users import CONSOLE
from tests.registry.county import County

LON, LAT = 124.0, 45.5
EAST = 1 / (111_195 * math.cos(math.radians(LAT)))
NORTH = 1 / 111_195


def at(east_m: float, north_m: float) -> Position:
    return round(LON + east_m * EAST, 7), round(LAT + north_m * NORTH, 7)


# Twenty nodes, drawn by hand: a village street with lanes, a ring, a road out, and a hamlet that hangs on nothing.
NODES = [
    (0, 0), (400, 0), (800, 50), (1200, 0), (1600, -100), (0, 500), (420, 520), (800, 600), (1250, 550), (1600, 500),
    (0, 1000), (400, 1100), (850, 1050), (1200, 1100), (2400, 500), (3200, 700), (3200, 1500), (2400, 1400),
    (6000, 6000), (6400, 6100),
]  # fmt: skip
EDGES = [
    (0, 1), (1, 2), (2, 3), (3, 4), (0, 5), (1, 6), (2, 7), (3, 8), (4, 9), (5, 6), (7, 8), (5, 10), (6, 11), (7, 12),
    (11, 12), (12, 13), (9, 14), (14, 15), (15, 16), (16, 17), (17, 14), (18, 19),
]  # fmt: skip


def plain(start: int, edges: list[tuple[int, int]]) -> dict[int, float]:
    """The same question, asked in the plainest way."""
    found: dict[int, float] = {}
    heap = [(0.0, start)]
    while heap:
        far, here = heapq.heappop(heap)
        if here in found:
            continue
        found[here] = far
        for a, b in edges:
            if here in (a, b):
                heapq.heappush(heap, (far + distance(at(*NODES[a]), at(*NODES[b])), b if a == here else a))
    return found


def village(edges: list[tuple[int, int]] = EDGES) -> Ways:
    return Ways.of([(at(*NODES[a]), at(*NODES[b])) for a, b in edges])


@pytest.mark.parametrize("start", range(len(NODES)))
def test_distances_are_those_of_dijkstra(start: int) -> None:
    ends = [at(*node) for node in NODES]
    told, known = village().legs(at(*NODES[start]), ends), plain(start, EDGES)
    for number, leg in enumerate(told):
        if number in known:
            assert leg.metres == pytest.approx(known[number], rel=2e-3, abs=0.1)
            assert leg.how is How.ROAD
        else:
            assert (leg.metres, leg.how) == (None, How.UNREACHABLE)


@given(st.randoms(use_true_random=False))
def test_any_part_of_the_net_agrees(random_: random.Random) -> None:
    edges = random_.sample(EDGES, k=random_.randint(1, len(EDGES)))
    start = random_.choice(edges)[0]
    known = plain(start, edges)
    touched = sorted({node for edge in edges for node in edge})
    for number, leg in zip(
        touched, village(edges).legs(at(*NODES[start]), [at(*NODES[n]) for n in touched]), strict=True
    ):
        if number in known:
            assert leg.metres == pytest.approx(known[number], rel=2e-3, abs=0.1)
        else:
            assert leg.how is How.UNREACHABLE


def test_a_river_without_a_bridge_is_not_crossed() -> None:
    bank, other = [at(0, 0), at(2000, 0)], [at(0, 200), at(2000, 200)]
    (leg,) = Ways.of([bank, other]).legs(at(500, 0), [at(500, 200)])
    assert (leg.metres, leg.how) == (None, How.UNREACHABLE)
    bridge = [at(1800, 0), at(1800, 200)]
    (leg,) = Ways.of([bank, other, bridge]).legs(at(500, 0), [at(500, 200)])
    assert leg.metres == pytest.approx(1300 + 200 + 1300, rel=1e-3)


def test_roads_that_cross_or_nearly_meet_are_joined() -> None:
    (crossed,) = Ways.of([[at(-500, 0), at(500, 0)], [at(0, -500), at(0, 500)]]).legs(at(-400, 0), [at(0, 300)])
    assert crossed.metres == pytest.approx(700, rel=1e-3)
    near, far = JOIN_M - 2, JOIN_M + 2
    street = [at(-500, 0), at(500, 0)]
    (joined,) = Ways.of([street, [at(0, near), at(0, 400)]]).legs(at(-400, 0), [at(0, 400)])
    assert joined.metres == pytest.approx(800, rel=1e-3)
    (apart,) = Ways.of([street, [at(0, far), at(0, 400)]]).legs(at(-400, 0), [at(0, 400)])
    assert apart.how is How.UNREACHABLE


def scattered(count: int) -> list[tuple[Position, Position]]:
    """Roads of up to some hundred metres, of which many cross."""
    rng = random.Random(count)
    begins = [(rng.uniform(-1500, 1500), rng.uniform(-1500, 1500)) for _ in range(count)]
    return [(at(x, y), at(x + rng.gauss(0, 300), y + rng.gauss(0, 300))) for x, y in begins]


def test_crossings_are_those_of_each_road_with_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noding, "JOIN_M", 0.0)
    lines = scattered(200)

    def turn(a: Position, b: Position, c: Position) -> float:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    crossed = sum(
        turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0
        for number, (a, b) in enumerate(lines)
        for c, d in lines[:number]
    )
    net = net_of(lines)
    assert crossed > 100
    assert len(net.points) == 2 * len(lines) + crossed
    assert len(net.pieces) == len(lines) + 2 * crossed
    monkeypatch.setattr(noding, "_AT_ONCE", 7)
    few = net_of(lines)
    assert (few.points, few.pieces) == (net.points, net.pieces), "however many are compared at once"


@pytest.mark.parametrize("count", [0, 1, 2, 40])
@pytest.mark.parametrize("within", [15.0, 300.0, 1200.0])
def test_what_is_near_is_found_in_any_cell(count: int, within: float) -> None:
    random_ = random.Random(f"{count} {within}")
    pieces = np.array([[random_.uniform(-2000, 2000) for _ in range(4)] for _ in range(count)]).reshape(-1, 4)
    here = random_.uniform(-2000, 2000), random_.uniform(-2000, 2000)
    far = []
    for number, (x0, y0, x1, y1) in enumerate(pieces.tolist()):
        square = (x1 - x0) ** 2 + (y1 - y0) ** 2
        share = min(max(((here[0] - x0) * (x1 - x0) + (here[1] - y0) * (y1 - y0)) / square, 0), 1)
        far.append((math.hypot(x0 + share * (x1 - x0) - here[0], y0 + share * (y1 - y0) - here[1]), number))
    those, metres, _ = Grid(pieces).near(here, within)
    told = sorted(one for one in far if one[0] <= within)
    assert those.tolist() == [number for _, number in told]
    assert metres.tolist() == pytest.approx([one for one, _ in told])


def test_places_beside_a_road_stand_on_it() -> None:
    (leg,) = Ways.of([[at(0, 0), at(1000, 0)]]).legs(at(100, 30), [at(700, -20)])
    assert leg.metres == pytest.approx(30 + 600 + 20, rel=1e-3)


def test_without_a_road_it_is_an_estimate() -> None:
    here, there = at(0, 0), at(300, 400)
    (leg,) = Ways.of([]).legs(here, [there])
    assert leg.how is How.STRAIGHT
    assert leg.metres == pytest.approx(500 * DETOUR, rel=1e-3)
    (leg,) = Ways.of([[at(9000, 0), at(9500, 0)]]).legs(here, [there])
    assert leg.how is How.STRAIGHT
    (leg,) = Ways.of([]).legs(here, [there], within_m=600)
    assert (leg.metres, leg.how) == (None, How.BEYOND)


def test_what_is_further_than_asked_for_is_told_from_what_no_road_leads_to() -> None:
    net = village()
    near, far, never = net.legs(at(*NODES[0]), [at(*NODES[i]) for i in (1, 15, 18)], within_m=1000)
    assert near.how is How.ROAD
    assert far.how is How.BEYOND
    assert never.how is How.UNREACHABLE


def test_a_barrier_makes_one_go_round() -> None:
    net = village()
    start, end, bar = at(*NODES[0]), at(*NODES[2]), at(200, 0)
    free, barred = net.legs(start, [end])[0], net.reach(start, barriers=[bar]).leg(end)
    assert free.metres == pytest.approx(803, abs=2)
    assert free.metres is not None
    assert barred.metres is not None
    assert barred.metres > free.metres + 900
    assert net.reach(start, barriers=[bar]).leg(at(150, 0)).metres == pytest.approx(150, abs=1)
    closed = net.reach(start, barriers=[bar, at(0, 250)])
    assert closed.leg(end).how is How.UNREACHABLE


def test_what_is_reached_ends_with_the_distance_and_at_barriers() -> None:
    net = Ways.of([[at(0, 0), at(1000, 0)], [at(500, 0), at(500, 1000)]])
    told = net.reach(at(100, 0), within_m=600).stretches()
    assert sum(distance(one.begin, one.end) for one in told) == pytest.approx(100 + 600 + 200, rel=1e-3)
    assert max(max(one.begin_m, one.end_m) for one in told) == pytest.approx(600)
    barred = net.reach(at(100, 0), within_m=600, barriers=[at(500, 50)]).stretches()
    assert sum(distance(one.begin, one.end) for one in barred) == pytest.approx(100 + 600 + 50, rel=1e-3)
    ring = Ways.of([[at(0, 0), at(300, 0), at(300, 300), at(0, 300), at(0, 0)]])
    around = ring.reach(at(100, 0)).stretches()
    assert sum(distance(one.begin, one.end) for one in around) == pytest.approx(1200, rel=1e-3)
    assert max(max(one.begin_m, one.end_m) for one in around) == pytest.approx(600, rel=1e-3)


def test_minutes_are_metres_at_a_pace() -> None:
    paces = Paces(foot=5, ebike=20, van=40)
    assert paces.minutes(Mode.FOOT, 1000) == pytest.approx(12)
    assert paces.metres(Mode.VAN, 30) == pytest.approx(20_000)


async def test_the_roads_of_the_map_are_read_anew_after_each_change(county: County) -> None:
    start, end = at(0, 0), at(0, 400)
    assert (await ways(county.store)).legs(start, [end])[0].how is How.STRAIGHT
    street = await roads.create(county.store, NewRoad(place_code="220882100200", path=(start, at(500, 0))), CONSOLE)
    lane = NewRoad(place_code="220882100201", path=(at(500, 0), end))
    assert (await ways(county.store)).legs(start, [at(500, 0)])[0].how is How.ROAD
    made = await roads.create(county.store, lane, CONSOLE)
    there = await ways(county.store)
    assert there.legs(start, [end])[0].metres == pytest.approx(500 + math.hypot(500, 400), rel=1e-3)
    assert await ways(county.store) is there
    await roads.change(county.store, street.id, RoadChange(path=(start, at(300, 0))), CONSOLE)
    assert (await ways(county.store)).legs(start, [end])[0].how is How.UNREACHABLE
    await roads.remove(county.store, made.id, CONSOLE)
    assert len(await ways(county.store)) == 1
