"""Cameras as a pack and a report describe them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import consents
from registry.model import Consent, ConsentScope
from registry.store import Store
from registry.tables import cameras, devices, places


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """A camera. `consent` is the one in force that agrees to clips; `asks`: without one nothing of it may be seen.

    `masks_version` is the revision of its scene; `clock_offset_ms` its clock against the hub's, as last measured.
    """

    id: UUID
    gb_id: str | None
    name: str
    kind: str
    place_code: str
    place_name: str
    address: str
    lat: float | None
    lon: float | None
    bearing_deg: float | None
    vendor: str
    model: str
    masks_version: int
    masked_since: datetime | None
    clock_offset_ms: int | None
    manager_unit: str
    asks: bool
    consent: Consent | None


async def viewpoints(conn: AsyncConnection, store: Store, ids: Sequence[UUID]) -> tuple[Viewpoint, ...]:
    """The cameras, in this order; those that are not there are left out."""
    wanted = (
        sa.select(
            cameras,
            places.c.code,
            places.c.name.label("place_name"),
            devices.c.vendor,
            devices.c.model,
            devices.c.clock_offset_ms,
        )
        .join(places, places.c.no == cameras.c.village_no)
        .join(devices, devices.c.no == cameras.c.device_no)
        .where(cameras.c.id.in_(ids))
    )
    rows = {row.id: row for row in await conn.execute(wanted)}
    given = await consents.asked(conn, store, rows.values())
    now = store.clock()
    return tuple(
        Viewpoint(
            id=row.id,
            gb_id=row.gb_id,
            name=row.name,
            kind=row.kind,
            place_code=row.code,
            place_name=row.place_name,
            address=row.address,
            lat=row.lat,
            lon=row.lon,
            bearing_deg=row.bearing_deg,
            vendor=row.vendor,
            model=row.model,
            masks_version=row.scene_revision,
            masked_since=row.masked_since,
            clock_offset_ms=row.clock_offset_ms,
            manager_unit=row.manager_unit,
            asks=row.no in given,
            consent=next((one for one in given.get(row.no, ()) if _agrees(one, now)), None),
        )
        for row in (rows[one] for one in ids if one in rows)
    )


def _agrees(one: Consent, now: datetime) -> bool:
    return ConsentScope.CLIP in one.scopes and consents.in_force(one, now)
