"""The cameras near a scene, by the time it takes to get there, and what there is of each in the case's window.

A look under the case itself, and on record: it tells of each camera when it was recorded and when analysis watched, but
shows nothing of what it saw. What is not known is told as such: a camera on no map, a direction nobody wrote down.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, cases, consents, entrances, motion, purposes
from registry.casework import reported
from registry.casework.around import box
from registry.casework.near import MOST, MOST_GAPS, Agreed, Facts, Lacking, Nearby, NearbyQuery, NearCamera
from registry.casework.sight import sees
from registry.columns import AnyRow, from_ms, to_ms
from registry.errors import Conflict, Denied
from registry.geometry import Position, distance
from registry.model import Access, Consent, ConsentScope, Kind
from registry.motion import Dark, Unwatched, Watches
from registry.reach import Reach
from registry.recordings import lawful
from registry.recordings.coverage import Coverage, coverage
from registry.recordings.lawful import Span
from registry.scope import Scope, in_scope, of_actor
from registry.spans import length, minus
from registry.store import Store
from registry.tables import cameras, case_cameras, devices, places
from registry.travel import How, Leg, Paces, Reached, ways

_WINDOW = timedelta(days=1)
_KINDS = (Kind.PUBLIC.value, Kind.SOCIAL.value, Kind.CIVILIAN.value)
_Way = tuple[int, Leg | None]
"""A camera's row number and how far it is; None for one on no map."""
_Near = tuple[AnyRow, Leg | None]
"""The same with the camera's row."""


async def nearby(
    store: Store, access: Access, paces: Paces, case_id: UUID, query: NearbyQuery, *, index: Watches
) -> Nearby:
    """The cameras near the scene of the case that is looked under.

    Raises Denied for a look under anything else, NotFound, Conflict (case_no_point) for a case of no point.
    """
    look = purposes.reach(store, access)
    within = paces.metres(query.mode, query.minutes)
    net = await ways(store)
    async with store.read() as conn:
        case = await cases.row_of(conn, case_id, access.actor)
        if access.purpose.case_id != case_id:
            raise Denied("this is looked at under the case itself; open it", code="purpose_case")
        start = await _point(conn, case.no)
        span = case.starts_at or store.clock() - _WINDOW, case.ends_at or store.clock()
        reached = await asyncio.to_thread(net.reach, start, within)
        near = _ordered(await _ways(conn, reached, within, of_actor(access.actor), look))
        rows = await _rows(conn, [number for number, _ in near[:MOST]])
        shown = [(rows[number], leg) for number, leg in near[:MOST]]
        found = await _told(conn, store, look, span, shown=shown, index=index)
        picked = sa.select(case_cameras.c.camera_no).where(case_cameras.c.case_no == case.no)
        chosen = set(await conn.scalars(picked))
    told = tuple(
        _camera(
            way,
            start,
            found,
            minutes=lambda metres: paces.minutes(query.mode, metres),
            chosen=way[0].no in chosen,
        )
        for way in shown
    )
    async with store.write() as conn:
        await audit.append(
            conn,
            access.actor,
            "case.nearby",
            now=store.clock(),
            cameras=[row.id for row, _ in shown],
            span=span,
            purpose=access.purpose,
            detail=audit.describe(case=case.number, mode=query.mode, minutes=query.minutes),
            count=len(told),
        )
    seconds = round((min(span[1], store.clock()) - span[0]).total_seconds())
    return Nearby(
        lat=start[1],
        lon=start[0],
        mode=query.mode,
        minutes=query.minutes,
        within_m=round(within),
        since=span[0],
        until=span[1],
        window_s=max(0, seconds),
        by_road=reached.spot is not None,
        cameras=told,
        more=len(near) - len(shown),
    )


async def _point(conn: AsyncConnection, case_no: int) -> Position:
    """Where it was reported; of a case that was opened otherwise, its first village."""
    told = await reported.newest(conn, case_no)
    if told is not None:
        return told.lon, told.lat
    first = await cases.first_point(conn, case_no)
    if first is None:
        raise Conflict("nobody said where it happened; give the case's village a point", code="case_no_point")
    return first


async def _ways(conn: AsyncConnection, reached: Reached, within_m: float, seen: Scope, look: Reach) -> list[_Way]:
    """Cameras with pictures that may be as near, and those of the case's villages that are on no map, as they come.

    Of a county few are near enough in the end: so their place is all that is read of them here.
    """
    unplaced = sa.and_(cameras.c.lat.is_(None), *look.places_and_cameras())
    wanted = (
        sa.select(cameras.c.no, cameras.c.lat, cameras.c.lon)
        .join(places, places.c.no == cameras.c.village_no)
        .where(
            cameras.c.removed_at.is_(None),
            cameras.c.kind.in_(_KINDS),
            in_scope(places.c.code, seen),
            sa.or_(box(cameras.c.lat, cameras.c.lon, reached.start, within_m), unplaced),
        )
    )
    rows = (await conn.execute(wanted)).all()

    def legs() -> list[_Way]:
        return [(no, None if lat is None else reached.leg((lon, lat))) for no, lat, lon in rows]

    return await asyncio.to_thread(legs)


async def _rows(conn: AsyncConnection, numbers: Sequence[int]) -> dict[int, AnyRow]:
    """All that is told of the nearest ones."""
    wanted = (
        sa.select(cameras, places.c.code, places.c.name.label("village_name"), devices.c.clock_offset_ms)
        .join(places, places.c.no == cameras.c.village_no)
        .join(devices, devices.c.no == cameras.c.device_no)
        .where(cameras.c.no.in_(numbers))
    )
    return {row.no: row for row in await conn.execute(wanted)}


def _ordered(every: Iterable[_Way]) -> list[_Way]:
    """By the way there; then those on no map, then those no way leads to. What is further than asked is left out."""
    rank = {How.ROAD: 0, How.STRAIGHT: 0, None: 1, How.UNREACHABLE: 2}
    kept = [one for one in every if one[1] is None or one[1].how is not How.BEYOND]

    def key(one: _Way) -> tuple[int, float, int]:
        number, leg = one
        return rank[leg.how if leg else None], (leg.metres or 0.0) if leg else 0.0, number

    return sorted(kept, key=key)


@dataclass(frozen=True, slots=True)
class _Found:
    """What is read of the cameras that are told, by row number."""

    look: Reach
    span: Span
    agreed: Mapping[int, Agreed]
    coverage: Mapping[int, Coverage]
    dark: Mapping[int, Sequence[Dark]]
    entrances: Mapping[int, Sequence[str]]


async def _told(
    conn: AsyncConnection, store: Store, look: Reach, span: Span, *, shown: Sequence[_Near], index: Watches
) -> _Found:
    rows = [row for row, _ in shown]
    known = [
        row for row, leg in shown if look.covers(row.code, row.id) and (leg is None or leg.how is not How.UNREACHABLE)
    ]
    given = await consents.asked(conn, store, rows)
    past = span[0], max(span[0], min(span[1], store.clock()))
    ids = {row.no: row.id for row in known}
    dark = await motion.unwatched(conn, ids, past, store.clock(), index, untold=True)
    return _Found(
        look=look,
        span=past,
        agreed={row.no: _agreed(store, given.get(row.no), span) for row in rows},
        coverage=await coverage(conn, store, [row.no for row in known], span, given),
        dark={number: _untold(store, given.get(number), past, some) for number, some in dark.items()},
        entrances=await entrances.seen_by(conn, [row.no for row in rows]),
    )


def _untold(store: Store, given: Sequence[Consent] | None, span: Span, dark: Sequence[Dark]) -> Sequence[Dark]:
    """With the times whose events the owner does not let be read: whatever analysis saw then, nothing is told of it."""
    if given is None:
        return dark
    agreed = lawful.agreed(given, span, store.clock(), store.tz, scope=ConsentScope.EVENTS)
    unread = minus([(to_ms(span[0]), to_ms(span[1]))], [(to_ms(begin), to_ms(end)) for begin, end in agreed])
    left = [Dark(*part, one.why) for one in dark for part in minus([one.span], unread)]
    return sorted([*left, *(Dark(*part, Unwatched.NO_CONSENT) for part in unread)], key=lambda one: one.since)


def _agreed(store: Store, given: Sequence[Consent] | None, span: Span) -> Agreed:
    if given is None:
        return Agreed.NOT_NEEDED
    spans = lawful.agreed(given, span, store.clock(), store.tz)
    if not spans:
        return Agreed.ASK
    return Agreed.GIVEN if spans == (span,) else Agreed.PARTLY


def _camera(
    way: _Near, start: Position, found: _Found, *, minutes: Callable[[float], float], chosen: bool
) -> NearCamera:
    row, leg = way
    facts = _facts(found, row.no)
    consent = found.agreed[row.no]
    metres = leg.metres if leg else None
    straight = None if row.lat is None else distance(start, (row.lon, row.lat))
    return NearCamera(
        camera_id=row.id,
        name=row.name,
        kind=Kind(row.kind),
        village_code=row.code,
        village_name=row.village_name,
        lat=row.lat,
        lon=row.lon,
        bearing_deg=row.bearing_deg,
        view_angle_deg=row.view_angle_deg,
        metres=None if metres is None else round(metres),
        how=leg.how if leg else None,
        minutes=None if metres is None else round(minutes(metres), 1),
        sees=None if straight is None else sees(row, start, straight),
        entrances=tuple(found.entrances.get(row.no, ())),
        reached=found.look.covers(row.code, row.id),
        consent=consent,
        playable=facts is not None and facts.recorded_s > 0 and consent is not Agreed.ASK,
        clock_offset_ms=row.clock_offset_ms,
        chosen=chosen,
        facts=facts,
    )


def _facts(found: _Found, camera_no: int) -> Facts | None:
    there = found.coverage.get(camera_no)
    if there is None:
        return None
    gaps = [Lacking(from_ms(one.since), from_ms(one.until), one.cause) for one in there.missing]
    dark = found.dark[camera_no]
    unwatched = [Lacking(from_ms(one.since), from_ms(one.until), one.why.value) for one in dark]
    window = to_ms(found.span[1]) - to_ms(found.span[0])
    return Facts(
        recorded_s=length(there.recorded) // 1000,
        on_event=there.on_event,
        gaps=_longest(gaps),
        more_gaps=max(0, len(gaps) - MOST_GAPS),
        analysed_s=(window - length(one.span for one in dark)) // 1000,
        unwatched=_longest(unwatched),
        more_unwatched=max(0, len(unwatched) - MOST_GAPS),
    )


def _longest(every: Sequence[Lacking]) -> tuple[Lacking, ...]:
    kept = sorted(every, key=lambda one: one.since - one.until)[:MOST_GAPS]
    return tuple(sorted(kept, key=lambda one: one.since))
