"""H.264 packets to fragmented MP4, one fragment a frame, for a browser's SourceBuffer.

The initialisation segment comes from libavformat, which reads size and profile out of the first keyframe. Each frame's
`moof` is written by hand: libavformat holds a frame back until it knows the next one's time.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import av
import av.error
import av.logging

from camera_hub.stream.packet import Packet, StreamParams

av.logging.set_level(None)

TIMESCALE = 90_000
"""Ticks a second of everything written here."""
HEAD = 112
"""Bytes before a frame's data: `moof` and the head of `mdat`."""

_SPS, _PPS, _DELIMITER, _FILLER = 7, 8, 9, 12
_NOT_IN_SAMPLES = frozenset({_SPS, _PPS, _DELIMITER, _FILLER})
_START = b"\0\0\1"
_PLAYABLE = frozenset({"yuv420p", "yuvj420p"})
_LONGEST_STEP = 10 * TIMESCALE
_FIRST_DURATION = TIMESCALE // 25
# moof{mfhd, traf{tfhd default-base-is-moof, tfdt v1, trun v1 of one sample: duration, size, flags, offset}}, mdat
_MOOF = struct.Struct(">I4s I4sII I4s I4sII I4sIQ I4sIIiIIIi I4s")
_KEY, _NOT_KEY = 0x02000000, 0x01010000


@dataclass(frozen=True, slots=True)
class Init:
    """An initialisation segment; `codec` as MSE names it. Not `playable`: no browser decodes it (4:2:2, 10 bit)."""

    data: bytes
    codec: str
    width: int
    height: int
    playable: bool


@dataclass(frozen=True, slots=True)
class Fragment:
    """One frame as `moof` and `mdat`; `at` is its presentation time in seconds on the track's own line."""

    data: bytes
    keyframe: bool
    at: float


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


def avcc(units: Iterable[bytes]) -> bytes:
    """A sample as MP4 keeps it: four bytes of length before each unit; what the initialisation says is left out."""
    parts = [part for unit in units if unit[0] & 0x1F not in _NOT_IN_SAMPLES for part in (_length(unit), unit)]
    return b"".join(parts)


def fragment(number: int, dts: int, *, offset: int, duration: int, sample: bytes, keyframe: bool) -> bytes:
    """One frame as `moof` and `mdat`. Times in ticks; `offset` is presentation after decoding."""
    size = len(sample)
    head = _MOOF.pack(
        *(HEAD - 8, b"moof", 16, b"mfhd", 0, number & 0xFFFFFFFF),
        *(HEAD - 32, b"traf", 16, b"tfhd", 0x020000, 1, 20, b"tfdt", 0x01000000, dts),
        *(36, b"trun", 0x01000F01, 1, HEAD, duration, size, _KEY if keyframe else _NOT_KEY, offset),
        *(8 + size, b"mdat"),
    )
    return head + sample


def init_segment(units: Iterable[bytes]) -> Init | None:
    """The initialisation for a stream whose keyframe with its parameter sets is given; None when none can be made."""
    whole = list(units)
    annex_b = b"".join(b"\0" + _START + unit for unit in whole)
    written = _Sink()
    try:
        with (
            av.open(io.BytesIO(annex_b), format="h264", options={"analyzeduration": "1"}) as read,
            av.open(written, "w", format="mp4", options={"movflags": "empty_moov+default_base_moof"}) as out,
        ):
            stream = read.streams.video[0]
            codec = stream.codec_context
            if not codec.width or not codec.height:
                return None
            copied = out.add_stream_from_template(stream)
            copied.time_base = Fraction(1, TIMESCALE)
            out.start_encoding()
            data = bytes(written.data)  # closing adds an index nobody asked for
            sps = next(unit for unit in whole if unit[0] & 0x1F == _SPS)
            playable = codec.pix_fmt in _PLAYABLE
            return Init(data, f"avc1.{sps[1:4].hex()}", codec.width, codec.height, playable)
    except (av.error.FFmpegError, ValueError, IndexError, StopIteration):
        return None


class Muxer:
    """One pull's H.264 packets to segments. Used by one thread.

    Times begin at zero and always rise, whatever the packets say: a step back or a jump goes on from where it was.
    Other parameter sets, such as for another resolution, give another initialisation. `unplayable` is set once the
    stream turns out to be nothing a browser decodes; nothing comes out then.
    """

    def __init__(self, params: StreamParams) -> None:
        extradata = params.extradata or b""
        boxed = extradata[:1] == b"\x01" and len(extradata) > 6  # noqa: PLR2004 - an avcC, as in MP4 files
        self._length_size = (extradata[4] & 3) + 1 if boxed else None
        self._described = _sets_of_avcc(extradata) if boxed else _sets(nal_units(extradata, None))
        self._ticks = params.time_base * TIMESCALE
        self._shown: tuple[bytes, ...] | None = None
        self._base: int | None = None
        self._last: int = 0
        self._duration = _FIRST_DURATION
        self._number = 0
        self.unplayable = False

    def feed(self, packet: Packet) -> tuple[Init | None, Fragment | None]:
        """What a packet gives: an initialisation before the first frame and when it changes, and its frame."""
        units = nal_units(packet.data, self._length_size)
        init = self._anew(units) if packet.keyframe else None
        if self._shown is None or self.unplayable:
            return None, None
        sample = avcc(units)
        if not sample:
            return init, None
        dts = self._rising(round(packet.dts * self._ticks))
        offset = min(max(round((packet.pts - packet.dts) * self._ticks), 0), _LONGEST_STEP)
        self._number += 1
        data = fragment(
            self._number, dts, offset=offset, duration=self._duration, sample=sample, keyframe=packet.keyframe
        )
        return init, Fragment(data, packet.keyframe, (dts + offset) / TIMESCALE)

    def _anew(self, units: list[bytes]) -> Init | None:
        """The initialisation a keyframe asks for, where it is not the one shown already."""
        sets = _sets(units) or self._described
        if sets == self._shown:
            return None
        init = init_segment([*sets, *(unit for unit in units if unit[0] & 0x1F not in (_SPS, _PPS))])
        if init is None:
            return None
        self._shown, self.unplayable = sets, not init.playable
        return init if init.playable else None

    def _rising(self, ticks: int) -> int:
        """Decode time on the track's line; learns the distance of frames, which is the next one's duration."""
        if self._base is None:
            self._base = ticks
            return 0
        step = ticks - self._base - self._last
        if not 0 < step < _LONGEST_STEP:
            step = self._duration
            self._base = ticks - self._last - step
        self._duration = step
        self._last += step
        return self._last


def _sets(units: Iterable[bytes]) -> tuple[bytes, ...]:
    """The parameter sets among units, in order; none unless both kinds are there."""
    found = tuple(dict.fromkeys(unit for unit in units if unit[0] & 0x1F in (_SPS, _PPS)))
    return found if {unit[0] & 0x1F for unit in found} == {_SPS, _PPS} else ()


def _sets_of_avcc(extradata: bytes) -> tuple[bytes, ...]:
    """The parameter sets of an avcC: counts and 16-bit lengths after five bytes of profile."""
    found, at = [], 5
    for mask in (0x1F, 0xFF):
        count = extradata[at] & mask if at < len(extradata) else 0
        at += 1
        for _ in range(count):
            size = int.from_bytes(extradata[at : at + 2], "big")
            found.append(extradata[at + 2 : at + 2 + size])
            at += 2 + size
    return _sets(unit for unit in found if unit)


def _length(unit: bytes) -> bytes:
    return len(unit).to_bytes(4, "big")


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
