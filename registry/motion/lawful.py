"""Who may ask the motion index of what: as of events, since it tells that something moved, and shows nothing.

In reach of the purpose; of cameras whose owner is to be asked, under a consent to events that is in force now, held
then, and whose hours cover it. Of what a mask drawn later covers, nothing from before it is told.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import consents, masks, minors
from registry.columns import AnyRow, from_ms
from registry.errors import Denied, HubError, NotFound
from registry.events import lawful as events
from registry.model import Access, ConsentScope, Kind, Polygon
from registry.motion.model import Stretch, Unwatched
from registry.recordings import lawful as recordings
from registry.scope import in_scope
from registry.spans import minus
from registry.store import Store
from registry.tables import cameras, placements, places, scenes


@dataclass(frozen=True, slots=True)
class Seen:
    """A camera of which something may be told: in `spans`, and why not in the rest of the window.

    What `masked` outlines hide is not told of from before `masked_until`, a second since 1970.
    """

    camera_no: int
    camera_id: UUID
    kind: Kind
    spans: tuple[Stretch, ...]
    withheld: tuple[tuple[Stretch, Unwatched], ...]
    masked: tuple[Polygon, ...]
    masked_until: int | None


async def visible(
    conn: AsyncConnection, store: Store, access: Access, camera_ids: Collection[UUID], window: Stretch
) -> dict[UUID, Seen | HubError]:
    """What may be told of each camera in a window, or why nothing; removed cameras too, while their days are kept.

    Raises Denied where it is so for all: the right, the purpose, its times.
    """
    look = events.require(store, access)
    asked = from_ms(window[0] * 1000), from_ms(window[1] * 1000)
    reached = look.cut(*asked)
    if reached[0] >= reached[1]:
        raise look.beyond()
    wanted = (
        sa.select(cameras, places.c.code, placements.c.near_minors, scenes.c.body)
        .join(places, places.c.no == cameras.c.village_no)
        .join(placements, placements.c.camera_no == cameras.c.no)
        .outerjoin(scenes, sa.and_(scenes.c.camera_no == cameras.c.no, scenes.c.revision == cameras.c.scene_revision))
        .where(cameras.c.id.in_(tuple(camera_ids)), in_scope(places.c.code, look.known))
    )
    rows = {row.id: row for row in await conn.execute(wanted)}
    given = await consents.asked(conn, store, rows.values())
    found: dict[UUID, Seen | HubError] = {}
    for one in camera_ids:
        row = rows.get(one)
        if row is None:
            found[one] = NotFound("no such camera", code="camera_unknown")
        elif not look.covers(row.code, row.id):
            found[one] = look.beyond()
        elif (silent := minors.refusal(store.policy.placement, row, access.purpose)) is not None:
            found[one] = silent
        else:
            agreed: tuple[tuple[datetime, datetime], ...] = (reached,)
            if row.no in given:
                agreed = recordings.agreed(given[row.no], reached, store.clock(), store.tz, scope=ConsentScope.EVENTS)
            found[one] = _seen(store, row, window, reached, agreed) if agreed else _not_agreed()
    return found


def _seen(
    store: Store,
    row: AnyRow,
    window: Stretch,
    reached: tuple[datetime, datetime],
    agreed: tuple[tuple[datetime, datetime], ...],
) -> Seen:
    within = _seconds(reached)
    spans = [_seconds(one) for one in agreed]
    beyond = [(one, Unwatched.BEYOND) for one in minus([window], [within])]
    silent = [(one, Unwatched.NO_CONSENT) for one in minus([within], spans)]
    until = masks.hidden_until(store, row.masked_since)
    body: dict[str, Any] = row.body or {}
    return Seen(
        camera_no=row.no,
        camera_id=row.id,
        kind=Kind(row.kind),
        spans=tuple(spans),
        withheld=tuple(sorted([*beyond, *silent])),
        masked=tuple(tuple((x, y) for x, y in mask) for mask in body.get("masks") or ()) if until else (),
        masked_until=None if until is None else -int(-until.timestamp() // 1),
    )


def _seconds(span: tuple[datetime, datetime]) -> Stretch:
    """The whole seconds of a span."""
    return -int(-span[0].timestamp() // 1), int(span[1].timestamp())


def _not_agreed() -> Denied:
    return Denied("the owner has not agreed to events of that time; ask for a consent", code="motion_no_consent")
