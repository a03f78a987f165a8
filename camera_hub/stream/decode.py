"""Packets to frames. A decoder builds its own codec context from StreamParams; nothing of the source's is needed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, cast

import av
import av.error
import av.logging
import cv2
import numpy as np
from av.codec.context import CodecContext
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from numpy.typing import NDArray

from camera_hub.stream.packet import Frame, Packet, StreamParams
from camera_hub.stream.reach import USUAL
from detectors.facts import Luma, Rgb
from registry.errors import Stalled, Unsupported

av.logging.set_level(None)

_GOOD_GOP_S = 1.0
_MOST_HELD = 16


class Tier(StrEnum):
    """How much of a stream is decoded."""

    FULL = "full"
    KEYFRAMES = "keyframes"


def tier_for(gop_s: float | None) -> Tier:
    """The cheapest tier that still sees short events: keyframes only where one comes each second.

    Recall of events of 0.7–2.2 s falls to 0.71 at a keyframe every 2 s, 0.25 at 4 s.
    """
    return Tier.KEYFRAMES if gop_s is not None and gop_s <= _GOOD_GOP_S else Tier.FULL


class Decoder:
    """Decodes one stream, one thread at a time. Damaged packets are skipped and counted in `damaged`.

    `rate` limits the frames handed out per second of stream time; the others are decoded, as later ones refer to them,
    together with the next one that is due: fewer, longer turns cost less than a turn for each packet. A change of
    resolution within the stream changes the size of the frames, nothing else. `deblock` is for pictures people look at.
    """

    def __init__(
        self,
        params: StreamParams,
        *,
        keyframes_only: bool = False,
        rate: float | None = None,
        patience_s: float = USUAL.keyframe_s,
        deblock: bool = False,
    ) -> None:
        self._seconds_per_tick = float(params.time_base)
        self._keyframes_only = keyframes_only
        self._apart = 0.0 if rate is None else 1 / rate
        self._due = 0.0
        self._held: list[av.Packet[Any]] = []
        self._received: dict[int, float] = {}
        self._time_base = params.time_base
        self._context = _context(params, keyframes_only=keyframes_only, deblock=deblock)
        self._patience_s = patience_s
        self._fruitless_since: float | None = None
        self.damaged = 0

    def decode(self, packet: Packet) -> Iterator[Frame]:
        """The frames that this packet completes, oldest first: none, one, seldom more.

        Raises Stalled when packets have given no picture for `patience_s` seconds.
        """
        if self._keyframes_only and not packet.keyframe:
            return
        encoded = av.Packet(packet.data)
        encoded.pts, encoded.dts, encoded.time_base = packet.pts, packet.dts, self._time_base
        self._received[packet.pts] = packet.received
        self._held.append(encoded)
        if self._apart and len(self._held) < _MOST_HELD and self._early(packet.pts * self._seconds_per_tick):
            return
        decoded = self._decoded()
        if decoded:
            self._fruitless_since = None
        elif self._fruitless_since is None:
            self._fruitless_since = packet.received
        elif packet.received - self._fruitless_since > self._patience_s:
            raise Stalled(
                "packets arrive, but no picture can be made of them; restart the camera or set it to H.264",
                code="garbage",
            )
        yield from self._due_frames(decoded, packet.pts, packet.received)
        if len(self._received) > 32:  # noqa: PLR2004 - more than any decoder holds back
            self._received = {pts: at for pts, at in self._received.items() if pts >= packet.pts}

    def finish(self) -> Iterator[Frame]:
        """The frames a decoder with B-frames still holds, at the end of a recording."""
        yield from self._due_frames(self._decoded() + self._context.decode(None), 0, time.monotonic())

    def _decoded(self) -> list[VideoFrame]:
        decoded: list[VideoFrame] = []
        for encoded in self._held:
            try:
                decoded += self._context.decode(encoded)
            except av.error.FFmpegError:
                self.damaged += 1
        self._held.clear()
        return decoded

    def _early(self, at: float) -> bool:
        """Whether a frame is not due yet; with some slack, or rounded times at 15 fps and a rate of 5 would slip."""
        return at < self._due - 0.1 * self._apart

    def _due_frames(self, decoded: list[VideoFrame], packet_pts: int, packet_received: float) -> Iterator[Frame]:
        for picture in decoded:
            pts = packet_pts if picture.pts is None else picture.pts
            at = pts * self._seconds_per_tick
            if self._early(at):
                continue
            self._due = max(self._due + self._apart, at + 0.5 * self._apart)
            yield _frame(picture, at, self._received.get(pts, packet_received))

    def close(self) -> None:
        """Release the codec context."""
        self._held.clear()
        self._received.clear()
        del self._context


def _context(params: StreamParams, *, keyframes_only: bool, deblock: bool) -> VideoCodecContext:
    try:
        context = CodecContext.create(params.codec, "r")
    except (av.error.FFmpegError, ValueError):
        raise Unsupported(
            f"no decoder for {params.codec}; set the camera's stream to H.264", code="codec", codec=params.codec
        ) from None
    if not isinstance(context, VideoCodecContext):
        raise Unsupported(f"{params.codec} is no video; check the path", code="no_video", codec=params.codec)
    context.extradata = params.extradata
    # One thread: with hundreds of streams the cores are full anyway, and frame threads add delay and once hung.
    context.thread_count = 1
    # Deblocking is 26–42 % of H.264 decode, and nothing that looks for motion or objects misses it.
    unfiltered = "default" if deblock else "all"
    context.options = {"skip_loop_filter": unfiltered, "skip_frame": "nokey" if keyframes_only else "default"}
    return context


def _frame(picture: VideoFrame, at: float, received: float) -> Frame:
    return Frame(at, received, _luma(picture), lambda: _rgb(picture))


def _luma(picture: VideoFrame) -> Luma:
    """Plane 0 as it lies in the decoder's memory; RGB, packed and deeper pictures are converted."""
    first = picture.format.components[0]
    if first.bits != 8 or not first.is_luma or not picture.format.is_planar:  # noqa: PLR2004
        return cast("Luma", picture.to_ndarray(format="gray"))
    return _lines(picture.planes[0])


def _lines(plane: VideoPlane) -> NDArray[np.uint8]:
    """A plane as it lies in the decoder's memory, [height, width]; it stays while the array does."""
    rows: NDArray[np.uint8] = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]


def _rgb(picture: VideoFrame) -> Rgb:
    """The usual 4:2:0 pictures by OpenCV, which takes a fifth of swscale's time and differs by 3 steps at most."""
    if picture.format.name != "yuv420p" or picture.width % 2 or picture.height % 2:
        return cast("Rgb", picture.to_ndarray(format="rgb24"))
    height, width = picture.height, picture.width
    packed = np.empty(height * width * 3 // 2, np.uint8)
    begin = 0
    for plane in picture.planes:
        # A chroma plane need not fill whole rows of the packed picture: half of 426 lines is an odd number of them.
        end = begin + plane.height * plane.width
        packed[begin:end].reshape(plane.height, plane.width)[:] = _lines(plane)
        begin = end
    return cast("Rgb", cv2.cvtColor(packed.reshape(height * 3 // 2, width), cv2.COLOR_YUV2RGB_I420))
