"""What is drawn of a place and known around it, gathered once, so that a file of thousands is judged against it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import scope
from registry.columns import AnyRow
from registry.errors import NotFound
from registry.geography import positions
from registry.geojson import What
from registry.geometry import Position, holds
from registry.model import Actor
from registry.scope import in_scope, of_actor, under
from registry.tables import cameras, entrance_cameras, entrances, places, roads


class Area:
    """An outline, with the box around it: of a county's outlines few hold a position, and most are passed over so."""

    def __init__(self, points: Sequence[Position]) -> None:
        self._points = points
        (self._west, self._east), (self._south, self._north) = (
            (min(one), max(one)) for one in zip(*points, strict=True)
        )

    def holds(self, position: Position) -> bool:
        """Whether the position lies inside."""
        x, y = position
        return self._west <= x <= self._east and self._south <= y <= self._north and holds(self._points, position)


@dataclass(slots=True)
class Known:
    """What is there already, as far as the actor may see it, and what the file has claimed so far.

    Roads, entrances and cameras stand by the code of their place. `about` are the positions known in the county, to a
    tenth of a degree: to tell what lies in another it does not take each of five thousand cameras.
    """

    code: str
    scope: scope.Scope
    places: dict[str, AnyRow]
    roads: dict[str, list[AnyRow]]
    entrances: dict[str, list[AnyRow]]
    watched: dict[int, frozenset[UUID]]
    cameras: dict[str, list[AnyRow]]
    camera_ids: frozenset[UUID]
    about: frozenset[Position]
    claimed: set[tuple[object, ...]] = field(default_factory=set)
    drawn: dict[str, Area] = field(default_factory=dict)
    counts: dict[tuple[What, str], int] = field(default_factory=dict)


async def known_of(conn: AsyncConnection, code: str, actor: Actor) -> Known:
    """What there is at the place `code` and below. Raises NotFound for it, Denied outside the actor's scope."""
    if await conn.scalar(sa.select(places.c.no).where(places.c.code == code)) is None:
        raise NotFound(f"no place has the code {code}", code="place_unknown")
    scope.require(actor, code)
    mine = of_actor(actor)
    there = under(places.c.code, code)
    of_place = sa.select(places).where(under(places.c.code, code[:6]), in_scope(places.c.code, mine))
    lines = sa.select(roads, places.c.code.label("place_code")).join(places, places.c.no == roads.c.place_no)
    gates = sa.select(entrances, places.c.code.label("place_code")).join(places, places.c.no == entrances.c.place_no)
    seen = (
        sa.select(cameras.c.id, cameras.c.no, cameras.c.lat, cameras.c.lon, places.c.code.label("place_code"))
        .join(places, places.c.no == cameras.c.village_no)
        .where(cameras.c.removed_at.is_(None), under(places.c.code, code[:6]), in_scope(places.c.code, mine))
    )
    standing = list(await conn.execute(seen))
    places_there = list(await conn.execute(of_place))
    entrance_rows = list(await conn.execute(gates.where(there)))
    watching = (
        sa.select(entrance_cameras.c.entrance_no, cameras.c.id)
        .join(cameras, cameras.c.no == entrance_cameras.c.camera_no)
        .where(entrance_cameras.c.entrance_no.in_([row.no for row in entrance_rows]), cameras.c.removed_at.is_(None))
    )
    watched: dict[int, frozenset[UUID]] = {}
    for row in await conn.execute(watching):
        watched[row.entrance_no] = watched.get(row.entrance_no, frozenset()) | {row.id}
    known = Known(
        code=code,
        scope=mine.narrowed([code]),
        places={row.code: row for row in places_there},
        roads=_by_place(await conn.execute(lines.where(there))),
        entrances=_by_place(entrance_rows),
        watched=watched,
        cameras=_by_place(standing),
        camera_ids=frozenset(row.id for row in standing),
        about=frozenset(
            (round(row.lon, 1), round(row.lat, 1))
            for row in (*standing, *places_there)
            if None not in (row.lon, row.lat)
        ),
    )
    for row in places_there:
        if row.boundary is not None:
            known.drawn[row.code] = Area(positions(row.boundary))
    known.counts |= {("road", of): len(rows) for of, rows in known.roads.items()}
    known.counts |= {("entrance", of): len(rows) for of, rows in known.entrances.items()}
    return known


def _by_place(rows: Iterable[AnyRow]) -> dict[str, list[AnyRow]]:
    found: dict[str, list[AnyRow]] = {}
    for row in rows:
        found.setdefault(row.place_code, []).append(row)
    return found
