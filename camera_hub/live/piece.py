"""What travels from a worker to the hub and on to viewers."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from pydantic import TypeAdapter

from registry.model import Reason, State

Form = Literal["video", "preview"]
"""Frames as the camera sent them, or JPEG pictures of what is analysed (masked, at most two a second)."""
Why = Literal["asked", "masked", "codec"]
"""Why it is not the camera's own video: pictures were asked for, it is masked, or no browser plays the codec."""

MAX_PIECE = 16 << 20


class Kind(IntEnum):
    """What a piece holds."""

    INIT = 1
    MEDIA = 2
    JPEG = 3
    TOLD = 4


@dataclass(frozen=True, slots=True)
class Piece:
    """One message. `taken` is the hub's wall clock (epoch seconds) at the frame's arrival, `at` its media time."""

    kind: Kind
    data: bytes
    keyframe: bool = True
    taken: float = 0.0
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Told:
    """How a camera's live stream stands. `form` and what follows it is None while nothing comes."""

    state: State
    reason: Reason | None
    form: Form | None = None
    why: Why | None = None
    codec: str | None = None
    width: int | None = None
    height: int | None = None

    def piece(self) -> Piece:
        """This, as it travels."""
        return Piece(Kind.TOLD, _TOLD.dump_json(self))

    @classmethod
    def read(cls, data: bytes) -> Told:
        """What `piece` wrote. Raises ValueError."""
        return _TOLD.validate_json(data)


_TOLD = TypeAdapter(Told)
_HEAD = struct.Struct(">IBBdd")


def packed(piece: Piece) -> tuple[bytes, bytes]:
    """A piece as bytes for a socket: `length u32, kind u8, keyframe u8, taken f64, at f64`, then its data."""
    return _HEAD.pack(len(piece.data), piece.kind, piece.keyframe, piece.taken, piece.at), piece.data


async def read_piece(reader: asyncio.StreamReader) -> Piece:
    """The next piece. Raises IncompleteReadError at the end, ValueError for what is none."""
    length, kind, keyframe, taken, at = _HEAD.unpack(await reader.readexactly(_HEAD.size))
    if length > MAX_PIECE:
        raise ValueError("a piece is too long")
    return Piece(Kind(kind), await reader.readexactly(length), bool(keyframe), taken, at)
