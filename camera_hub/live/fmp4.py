"""Packets to fragmented MP4, one fragment a frame: for a browser's SourceBuffer, and for recordings.

Each frame's `moof` is written by hand: libavformat holds a frame back until it knows the next one's time.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from camera_hub.live.coding import CODINGS, H264, TIMESCALE, Init, described, init_segment, nal_units
from camera_hub.stream.packet import Packet, StreamParams

HEAD = 112
"""Bytes before a frame's data: `moof` and the head of `mdat`."""

_LONGEST_STEP = 10 * TIMESCALE
_FIRST_DURATION = TIMESCALE // 25
# moof{mfhd, traf{tfhd default-base-is-moof, tfdt v1, trun v1 of one sample: duration, size, flags, offset}}, mdat
_MOOF = struct.Struct(">I4s I4sII I4s I4sII I4sIQ I4sIIiIIIi I4s")
_KEY, _NOT_KEY = 0x02000000, 0x01010000
_DURATION_AT = HEAD - 24


@dataclass(frozen=True, slots=True)
class Fragment:
    """One frame as `moof` and `mdat`; `at` is its presentation time in seconds on the track's own line."""

    data: bytes
    keyframe: bool
    at: float


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


def lasting(frame: bytes, seconds: float) -> bytes:
    """A fragment whose frame is shown for so long: where only keyframes come, each lasts up to the next."""
    ticks = min(max(round(seconds * TIMESCALE), 1), _LONGEST_STEP)
    return frame[:_DURATION_AT] + ticks.to_bytes(4, "big") + frame[_DURATION_AT + 4 :]


class Muxer:
    """One pull's packets to segments. Used by one thread.

    Times begin at zero and always rise, whatever the packets say: a step back or a jump goes on from where it was.
    Other parameter sets, such as for another resolution, give another initialisation. `unplayable` is set once the
    stream turns out to be nothing a browser decodes.
    """

    def __init__(self, params: StreamParams) -> None:
        self._coding = CODINGS.get(params.codec, H264)
        self._length_size, self._described = described(self._coding, params)
        self._ticks = params.time_base * TIMESCALE
        self._shown: tuple[bytes, ...] | None = None
        self._base: int | None = None
        self._last: int = 0
        self._duration = _FIRST_DURATION
        self._number = 0
        self.unplayable = False

    @property
    def end(self) -> float:
        """When the frame that came last ends, in seconds of the track, as far as its own distance tells."""
        return (self._last + self._duration) / TIMESCALE

    def feed(self, packet: Packet) -> tuple[Init | None, Fragment | None]:
        """What a packet gives: an initialisation before the first frame and when it changes, and its frame."""
        units = nal_units(packet.data, self._length_size)
        init = self._anew(units) if packet.keyframe else None
        if self._shown is None:
            return None, None
        sample = self._coding.sample(units)
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
        sets = self._coding.sets_in(units) or self._described
        if not sets or sets == self._shown:
            return None
        rest = (unit for unit in units if self._coding.type_of(unit) not in self._coding.sets)
        init = init_segment([*sets, *rest], self._coding)
        if init is None:
            return None
        self._shown, self.unplayable = sets, not init.playable
        return init

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
