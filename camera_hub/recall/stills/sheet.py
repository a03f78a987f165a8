"""Many small pictures as one answer: a head of 28 bytes for each, and its bytes, one after the other.

A head is, big-endian: the moment asked for and the one the picture is of (ms since 1970, int64 each, 0 where there is
none), width, height (uint16), a byte that says what it is (`What`), three of nothing, and the length (uint32). Where
no moments were asked for but things one by one, the first is the thing's place in the question.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from camera_hub.recall.stills.dayfile import Still

_HEAD = struct.Struct(">qqHHBxxxI")


class What(IntEnum):
    """What stands at a moment."""

    PICTURE = 0
    NONE = 1
    """Nothing was recorded that may be seen."""
    UNREAD = 2
    """It was recorded, and cannot be read."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One moment of a sheet. `data` is WebP or JPEG; width and height are 0 where its bytes alone say them."""

    wanted: int
    what: What
    at: int = 0
    width: int = 0
    height: int = 0
    data: bytes = b""


def packed(cells: Iterable[Cell]) -> bytes:
    """The sheet's bytes."""
    parts: list[bytes] = []
    for one in cells:
        parts += (_HEAD.pack(one.wanted, one.at, one.width, one.height, one.what, len(one.data)), one.data)
    return b"".join(parts)


def thinned(stills: Sequence[Still], apart_ms: int) -> list[Still]:
    """The first still of each slot of `apart_ms`, counted from 1970."""
    firsts: dict[int, Still] = {}
    for one in stills:
        firsts.setdefault(one.at // apart_ms, one)
    return list(firsts.values())


def of_stills(stills: Iterable[Still]) -> bytes:
    """A sheet of stills."""
    return packed(Cell(one.at, What.PICTURE, one.at, one.width, one.height, one.data) for one in stills)
