"""Clips: short encoded recordings that sample cameras play for ever.

A clip file is one line of JSON (a `ClipHead`) and then its access units: 4 bytes length, 1 byte keyframe flag, the
unit in Annex B form. No container: the server that plays it runs under Debian's own Python, which has no PyAV, and
pushes the units with timestamps that go on rising when the clip starts anew.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal, cast

import av
import numpy as np
from numpy.typing import NDArray

Codec = Literal["h264", "hevc"]
UNIT = struct.Struct(">IB")
_ENCODERS: dict[str, tuple[str, str]] = {
    # No B-frames and no lookahead, as cameras encode; scene cuts would move keyframes off their beat.
    "h264": ("libx264", "scenecut=0:bframes=0:rc-lookahead=0:sync-lookahead=0:sliced-threads=0:repeat-headers=1"),
    "hevc": ("libx265", "scenecut=0:bframes=0:rc-lookahead=0:repeat-headers=1:log-level=none:pools=1:frame-threads=1"),
}


@dataclass(frozen=True, slots=True)
class ClipHead:
    """What a clip file says of itself; `rendered` when no camera ever saw it."""

    codec: Codec
    width: int
    height: int
    fps: float
    units: int
    seconds: float
    title: str
    rendered: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """How a clip is encoded: pixels, frames a second, kbit/s and seconds between keyframes."""

    width: int = 640
    height: int = 360
    fps: int = 15
    kbits: int = 300
    gop_s: float = 2.0
    codec: Codec = "h264"


def encode(pictures: Iterable[NDArray[np.uint8]], shape: Shape) -> Iterator[tuple[bool, bytes]]:
    """Encode RGB pictures, uint8 [h, w, 3] of any size, to access units (keyframe, Annex B bytes), one a picture."""
    encoder, private = _ENCODERS[shape.codec]
    context = cast("av.VideoCodecContext", av.CodecContext.create(encoder, "w"))
    context.width, context.height, context.pix_fmt = shape.width, shape.height, "yuv420p"
    context.time_base, context.framerate = Fraction(1, shape.fps), Fraction(shape.fps)
    context.bit_rate = shape.kbits * 1000
    context.gop_size = max(1, round(shape.fps * shape.gop_s))
    context.max_b_frames = 0
    context.thread_count = 1
    gop = f"keyint={context.gop_size}:min-keyint={context.gop_size}"
    rate = f"vbv-maxrate={shape.kbits}:vbv-bufsize={shape.kbits * 2}:{gop}"
    name = "x264-params" if shape.codec == "h264" else "x265-params"
    context.options = {"preset": "veryfast" if shape.codec == "h264" else "superfast", name: f"{private}:{rate}"}
    for number, picture in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        if (frame.width, frame.height) != (shape.width, shape.height):
            frame = frame.reformat(shape.width, shape.height, "yuv420p")
        frame.pts = number
        for packet in context.encode(frame):
            yield packet.is_keyframe, bytes(packet)
    for packet in context.encode(None):
        yield packet.is_keyframe, bytes(packet)


def write(path: Path, units: Iterable[tuple[bool, bytes]], shape: Shape, *, title: str, rendered: bool) -> ClipHead:
    """Write a clip; the file appears whole or not at all."""
    kept = list(units)
    head = ClipHead(
        shape.codec, shape.width, shape.height, shape.fps, len(kept), len(kept) / shape.fps, title, rendered
    )
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        file.write(json.dumps(asdict(head)).encode() + b"\n")
        for keyframe, unit in kept:
            file.write(UNIT.pack(len(unit), keyframe) + unit)
    partial.replace(path)
    return head


def read_head(path: Path) -> ClipHead:
    """The first line of a clip file. Raises ValueError when it is none."""
    with path.open("rb") as file:
        try:
            return ClipHead(**json.loads(file.readline(10_000)))
        except (TypeError, ValueError) as err:
            raise ValueError(f"{path} is no clip") from err


def read(path: Path) -> Iterator[tuple[bool, bytes]]:
    """The access units of a clip file, as `encode` gave them."""
    with path.open("rb") as file:
        file.readline()
        while mark := file.read(UNIT.size):
            length, keyframe = UNIT.unpack(mark)
            yield bool(keyframe), file.read(length)
