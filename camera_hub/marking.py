"""A mark on patrol with its picture: the camera is seen through the relay, masked as always, and the file kept first.

A mark is worth more than its picture: where none comes in time, or may not be taken, the mark is kept and says why.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from camera_hub.live.relay import Relay
from camera_hub.media import Media, mark_key
from registry import live, patrols
from registry.errors import Conflict, HubError
from registry.live import Wanted
from registry.model import Access
from registry.patrols import MarkPicture, NewPatrolMark, PatrolMark
from registry.store import Store

ASKED_FOR_NONE = ""
NOT_WATCHING = "not_watching"


@dataclass(frozen=True, slots=True)
class Marking:
    """Keeps marks on `node`; `relay` is None where the hub watches no cameras."""

    store: Store
    media: Media
    relay: Relay | None
    node: str

    async def mark(self, access: Access, patrol_id: UUID, new: NewPatrolMark) -> PatrolMark:
        """Keep a mark as of now. Raises as `registry.patrols.mark`."""
        at, mark_id = self.store.clock(), new.id or uuid7()
        if new.id is not None and (before := await patrols.kept(self.store, access, patrol_id, new.id)) is not None:
            return before
        await patrols.require(self.store, access, patrol_id, new)
        picture = MarkPicture(self.node, why=ASKED_FOR_NONE)
        if new.snapshot:
            picture = await self._picture(access, new.camera_id, at)
        try:
            return await patrols.mark(self.store, access, patrol_id, new, mark_id=mark_id, at=at, picture=picture)
        except HubError as refused:
            if picture.key is not None:
                await asyncio.to_thread(self.media.delete, [picture.key])
            # One that was sent twice at once was kept by the other.
            before = (
                await patrols.kept(self.store, access, patrol_id, mark_id) if isinstance(refused, Conflict) else None
            )
            if before is None:
                raise
            return before

    async def _picture(self, access: Access, camera_id: UUID, at: datetime) -> MarkPicture:
        if self.relay is None:
            return MarkPicture(self.node, why=NOT_WATCHING)
        try:
            sight = (await live.one(self.store, access, Wanted(camera_id, "sub", "picture"))).sight
            jpeg = await self.relay.picture(sight.camera_no, camera_id, sight.stream)
            key = mark_key(uuid7(), at)
            await asyncio.to_thread(self.media.put, key, jpeg)
        except HubError as refused:
            return MarkPicture(self.node, why=refused.code)
        return MarkPicture(self.node, key, len(jpeg))
