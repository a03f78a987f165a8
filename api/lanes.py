"""Lanes: the timelines of several cameras side by side, in one answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from api.clips import DECODERS
from api.recordings import Recordings, told
from api.routing import Needs, Routes
from api.visitor import Look
from camera_hub.recall.motion.density import Density
from registry import lanes
from registry.columns import from_ms
from registry.errors import Denied, HubError
from registry.lanes import Happened, LanesQuery
from registry.model import From, LabelGroup
from registry.motion import DensityQuery
from registry.permissions import Permission
from registry.recordings import Lane

routes = Routes("lanes")
BUCKETS = 800
"""As many as a wide screen has room for."""


@dataclass(frozen=True, slots=True)
class LaneMark:
    """An event on a lane; `ended_at` is null while it goes on."""

    id: UUID
    started_at: datetime
    ended_at: datetime | None
    group: LabelGroup
    label: str


@dataclass(frozen=True, slots=True)
class LaneCount:
    """How many events of each label group began in a bucket of the lane; empty buckets are left out."""

    start: datetime
    by_group: dict[str, int]


@dataclass(frozen=True, slots=True)
class LaneMotion:
    """Of each bucket of `step_s` seconds from `from` on: seconds in which anything moved, of those that were watched.

    Where `watched` is 0 nobody watched: that is not that nothing moved.
    """

    since: From
    step_s: int
    moved: tuple[int, ...]
    watched: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ShownLane:
    """One camera's lane, or the code that says why there is none; its events by themselves, or counted.

    `motion` is null where that is not told: `motion_refused` says why.
    """

    camera_id: UUID
    refused: str | None
    recordings: Recordings | None
    marks: tuple[LaneMark, ...]
    counts: tuple[LaneCount, ...]
    motion: LaneMotion | None
    motion_refused: str | None


@dataclass(frozen=True, slots=True)
class Lanes:
    """The lanes in the order asked for. Counts are by `bucket`; `events_refused` says why no event is told."""

    lanes: tuple[ShownLane, ...]
    bucket: Literal["hour", "day"]
    events_refused: str | None


@routes.get("/lanes", Permission.SEE_RECORDINGS, needs=Needs.PURPOSE, costly=True)
async def list_lanes(look: Look, query: LanesQuery) -> Lanes:
    """What was recorded of one to twelve cameras, at most 31 days, and what happened there.

    Events are told one by one up to twelve hours and 200 of them, else as how many an hour or a day.
    """
    look.request.app[DECODERS].warm()  # who looks here soon wants pictures
    (found, happened), moved = await asyncio.gather(
        lanes.lanes(look.hub.store, look.access, look.hub.settings.record_policy, query), _moved(look, query)
    )
    return Lanes(tuple(_lane(one, happened, moved) for one in found), happened.bucket, happened.refused)


async def _moved(look: Look, query: LanesQuery) -> Mapping[UUID, LaneMotion | str]:
    """The motion of each camera, or why it is not told: it is another right than recordings."""
    asked = DensityQuery.model_validate({"from": query.since, "to": query.until, "buckets": BUCKETS})
    ids = tuple(dict.fromkeys(query.camera))
    try:
        told = await look.hub.motion.densities(look.access, ids, asked)
    except Denied as why:
        return dict.fromkeys(ids, why.code)
    return {camera: _motion(found) for camera, (found, _) in told.items()}


def _motion(found: Density | HubError) -> LaneMotion | str:
    if isinstance(found, HubError):
        return found.code
    return LaneMotion(from_ms(found.begin * 1000), found.step, found.moved, found.watched)


def _lane(one: Lane, happened: Happened, moved: Mapping[UUID, LaneMotion | str]) -> ShownLane:
    motion = moved[one.camera_id]
    marks = (
        LaneMark(event.id, event.started_at, event.ended_at, event.group, event.label)
        for event in happened.events
        if event.camera_id == one.camera_id
    )
    counts = (LaneCount(bucket.start, dict(bucket.by_group)) for bucket in happened.counts.get(one.camera_id, ()))
    return ShownLane(
        camera_id=one.camera_id,
        refused=one.refused.code if one.refused else None,
        recordings=None if one.timeline is None else told(one.timeline),
        marks=tuple(marks),
        counts=tuple(counts),
        motion=motion if isinstance(motion, LaneMotion) else None,
        motion_refused=motion if isinstance(motion, str) else None,
    )
