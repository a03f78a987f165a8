"""How much a link carries: steps down at once, up again slowly, and slower after each relapse."""

from __future__ import annotations

from camera_hub.live.link import HOLD_S, LATE_S, MOST_HOLD_S, SETTLE_S, Link, Step


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def a_link(tiles: int) -> tuple[Link, Clock]:
    clock = Clock()
    link = Link(clock)
    assert [link.step(tile) for tile in range(tiles)] == [Step.ALL] * tiles
    return link, clock


def steps(link: Link, tiles: int) -> list[Step]:
    return [link.step(tile) for tile in range(tiles)]


def settle(link: Link, clock: Clock) -> None:
    clock.now += SETTLE_S


def test_one_tile_goes_to_keyframes_then_to_pictures_and_no_further() -> None:
    link, clock = a_link(1)
    for step in (Step.KEYFRAMES, Step.PREVIEW):
        assert link.lagged(0) == (0,)
        assert link.step(0) is step
        settle(link, clock)
    assert link.lagged(0) == ()
    assert link.step(0) is Step.PREVIEW


def test_what_was_lost_before_a_step_takes_no_other() -> None:
    link, clock = a_link(1)
    link.lagged(0)
    clock.now += SETTLE_S - 0.1
    assert link.lagged(0) == ()
    assert link.step(0) is Step.KEYFRAMES


def test_half_of_the_tiles_step_down_the_one_that_lagged_first() -> None:
    link, clock = a_link(16)
    first = link.lagged(9)
    assert len(first) == 8
    assert 9 in first
    settle(link, clock)
    assert len(link.lagged(3)) == 4
    for _ in range(3):
        settle(link, clock)
        link.lagged(3)
    assert set(steps(link, 16)) == {Step.KEYFRAMES}, "all before any goes further"
    settle(link, clock)
    link.lagged(3)
    assert steps(link, 16).count(Step.PREVIEW) == 8


def test_it_comes_back_one_then_two_then_four() -> None:
    link, clock = a_link(8)
    for _ in range(4):
        link.lagged(0)
        settle(link, clock)
    assert set(steps(link, 8)) == {Step.KEYFRAMES}
    risen = []
    for _ in range(4):
        assert link.rise() == () or not risen
        clock.now += HOLD_S
        risen.append(len(link.rise()))
    assert risen == [1, 2, 4, 1]
    assert set(steps(link, 8)) == {Step.ALL}


def test_what_is_late_holds_it_down() -> None:
    link, clock = a_link(1)
    link.lagged(0)
    for _ in range(10):
        clock.now += HOLD_S / 2
        link.sent(LATE_S + 0.1)
        assert link.rise() == ()
    clock.now += HOLD_S - 0.1
    link.sent(0.01)
    assert link.rise() == ()
    clock.now += 0.1
    assert link.rise() == (0,)
    assert link.step(0) is Step.ALL


def test_each_relapse_makes_it_wait_twice_as_long_and_a_good_time_forgives() -> None:
    link, clock = a_link(1)
    link.lagged(0)
    waits = []
    for _ in range(8):
        begun = clock.now
        while not link.rise():
            clock.now += 0.5
        waits.append(clock.now - begun)
        clock.now += SETTLE_S
        link.lagged(0)
    assert waits[:4] == [HOLD_S, 2 * HOLD_S, 4 * HOLD_S, 8 * HOLD_S]
    assert max(waits) == MOST_HOLD_S
    while not link.rise():
        clock.now += 0.5
    clock.now += MOST_HOLD_S + 1
    assert link.rise() == ()
    link.lagged(0)
    begun = clock.now
    while not link.rise():
        clock.now += 0.5
    assert clock.now - begun == HOLD_S


def test_a_tile_that_is_new_begins_where_the_slowest_is() -> None:
    link, _ = a_link(2)
    link.lagged(1)
    assert link.step(7) is Step.KEYFRAMES
    link.forget(7)
    link.forget(1)
    assert link.step(8) is Step.ALL
