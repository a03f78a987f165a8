"""How fast one gets along: on foot, by e-bike, by van."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """How somebody gets along."""

    FOOT = "foot"
    EBIKE = "ebike"
    VAN = "van"


@dataclass(frozen=True, slots=True)
class Paces:
    """Usual speeds on village roads, in km/h; how slow or fast somebody may really be is for who asks."""

    foot: float = 5.0
    ebike: float = 20.0
    van: float = 40.0

    def metres(self, mode: Mode, minutes: float) -> float:
        """How far one gets in so many minutes."""
        return minutes * float(getattr(self, mode.value)) * 1000 / 60

    def minutes(self, mode: Mode, metres: float) -> float:
        """How long so many metres take."""
        return metres / self.metres(mode, 1)
