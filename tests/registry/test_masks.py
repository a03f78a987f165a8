"""Masks: what hides at least as much, judged against pixels drawn by the program that hides them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.geometry import masked_cells
from registry import masks
from registry.masks import covers
from registry.outlines import area

LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
RIGHT = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
TOP = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (0.0, 0.5))
ALL = masks.EVERYTHING
Outline = list[tuple[float, float]]
TRIANGLES = st.lists(
    st.tuples(*[st.integers(0, 16).map(lambda one: one / 16)] * 2), min_size=3, max_size=3, unique=True
).filter(lambda one: area(tuple(one)) > 0)


@pytest.mark.parametrize(
    ("new", "old", "hides"),
    [
        ([], [], True),
        ([LEFT], [], True),
        ([], [LEFT], False),
        ([LEFT], [LEFT], True),
        ([LEFT[2:] + LEFT[:2]], [LEFT], True),
        ([LEFT, RIGHT], [ALL], True),
        ([ALL], [LEFT, TOP], True),
        ([LEFT], [LEFT, TOP], False),
        ([LEFT, TOP], [((0.2, 0.2), (0.8, 0.2), (0.3, 0.8))], False),
        ([LEFT, TOP], [((0.2, 0.2), (0.8, 0.2), (0.5, 0.5))], True),
        ([((0.0, 0.0), (0.4999, 0.0), (0.4999, 1.0), (0.0, 1.0))], [LEFT], False),
        ([((0.0, 0.0), (0.5, 0.0), (0.5, 0.9995), (0.0, 0.9995))], [LEFT], False),
    ],
)
def test_what_hides_as_much(new: list[masks.Points], old: list[masks.Points], hides: bool) -> None:
    assert covers(new, old) is hides


@settings(max_examples=150, deadline=None)
@given(st.lists(TRIANGLES, max_size=3), st.lists(TRIANGLES, max_size=3))
def test_it_agrees_with_the_pixels_that_are_blackened(new: list[Outline], old: list[Outline]) -> None:
    """What it calls hidden bares no pixel but along an edge; and whoever adds to masks is never refused."""
    black, was = (masked_cells([tuple(one) for one in both], 180, 320) for both in (new, old))
    bared = was & ~black
    deep = bared[1:-1, 1:-1] & bared[:-2, 1:-1] & bared[2:, 1:-1] & bared[1:-1, :-2] & bared[1:-1, 2:]
    if deep.any():
        assert not covers(new, old)
    assert covers([*new, *old], old)
    both = masks.joined(old, new)
    assert covers(both, old)
    assert covers(both, new)


def test_a_mask_cannot_be_shrunk_in_steps_too_small_to_see() -> None:
    end, caught = 0.5, False
    for _ in range(60):
        before, end = end, end - 1 / 20_000
        now, then = (((0.0, 0.0), (1.0, 0.0), (1.0, at), (0.0, at)) for at in (end, before))
        caught = caught or not covers([now], [then])
    assert caught


def test_old_masks_come_back_beside_new_ones() -> None:
    assert masks.joined([LEFT], []) == (LEFT,)
    assert masks.joined([LEFT], [LEFT, ((0.1, 0.1), (0.2, 0.1), (0.2, 0.2))]) == (LEFT,)
    assert masks.joined([LEFT], [TOP]) == (LEFT, TOP)
    many = [((0.5, 0.0), (1.0, at / 40), (1.0, at / 40 + 0.01)) for at in range(32)]
    assert masks.joined([LEFT], many) == (ALL,), "more than a scene may have: nothing is bared"


def test_the_worst_scene_is_judged_in_seconds() -> None:
    comb = [((i % 2) * 0.4 + 0.01 * (i // 2 % 7), i / 64) for i in range(62)]
    outline = (*comb, (1.0, 1.0), (1.0, 0.0))
    old = [tuple((x * 0.99, y) for x, y in outline)] * 31
    began = time.monotonic()
    covers([outline] * 32, old)
    assert time.monotonic() - began < 20
