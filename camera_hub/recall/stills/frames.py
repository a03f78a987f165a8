"""Keyframes of recordings at many moments, as crops: a screen of a film strip between two of its small pictures.

Each moment has the first keyframe of its stretch of time, by preference one that begins a file: it is found without
walking through the file. Nothing else is decoded.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from camera_hub.recall.stills.sheet import Cell, What
from camera_hub.recording.boxes import first_keyframes
from camera_hub.recording.decoders import Decoders
from camera_hub.recording.files import Name, path_of
from registry import recordings
from registry.columns import to_ms
from registry.model import Access, Stream
from registry.recordings.lawful import Span
from registry.recordings.playing import Segment
from registry.store import Store

MOST = 60
MOST_PIECE_BYTES = 4 << 20
MOST_BYTES = 48 << 20

Part = tuple[float, float, float, float]
"""x0, y0, x1, y1 of a picture, in shares of its width and height."""


@dataclass(frozen=True, slots=True)
class Footage:
    """Where recordings are looked up, read and decoded: the registry's rows, a node's files, the decoders."""

    store: Store
    data_dir: Path
    node: str
    decoders: Decoders


@dataclass(frozen=True, slots=True)
class Wanted:
    """Pictures of a span, in `count` stretches of equal length: of each a part, at most `width` pixels wide."""

    camera_id: UUID
    stream: Stream
    span: Span
    count: int
    part: Part
    width: int


async def frames(footage: Footage, access: Access, wanted: Wanted) -> list[Cell]:
    """The first keyframe of each stretch; the look is in the register first.

    Raises Denied and NotFound as a playback does, Unavailable when no decoder is free.
    """
    played = await recordings.play(
        footage.store, access, (wanted.camera_id,), wanted.span, stream=wanted.stream, action="recording.frames"
    )
    (found,) = played.cameras
    if found.refused is not None:
        raise found.refused
    begin, end = (to_ms(one) for one in wanted.span)
    edges = [begin + (end - begin) * number // wanted.count for number in range(wanted.count + 1)]
    return await crops(footage, found.segments, list(itertools.pairwise(edges)), wanted.part, width=wanted.width)


async def crops(
    footage: Footage, segments: Sequence[Segment], stretches: Sequence[tuple[int, int]], part: Part, *, width: int
) -> list[Cell]:
    """Of each stretch (ms since 1970), in order of time, a part of its first keyframe in segments that may be seen."""
    picked = await _picked_from(footage, segments, stretches)
    pieces = [one.data for one in picked if one.what is What.PICTURE]
    cut = iter(await footage.decoders.crops(pieces, part, width))
    return [_with(one, next(cut)) if one.what is What.PICTURE else one for one in picked]


async def greys(
    footage: Footage, segments: Sequence[Segment], stretches: Sequence[tuple[int, int]], part: Part, *, side: int
) -> list[NDArray[np.uint8]]:
    """The same as grey levels, uint8 [side, side], of those stretches that have any.

    What a camera sent is decoded by the decoders alone: what comes from them is looked at as bytes, and nothing more.
    """
    picked = await _picked_from(footage, segments, stretches)
    pieces = [one.data for one in picked if one.what is What.PICTURE]
    found = await footage.decoders.crops(pieces, part, side, grey=True)
    return [np.frombuffer(one, np.uint8).reshape(side, side) for one in found if len(one) == side * side]


async def _picked_from(
    footage: Footage, segments: Sequence[Segment], stretches: Sequence[tuple[int, int]]
) -> list[Cell]:
    there = [one for one in segments if one.node == footage.node]
    return await asyncio.to_thread(_picked, footage.data_dir, there, stretches)


def _with(cell: Cell, data: bytes) -> Cell:
    return Cell(cell.wanted, What.PICTURE if data else What.UNREAD, cell.at, data=data)


def _picked(data_dir: Path, segments: Sequence[Segment], stretches: Sequence[tuple[int, int]]) -> list[Cell]:
    """For each stretch a piece of MP4 with its keyframe, or why there is none."""
    cells = [_cell_without(segments, begin, end) for begin, end in stretches]
    by_segment: dict[int, list[int]] = defaultdict(list)
    for number, (begin, end) in enumerate(stretches):
        chosen = _chosen(segments, begin, end)
        if chosen is not None:
            by_segment[chosen].append(number)
    total = 0
    for chosen, numbers in by_segment.items():
        segment = segments[chosen]
        for number, (at, data) in _read(data_dir, segment, [(one, stretches[one]) for one in numbers]).items():
            total += len(data)
            if total <= MOST_BYTES:
                cells[number] = Cell(stretches[number][0], What.PICTURE, at, data=data)
    return cells


def _chosen(segments: Sequence[Segment], begin: int, end: int) -> int | None:
    """The segment to look in: the first that begins in the stretch, else one that reaches into it."""
    reaching = [number for number, one in enumerate(segments) if _shown(one, begin, end) is not None]
    starting = [number for number in reaching if begin <= to_ms(segments[number].started_at) < end]
    return next(iter([*starting, *reaching]), None)


def _shown(segment: Segment, begin: int, end: int) -> tuple[int, int] | None:
    """The first part of a stretch that may be shown of a segment (ms since 1970)."""
    for since, until in segment.spans:
        first, last = max(to_ms(since), begin), min(to_ms(until), end)
        if first < last:
            return first, last
    return None


def _cell_without(segments: Sequence[Segment], begin: int, end: int) -> Cell:
    inside = any(_shown(one, begin, end) is not None for one in segments)
    return Cell(begin, What.UNREAD if inside else What.NONE)


def _read(
    data_dir: Path, segment: Segment, asked: Sequence[tuple[int, tuple[int, int]]]
) -> dict[int, tuple[int, bytes]]:
    """By number of what is asked, in order of time: when the keyframe was taken, and a piece of MP4 with it alone."""
    start = to_ms(segment.started_at)
    windows, numbers = [], []
    for number, (begin, end) in asked:
        shown = _shown(segment, begin, end)
        if shown is not None:
            windows.append((float(shown[0] - start), float(shown[1] - start)))
            numbers.append(number)
    path = path_of(data_dir, Name(segment.camera_id, segment.stream, segment.started_at))
    read: dict[int, tuple[int, bytes]] = {}
    with contextlib.suppress(OSError):  # gone or unreadable: the sweep marks it, and here there is no picture
        init, found = first_keyframes(path, windows)
        if init is None:
            return read
        with path.open("rb", buffering=0) as file:
            head = file.read(init.size)
            for number, fragment in zip(numbers, found, strict=True):
                if fragment is not None and fragment.size <= MOST_PIECE_BYTES:
                    file.seek(fragment.offset)
                    at = start + round(fragment.at * 1000 / init.timescale)
                    read[number] = at, head + file.read(fragment.size)
    return read
