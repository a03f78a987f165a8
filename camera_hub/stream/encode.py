"""Pictures to H.264 packets: for masked cameras, whose own packets nobody may have."""

from __future__ import annotations

from fractions import Fraction
from typing import cast

import av
import av.logging
import cv2
import numpy as np
from av.codec.context import CodecContext
from av.video.frame import PictureType, VideoFrame
from numpy.typing import NDArray

from camera_hub.stream.packet import Packet, StreamParams
from detectors.facts import Rgb

av.logging.set_level(None)

_TIMESCALE = 90_000
PARAMS = StreamParams("h264", None, Fraction(1, _TIMESCALE), 0, 0)
"""Of every encoder's packets: their keyframes bring the rest."""
KEYFRAME_S = 2.0
_QUALITY = 26
_MOST_BITS = 0.25
"""Bits a pixel at most: some 300 kbit/s of 640x360 at 5 pictures a second."""


class Encoder:
    """Encodes pictures of one size, each to one packet at once. One thread at a time.

    An odd last row or column is cut off: the codec knows none.
    """

    def __init__(self, width: int, height: int, *, rate: float) -> None:
        self._width, self._height = width & ~1, height & ~1
        most = max(64, round(width * height * rate * _MOST_BITS / 1000))
        self._context = CodecContext.create("libx264", "w")
        self._context.width, self._context.height, self._context.pix_fmt = self._width, self._height, "yuv420p"
        self._context.time_base = Fraction(1, _TIMESCALE)
        self._context.framerate = Fraction(rate).limit_denominator(1000)
        self._context.thread_count = 1
        self._context.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "crf": str(_QUALITY),
            "forced-idr": "1",
            # Keyframes come by time, as pictures of a camera may come seldom: the encoder's own beat is far off.
            "x264-params": f"keyint=10000:scenecut=0:repeat-headers=1:vbv-maxrate={most}:vbv-bufsize={most * 2}",
        }
        self._last = -1
        self._keyframe_due = 0.0

    def encode(self, picture: Rgb, at: float, received: float) -> Packet | None:
        """The packet of a picture, uint8 [h, w, 3], of stream time `at`; None for one that is not later than the last.

        `received` is handed on.
        """
        pts = round(at * _TIMESCALE)
        if pts <= self._last:
            return None
        planes = cv2.cvtColor(picture[: self._height, : self._width], cv2.COLOR_RGB2YUV_I420)
        frame = VideoFrame.from_ndarray(cast("NDArray[np.uint8]", planes), format="yuv420p")
        frame.pts, frame.time_base = pts, Fraction(1, _TIMESCALE)
        if self._last < 0 or at >= self._keyframe_due:
            frame.pict_type = PictureType.I
            self._keyframe_due = at + KEYFRAME_S
        self._last = pts
        for packet in self._context.encode(frame):
            return Packet(bytes(packet), pts, pts, packet.is_keyframe, received)
        return None
