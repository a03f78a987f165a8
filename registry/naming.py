"""Cameras that somebody names, as far as he may know of them."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.columns import AnyRow
from registry.errors import NotFound
from registry.scope import Scope, in_scope
from registry.tables import cameras, places


async def named(
    conn: AsyncConnection, ids: Collection[UUID], seen: Scope, *also: sa.ColumnElement[bool]
) -> dict[UUID, AnyRow]:
    """Each camera's `no`, and the `code` of its village; removed ones too: their recordings stay a while.

    Raises NotFound (camera_unknown) where one of them lies outside the scope, or is not as `also` asks.
    """
    wanted = (
        sa.select(cameras.c.id, cameras.c.no, places.c.code)
        .join(places, places.c.no == cameras.c.village_no)
        .where(cameras.c.id.in_(tuple(ids)), in_scope(places.c.code, seen), *also)
    )
    found = {row.id: row for row in await conn.execute(wanted)} if ids else {}
    if unknown := sorted(set(ids) - found.keys()):
        raise NotFound(f"no such camera: {unknown[0]}", code="camera_unknown", camera=str(unknown[0]))
    return found
