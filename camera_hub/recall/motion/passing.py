"""The motion index as a case's trail reads it: episodes of motion in a whole picture, and times without a watch."""

from __future__ import annotations

import asyncio
import bisect
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from camera_hub.recall.motion.search import Asked, search
from camera_hub.recall.motion.shelf import Shelf
from camera_hub.recall.motion.watches import Watching
from detectors.cells import every, touched
from registry import motion
from registry.model import Access, Kind
from registry.motion import Stretch, Watch
from registry.pursuit import Episode, Moved
from registry.spans import common
from registry.store import Store

LEAST_S = 2
"""Motion this short is nobody's passing."""
MOST = 5_000
"""Episodes of one camera that are told, the earliest."""
DAY_S = 86_400


class Passing:
    """What the index of a running hub says of who passed (`registry.pursuit.Index`).

    `days` says for how long it is kept, by kind of camera; of what is older than the least of them and has no file,
    nobody knows whether it was watched.
    """

    def __init__(self, store: Store, shelf: Shelf, days: Mapping[Kind, int]) -> None:
        self._store = store
        self._shelf = shelf
        self._watching = Watching(shelf)
        self._least_days = min(days.values())

    async def episodes(self, access: Access, camera_id: UUID, span: tuple[datetime, datetime]) -> Moved:
        """The episodes of a camera of at least `LEAST_S` seconds; none where the owner or the law says no."""
        window = int(span[0].timestamp() // 1), -int(-span[1].timestamp() // 1)
        async with self._store.read() as conn:
            seen = (await motion.visible(conn, self._store, access, [camera_id], window))[camera_id]
        if not isinstance(seen, motion.Seen):
            return Moved()
        spans = common(seen.spans, [(0, int(self._store.clock().timestamp()))])
        if not spans:
            return Moved()
        asked = Asked(camera_id, every(), spans, touched(seen.masked), seen.masked_until or 0)
        found = await asyncio.to_thread(_episodes, self._shelf, asked)
        return Moved(tuple(found[:MOST]), max(0, len(found) - MOST))

    async def watches(self, cameras: Mapping[int, UUID], window: Stretch) -> dict[int, Watch]:
        """When cameras were watched, by number (`registry.motion.Watches`)."""
        kept_since = int(self._store.clock().timestamp()) - self._least_days * DAY_S
        return await asyncio.to_thread(
            lambda: {number: self._watching.of(one, window, kept_since) for number, one in cameras.items()}
        )


def _episodes(shelf: Shelf, asked: Asked) -> list[Episode]:
    """Where cells moved that do not at that hour anyway, and where only such did: together no motion is left out."""
    quiet, every = (_long(shelf, asked, noisy=noisy) for noisy in (False, True))
    ends = [until for _, until in quiet]

    def told(since: int, until: int) -> bool:
        at = bisect.bisect_right(ends, since)
        return at < len(quiet) and quiet[at][0] < until

    found = [Episode(since, until, noisy=False) for since, until in quiet]
    found += [Episode(since, until, noisy=True) for since, until in every if not told(since, until)]
    return sorted(found, key=lambda one: one.since)


def _long(shelf: Shelf, asked: Asked, *, noisy: bool) -> list[Stretch]:
    hits = search(shelf, asked, least=1, noisy=noisy).hits
    pairs = zip(hits.since.tolist(), hits.until.tolist(), strict=True)
    return [(since, until) for since, until in pairs if until - since >= LEAST_S]
