from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from camera_hub.stream.wall import WallTime

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Clocks:
    def __init__(self) -> None:
        self.monotonic = 1000.0
        self.wall = START

    def pass_(self, seconds: float) -> None:
        self.monotonic += seconds
        self.wall += timedelta(seconds=seconds)

    def time(self) -> WallTime:
        return WallTime(lambda: self.wall, lambda: self.monotonic)


def test_a_burst_after_a_hiccup_keeps_its_true_times() -> None:
    clocks = Clocks()
    time = clocks.time()
    time.of(0.0, clocks.monotonic)
    clocks.pass_(6)
    for n in range(30):
        at = 1 + n / 5
        assert time.of(at, clocks.monotonic) == (START + timedelta(seconds=at), False)


def test_the_wall_clock_an_hour_back_moves_the_anchor_once() -> None:
    clocks = Clocks()
    time = clocks.time()
    time.of(0.0, clocks.monotonic)
    clocks.pass_(10)
    clocks.wall -= timedelta(hours=1)
    wall, moved = time.of(10.0, clocks.monotonic)
    assert moved
    assert wall == START + timedelta(seconds=10) - timedelta(hours=1)
    clocks.pass_(1)
    assert time.of(11.0, clocks.monotonic) == (wall + timedelta(seconds=1), False)


def test_a_frame_that_waited_is_dated_when_it_came() -> None:
    clocks = Clocks()
    time = clocks.time()
    received = clocks.monotonic
    clocks.pass_(0.5)
    assert time.of(0.0, received) == (START, False)


def test_a_camera_clock_that_drifts_or_jumps_is_followed_after_a_while() -> None:
    clocks = Clocks()
    time = clocks.time()
    time.of(0.0, clocks.monotonic)
    moves = 0
    for n in range(1, 3600):
        clocks.pass_(1)
        wall, moved = time.of(n * 1.01, clocks.monotonic)
        moves += moved
        assert abs((wall - clocks.wall).total_seconds()) < 2.3
    assert 10 < moves < 25


@given(st.lists(st.tuples(st.floats(0.01, 5), st.floats(-3600, 3600), st.floats(0, 3)), max_size=60))
def test_times_rise_as_long_as_the_anchor_stays(steps: list[tuple[float, float, float]]) -> None:
    clocks = Clocks()
    time = clocks.time()
    at, before, _ = 0.0, *time.of(0.0, clocks.monotonic)
    for passed, jump, lag in steps:
        clocks.pass_(passed)
        if abs(jump) > 3000:
            clocks.wall += timedelta(seconds=jump)
        at += passed
        wall, moved = time.of(at, clocks.monotonic + lag)
        assert moved or wall >= before
        if abs(jump) > 3000:
            assert moved
        before = wall
