"""Whether a region looked different after something moved in it: by the small pictures before and after.

Hits between the same pictures share one comparison, and a picture is decoded once. The pictures are the hub's own, made
by its workers of pixels.
"""

from __future__ import annotations

import asyncio
import bisect
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from camera_hub.recall.region import cells_of
from camera_hub.recall.stills import strip
from camera_hub.recall.stills.comparing import LEAST_PX, grey
from camera_hub.recall.stills.dayfile import Album, Still, day_of
from detectors.afterwards import PICTURES, Look, Place, Unclear
from detectors.cells import Rows, touched, unpacked
from registry.columns import from_ms, to_ms
from registry.errors import HubError
from registry.model import Access
from registry.motion import ChangesQuery, Moved
from registry.recordings import afterwards
from registry.recordings.afterwards import Seen
from registry.store import Store

NEAR = timedelta(minutes=65)
"""A picture this far from a hit, or from the one beside it, is still of it: one an hour is the fewest there are."""
SETTLES_MS = 10_000
"""A picture is made of some seconds: one that was begun this long before a hit is from before it."""
LEAST_AROUND = 0.4
"""So much of the picture lies around a region: by it the light is told from a change."""
DAYS_HELD, LOOKS_HELD = 4, 64
AT_A_TIME = 20
"""So many hits are compared until it is asked whether anybody still waits: a thread that works cannot be called off."""

State = Literal["changed", "same", "unknown"]


class Why(StrEnum):
    """Why it is not known whether a region looked different."""

    WITHHELD = "withheld"
    """The pictures of that time may not be seen: consent, purpose, a mask that was drawn later."""
    NO_PICTURE = "no_picture"
    """None is near, before or after."""
    FEW = "few"
    """There is one picture on a side: what it shows may be somebody passing."""
    MASKED = "masked"
    """Masks cover the region, or a part of it, and the rest looks the same."""
    SCENE = "scene"
    """Masks and zones were drawn anew in between, or the pictures have other sizes."""
    LIGHT = "light"
    RESTLESS = "restless"
    LARGE = "large"
    """The region is most of the picture: nothing around it tells the light from a change."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is known of a hit. `before` and `after` are when the pictures next to it were taken (ms since 1970)."""

    camera_id: UUID
    since: datetime
    state: State
    score: float | None
    why: Why | None
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """So many of so many hits were gone through."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Changes:
    """Of every hit, those that changed first, by how much; the others as asked. `refused` is of whole cameras."""

    audit_no: int
    changes: tuple[Change, ...]
    refused: dict[UUID, HubError]


async def changes(
    store: Store, album: Album, access: Access, query: ChangesQuery
) -> AsyncGenerator[Step | Changes, None]:
    """Compare before with after, and say how far it is; the row of the register is written before a picture is read.

    Raises Denied where it is so for all, Invalid for a window that is too long, Unavailable.
    """
    span = query.span[0] - PICTURES * NEAR, query.span[1] + PICTURES * NEAR
    seen = await afterwards.look(store, access, [one.camera_id for one in query.cameras], span)
    regions = [one.model_dump(mode="json", exclude_none=True) for one in query.cameras]
    number = await afterwards.on_record(store, access, seen, span=span, regions=regions, count=len(query.hits))
    known: dict[Moved, Change] = {}
    for one in query.cameras:
        what, hits = seen[one.camera_id], [hit for hit in query.hits if hit.camera_id == one.camera_id]
        if isinstance(what, HubError):
            known |= {hit: _unknown(hit, Why.WITHHELD) for hit in hits}
        else:
            pictures = _Pictures(album, one.camera_id, what, cells_of(one))
            hits.sort(key=lambda hit: hit.since)  # in order of time, so that few pictures are held at once
            for begin in range(0, len(hits), AT_A_TIME):
                some = hits[begin : begin + AT_A_TIME]
                known |= zip(some, await asyncio.to_thread(pictures.changes, some), strict=True)
                yield Step(len(known), len(query.hits))
    found = sorted((known[hit] for hit in query.hits), key=_first)
    yield Changes(number, tuple(found), {one: it for one, it in seen.items() if isinstance(it, HubError)})


def _first(one: Change) -> float:
    return -(one.score or 0.0) if one.state == "changed" else 0.0


class _Pictures:
    """One camera's pictures, and what is known of its region between them. In one thread at a time."""

    def __init__(self, album: Album, camera_id: UUID, seen: Seen, region: Rows) -> None:
        self._album = album
        self._camera_id = camera_id
        self._seen = seen
        self._region = region
        self._days: dict[str, list[Still]] = {}
        self._places: dict[tuple[bytes, int, int], Place | None] = {}
        self._looks: dict[tuple[int, Place], Look | None] = {}
        self._known: dict[tuple[int, ...], tuple[State, float | None, Why | None]] = {}

    def changes(self, hits: Sequence[Moved]) -> list[Change]:
        """What is known of each hit."""
        return [self._change(hit) for hit in hits]

    def _change(self, hit: Moved) -> Change:
        before, after = self._beside(to_ms(hit.since), to_ms(hit.until))
        if not before or not after:
            allowed = any(begin <= hit.since and hit.until <= end for begin, end in self._seen.spans)
            return _unknown(hit, Why.NO_PICTURE if allowed else Why.WITHHELD)
        key = tuple(one.at for one in (*before, *after))
        if key not in self._known:
            self._known[key] = self._compare(before, after)
        state, score, why = self._known[key]
        return Change(self._camera_id, hit.since, state, score, why, before[-1].at, after[0].at)

    def _beside(self, since: int, until: int) -> tuple[list[Still], list[Still]]:
        """Up to three pictures before and as many after a stretch, in order of time, none far from the next."""
        near = round(NEAR.total_seconds() * 1000)
        first, last = (
            self._between(since - PICTURES * near, since - SETTLES_MS),
            self._between(until, until + PICTURES * near),
        )
        before, at = [], since
        for one in reversed(first[-PICTURES:]):
            if at - one.at > near:
                break
            before.append(one)
            at = one.at
        after, at = [], until
        for one in last[:PICTURES]:
            if one.at - at > near:
                break
            after.append(one)
            at = one.at
        return before[::-1], after

    def _between(self, begin: int, end: int) -> list[Still]:
        found: list[Still] = []
        for name in dict.fromkeys((day_of(begin), day_of(end))):
            if name not in self._days:
                if len(self._days) == DAYS_HELD:
                    self._days.clear()
                self._days[name] = strip.cut(self._album.read(name, self._camera_id).stills, self._seen.spans)
            those = self._days[name]
            found += those[bisect.bisect_left(those, begin, key=_at) : bisect.bisect_right(those, end, key=_at)]
        return found

    def _compare(self, before: Sequence[Still], after: Sequence[Still]) -> tuple[State, float | None, Why | None]:
        all_of = (*before, *after)
        first, last = from_ms(all_of[0].at), from_ms(all_of[-1].at)
        masks = next((masks for at, masks in reversed(self._seen.scenes) if at <= first), ())
        redrawn = any(first < at <= last for at, _ in self._seen.scenes)
        if redrawn or len({(one.width, one.height, one.masked) for one in all_of}) > 1:
            return "unknown", None, Why.SCENE
        bare = self._region & ~touched(masks)
        if not bare.any():
            return "unknown", None, Why.MASKED
        place = self._place(bare, all_of[0])
        if place.around < LEAST_AROUND:
            return "unknown", None, Why.LARGE
        sides = [[look for one in side if (look := self._look(one, place))] for side in (before, after)]
        verdict = place.compare(*sides)
        score = None if verdict.score is None else round(verdict.score, 3)
        if isinstance(verdict.says, Unclear):
            return "unknown", score, Why(verdict.says.value)
        if verdict.says == "same" and bool((bare != self._region).any()):
            return "unknown", score, Why.MASKED
        return verdict.says, score, None

    def _place(self, bare: Rows, like: Still) -> Place:
        key = bare.tobytes(), like.width, like.height
        if (place := self._places.get(key)) is None:
            place = self._places[key] = Place(unpacked(bare), like.width, like.height, LEAST_PX)
        return place

    def _look(self, still: Still, place: Place) -> Look | None:
        key = still.at, place
        if key not in self._looks:
            if len(self._looks) == LOOKS_HELD:
                self._looks.clear()
            picture: NDArray[np.uint8] | None = grey(still.data)
            self._looks[key] = None if picture is None else place.look(picture)
        return self._looks[key]


def _at(still: Still) -> int:
    return still.at


def _unknown(hit: Moved, why: Why) -> Change:
    return Change(hit.camera_id, hit.since, "unknown", None, why, None, None)
