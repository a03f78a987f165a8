"""The vanish helper at work: first over small pictures, then over keyframes between two of them.

A part of the picture is compared, a little wider than it was drawn. Stills are medians already; of a moment of the
recordings, four keyframes are laid over each other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import cv2
import numpy as np
from numpy.typing import NDArray

from camera_hub.recall.stills import strip
from camera_hub.recall.stills.dayfile import Album, Still, day_of
from camera_hub.recall.stills.frames import Footage, Part, greys
from camera_hub.recall.stills.vanishing import Progress, Search, Step
from detectors.change import Structure, structure
from registry import recordings
from registry.columns import from_ms, to_ms
from registry.errors import HubError, Invalid
from registry.model import Access, Stream
from registry.recordings import stills
from registry.recordings.lawful import Span
from registry.recordings.playing import Segment

Level = Literal["stills", "keyframes"]
WIDER = 0.25
LEAST_PX = 24
"""A part of a still is at least so large on either side: what is around a thing tells that the picture is the same."""
SIDE = 64
FRAMES = 4
APART_MS = 2000
"""Keyframes come about every other second; four of them are a moment."""
MOST_MOMENTS = 1800
SECOND_LOOK_MS = 30_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What vanished: the part drawn, between a moment with it and one without, and what was answered so far."""

    camera_id: UUID
    span: Span
    part: Part
    steps: Sequence[tuple[Level, Step]]


@dataclass(frozen=True, slots=True)
class Found:
    """How the search stands, at which level, and the answers of both."""

    level: Level
    progress: Progress
    steps: tuple[tuple[Level, Step], ...]


async def vanish(footage: Footage, album: Album, access: Access, asked: Asked) -> Found:
    """Go on as far as the machine is sure; the look is in the register first.

    Raises Denied and NotFound as a film strip does, Invalid for answers that do not fit what there is.
    """
    try:
        seen = await stills.look(footage.store, access, asked.camera_id, asked.span)
    except HubError as refused:
        await stills.on_record(
            footage.store, access, asked.camera_id, asked.span, action="still.compare", refused=refused
        )
        raise
    await stills.on_record(
        footage.store, access, asked.camera_id, asked.span, action="still.compare", count=len(asked.steps)
    )
    there = await asyncio.to_thread(_stills, album, asked, seen.spans)
    first, last = to_ms(asked.span[0]), to_ms(asked.span[1])
    moments = sorted({first, last, *there})
    coarse = await _go_on(Search(moments, _StillEyes(there, asked.part)), _of("stills", asked.steps))
    told: list[tuple[Level, Step]] = [("stills", one) for one in coarse.steps]
    if coarse.ask is not None:
        return Found("stills", coarse, tuple(told))
    fine = await _keyframes(footage, access, asked, coarse, seen.stream)
    if fine is None:
        return Found("stills", coarse, tuple(told))
    told += [("keyframes", one) for one in fine.steps]
    return Found("keyframes", fine, tuple(told))


async def _keyframes(
    footage: Footage, access: Access, asked: Asked, coarse: Progress, stream: Stream
) -> Progress | None:
    """The search between two stills; None where nothing was recorded between them."""
    around = FRAMES * APART_MS
    span = from_ms(coarse.last_in - around), from_ms(coarse.first_out + around)
    played = await recordings.play(
        footage.store, access, (asked.camera_id,), span, stream=stream, action="recording.frames"
    )
    (found,) = played.cameras
    step = max(APART_MS, (coarse.first_out - coarse.last_in) // MOST_MOMENTS)
    grid = range(coarse.last_in + step, coarse.first_out - step + 1, step)
    spans = [(to_ms(since), to_ms(until)) for one in found.segments for since, until in one.spans]
    inside = [at for at in grid if any(since <= at < until for since, until in spans)]
    if not inside:
        return None
    moments = [coarse.last_in, *inside, coarse.first_out]
    eyes = _KeyframeEyes(footage, found.segments, asked.part, moments[0])
    search = Search(moments, eyes, apart=max(1, SECOND_LOOK_MS // step))
    return await _go_on(search, _of("keyframes", asked.steps))


async def _go_on(search: Search, steps: Sequence[Step]) -> Progress:
    try:
        return await search.go_on(steps)
    except ValueError as err:
        raise Invalid(f"these answers fit nothing: {err}; begin anew", code="vanish_steps") from err


def _of(level: Level, steps: Sequence[tuple[Level, Step]]) -> list[Step]:
    return [step for one, step in steps if one == level]


def _stills(album: Album, asked: Asked, spans: tuple[Span, ...]) -> dict[int, Still]:
    """By when they were taken, the small pictures between the two moments, and those of the moments themselves."""
    days = [day_of(to_ms(day)) for day in stills.days_of(asked.span)]
    there = [one for day in days for one in strip.cut(album.read(day, asked.camera_id).stills, spans)]
    last = to_ms(asked.span[1])
    # The end of a span is not of it, but the picture of that moment is what is compared with, if it may be seen.
    if any(end == asked.span[1] for _, end in spans):
        there += [one for one in album.read(day_of(last), asked.camera_id).stills if one.at == last]
    return {one.at: one for one in there}


class _StillEyes:
    def __init__(self, there: dict[int, Still], part: Part) -> None:
        self._there = there
        self._part = part
        self._seen: dict[int, Structure | None] = {}

    async def look(self, at: int) -> Structure | None:
        if at not in self._seen:
            self._seen[at] = await asyncio.to_thread(self._look, at)
        return self._seen[at]

    def _look(self, at: int) -> Structure | None:
        still = self._there.get(at)
        picture = None if still is None else grey(still.data)
        return None if picture is None else structure([_cut(picture, self._part)])


class _KeyframeEyes:
    def __init__(self, footage: Footage, segments: Sequence[Segment], part: Part, first: int) -> None:
        self._footage = footage
        self._segments = segments
        self._part = wider(part)
        self._first = first
        self._seen: dict[int, Structure | None] = {}

    async def look(self, at: int) -> Structure | None:
        if at not in self._seen:
            self._seen[at] = await self._look(at)
        return self._seen[at]

    async def _look(self, at: int) -> Structure | None:
        # What is known of the first moment is known of what was before it.
        begin = at - FRAMES * APART_MS if at == self._first else at
        stretches = [(begin + n * APART_MS, begin + (n + 1) * APART_MS) for n in range(FRAMES)]
        found = await greys(self._footage, self._segments, stretches, self._part, side=SIDE)
        return structure(found) if found else None


def grey(data: bytes) -> NDArray[np.uint8] | None:
    """A still, which this program made itself of pixels, as grey levels."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    return None if picture is None else picture.astype(np.uint8, copy=False)


def wider(part: Part) -> Part:
    """A part with some of what is around it."""
    x0, y0, x1, y1 = part
    across, down = (x1 - x0) * WIDER, (y1 - y0) * WIDER
    return max(0.0, x0 - across), max(0.0, y0 - down), min(1.0, x1 + across), min(1.0, y1 + down)


def _cut(picture: NDArray[np.uint8], part: Part) -> NDArray[np.uint8]:
    height, width = picture.shape
    x0, y0, x1, y1 = wider(part)
    left, right = _side(x0, x1, width)
    top, low = _side(y0, y1, height)
    return picture[top:low, left:right]


def _side(begin: float, end: float, length: int) -> tuple[int, int]:
    size = min(max(round((end - begin) * length), LEAST_PX), length)
    start = min(max(round((begin + end) / 2 * length - size / 2), 0), length - size)
    return start, start + size
