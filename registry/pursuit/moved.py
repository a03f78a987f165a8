"""What a trail asks of the motion index: who passed a camera and was no event.

The index is files of the hub (`camera_hub.recall`); here stands what the registry makes of what it says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from registry.model import Access
from registry.motion import Stretch, Watches


@dataclass(frozen=True, slots=True)
class Episode:
    """Something moved from a second (since 1970) up to another; `noisy`: only where at that hour much moves anyway."""

    since: int
    until: int
    noisy: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """The episodes of a camera in time order, and how many more there are after them."""

    episodes: tuple[Episode, ...] = ()
    more: int = 0


class Index(Watches, Protocol):
    """The motion index of a hub."""

    async def episodes(self, access: Access, camera_id: UUID, span: tuple[datetime, datetime]) -> Moved:
        """What moved, as far as the look may be told of it. Raises Denied where it may be told nothing at all."""


def unseen(episodes: Sequence[Episode], events: Sequence[Stretch]) -> list[Episode]:
    """The episodes that share no second with an event."""
    left, upto, waiting = [], -1, sorted(events, reverse=True)
    for one in episodes:
        while waiting and waiting[-1][0] < one.until:
            upto = max(upto, waiting.pop()[1])
        if upto <= one.since:
            left.append(one)
    return left
