"""Roads: lines on the map of a place."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit
from registry.columns import AnyRow
from registry.errors import Conflict, NotFound
from registry.geography import Road, place_row, require_revision, road_of
from registry.geometry import Path
from registry.inputs import Input, PlaceCode, Short, invalid
from registry.model import Actor
from registry.scope import in_scope, of_actor
from registry.store import Store
from registry.tables import places, roads

MOST_OF_A_PLACE = 200


class NewRoad(Input):
    """A road to draw in a place."""

    place_code: PlaceCode
    name: Short = ""
    path: Path


class RoadChange(Input):
    """What to change of a road; what is not given stays."""

    name: Short | None = None
    path: Path | None = None
    expected_revision: int | None = None


async def _row(conn: AsyncConnection, road_id: UUID, actor: Actor) -> AnyRow:
    wanted = (
        sa.select(roads, places.c.code.label("place_code"))
        .join(places, places.c.no == roads.c.place_no)
        .where(roads.c.id == road_id, in_scope(places.c.code, of_actor(actor)))
    )
    row = (await conn.execute(wanted)).one_or_none()
    if row is None:
        raise NotFound("no such road", code="road_unknown")
    return row


async def insert(conn: AsyncConnection, place: AnyRow, new: NewRoad) -> UUID:
    """Add a road to the place. Raises Conflict when the place has as many as a map can show."""
    there = await conn.scalar(sa.select(sa.func.count()).select_from(roads).where(roads.c.place_no == place.no))
    if int(there or 0) >= MOST_OF_A_PLACE:
        raise Conflict(f"a place has at most {MOST_OF_A_PLACE} roads", code="too_many_roads", most=MOST_OF_A_PLACE)
    identity = uuid7()
    await conn.execute(sa.insert(roads).values(id=identity, place_no=place.no, name=new.name, path=list(new.path)))
    return identity


async def create(store: Store, new: NewRoad, actor: Actor) -> Road:
    """Draw a road. Raises NotFound for the place, Denied outside the actor's scope, Conflict for too many."""
    async with store.write() as conn:
        identity = await insert(conn, await place_row(conn, new.place_code, actor), new)
        detail = audit.describe(road=identity, name=new.name, place=new.place_code, points=len(new.path))
        await audit.append(conn, actor, "road.create", now=store.clock(), detail=detail)
        return road_of(await _row(conn, identity, actor))


async def change(store: Store, road_id: UUID, wanted: RoadChange, actor: Actor) -> Road:
    """Change a road. Raises NotFound outside the actor's scope, Conflict when it was changed meanwhile."""
    values = wanted.model_dump(exclude_unset=True, exclude={"expected_revision"})
    for name, value in values.items():
        if value is None:
            raise invalid(name, "missing", "cannot be empty")
    async with store.write() as conn:
        row = await _row(conn, road_id, actor)
        require_revision(row, wanted.expected_revision)
        await conn.execute(sa.update(roads).where(roads.c.no == row.no).values(revision=row.revision + 1, **values))
        detail = audit.describe(road=road_id, changed=sorted(values))
        await audit.append(conn, actor, "road.change", now=store.clock(), detail=detail)
        return road_of(await _row(conn, road_id, actor))


async def remove(store: Store, road_id: UUID, actor: Actor) -> None:
    """Take a road off the map. Raises NotFound outside the actor's scope."""
    async with store.write() as conn:
        row = await _row(conn, road_id, actor)
        await conn.execute(sa.delete(roads).where(roads.c.no == row.no))
        detail = audit.describe(road=road_id, name=row.name, place=row.place_code)
        await audit.append(conn, actor, "road.remove", now=store.clock(), detail=detail)
