"""Segments as a recorder writes them, small."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import numpy as np

from camera_hub.demo.clip import Shape, encode
from camera_hub.live.coding import TIMESCALE
from camera_hub.live.fmp4 import Muxer
from camera_hub.stream.packet import Packet, StreamParams

SHAPE = Shape(160, 96, 15, 100, 1.0)
FPS = 15


@cache
def segment(frames: int = 40) -> tuple[bytes, tuple[int, ...]]:
    """A whole segment's bytes, and where its initialisation and each of its fragments end."""
    greys = (number * 5 % 200 + 20 for number in range(frames))
    pictures = (np.full((SHAPE.height, SHAPE.width, 3), grey, np.uint8) for grey in greys)
    muxer = Muxer(StreamParams("h264", None, Fraction(1, TIMESCALE), 0, 0))
    step = TIMESCALE // FPS
    data, ends = b"", []
    for number, (key, unit) in enumerate(encode(pictures, SHAPE)):
        init, fragment = muxer.feed(Packet(unit, number * step, number * step, key, float(number)))
        for part in (init, fragment):
            if part is not None:
                data += part.data
                ends.append(len(data))
    return data, tuple(ends)
