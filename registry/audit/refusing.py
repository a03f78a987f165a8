"""Looks that are refused as a whole: they are in the register too, with what was asked for and why it was refused."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.audit.appending import append, describe
from registry.errors import Denied
from registry.model import Access, Actor
from registry.scope import in_scope, of_actor
from registry.store import Store
from registry.tables import cameras, places

_NO_PURPOSE = frozenset({"purpose_required", "purpose_closed"})


@asynccontextmanager
async def refused(
    store: Store,
    access: Access,
    action: str,
    *,
    cameras: Collection[UUID] = (),
    span: tuple[datetime | None, datetime | None] = (None, None),
    detail: Mapping[str, object] | None = None,
) -> AsyncIterator[None]:
    """Put on record what is refused (Denied) inside, before the refusal goes on. Where rows are written inside, none.

    Of `cameras` the row names those he may know of; `detail` says all that was asked for. Raises Unavailable in place
    of the refusal where the row cannot be written.
    """
    try:
        yield
    except Denied as why:
        if why.code in _NO_PURPOSE:
            raise  # nothing was looked at under: there is no purpose the row could name
        async with store.write() as conn:
            await append(
                conn,
                access.actor,
                action,
                now=store.clock(),
                cameras=await known(conn, access.actor, cameras),
                span=span,
                purpose=access.purpose,
                detail=describe(**(detail or {}), refused=why.code),
                count=0,
            )
        raise


async def known(conn: AsyncConnection, actor: Actor, ids: Collection[UUID]) -> list[UUID]:
    """Those of the cameras that lie in the actor's villages, in the order told."""
    if not ids:
        return []
    wanted = (
        sa.select(cameras.c.id)
        .join(places, places.c.no == cameras.c.village_no)
        .where(cameras.c.id.in_(tuple(ids)), in_scope(places.c.code, of_actor(actor)))
    )
    there = set(await conn.scalars(wanted))
    return [one for one in dict.fromkeys(ids) if one in there]
