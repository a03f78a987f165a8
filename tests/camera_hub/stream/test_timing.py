from __future__ import annotations

import itertools
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from camera_hub.stream.timing import Mender

RTP = Fraction(1, 90_000)
STAMP = st.none() | st.integers(-(1 << 40), 1 << 40)


@given(st.lists(st.tuples(STAMP, STAMP, st.floats(0, 30)), max_size=60))
def test_dts_always_rises_and_pts_never_lies_before_it(packets: list[tuple[int | None, int | None, float]]) -> None:
    mender, now, last = Mender(RTP), 0.0, None
    kept = 0
    for pts, dts, waited in packets:
        now += waited
        mended = mender.mend(pts, dts, now)
        if mended is None:
            continue
        kept += 1
        assert last is None or mended[1] > last
        assert mended[1] <= mended[0] <= mended[1] + 10 * 90_000
        last = mended[1]
    assert kept >= len(packets) // 10


@given(st.lists(st.tuples(STAMP, st.floats(0.01, 2)), min_size=2, max_size=60))
def test_stream_time_never_runs_away_from_the_clock(packets: list[tuple[int | None, float]]) -> None:
    mender, now = Mender(RTP), 0.0
    first = last = None
    for stamp, waited in packets:
        now += waited
        mended = mender.mend(stamp, stamp, now)
        if mended is None:
            continue
        if first is None or last is None:
            first = last = (mended[1], now)
        elapsed = (mended[1] - last[0]) / 90_000
        # one step is at most the longest gap beyond twice the time that passed
        assert elapsed <= 10 + 2 * (now - last[1]) + 0.1
        last = (mended[1], now)


def mended(stamps: list[tuple[int | None, int | None]], apart: float = 1 / 15) -> list[tuple[int, int] | None]:
    mender = Mender(RTP)
    return [mender.mend(pts, dts, number * apart) for number, (pts, dts) in enumerate(stamps)]


def test_steady_packets_pass_unchanged() -> None:
    steady = [(n * 6000, n * 6000) for n in range(50)]
    assert mended(list(steady)) == steady


def test_a_first_packet_without_time_is_kept_whatever_comes_second() -> None:
    assert mended([(None, None), (5999, 5999), (11999, 11999)]) == [(0, 0), (5999, 5999), (11999, 11999)]
    zero = mended([(None, None), (0, 0), (6000, 6000)])
    assert None not in zero
    assert [b[1] - a[1] for a, b in itertools.pairwise(zero) if a and b] == [3600, 6000]


def test_missing_dts_of_a_stream_with_b_frames_is_filled_in() -> None:
    out = mended([(0, None), (18_000, None), (6000, None), (12_000, None), (36_000, None)])
    assert None not in out


def test_a_repeated_dts_is_dropped_and_a_bad_pts_becomes_the_dts() -> None:
    assert mended([(0, 0), (6000, 6000), (6000, 6000), (12_000, 12_000)])[2] is None
    assert mended([(0, 0), (900_000_000, 6000), (12_000, 12_000)])[1] == (6000, 6000)


def test_a_clock_that_is_set_is_a_new_start_that_goes_on() -> None:
    before = [(n * 6000, n * 6000) for n in range(30)]
    for jump in (-(10**9), 10**9, 10**12):
        out = mended([*before, *[(n * 6000 + jump, n * 6000 + jump) for n in range(30, 60)]])
        assert None not in out
        steps = [b[1] - a[1] for a, b in itertools.pairwise(out) if a and b]
        assert min(steps) >= 5999
        assert max(steps) <= 6001


def test_a_run_of_small_steps_back_is_a_new_start_too() -> None:
    out = mended([(n * 6000, n * 6000) for n in range(30)] + [(n * 6000, n * 6000) for n in range(20, 60)])
    assert sum(1 for stamp in out if stamp is None) <= 9
    assert out[-1] is not None
