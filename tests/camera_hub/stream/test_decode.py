from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from camera_hub.demo.clip import Shape, encode, read
from camera_hub.demo.scenes import SCENES, render
from camera_hub.stream.decode import Decoder, Tier, tier_for
from camera_hub.stream.packet import Packet, StreamParams
from registry.errors import Stalled, Unsupported

RTP = Fraction(1, 90_000)


def params(codec: str = "h264") -> StreamParams:
    return StreamParams(codec, None, RTP, 0, 0)


def packets(units: list[tuple[bool, bytes]], fps: int = 15) -> Iterator[Packet]:
    for number, (keyframe, unit) in enumerate(units):
        at = number * 90_000 // fps
        yield Packet(unit, at, at, keyframe, 100 + number / fps)


def pictures(count: int, width: int = 320, height: int = 180) -> list[np.ndarray]:
    return list(itertools.islice(render(SCENES["yard"], width=width, height=height, fps=15), count))


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_every_frame_comes_out_with_the_time_of_its_packet(codec: str) -> None:
    shape = Shape(320, 180, 15, 200, 1.0, codec)  # type: ignore[arg-type]
    shown = pictures(20)
    decoder = Decoder(params(codec))
    frames = [frame for packet in packets(list(encode(shown, shape))) for frame in decoder.decode(packet)]
    assert [round(frame.at * 15) for frame in frames] == list(range(20))
    assert [frame.received for frame in frames] == pytest.approx([100 + n / 15 for n in range(20)])
    assert frames[0].luma.dtype == np.uint8
    for frame, picture in zip(frames[::5], shown[::5], strict=True):
        assert np.abs(frame.rgb().astype(int) - picture).mean() < 10
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(int)
        assert np.abs((frame.luma.astype(int) - 16) * 255 / 219 - grey).mean() < 10
    decoder.close()


@pytest.mark.parametrize(
    ("fps", "rate", "expected"), [(15, 5, 5), (10, 5, 5), (12, 5, 5), (25, 5, 5), (4, 5, 4), (15, 15, 15), (30, 7, 7)]
)
def test_the_rate_is_kept_whatever_the_camera_sends(fps: int, rate: float, expected: float) -> None:
    units = list(encode((picture for picture in pictures(fps * 8)), Shape(320, 180, fps, 100, 1.0)))
    decoder = Decoder(params(), rate=rate)
    stamped = list(packets(units, fps))
    frames = [(packet, frame) for packet in stamped for frame in decoder.decode(packet)]
    assert len(frames) / 8 == pytest.approx(expected, abs=0.4)
    # A frame that is due waits for nothing: it comes out with its own packet.
    assert all(frame.received == packet.received for packet, frame in frames)
    assert decoder.damaged == 0


def test_keyframes_only_decodes_nothing_else(clip: Path) -> None:
    decoder = Decoder(params(), keyframes_only=True)
    units = list(read(clip))
    frames = [frame for packet in packets(units) for frame in decoder.decode(packet)]
    assert [frame.at for frame in frames] == pytest.approx([0, 1, 2, 3, 4, 5])


def test_a_luma_view_stays_true_while_it_is_held(clip: Path) -> None:
    decoder = Decoder(params())
    stamped = packets(list(read(clip)))
    first = next(decoder.decode(next(stamped)))
    kept, copy = first.luma, first.luma.copy()
    for packet in stamped:
        list(decoder.decode(packet))
    assert np.array_equal(kept, copy)
    assert not kept.flags.owndata


def test_damaged_packets_are_skipped_and_counted(clip: Path) -> None:
    decoder = Decoder(params())
    units = [
        (key, b"\x00\x00\x00\x01\x65garbage" if number == 7 else unit) for number, (key, unit) in enumerate(read(clip))
    ]
    frames = [frame for packet in packets(units) for frame in decoder.decode(packet)]
    assert decoder.damaged >= 1
    assert len(frames) >= len(units) - 5


def test_packets_that_never_become_a_picture_are_told() -> None:
    decoder = Decoder(params(), patience_s=3)
    with pytest.raises(Stalled) as told:
        for packet in packets([(True, b"\x00\x00\x00\x01\x65" + bytes(50))] * 60):
            list(decoder.decode(packet))
    assert told.value.code == "garbage"


@pytest.mark.parametrize("codec", ["no-such-codec", "aac"])
def test_what_no_decoder_reads_is_unsupported(codec: str) -> None:
    with pytest.raises(Unsupported):
        Decoder(params(codec))


@pytest.mark.parametrize("pix_fmt", ["yuvj420p", "yuvj422p", "yuvj444p", "gray"])
def test_pictures_of_other_formats_have_the_same_colours(pix_fmt: str) -> None:
    picture = np.full((48, 64, 3), (200, 100, 50), np.uint8)
    context = av.CodecContext.create("mjpeg", "w")
    context.width, context.height, context.pix_fmt, context.time_base = 64, 48, pix_fmt, Fraction(1, 15)  # type: ignore[attr-defined]
    if pix_fmt == "gray":
        ok, encoded = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
        assert ok
        jpeg = encoded.tobytes()
        picture = np.repeat(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None], 3, 2)
    else:
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=pix_fmt, dst_color_range="JPEG")
        frame.pts = 0
        jpeg = bytes((context.encode(frame) + context.encode(None))[0])  # type: ignore[attr-defined]
    frame = next(Decoder(params("mjpeg")).decode(Packet(jpeg, 0, 0, keyframe=True, received=0)))
    assert frame.luma.shape == (48, 64)
    assert np.abs(frame.rgb().astype(int) - picture).max() <= 6


def test_odd_sizes_and_ten_bits() -> None:
    jpeg = cv2.imencode(".jpg", np.full((45, 61, 3), 90, np.uint8))[1].tobytes()
    frame = next(Decoder(params("mjpeg")).decode(Packet(jpeg, 0, 0, keyframe=True, received=0)))
    assert (frame.luma.shape, frame.rgb().shape) == ((45, 61), (45, 61, 3))
    deep = av.CodecContext.create("libx265", "w")
    deep.width, deep.height, deep.pix_fmt, deep.time_base = 64, 64, "yuv420p10le", Fraction(1, 15)  # type: ignore[attr-defined]
    deep.options = {"x265-params": "log-level=none:pools=1:frame-threads=1"}
    grey = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 128, np.uint8), format="rgb24").reformat(
        format="yuv420p10le"
    )
    grey.pts = 0
    (unit,) = deep.encode(grey) + deep.encode(None)  # type: ignore[attr-defined]
    decoder = Decoder(params("hevc"))
    frames = [*decoder.decode(Packet(bytes(unit), 0, 0, keyframe=True, received=0)), *decoder.finish()]
    assert frames[0].luma.dtype == np.uint8
    assert frames[0].luma.shape == (64, 64)
    assert abs(int(frames[0].luma[32, 32]) - 126) <= 4


def test_the_tier_follows_the_keyframes() -> None:
    assert [tier_for(gop) for gop in (None, 0.5, 1.0, 2.0, 10.0)] == [
        Tier.FULL, Tier.KEYFRAMES, Tier.KEYFRAMES, Tier.FULL, Tier.FULL,
    ]  # fmt: skip
