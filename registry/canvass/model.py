"""Whom a case asks and for what, as readers get it, and its rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.canvass.links import ARRIVED, ClipRequest, request_of
from registry.casework import reported
from registry.columns import AnyRow
from registry.consents import standing
from registry.errors import NotFound
from registry.geometry import distance
from registry.model import Actor, ConsentScope, Kind
from registry.scope import in_scope, of_actor
from registry.store import Store
from registry.tables import cameras, canvass_entries, case_places, clip_requests, places

MOST_ENTRIES = 500
MOST_CANDIDATES = 500
ASKABLE = (Kind.CIVILIAN.value, Kind.SOCIAL.value)
"""Kinds of camera whose owner is somebody to ask; the others are the force's own."""

Asks = Literal["clip", "ask"]
"""`clip`: its owner's consent to clips is in force. `ask`: nothing was agreed to, so he may say no."""


class EntryState(StrEnum):
    """Where it stands with somebody who may have seen something."""

    TO_VISIT = "to_visit"
    ASKED = "asked"
    PROMISED = "promised"
    NONE = "none"
    """He has no camera, or it did not record then."""
    GOT = "got"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody to ask: a house, a shop, a volunteer.

    `distance_m` is straight from where it was taken. `has_camera` and `kept_days` are None where he did not say;
    `overwritten_at` is when the first of what the case asks for goes at his place, where that is known. `camera_id` is
    set where the hub knows the camera; then `asks` says whether its owner agreed to clips.
    """

    id: UUID
    camera_id: UUID | None
    camera_kind: Kind | None
    asks: Asks | None
    name: str
    address: str
    lat: float | None
    lon: float | None
    distance_m: float | None
    contact: str
    has_camera: bool | None
    kept_days: int | None
    overwritten_at: datetime | None
    state: EntryState
    note: str
    revision: int
    made_by: str
    made_at: datetime
    changed_at: datetime
    requests: tuple[ClipRequest, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A householder's or shop's camera in the case's places that is not on the list yet."""

    camera_id: UUID
    name: str
    kind: Kind
    asks: Asks
    village_name: str
    address: str
    lat: float | None
    lon: float | None
    distance_m: float | None


@dataclass(frozen=True, slots=True)
class Canvass:
    """The list: what is overwritten next first, then what nobody knows of, then what is gone."""

    entries: tuple[Entry, ...]
    candidates: tuple[Candidate, ...]
    link_days: int
    """A link holds so many days at most."""


ENTRIES = sa.select(canvass_entries, cameras.c.id.label("camera_id"), cameras.c.kind.label("camera_kind")).outerjoin(
    cameras, cameras.c.no == canvass_entries.c.camera_no
)


async def entry_row(conn: AsyncConnection, case_no: int, entry_id: UUID) -> AnyRow:
    """An entry's row, locked. Raises NotFound for one of another case."""
    wanted = ENTRIES.where(canvass_entries.c.id == entry_id, canvass_entries.c.case_no == case_no)
    row = (await conn.execute(wanted.with_for_update(of=canvass_entries))).one_or_none()
    if row is None:
        raise NotFound("no such entry on the case's list", code="canvass_unknown")
    return row


async def entries_of(
    conn: AsyncConnection, case: AnyRow, now: datetime, *where: sa.ColumnElement[bool]
) -> tuple[Entry, ...]:
    """Entries of a case, in the order to go in."""
    wanted = ENTRIES.where(canvass_entries.c.case_no == case.no, *where).limit(MOST_ENTRIES)
    rows = (await conn.execute(wanted)).all()
    scene = await _scene(conn, case.no)
    agreed = await _agreed(conn, {row.camera_no for row in rows if row.camera_no is not None}, now)
    asked: dict[int, list[AnyRow]] = {}
    those = sa.select(clip_requests, ARRIVED).where(clip_requests.c.entry_no.in_([row.no for row in rows]))
    for one in await conn.execute(those.order_by(clip_requests.c.no.desc())):
        asked.setdefault(one.entry_no, []).append(one)
    found = [
        _entry(row, case, agreed=agreed, asked=asked.get(row.no, ()), far=_far(row, scene), now=now) for row in rows
    ]
    return tuple(sorted(found, key=lambda one: _order(one, now)))


def _entry(
    row: AnyRow,
    case: AnyRow,
    *,
    agreed: frozenset[int],
    asked: Iterable[AnyRow],
    far: float | None,
    now: datetime,
) -> Entry:
    known = row.kept_days is not None and case.starts_at is not None
    return Entry(
        id=row.id,
        camera_id=row.camera_id,
        camera_kind=Kind(row.camera_kind) if row.camera_kind else None,
        asks=None if row.camera_no is None else _asks(row.camera_no, agreed),
        name=row.name,
        address=row.address,
        lat=row.lat,
        lon=row.lon,
        distance_m=far,
        contact=row.contact,
        has_camera=row.has_camera,
        kept_days=row.kept_days,
        overwritten_at=case.starts_at + timedelta(days=row.kept_days) if known else None,
        state=EntryState(row.state),
        note=row.note,
        revision=row.revision,
        made_by=row.made_by,
        made_at=row.made_at,
        changed_at=row.changed_at,
        requests=tuple(request_of(one, row.id, now) for one in asked),
    )


def _order(one: Entry, now: datetime) -> tuple[int, datetime, float, datetime]:
    gone = one.overwritten_at is not None and one.overwritten_at <= now
    rank = 2 if gone else 1 if one.overwritten_at is None else 0
    return rank, one.overwritten_at or now, one.distance_m or 0.0, one.made_at


async def candidates_of(conn: AsyncConnection, store: Store, case: AnyRow, actor: Actor) -> tuple[Candidate, ...]:
    """Cameras of others in the case's places, within the actor's own villages, that are not on the list."""
    here = await conn.scalars(sa.select(case_places.c.prefix).where(case_places.c.case_no == case.no))
    inside, prefixes = of_actor(actor), tuple(here)
    listed = sa.exists().where(canvass_entries.c.case_no == case.no, canvass_entries.c.camera_no == cameras.c.no)
    wanted = (
        sa.select(cameras, places.c.name.label("village_name"))
        .join(places, places.c.no == cameras.c.village_no)
        .where(cameras.c.kind.in_(ASKABLE), cameras.c.removed_at.is_(None), ~listed)
        .where(in_scope(places.c.code, inside.narrowed(prefixes) if prefixes else inside))
        .order_by(places.c.code, cameras.c.name)
        .limit(MOST_CANDIDATES)
    )
    rows = (await conn.execute(wanted)).all()
    agreed = await _agreed(conn, {row.no for row in rows}, store.clock())
    scene = await _scene(conn, case.no)
    found = (
        Candidate(
            camera_id=row.id,
            name=row.name,
            kind=Kind(row.kind),
            asks=_asks(row.no, agreed),
            village_name=row.village_name,
            address=row.address,
            lat=row.lat,
            lon=row.lon,
            distance_m=_far(row, scene),
        )
        for row in rows
    )
    return tuple(sorted(found, key=lambda one: (one.distance_m is None, one.distance_m or 0.0)))


async def _scene(conn: AsyncConnection, case_no: int) -> tuple[float, float] | None:
    """Where it was taken, as far as that was reported: longitude, latitude."""
    told = await reported.newest(conn, case_no)
    return None if told is None else (told.lon, told.lat)


def _far(row: AnyRow, scene: tuple[float, float] | None) -> float | None:
    if scene is None or row.lat is None or row.lon is None:
        return None
    return round(distance((row.lon, row.lat), scene))


def _asks(camera_no: int, agreed: frozenset[int]) -> Asks:
    return "clip" if camera_no in agreed else "ask"


async def _agreed(conn: AsyncConnection, numbers: set[int], now: datetime) -> frozenset[int]:
    """Those of the cameras whose owner's consent to clips is in force."""
    given = await standing.of_cameras(conn, numbers, now) if numbers else {}
    return frozenset(
        no
        for no, those in given.items()
        if any(ConsentScope.CLIP in one.scopes and standing.in_force(one, now) for one in those)
    )
