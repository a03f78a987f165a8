"""Whether something happens at a camera now: told by its events, asked by its recorders."""

from __future__ import annotations

from uuid import UUID

from registry.model import EventChange


class Occasion:
    """One camera's open events. Told by the loop; any thread may ask. Times are of the monotonic clock, in seconds."""

    def __init__(self) -> None:
        self._open: frozenset[UUID] = frozenset()
        self._last: float | None = None

    def happened(self, change: EventChange, now: float) -> None:
        """An event opened, changed or closed."""
        self._last = now
        self._open = self._open | {change.id} if change.ended_at is None else self._open - {change.id}

    def quiet(self, now: float) -> None:
        """The camera's pull is over, and with it whatever was open."""
        if self._open:
            self._open, self._last = frozenset(), now

    def holds(self, at: float, post_s: float) -> bool:
        """Whether an event is open, or was less than `post_s` before `at`."""
        return bool(self._open) or (self._last is not None and at < self._last + post_s)
