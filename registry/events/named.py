"""Which files events name: what a sweep of orphans must leave alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from registry.store import Store
from registry.tables import events

_EVENT_ID = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(?:\d+|still)\.jpg$")


async def named(store: Store, node: str, keys: Iterable[str]) -> set[str]:
    """Those of `keys` (at most some hundreds) that an event names on `node`.

    A key holds its event's id, so the question is answered by the index on ids.
    """
    wanted = set(keys)
    ids = {UUID(found[1]) for key in wanted if (found := _EVENT_ID.search(key))}
    if not ids:
        return set()
    query = sa.select(events.c.snapshot, events.c.still).where(events.c.id.in_(ids), events.c.node == node)
    async with store.read() as conn:
        return {key for row in await conn.execute(query) for key in row} & wanted
