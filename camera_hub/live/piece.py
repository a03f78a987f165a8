"""What travels from a worker to the hub and on to viewers, and the bounded line each viewer has."""

from __future__ import annotations

import asyncio
import struct
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from pydantic import TypeAdapter

from registry.model import Reason, State

Form = Literal["video", "preview"]
"""Frames as the camera sent them, or JPEG pictures of what is analysed (masked, at most two a second)."""
Why = Literal["asked", "masked", "codec"]
"""Why pictures come in place of video."""

MOST_BEHIND_S = 2.0
"""A viewer whose oldest frame has waited this long is slow: what waits is dropped, up to the next keyframe."""
MOST_BYTES = 16 << 20
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


@dataclass(frozen=True, slots=True)
class Lost:
    """`count` frames were dropped here because the viewer is too slow; a keyframe follows."""

    count: int


class Line:
    """The pieces one viewer still has to get: bounded, so that a slow one costs nobody else anything.

    Used from one event loop. Frames are dropped as a whole run up to a keyframe; of pictures only the newest waits;
    what was told and initialisations are never dropped.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._waiting: deque[tuple[Piece, float]] = deque()
        self._bytes = 0
        self._lost = 0
        self._broken = False
        self._ready = asyncio.Event()
        self._monotonic = monotonic

    def offer(self, piece: Piece) -> None:
        """Put a piece at the end; never waits."""
        now = self._monotonic()
        if piece.kind is Kind.JPEG:
            self._keep(lambda one: one.kind is not Kind.JPEG)
        elif piece.kind is Kind.INIT:
            self._keep(lambda one: one.kind is not Kind.MEDIA)
            self._broken = False
        elif piece.kind is Kind.MEDIA and not self._takes(piece, now):
            self._ready.set()
            return
        self._waiting.append((piece, now))
        self._bytes += len(piece.data)
        self._ready.set()

    async def get(self) -> Piece | Lost:
        """The next piece, or how many frames were lost before it."""
        while True:
            await self._ready.wait()
            if self._lost and not self._broken:
                lost, self._lost = self._lost, 0
                return Lost(lost)
            if self._waiting:
                piece, _ = self._waiting.popleft()
                self._bytes -= len(piece.data)
                return piece
            self._ready.clear()

    def _takes(self, piece: Piece, now: float) -> bool:
        """Whether a frame may be shown after what went before; counts it as lost otherwise."""
        late = next((since for one, since in self._waiting if one.kind is Kind.MEDIA), now)
        if now - late > MOST_BEHIND_S or self._bytes > MOST_BYTES:
            self._lost += self._keep(lambda one: one.kind is not Kind.MEDIA)
            self._broken = True
        if self._broken and not piece.keyframe:
            self._lost += 1
            return False
        self._broken = False
        return True

    def _keep(self, stays: Callable[[Piece], bool]) -> int:
        """Drop the waiting pieces that do not stay; returns how many."""
        kept = deque(entry for entry in self._waiting if stays(entry[0]))
        dropped = len(self._waiting) - len(kept)
        self._waiting = kept
        self._bytes = sum(len(piece.data) for piece, _ in kept)
        return dropped
