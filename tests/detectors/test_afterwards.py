"""Whether a place looks different afterwards: on made scenes, under leaves that move, at night, and across dusk."""

from __future__ import annotations

from collections import Counter

import cv2
import numpy as np
import pytest

from detectors.afterwards import CHANGED, Place, Unclear, Verdict
from detectors.cells import touched, unpacked
from tests.detectors.vanishing import HEIGHT, HOUR, WIDTH, Picture, Vanishing

APART_S = 600
FAR_S = 1900
"""So far from the theft that it is not among the pictures."""


def region(scene: Vanishing, wider: int = 0) -> Place:
    x0, y0, x1, y1 = scene.box
    left, top, right = (max(x0 - wider, 0) / WIDTH, max(y0 - wider, 0) / HEIGHT, min(x1 + wider, WIDTH) / WIDTH)
    low = min(y1, HEIGHT) / HEIGHT
    return Place(unpacked(touched([((left, top), (right, top), (right, low), (left, low))])), WIDTH, HEIGHT, 24)


def picture(scene: Vanishing, at: float, *, leaves: bool = False) -> Picture:
    found = np.median([scene.frame(at + n, n) for n in range(3)], axis=0).astype(np.uint8)
    if leaves:
        rng = np.random.default_rng([scene.seed, int(at)])
        x0, y0, x1, _ = scene.box
        for _ in range(70):
            where = int(rng.integers(x0 - 40, x1 + 40)), int(rng.integers(y0 - 40, y0 + 6))
            size, shade = (int(rng.integers(2, 7)), int(rng.integers(1, 4))), int(rng.integers(20, 220))
            cv2.ellipse(found, where, size, float(rng.uniform(0, 180)), 0, 360, shade, -1)
    return found


def across(scene: Vanishing, place: Place, at: float, *, leaves: bool = False, many: int = 3) -> Verdict:
    """What is said of a moment by pictures ten minutes apart."""
    sides = [
        [at + way * (APART_S * number + 300) for number in numbers]
        for way, numbers in ((-1, range(many - 1, -1, -1)), (1, range(many)))
    ]
    looks = [[look for one in side if (look := place.look(picture(scene, one, leaves=leaves)))] for side in sides]
    return place.compare(*looks)


@pytest.mark.parametrize("night", [False, True])
@pytest.mark.parametrize("leaves", [False, True])
def test_what_is_taken_is_seen_and_little_else(night: bool, leaves: bool) -> None:
    taken: Counter[str] = Counter()
    ordinary: Counter[str] = Counter()
    for seed in range(5):
        scene = Vanishing(seed, 6, begins=10, always_night=night)
        place = region(scene, 40 if leaves else 0)
        taken[across(scene, place, scene.gone_s, leaves=leaves).says] += 1
        for at in np.random.default_rng(seed).uniform(FAR_S, 6 * HOUR - FAR_S, 3).tolist():
            if abs(at - scene.gone_s) > FAR_S:
                ordinary[across(scene, place, at, leaves=leaves).says] += 1
    assert taken["changed"] >= 4
    assert ordinary["changed"] <= 1
    assert leaves or ordinary["same"] >= 0.8 * ordinary.total()


@pytest.mark.parametrize("begins", [5, 18])
def test_dusk_and_dawn_are_no_change(begins: int) -> None:
    for seed in range(4):
        scene = Vanishing(seed, 2, begins=begins)
        scene.gone_s = 1e9
        place = region(scene)
        for at in (3300.0, 3550.0, 3650.0):
            assert across(scene, place, at).says != "changed"
        assert across(scene, place, 3550.0).says is Unclear.LIGHT


def test_a_turned_camera_is_no_change() -> None:
    scene = Vanishing(1, 2, begins=10)
    scene.gone_s = 1e9
    place = region(scene)
    looks = [place.look(picture(scene, at)) for at in (0, 600, 1200)]
    turned = [place.look(np.roll(picture(scene, at), 40, axis=1)) for at in (1800, 2400)]
    assert place.compare([one for one in looks if one], [one for one in turned if one]).says is Unclear.LIGHT


def test_one_picture_of_a_side_is_too_few_and_other_sizes_are_not_looked_at() -> None:
    scene = Vanishing(1, 2, begins=10)
    place = region(scene)
    assert across(scene, place, 3600, many=1).says is Unclear.FEW
    assert place.compare([], []).says is Unclear.FEW
    assert place.look(np.zeros((90, 160), np.uint8)) is None
    verdict = across(scene, place, scene.gone_s, many=2)
    assert verdict.score is not None
    assert verdict.score >= CHANGED


def test_an_even_wall_is_not_said_to_be_the_same() -> None:
    place = Place(np.ones((1, 1), np.bool_), 320, 180, 24)
    assert place.around == 0
    cells = np.zeros((18, 32), np.bool_)
    cells[8:11, 10:14] = True
    place = Place(cells, 320, 180, 24)
    rng = np.random.default_rng(1)
    walls = [place.look(rng.normal(90, 1, (180, 320)).clip(0, 255).astype(np.uint8)) for _ in range(6)]
    seen = [one for one in walls if one]
    assert place.compare(seen[:3], seen[3:]).says != "changed"
    with pytest.raises(ValueError, match="no cell"):
        Place(np.zeros((18, 32), np.bool_), 320, 180, 24)
