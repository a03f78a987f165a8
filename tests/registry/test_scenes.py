"""Scenes: outlines are simple and inside, rules refer to what is there, revisions are kept."""

from __future__ import annotations

import math
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_hub.settings import Settings
from registry import cameras, scenes
from registry.errors import Conflict, Invalid, NotFound
from registry.inputs import parse
from registry.outlines import area, is_simple, segments_meet
from registry.scenes import DEFAULT_SCENE, Scene
from registry.users import CONSOLE
from tests.registry.county import County

POLICY = Settings().record_policy

SQUARE = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]
GRID = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(lambda p: (p[0] / 8, p[1] / 8))


@given(st.lists(GRID, min_size=3, max_size=7).map(tuple))
def test_simple_is_what_edges_that_do_not_meet_make(points: tuple[tuple[float, float], ...]) -> None:
    """The plain definition: distinct corners; edges share only the corner of neighbours. Eighths are exact in binary."""
    count = len(points)
    edges = [(points[i], points[(i + 1) % count]) for i in range(count)]
    simple = len(set(points)) == count
    for (i, (a, b)), (j, (c, d)) in combinations(enumerate(edges), 2):
        if (i + 1) % count == j:
            simple &= not _folds(b, a, d)
        elif (j + 1) % count == i:
            simple &= not _folds(a, b, c)
        else:
            simple &= not segments_meet(a, b, c, d)
    assert is_simple(points) is bool(simple)


def _folds(corner, one, other) -> bool:
    """Whether the two edges at a corner lie on each other."""
    ux, uy, vx, vy = one[0] - corner[0], one[1] - corner[1], other[0] - corner[0], other[1] - corner[1]
    return ux * vy - uy * vx == 0 and ux * vx + uy * vy > 0


@given(st.integers(3, 40), st.floats(0.05, 0.5), st.floats(0, 7))
def test_regular_polygons_pass_and_stars_do_not(corners: int, radius: float, turn: float) -> None:
    def at(number: int) -> tuple[float, float]:
        angle = turn + 2 * math.pi * number / corners
        return 0.5 + radius * math.cos(angle), 0.5 + radius * math.sin(angle)

    ring = tuple((min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)) for x, y in map(at, range(corners)))
    assert is_simple(ring)
    assert area(ring) > 0
    assert parse(Scene, {"masks": [ring]}).masks[0] == ring
    if corners >= 5 and corners % 2:
        star = tuple(ring[(2 * number) % corners] for number in range(corners))
        with pytest.raises(Invalid):
            parse(Scene, {"masks": [star]})


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"masks": [[[0, 0], [1, 1], [1, 0], [0, 1]]]}, "masks.0"),
        ({"masks": [[[0, 0], [1, 1]]]}, "masks.0"),
        ({"masks": [[[0, 0], [0.5, 0.5], [1, 1]]]}, "masks.0"),
        ({"masks": [[[0, 0], [1.01, 0], [1, 1]]]}, "masks.0.1.0"),
        ({"masks": [[[0, 0], [float("nan"), 0], [1, 1]]]}, "masks.0.1.0"),
        ({"masks": [[[0, 0], [0, 0], [1, 1], [0, 1]]]}, "masks.0"),
        ({"masks": [SQUARE] * 33}, "masks"),
        ({"masks": [[[i / 100, 0] for i in range(65)]]}, "masks.0"),
        ({"zones": [{"id": "a", "name": "a", "points": SQUARE}] * 2}, ""),
        ({"zones": [{"id": "a b", "name": "a", "points": SQUARE}]}, "zones.0.id"),
        ({"lines": [{"id": "a", "name": "a", "a": [0, 0], "b": [0, 0]}]}, "lines.0"),
        ({"rules": [{"id": "r", "name": "r", "kind": "zone_entered"}]}, "rules.0"),
        ({"rules": [{"id": "r", "name": "r", "kind": "zone_entered", "zone": "gone"}]}, ""),
        ({"rules": [{"id": "r", "name": "r", "kind": "line_crossed", "line": "gone"}]}, ""),
        ({"rules": [{"id": "r", "name": "r", "kind": "object", "direction": "in"}]}, "rules.0"),
        ({"rules": [{"id": "r", "name": "r", "kind": "object", "min_score": 1.5}]}, "rules.0.min_score"),
        ({"rules": [{"id": "r", "name": "r", "kind": "object", "groups": ["face"]}]}, "rules.0.groups.0"),
        ({"rules": [{"id": "r", "name": "r", "kind": "object", "schedule": {"from_minute": 0, "to_minute": 1440}}]}, "rules.0.schedule.to_minute"),
        ({"faces": []}, "faces"),
    ],
)  # fmt: skip
def test_wrong_scenes_are_refused_where_they_are_wrong(data: dict[str, object], path: str) -> None:
    with pytest.raises(Invalid) as err:
        parse(Scene, data)
    assert err.value.fields[0].path == path


async def test_revisions_are_kept_and_stale_ones_refused(county: County) -> None:
    camera = await county.camera()
    store = county.store
    assert (await scenes.get(store, camera.id)).revision == 0
    assert (await scenes.get(store, camera.id)).scene == DEFAULT_SCENE
    masked = parse(Scene, {"masks": [SQUARE], "rules": DEFAULT_SCENE.as_json()["rules"]})
    before = await store.revision()
    assert (await scenes.put(store, camera.id, masked, CONSOLE, 0)).revision == 1
    assert await store.revision() > before
    with pytest.raises(Conflict):
        await scenes.put(store, camera.id, DEFAULT_SCENE, CONSOLE, 0)
    bare = masked.model_copy(update={"rules": ()})
    assert (await scenes.put(store, camera.id, bare, CONSOLE)).revision == 2
    assert (await scenes.get(store, camera.id, 1)).scene == masked
    (order,) = await cameras.orders(store, county.vault, 0, 1, policy=POLICY)
    assert (order.scene_revision, order.scene) == (2, bare.as_json())
    with pytest.raises(NotFound):
        await scenes.get(store, camera.id, 9)
