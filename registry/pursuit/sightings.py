"""The sightings of a case, numbered in time: starred passers and bookmarks of sightings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import bookmarks
from registry.bookmarks import Bookmark, BookmarkKind, MarkedUpload
from registry.casework import reported
from registry.columns import AnyRow
from registry.geometry import Position
from registry.pursuit import decisions, things
from registry.pursuit.decisions import Decided, Decision
from registry.tables import cameras, places


@dataclass(frozen=True, slots=True)
class Sighting:
    """It was seen then, there; `no` counts them in time. Its place is the camera's, or its village's where unknown.

    A bookmark is named by its first version, so that links hold when it is superseded. One of what somebody sent in has
    an `upload`, its giver's place and name, and a camera only where the hub knows it.
    """

    no: int
    thing: str
    camera_id: UUID | None
    camera_name: str
    at: datetime
    lat: float | None
    lon: float | None
    label: str
    note: str
    said_by: str
    upload: MarkedUpload | None = None

    @property
    def position(self) -> Position | None:
        """Longitude and latitude."""
        return None if self.lat is None or self.lon is None else (self.lon, self.lat)


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and when it was last there, as it was reported; found missing at `found_at`."""

    at: datetime
    found_at: datetime
    lat: float
    lon: float


async def of_case(conn: AsyncConnection, case: AnyRow) -> tuple[Sighting, ...]:
    """The sightings of a case that count now, in time order."""
    made = [one for one in (await decisions.holding(conn, case.no)).values() if one.decision is Decision.STAR]
    every = await bookmarks.of_case(conn, case.id, superseded=True)
    first = _first_versions(every)
    kept = [
        one for one in every if one.superseded_by is None and not one.retracted and one.kind is BookmarkKind.SIGHTING
    ]
    marked = {things.event(one.event_id) for one in kept if one.event_id is not None}
    where = await _places(conn, {one.camera_id for one in made} | set(bookmarks.abouts(kept)))
    found = [_starred(one, where) for one in made if one.thing not in marked]
    found += [_bookmarked(one, first[one.id], where) for one in kept]
    found.sort(key=lambda one: (one.at, one.thing))
    return tuple(replace(one, no=no) for no, one in enumerate(found, start=1))


def _first_versions(every: tuple[Bookmark, ...]) -> dict[UUID, UUID]:
    """By each version of a bookmark: its first."""
    before = {one.id: one.supersedes for one in every}
    found = {}
    for one in before:
        first = one
        while (older := before.get(first)) is not None:
            first = older
        found[one] = first
    return found


def cameras_of(those: Iterable[Sighting]) -> list[UUID]:
    """The cameras of sightings, for the register."""
    return list(dict.fromkeys(one.camera_id for one in those if one.camera_id is not None))


_Where = Mapping[UUID | None, tuple[float | None, float | None]]


async def _places(conn: AsyncConnection, ids: set[UUID]) -> _Where:
    lat, lon = (sa.func.coalesce(cameras.c[one], places.c[one]) for one in ("lat", "lon"))
    wanted = sa.select(cameras.c.id, lat.label("lat"), lon.label("lon"))
    wanted = wanted.join(places, places.c.no == cameras.c.village_no).where(cameras.c.id.in_(sorted(ids)))
    return {row.id: (row.lat, row.lon) for row in await conn.execute(wanted)} if ids else {}


def _starred(one: Decided, where: _Where) -> Sighting:
    lat, lon = where[one.camera_id]
    return Sighting(
        0, one.thing, one.camera_id, one.camera_name, one.seen_at, lat, lon, one.label, "", one.decided_by
    )  # fmt: skip


def _bookmarked(one: Bookmark, first: UUID, where: _Where) -> Sighting:
    given = one.upload
    lat, lon = (given.lat, given.lon) if given is not None else where[one.camera_id]
    thing, note = things.bookmark(first), one.note[:200]
    return Sighting(0, thing, one.about, one.camera_name, one.at, lat, lon, "", note, one.author, given)


async def scene_of(conn: AsyncConnection, case: AnyRow) -> Scene | None:
    """What the case's report says of where and when; None of a case that was opened without one."""
    told = await reported.newest(conn, case.no)
    return None if told is None else Scene(told.last_seen_at, told.found_at, told.lat, told.lon)
