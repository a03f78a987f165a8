"""How much a viewer's link carries: which of his tiles get every frame, which keyframes, which a picture a second.

A tile that falls behind takes half of the tiles down a step, at once; the rest may follow when that did not help. When
everything has been in time for a while, one comes back up, then two, then four. One that comes up and brings the link
down again makes the next try wait twice as long. Intervals are by the monotonic clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import IntEnum

SETTLE_S = 1.5
"""After a step down the others' losses are of what waited before it."""
HOLD_S = 5.0
MOST_HOLD_S = 300.0
RELAPSE_S = 15.0
"""A step down this soon after one up means that the one up was too early."""
LATE_S = 0.7
"""What waited longer was not in time."""


class Step(IntEnum):
    """What a tile gets."""

    ALL = 0
    KEYFRAMES = 1
    PREVIEW = 2


class Link:
    """The steps of one viewer's tiles."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._steps: dict[int, Step] = {}
        self._changed = self._late = self._rose = float("-inf")
        self._hold = HOLD_S
        self._stride = 1

    def step(self, tile: int) -> Step:
        """A tile's step; one that is new begins where the slowest is."""
        return self._steps.setdefault(tile, max(self._steps.values(), default=Step.ALL))

    def forget(self, tile: int) -> None:
        """The tile shows nothing more."""
        self._steps.pop(tile, None)

    def sent(self, waited: float) -> None:
        """Something went out after it had waited so many seconds."""
        if waited > LATE_S:
            self._late = self._monotonic()

    def lagged(self, tile: int) -> tuple[int, ...]:
        """Frames of a tile were lost because the link is slow; the tiles that take a step down because of it."""
        now = self._late = self._monotonic()
        if now - self._changed < SETTLE_S:
            return ()
        best = min(self._steps.values(), default=Step.PREVIEW)
        if best is Step.PREVIEW:
            return ()
        if now - self._rose < RELAPSE_S:
            self._hold = min(2 * self._hold, MOST_HOLD_S)
        at_best = sorted((one for one, step in self._steps.items() if step is best), key=lambda one: one != tile)
        self._stride = 1
        return self._move(at_best[: (len(at_best) + 1) // 2], 1, now)

    def rise(self) -> tuple[int, ...]:
        """The tiles that take a step up because everything has been in time for a while. Ask now and then."""
        now = self._monotonic()
        good = now - max(self._late, self._changed)
        worst = max(self._steps.values(), default=Step.ALL)
        if good < self._hold:
            return ()
        if worst is Step.ALL:
            self._hold = HOLD_S if good > MOST_HOLD_S else self._hold
            return ()
        at_worst = sorted(one for one, step in self._steps.items() if step is worst)
        risen = self._move(at_worst[: self._stride], -1, now)
        self._rose = now
        self._stride *= 2
        return risen

    def _move(self, tiles: list[int], by: int, now: float) -> tuple[int, ...]:
        for tile in tiles:
            self._steps[tile] = Step(self._steps[tile] + by)
        self._changed = now
        return tuple(tiles)
