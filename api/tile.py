"""One tile of a viewer: the camera it shows, as its link's step allows."""

from __future__ import annotations

import asyncio
import time
from contextlib import ExitStack
from dataclasses import replace

from api import tilewords
from api.tilewords import ClockMessage, LostMessage, Shown
from camera_hub.live.fmp4 import lasting
from camera_hub.live.line import Line, Lost
from camera_hub.live.link import Step
from camera_hub.live.piece import Kind, Piece, Told
from camera_hub.live.relay import Relay
from registry.live import Sight, Watched
from registry.model import Stream
from registry.viewings import Ended

PREVIEW_S = 1.0
"""Seconds between the pictures of a tile whose link carries no video."""


class Tile:
    """A camera in a tile, until `close`. Its line sets `ready` when something waits."""

    def __init__(self, asked: Shown, watched: Watched, relay: Relay, *, ready: asyncio.Event, step: Step) -> None:
        self.asked = asked
        self.sight = watched.sight
        self._watched = watched
        self._relay = relay
        self._ready = ready
        self._step = step
        self._since = time.monotonic()
        self._told: Told | None = None
        self._keyframe_at: float | None = None
        self._holding = ExitStack()
        self._line = self._follow()

    def close(self) -> None:
        """Show nothing more."""
        self._holding.close()

    def ended(self, why: str) -> Ended:
        """This look, as it goes into the register when it is over."""
        watched = self._watched
        seconds = round(time.monotonic() - self._since, 3)
        return Ended(watched.viewing or 0, watched.sight.camera_id, watched.opened_at, seconds, why)

    @property
    def viewing(self) -> int:
        """Its row in the register."""
        return self._watched.viewing or 0

    def see(self, sight: Sight) -> None:
        """The camera is shown by another stream from now on, because it was masked, or is no more."""
        if sight != self.sight:
            self.sight = sight
            self._line = self._follow()

    def pace(self, step: Step) -> bytes:
        """Give more or less from now on; the state to send, or nothing when it says itself as it comes."""
        before, self._step = self._step, step
        if self.asked.form == "video" and Step.PREVIEW not in (before, step):
            self._line.narrow(keyframes=step is Step.KEYFRAMES)
            self._keyframe_at = None
            return tilewords.text(self._state(self._told)) if self._told else b""
        self._line = self._follow()
        return b""

    def collect(self, out: list[bytes]) -> tuple[float, bool]:
        """Move what waits to `out`, as WebSocket frames; (the longest wait in seconds, whether frames were lost)."""
        longest, lagged = 0.0, False
        while (item := self._line.take()) is not None:
            if isinstance(item, Lost):
                lagged = True
                out.append(tilewords.text(LostMessage("lost", self.asked.tile, item.count)))
                continue
            longest = max(longest, self._line.waited)
            if item.kind is Kind.TOLD:
                self._told = Told.read(item.data)
                out.append(tilewords.text(self._state(self._told)))
                continue
            if item.taken and item.keyframe:
                out.append(tilewords.text(ClockMessage("clock", self.asked.tile, round(item.taken * 1000), item.at)))
            out.extend(tilewords.binary(self.asked.tile, self._stretched(item)))
        return longest, lagged

    def _follow(self) -> Line:
        """Join the stream that the step asks for."""
        self._holding.close()
        self._told = self._keyframe_at = None
        slow = self._step is Step.PREVIEW
        line = Line(ready=self._ready, apart=PREVIEW_S if slow else 0.0)
        line.narrow(keyframes=self._step is Step.KEYFRAMES)
        sight, form = self.sight, "preview" if slow else self.asked.form
        self._holding.enter_context(self._relay.watch(sight.camera_no, sight.camera_id, self._stream(), form, line))
        return line

    def _stream(self) -> Stream:
        """Pictures for a slow link are the small ones."""
        return self.sight.analysed if self._step is Step.PREVIEW else self.sight.stream

    def _state(self, told: Told) -> tilewords.StateMessage:
        form, why = told.form, told.why
        if form is None or self._step is Step.ALL or (form == "preview" and self._step is Step.KEYFRAMES):
            return tilewords.state(self.asked.tile, told, self._stream(), form, why)
        slow: tilewords.ShownForm = "keyframes" if self._step is Step.KEYFRAMES else "preview"
        return tilewords.state(self.asked.tile, told, self._stream(), slow, "slow")

    def _stretched(self, piece: Piece) -> Piece:
        """A keyframe without those between lasts about as long as the one before did: players see no hole."""
        if self._step is not Step.KEYFRAMES or piece.kind is not Kind.MEDIA:
            return piece
        before, self._keyframe_at = self._keyframe_at, piece.at
        return piece if before is None else replace(piece, data=lasting(piece.data, piece.at - before))
