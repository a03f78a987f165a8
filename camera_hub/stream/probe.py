"""Trying a camera out: whether it answers, lets us in and shows a picture, and what analysis would like better."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from camera_hub.stream.decode import Decoder
from camera_hub.stream.packet import Packet, Source, StreamParams
from camera_hub.stream.reach import USUAL, Limits
from camera_hub.stream.source import open_source
from registry.errors import Rejected, StreamError, Unreachable

StepName = Literal["reach", "sign_in", "picture"]
_STEPS: tuple[StepName, ...] = ("reach", "sign_in", "picture")
_PAST_REACHING = frozenset({"no_such_stream", "refused", "moved", "broke_off", "went_away"})
_ENOUGH_GOPS = 3
_SHORTEST_S = 4.0

_LONG_GOP_S = 4.0
_SMART_GOP_S = 6.0
_UNEVEN = 1.6
_WIDE = 1280
_FAST_FPS, _SLOW_FPS = 20.0, 5.0
_MUCH_KBITS = 2048.0


@dataclass(frozen=True, slots=True)
class ProbeStep:
    """One step; `ok` is None when an earlier one failed. `code` and `hint` say what to do when it is False."""

    name: StepName
    ok: bool | None
    code: str | None = None
    hint: str | None = None


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


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """The steps, what was measured (None without a picture), and what to change on the camera."""

    ok: bool
    steps: tuple[ProbeStep, ...]
    stream: Measured | None
    advice: tuple[Advice, ...]


def probe(
    url: str,
    username: str = "",
    password: str = "",
    *,
    seconds: float = 20.0,
    limits: Limits = USUAL,
    allow_file: bool = False,
    allow_loopback: bool = False,
) -> ProbeReport:
    """Try the stream at `url` for at most `seconds` after its first picture, less when its keyframes come often.

    Blocks; call it in a thread. A camera's failures are in the report; raises Invalid for an address that is refused.
    """
    try:
        source = open_source(
            url, username, password, limits=limits, allow_file=allow_file, allow_loopback=allow_loopback
        )
    except StreamError as err:
        return _failed(err)
    try:
        return watched(source, seconds)
    except StreamError as err:
        return _failed(err, opened=True)
    finally:
        source.close()


def watched(source: Source, seconds: float) -> ProbeReport:
    """The report of an open source. Raises StreamError when no picture comes."""
    decoder = Decoder(source.params)
    size: tuple[int, int] | None = None
    packets: list[tuple[float, int, bool]] = []
    try:
        for packet in _limited(source, seconds):
            if size is None:
                for frame in decoder.decode(packet):
                    size = frame.luma.shape[1], frame.luma.shape[0]
            at = packet.dts * float(source.params.time_base)
            packets.append((at, len(packet.data), packet.keyframe))
    except StreamError:
        # A stream that breaks off after a while has still shown what it sends.
        if size is None or packets[-1][0] - packets[0][0] < _SHORTEST_S:
            raise
    finally:
        decoder.close()
    stream = measure(source.params, size or (0, 0), packets)
    if size is None:
        hint = "packets arrive, but no picture can be made of them; set the camera's stream to H.264"
        picture = ProbeStep("picture", ok=False, code="garbage", hint=hint)
        return ProbeReport(ok=False, steps=(*_good("reach", "sign_in"), picture), stream=stream, advice=())
    return ProbeReport(ok=True, steps=_good(*_STEPS), stream=stream, advice=tuple(advice_on(stream)))


def _limited(source: Source, seconds: float) -> Iterator[Packet]:
    begun: float | None = None
    keyframes = 0
    for packet in source.packets():
        yield packet
        keyframes += packet.keyframe
        begun = packet.received if begun is None else begun
        lasted = time.monotonic() - begun
        if lasted >= seconds or (keyframes > _ENOUGH_GOPS and lasted >= _SHORTEST_S):
            return


def measure(params: StreamParams, size: tuple[int, int], packets: list[tuple[float, int, bool]]) -> Measured:
    """What `packets` (stream seconds, bytes, keyframe), oldest first, say of the stream."""
    lasted = packets[-1][0] - packets[0][0] if packets else 0.0
    keyframes = [at for at, _, keyframe in packets if keyframe]
    gops = [later - earlier for earlier, later in itertools.pairwise(keyframes)]
    # The time since the last keyframe counts once it is longer than what was seen before.
    open_gop = packets[-1][0] - keyframes[-1] if keyframes else 0.0
    longest = max([*gops, open_gop]) if gops or open_gop > _LONG_GOP_S else None
    return Measured(
        codec=params.codec,
        width=size[0],
        height=size[1],
        fps=round((len(packets) - 1) / lasted, 2) if lasted else 0.0,
        gop_s=None if longest is None else round(longest, 2),
        gop_even=not gops or max(*gops, open_gop) <= _UNEVEN * min(gops),
        kbits=round(sum(size for _, size, _ in packets[:-1]) * 8 / 1000 / lasted, 1) if lasted else 0.0,
    )


def advice_on(stream: Measured) -> Iterator[Advice]:
    """What to change on the camera, the weightiest first."""
    if stream.codec != "mjpeg" and stream.gop_s is not None:
        if stream.gop_s >= _SMART_GOP_S or not stream.gop_even:
            yield Advice(
                "smart_codec", "switch the smart codec (H.264+, H.265+) off: its keyframes come late and unevenly"
            )
        if stream.gop_s > _LONG_GOP_S:
            yield Advice("keyframe_interval", "set the keyframe interval to 1 to 2 times the frame rate (1 to 2 s)")
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


def _failed(err: StreamError, *, opened: bool = False) -> ProbeReport:
    if isinstance(err, Rejected):
        at = 1
    elif isinstance(err, Unreachable) and not opened and err.code not in _PAST_REACHING:
        at = 0
    else:
        at = 2
    steps = [
        *_good(*_STEPS[:at]),
        ProbeStep(_STEPS[at], ok=False, code=err.code, hint=err.hint),
        *(ProbeStep(name, ok=None) for name in _STEPS[at + 1 :]),
    ]
    return ProbeReport(ok=False, steps=tuple(steps), stream=None, advice=())


def _good(*names: StepName) -> tuple[ProbeStep, ...]:
    return tuple(ProbeStep(name, ok=True) for name in names)
