"""A clue map is what its basis says: what is drawn at once is what anybody draws of the basis that was kept."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from registry.geometry import Position
from registry.pursuit import cluemap
from registry.pursuit.basis import VERSION, Advice, Basis, Watcher, draw, restored, stored
from registry.pursuit.ground import RoadLine
from registry.travel import Mode

SIDE, STEP = 24, 0.008
WEST, SOUTH = 124.0, 45.0
START = (WEST + SIDE * STEP / 2, SOUTH + SIDE * STEP / 2)
AT = datetime(2026, 11, 23, 4, tzinfo=UTC)


def lattice(chances: random.Random) -> list[tuple[Position, Position, Position]]:
    """Bent roads between crossings about 700 m apart."""
    there = [[(WEST + STEP * x, SOUTH + STEP * y) for y in range(SIDE)] for x in range(SIDE)]
    lines = []
    for x in range(SIDE):
        for y in range(SIDE):
            for to in ((x + 1, y), (x, y + 1)):
                if max(to) < SIDE:
                    (ax, ay), (bx, by) = there[x][y], there[to[0]][to[1]]
                    bend = (ax + bx) / 2 + chances.uniform(-STEP, STEP) / 8, (ay + by) / 2
                    lines.append(((ax, ay), bend, (bx, by)))
    return lines


def basis(mode: Mode, minutes: int) -> Basis:
    """Roads of a few villages, and 300 cameras of which half were down for a time or saw somebody."""
    chances = random.Random(f"{mode} {minutes}")
    lines, begin = lattice(chances), int(AT.timestamp()) * 1000
    seen = []
    for number in range(300):
        lon, lat = chances.choice(chances.choice(lines))
        moment = begin + chances.randrange(minutes * 60_000)
        spans = ((moment, moment + 300_000),)
        dark, hits = chances.choice(((spans, ()), ((), spans), ((), ()), ((), ())))
        seen.append(Watcher(UUID(int=number), f"{number}", (lon + chances.uniform(-4e-4, 4e-4), lat), dark, hits))
    roads = tuple(RoadLine(UUID(int=number + 1), 1, line) for number, line in enumerate(lines))
    until = AT + timedelta(minutes=minutes)
    return Basis(VERSION, None, START, AT, until, mode, roads, tuple(seen), (), (), (), beyond=0, unheard=0)


@pytest.mark.parametrize(
    ("mode", "minutes", "every"), [(Mode.FOOT, 10, False), (Mode.VAN, 4, False), (Mode.VAN, 90, True)]
)
def test_a_map_is_what_is_drawn_of_its_kept_basis(mode: Mode, minutes: int, every: bool) -> None:
    whole = basis(mode, minutes)
    left, found = cluemap._drawn(whole)
    assert found.area is not None
    assert found.area.pieces
    assert found.area.advice is not Advice.UNKNOWN
    assert (left.roads == whole.roads) is every
    assert found == draw(restored(stored(left)))
    full = draw(whole).area
    assert full is not None
    assert found.area.metres == pytest.approx(full.metres, rel=1e-3), "what was left out was not reached"
    assert len(found.area.directions) == len(full.directions)


def test_cameras_that_are_not_come_to_change_nothing() -> None:
    whole = basis(Mode.FOOT, 20)
    left, _ = cluemap._drawn(whole)
    assert 0 < len(left.watchers) < len(whole.watchers)
    near = {one.camera_id for one in left.watchers}
    one, other = draw(whole).area, draw(replace(whole, watchers=left.watchers)).area
    assert one is not None
    assert other is not None
    assert one.pieces == other.pieces
    assert tuple(each for each in one.border if each.camera_id in near) == other.border
