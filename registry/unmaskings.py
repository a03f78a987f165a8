"""Masks that were lifted for a time: the old ones come back by themselves (L10)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import sqlalchemy as sa

from registry import masks, scenes
from registry.columns import AnyRow
from registry.errors import Conflict
from registry.scenes import Scene
from registry.store import Store, raise_revision
from registry.tables import cameras, unmaskings
from registry.users import CONSOLE


async def put_back(store: Store) -> int:
    """Put masks back whose time is over, beside those drawn since; returns on how many cameras.

    Call it again and again: a camera whose scene changes meanwhile has its turn the next time.
    """
    due = (
        sa.select(unmaskings.c.no, unmaskings.c.camera_no, unmaskings.c.masks, cameras.c.id)
        .join(cameras, cameras.c.no == unmaskings.c.camera_no)
        .where(
            unmaskings.c.ends_at <= store.clock(), unmaskings.c.returned_at.is_(None), cameras.c.removed_at.is_(None)
        )
        .order_by(unmaskings.c.no)
    )
    async with store.read() as conn:
        rows = (await conn.execute(due)).all()
    by_camera: dict[int, list[AnyRow]] = {}
    for row in rows:
        by_camera.setdefault(row.camera_no, []).append(row)
    for those in by_camera.values():
        try:
            await _put_back(store, those)
        except Conflict:
            continue
    return len(by_camera)


async def _put_back(store: Store, those: Sequence[AnyRow]) -> None:
    """Put back what was lifted from one camera."""
    before = await scenes.get(store, those[0].id)
    gone = [mask for one in those for mask in one.masks]
    hidden = await asyncio.to_thread(masks.covers, before.scene.masks, gone)
    whole = await asyncio.to_thread(masks.joined, gone, before.scene.masks)
    now = store.clock()
    async with store.write() as conn:
        await raise_revision(conn)
        back = sa.update(unmaskings).where(unmaskings.c.no.in_([one.no for one in those]))
        await conn.execute(back.values(returned_at=now))
        if not hidden:
            scene = before.scene.model_copy(update={"masks": Scene(masks=whole).masks})
            camera = await scenes.camera_of(conn, those[0].id)
            await scenes.keep(conn, camera, before, scene, CONSOLE, now=now, more=True)
