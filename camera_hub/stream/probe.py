"""Trying a camera out: whether it answers, lets us in and shows a picture, and what analysis would like better."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from camera_hub.stream import clock
from camera_hub.stream.decode import Decoder
from camera_hub.stream.measure import Advice, Arrival, Measured, advice_on, measure
from camera_hub.stream.packet import Packet, Source
from camera_hub.stream.reach import USUAL, Limits, connect
from camera_hub.stream.rtsp import PORTS as RTSP_PORTS
from camera_hub.stream.source import open_source
from camera_hub.stream.web import PORTS as WEB_PORTS
from registry.address import check_url
from registry.errors import Rejected, StreamError, Unreachable, Unsupported

StepName = Literal["reach", "sign_in", "picture", "measure", "clock"]
STEPS: tuple[StepName, ...] = ("reach", "sign_in", "picture", "measure", "clock")
_PAST_SIGNING_IN = frozenset({"no_such_stream", "refused", "moved", "broke_off", "went_away"})
_ENOUGH_GOPS = 3
_SHORTEST_S = 4.0
_TELL_EVERY_S = 1.0


@dataclass(frozen=True, slots=True)
class ProbeStep:
    """One step; `ok` is None when an earlier one failed. `code` and `hint` say what to do when it is False.

    The clock's step never fails: a box that tells no time over ONVIF is None with the code `no_answer`.
    """

    name: StepName
    ok: bool | None
    code: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """While a stream is measured: which share of the time is over (0–1), and what was seen so far."""

    share: float
    stream: Measured


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """The steps, what was measured (None without a picture), and what to change on the camera.

    `url` is the address tried, without credentials; `clock_offset_ms` the box's clock minus ours, None when it tells
    none.
    """

    ok: bool
    url: str
    steps: tuple[ProbeStep, ...]
    stream: Measured | None
    clock_offset_ms: int | None
    advice: tuple[Advice, ...]


Tell = Callable[[ProbeStep | Progress], None]
"""Hears of each step as it happens and, about once a second, how measuring goes on.

It is called in the thread that probes. What it raises ends the trial with the camera's connection closed: that is how
one is called off.
"""


def _unheard(_: ProbeStep | Progress) -> None:
    pass


def probe(
    url: str,
    username: str = "",
    password: str = "",
    *,
    seconds: float = 20.0,
    limits: Limits = USUAL,
    allow_file: bool = False,
    allow_loopback: bool = False,
    onvif_port: int | None = None,
    tell: Tell = _unheard,
) -> ProbeReport:
    """Try the stream at `url` for at most `seconds` after its first picture, less when its keyframes come often.

    Blocks; call it in a thread. A camera's failures are in the report; raises Invalid for an address that is refused.
    """
    walk = Walk(url, tell)
    check_url(url, allow_file=allow_file, allow_loopback=allow_loopback)
    parts = urlsplit(url)
    host, port = parts.hostname, parts.port or (RTSP_PORTS | WEB_PORTS).get(parts.scheme.removeprefix("snapshot+"))
    try:
        if host and port:
            connect(host, port, timeout_s=limits.connect_s, allow_loopback=allow_loopback).close()
        walk.done("reach")
        source = open_source(
            url, username, password, limits=limits, allow_file=allow_file, allow_loopback=allow_loopback
        )
    except StreamError as err:
        return walk.failed(err)
    try:
        walk.done("sign_in")
        stream = watched(source, seconds, walk)
    except StreamError as err:
        return walk.failed(err)
    finally:
        source.close()
    offset = clock.offset_ms(host, onvif_port or clock.PORT, allow_loopback=allow_loopback) if host else None
    walk.clock(offset)
    advice = tuple(advice_on(stream, offset))
    return ProbeReport(ok=True, url=url, steps=tuple(walk.steps), stream=stream, clock_offset_ms=offset, advice=advice)


class Walk:
    """The steps of one trial, told as they happen."""

    def __init__(self, url: str = "", tell: Tell = _unheard) -> None:
        self._url, self._tell = url, tell
        self.steps: list[ProbeStep] = []

    def done(self, name: StepName) -> None:
        """A step went well."""
        self._add(ProbeStep(name, ok=True))

    def progress(self, share: float, stream: Measured) -> None:
        """Measuring goes on."""
        self._tell(Progress(round(share, 2), stream))

    def clock(self, offset_ms: int | None) -> None:
        """The box's clock was asked for."""
        self._add(ProbeStep("clock", ok=True) if offset_ms is not None else ProbeStep("clock", None, "no_answer"))

    def failed(self, err: StreamError) -> ProbeReport:
        """The report of a trial that ends here."""
        name = STEPS[len(self.steps)]
        if name == "sign_in" and not isinstance(err, Rejected):
            before = isinstance(err, Unreachable) and err.code not in _PAST_SIGNING_IN
            if not before:
                # It talked with us of the stream, so it let us in.
                self.done("sign_in")
                name = "picture"
        self._add(ProbeStep(name, ok=False, code=err.code, hint=err.hint))
        rest = (ProbeStep(later, ok=None) for later in STEPS[len(self.steps) :])
        steps = (*self.steps, *rest)
        return ProbeReport(ok=False, url=self._url, steps=steps, stream=None, clock_offset_ms=None, advice=())

    def _add(self, step: ProbeStep) -> None:
        self.steps.append(step)
        self._tell(step)


def watched(source: Source, seconds: float, walk: Walk) -> Measured:
    """What an open source sends, watched for `seconds`; its picture and measure are steps of `walk`.

    Raises StreamError when no picture comes, or it breaks off before much was seen.
    """
    decoder = Decoder(source.params)
    size: tuple[int, int] | None = None
    arrivals: list[Arrival] = []
    keyframes, begun, told = 0, 0.0, 0.0
    try:
        for packet in source.packets():
            now = time.monotonic()
            if not arrivals:
                begun = told = now
            arrivals.append(Arrival(packet.dts * float(source.params.time_base), len(packet.data), packet.keyframe))
            keyframes += packet.keyframe
            if size is None and (size := _size(decoder, packet)) is not None:
                walk.done("picture")
            share = _share(now - begun, seconds, keyframes)
            if share >= 1:
                break
            if size is not None and now - told >= _TELL_EVERY_S:
                told = now
                walk.progress(share, measure(source.params, size, arrivals))
    except StreamError:
        # A stream that breaks off after a while has still shown what it sends.
        if size is None or arrivals[-1].at - arrivals[0].at < _SHORTEST_S:
            raise
    finally:
        decoder.close()
    if size is None:
        hint = "packets arrive, but no picture can be made of them; set the camera's stream to H.264"
        raise Unsupported(hint, code="garbage")
    walk.done("measure")
    return measure(source.params, size, arrivals)


def _size(decoder: Decoder, packet: Packet) -> tuple[int, int] | None:
    """Width and height of the picture a packet completes, if it does."""
    for frame in decoder.decode(packet):
        height, width = frame.luma.shape[:2]
        return width, height
    return None


def _share(lasted: float, seconds: float, keyframes: int) -> float:
    """How much of a watch is over: by its time, or sooner by the keyframes that were seen."""
    return max(lasted / seconds, min(keyframes / (_ENOUGH_GOPS + 1), lasted / _SHORTEST_S))
