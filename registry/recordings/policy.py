"""Whether, when and which streams of a camera are recorded: its own setting, else its kind's, under its consent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from registry import consents
from registry.model import Consent, ConsentScope, Kind, Polygon, Stream
from registry.recordings.model import RecordMode, RecordOrder, RecordPolicy, RecordStream

_CLIP = frozenset({ConsentScope.CLIP})
_STREAMS: dict[RecordStream, frozenset[Stream]] = {
    RecordStream.SUB: frozenset({"sub"}),
    RecordStream.MAIN: frozenset({"main"}),
    RecordStream.BOTH: frozenset({"sub", "main"}),
}


class Recorded(Protocol):
    """Of a camera, what says how it is recorded."""

    kind: str
    main_url: str | None
    sub_url: str | None
    record_mode: str | None
    record_stream: str | None


def mode_of(policy: RecordPolicy, camera: Recorded) -> RecordMode:
    """When the camera is to be recorded, consent aside."""
    if camera.kind == Kind.WIFI_PROBE.value:
        return RecordMode.NONE
    return RecordMode(camera.record_mode) if camera.record_mode else policy.mode[Kind(camera.kind)]


def streams_of(policy: RecordPolicy, camera: Recorded, *, masked: bool) -> frozenset[Stream]:
    """Which streams are to be recorded, of those there are. Of a masked camera only the one that is analysed."""
    analysed: Stream = "sub" if camera.sub_url else "main"
    if masked or not (camera.main_url and camera.sub_url):
        return frozenset({analysed})
    wanted = RecordStream(camera.record_stream) if camera.record_stream else policy.stream[Kind(camera.kind)]
    return _STREAMS[wanted]


def order_of(
    policy: RecordPolicy,
    camera: Recorded,
    *,
    masks: Sequence[Polygon],
    given: Sequence[Consent] | None,
    now: datetime,
    second: int,
) -> RecordOrder:
    """The order for now; `given` are the consents, None where none is needed, `second` the local second of the day."""
    mode = mode_of(policy, camera)
    agreed = given is None or consents.halt(given, now, second, scopes=_CLIP, masks=masks) is None
    if mode is RecordMode.NONE or not agreed:
        return RecordOrder()
    streams = streams_of(policy, camera, masked=bool(masks))
    return RecordOrder(mode, streams, policy.pre_s, policy.post_s, policy.segment_s)
