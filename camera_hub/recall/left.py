"""How much of a camera lies in files of analysis that no row names: for the receipt of a withdrawal."""

from __future__ import annotations

import asyncio
from uuid import UUID

from camera_hub.recall.motion.shelf import Shelf
from camera_hub.recall.stills.dayfile import Album
from registry.withdrawals import Files


def counting(album: Album, shelf: Shelf) -> Files:
    """Counts a camera's small pictures in `album`, and its days of the motion index on `shelf`, in a thread."""

    def count(camera_id: UUID) -> tuple[int, int]:
        stills = sum(len(album.read(day, camera_id).stills) for day in album.days())
        return stills, len(shelf.days(camera_id))

    async def counted(camera_id: UUID) -> tuple[int, int]:
        return await asyncio.to_thread(count, camera_id)

    return counted
