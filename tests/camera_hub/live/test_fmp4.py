"""Packets as fragmented MP4: our own reading of the boxes, and libavformat's."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera_hub.demo.clip import Shape, encode
from camera_hub.live.coding import H264, TIMESCALE, Init, init_segment, nal_units
from camera_hub.live.fmp4 import HEAD, Fragment, Muxer, fragment
from camera_hub.stream.packet import Packet, StreamParams

RTP = Fraction(1, 90_000)
CONTAINERS = {b"moof", b"traf", b"moov", b"trak", b"mdia", b"minf", b"stbl", b"mvex"}


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Every box, containers before what they hold. Fails on a size that does not fit."""
    at = 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        assert 8 <= size <= len(data) - at, (kind, size)
        yield kind, data[at + 8 : at + size]
        if kind in CONTAINERS:
            yield from boxes(data[at + 8 : at + size])
        at += size


def encoded(shape: Shape, count: int, *, seed: int = 0) -> list[tuple[bool, bytes]]:
    """Frames that each differ in one grey, so that their order shows after decoding."""
    greys = ((seed + number * 5) % 200 + 20 for number in range(count))
    return list(encode((np.full((shape.height, shape.width, 3), grey, np.uint8) for grey in greys), shape))


def packets(units: list[tuple[bool, bytes]], fps: int = 15, begin: int = 0) -> list[Packet]:
    step = TIMESCALE // fps
    return [Packet(data, begin + n * step, begin + n * step, key, float(n)) for n, (key, data) in enumerate(units)]


def params(extradata: bytes | None = None, time_base: Fraction = RTP) -> StreamParams:
    return StreamParams("h264", extradata, time_base, 0, 0)


def muxed(muxer: Muxer, given: list[Packet]) -> tuple[list[Init], list[Fragment], bytes]:
    inits, frames, whole = [], [], b""
    for packet in given:
        init, frame = muxer.feed(packet)
        if init is not None:
            inits.append(init)
            whole += init.data
        if frame is not None:
            frames.append(frame)
            whole += frame.data
    return inits, frames, whole


def decoded(data: bytes) -> list[tuple[float, int]]:
    """Time and grey of every frame libavformat and its decoder find."""
    with av.open(io.BytesIO(data)) as container:
        return [
            (float(frame.time or 0), int(frame.to_ndarray(format="gray").mean())) for frame in container.decode(video=0)
        ]


SMALL = Shape(160, 96, 15, 200, 1.0)
UNITS = encoded(SMALL, 40)


def decode_times(frames: list[Fragment]) -> list[int]:
    return [struct.unpack(">IQ", body)[1] for frame in frames for kind, body in boxes(frame.data) if kind == b"tfdt"]


def test_what_is_muxed_decodes_to_the_same_frames_in_order() -> None:
    inits, frames, whole = muxed(Muxer(params()), packets(UNITS, begin=987_654_321))
    assert [(one.codec[:5], one.width, one.height) for one in inits] == [("avc1.", 160, 96)]
    seen = decoded(whole)
    assert len(seen) == len(frames) == len(UNITS)
    assert [at for at, _ in seen] == pytest.approx([n / 15 for n in range(40)], abs=0.001)
    greys = [grey for _, grey in seen]
    assert greys == pytest.approx([n * 5 % 200 + 20 for n in range(40)], abs=4)


def test_a_viewer_who_begins_at_a_later_keyframe_decodes_all_from_there() -> None:
    inits, frames, _ = muxed(Muxer(params()), packets(UNITS))
    begin = next(n for n, frame in enumerate(frames) if frame.keyframe and n > 0)
    seen = decoded(inits[0].data + b"".join(frame.data for frame in frames[begin:]))
    assert len(seen) == len(frames) - begin
    assert seen[0][0] == pytest.approx(begin / 15, abs=0.001)


def test_frames_before_the_first_keyframe_are_left_out() -> None:
    inits, frames, whole = muxed(Muxer(params()), packets(UNITS[3:]))
    assert len(inits) == 1
    assert len(frames) == len(decoded(whole)) == 40 - 15
    assert frames[0].keyframe


def test_parameter_sets_may_stand_in_the_description_alone() -> None:
    key = nal_units(UNITS[0][1], None)
    sets = [unit for unit in key if unit[0] & 0x1F in (7, 8)]
    extradata = b"".join(b"\0\0\0\1" + unit for unit in sets)
    bare = [
        (flag, b"".join(b"\0\0\1" + unit for unit in nal_units(data, None) if unit[0] & 0x1F not in (7, 8)))
        for flag, data in UNITS
    ]
    assert len(decoded(muxed(Muxer(params(extradata)), packets(bare))[2])) == 40
    inits, frames, _ = muxed(Muxer(params()), packets(bare))
    assert (inits, frames) == ([], []), "without them nothing can be shown, and nothing is"


def test_an_mp4_files_packets_pass_as_well() -> None:
    written = io.BytesIO()
    whole = muxed(Muxer(params()), packets(UNITS))[2]
    with av.open(io.BytesIO(whole)) as read, av.open(written, "w", format="mp4") as out:
        stream = out.add_stream_from_template(read.streams.video[0])
        for packet in read.demux(video=0):
            if packet.size:
                packet.stream = stream
                out.mux(packet)
    with av.open(io.BytesIO(written.getvalue())) as file:
        video = file.streams.video[0]
        assert video.codec_context.extradata is not None
        described = params(video.codec_context.extradata, video.time_base or RTP)
        given = [
            Packet(bytes(one), one.pts or 0, one.dts or 0, one.is_keyframe, 0.0)
            for one in file.demux(video)
            if one.size
        ]
    assert len(decoded(muxed(Muxer(described), given)[2])) == 40


def test_another_resolution_gives_another_initialisation_and_time_goes_on() -> None:
    units = UNITS[:15] + encoded(Shape(320, 180, 15, 200, 1.0), 15)
    inits, frames, _ = muxed(Muxer(params()), packets(units))
    assert [(one.width, one.height) for one in inits] == [(160, 96), (320, 180)]
    times = decode_times(frames)
    assert times == sorted(set(times))
    later = b"".join(frame.data for frame in frames[15:])
    assert len(decoded(inits[1].data + later)) == 15


def test_frames_shown_in_another_order_than_decoded_keep_both_times() -> None:
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = 160, 96, "yuv420p"
    context.time_base, context.max_b_frames, context.thread_count = Fraction(1, 15), 2, 1
    context.options = {"x264-params": "bframes=2:b-adapt=0:scenecut=0:repeat-headers=1:keyint=12"}
    coded = []
    for number in range(24):
        frame = av.VideoFrame.from_ndarray(np.full((96, 160, 3), 20 + number * 8, np.uint8), format="rgb24")
        frame.pts = number
        coded += context.encode(frame)
    coded += context.encode(None)
    late = -min(one.dts or 0 for one in coded)
    given = [
        Packet(bytes(one), ((one.pts or 0) + late) * 6000, ((one.dts or 0) + late) * 6000, one.is_keyframe, 0.0)
        for one in coded
    ]
    assert any(one.pts > one.dts for one in given)
    seen = decoded(muxed(Muxer(params()), given)[2])
    greys = [grey for _, grey in seen]
    assert len(seen) == 24
    assert greys == sorted(greys)
    assert [b - a for (a, _), (b, _) in pairwise(seen)] == pytest.approx([1 / 15] * 23, abs=0.001)


def test_what_no_browser_decodes_is_said_to_be_so() -> None:
    context = av.CodecContext.create("libx264", "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = 160, 96, "yuv422p"
    context.time_base, context.thread_count = Fraction(1, 15), 1
    frame = av.VideoFrame.from_ndarray(np.full((96, 160, 3), 90, np.uint8), format="rgb24")
    coded = [*context.encode(frame), *context.encode(None)]
    muxer = Muxer(params(context.extradata))
    inits, frames, whole = muxed(muxer, [Packet(bytes(coded[0]), 0, 0, keyframe=True, received=0.0)])
    assert muxer.unplayable
    assert [one.playable for one in inits] == [False]
    assert len(frames) == len(decoded(whole)) == 1, "a recording holds it all the same"


def test_h265_is_muxed_under_the_name_browsers_take() -> None:
    units = encoded(Shape(160, 96, 15, 200, 1.0, "hevc"), 30)
    described = StreamParams("hevc", None, RTP, 0, 0)
    inits, frames, whole = muxed(Muxer(described), packets(units))
    assert [(one.width, one.height) for one in inits] == [(160, 96)]
    assert b"hvc1" in inits[0].data
    assert b"hev1" not in inits[0].data
    assert re.fullmatch(r"hvc1\.1\.[0-9a-f]+\.L60(\.[0-9a-f]+)*", inits[0].codec)
    assert len(frames) == 30
    assert [grey for _, grey in decoded(whole)] == pytest.approx([n * 5 % 200 + 20 for n in range(30)], abs=6)
    assert [frame.keyframe for frame in frames] == [n % 15 == 0 for n in range(30)]


def test_an_mp4_file_of_h265_passes_as_well() -> None:
    units = encoded(Shape(160, 96, 15, 200, 1.0, "hevc"), 15)
    inits, _, whole = muxed(Muxer(StreamParams("hevc", None, RTP, 0, 0)), packets(units))
    with av.open(io.BytesIO(whole)) as file:
        video = file.streams.video[0]
        described = StreamParams("hevc", video.codec_context.extradata, video.time_base or RTP, 0, 0)
        given = [
            Packet(bytes(one), one.pts or 0, one.dts or 0, one.is_keyframe, 0.0) for one in file.demux() if one.size
        ]
    again, frames, whole = muxed(Muxer(described), given)
    assert [one.codec for one in again] == [one.codec for one in inits]
    assert len(decoded(whole)) == len(frames) == 15


@given(st.lists(st.tuples(st.integers(-(2**40), 2**40), st.integers(-(2**34), 2**34)), min_size=1, max_size=40))
def test_times_always_rise_whatever_the_packets_say(times: list[tuple[int, int]]) -> None:
    given = [
        Packet(UNITS[0][1] if n == 0 else UNITS[1][1], pts, dts, n == 0, 0.0) for n, (dts, pts) in enumerate(times)
    ]
    _, frames, _ = muxed(Muxer(params()), given)
    ticks = decode_times(frames)
    assert len(ticks) == len(times)
    assert ticks[0] == 0
    steps = [b - a for a, b in pairwise(ticks)]
    assert all(0 < step < 10 * TIMESCALE for step in steps)


@given(
    number=st.integers(0, 2**40),
    dts=st.integers(0, 2**60),
    offset=st.integers(0, 10 * TIMESCALE),
    duration=st.integers(1, 10 * TIMESCALE),
    sample=st.binary(max_size=300),
    keyframe=st.booleans(),
)
def test_a_fragment_says_what_it_was_given(
    *, number: int, dts: int, offset: int, duration: int, sample: bytes, keyframe: bool
) -> None:
    data = fragment(number, dts, offset=offset, duration=duration, sample=sample, keyframe=keyframe)
    found = dict(boxes(data))
    assert found[b"mdat"] == sample
    assert struct.unpack(">II", found[b"mfhd"]) == (0, number % 2**32)
    assert struct.unpack(">IQ", found[b"tfdt"]) == (1 << 24, dts)
    flags, count, at, lasts, size, sample_flags, shown_after = struct.unpack(">IIiIIIi", found[b"trun"])
    assert (flags, count, at) == (0x01000F01, 1, HEAD)
    assert (lasts, size, shown_after) == (duration, len(sample), offset)
    assert bool(sample_flags & 0x10000) is not keyframe, "not-sync is what a keyframe is not"
    assert data[HEAD:] == sample


@given(st.lists(st.binary(min_size=1, max_size=40).filter(lambda unit: unit[-1] != 0 and b"\0\0" not in unit)))
def test_units_come_back_from_start_codes_and_from_lengths(units: list[bytes]) -> None:
    annex_b = b"".join((b"\0\0\1", b"\0\0\0\1")[n % 2] + unit for n, unit in enumerate(units))
    assert nal_units(annex_b, None) == units
    for size in (1, 2, 4):
        assert nal_units(b"".join(len(unit).to_bytes(size, "big") + unit for unit in units), size) == units
    kept = [unit for unit in units if unit[0] & 0x1F not in (7, 8, 9, 12)]
    assert nal_units(H264.sample(units), 4) == kept


@given(st.binary(max_size=200), st.sampled_from([None, 1, 2, 4]))
def test_hostile_bytes_give_units_or_none_and_never_break(data: bytes, length_size: int | None) -> None:
    assert all(nal_units(data, length_size))
    Muxer(params(data)).feed(Packet(data, 0, 0, keyframe=True, received=0.0))


@given(st.data())
def test_a_damaged_keyframe_gives_an_initialisation_or_none(data: st.DataObject) -> None:
    whole = bytearray(UNITS[0][1])
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    init = init_segment(nal_units(bytes(whole), None))
    assert init is None or dict(boxes(init.data))[b"mvex"]
