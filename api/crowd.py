"""Costly questions take turns, so that neither one user nor ten at once hold up the hub.

A route that reads days of an index, reads or compares many pictures, or goes over a county's roads is declared
`costly`. Such work is in threads, and may hold a connection to the database meanwhile. There are five threads at the
fewest, and eight connections; signing in, events, live pictures and playback need some of each at all times.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID
from weakref import WeakValueDictionary

from aiohttp import web

from registry.errors import Unavailable

AT_ONCE = 3
OF_ONE = 2
"""So many of one user: there is always a turn for somebody else."""
WAIT_S = 10.0


class Crowd:
    """Who asks something costly now, and who waits for a turn: first come, first served."""

    def __init__(self, wait_s: float = WAIT_S) -> None:
        self._wait_s = wait_s
        self._all = asyncio.Semaphore(AT_ONCE)
        self._own: WeakValueDictionary[UUID, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, user_id: UUID) -> AsyncIterator[None]:
        """A user's turn. Raises Unavailable (hub_busy) when none comes up in time."""
        own = self._own.setdefault(user_id, asyncio.Semaphore(OF_ONE))
        async with AsyncExitStack() as turns:
            try:
                async with asyncio.timeout(self._wait_s):
                    await turns.enter_async_context(own)
                    await turns.enter_async_context(self._all)
            except TimeoutError as late:
                raise Unavailable("others ask much of the hub now; ask again in a moment", code="hub_busy") from late
            yield


CROWD = web.AppKey("crowd", Crowd)
