"""What lies around a point: the village it is in, and the cameras that are reached from it, by village."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.columns import AnyRow
from registry.geography import positions
from registry.geometry import Position, box_around, distance, holds
from registry.model import Kind, Level
from registry.scope import Scope, in_scope
from registry.tables import cameras, places
from registry.travel import How, Leg, Reached, Ways

NEAR_VILLAGE_M = 5_000.0
"""A point further than this from every village's own point is in none, unless an outline holds it."""
_OUTLINES = 12


@dataclass(frozen=True, slots=True)
class Near:
    """A camera that is reached, and how far it is; `leg` is None for one of the point's village that is on no map."""

    no: int
    id: UUID
    village_code: str
    leg: Leg | None

    @property
    def metres(self) -> float:
        """To order them by: those on no map come last."""
        return math.inf if self.leg is None or self.leg.metres is None else self.leg.metres


@dataclass(frozen=True, slots=True)
class Around:
    """The village a point lies in (None: unknown) and the cameras reached from it, the nearest first."""

    village_code: str | None
    cameras: tuple[Near, ...]

    def places(self, most: int) -> tuple[str, ...]:
        """The villages they are in, that of the point first, the nearest `most` of them."""
        own = () if self.village_code is None else (self.village_code,)
        return tuple(dict.fromkeys((*own, *(one.village_code for one in self.cameras))))[:most]

    def within(self, codes: Iterable[str]) -> tuple[Near, ...]:
        """The cameras under these place codes."""
        prefixes = tuple(codes)
        return tuple(one for one in self.cameras if one.village_code.startswith(prefixes))


async def around(conn: AsyncConnection, ways: Ways, start: Position, within_m: float, seen: Scope) -> Around:
    """What lies around a point, as far as the scope reaches. Only cameras with pictures are told."""
    village = await village_at(conn, start)
    own = sa.and_(cameras.c.lat.is_(None), places.c.code == (village or ""))
    wanted = (
        sa.select(cameras.c.no, cameras.c.id, cameras.c.lat, cameras.c.lon, places.c.code)
        .join(places, places.c.no == cameras.c.village_no)
        .where(
            cameras.c.removed_at.is_(None),
            cameras.c.kind != Kind.WIFI_PROBE.value,
            in_scope(places.c.code, seen),
            sa.or_(box(cameras.c.lat, cameras.c.lon, start, within_m), own),
        )
    )
    rows = (await conn.execute(wanted)).all()
    found = await asyncio.to_thread(_found, ways, start, within_m, rows)
    there = [one for one in found if one.leg is None or one.leg.how in (How.ROAD, How.STRAIGHT)]
    if village is None and there:
        village = min(there, key=lambda one: one.metres).village_code
    return Around(village, tuple(sorted(there, key=lambda one: (one.metres, one.no))))


def _found(ways: Ways, start: Position, within_m: float, rows: Sequence[AnyRow]) -> list[Near]:
    reached = ways.reach(start, within_m)
    return [Near(row.no, row.id, row.code, leg_to(row, reached)) for row in rows]


def leg_to(row: AnyRow, reached: Reached) -> Leg | None:
    """How far it is to a camera's row; None for one on no map."""
    return None if row.lat is None or row.lon is None else reached.leg((row.lon, row.lat))


def box(
    lat: sa.ColumnElement[float | None], lon: sa.ColumnElement[float | None], middle: Position, within_m: float
) -> sa.ColumnElement[bool]:
    """SQL: a position is not surely further than so many metres: no road is shorter than the straight line."""
    west, south, east, north = box_around(middle, within_m)
    return sa.and_(lat.between(south, north), lon.between(west, east))


async def village_at(conn: AsyncConnection, at: Position) -> str | None:
    """The village whose outline holds the point, else the nearest one; None where none is near."""
    known = sa.select(places.c.no, places.c.code, places.c.lat, places.c.lon).where(
        places.c.level == Level.VILLAGE.value, places.c.lat.is_not(None), places.c.lon.is_not(None)
    )
    rows = sorted((await conn.execute(known)).all(), key=lambda row: distance(at, (row.lon, row.lat)))[:_OUTLINES]
    outlines = sa.select(places.c.no, places.c.boundary).where(places.c.no.in_([row.no for row in rows]))
    drawn = {no: outline for no, outline in await conn.execute(outlines) if outline}
    for row in rows:
        if row.no in drawn and holds(positions(drawn[row.no]), at):
            return str(row.code)
    if rows and distance(at, (rows[0].lon, rows[0].lat)) <= NEAR_VILLAGE_M:
        return str(rows[0].code)
    return None
