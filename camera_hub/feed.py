"""Stored events, fanned out inside the hub process to whoever listens (the API's event stream).

A slow listener never slows others: its oldest events are dropped, and it is told how many with a `Lost` marker.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from registry.model import Event


@dataclass(frozen=True, slots=True)
class Lost:
    """`count` events were dropped here because the listener was too slow; it should search again."""

    count: int


class Subscription:
    """One listener's queue, at most `limit` events."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._events: deque[Event] = deque()
        self._lost = 0
        self._ready = asyncio.Event()

    def offer(self, event: Event) -> None:
        """Add an event; when the queue is full the oldest goes."""
        if len(self._events) >= self._limit:
            self._events.popleft()
            self._lost += 1
        self._events.append(event)
        self._ready.set()

    async def get(self) -> Event | Lost:
        """The next event, or how many were lost before it."""
        await self._ready.wait()
        if self._lost:
            lost, self._lost = self._lost, 0
            return Lost(lost)
        event = self._events.popleft()
        if not self._events:
            self._ready.clear()
        return event


class Feed:
    """Everyone who listens to stored events. Used from the hub's event loop only."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()

    @contextmanager
    def subscribe(self, limit: int = 256) -> Iterator[Subscription]:
        """Listen while inside the context."""
        subscription = Subscription(limit)
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    def publish(self, events: Iterable[Event]) -> None:
        """Hand events to every listener; never waits."""
        for event in events:
            for subscription in self._subscriptions:
                subscription.offer(event)
