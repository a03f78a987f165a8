"""The plans people look at before they agree: kept for half an hour, in memory, and only for their owner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from camera_hub.book.importing import Applied, Draft
from registry.errors import Conflict, NotFound

KEPT = timedelta(minutes=30)
PER_USER = 2
MOST = 8
"""Of 20,000 rows each takes some 40 MB."""


@dataclass(slots=True)
class Kept:
    """A draft on the shelf, and what came of it. `busy`: somebody is applying it right now."""

    id: UUID
    owner_no: int
    draft: Draft
    expires_at: datetime
    applied: Applied | None = None
    busy: bool = False


class Shelf:
    """Drafts by id; the oldest goes when there are too many."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._kept: dict[UUID, Kept] = {}

    def put(self, owner_no: int, draft: Draft) -> Kept:
        """Keep a draft for its owner."""
        self._sweep()
        mine = [one for one in self._kept.values() if one.owner_no == owner_no]
        for old in mine[: len(mine) - PER_USER + 1]:
            del self._kept[old.id]
        while len(self._kept) >= MOST:
            del self._kept[next(iter(self._kept))]
        kept = Kept(uuid7(), owner_no, draft, self._clock() + KEPT)
        self._kept[kept.id] = kept
        return kept

    def get(self, identity: UUID, owner_no: int) -> Kept:
        """The owner's draft. Raises NotFound when it is not his, or gone."""
        self._sweep()
        kept = self._kept.get(identity)
        if kept is None or kept.owner_no != owner_no:
            raise NotFound("this plan is gone; upload the file again", code="book_plan_gone")
        return kept

    def begin(self, identity: UUID, owner_no: int) -> Kept:
        """The draft, to be applied: once, and by one at a time. Raises NotFound, Conflict."""
        kept = self.get(identity, owner_no)
        if kept.busy or kept.applied is not None:
            raise Conflict("this plan is applied already", code="book_applied")
        kept.busy = True
        return kept

    def _sweep(self) -> None:
        now = self._clock()
        for gone in [one.id for one in self._kept.values() if one.expires_at <= now and not one.busy]:
            del self._kept[gone]
