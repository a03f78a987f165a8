"""The bounded line of pieces a viewer still has to get."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from camera_hub.live.piece import Kind, Piece

MOST_BEHIND_S = 2.0
"""A viewer whose oldest frame has waited this long is slow: what waits is dropped, up to the next keyframe."""
MOST_BYTES = 16 << 20


@dataclass(frozen=True, slots=True)
class Lost:
    """`count` frames were dropped here because the viewer is too slow; a keyframe follows."""

    count: int


class Line:
    """The pieces one viewer still has to get: bounded, so that a slow one costs nobody else anything.

    Used from one event loop. Frames are dropped as a whole run up to a keyframe; of pictures only the newest waits;
    what was told and initialisations are never dropped. `ready`, which many lines may share, is set when one has
    something. A line may be narrowed: to keyframes, or to pictures that come at least `apart` seconds apart.
    """

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        ready: asyncio.Event | None = None,
        apart: float = 0.0,
    ) -> None:
        self.waited = 0.0
        """Seconds the piece taken last had waited."""
        self._waiting: deque[tuple[Piece, float]] = deque()
        self._bytes = 0
        self._lost = 0
        self._broken = False
        self._narrow = False
        self._skips = False
        self._apart = apart
        self._pictured = float("-inf")
        self._ready = ready or asyncio.Event()
        self._monotonic = monotonic

    def narrow(self, *, keyframes: bool) -> None:
        """From now on only keyframes, or everything again, from the next keyframe on."""
        if keyframes:
            self._keep(lambda one: one.kind is not Kind.MEDIA or one.keyframe)
        self._skips = self._skips or (self._narrow and not keyframes)
        self._narrow = keyframes

    def offer(self, piece: Piece) -> None:
        """Put a piece at the end; never waits."""
        now = self._monotonic()
        if piece.kind is Kind.MEDIA:
            if not self._takes(piece, now):
                return
        elif piece.kind is Kind.JPEG:
            if now - self._pictured < self._apart:
                return
            self._pictured = now
            self._keep(lambda one: one.kind is not Kind.JPEG)
        elif piece.kind is Kind.INIT:
            self._keep(lambda one: one.kind is not Kind.MEDIA)
            self._broken = False
        self._waiting.append((piece, now))
        self._bytes += len(piece.data)
        self._ready.set()

    def take(self) -> Piece | Lost | None:
        """The next piece, or how many frames were lost before it; None when nothing waits."""
        if self._lost and not self._broken:
            lost, self._lost = self._lost, 0
            return Lost(lost)
        if not self._waiting:
            return None
        piece, since = self._waiting.popleft()
        self._bytes -= len(piece.data)
        self.waited = self._monotonic() - since
        return piece

    async def get(self) -> Piece | Lost:
        """The next piece, or how many frames were lost before it. Not for a line that shares its `ready`."""
        while (found := self.take()) is None:
            self._ready.clear()
            await self._ready.wait()
        return found

    def _takes(self, piece: Piece, now: float) -> bool:
        """Whether a frame may be shown after what went before; counts it as lost where the viewer was too slow."""
        late = next((since for one, since in self._waiting if one.kind is Kind.MEDIA), now)
        if now - late > MOST_BEHIND_S or self._bytes > MOST_BYTES:
            self._lost += self._keep(lambda one: one.kind is not Kind.MEDIA)
            self._broken = True
        if not piece.keyframe:
            if self._broken:
                self._lost += 1
            return not (self._broken or self._narrow or self._skips)
        self._broken = self._skips = False
        return True

    def _keep(self, stays: Callable[[Piece], bool]) -> int:
        """Drop the waiting pieces that do not stay; returns how many."""
        kept = deque(entry for entry in self._waiting if stays(entry[0]))
        dropped = len(self._waiting) - len(kept)
        self._waiting = kept
        self._bytes = sum(len(piece.data) for piece, _ in kept)
        return dropped
