"""Packet sequences as bad cameras send them, to files that play."""

from __future__ import annotations

import errno
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from camera_hub.live.fmp4 import nal_units
from camera_hub.recording.disk import Disk
from camera_hub.recording.reel import Cut, Subject
from camera_hub.stream.packet import Packet
from registry.recordings.model import Why

from .desk import FPS, LARGE, SMALL, SMALL_HEVC, START, TICKS, Desk, begun, packets, taken, units

GREYS = [number * 3 % 200 + 20 for number in range(400)]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def near(one: datetime, other: datetime) -> bool:
    return abs(one - other) <= timedelta(milliseconds=2)


def test_every_frame_is_recorded_at_its_time_and_files_follow_on_each_other(desk: Desk) -> None:
    desk.reel.roll([begun(), *taken(packets(count=100))])
    desk.reel.end()
    frames = desk.dated()
    assert [grey for _, grey in frames] == pytest.approx(GREYS[:100], abs=4)
    for number, (at, _) in enumerate(frames):
        assert near(at, START + timedelta(seconds=number / FPS))
    assert len(desk.whole) == 4
    assert desk.whole[0].started_at == START
    assert all(one.ended_at == two.started_at for one, two in pairwise(desk.whole))
    assert desk.whole[-1].ended_at is not None
    assert near(desk.whole[-1].ended_at, START + timedelta(seconds=100 / FPS))
    assert [one.started_at for one in desk.begun] == [one.started_at for one in desk.whole]
    assert {(one.codec, one.width, one.height, one.masked, one.why) for one in desk.whole} == {
        ("h264", 160, 96, False, Why.CONTINUOUS)
    }
    assert all(one.ended_at is None and one.digest is None for one in desk.begun)


def test_what_was_rolled_is_with_the_operating_system(desk: Desk) -> None:
    desk.reel.roll([begun(), *taken(packets(count=10))])
    (file,) = desk.files()
    with av.open(str(file)) as container:
        assert len(list(container.decode(video=0))) == 10


def test_cameras_that_begin_together_do_not_rotate_together() -> None:
    firsts = {Subject(UUID(int=number), "sub", 60.0).first_s for number in range(0, 64 * 37, 37)}
    assert len(firsts) == 64
    assert min(firsts) >= 30
    assert max(firsts) <= 60


def test_another_resolution_begins_another_file(desk: Desk) -> None:
    desk.reel.subject.segment_s = 600
    desk.reel.roll([begun(), *taken(packets(count=20)), *taken(packets(LARGE, 20, begin=20 * TICKS // FPS))])
    desk.reel.end()
    assert [(one.width, one.height, one.frames) for one, _ in desk.played()] == [(160, 96, 20), (320, 180, 20)]
    assert desk.whole[0].ended_at is not None
    assert near(desk.whole[0].ended_at, desk.whole[1].started_at)


def test_another_codec_begins_another_file(desk: Desk) -> None:
    desk.reel.subject.segment_s = 600
    second = taken(packets(SMALL_HEVC, 20), start=START + timedelta(seconds=2))
    desk.reel.roll([begun(), *taken(packets(count=20)), Cut(), begun("hevc"), *second])
    desk.reel.end()
    assert [(one.codec, one.frames) for one, _ in desk.played()] == [("h264", 20), ("hevc", 20)]


def test_frames_without_parameter_sets_wait_for_a_keyframe_that_has_them(desk: Desk) -> None:
    given = packets(count=45)
    bare = b"".join(b"\0\0\1" + unit for unit in nal_units(given[0].data, None) if unit[0] & 0x1F not in (7, 8))
    given[0] = Packet(bare, given[0].pts, given[0].dts, keyframe=True, received=0.0)
    desk.reel.roll([begun(), *taken(given)])
    desk.reel.end()
    ((change, frames),) = desk.played()
    assert change.started_at == START + timedelta(seconds=1)
    assert [grey for _, grey in frames] == pytest.approx(GREYS[15:45], abs=4)


def test_frames_shown_in_another_order_keep_their_times(desk: Desk) -> None:
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = 160, 96, "yuv420p"
    context.time_base, context.max_b_frames, context.thread_count = Fraction(1, FPS), 2, 1
    context.options = {"x264-params": "bframes=2:b-adapt=0:scenecut=0:repeat-headers=1:keyint=15"}
    coded = []
    for number in range(60):
        frame = av.VideoFrame.from_ndarray(np.full((96, 160, 3), GREYS[number], np.uint8), format="rgb24")
        frame.pts = number
        coded += context.encode(frame)
    coded += context.encode(None)
    step, late = TICKS // FPS, -min(one.dts or 0 for one in coded)
    given = [
        Packet(bytes(one), (one.pts or 0) * step, (one.dts or 0) * step, one.is_keyframe, ((one.dts or 0) + late) / FPS)
        for one in coded
    ]
    assert any(one.pts > one.dts for one in given)
    desk.reel.roll([begun(), *taken(given)])
    desk.reel.end()
    assert len(desk.whole) >= 2
    frames = sorted(desk.dated())
    assert [grey for _, grey in frames] == pytest.approx(GREYS[:60], abs=4)
    for number, (at, _) in enumerate(frames):
        assert near(at, START + timedelta(seconds=number / FPS))


def test_a_gap_ends_a_file_and_the_next_begins_at_a_keyframe(desk: Desk) -> None:
    given = packets(count=60)
    desk.reel.roll([begun(), *taken(given[:10]), *taken(given[48:]), *taken(packets(count=20, begin=4 * TICKS))])
    desk.reel.end()
    played = list(desk.played())
    assert [len(frames) for _, frames in played] == [10, 20]
    first, second = desk.whole
    assert first.ended_at is not None
    assert near(first.ended_at, START + timedelta(seconds=10 / FPS))
    assert second.started_at == START + timedelta(seconds=4)


def test_a_camera_of_few_frames_has_no_gaps(desk: Desk) -> None:
    keys = [one for one in packets(count=60) if one.keyframe]
    slow = [
        Packet(one.data, n * 3 * TICKS, n * 3 * TICKS, keyframe=True, received=n * 3.0) for n, one in enumerate(keys)
    ]
    desk.reel.subject.segment_s = 600
    desk.reel.roll([begun(), *taken(slow[:1]), *taken(slow[1:])])
    desk.reel.end()
    assert sum(one.frames for one in desk.whole) == 4
    assert desk.reel.dropped == 0


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(seconds=-3), timedelta(hours=1)])
def test_a_clock_that_was_set_begins_another_file_at_the_next_keyframe(desk: Desk, jump: timedelta) -> None:
    given = packets(count=60)
    desk.reel.subject.segment_s = 600
    desk.reel.roll([begun(), *taken(given[:20]), *taken(given[20:], start=START + jump)])
    desk.reel.end()
    assert [len(frames) for _, frames in desk.played()] == [30, 30], "nothing is lost"
    assert desk.whole[1].started_at == START + jump + timedelta(seconds=2)


def test_a_clock_set_back_to_the_very_moment_overwrites_nothing(desk: Desk) -> None:
    given = packets(count=15)
    for _ in range(3):
        desk.reel.roll([begun(), *taken(given), Cut()])
    assert [one.started_at - START for one, _ in desk.played()] == [timedelta(milliseconds=n) for n in range(3)]


def test_another_reason_to_record_begins_another_file(desk: Desk) -> None:
    desk.reel.subject.segment_s = 600
    desk.reel.roll([begun(), *taken(packets(count=60)[:30]), *taken(packets(count=60)[30:], why=Why.EVENT)])
    desk.reel.end()
    assert [(one.why, one.frames) for one, _ in desk.played()] == [(Why.CONTINUOUS, 30), (Why.EVENT, 30)]


def test_a_camera_that_restarts_begins_another_file_whatever_its_times(desk: Desk) -> None:
    later = taken(packets(count=20, first=4), start=START + timedelta(seconds=9))
    desk.reel.roll([begun(), *taken(packets(count=20, begin=10**12), start=START - timedelta(seconds=10**12 / TICKS))])
    desk.reel.roll([Cut(), begun(), *later])
    desk.reel.end()
    assert [len(frames) for _, frames in desk.played()] == [20, 5], "the second pull from its first keyframe on"


def test_a_pull_that_begins_while_the_disk_fails_is_recorded_as_what_it_is(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = packets(count=30)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    desk.reel.roll([begun(), *taken(given[:5])])
    with monkeypatch.context() as patched, pytest.raises(OSError, match="full"):
        patched.setattr(Disk, "write", full)
        desk.reel.roll([*taken(given[5:10]), begun(masked=True)])
    desk.reel.roll(taken(given[15:]))
    desk.reel.end()
    assert [one.masked for one, _ in desk.played()] == [False, True]


def test_a_file_the_disk_took_no_more_of_ends_with_what_is_in_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waited long and was not taken is a gap: no segment claims its time."""
    desk.reel.subject.segment_s = 600
    coming = taken(packets(count=150))
    desk.reel.roll([begun(), *coming[:20]])

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(Disk, "write", refuse)
    with pytest.raises(OSError, match="no space"):
        desk.reel.roll(coming[20:])
    ((whole, frames),) = desk.played()
    assert len(frames) == whole.frames == 20
    assert whole.ended_at is not None
    assert near(whole.ended_at, START + timedelta(seconds=20 / FPS))
    assert desk.reel.dropped == 130


def test_a_file_that_was_deleted_is_let_go_and_the_next_keyframe_begins_another(desk: Desk) -> None:
    given = packets(count=60)
    desk.reel.roll([begun(), *taken(given[:20])])
    for file in desk.files():
        file.unlink()
        file.parent.rmdir()
        file.parent.parent.rmdir()
    assert desk.reel.lost()
    assert not desk.reel.lost()
    desk.reel.roll(taken(given[20:]))
    desk.reel.end()
    ((change, frames),) = desk.played()
    assert change.started_at == START + timedelta(seconds=2)
    assert len(frames) == 30


STEPS = st.lists(
    st.tuples(
        st.sampled_from([6000, 6000, 6000, 1, 3000, 30_000, 200_000, 10**7]),
        st.booleans(),
        st.sampled_from([0.0, 0.0, 0.0, 0.0, -5.0, 3600.0]),
        st.sampled_from([SMALL, SMALL, SMALL, LARGE]),
    ),
    min_size=1,
    max_size=60,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_comes_files_are_whole_dated_and_never_the_same(
    steps: list, tmp_path_factory: pytest.TempPathFactory
) -> None:
    desk = Desk(tmp_path_factory.mktemp("reel"), segment_s=5)
    pts, shift, given = 0, 0.0, [begun()]
    for step, key, jump, shape in steps:
        pts, shift = pts + step, shift + jump
        data = units(shape, 60)[0 if key else 1][1]
        start = START + timedelta(seconds=shift)
        given += taken([Packet(data, pts, pts, key, pts / TICKS)], start=start)
    desk.reel.roll(given)
    desk.reel.end()
    for change, frames in desk.played():
        assert change.ended_at is not None
        assert change.ended_at > change.started_at
        times = [at for at, _ in frames]
        assert times == sorted(times)
        assert times[0] == 0
