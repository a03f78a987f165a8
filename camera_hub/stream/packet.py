"""The seam between reading a stream and using it: timed packets and codec parameters, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from detectors.facts import Luma, Rgb


@dataclass(frozen=True, slots=True)
class StreamParams:
    """What a decoder needs before the first packet. Width and height may be 0 until the first keyframe."""

    codec: str
    extradata: bytes | None
    time_base: Fraction
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Packet:
    """One encoded frame. `pts` and `dts` count `time_base`; `received` is the hub's monotonic clock in seconds."""

    data: bytes
    pts: int
    dts: int
    keyframe: bool
    received: float


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded frame.

    `at` is stream time in seconds (steadily rising, comparable within one pull), `received` the monotonic clock of its
    packet. `luma` is a view of the decoder's plane 0, uint8 [h, w]: use it before the next frame or copy it. `rgb()`
    converts the whole picture, uint8 [h, w, 3], on demand.
    """

    at: float
    received: float
    luma: Luma
    rgb: Callable[[], Rgb]


class Source(Protocol):
    """An open stream, read by one thread. Runs until error; retry and its reasons live outside.

    `packets` yields packets with steadily rising dts and ends only by raising a StreamError, or by returning when a
    file is over. `close` may be called from any thread after the reader stopped, and twice.
    """

    params: StreamParams

    def packets(self) -> Iterator[Packet]:
        """Yield timed packets of the video stream. Raises StreamError kinds."""
        ...

    def close(self) -> None:
        """Release the connection."""
        ...
