"""Wall time of frames: one wall reading per pull plus stream time.

Stream time is steadier than the arrival of packets: after a network hiccup a burst of old frames keeps its true times.
But stream clocks drift, and wall clocks are set; so the anchor moves when the hub's wall clock jumped against its
monotonic clock, and when stream time has been off from arrival for a while.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

WALL_JUMP_S = 1.0
"""The wall clock moved this much against the monotonic clock: it was set (what NTP slews is far smaller)."""
DRIFT_S = 2.0
DRIFT_FOR_S = 10.0
"""Stream time may be this far from arrival for this long before the camera's clock is taken to have drifted."""


class WallTime:
    """Turns `Frame.at` into wall time for one pull."""

    def __init__(self, wall: Callable[[], datetime], monotonic: Callable[[], float]) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._anchor: tuple[float, float, datetime, float] | None = None
        self._off_since: float | None = None

    def of(self, at: float, received: float) -> tuple[datetime, bool]:
        """Wall time (aware) of a frame of stream time `at`, received at monotonic `received` seconds.

        The flag is set when the anchor moved: what is open should be closed with times of the old anchor first.
        """
        wall, monotonic = self._wall(), self._monotonic()
        offset = wall.timestamp() - monotonic
        if self._anchor is None:
            self._set(at, received, wall, monotonic, offset)
            return self._of(at), False
        anchor_at, anchor_received, _, anchor_offset = self._anchor
        if abs(offset - anchor_offset) > WALL_JUMP_S:
            self._set(at, received, wall, monotonic, offset)
            return self._of(at), True
        lag = (received - anchor_received) - (at - anchor_at)
        if abs(lag) <= DRIFT_S:
            self._off_since = None
        elif self._off_since is None:
            self._off_since = received
        elif received - self._off_since >= DRIFT_FOR_S:
            self._set(at, received, wall, monotonic, offset)
            return self._of(at), True
        return self._of(at), False

    def date(self, at: float, received: float) -> datetime:
        """The same for whoever does not close anything: an anchor that is there stays where it is."""
        if self._anchor is None:
            self.of(at, received)
        return self._of(at)

    def _set(self, at: float, received: float, wall: datetime, monotonic: float, offset: float) -> None:
        self._anchor = at, received, wall - timedelta(seconds=monotonic - received), offset
        self._off_since = None

    def _of(self, at: float) -> datetime:
        if self._anchor is None:
            raise RuntimeError("no anchor")
        return self._anchor[2] + timedelta(seconds=at - self._anchor[0])
