"""Whether a thing is still there: on simulated scenes, in light and noise that would deceive a plain difference."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from detectors.bisection import Answer
from detectors.change import Pair, structure
from tests.detectors.vanishing import HOUR, Vanishing


def pair(scene: Vanishing, moments: Iterable[float]) -> Pair:
    there = [scene.gone_s - 60 - one for one in moments]
    gone = [scene.gone_s + 60 + one for one in moments]
    return Pair(*([structure([scene.still(at)]) for at in some] for some in (there, gone)))


@pytest.mark.parametrize("night", [False, True])
def test_it_is_seldom_wrong_and_then_somebody_stands_in_front(night: bool) -> None:
    right = wrong = unknown = 0
    for seed in range(6):
        scene = Vanishing(seed, 48, always_night=night)
        both = pair(scene, (0, 900, 1800))
        for at in np.random.default_rng(seed).uniform(0, 48 * HOUR, 12):
            judged = both.judge(structure([scene.still(float(at))]))
            truth = Answer.IN if scene.there(float(at)) else Answer.OUT
            right += judged.answer is truth
            unknown += judged.answer is Answer.UNKNOWN
            wrong += judged.answer not in (truth, Answer.UNKNOWN)
    assert wrong <= 1
    assert right >= 0.8 * 72


def test_sides_that_are_alike_are_never_judged() -> None:
    scene = Vanishing(1, 2, begins=10)
    same = [structure([scene.still(at)]) for at in (0.0, 30.0)]
    alike = Pair(same[:1], same[1:])
    assert alike.apart < 0.35
    assert alike.judge(structure([scene.still(60.0)])).answer is Answer.UNKNOWN


def test_noise_alone_and_an_even_wall_are_not_judged() -> None:
    rng = np.random.default_rng(1)
    noise = [structure([rng.normal(90, 6, (40, 40)).clip(0, 255).astype(np.uint8)]) for _ in range(3)]
    assert Pair(noise[:1], noise[1:2]).judge(noise[2]).answer is Answer.UNKNOWN
    wall = structure([np.full((40, 40), 90, np.uint8)])
    assert Pair([wall], [wall]).judge(wall).answer is Answer.UNKNOWN


def test_a_brighter_or_moved_picture_is_the_same_picture() -> None:
    scene = Vanishing(2, 2, begins=10)
    both = pair(scene, (0,))
    crop = scene.still(scene.gone_s - 300)
    for other in (crop // 2 + 20, np.roll(crop, 1, axis=1), np.roll(crop, -1, axis=0)):
        assert both.judge(structure([other.astype(np.uint8)])).answer is Answer.IN


def test_a_comparison_needs_both_sides() -> None:
    with pytest.raises(ValueError, match="both sides"):
        Pair([], [structure([np.zeros((24, 24), np.uint8)])])
