"""Stations and teams: two hierarchies over one set of villages (双线管理, L16).

A village belongs to one station (派出所) and to one team. Teams are a tree of three levels: brigade (大队), squadron
(中队), group (小组); each stands under one of a higher level, or under none. Who is granted a unit sees its villages
and those below it, so a change here changes what people see: villages are added only by somebody who sees them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, scope
from registry.columns import AnyRow
from registry.errors import Conflict, NotFound
from registry.grants import line_of
from registry.inputs import Input, Name, VillageCode, invalid
from registry.model import Actor, Level, Line, Unit, UnitKind
from registry.store import Store
from registry.tables import places, unit_grants, unit_members, unit_villages, units

Villages = Annotated[tuple[VillageCode, ...], Field(max_length=2000)]
_TEAMS = (UnitKind.BRIGADE, UnitKind.SQUADRON, UnitKind.GROUP)
_PARENT = units.alias("parent")
_SELECT = (
    sa.select(units, _PARENT.c.id.label("parent_id"))
    .outerjoin(_PARENT, _PARENT.c.no == units.c.parent_no)
    .order_by(units.c.name, units.c.no)
)


class NewUnit(Input):
    """A station or team to add. `parent_id`: the team above it, of a higher level; a station has none."""

    kind: UnitKind
    name: Name
    parent_id: UUID | None = None
    villages: Villages = ()


class UnitChange(Input):
    """Another name; and, where given, its villages in place of those it had."""

    name: Name | None = None
    villages: Villages | None = None


async def _with_villages(conn: AsyncConnection, rows: Sequence[AnyRow]) -> tuple[Unit, ...]:
    found: dict[int, list[str]] = {}
    wanted = (
        sa.select(unit_villages.c.unit_no, places.c.code)
        .join(places, places.c.no == unit_villages.c.village_no)
        .where(unit_villages.c.unit_no.in_([row.no for row in rows]))
        .order_by(places.c.code)
    )
    for row in await conn.execute(wanted):
        found.setdefault(row.unit_no, []).append(row.code)
    return tuple(
        Unit(row.no, row.id, UnitKind(row.kind), row.name, row.parent_id, tuple(found.get(row.no, ()))) for row in rows
    )


async def _one(conn: AsyncConnection, unit_id: UUID) -> Unit:
    rows = (await conn.execute(_SELECT.where(units.c.id == unit_id))).all()
    if not rows:
        raise NotFound("no such station or team", code="unit_unknown")
    return (await _with_villages(conn, rows))[0]


async def list_units(store: Store) -> tuple[Unit, ...]:
    """Every station and team, by name."""
    async with store.read() as conn:
        return await standing(conn)


async def standing(conn: AsyncConnection) -> tuple[Unit, ...]:
    """`list_units` in the caller's transaction."""
    return await _with_villages(conn, (await conn.execute(_SELECT)).all())


async def get(store: Store, unit_id: UUID) -> Unit:
    """One station or team. Raises NotFound."""
    async with store.read() as conn:
        return await _one(conn, unit_id)


async def create(store: Store, new: NewUnit, actor: Actor) -> Unit:
    """Add a station or team. Raises Conflict (unit_exists), Invalid for its parent or a village, Denied."""
    async with store.write() as conn:
        return await create_in(conn, store, new, actor)


async def create_in(conn: AsyncConnection, store: Store, new: NewUnit, actor: Actor) -> Unit:
    """`create` in the caller's transaction."""
    now, identity = store.clock(), uuid7()
    parent_no = await _parent_no(conn, new)
    await _require_name(conn, new.kind, new.name, parent_no)
    values = {"kind": new.kind.value, "name": new.name, "parent_no": parent_no}
    row = sa.insert(units).values(id=identity, created_at=now, **values).returning(units.c.no)
    await _assign(conn, int(await conn.scalar(row) or 0), line_of(new.kind), new.villages, actor)
    detail = audit.describe(unit=identity, **new.model_dump(mode="json"))
    await audit.append(conn, actor, "unit.create", now=now, detail=detail)
    return await _one(conn, identity)


async def change(store: Store, unit_id: UUID, wanted: UnitChange, actor: Actor) -> Unit:
    """Rename a unit, or give it other villages; one that another unit of its line had comes from there.

    Raises NotFound, Conflict (unit_exists), Invalid (village_unknown), Denied for a village outside the actor's scope.
    """
    async with store.write() as conn:
        return await change_in(conn, store, unit_id, wanted, actor)


async def change_in(conn: AsyncConnection, store: Store, unit_id: UUID, wanted: UnitChange, actor: Actor) -> Unit:
    """`change` in the caller's transaction."""
    old = await _one(conn, unit_id)
    if wanted.name is not None and wanted.name != old.name:
        parent_no = await conn.scalar(sa.select(units.c.parent_no).where(units.c.no == old.no))
        await _require_name(conn, old.kind, wanted.name, parent_no)
        await conn.execute(sa.update(units).where(units.c.no == old.no).values(name=wanted.name))
    if wanted.villages is not None:
        await _assign(conn, old.no, line_of(old.kind), wanted.villages, actor)
    before = {} if wanted.villages is None else {"before": list(old.villages)}
    detail = audit.describe(unit=unit_id, name_before=old.name, **wanted.model_dump(exclude_unset=True), **before)
    await audit.append(conn, actor, "unit.change", now=store.clock(), detail=detail)
    return await _one(conn, unit_id)


async def remove(store: Store, unit_id: UUID, actor: Actor) -> None:
    """Remove a unit that nothing belongs to. Raises NotFound, Conflict (unit_in_use) with what stands in the way."""
    async with store.write() as conn:
        old = await _one(conn, unit_id)
        for by, column in (
            ("units", units.c.parent_no),
            ("villages", unit_villages.c.unit_no),
            ("members", unit_members.c.unit_no),
            ("grants", unit_grants.c.unit_no),
        ):
            if await conn.scalar(sa.select(sa.literal(1)).where(column == old.no).limit(1)):
                raise Conflict(f"{old.name} still has {by}; take them away first", code="unit_in_use", by=by)
        await conn.execute(sa.delete(units).where(units.c.no == old.no))
        detail = audit.describe(unit=unit_id, kind=old.kind, name=old.name)
        await audit.append(conn, actor, "unit.remove", now=store.clock(), detail=detail)


async def _parent_no(conn: AsyncConnection, new: NewUnit) -> int | None:
    if new.parent_id is None:
        return None
    row = (await conn.execute(sa.select(units.c.no, units.c.kind).where(units.c.id == new.parent_id))).one_or_none()
    if row is None:
        raise invalid("parent_id", "unit_unknown", "no such team")
    if new.kind is UnitKind.STATION or row.kind not in _TEAMS[: _TEAMS.index(new.kind)]:
        raise invalid("parent_id", "unit_level", "a team stands under one of a higher level, a station under none")
    return int(row.no)


async def _require_name(conn: AsyncConnection, kind: UnitKind, name: str, parent_no: int | None) -> None:
    same = sa.select(units.c.no).where(
        units.c.kind == kind.value, units.c.name == name, units.c.parent_no.is_not_distinct_from(parent_no)
    )
    if await conn.scalar(same.limit(1)) is not None:
        raise Conflict(f"there is a {kind} {name} already", code="unit_exists")


async def _assign(conn: AsyncConnection, number: int, line: Line, codes: Sequence[str], actor: Actor) -> None:
    """Give a unit these villages in place of those before; the actor must see whatever comes or goes."""
    had = sa.select(places.c.code).join(unit_villages, unit_villages.c.village_no == places.c.no)
    for code in {*await conn.scalars(had.where(unit_villages.c.unit_no == number))} ^ {*codes}:
        scope.require(actor, code)
    wanted = sa.select(places.c.code, places.c.no).where(
        places.c.code.in_(codes), places.c.level == Level.VILLAGE.value
    )
    known = {row.code: row.no for row in await conn.execute(wanted)}
    for at, code in enumerate(codes):
        if code not in known:
            raise invalid(f"villages.{at}", "village_unknown", f"no village has the code {code}; add it first")
    moved = sa.and_(unit_villages.c.line == line.value, unit_villages.c.village_no.in_(list(known.values())))
    await conn.execute(sa.delete(unit_villages).where(sa.or_(unit_villages.c.unit_no == number, moved)))
    if known:
        rows = [{"village_no": no, "line": line.value, "unit_no": number} for no in sorted(known.values())]
        await conn.execute(sa.insert(unit_villages), rows)
