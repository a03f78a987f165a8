"""Which cameras in a user's villages he may not watch now: those whose owners did not agree, and what lies beyond.

Told before anybody tries, so that a wall shows them greyed; `live.open` refuses them all the same.
"""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from registry import live
from registry.errors import HubError
from registry.model import Access, Stream
from registry.scope import in_scope
from registry.store import Store
from registry.tables import cameras, places


async def refused(store: Store, access: Access) -> dict[UUID, str]:
    """By camera, the code of the refusal: `live_no_consent`, `live_outside_hours`, `live_masks_missing`, `beyond_…`.

    Raises Denied without the right or an open purpose of one's own.
    """
    reach = live.require(store, access)
    async with store.read() as conn:
        doubtful = await conn.scalars(
            sa.select(cameras.c.id)
            .join(places, places.c.no == cameras.c.village_no)
            .where(
                sa.or_(cameras.c.kind.in_(sorted(store.policy.consent.needed)), ~sa.and_(*reach.places_and_cameras())),
                cameras.c.removed_at.is_(None),
                in_scope(places.c.code, reach.known),
            )
        )
        asked: list[tuple[UUID, Stream]] = [(camera_id, "sub") for camera_id in doubtful]
    standing = await live.standing(store, access, asked)
    return {one: now.code for (one, _), now in zip(asked, standing, strict=True) if isinstance(now, HubError)}
