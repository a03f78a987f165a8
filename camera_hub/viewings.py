"""Who watches live now: the rows of the register that are kept fresh while they do."""

from __future__ import annotations

import asyncio

from camera_hub.observe import log
from registry import viewings
from registry.errors import Unavailable
from registry.store import Store


class Viewings:
    """The open viewings of this hub. Used from its loop."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: set[int] = set()

    def add(self, number: int) -> None:
        """Somebody began to watch."""
        self._open.add(number)

    def discard(self, number: int) -> None:
        """It is over; when and why is written by who knows."""
        self._open.discard(number)

    async def run(self) -> None:
        """Refresh the rows twice a minute until cancelled: a killed hub's count up to the last time."""
        while True:
            await asyncio.sleep(viewings.SEEN_S)
            if not self._open:
                continue
            try:
                await viewings.refresh(self._store, self._open)
            except Unavailable as err:  # the database is away: the next time covers it
                log("hub").warning("viewings_wait", error=err.hint)
