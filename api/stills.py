"""Film strips: a camera's small pictures day by day, keyframes between two of them, and the vanish helper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, Self
from uuid import UUID

from aiohttp import web
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from api.clips import DECODERS
from api.routing import Needs, Routes
from api.segments import LATEST_MS
from api.tickets import TICKETS
from api.visitor import Look
from camera_hub.recall.stills import comparing, frames, sheet, strip
from camera_hub.recall.stills.comparing import Asked
from camera_hub.recall.stills.frames import Footage, Part, Wanted
from camera_hub.recall.stills.vanishing import MOST_STEPS, Answer, By, Step
from registry.inputs import Input, Moment, bounded
from registry.model import From, Stream, To
from registry.permissions import Permission
from registry.recordings.timeline import MissingSpan

MOST = timedelta(days=31)
MOST_OF_FRAMES = timedelta(hours=25)
LEAST_SIDE = 0.005
"""A part is at least so much of the picture wide and high: two pixels of a small picture."""
SHEET_AGE_S = 300
MEDIA = "application/octet-stream"

routes = Routes("stills")

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


At = Annotated[int, Field(ge=0, le=LATEST_MS)]
Fit = Annotated[float, Field(ge=-1.01, le=1.01, allow_inf_nan=False)]


class StillsQuery(Input):
    """Which stretch of a camera's time."""

    since: Moment = Field(alias="from")
    until: Moment = Field(alias="to")


class SheetQuery(Input):
    """The first picture of every `apart` minutes of a day is sent; with `at`, the one taken then alone."""

    ticket: Annotated[str, Field(max_length=120)]
    apart: Annotated[int, Field(ge=1, le=720)] = 60
    at: At | None = None


class PartOf(Input):
    """A part of the picture, in shares of its width and height, of a stretch of time."""

    since: Moment = Field(alias="from")
    until: Moment = Field(alias="to")
    x0: Share = 0.0
    y0: Share = 0.0
    x1: Share = 1.0
    y1: Share = 1.0

    @model_validator(mode="after")
    def _has_a_size(self) -> Self:
        if self.x1 - self.x0 < LEAST_SIDE or self.y1 - self.y0 < LEAST_SIDE:
            raise PydanticCustomError("part_size", "the part is too small, or its corners are the wrong way round")
        return self

    @property
    def part(self) -> Part:
        """Its corners."""
        return self.x0, self.y0, self.x1, self.y1


class FramesQuery(PartOf):
    """`count` pictures of a span of at most 25 hours, one from each of as many equal stretches."""

    count: Annotated[int, Field(ge=1, le=frames.MOST)] = frames.MOST
    width: Annotated[int, Field(ge=32, le=1920)] = 192
    stream: Stream = "sub"


class VanishAnswer(Input):
    """An answer given before, by the machine or by oneself."""

    level: Literal["stills", "keyframes"]
    at: At
    answer: Answer
    by: By
    fit_in: Fit | None = None
    fit_out: Fit | None = None


class NewVanish(PartOf):
    """What vanished: it is seen at `from`, and not at `to`; `steps` are the answers so far, in their order."""

    steps: Annotated[tuple[VanishAnswer, ...], Field(max_length=2 * MOST_STEPS)] = ()


@dataclass(frozen=True, slots=True)
class SeenSpan:
    """A stretch of time that may be seen."""

    since: From
    until: To


@dataclass(frozen=True, slots=True)
class StripDay:
    """The pictures of one UTC day, by when they were taken (ms since 1970).

    `url` gives them as one sheet, under a ticket for five minutes: of each picture 28 bytes, big-endian (the moment
    asked for and the one it is of in ms since 1970, int64 each; width, height, uint16; a byte, 0 for a picture; three
    of nothing; its length, uint32), then its bytes.
    """

    day: date
    at: tuple[int, ...]
    url: str


@dataclass(frozen=True, slots=True)
class Strip:
    """What small pictures there are of a camera; where there are none, `gaps` may say why.

    What is outside `spans` may not be seen. `scenes` are when masks and zones were drawn anew: the camera may have been
    turned. `every_minutes` is how often a picture is taken now; 0: none is.
    """

    camera_id: UUID
    stream: Stream
    every_minutes: int
    days: tuple[StripDay, ...]
    spans: tuple[SeenSpan, ...]
    gaps: tuple[MissingSpan, ...]
    scenes: tuple[datetime, ...]
    hidden_until: datetime | None
    earliest: datetime | None
    latest: datetime | None


@dataclass(frozen=True, slots=True)
class VanishStep:
    """An answer, and how well the picture fitted the side with the thing and the one without it (-1 to 1)."""

    level: Literal["stills", "keyframes"]
    at: int
    answer: Answer
    by: By
    fit_in: float | None
    fit_out: float | None


@dataclass(frozen=True, slots=True)
class Vanish:
    """How the search for one change stands: it is there at `last_in`, and not at `first_out` (ms since 1970).

    `ask` is the moment somebody must look at, with how well it fitted; None: it is over, `exact` where nothing lies
    between the two. `asked` of at most `most` questions of this level were asked.
    """

    level: Literal["stills", "keyframes"]
    steps: tuple[VanishStep, ...]
    last_in: int
    first_out: int
    ask: int | None
    fit_in: float | None
    fit_out: float | None
    exact: bool
    asked: int
    most: int


@routes.get("/cameras/{camera_id}/stills", Permission.SEE_RECORDINGS, needs=Needs.PURPOSE, costly=True)
async def stills(look: Look, camera_id: UUID, query: StillsQuery) -> Strip:
    """The small pictures of at most 31 days, without a video being touched; what may not be seen is left out."""
    span = bounded(query.since, query.until, MOST)
    look.request.app[DECODERS].warm()  # who looks here soon wants keyframes
    found = await strip.strip(look.hub.store, look.hub.album, look.access, camera_id, span)
    seen = found.seen
    return Strip(
        camera_id=camera_id,
        stream=seen.stream,
        every_minutes=look.hub.settings.recording.still_minutes,
        days=tuple(_day(look, found.audit_no, camera_id, one) for one in found.days),
        spans=tuple(SeenSpan(*one) for one in seen.spans),
        gaps=seen.gaps,
        scenes=seen.scenes,
        hidden_until=seen.hidden_until,
        earliest=seen.earliest,
        latest=seen.latest,
    )


def _day(look: Look, audit_no: int, camera_id: UUID, one: strip.Day) -> StripDay:
    day = date.fromisoformat(one.day)
    return StripDay(day, one.at, address(look, audit_no, camera_id, day))


def address(look: Look, audit_no: int, camera_id: UUID, day: date) -> str:
    """Where a day's sheet is fetched under a row of the register, for five minutes."""
    ticket = look.request.app[TICKETS].make(audit_no, _thing(look, camera_id, day), look.actor.session_id)
    return f"/api/v1/stills/{camera_id}/{day}?ticket={ticket}"


def _thing(look: Look, camera_id: UUID, day: date) -> str:
    """What a sheet's ticket is for. The purpose is in it: the row of the register names that one."""
    return f"stills/{camera_id}/{day} {look.access.purpose.id}"


@routes.get("/stills/{camera_id}/{day}", Permission.SEE_RECORDINGS, needs=Needs.PURPOSE, raw=MEDIA)
async def day_sheet(look: Look, camera_id: UUID, day: date, query: SheetQuery) -> web.Response:
    """The small pictures of a UTC day as one sheet of WebP; consent, scope and purpose are asked again."""
    look.request.app[TICKETS].check(query.ticket, _thing(look, camera_id, day), look.actor.session_id)
    begin = datetime.combine(day, time(), UTC)
    data = await strip.day_sheet(
        look.hub.store, look.hub.album, look.access, camera_id, day=begin, apart_ms=query.apart * 60_000, at=query.at
    )
    headers = {"Cache-Control": f"private, max-age={SHEET_AGE_S}"}
    return web.Response(body=data, content_type=MEDIA, headers=headers)


@routes.get("/cameras/{camera_id}/frames", Permission.SEE_RECORDINGS, needs=Needs.PURPOSE, raw=MEDIA, costly=True)
async def keyframes(look: Look, camera_id: UUID, query: FramesQuery) -> web.Response:
    """A part of up to 60 keyframes of the recordings as one sheet of JPEG; a stretch without one says so."""
    span = bounded(query.since, query.until, MOST_OF_FRAMES)
    wanted = Wanted(camera_id, query.stream, span, query.count, query.part, query.width)
    cells = await frames.frames(_footage(look), look.access, wanted)
    return web.Response(body=sheet.packed(cells), content_type=MEDIA, headers={"Cache-Control": "no-store"})


@routes.post("/cameras/{camera_id}/vanish", Permission.SEE_RECORDINGS, needs=Needs.PURPOSE, status=200, costly=True)
async def vanish(look: Look, camera_id: UUID, body: NewVanish) -> Vanish:
    """Find between which two moments something vanished, as far as the machine is sure; then it asks.

    Nothing is kept between calls: send the steps back with one's own answer added, or one left out to undo it. It finds
    one change; there may be more.
    """
    span = bounded(body.since, body.until, MOST)
    steps = [(one.level, Step(one.at, one.answer, one.by, one.fit_in, one.fit_out)) for one in body.steps]
    found = await comparing.vanish(
        _footage(look), look.hub.album, look.access, Asked(camera_id, span, body.part, steps)
    )
    now = found.progress
    return Vanish(
        level=found.level,
        steps=tuple(
            VanishStep(level, one.at, one.answer, one.by, one.fit_in, one.fit_out) for level, one in found.steps
        ),
        last_in=now.last_in,
        first_out=now.first_out,
        ask=now.ask,
        fit_in=now.fit_in,
        fit_out=now.fit_out,
        exact=now.exact,
        asked=now.asked,
        most=now.most,
    )


def _footage(look: Look) -> Footage:
    return Footage(look.hub.store, look.hub.settings.data_dir, look.hub.node, look.request.app[DECODERS])
