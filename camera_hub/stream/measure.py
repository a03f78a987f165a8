"""What a stream really sends, whatever it says of itself, and which of the camera's settings to change."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from camera_hub.stream.packet import StreamParams

CLOCK_OFF_MS = 5_000
"""From here on a box's clock is off: what it prints on its picture no longer proves when."""
_LONG_GOP_S = 4.0
_SMART_GOP_S = 6.0
_UNEVEN = 1.6
_WIDE = 1280
_FAST_FPS, _SLOW_FPS = 20.0, 5.0
_MUCH_KBITS = 2048.0


class Arrival(NamedTuple):
    """One packet: when in the stream (seconds), how many bytes, and whether a keyframe."""

    at: float
    size: int
    keyframe: bool


@dataclass(frozen=True, slots=True)
class Advice:
    """A setting of the camera that would serve analysis better: a stable code and an English sentence."""

    code: str
    hint: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What a stream really sends, whatever it says of itself. `gop_s` is the longest distance of keyframes seen."""

    codec: str
    width: int
    height: int
    fps: float
    gop_s: float | None
    gop_even: bool
    kbits: float


def measure(params: StreamParams, size: tuple[int, int], packets: Sequence[Arrival]) -> Measured:
    """What `packets`, oldest first, say of the stream."""
    lasted = packets[-1].at - packets[0].at if packets else 0.0
    keyframes = [packet.at for packet in packets if packet.keyframe]
    gops = [later - earlier for earlier, later in itertools.pairwise(keyframes)]
    # The time since the last keyframe counts once it is longer than what was seen before.
    open_gop = packets[-1].at - keyframes[-1] if keyframes else 0.0
    longest = max([*gops, open_gop]) if gops or open_gop > _LONG_GOP_S else None
    return Measured(
        codec=params.codec,
        width=size[0],
        height=size[1],
        fps=round((len(packets) - 1) / lasted, 2) if lasted else 0.0,
        gop_s=None if longest is None else round(longest, 2),
        gop_even=not gops or max(*gops, open_gop) <= _UNEVEN * min(gops),
        kbits=round(sum(packet.size for packet in packets[:-1]) * 8 / 1000 / lasted, 1) if lasted else 0.0,
    )


def advice_on(stream: Measured, clock_offset_ms: int | None = None) -> Iterator[Advice]:
    """What to change on the camera, the weightiest first."""
    if stream.codec != "mjpeg" and stream.gop_s is not None:
        yield from _on_keyframes(stream.gop_s, even=stream.gop_even)
    if clock_offset_ms is not None and abs(clock_offset_ms) > CLOCK_OFF_MS:
        yield Advice(
            "set_clock", f"the camera's clock is {clock_offset_ms / 1000:+.0f} s off; set it by NTP and mind its zone"
        )
    if stream.codec == "hevc":
        yield Advice("use_h264", "set the sub-stream to H.264: browsers show it live, and it costs half to decode")
    if stream.codec == "mjpeg":
        yield Advice("use_rtsp", "use RTSP with H.264 if the camera has it: the same picture in a tenth of the bytes")
    if stream.width > _WIDE:
        yield Advice("use_sub_stream", "use the sub-stream (640x360 or so) for analysis; keep this one for evidence")
    if stream.fps > _FAST_FPS:
        yield Advice("lower_fps", "10 to 15 frames a second are enough for analysis")
    elif stream.codec != "mjpeg" and 0 < stream.fps < _SLOW_FPS:
        yield Advice("raise_fps", "set at least 5 frames a second, or fast things pass unseen")
    if stream.kbits > _MUCH_KBITS and stream.codec != "mjpeg":
        yield Advice("lower_bitrate", "256 to 512 kbit/s are enough for the stream that is analysed")


def _on_keyframes(gop_s: float, *, even: bool) -> Iterator[Advice]:
    if gop_s >= _SMART_GOP_S or not even:
        yield Advice("smart_codec", "switch the smart codec (H.264+, H.265+) off: its keyframes come late and unevenly")
    if gop_s > _LONG_GOP_S:
        yield Advice("keyframe_interval", "set the keyframe interval to 1 to 2 times the frame rate (1 to 2 s)")
