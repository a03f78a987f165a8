"""What just happened, fanned out inside the hub process to whoever listens: stored events, and alerts.

A slow listener never slows others: its oldest events are dropped, and it is told how many with a `Lost` marker.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Lost:
    """`count` items were dropped here because the listener was too slow; it should search again."""

    count: int


class Subscription(Generic[T]):
    """One listener's queue, at most `limit` items."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._items: deque[T] = deque()
        self._lost = 0
        self._ready = asyncio.Event()

    def offer(self, item: T) -> None:
        """Add an item; when the queue is full the oldest goes."""
        if len(self._items) >= self._limit:
            self._items.popleft()
            self._lost += 1
        self._items.append(item)
        self._ready.set()

    async def get(self) -> T | Lost:
        """The next item, or how many were lost before it."""
        await self._ready.wait()
        if self._lost:
            lost, self._lost = self._lost, 0
            return Lost(lost)
        item = self._items.popleft()
        if not self._items:
            self._ready.clear()
        return item


class Feed(Generic[T]):
    """Everyone who listens to one sort of thing. Used from the hub's event loop only."""

    def __init__(self) -> None:
        self._subscriptions: set[Subscription[T]] = set()

    @contextmanager
    def subscribe(self, limit: int = 256) -> Iterator[Subscription[T]]:
        """Listen while inside the context."""
        subscription: Subscription[T] = Subscription(limit)
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    def publish(self, items: Iterable[T]) -> None:
        """Hand items to every listener; never waits."""
        for item in items:
            for subscription in self._subscriptions:
                subscription.offer(item)
