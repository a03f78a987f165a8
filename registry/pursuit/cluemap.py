"""The clue map of a case: what is known of the trail, where it may have gone since, and maps that were kept."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit
from registry.columns import AnyRow
from registry.errors import Conflict, NotFound
from registry.events.query import Listed
from registry.geometry import Position, distance, distances
from registry.inputs import Input, Line, Moment, invalid
from registry.model import Access, LabelGroup
from registry.pursuit import decisions, ground, linking, sightings, watchers, working
from registry.pursuit.basis import VERSION, Basis, ClueMap, draw, reached, restored, stored
from registry.pursuit.moved import Index
from registry.pursuit.spread import Spread
from registry.pursuit.things import Thing
from registry.store import Store
from registry.tables import clue_maps
from registry.travel import Mode

LONGEST = timedelta(days=3)
"""So long after the last sighting a map looks at most: later it may be anywhere."""
MOST_MAPS = 100
_ROOM_M = 1_000.0
"""Roads so far beyond the area are kept with it: some of them are joined to it."""


class MapQuery(Input):
    """From which sighting on, how it got along and until when; not told: from the last one until it was found missing.

    Without a sighting it starts at the scene, when it was last seen there.
    """

    way: Mode = Mode.FOOT
    since: Thing | None = None
    until: Moment | None = None
    group: Annotated[tuple[LabelGroup, ...], Listed, Field(max_length=10)] = ()
    """Which passers may be it; not told: any."""


class KeepMap(Input):
    """Keep the map of this query, with a note."""

    way: Mode = Mode.FOOT
    since: Thing | None = None
    until: Moment | None = None
    group: Annotated[tuple[LabelGroup, ...], Field(max_length=10)] = ()
    note: Line = ""

    def query(self) -> MapQuery:
        """What is asked for."""
        return MapQuery(**self.model_dump(exclude={"note"}))


@dataclass(frozen=True, slots=True)
class KeptMap:
    """A map that was kept, by whom and when."""

    id: UUID
    note: str
    kept_by: str
    kept_at: datetime


@dataclass(frozen=True, slots=True)
class OldMap:
    """A map made again from what it was made of when it was kept."""

    kept: KeptMap
    map: ClueMap


async def clue_map(store: Store, access: Access, case_id: UUID, query: MapQuery, *, index: Index) -> ClueMap:
    """The map as things stand; the look is on record before it is shown.

    Raises Denied, NotFound, Invalid for what is no sighting, and a time before it or too long after it.
    """
    told = query.model_dump(mode="json", exclude_defaults=True)
    async with audit.refused(store, access, "case.map", detail=told):
        whole = await _basis(store, access, case_id, query, index)
    basis, found = await asyncio.to_thread(_drawn, whole)
    async with store.write() as conn:
        await _note(conn, store, access, "case.map", basis=basis, detail={**told, "digest": found.digest})
    return found


async def keep(store: Store, access: Access, case_id: UUID, new: KeepMap, *, index: Index) -> OldMap:
    """Keep the map as things stand. Raises as `clue_map`, and Conflict (maps_many)."""
    told = new.model_dump(mode="json", exclude_defaults=True)
    async with audit.refused(store, access, "case.keep_map", detail=told):
        whole = await _basis(store, access, case_id, new.query(), index)
    basis, found = await asyncio.to_thread(_drawn, whole)
    now, identity = store.clock(), uuid7()
    async with store.write() as conn:
        case = await working.open_case(conn, store, access, case_id, lock=True)
        there = sa.select(sa.func.count()).select_from(clue_maps).where(clue_maps.c.case_no == case.no)
        if (await conn.scalar(there) or 0) >= MOST_MAPS:
            raise Conflict(f"a case keeps at most {MOST_MAPS} maps", code="maps_many", most=MOST_MAPS)
        values = {"id": identity, "case_no": case.no, "note": new.note, "body": stored(basis)}
        kept = {"kept_by": access.actor.user.name, "kept_at": now}
        await conn.execute(sa.insert(clue_maps).values(**values, **kept))
        detail = {**told, "map": identity, "digest": found.digest}
        await _note(conn, store, access, "case.keep_map", basis=basis, detail=detail)
    return OldMap(KeptMap(identity, new.note, access.actor.user.name, now), found)


async def _note(
    conn: AsyncConnection, store: Store, access: Access, action: str, *, basis: Basis, detail: Mapping[str, object]
) -> None:
    await audit.append(
        conn,
        access.actor,
        action,
        now=store.clock(),
        cameras=list(dict.fromkeys(one.camera_id for one in basis.watchers)),
        span=(basis.at, basis.until),
        purpose=access.purpose,
        detail=audit.describe(**detail),
        count=len(basis.sightings),
    )


async def list_kept(store: Store, access: Access, case_id: UUID) -> tuple[KeptMap, ...]:
    """The maps a case keeps, the newest first: nothing of what they show."""
    working.reach(store, access)
    async with store.read() as conn:
        case = await working.open_case(conn, store, access, case_id)
        wanted = sa.select(clue_maps.c.id, clue_maps.c.note, clue_maps.c.kept_by, clue_maps.c.kept_at)
        rows = await conn.execute(wanted.where(clue_maps.c.case_no == case.no).order_by(clue_maps.c.no.desc()))
        return tuple(_kept(row) for row in rows)


def _kept(row: AnyRow) -> KeptMap:
    return KeptMap(row.id, row.note, row.kept_by, row.kept_at)


async def again(store: Store, access: Access, case_id: UUID, map_id: UUID) -> OldMap:
    """A kept map, made again from its basis; the look is on record. Raises Denied, NotFound (map_unknown)."""
    async with audit.refused(store, access, "case.map", detail={"map": str(map_id)}):
        working.reach(store, access)
        async with store.read() as conn:
            case = await working.open_case(conn, store, access, case_id)
            wanted = sa.select(clue_maps).where(clue_maps.c.id == map_id, clue_maps.c.case_no == case.no)
            row = (await conn.execute(wanted)).one_or_none()
    if row is None:
        raise NotFound("the case has no such map", code="map_unknown")
    basis = restored(row.body)
    found = await asyncio.to_thread(draw, basis)
    async with store.write() as conn:
        detail = {"map": map_id, "digest": found.digest}
        await _note(conn, store, access, "case.map", basis=basis, detail=detail)
    return OldMap(_kept(row), found)


@dataclass(frozen=True, slots=True)
class _Start:
    thing: str | None
    camera_id: UUID | None
    position: Position | None
    at: datetime


async def _basis(store: Store, access: Access, case_id: UUID, query: MapQuery, index: Index) -> Basis:
    """All that the map is made of, as things stand."""
    reach = working.reach(store, access)
    async with store.read() as conn:
        case = await working.open_case(conn, store, access, case_id)
        seen = await sightings.of_case(conn, case)
        scene = await sightings.scene_of(conn, case)
        start = _start(case, seen, scene, query)
        until = _until(case, scene, start, query, store.clock())
        said = await linking.blocks_of(conn, case.no)
        basis = Basis(
            version=VERSION,
            thing=start.thing,
            start=start.position,
            at=start.at,
            until=until,
            way=query.way,
            roads=(),
            watchers=(),
            sightings=seen,
            links=await linking.of_case(conn, case.no),
            blocks=said,
            beyond=0,
            unheard=0,
        )
        if start.position is None:
            return basis
        every = await ground.every_road(conn, store)
        roads = ground.near(every, start.position, basis.within_m, linking.blocked(said))
        around = await ground.posts(conn, reach, start.position, basis.within_m)
        posts = [one for one in around.posts if one.id != start.camera_id]
        basis = replace(basis, roads=roads, beyond=around.beyond)
        made = await decisions.holding(conn, case.no)
        known = await watchers.known_of(conn, store, reach, posts, (start.at, until), groups=query.group, index=index)
    moved = await watchers.moved(access, reach, known, start.position, basis, made=made, index=index)
    seen_there = watchers.watchers(known, moved, basis, made)
    return replace(basis, watchers=seen_there, unheard=len(known.mute) - len(moved))


def _start(
    case: AnyRow, seen: tuple[sightings.Sighting, ...], scene: sightings.Scene | None, query: MapQuery
) -> _Start:
    """Where the area begins. Raises Invalid for a sighting that does not count."""
    if query.since is not None and query.since not in {one.thing for one in seen}:
        raise invalid("since", "no_sighting", "it is no sighting of the case: star it, or bookmark it as one")
    last = next((one for one in reversed(seen) if query.since in (None, one.thing)), None)
    if last is not None:
        return _Start(last.thing, last.camera_id, last.position, last.at)
    if scene is not None:
        return _Start(None, None, (scene.lon, scene.lat), scene.at)
    return _Start(None, None, None, case.starts_at or case.opened_at)


def _until(case: AnyRow, scene: sightings.Scene | None, start: _Start, query: MapQuery, now: datetime) -> datetime:
    """Until when it is looked at. Raises Invalid for a time told that is no use."""
    if query.until is not None:
        if query.until <= start.at:
            raise invalid("until", "interval", "must lie after the sighting")
        if query.until - start.at > LONGEST:
            raise invalid("until", "too_long", f"at most {LONGEST.days} days after the sighting")
        return query.until
    found = scene.found_at if scene is not None and scene.found_at > start.at else case.ends_at or now
    return min(max(found, start.at + timedelta(minutes=1)), start.at + LONGEST)


def _drawn(whole: Basis) -> tuple[Basis, ClueMap]:
    """A basis without the roads and cameras that its area does not come near, so that a kept map is small; its map."""
    if whole.start is None:
        return whole, draw(whole)
    found = reached(whole, whole.start)
    basis, left = _trimmed(whole, whole.start, found)
    # Fewer roads are another net, to a centimetre: whoever makes the map again has those alone.
    return basis, draw(basis, found.of(left) if basis.roads == whole.roads else None)


def _trimmed(basis: Basis, start: Position, found: Spread) -> tuple[Basis, list[int]]:
    """What of a basis is near what is reached, and which of its watchers those are."""
    if found.pieces is None:
        return replace(basis, roads=(), watchers=()), []
    points = np.asarray([point for piece in found.pieces for point in piece.path]).reshape(-1, 2)
    far = float(distances(start, points).max(initial=0.0)) + _ROOM_M
    roads = tuple(one for one in basis.roads if one.near(start, far))
    left = [at for at, one in enumerate(basis.watchers) if distance(start, one.position) <= far]
    return replace(basis, roads=roads, watchers=tuple(basis.watchers[at] for at in left)), left
