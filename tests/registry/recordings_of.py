"""What tests of recordings make: policies, segments, words of workers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from registry import cameras
from registry.model import Camera, Kind, Reason, RecordFault, State, StatusChange
from registry.recordings import due
from registry.recordings.gaps import Round, reconcile
from registry.recordings.model import RecordMode, RecordPolicy, RecordStream, SegmentChange, Why
from registry.store import Store

POLICY = RecordPolicy(
    mode={
        Kind.PUBLIC: RecordMode.CONTINUOUS,
        Kind.SOCIAL: RecordMode.CONTINUOUS,
        Kind.CIVILIAN: RecordMode.ON_EVENT,
    },
    stream={Kind.PUBLIC: RecordStream.SUB, Kind.SOCIAL: RecordStream.SUB, Kind.CIVILIAN: RecordStream.SUB},
    days={Kind.PUBLIC: 30, Kind.SOCIAL: 30, Kind.CIVILIAN: 7},
    pre_s=5.0,
    post_s=10.0,
    segment_s=60.0,
)


def segment(camera: Camera, started_at: datetime, seconds: float | None, **given: Any) -> SegmentChange:
    """A segment of so many seconds; None: its file was begun, and no more."""
    whole = seconds is not None
    values: dict[str, Any] = {
        "camera_id": camera.id,
        "stream": "sub",
        "started_at": started_at,
        "ended_at": started_at + timedelta(seconds=seconds) if seconds is not None else None,
        "node": "local",
        "why": Why.CONTINUOUS,
        "codec": "h264",
        "width": 640,
        "height": 360,
        "masked": False,
        "frames": 100 if whole else 0,
        "bytes": 1000 if whole else 0,
        "digest": "00" * 32 if whole else None,
        "clock_offset_ms": None,
        **given,
    }
    return SegmentChange(**values)


async def say(
    store: Store,
    camera: Camera,
    since: datetime,
    state: State,
    reason: Reason | None = None,
    *,
    recording: RecordFault | None = None,
) -> None:
    """What a worker says of a camera."""
    told = StatusChange(camera.id, state, reason, "", since, None, None, None, None, None, recording=recording)
    await cameras.record_status(store, [told])


async def round_of(store: Store, policy: RecordPolicy = POLICY, **given: Any) -> Round:
    """One comparison, of what is wanted now."""
    return await reconcile(store, policy, await due.wanted(store, policy), reach=given.pop("reach", {}), **given)


def seconds(spans: Sequence[tuple[datetime, datetime]], begin: datetime) -> list[tuple[float, float]]:
    """Spans as seconds after a moment."""
    return [((a - begin).total_seconds(), (b - begin).total_seconds()) for a, b in spans]
