"""Entrances: the ways into a village, and which cameras see each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit
from registry.columns import AnyRow
from registry.errors import Conflict, NotFound
from registry.geography import Entrance, entrance_rows, place_row, require_revision
from registry.geometry import Bearing, LonLat
from registry.inputs import Input, Latitude, Longitude, Name, VillageCode, invalid
from registry.model import Actor
from registry.scope import in_scope, of_actor
from registry.store import Store
from registry.tables import cameras, entrance_cameras, entrances, places

MOST_OF_A_VILLAGE = 50
_MOST_NAMED = 500
"""With more cameras all entrances are read: a county has some thousands."""
_POSITION = TypeAdapter(LonLat)

CameraIds = Annotated[tuple[UUID, ...], Field(max_length=16)]


def _in_china(lon: float, lat: float) -> None:
    """Raise what the position of an outline would raise, so that a swapped pair is named as such."""
    try:
        _POSITION.validate_python((lon, lat))
    except ValidationError as err:
        first = err.errors(include_input=False, include_url=False)[0]
        raise PydanticCustomError(first["type"], first["msg"]) from None


class NewEntrance(Input):
    """A way into a village; `bearing_deg` is where one faces coming in."""

    place_code: VillageCode
    name: Name
    lat: Latitude
    lon: Longitude
    bearing_deg: Bearing
    camera_ids: CameraIds = ()

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        _in_china(self.lon, self.lat)
        return self


class EntranceChange(Input):
    """What to change of an entrance; what is not given stays. A position is given whole."""

    name: Name | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    bearing_deg: Bearing | None = None
    camera_ids: CameraIds | None = None
    expected_revision: int | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise PydanticCustomError("position", "give latitude and longitude together")
        if self.lat is not None and self.lon is not None:
            _in_china(self.lon, self.lat)
        return self


async def _row(conn: AsyncConnection, entrance_id: UUID, actor: Actor) -> AnyRow:
    wanted = (
        sa.select(entrances, places.c.code.label("place_code"))
        .join(places, places.c.no == entrances.c.place_no)
        .where(entrances.c.id == entrance_id, in_scope(places.c.code, of_actor(actor)))
    )
    row = (await conn.execute(wanted)).one_or_none()
    if row is None:
        raise NotFound("no such entrance", code="entrance_unknown")
    return row


async def set_cameras(conn: AsyncConnection, entrance_no: int, ids: Sequence[UUID], actor: Actor) -> None:
    """Say which cameras see an entrance; those outside the actor's scope stay. Raises Invalid for an unknown one."""
    mine = (
        sa.select(cameras.c.no, cameras.c.id)
        .join(places, places.c.no == cameras.c.village_no)
        .where(in_scope(places.c.code, of_actor(actor)))
    )
    found = (await conn.execute(mine.where(cameras.c.id.in_(ids), cameras.c.removed_at.is_(None)))).all()
    known = {row.id for row in found}
    for at, one in enumerate(ids):
        if one not in known:
            raise invalid(f"camera_ids.{at}", "camera_unknown", "no such camera")
    old = sa.delete(entrance_cameras).where(
        entrance_cameras.c.entrance_no == entrance_no,
        entrance_cameras.c.camera_no.in_(mine.with_only_columns(cameras.c.no)),
    )
    await conn.execute(old)
    if found:
        rows = [{"entrance_no": entrance_no, "camera_no": row.no} for row in found]
        await conn.execute(sa.insert(entrance_cameras), rows)


async def insert(conn: AsyncConnection, place: AnyRow, new: NewEntrance, actor: Actor) -> UUID:
    """Add an entrance to the village. Raises Conflict for a name in use or when there are too many."""
    mine = entrances.c.place_no == place.no
    there = await conn.scalar(sa.select(sa.func.count()).select_from(entrances).where(mine))
    if int(there or 0) >= MOST_OF_A_VILLAGE:
        hint = f"a village has at most {MOST_OF_A_VILLAGE} entrances"
        raise Conflict(hint, code="too_many_entrances", most=MOST_OF_A_VILLAGE)
    await _free_name(conn, place.no, new.name)
    identity = uuid7()
    values = new.model_dump(include={"name", "lat", "lon", "bearing_deg"})
    made = sa.insert(entrances).values(id=identity, place_no=place.no, **values).returning(entrances.c.no)
    await set_cameras(conn, int(await conn.scalar(made) or 0), new.camera_ids, actor)
    return identity


async def _free_name(conn: AsyncConnection, place_no: int, name: str, but: int | None = None) -> None:
    taken = await conn.scalar(
        sa.select(entrances.c.no).where(entrances.c.place_no == place_no, entrances.c.name == name).limit(1)
    )
    if taken is not None and taken != but:
        raise Conflict("the village has an entrance of that name", code="entrance_exists")


async def _one(conn: AsyncConnection, entrance_id: UUID, actor: Actor) -> Entrance:
    (found,) = await entrance_rows(conn, entrances.c.id == entrance_id, of_actor(actor))
    return found


async def create(store: Store, new: NewEntrance, actor: Actor) -> Entrance:
    """Add an entrance. Raises NotFound for the village, Denied outside the actor's scope, Conflict, Invalid."""
    async with store.write() as conn:
        identity = await insert(conn, await place_row(conn, new.place_code, actor), new, actor)
        detail = audit.describe(entrance=identity, name=new.name, place=new.place_code)
        await audit.append(conn, actor, "entrance.create", now=store.clock(), cameras=new.camera_ids, detail=detail)
        return await _one(conn, identity, actor)


async def change(store: Store, entrance_id: UUID, wanted: EntranceChange, actor: Actor) -> Entrance:
    """Change an entrance. Raises NotFound outside the actor's scope, Conflict when it changed meanwhile, Invalid."""
    values = wanted.model_dump(exclude_unset=True, exclude={"expected_revision"})
    for name, value in values.items():
        if value is None:
            raise invalid(name, "missing", "cannot be empty")
    async with store.write() as conn:
        row = await _row(conn, entrance_id, actor)
        require_revision(row, wanted.expected_revision)
        if "name" in values:
            await _free_name(conn, row.place_no, values["name"], but=row.no)
        watched = values.pop("camera_ids", None)
        await conn.execute(
            sa.update(entrances).where(entrances.c.no == row.no).values(revision=row.revision + 1, **values)
        )
        if watched is not None:
            await set_cameras(conn, row.no, watched, actor)
        detail = audit.describe(entrance=entrance_id, changed=sorted(wanted.model_fields_set - {"expected_revision"}))
        await audit.append(conn, actor, "entrance.change", now=store.clock(), cameras=watched or (), detail=detail)
        return await _one(conn, entrance_id, actor)


async def remove(store: Store, entrance_id: UUID, actor: Actor) -> None:
    """Take an entrance off the map. Raises NotFound outside the actor's scope."""
    async with store.write() as conn:
        row = await _row(conn, entrance_id, actor)
        await conn.execute(sa.delete(entrance_cameras).where(entrance_cameras.c.entrance_no == row.no))
        await conn.execute(sa.delete(entrances).where(entrances.c.no == row.no))
        detail = audit.describe(entrance=entrance_id, name=row.name, place=row.place_code)
        await audit.append(conn, actor, "entrance.remove", now=store.clock(), detail=detail)


async def seen_by(conn: AsyncConnection, numbers: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The names of the entrances that cameras see, by their row numbers; of cameras that see none nothing is said."""
    wanted = (
        sa.select(entrance_cameras.c.camera_no, entrances.c.name)
        .join(entrances, entrances.c.no == entrance_cameras.c.entrance_no)
        .order_by(entrances.c.name)
    )
    if len(numbers) <= _MOST_NAMED:
        wanted = wanted.where(entrance_cameras.c.camera_no.in_(numbers))
    asked, found = set(numbers), dict[int, tuple[str, ...]]()
    for row in await conn.execute(wanted):
        if row.camera_no in asked:
            found[row.camera_no] = (*found.get(row.camera_no, ()), row.name)
    return found
