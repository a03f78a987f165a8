"""The ground of a place: boundaries, roads and entrances of all below it, as far as somebody may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, scope
from registry.columns import AnyRow
from registry.errors import Conflict, Denied, NotFound
from registry.geometry import Outline, Position
from registry.inputs import Input
from registry.model import Actor, Level
from registry.scope import Scope, in_scope
from registry.store import Store
from registry.tables import cameras, entrance_cameras, entrances, places, roads


@dataclass(frozen=True, slots=True)
class Area:
    """A place on the map: its outline, or None while nobody drew it."""

    code: str
    name: str
    level: Level
    lat: float | None
    lon: float | None
    boundary: tuple[Position, ...] | None
    revision: int


@dataclass(frozen=True, slots=True)
class Road:
    """A road of a place, longitude and latitude from one end to the other."""

    id: UUID
    place_code: str
    name: str
    path: tuple[Position, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class Entrance:
    """A way into a village: where, in which direction one comes in, and the cameras that see it."""

    id: UUID
    place_code: str
    name: str
    lat: float
    lon: float
    bearing_deg: float
    camera_ids: tuple[UUID, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class Ground:
    """All that is drawn of a place and what lies below it."""

    areas: tuple[Area, ...]
    roads: tuple[Road, ...]
    entrances: tuple[Entrance, ...]


class NewBoundary(Input):
    """A place's outline; None takes it away. `expected_revision` is the place's, as it was read."""

    boundary: Outline | None
    expected_revision: int | None = None


def positions(stored: Sequence[Sequence[float]]) -> tuple[Position, ...]:
    """Positions as JSON keeps them."""
    return tuple((lon, lat) for lon, lat in stored)


def _area(row: AnyRow) -> Area:
    boundary = None if row.boundary is None else positions(row.boundary)
    return Area(row.code, row.name, Level(row.level), row.lat, row.lon, boundary, row.revision)


def road_of(row: AnyRow) -> Road:
    """A row of the roads table, with its place's code."""
    return Road(row.id, row.place_code, row.name, positions(row.path), row.revision)


async def place_row(conn: AsyncConnection, code: str, actor: Actor) -> AnyRow:
    """The place's row, for a change by the actor. Raises NotFound, Denied outside his scope."""
    row = (await conn.execute(sa.select(places).where(places.c.code == code))).one_or_none()
    if row is None:
        raise NotFound(f"no place has the code {code}", code="place_unknown")
    scope.require(actor, code)
    return row


def require_revision(row: AnyRow, expected: int | None) -> None:
    """Raise Conflict when somebody else changed the row since it was read."""
    if expected not in (None, row.revision):
        raise Conflict("it was changed meanwhile; read it again", code="ground_stale", revision=int(row.revision))


async def entrance_rows(conn: AsyncConnection, clause: sa.ColumnElement[bool], seen: Scope) -> tuple[Entrance, ...]:
    """The entrances the clause finds, each with those of its cameras that lie in the scope."""
    wanted = sa.select(entrances, places.c.code.label("place_code")).join(places, places.c.no == entrances.c.place_no)
    found = (await conn.execute(wanted.where(clause).order_by(places.c.code, entrances.c.name, entrances.c.no))).all()
    village = places.alias()
    watched = (
        sa.select(entrance_cameras.c.entrance_no, cameras.c.id)
        .join(cameras, cameras.c.no == entrance_cameras.c.camera_no)
        .join(village, village.c.no == cameras.c.village_no)
        .where(
            entrance_cameras.c.entrance_no.in_([row.no for row in found]),
            cameras.c.removed_at.is_(None),
            in_scope(village.c.code, seen),
        )
        .order_by(cameras.c.name, cameras.c.no)
    )
    by_entrance: dict[int, tuple[UUID, ...]] = {}
    for row in await conn.execute(watched):
        by_entrance[row.entrance_no] = (*by_entrance.get(row.entrance_no, ()), row.id)
    return tuple(
        Entrance(
            row.id,
            row.place_code,
            row.name,
            row.lat,
            row.lon,
            row.bearing_deg,
            by_entrance.get(row.no, ()),
            row.revision,
        )
        for row in found
    )


async def get(store: Store, code: str, seen: Scope) -> Ground:
    """The ground of the place `code`. Raises NotFound, and Denied where nothing of it lies in the scope."""
    wanted = seen.narrowed([code])
    async with store.read() as conn:
        if await conn.scalar(sa.select(places.c.no).where(places.c.code == code)) is None:
            raise NotFound(f"no place has the code {code}", code="place_unknown")
        if not wanted.prefixes:
            raise Denied(f"place {code} is outside your grants", code="out_of_scope", place=code)
        clause = in_scope(places.c.code, wanted)
        areas = await conn.execute(sa.select(places).where(clause).order_by(places.c.code))
        lines = (
            sa.select(roads, places.c.code.label("place_code"))
            .join(places, places.c.no == roads.c.place_no)
            .where(clause)
            .order_by(places.c.code, roads.c.name, roads.c.no)
        )
        return Ground(
            tuple(_area(row) for row in areas),
            tuple(road_of(row) for row in await conn.execute(lines)),
            await entrance_rows(conn, clause, seen),
        )


async def set_boundary(store: Store, code: str, new: NewBoundary, actor: Actor) -> Area:
    """Draw a place's outline, or take it away. Raises NotFound, Denied, Conflict when it was changed meanwhile."""
    async with store.write() as conn:
        row = await place_row(conn, code, actor)
        require_revision(row, new.expected_revision)
        await write_boundary(conn, row, new.boundary)
        detail = audit.describe(code=code, corners=len(new.boundary or ()))
        await audit.append(conn, actor, "place.boundary", now=store.clock(), detail=detail)
        return _area((await conn.execute(sa.select(places).where(places.c.no == row.no))).one())


async def write_boundary(conn: AsyncConnection, row: AnyRow, boundary: Sequence[Position] | None) -> None:
    """Keep an outline on the place's row; whoever read the place before is out of date now."""
    values: dict[str, Any] = {"boundary": None if boundary is None else list(boundary), "revision": row.revision + 1}
    await conn.execute(sa.update(places).where(places.c.no == row.no).values(values))
