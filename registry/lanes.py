"""Several cameras' timelines side by side, asked for at once: what was recorded, and what happened."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from registry import events, recordings
from registry.errors import Denied
from registry.events.counting import Bucket
from registry.events.query import EventQuery, Listed
from registry.inputs import Input, Moment
from registry.model import Access, Event, Stream
from registry.recordings import Lane, TimelineQuery
from registry.recordings.model import RecordPolicy
from registry.recordings.timeline import MOST, MOST_LANES
from registry.store import Store

ONE_BY_ONE = timedelta(hours=12)
"""Up to this length events are told one by one, where they are not too many; else as how many an hour or a day."""
MOST_EVENTS = 200
BY_HOUR = timedelta(days=8)


class LanesQuery(Input):
    """Which cameras, and which stretch of their time: at most 31 days."""

    camera: Annotated[tuple[UUID, ...], Listed, Field(min_length=1, max_length=MOST_LANES)]
    since: Moment = Field(alias="from")
    until: Moment = Field(alias="to")
    stream: Stream | None = None

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if not timedelta() < self.until - self.since <= MOST:
            raise PydanticCustomError("span", "`to` must lie after `from`, by at most 31 days")
        return self


@dataclass(frozen=True, slots=True)
class Happened:
    """Events of a stretch: each by itself, or, `counts` by camera, how many in each `bucket`.

    `refused` is the code that says why none may be read: that is not that none happened.
    """

    bucket: Literal["hour", "day"]
    events: tuple[Event, ...] = ()
    counts: Mapping[UUID, tuple[Bucket, ...]] = field(default_factory=dict)
    refused: str | None = None


async def lanes(
    store: Store, access: Access, policy: RecordPolicy, query: LanesQuery
) -> tuple[tuple[Lane, ...], Happened]:
    """What was recorded of each camera and what happened there; each look is on record first. Raises as `timeline`."""
    ids = tuple(dict.fromkeys(query.camera))
    asked = TimelineQuery.model_validate({"from": query.since, "to": query.until, "stream": query.stream})
    told, happened = await asyncio.gather(
        recordings.lanes(store, access, policy, ids, asked), _happened(store, access, query, ids)
    )
    return told, happened


async def _happened(store: Store, access: Access, query: LanesQuery, ids: tuple[UUID, ...]) -> Happened:
    """Events are another right than recordings: where they are refused, the recordings are told all the same."""
    length = query.until - query.since
    bucket: Literal["hour", "day"] = "hour" if length <= BY_HOUR else "day"
    wanted = EventQuery(camera=ids, since=query.since, until=query.until, limit=MOST_EVENTS)
    try:
        if length <= ONE_BY_ONE:
            page = await events.search(store, access, wanted)
            if page.next_cursor is None:
                return Happened(bucket, events=page.events)
        return Happened(bucket, counts=await events.histograms(store, access, wanted, bucket))
    except Denied as why:
        return Happened(bucket, refused=why.code)
