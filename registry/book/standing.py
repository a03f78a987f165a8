"""What stands of one moment: every camera, the devices and places around them, as far as the actor may see them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, devices, placement, scope
from registry.columns import AnyRow
from registry.model import Actor
from registry.policy import Policy
from registry.scope import of_actor
from registry.store import Store
from registry.tables import cameras, placements, places
from registry.tables import devices as boxes
from registry.vault import Vault

OF_A_BOX = ("name", "type", "host", "vendor", "model", "username", "onvif_port")
OF_A_POINT = (
    "name",
    "kind",
    "lat",
    "lon",
    "coord_source",
    "bearing_deg",
    "view_angle_deg",
    "main_url",
    "sub_url",
    "tier",
    "enabled",
    "gb_id",
    "manager_unit",
    "owner_name",
    "owner_contact",
    "probe_mac",
    "note",
    "hamlet",
    "address",
    "pole",
    "record_mode",
    "record_stream",
    "record_days",
    "event_days",
)

Mark = tuple[int, ...]
"""Counts, highest numbers and sums of revisions: another one when any camera, device or place changed."""


@dataclass(frozen=True, slots=True)
class Box:
    """A device as it stands, or as it shall be; `values` are `OF_A_BOX`. `whole`: its cameras are all in the scope."""

    id: UUID
    values: Mapping[str, Any]
    sealed: str | None = field(default=None, repr=False)
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Point:
    """A camera as it stands, or as it shall be; `values` are `OF_A_POINT`. `seen`: it is in the scope.

    `placed` is what is told of its place (`placement.TOLD`), and whether there is a photo of its `sign`.
    """

    id: UUID
    device_id: UUID
    village_code: str
    values: Mapping[str, Any]
    placed: Mapping[str, Any]
    seen: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands: all cameras, the devices seen through the scope, the places' names and positions by code."""

    mark: Mark
    points: tuple[Point, ...]
    boxes: tuple[Box, ...]
    places: Mapping[str, str]
    positions: Mapping[str, tuple[float, float]]
    scope: scope.Scope
    law: Policy


async def standing(store: Store, actor: Actor) -> Standing:
    """What stands, of one moment, as far as the actor may see it."""
    async with store.read() as conn:
        mark = await mark_of(conn)
        ground = sa.select(places.c.no, places.c.code, places.c.name, places.c.lat, places.c.lon)
        codes = {row.no: row for row in await conn.execute(ground)}
        points = await conn.execute(
            sa.select(
                cameras.c.id,
                cameras.c.device_no,
                cameras.c.village_no,
                *(cameras.c[name] for name in OF_A_POINT),
                *(placements.c[name].label(f"placed_{name}") for name in placement.TOLD),
                placements.c.sign.is_not(None).label("placed_sign"),
            )
            .join(placements, placements.c.camera_no == cameras.c.no)
            .where(cameras.c.removed_at.is_(None))
        )
        held = points.all()
        found = await conn.execute(
            sa.select(boxes.c.no, boxes.c.id, boxes.c.password_sealed, *(boxes.c[name] for name in OF_A_BOX)).where(
                boxes.c.removed_at.is_(None)
            )
        )
        owned = found.all()
    # Twenty thousand rows are a second's work: not on the loop that everything else waits for.
    rows = _Rows(codes, held, owned)
    return await asyncio.to_thread(_standing, mark, rows, of_actor(actor), store.policy)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Places by number, cameras, devices."""

    places: Mapping[int, AnyRow]
    held: Sequence[AnyRow]
    owned: Sequence[AnyRow]


def _standing(mark: Mark, rows: _Rows, seen: scope.Scope, law: Policy) -> Standing:
    codes, held, owned = rows.places, rows.held, rows.owned
    used: dict[int, list[bool]] = {}
    for row in held:
        used.setdefault(row.device_no, []).append(seen.covers(codes[row.village_no].code))
    ids = {row.no: row.id for row in owned}
    return Standing(
        mark,
        tuple(
            Point(
                row.id,
                ids[row.device_no],
                codes[row.village_no].code,
                {name: getattr(row, name) for name in OF_A_POINT},
                {name: getattr(row, f"placed_{name}") for name in placement.BLANK},
                seen.covers(codes[row.village_no].code),
            )
            for row in held
        ),
        tuple(
            Box(
                row.id,
                {name: getattr(row, name) for name in OF_A_BOX},
                row.password_sealed,
                all(used.get(row.no, ())),
            )
            for row in owned
            if seen.everything or any(used.get(row.no, (bool(seen.prefixes),)))
        ),
        {row.code: row.name for row in codes.values()},
        {row.code: (row.lat, row.lon) for row in codes.values() if row.lat is not None and row.lon is not None},
        seen,
        law,
    )


async def exported(store: Store, actor: Actor, *, form: str) -> Standing:
    """What stands, to be handed out as a file: the audit row is written before."""
    found = await standing(store, actor)
    count = sum(point.seen for point in found.points)
    async with store.write() as conn:
        detail = audit.describe(form=form)
        await audit.append(conn, actor, "book.export", now=store.clock(), detail=detail, count=count)
    return found


async def mark_of(conn: AsyncConnection) -> Mark:
    """The mark of what stands now."""
    found: list[int] = []
    for table, number in (
        (cameras, cameras.c.no),
        (boxes, boxes.c.no),
        (places, places.c.no),
        (placements, placements.c.camera_no),
    ):
        row = (
            await conn.execute(
                sa.select(
                    sa.func.count(),
                    sa.func.coalesce(sa.func.max(number), 0),
                    sa.func.coalesce(sa.func.sum(table.c.revision), 0),
                ).select_from(table)
            )
        ).one()
        found += map(int, row)
    for table in (cameras, boxes):
        gone = sa.select(sa.func.count()).select_from(table).where(table.c.removed_at.is_not(None))
        found.append(int((await conn.execute(gone)).scalar_one()))
    return tuple(found)


def same_password(vault: Vault, box: Box, password: str) -> bool:
    """Whether a device's sealed password is this one. Raises Corrupt."""
    return box.sealed is not None and vault.unseal(box.sealed, devices.binding(box.id, box.values["host"])) == password


def differing(old: Point, new: Point) -> list[str]:
    """Which fields of a camera differ, without its placement."""
    found = [name for name in OF_A_POINT if old.values[name] != new.values[name]]
    found += ["village_code"] if old.village_code != new.village_code else []
    return found + (["device_id"] if old.device_id != new.device_id else [])


def differing_placed(old: Point | None, new: Point) -> list[str]:
    """Which fields of what is told of its place differ; of a new camera, those that say something."""
    before = placement.BLANK if old is None else old.placed
    return ["checklist" if one == "answers" else one for one in placement.TOLD if before[one] != new.placed[one]]
