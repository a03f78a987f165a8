"""A small stream made and read on the spot: whether this machine's FFmpeg does what cameras send."""

from __future__ import annotations

import time
from typing import cast

import av
import av.error
import numpy as np
from av.codec.context import CodecContext
from av.video.codeccontext import VideoCodecContext

from registry.errors import Unsupported

ENCODERS = {"h264": "libx264", "hevc": "libx265"}
FRAMES = 10
_WIDTH, _HEIGHT = 640, 360


def decode(codec: str) -> tuple[int, float]:
    """Encode ten moving pictures of 640x360 as `h264` or `hevc` and decode them; how many came, and milliseconds.

    Raises Unsupported when this FFmpeg cannot, or returns another picture.
    """
    try:
        packets = _encoded(codec)
        reader = cast("VideoCodecContext", CodecContext.create(codec, "r"))
        reader.thread_count = 1
        began = time.perf_counter()
        frames = [frame for packet in [*packets, None] for frame in reader.decode(packet)]
        took_ms = (time.perf_counter() - began) * 1000
    except (av.error.FFmpegError, ValueError) as err:
        raise Unsupported(f"{codec}: {err}", code="codec") from err
    if len(frames) != FRAMES or (frames[0].width, frames[0].height) != (_WIDTH, _HEIGHT):
        raise Unsupported(f"{codec}: {len(frames)} of {FRAMES} pictures came back", code="codec")
    return len(frames), took_ms


def _encoded(codec: str) -> list[av.Packet[av.VideoStream]]:
    writer = cast("VideoCodecContext", CodecContext.create(ENCODERS[codec], "w"))
    writer.width, writer.height, writer.pix_fmt = _WIDTH, _HEIGHT, "yuv420p"
    writer.framerate = 10  # type: ignore[assignment]  # PyAV takes what a Fraction is made of
    writer.options = {"preset": "ultrafast", "x265-params": "log-level=none:pools=1"} if codec == "hevc" else {
        "preset": "ultrafast"
    }  # fmt: skip
    packets = []
    for number in range(FRAMES):
        picture = np.full((_HEIGHT, _WIDTH, 3), 60, dtype=np.uint8)
        picture[100:200, 40 * number : 40 * number + 80] = 200
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")
        frame.pts = number
        packets += writer.encode(frame)
    return [*packets, *writer.encode(None)]
