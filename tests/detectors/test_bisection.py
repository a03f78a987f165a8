"""The bisection: it finds the change, asks seldom enough, and ends, whatever is answered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.bisection import SPARE, Answer, most_questions, standing

positions = st.integers(2, 5000)


@given(positions, st.data())
def test_with_true_answers_it_is_exact_within_the_logarithm(count: int, data: st.DataObject) -> None:
    gone = data.draw(st.integers(1, count - 1))
    answers: list[tuple[int, Answer]] = []
    while (now := standing(count, answers)).ask is not None:
        answers.append((now.ask, Answer.OUT if now.ask >= gone else Answer.IN))
    assert (now.last_in, now.first_out, now.exact) == (gone - 1, gone, True)
    assert len(answers) <= most_questions(count) - SPARE


@given(positions, st.data())
def test_what_cannot_be_told_moves_on_and_never_loops(count: int, data: st.DataObject) -> None:
    gone = data.draw(st.integers(1, count - 1))
    foggy = data.draw(st.sets(st.integers(0, count), max_size=12))
    answers: list[tuple[int, Answer]] = []
    seen = set()
    while (now := standing(count, answers)).ask is not None:
        assert now.ask not in seen, "nothing is asked twice"
        seen.add(now.ask)
        told = Answer.UNKNOWN if now.ask in foggy else Answer.OUT if now.ask >= gone else Answer.IN
        answers.append((now.ask, told))
    assert now.last_in < gone <= now.first_out
    assert all(one in foggy for one in range(now.last_in + 1, now.first_out)), "only fog is left between"
    assert len(answers) <= most_questions(count) - SPARE + 2 * len(foggy)


@given(st.integers(2, 200))
def test_of_nothing_but_fog_each_position_is_asked_once(count: int) -> None:
    answers: list[tuple[int, Answer]] = []
    while (now := standing(count, answers)).ask is not None:
        answers.append((now.ask, Answer.UNKNOWN))
    assert sorted(at for at, _ in answers) == list(range(1, count - 1))
    assert (now.last_in, now.first_out) == (0, count - 1)


def test_fog_is_left_with_growing_steps() -> None:
    answers: list[tuple[int, Answer]] = []
    for _ in range(4):
        now = standing(1001, answers)
        assert now.ask is not None
        answers.append((now.ask, Answer.UNKNOWN))
    asked = [at for at, _ in answers]
    assert asked[0] == 500
    assert [abs(at - 500) for at in asked[1:]] == sorted(abs(at - 500) for at in asked[1:])
    assert abs(asked[3] - 500) >= 3


def test_answers_nobody_asked_for_are_refused() -> None:
    for wrong in ([(0, Answer.IN)], [(9, Answer.OUT)], [(5, Answer.IN), (4, Answer.OUT)], [(-1, Answer.UNKNOWN)]):
        with pytest.raises(ValueError, match="asked"):
            standing(10, wrong)
    with pytest.raises(ValueError, match="two ends"):
        standing(1, [])
    assert standing(2, []).exact


def test_undoing_is_leaving_the_last_answer_out() -> None:
    one = [(50, Answer.IN)]
    assert standing(101, [*one, (75, Answer.OUT)][:-1]) == standing(101, one)
