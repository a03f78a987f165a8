"""Small pictures before and after what moved, on several cameras at once: who may have them compared.

They are footage, as those of a film strip are. Which masks were drawn when stands beside them: what a mask covers tells
nothing, and a scene drawn anew between two pictures makes them different.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from registry import audit
from registry.errors import HubError, NotFound
from registry.model import Access, Polygon
from registry.recordings import lawful
from registry.recordings.lawful import Span, within
from registry.store import Store
from registry.tables import cameras, scenes

ACTION = "still.compare"


@dataclass(frozen=True, slots=True)
class Seen:
    """Which spans of a camera's time may be seen, and its scenes in order: since when, and what they mask."""

    spans: tuple[Span, ...]
    scenes: tuple[tuple[datetime, tuple[Polygon, ...]], ...]


async def look(store: Store, access: Access, camera_ids: Sequence[UUID], span: Span) -> dict[UUID, Seen | HubError]:
    """What of a span may be seen of each camera now, or why nothing.

    A refusal of all goes on record here; nothing is shown before `on_record` has said so. Raises Denied where it is so
    for all: the right, the purpose, its times.
    """
    async with lawful.refused(store, access, ACTION, camera_ids, span), store.read() as conn:
        seen = await lawful.visible(conn, store, access, camera_ids, span)
        drawn = (
            sa.select(cameras.c.id, scenes.c.created_at, scenes.c.body)
            .join(cameras, cameras.c.no == scenes.c.camera_no)
            .where(cameras.c.id.in_(tuple(camera_ids)), scenes.c.created_at < span[1])
            .order_by(scenes.c.revision)
        )
        those: dict[UUID, list[tuple[datetime, tuple[Polygon, ...]]]] = {}
        for row in await conn.execute(drawn):
            those.setdefault(row.id, []).append((row.created_at, _masks(row.body)))
    return {
        one: what if isinstance(what, HubError) else Seen(within(what.spans, span), tuple(those.get(one, ())))
        for one, what in seen.items()
    }


def _masks(body: Mapping[str, Any]) -> tuple[Polygon, ...]:
    return tuple(tuple((x, y) for x, y in mask) for mask in body.get("masks") or ())


async def on_record(
    store: Store,
    access: Access,
    seen: Mapping[UUID, Seen | HubError],
    *,
    span: Span,
    regions: Sequence[Mapping[str, Any]],
    count: int,
) -> int:
    """Write the look down before its answer leaves, a vain one too; the row's number."""
    # Of a camera he may not know of, its id is all that is written: it is what he asked for.
    known = [one for one, what in seen.items() if not isinstance(what, NotFound)]
    refused = {str(one): what.code for one, what in seen.items() if isinstance(what, HubError)}
    async with store.write() as conn:
        return await audit.append(
            conn,
            access.actor,
            ACTION,
            now=store.clock(),
            cameras=known,
            span=span,
            purpose=access.purpose,
            detail=audit.describe(
                asked=[str(one) for one in seen if one not in known], refused=refused, regions=regions
            ),
            count=count,
        )
