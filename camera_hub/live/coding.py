"""How H.264 and H.265 lie in packets, and how MP4 keeps them (ISO/IEC 14496-15).

The initialisation segment comes from libavformat, which reads size and profile out of the first keyframe.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import av
import av.error
import av.logging

from camera_hub.stream.packet import StreamParams

av.logging.set_level(None)

TIMESCALE = 90_000
"""Ticks a second of everything written here."""

_START = b"\0\0\1"
_PLAYABLE = frozenset({"yuv420p", "yuvj420p"})
_AVCC_HEAD, _HVCC_HEAD = 6, 22


@dataclass(frozen=True, slots=True)
class Init:
    """An initialisation segment; `codec` as MSE names it. Not `playable`: no browser decodes it (4:2:2, 10 bit)."""

    data: bytes
    codec: str
    width: int
    height: int
    playable: bool


@dataclass(frozen=True, slots=True)
class Coding:
    """A codec of NAL units: which of its units are parameter sets, and which MP4 keeps out of its samples."""

    name: Literal["h264", "hevc"]
    sets: frozenset[int]
    left_out: frozenset[int]

    def type_of(self, unit: bytes) -> int:
        """What a unit (not empty) is."""
        return unit[0] & 0x1F if self.name == "h264" else unit[0] >> 1 & 0x3F

    def sample(self, units: Iterable[bytes]) -> bytes:
        """A sample as MP4 keeps it: four bytes of length before each unit; what the initialisation says is left out."""
        kept = (unit for unit in units if self.type_of(unit) not in self.left_out)
        return b"".join(part for unit in kept for part in (len(unit).to_bytes(4, "big"), unit))

    def sets_in(self, units: Iterable[bytes]) -> tuple[bytes, ...]:
        """The parameter sets among units, in order; none unless every kind is there."""
        found = tuple(dict.fromkeys(unit for unit in units if self.type_of(unit) in self.sets))
        return found if {self.type_of(unit) for unit in found} == self.sets else ()


# Parameter sets; besides them access unit delimiter and filler, and H.265's end of sequence.
H264 = Coding("h264", frozenset({7, 8}), frozenset({7, 8, 9, 12}))
HEVC = Coding("hevc", frozenset({32, 33, 34}), frozenset({32, 33, 34, 35, 36, 37, 38}))
CODINGS = {"h264": H264, "hevc": HEVC}
"""What can be put into segments, by FFmpeg's name of the codec."""


def nal_units(data: bytes, length_size: int | None) -> list[bytes]:
    """The NAL units of an access unit: between start codes (Annex B), or after lengths of `length_size` bytes.

    What a damaged length cuts off is left out.
    """
    if length_size is None:
        # A unit never ends in a zero byte: those before a start code belong to the start code.
        return [unit for part in data.split(_START)[1:] if (unit := part.rstrip(b"\0"))]
    found, begin = [], 0
    while begin + length_size <= len(data):
        size = int.from_bytes(data[begin : begin + length_size], "big")
        begin += length_size
        if size == 0 or begin + size > len(data):
            break
        found.append(data[begin : begin + size])
        begin += size
    return found


def described(coding: Coding, params: StreamParams) -> tuple[int | None, tuple[bytes, ...]]:
    """What the codec parameters say: how long the lengths before units are (None: start codes), and the sets."""
    extradata = params.extradata or b""
    head = _AVCC_HEAD if coding is H264 else _HVCC_HEAD
    if extradata[:1] != b"\x01" or len(extradata) <= head:
        return None, coding.sets_in(nal_units(extradata, None))
    # An avcC or hvcC, as in MP4 files.
    at, units = (4, _units_of_avcc(extradata)) if coding is H264 else (21, _units_of_hvcc(extradata))
    return (extradata[at] & 3) + 1, coding.sets_in(unit for unit in units if unit)


def init_segment(units: Iterable[bytes], coding: Coding = H264) -> Init | None:
    """The initialisation for a stream whose keyframe with its parameter sets is given; None when none can be made."""
    whole = list(units)
    annex_b = b"".join(b"\0" + _START + unit for unit in whole)
    written = _Sink()
    try:
        with (
            av.open(io.BytesIO(annex_b), format=coding.name, options={"analyzeduration": "1"}) as read,
            av.open(written, "w", format="mp4", options={"movflags": "empty_moov+default_base_moof"}) as out,
        ):
            stream = read.streams.video[0]
            codec = stream.codec_context
            if not codec.width or not codec.height:
                return None
            copied = out.add_stream_from_template(stream)
            copied.time_base = Fraction(1, TIMESCALE)
            if coding is HEVC:
                copied.codec_context.codec_tag = "hvc1"  # browsers do not take `hev1`
            out.start_encoding()
            data = bytes(written.data)  # closing adds an index nobody asked for
            return Init(data, _named(data, coding), codec.width, codec.height, codec.pix_fmt in _PLAYABLE)
    except (av.error.FFmpegError, ValueError, IndexError):
        return None


def _named(init: bytes, coding: Coding) -> str:
    """The codec as MSE names it (RFC 6381), from its avcC or hvcC. Raises ValueError, IndexError without one."""
    if coding is H264:
        at = init.index(b"avcC") + 5
        return f"avc1.{init[at : at + 3].hex()}"
    at = init.index(b"hvcC") + 5
    profile, level = init[at], init[at + 11]
    space = ("", "A", "B", "C")[profile >> 6]
    # Told in reverse order of bits (14496-15, annex E.3); constraints without the zero bytes at their end.
    compatible = int(f"{int.from_bytes(init[at + 1 : at + 5], 'big'):032b}"[::-1], 2)
    constraints = [f"{one:x}" for one in init[at + 5 : at + 11].rstrip(b"\0")]
    tier = "H" if profile & 0x20 else "L"
    return ".".join([f"hvc1.{space}{profile & 0x1F}", f"{compatible:x}", f"{tier}{level}", *constraints])


def _units_of_avcc(extradata: bytes) -> Iterable[bytes]:
    """Counts and 16-bit lengths after five bytes of profile."""
    at = 5
    for mask in (0x1F, 0xFF):
        count = extradata[at] & mask if at < len(extradata) else 0
        at += 1
        for _ in range(count):
            size = int.from_bytes(extradata[at : at + 2], "big")
            yield extradata[at + 2 : at + 2 + size]
            at += 2 + size


def _units_of_hvcc(extradata: bytes) -> Iterable[bytes]:
    """Arrays by kind of unit, each a count and 16-bit lengths, after 22 bytes of profile."""
    at = _HVCC_HEAD + 1
    for _ in range(extradata[_HVCC_HEAD]):
        count = int.from_bytes(extradata[at + 1 : at + 3], "big")
        at += 3
        for _ in range(count):
            if at >= len(extradata):
                return
            size = int.from_bytes(extradata[at : at + 2], "big")
            yield extradata[at + 2 : at + 2 + size]
            at += 2 + size


class _Sink(io.RawIOBase):
    """A file libavformat writes to and never seeks in."""

    def __init__(self) -> None:
        super().__init__()
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(data)  # type: ignore[call-overload]  # a buffer, as RawIOBase has it
        self.data += part
        return len(part)
