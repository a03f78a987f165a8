"""How slow and how fast somebody may be, and so when he may have been elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registry.spans import Ms
from registry.travel import Mode


@dataclass(frozen=True, slots=True)
class Speeds:
    """The slowest and the fastest pace of a way of getting along, km/h, all of a way and its short halts together."""

    slow: float
    fast: float

    @property
    def slow_ms(self) -> float:
        """Metres a millisecond."""
        return self.slow / 3600

    @property
    def fast_ms(self) -> float:
        """Metres a millisecond."""
        return self.fast / 3600


SPEEDS: Mapping[Mode, Speeds] = {
    Mode.FOOT: Speeds(2.5, 9.0),
    Mode.EBIKE: Speeds(9.0, 40.0),
    Mode.VAN: Speeds(15.0, 90.0),
}
"""Half and about twice the usual paces of `travel.Paces`: of ways at those, spread as people's are (sigma of 0.3 of the
logarithm), at least 95 in 100 lie between (a test says so). Whoever halts for long is out of any window."""


def window(at_ms: int, metres: float, speeds: Speeds, error_ms: int, *, backwards: bool) -> Ms:
    """When somebody who was seen at a moment is (or, backwards, was) so many metres off: the earliest and the latest.

    `error_ms` is by how much the clocks may be wrong, both together.
    """
    soon, late = round(metres / speeds.fast_ms), round(metres / speeds.slow_ms)
    if backwards:
        return at_ms - late - error_ms, at_ms - soon + error_ms
    return at_ms + soon - error_ms, at_ms + late + error_ms
