"""The ways over all roads that are on the map, made when they are first asked for and after each change of a road."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.geography import positions
from registry.store import Store, in_turns
from registry.tables import roads
from registry.travel.ways import Ways


@dataclass(frozen=True, slots=True)
class _Kept:
    stamp: tuple[Any, ...]
    ways: Ways


_kept: WeakKeyDictionary[Store, _Kept] = WeakKeyDictionary()


async def ways(store: Store) -> Ways:
    """The ways over every road of the hub, whoever asks: how long a way takes tells nothing of what cameras saw."""
    async with store.read() as conn:
        stamp = await _stamp(conn)
        kept = _kept.get(store)
        if kept is not None and kept.stamp == stamp:
            return kept.ways
        rows = await conn.scalars(sa.select(roads.c.path).order_by(roads.c.no))
        drawn = await in_turns(positions(path) for path in rows)
    made = await asyncio.to_thread(Ways.of, drawn)
    _kept[store] = _Kept(stamp, made)
    return made


async def _stamp(conn: AsyncConnection) -> tuple[Any, ...]:
    """It changes with every change of a road: ids rise with each new one, the count falls or revisions rise else."""
    newest = await conn.scalar(sa.select(roads.c.id).order_by(roads.c.id.desc()).limit(1))
    row = (await conn.execute(sa.select(sa.func.count(), sa.func.sum(roads.c.revision)).select_from(roads))).one()
    return (newest, *row)
