"""Keeping packs: their file goes when its days are over, with a row that proves it; what no row names goes, too."""

from __future__ import annotations

import asyncio
import shutil
import time
from pathlib import Path
from uuid import UUID

from camera_hub.evidence.blurring import DRAFTS
from camera_hub.evidence.making import EXPORTS
from camera_hub.faults import Faults
from camera_hub.observe import log
from registry.evidence import exports
from registry.store import Store
from registry.users import CONSOLE

EVERY_S = 3600.0
SPARED_S = 7200.0
"""What is younger may be a pack that is being made."""
DRAFTS_S = 4 * 86_400.0
"""No grant lasts longer: a blurred copy that was not taken out by then is made anew."""

_log = log("evidence")


class Keeping:
    """Deletes packs whose time is over. `node` is whose files these are."""

    def __init__(self, store: Store, data_dir: Path, node: str, faults: Faults) -> None:
        self._store = store
        self._folder = data_dir / EXPORTS
        self._drafts = data_dir / DRAFTS
        self._node = node
        self._faults = faults

    async def run(self) -> None:
        """Run a round each hour until cancelled."""
        await self._faults.rounds("exports_not_deleted", self.round, EVERY_S)

    async def round(self) -> None:
        """Rows first, then files: a row whose file is gone without a word would be a lie."""
        while those := await exports.due(self._store, self._node):
            for one in those:
                await exports.purged(self._store, one, CONSOLE)
                await asyncio.to_thread(self._folder.joinpath(f"{one}.zip").unlink, missing_ok=True)
            _log.info("exports_purged", count=len(those))
        await asyncio.to_thread(self._sweep, await exports.named(self._store, self._node), time.time() - SPARED_S)

    def _sweep(self, known: frozenset[UUID], before: float) -> None:
        names = {f"{one}.zip" for one in known}
        for draft in self._drafts.glob("*"):
            if draft.stat().st_mtime < before - DRAFTS_S:
                shutil.rmtree(draft, ignore_errors=True)
        for file in self._folder.glob("*.*"):
            if file.name not in names and file.stat().st_mtime < before:
                file.unlink(missing_ok=True)
