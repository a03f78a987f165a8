"""`unmask`: to hide less of a camera's picture than its masks hide now (L10)."""

from __future__ import annotations

import asyncio
from typing import Annotated, ClassVar, Literal
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import masks
from registry.approvals.ask import LONGEST_HOURS, Ask, Concern
from registry.errors import Conflict, NotFound
from registry.inputs import invalid
from registry.model import Actor
from registry.outlines import Polygon
from registry.permissions import Permission
from registry.scope import in_scope, of_actor
from registry.store import Store
from registry.tables import cameras, places, scenes

Masks = Annotated[tuple[Polygon, ...], Field(max_length=masks.MOST)]


class UnmaskAsk(Ask):
    """A camera's masks as they are and as they would be; whoever decides sees both as outlines, never what is under.

    `hours` is how long the change may be made once it is granted. `lasts_hours` after it was made, the masks of before
    come back by themselves; null: they do not.
    """

    NEEDS: ClassVar[Permission] = Permission.REGISTER
    kind: Literal["unmask"]
    camera_id: UUID
    old_masks: Masks
    masks: Masks
    lasts_hours: Annotated[int, Field(ge=1, le=LONGEST_HOURS)] | None

    @property
    def cameras(self) -> tuple[UUID, ...]:
        """The camera."""
        return (self.camera_id,)

    async def concern(self, conn: AsyncConnection, store: Store, actor: Actor) -> Concern:
        """The camera's masks stand as they were when it was asked, and less would be hidden."""
        del store
        wanted = (
            sa.select(places.c.code, scenes.c.body)
            .join(places, places.c.no == cameras.c.village_no)
            .outerjoin(
                scenes,
                sa.and_(scenes.c.camera_no == cameras.c.no, scenes.c.revision == cameras.c.scene_revision),
            )
            .where(
                cameras.c.id == self.camera_id,
                cameras.c.removed_at.is_(None),
                in_scope(places.c.code, of_actor(actor)),
            )
        )
        row = (await conn.execute(wanted)).one_or_none()
        if row is None:
            raise NotFound("no such camera", code="camera_unknown")
        standing = [] if row.body is None else row.body["masks"]
        if self.model_dump(mode="json")["old_masks"] != standing:
            raise Conflict("the camera's masks were changed meanwhile; ask anew", code="scene_stale")
        if await asyncio.to_thread(masks.covers, self.masks, self.old_masks):
            raise invalid("asked.masks", "unmask_none", "these masks hide as much; save them, nobody need approve")
        return Concern((row.code,))
