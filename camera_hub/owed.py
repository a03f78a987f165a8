"""What the hub owes: masks lifted for a time come back, and what is not answered or looked at again in time is said."""

from __future__ import annotations

import asyncio

from camera_hub.faults import Faults
from camera_hub.observe import log
from registry import assessments, requests, unmaskings
from registry.errors import Unavailable
from registry.store import Store

EVERY_S = 10.0

_log = log("owed")


class Owed:
    """Compares what is owed with what is, again and again."""

    def __init__(self, store: Store, faults: Faults) -> None:
        self._store = store
        self._faults = faults

    async def run(self) -> None:
        """Run a round every ten seconds until cancelled."""
        while True:
            try:
                await self.round()
            except Unavailable as err:
                _log.warning("owed_waits", error=err.hint)
            await asyncio.sleep(EVERY_S)

    async def round(self) -> None:
        """Put masks back; then say what is late. Raises Unavailable."""
        if back := await unmaskings.put_back(self._store):
            _log.info("masks_back", cameras=back)
        late = await requests.overdue(self._store)
        self._faults.hold("request_overdue", {} if late is None else {"": {"count": late.count}})
        stale = [one for one in await assessments.list_assessments(self._store) if one.overdue]
        self._faults.hold("assessment_overdue", {str(one.id): {"title": one.title} for one in stale})
