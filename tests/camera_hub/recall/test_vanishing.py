"""The vanish helper on simulated scenes with a known second: found within a minute, and never wrong in silence."""

from __future__ import annotations

import numpy as np
import pytest

from camera_hub.recall.stills.vanishing import Answer, Search, Step
from detectors.change import Structure, structure
from tests.detectors.vanishing import HOUR, Vanishing

STILL_MS = 600_000
KEYFRAME_MS = 2000


class StillEyes:
    def __init__(self, scene: Vanishing) -> None:
        self.scene = scene
        self.seen: dict[int, Structure | None] = {}

    async def look(self, at: int) -> Structure | None:
        if at not in self.seen:
            self.seen[at] = self.structure(at / 1000)
        return self.seen[at]

    def structure(self, at: float) -> Structure | None:
        return structure([self.scene.still(at)])


class KeyframeEyes(StillEyes):
    def structure(self, at: float) -> Structure:
        return structure([self.scene.crop(self.scene.frame(at + 2 * n, n)) for n in range(4)])


async def solved(scene: Vanishing) -> tuple[int, int, int]:
    """Last in and first out (ms), and how often the officer was asked; he is always right, or cannot tell."""
    stills = list(range(0, round(scene.hours * HOUR * 1000), STILL_MS))
    while scene.covered(stills[0] / 1000):  # who draws the box looks for a picture that shows the place
        stills.pop(0)
    while scene.covered(stills[-1] / 1000):
        stills.pop()
    coarse = await answered(scene, Search(stills, StillEyes(scene)))
    fine = list(range(coarse[0], coarse[1] + 1, KEYFRAME_MS))
    last_in, first_out, asked = await answered(scene, Search(fine, KeyframeEyes(scene), apart=15))
    return last_in, first_out, coarse[2] + asked


async def answered(scene: Vanishing, search: Search) -> tuple[int, int, int]:
    steps: tuple[Step, ...] = ()
    while True:
        now = await search.go_on(steps)
        if now.ask is None:
            assert now.asked <= now.most
            return now.last_in, now.first_out, now.asked
        at = now.ask / 1000
        told = Answer.UNKNOWN if scene.covered(at) else Answer.IN if scene.there(at) else Answer.OUT
        steps = (*now.steps, Step(now.ask, told, "officer"))


@pytest.mark.parametrize(("hours", "night"), [(12, True), (72, False)])
async def test_it_is_found_within_a_minute_in_the_night_and_over_days(hours: float, night: bool) -> None:
    asked = []
    for seed in range(20, 28):
        scene = Vanishing(seed, hours, always_night=night)
        last_in, first_out, questions = await solved(scene)
        assert last_in / 1000 - 60 <= scene.gone_s <= first_out / 1000 + 60, f"seed {seed}"
        assert first_out - last_in <= 60_000
        asked.append(questions)
    assert np.median(asked) <= 6


async def test_without_a_picture_nobody_is_asked_and_it_ends() -> None:
    scene = Vanishing(3, 2, begins=10)
    scene.gone_s = 3600.0
    eyes = StillEyes(scene)
    moments = list(range(0, 7_200_000, STILL_MS))
    eyes.seen = dict.fromkeys(moments[1:-1])
    now = await Search(moments, eyes).go_on(())
    assert (now.ask, now.exact, now.asked) == (None, False, 0)
    assert {one.answer for one in now.steps} == {Answer.UNKNOWN}


async def test_where_nothing_can_be_compared_a_person_is_asked() -> None:
    class Blank(StillEyes):
        def structure(self, at: float) -> Structure:
            return structure([np.full((40, 40), 90, np.uint8)])

    search = Search(list(range(0, 10_000, 100)), Blank(Vanishing(1, 1)))
    steps: tuple[Step, ...] = ()
    for _ in range(20):
        now = await search.go_on(steps)
        if now.ask is None:
            break
        steps = (*now.steps, Step(now.ask, Answer.UNKNOWN, "officer"))
    assert (now.ask, now.asked) == (None, now.most), "it stops asking in the end"


async def test_an_answer_about_a_moment_without_a_picture_is_refused() -> None:
    search = Search([0, 1000, 2000], StillEyes(Vanishing(1, 1)))
    with pytest.raises(ValueError, match="no picture"):
        await search.go_on([Step(1, Answer.IN, "officer")])
