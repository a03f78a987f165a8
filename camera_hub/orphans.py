"""Pictures that no row names: what a kill left between a file and its row."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from camera_hub.media import Media
from camera_hub.observe import log
from camera_hub.watch.outbox import spooled_snapshots
from registry import bookmarks, patrols, placement
from registry.errors import Unavailable
from registry.events.named import named
from registry.store import Store

EVERY_S = 3600.0
AGAIN_S = 10.0
SPARED_S = 86_400.0

_log = log("hub")


class Orphans:
    """Deletes pictures of a node that nothing names. Made before anything is pulled.

    What is older than that and neither in a row nor in a spool nobody will ever name.
    """

    def __init__(self, store: Store, media: Media, outbox: Path, node: str) -> None:
        self._store = store
        self._media = media
        self._outbox = outbox
        self._node = node
        self._spared = spooled_snapshots(outbox)
        self._before = time.time()

    async def run(self) -> None:
        """Sweep now, when what the channel still held is stored, and then every hour until cancelled.

        The later rounds spare what is younger than a day: it may belong to an event that still waits in a worker.
        """
        while True:
            try:
                swept = await self._round()
            except Unavailable as err:
                _log.warning("sweep_waits", error=err.hint)
                await asyncio.sleep(AGAIN_S)
                continue
            if swept:
                _log.info("orphans_swept", count=swept)
            await asyncio.sleep(EVERY_S)
            self._spared = await asyncio.to_thread(spooled_snapshots, self._outbox)
            self._before = time.time() - SPARED_S

    async def _round(self) -> int:
        loop = asyncio.get_running_loop()

        def known(keys: list[str]) -> set[str]:
            return asyncio.run_coroutine_threadsafe(self._named(keys), loop).result() | self._spared

        return await asyncio.to_thread(self._media.sweep, known, self._before)

    async def _named(self, keys: list[str]) -> set[str]:
        """Those of `keys` that an event, a mark, a placement or a bookmark names on this node."""
        of_cases = await bookmarks.named(self._store, self._node, keys)
        of_marks = await patrols.named(self._store, self._node, keys)
        of_signs = await placement.named(self._store, self._node, keys)
        return of_cases | of_marks | of_signs | await named(self._store, self._node, keys)
