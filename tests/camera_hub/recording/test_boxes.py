"""Segments walked: what is whole is found, and damage of any sort ends the walk and nothing else."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from camera_hub.recording.boxes import walk
from tests.camera_hub.recording.footage import FPS, SHAPE, segment

DATA, ENDS = segment()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sub-1.mp4"


def test_a_whole_segment_is_found_frame_by_frame(file: Path) -> None:
    file.write_bytes(DATA)
    found = walk(file)
    assert found.init is not None
    assert (found.init.codec, found.init.entry) == ("h264", "avc1")
    assert (found.init.width, found.init.height, found.init.timescale) == (SHAPE.width, SHAPE.height, 90_000)
    assert found.init.config[:1] == b"\x01"
    assert [found.init.size, *(one.offset + one.size for one in found.fragments)] == list(ENDS)
    assert [one.at for one in found.fragments] == [n * 6000 for n in range(40)]
    assert [n for n, one in enumerate(found.fragments) if one.keyframe] == [0, 15, 30]
    assert (found.frames, found.end, found.size, found.whole) == (40, len(DATA), len(DATA), True)
    assert found.seconds == pytest.approx(40 / FPS)


@pytest.mark.parametrize("cut", [0, 1, 7, 8, 20, 300, *range(ENDS[0] - 2, ENDS[2] + 2), len(DATA) - 1])
def test_a_cut_file_ends_with_its_last_whole_fragment(file: Path, cut: int) -> None:
    file.write_bytes(DATA[:cut])
    found = walk(file)
    whole = [end for end in ENDS if end <= cut]
    assert found.end == (whole[-1] if whole else 0)
    assert len(found.fragments) == max(len(whole) - 1, 0)
    assert found.whole == (cut in ENDS)


def test_zeros_that_a_power_cut_left_are_no_frames(file: Path) -> None:
    inside = ENDS[20] + 112  # a fragment's head was written, its frame was not
    file.write_bytes(DATA[:inside] + bytes(len(DATA) - inside))
    assert walk(file).end == ENDS[20]
    file.write_bytes(DATA[: ENDS[20]] + bytes(5000))
    assert walk(file).end == ENDS[20]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(DATA) - 1), st.binary(min_size=1, max_size=40))
def test_whatever_is_written_over_it_the_walk_ends_and_stays_inside(file: Path, at: int, junk: bytes) -> None:
    file.write_bytes(DATA[:at] + junk + DATA[at + len(junk) :])
    found = walk(file)
    assert 0 <= found.end <= found.size
    before = [end for end in ENDS if end <= at]
    if before:
        assert found.end >= before[-1], "what lies before the damage is whole"


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_junk_has_nothing_to_play(file: Path, junk: bytes) -> None:
    file.write_bytes(junk)
    found = walk(file)
    assert (found.init, found.fragments, found.end) == (None, (), 0)


def test_another_writers_fragments_of_many_frames(file: Path) -> None:
    """libavformat writes flags, sizes and durations in other places than the recorder does."""
    out = io.BytesIO()
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    with av.open(out, "w", format="mp4", options=options) as container:
        stream = container.add_stream("libx264", rate=FPS, options={"bf": "2", "g": "15", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        stream.codec_context.time_base = Fraction(1, FPS)
        for number in range(40):
            frame = av.VideoFrame(160, 96, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([number * 5]) * plane.buffer_size)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    file.write_bytes(out.getvalue())
    found = walk(file)
    assert found.init is not None
    assert [one.frames for one in found.fragments] == [15, 15, 10]
    assert all(one.keyframe for one in found.fragments)
    assert found.seconds == pytest.approx(40 / FPS, abs=0.2)
