"""The live log's records: 80 bytes each, second, body and checksum; which sort it is stands in the checksum's seed.

`motion`: the second's 18 rows of cells. `span`: seconds up to `until` that were watched, or not and why, with the
revisions of scene and view. `view`: the cells that masks keep dark from this second on.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from detectors.cells import ROWS, Rows

SIZE = 80
_BODY = 76
_HEAD = struct.Struct("<I")
_SPAN = struct.Struct("<IIIII56x")
_SPAN_WORDS = 5
_MOTION, _SPANNED, _VIEWED = 0, 0x5350414E, 0x56494557


class Seen(IntEnum):
    """How a stretch of seconds was watched. The higher one holds where two are told of a second."""

    NOT = 0
    """Nobody says."""
    GAP = 1
    """The pull lasted, and no picture came."""
    KEYFRAMES = 2
    """Watched, by keyframes alone."""
    FULL = 3
    """Watched, at the analysis rate."""
    FLASH = 4
    """The whole picture changed at once: what moved cannot be told."""
    LOST = 5
    """Watched, and the disk did not take it."""


WATCHED = frozenset({Seen.KEYFRAMES, Seen.FULL})


@dataclass(frozen=True, slots=True)
class Motion:
    """What moved in a second (since 1970)."""

    second: int
    rows: Rows


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds [since, until) and how they were watched.

    `scene` is the scene's revision; `view` the second since when the camera looks where it looks, 0 where nothing is
    known of another view.
    """

    since: int
    until: int
    seen: Seen
    scene: int = 0
    view: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """From a second on, `hidden` cells are dark: masks cover them."""

    second: int
    hidden: Rows


Record = Motion | Span | View


def pack(record: Record) -> bytes:
    """A record's 80 bytes."""
    if isinstance(record, Span):
        body = _SPAN.pack(record.since, record.until, record.seen, record.scene, record.view)
        return _sealed(body, _SPANNED)
    if isinstance(record, Motion):
        return _sealed(_HEAD.pack(record.second) + record.rows.astype("<u4").tobytes(), _MOTION)
    return _sealed(_HEAD.pack(record.second) + record.hidden.astype("<u4").tobytes(), _VIEWED)


def _sealed(body: bytes, seed: int) -> bytes:
    return body + _HEAD.pack(crc32(body, seed))


def unpack(data: bytes) -> tuple[NDArray[np.uint32], list[Span | View]]:
    """The motion records of a log as uint32 [n, 19] (second, then rows), and its others, in the order written.

    A record that is torn or damaged is passed over, and what is left of one at the end.
    """
    whole = len(data) // SIZE
    raw = np.frombuffer(data, "<u4", whole * SIZE // 4).reshape(whole, SIZE // 4)
    view, sums = memoryview(data), raw[:, -1].tolist()
    good = np.zeros(whole, np.bool_)
    others: list[Span | View] = []
    for number, told in enumerate(sums):
        at = number * SIZE
        body = view[at : at + _BODY]
        if crc32(body, _MOTION) == told:
            good[number] = True
        elif crc32(body, _SPANNED) == told:
            since, until, seen, scene, since_view = _SPAN.unpack(body)
            if seen in Seen._value2member_map_:
                others.append(Span(since, until, Seen(seen), scene, since_view))
        elif crc32(body, _VIEWED) == told:
            others.append(View(_HEAD.unpack_from(body)[0], raw[number, 1 : 1 + ROWS].copy()))
    return raw[good, : 1 + ROWS], others


def spans(data: bytes) -> tuple[list[Span], NDArray[np.intp]]:
    """The spans of a log alone, in the order written, and the numbers of the records that are none.

    A tenth of what `unpack` takes: those are not looked at.
    """
    whole = len(data) // SIZE
    raw = np.frombuffer(data, "<u4", whole * SIZE // 4).reshape(whole, SIZE // 4)
    bare = np.flatnonzero(~raw[:, _SPAN_WORDS:-1].any(axis=1))
    view, sums = memoryview(data), raw[bare, -1].tolist()
    found, mine = [], np.zeros(whole, np.bool_)
    for number, told in zip(bare.tolist(), sums, strict=True):
        body = view[number * SIZE : number * SIZE + _BODY]
        if crc32(body, _SPANNED) == told:
            mine[number] = True
            since, until, seen, scene, since_view = _SPAN.unpack(body)
            if seen in Seen._value2member_map_:
                found.append(Span(since, until, Seen(seen), scene, since_view))
    return found, np.flatnonzero(~mine)


def seconds(data: bytes) -> NDArray[np.uint32]:
    """The second each record begins with, whatever it is."""
    whole = len(data) // SIZE
    return np.frombuffer(data, "<u4", whole * SIZE // 4).reshape(whole, SIZE // 4)[:, 0]


def moved(data: bytes, number: int) -> bool:
    """Whether a record is whole and says that something moved."""
    body = data[number * SIZE : number * SIZE + _BODY]
    return crc32(body, _MOTION) == _HEAD.unpack_from(data, number * SIZE + _BODY)[0] and any(body[_HEAD.size :])
