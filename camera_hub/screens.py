"""Wall screens: browsers that registered under a name and show what others push to them.

Kept in memory: a screen is there while its browser is connected.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from camera_hub.feed import Subscription
from registry.errors import Conflict, NotFound, TooMany
from registry.model import Access

MOST_SCREENS = 200
QUEUE = 16
"""Cameras that wait for a slow screen; of more, the newest are shown."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """A camera to show, in which tile (None: the screen decides), and who pushed it (a user's display name)."""

    camera_id: UUID
    tile: int | None
    by: str


@dataclass(frozen=True, slots=True)
class Taken:
    """Another browser took the screen's name."""


@dataclass(eq=False, slots=True)
class Screen:
    """A connected screen: under whose look it shows what it shows, and since when."""

    name: str
    layout: str
    access: Access
    since: datetime
    pushed: Subscription[Pushed | Taken] = field(default_factory=lambda: Subscription(QUEUE))


class Screens:
    """The screens that are connected now, by name. Used from the hub's loop."""

    def __init__(self) -> None:
        self._screens: dict[str, Screen] = {}

    def all(self) -> tuple[Screen, ...]:
        """The connected screens by name."""
        return tuple(self._screens[name] for name in sorted(self._screens))

    def get(self, name: str) -> Screen:
        """A connected screen. Raises NotFound."""
        if (screen := self._screens.get(name)) is None:
            raise NotFound("no such screen is connected", code="screen_unknown")
        return screen

    @contextmanager
    def hold(self, screen: Screen, *, take: bool) -> Iterator[Screen]:
        """Be the screen of that name while inside the context; with `take` whoever holds it is told and loses it.

        Raises Conflict when somebody holds it, TooMany.
        """
        before = self._screens.get(screen.name)
        if before is not None and not take:
            raise Conflict(
                f"{before.access.actor.user.display_name} shows this screen; take another name, or take it over",
                code="screen_taken",
                user=before.access.actor.user.display_name,
            )
        if before is None and len(self._screens) >= MOST_SCREENS:
            raise TooMany(f"at most {MOST_SCREENS} screens", retry_after_s=10, code="too_many_screens")
        if before is not None:
            before.pushed.offer(Taken())
        self._screens[screen.name] = screen
        try:
            yield screen
        finally:
            if self._screens.get(screen.name) is screen:
                del self._screens[screen.name]
