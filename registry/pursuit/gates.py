"""A case's cameras on the strip: how many passed each in the case's time, and what was decided of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from registry import audit, entrances, motion
from registry.columns import to_ms
from registry.events import lawful
from registry.model import Access
from registry.pursuit import decisions, working
from registry.pursuit.candidates import StripQuery, so_far, span_of
from registry.pursuit.decisions import Decision
from registry.pursuit.moved import Index
from registry.reach import Reach
from registry.spans import length
from registry.store import Store
from registry.tables import cameras, events, places


@dataclass(frozen=True, slots=True)
class Gate:
    """A camera of the case with how many passed it in the case's time, and what was decided of them.

    `unwatched_s` of the `span_s` it was not analysed.
    """

    camera_id: UUID
    camera_name: str
    village_code: str
    village_name: str
    entrances: tuple[str, ...]
    lat: float | None
    lon: float | None
    passers: int
    decided: dict[Decision, int]
    unwatched_s: int
    span_s: int


MOST_GATES = 200


async def gates(store: Store, access: Access, case_id: UUID, query: StripQuery, *, index: Index) -> tuple[Gate, ...]:
    """The cameras of the case's places, those of entrances first, then by how many passed: `MOST_GATES` at most.

    Counts alone; the look is in the register. Raises as `strip`.
    """
    async with audit.refused(store, access, "case.gates", span=(query.since, query.until)):
        reach, now = working.reach(store, access), store.clock()
        async with store.read() as conn:
            case = await working.open_case(conn, store, access, case_id)
            span = span_of(case, reach, query, now)
            rows = (await conn.execute(_counted(reach, span), lawful.bound(store, now))).all()
            doors = await entrances.seen_by(conn, [row.no for row in rows])
            ordered = sorted(rows, key=lambda row: (not doors.get(row.no), -row.passers, row.name, row.no))[:MOST_GATES]
            made = await decisions.holding(conn, case.no)
            dark = await motion.unwatched(conn, {row.no: row.id for row in ordered}, so_far(span, now), now, index)
    by_camera: dict[UUID, list[Decision]] = {}
    for one in made.values():
        if span[0] <= one.seen_at < span[1]:
            by_camera.setdefault(one.camera_id, []).append(one.decision)
    found = tuple(
        Gate(
            camera_id=row.id,
            camera_name=row.name,
            village_code=row.code,
            village_name=row.village_name,
            entrances=doors.get(row.no, ()),
            lat=row.lat,
            lon=row.lon,
            passers=row.passers,
            decided={one: by_camera.get(row.id, []).count(one) for one in Decision if one is not Decision.OPEN},
            unwatched_s=round(length(one.span for one in dark[row.no]) / 1000),
            span_s=round((to_ms(span[1]) - to_ms(span[0])) / 1000),
        )
        for row in ordered
    )
    async with store.write() as conn:
        await audit.append(
            conn,
            access.actor,
            "case.gates",
            now=store.clock(),
            cameras=[one.camera_id for one in found if one.passers],
            span=span,
            purpose=access.purpose,
            count=sum(one.passers for one in found),
        )
    return found


def _counted(reach: Reach, span: tuple[datetime, datetime]) -> sa.Select[Any]:
    """The cameras the look reaches that take pictures, with how many events of each may be read."""
    passed = (
        sa.select(events.c.camera_no, sa.func.count().label("passers"))
        .where(
            events.c.started_at >= span[0],
            events.c.started_at < span[1],
            *lawful.within(reach),
            lawful.CONSENTED,
        )
        .group_by(events.c.camera_no)
        .subquery()
    )
    return (
        sa.select(
            cameras.c.no,
            cameras.c.id,
            cameras.c.name,
            cameras.c.lat,
            cameras.c.lon,
            places.c.code,
            places.c.name.label("village_name"),
            sa.func.coalesce(passed.c.passers, 0).label("passers"),
        )
        .join(places, places.c.no == cameras.c.village_no)
        .outerjoin(passed, passed.c.camera_no == cameras.c.no)
        .where(cameras.c.kind != "wifi_probe", cameras.c.removed_at.is_(None), *reach.places_and_cameras())
        .order_by(cameras.c.name, cameras.c.no)
    )
