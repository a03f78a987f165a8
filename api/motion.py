"""The motion index: where in pictures something moved, and how much moved over time."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal
from uuid import UUID

from api.routing import Needs, Routes
from api.stills import address
from api.visitor import Look
from camera_hub.recall.motion.answer import NamedHit, Searched, Watched
from camera_hub.recall.stills import changes as recall
from camera_hub.recall.stills.changes import Change, Changes, State, Step, Why
from camera_hub.recall.stills.dayfile import day_of
from registry.model import From, To
from registry.motion import ChangesQuery, DensityQuery, MotionSearch, Unwatched
from registry.permissions import Permission

routes = Routes("motion")


@dataclass(frozen=True, slots=True)
class UnwatchedSpan:
    """A stretch in which nobody watched, or of which nothing may be told."""

    since: From
    until: To
    reason: Unwatched


@dataclass(frozen=True, slots=True)
class ViewTurn:
    """From here on a cell may show another place (`view`), or masks and zones are others (`scene`)."""

    at: datetime
    what: Literal["view", "scene"]


@dataclass(frozen=True, slots=True)
class WatchedPart:
    """How much of what was asked about was watched, in seconds; `thin_s` of it by keyframes alone.

    `wanted_s` is `watched_s` and all of `reasons` together. Of the stretches the longest thousand are told.
    """

    wanted_s: int
    watched_s: int
    thin_s: int
    reasons: dict[Unwatched, int]
    unwatched: tuple[UnwatchedSpan, ...]
    turns: tuple[ViewTurn, ...]


@dataclass(frozen=True, slots=True)
class MotionEvent:
    """The event that overlaps a hit."""

    id: UUID
    label: str
    group: str


@dataclass(frozen=True, slots=True)
class MotionHit:
    """Something moved in the region, in `seconds` of the stretch, in at most `cells` cells at once.

    `usual` is the share of an hour's seconds in which the region's busiest cell moves at that time of day, by the week
    before; null where too little of it was watched.
    """

    camera_id: UUID
    since: From
    until: To
    seconds: int
    cells: int
    usual: float | None
    event: MotionEvent | None


@dataclass(frozen=True, slots=True)
class MotionCamera:
    """One camera's part: `refused` is the code that says why there is none.

    Of its region's `cells`, `dark` are covered by masks, now or in a part of the window; `noisy` were left out at some
    hour because they move all the time then. Which they are is told as 18 rows of 32 cells, the top one first, the
    leftmost cell the highest bit.
    """

    camera_id: UUID
    refused: str | None
    hits: int
    cells: int
    dark: int
    noisy: int
    dark_rows: tuple[int, ...]
    noisy_rows: tuple[int, ...]
    watched: WatchedPart


@dataclass(frozen=True, slots=True)
class MotionAnswer:
    """What was found: at most `limit` hits of `total`."""

    since: From
    until: To
    total: int
    hits: tuple[MotionHit, ...]
    cameras: tuple[MotionCamera, ...]


@dataclass(frozen=True, slots=True)
class PictureBeside:
    """A small picture next to a hit: when it was taken (ms since 1970), and where it is fetched for five minutes."""

    at: int
    url: str


@dataclass(frozen=True, slots=True)
class MotionChange:
    """Whether the region looked different after a hit, told by its camera and begin.

    `score` says how much, -2 to 2: from 0.3 on it changed. `why` says why it is not known. The pictures are told of
    what changed.
    """

    camera_id: UUID
    since: From
    state: State
    score: float | None
    why: Why | None
    before: PictureBeside | None
    after: PictureBeside | None


@dataclass(frozen=True, slots=True)
class UncomparedCamera:
    """A camera whose pictures may not be seen, and the code that says why."""

    camera_id: UUID
    refused: str


@dataclass(frozen=True, slots=True)
class Comparing:
    """So many of so many hits were gone through."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class MotionChanges:
    """The last line: all hits asked about, what changed first, by how much; then the others in their order."""

    changes: tuple[MotionChange, ...]
    refused: tuple[UncomparedCamera, ...]


@dataclass(frozen=True, slots=True)
class MotionDensity:
    """Buckets of `step_s` seconds from `from` on: seconds in which anything moved, of those that were watched.

    Where `watched` is 0 nobody watched: that is not "nothing moved"; `part` says why.
    """

    camera_id: UUID
    since: From
    until: To
    step_s: int
    moved: tuple[int, ...]
    watched: tuple[int, ...]
    part: WatchedPart


@routes.post("/motion/search", Permission.SEE_EVENTS, needs=Needs.PURPOSE, status=200, costly=True)
async def search(look: Look, body: MotionSearch) -> MotionAnswer:
    """Where something moved in regions of one to twelve cameras, in at most 31 days, and how much of it was watched.

    What is refused of one camera is told with it; what is refused of all is a problem.
    """
    found = await look.hub.motion.search(look.access, body)
    return MotionAnswer(
        since=_moment(found.window[0]),
        until=_moment(found.window[1]),
        total=found.total,
        hits=tuple(_hit(one) for one in found.hits),
        cameras=tuple(_camera(one) for one in found.cameras),
    )


@routes.post("/motion/changes", Permission.SEE_RECORDINGS, needs=Needs.PURPOSE, status=200, costly=True)
async def changes(look: Look, body: ChangesQuery) -> AsyncGenerator[Comparing | MotionChanges, None]:
    """Whether the regions looked different after hits of a search, by the small pictures before and after each.

    Two or three pictures on either side are compared; the light and a turned camera do not count. What may not be
    seen, or is not clear, is unknown.
    """
    async with aclosing(recall.changes(look.hub.store, look.hub.album, look.access, body)) as steps:
        async for told in steps:
            yield Comparing(told.done, told.total) if isinstance(told, Step) else _changes(look, told)


@routes.get("/cameras/{camera_id}/motion", Permission.SEE_EVENTS, needs=Needs.PURPOSE, costly=True)
async def density(look: Look, camera_id: UUID, query: DensityQuery) -> MotionDensity:
    """How much moved of a camera over time, at most 31 days at once, and what of it nobody watched."""
    found, watched = await look.hub.motion.density(look.access, camera_id, query)
    end = found.begin + found.step * len(found.moved)
    return MotionDensity(
        camera_id=camera_id,
        since=_moment(found.begin),
        until=_moment(end),
        step_s=found.step,
        moved=found.moved,
        watched=found.watched,
        part=_part(watched),
    )


def _hit(one: NamedHit) -> MotionHit:
    hit, event = one.hit, one.event
    return MotionHit(
        camera_id=hit.camera_id,
        since=_moment(hit.since),
        until=_moment(hit.until),
        seconds=hit.seconds,
        cells=hit.cells,
        usual=hit.usual,
        event=MotionEvent(event.event_id, event.label, event.group) if event else None,
    )


def _changes(look: Look, found: Changes) -> MotionChanges:
    return MotionChanges(
        changes=tuple(_change(look, found.audit_no, one) for one in found.changes),
        refused=tuple(UncomparedCamera(one, why.code) for one, why in found.refused.items()),
    )


def _change(look: Look, audit_no: int, one: Change) -> MotionChange:
    def beside(at: int | None) -> PictureBeside | None:
        if at is None or one.state != "changed":
            return None
        url = address(look, audit_no, one.camera_id, date.fromisoformat(day_of(at)))
        return PictureBeside(at, f"{url}&at={at}")

    return MotionChange(one.camera_id, one.since, one.state, one.score, one.why, beside(one.before), beside(one.after))


def _camera(one: Searched) -> MotionCamera:
    return MotionCamera(
        camera_id=one.camera_id,
        refused=one.refused.code if one.refused else None,
        hits=one.hits,
        cells=one.cells,
        dark=_lit(one.dark),
        noisy=_lit(one.noisy),
        dark_rows=tuple(one.dark.tolist()),
        noisy_rows=tuple(one.noisy.tolist()),
        watched=_part(one.watched),
    )


def _lit(rows: Iterable[Any]) -> int:
    return sum(int(row).bit_count() for row in rows)


def _part(one: Watched) -> WatchedPart:
    return WatchedPart(
        wanted_s=one.wanted_s,
        watched_s=one.watched_s,
        thin_s=one.thin_s,
        reasons=dict(one.reasons),
        unwatched=tuple(UnwatchedSpan(_moment(begin), _moment(end), why) for (begin, end), why in one.unwatched),
        turns=tuple(_turns(one)),
    )


def _turns(one: Watched) -> Iterable[ViewTurn]:
    return (ViewTurn(_moment(turn.at), turn.what) for turn in one.turns)


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
