"""What the hub answers of its motion index: lawful, explained, on record before it leaves.

Files are read in a thread, the registry is asked before (who may know what) and after (why nobody watched, what events
were called).
"""

from __future__ import annotations

import asyncio
import bisect
import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np

from camera_hub.recall.motion.days import bounds, day_of
from camera_hub.recall.motion.density import Density, density, step_of
from camera_hub.recall.motion.search import Asked, Found, Hit, rarity, search
from camera_hub.recall.motion.shelf import Shelf
from camera_hub.recall.motion.window import Coverage, Turn, in_hours
from camera_hub.recall.region import cells_of
from detectors.cells import ROWS, Rows, touched
from registry import audit, motion
from registry.errors import HubError
from registry.model import Access, Kind
from registry.motion import DensityQuery, MotionSearch, Named, Region, Seen, Stretch, Unwatched, Why
from registry.spans import common, length, minus
from registry.store import Store

MOST_TOLD = 1000
"""Unwatched stretches of one camera that are told one by one, the longest; their sums are of all."""
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Watched:
    """How much of `wanted_s` seconds was watched (`thin_s` of it by keyframes alone), and why the rest was not.

    `wanted_s` is `watched_s` and the sum of `reasons`. `turns` are moments from which on a cell may show another place,
    or masks are others.
    """

    wanted_s: int
    watched_s: int
    thin_s: int
    reasons: Mapping[Unwatched, int]
    unwatched: tuple[Why, ...]
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Searched:
    """One camera's part of an answer; `refused` is why there is none. Cells are of its region."""

    camera_id: UUID
    refused: HubError | None
    hits: int
    cells: int
    dark: Rows
    noisy: Rows
    watched: Watched


@dataclass(frozen=True, slots=True)
class NamedHit:
    """A hit, and the event that overlaps it most, if one does."""

    hit: Hit
    event: Named | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The hits of all cameras, those asked for first; `total` is how many there are."""

    window: Stretch
    total: int
    hits: tuple[NamedHit, ...]
    cameras: tuple[Searched, ...]


class Index:
    """The motion index of a running hub; `days` says for how long it is kept, by kind of camera."""

    def __init__(self, store: Store, shelf: Shelf, days: Mapping[Kind, int]) -> None:
        self._store = store
        self.shelf = shelf
        self._days = days

    async def search(self, access: Access, query: MotionSearch) -> Answer:
        """Where something moved. What is refused of one camera is told with it.

        Raises Denied where it is so for all (right, purpose, its times), Invalid for a window that is too long.
        """
        window = _whole(query.span)
        hours = None
        if query.from_minute is not None and query.to_minute is not None:
            hours = query.from_minute, query.to_minute
        ids = [one.camera_id for one in query.cameras]
        async with audit.refused(self._store, access, "motion.search", cameras=ids, span=query.span):
            seen = await self._visible(access, ids, window)
        wanted = in_hours(window, hours, self.shelf.tz)
        asked = {
            one.camera_id: asking
            for one in query.cameras
            if isinstance(what := seen[one.camera_id], Seen)
            and (asking := _asked(one, what, common(wanted, self._told(what)))).spans
        }
        # Camera by camera: a thread that works cannot be called off when whoever asked waits no longer.
        found = {camera: await asyncio.to_thread(self._search, one, query) for camera, one in asked.items()}
        watched = await self._watched(seen, {one: it.coverage for one, it in found.items()}, wanted, window)
        total, best = await asyncio.to_thread(_best, found, query)
        named = await motion.named(self._store, access, list(asked), query.span) if best else {}
        cameras = tuple(_searched(one, seen[one], found.get(one), watched[one]) for one in seen)
        told = query.model_dump(mode="json", by_alias=True, exclude={"cameras", "since", "until"})
        where = [one.model_dump(mode="json", exclude_none=True) for one in query.cameras]
        await motion.on_record(
            self._store, access, "motion.search", seen, span=query.span, asked={**told, "regions": where}, count=total
        )
        return Answer(window, total, await asyncio.to_thread(_with_events, best, named), cameras)

    async def density(self, access: Access, camera_id: UUID, query: DensityQuery) -> tuple[Density, Watched]:
        """How much moved of one camera over time. Raises Denied, NotFound, Invalid."""
        found, watched = (await self.densities(access, [camera_id], query))[camera_id]
        if isinstance(found, HubError):
            raise found
        return found, watched

    async def densities(
        self, access: Access, camera_ids: Sequence[UUID], query: DensityQuery
    ) -> dict[UUID, tuple[Density | HubError, Watched]]:
        """How much moved of each camera over time, or why that is not told of it; one look.

        Raises Denied where it is so for all, Invalid.
        """
        window = _whole(query.span)
        async with audit.refused(self._store, access, "motion.density", cameras=camera_ids, span=query.span):
            seen = await self._visible(access, camera_ids, window)
        step = step_of(window, query.buckets)
        spans = {camera: self._bare(what, window) for camera, what in seen.items() if isinstance(what, Seen)}
        found = {
            camera: await asyncio.to_thread(density, self.shelf, camera, window, bare, step)
            for camera, bare in spans.items()
        }
        coverage = {camera: one.coverage for camera, one in found.items()}
        watched = await self._watched(seen, coverage, [window], window, bare=True)
        count = sum(sum(one.moved) for one in found.values())
        asked = {"step": step}
        await motion.on_record(self._store, access, "motion.density", seen, span=query.span, asked=asked, count=count)
        refused = {camera: what for camera, what in seen.items() if isinstance(what, HubError)}
        return {camera: (refused.get(camera) or found[camera], watched[camera]) for camera in seen}

    def _bare(self, seen: Seen, window: Stretch) -> list[Stretch]:
        """What may be told of a whole picture's motion: none of it from before what is masked now was."""
        spans = self._told(seen)
        return spans if seen.masked_until is None else common(spans, [(seen.masked_until, window[1])])

    async def _visible(
        self, access: Access, camera_ids: Sequence[UUID], window: Stretch
    ) -> dict[UUID, Seen | HubError]:
        async with self._store.read() as conn:
            return await motion.visible(conn, self._store, access, camera_ids, window)

    def _told(self, seen: Seen) -> list[Stretch]:
        """What may be told of a camera, up to now."""
        return common(seen.spans, [(0, int(self._store.clock().timestamp()))])

    def _search(self, asked: Asked, query: MotionSearch) -> Found:
        return search(self.shelf, asked, least=query.least_cells, noisy=query.noisy)

    async def _watched(
        self,
        seen: Mapping[UUID, Seen | HubError],
        coverage: Mapping[UUID, Coverage],
        wanted: Sequence[Stretch],
        window: Stretch,
        *,
        bare: bool = False,
    ) -> dict[UUID, Watched]:
        """How much of the `wanted` stretches of a window was watched, of each camera.

        `bare`: nothing is told from before a mask.
        """
        now = self._store.clock()
        whys: dict[UUID, list[Why]] = {}
        holes: dict[int, list[Stretch]] = {}
        for one, what in seen.items():
            if isinstance(what, Seen):
                left = _Left(wanted)
                left.take(what.withheld)
                left.take([((int(now.timestamp()), window[1]), Unwatched.TO_COME)])
                if bare and what.masked_until is not None:
                    left.take([((window[0], what.masked_until), Unwatched.MASKED)])
                if (known := coverage.get(one)) is not None:
                    left.stretches = minus(left.stretches, [*known.full, *known.thin])
                    left.take(known.why)
                left.take([((0, self._kept_since(what.kind, now)), Unwatched.GONE)])
                whys[one], holes[what.camera_no] = left.why, left.stretches
        reasons = await motion.explained(self._store, holes, window)
        return {
            one: _summed(wanted, [*whys[one], *reasons[what.camera_no]], coverage.get(one))
            if isinstance(what, Seen)
            else Watched(0, 0, 0, {}, (), ())
            for one, what in seen.items()
        }

    def _kept_since(self, kind: Kind, now: datetime) -> int:
        """The beginning of the first day that is kept whole."""
        oldest = int(now.timestamp()) - self._days.get(kind, 0) * DAY_S
        return bounds(day_of(oldest, self.shelf.tz), self.shelf.tz)[0]


class _Left:
    """Stretches that are still to be explained, and what explains the others."""

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        self.stretches = list(stretches)
        self.why: list[Why] = []

    def take(self, told: Sequence[Why]) -> None:
        """Explain what is left of each."""
        for stretch, reason in told:
            self.why += [(one, reason) for one in common(self.stretches, [stretch])]
        self.stretches = minus(self.stretches, [stretch for stretch, _ in told])


def _whole(span: tuple[datetime, datetime]) -> Stretch:
    """The whole seconds a window touches."""
    return int(span[0].timestamp() // 1), -int(-span[1].timestamp() // 1)


def _asked(region: Region, seen: Seen, spans: Sequence[Stretch]) -> Asked:
    return Asked(region.camera_id, cells_of(region), spans, touched(seen.masked), seen.masked_until or 0)


def _best(found: Mapping[UUID, Found], query: MotionSearch) -> tuple[int, list[Hit]]:
    """How many hits there are, and those that are told, in the order asked for."""
    hits = [hit for one in found.values() for hit in one.hits.first(query.order, query.limit)]
    if query.order == "time":
        hits.sort(key=lambda hit: hit.since)
    else:
        classes = rarity(np.array([hit.usual or 0.0 for hit in hits], np.float32)).tolist()
        ranked = sorted(zip(classes, hits, strict=True), key=lambda one: (one[0], -one[1].cells, -one[1].seconds))
        hits = [hit for _, hit in ranked]
    return sum(len(one.hits) for one in found.values()), hits[: query.limit]


def _with_events(hits: Sequence[Hit], named: Mapping[UUID, Sequence[Named]]) -> tuple[NamedHit, ...]:
    lasting = {camera: list(itertools.accumulate((one.until for one in of), max)) for camera, of in named.items()}
    return tuple(_with_event(one, named.get(one.camera_id, ()), lasting.get(one.camera_id, ())) for one in hits)


def _with_event(hit: Hit, events: Sequence[Named], lasting: Sequence[int]) -> NamedHit:
    """The event that shares most of a hit's time; one that lasts into it, or begins in it.

    `lasting`: until when each event and all before it last, so that not every one is looked at.
    """
    upto = bisect.bisect_left(events, hit.until, key=lambda one: one.since)
    first = bisect.bisect_right(lasting, hit.since, hi=upto)
    near = [one for one in events[first:upto] if one.until > hit.since]
    return NamedHit(hit, max(near, key=lambda one: min(one.until, hit.until) - max(one.since, hit.since), default=None))


def _searched(camera_id: UUID, seen: Seen | HubError, found: Found | None, watched: Watched) -> Searched:
    refused = seen if isinstance(seen, HubError) else None
    if found is None:
        none = np.zeros(ROWS, np.uint32)
        return Searched(camera_id, refused, 0, 0, none, none, watched)
    return Searched(camera_id, refused, len(found.hits), found.cells, found.dark, found.noisy, watched)


def _summed(wanted: Sequence[Stretch], why: Sequence[Why], coverage: Coverage | None) -> Watched:
    reasons: Counter[Unwatched] = Counter()
    for (begin, end), reason in why:
        reasons[reason] += end - begin
    longest = sorted(why, key=lambda one: one[0][0] - one[0][1])[:MOST_TOLD]
    return Watched(
        wanted_s=length(wanted),
        watched_s=coverage.watched if coverage else 0,
        thin_s=length(coverage.thin) if coverage else 0,
        reasons=dict(reasons.most_common()),
        unwatched=tuple(sorted(longest)),
        turns=tuple(coverage.turns) if coverage else (),
    )
