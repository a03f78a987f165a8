"""Full-size pictures of events: taken by a worker after the event was told, and told by themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence

import sqlalchemy as sa

from registry.events.rows import DETAILS, to_event
from registry.model import Event, StillChange
from registry.store import Store
from registry.tables import events

_KEY = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*/[A-Za-z0-9_.-]*[A-Za-z0-9_-]")
_MOST_KEY = 120
_MOST_BYTES = 2**31 - 1


async def record_stills(
    store: Store, changes: Sequence[StillChange]
) -> tuple[tuple[Event, ...], tuple[tuple[str, str], ...]]:
    """Keep stills in one transaction: the events as they are now, and the files, as (node, key), that no row names.

    A still of an event that was refused, or is gone, or was told by another node, is none: its file is to be deleted.
    """
    altered, discard = [], []
    async with store.write() as conn:
        for change in changes:
            if not _sound(change):
                continue
            kept = await conn.execute(
                sa.update(events)
                .where(events.c.id == change.event_id, events.c.node == change.node)
                .values(still=change.still, still_bytes=change.still_bytes, still_at=change.still_at)
            )
            if kept.rowcount:
                altered.append(change.event_id)
            else:
                discard.append((change.node, change.still))
        rows = await conn.execute(DETAILS.where(events.c.id.in_(altered)))
        return tuple(to_event(row) for row in rows), tuple(discard)


def _sound(change: StillChange) -> bool:
    """Whether a worker of ours would send it: its file is the event's own."""
    return (
        len(change.still) <= _MOST_KEY
        and _KEY.fullmatch(change.still) is not None
        and change.still.endswith(f"/{change.event_id}-still.jpg")
        and 0 <= change.still_bytes <= _MOST_BYTES
        and change.still_at.tzinfo is not None
    )
