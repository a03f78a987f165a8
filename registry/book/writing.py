"""One transaction that changes many cameras and devices: all that a book says, or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, changes, devices, gb_ids, placement, scope
from registry.address import redact
from registry.audit import Entry
from registry.book.standing import OF_A_BOX, OF_A_POINT, Box, Mark, Point, differing, differing_placed, mark_of
from registry.columns import AnyRow
from registry.errors import Conflict
from registry.inputs import invalid
from registry.model import Actor, Kind, Level
from registry.policy import Policy
from registry.store import Store, raise_revision
from registry.tables import cameras, places, registry_revision
from registry.tables import devices as boxes
from registry.vault import Vault
from registry.viewpoint import check_days, check_hosts, check_kind

_CHUNK = 500
DAYS = ("record_days", "event_days")
_SERIALS = 99_999
"""Serial numbers of a kind in a county: `registry.gb_ids` shares them out so."""


@dataclass(frozen=True, slots=True)
class BoxOrder:
    """A device to add (`old` is None) or to change; without `password` its own stays, unless its host changes."""

    box: Box
    old: Box | None
    password: SecretStr | None


@dataclass(frozen=True, slots=True)
class PointOrder:
    """A camera to add (`old` is None) or to change. `make_gb_id`: give it the next free one."""

    point: Point
    old: Point | None
    make_gb_id: bool = False


@dataclass(frozen=True, slots=True)
class Orders:
    """All that one book changes."""

    boxes: tuple[BoxOrder, ...]
    points: tuple[PointOrder, ...]


def check(point: Point, host: str) -> None:
    """What holds of every camera at its device. Raises Invalid."""
    values = dict(point.values)
    check_kind(Kind(values["kind"]), values)
    check_hosts(values, host)


async def write(
    store: Store,
    vault: Vault,
    orders: Orders,
    actor: Actor,
    *,
    expected: Mark,
    detail: Mapping[str, Any],
    tell: Callable[[int], None] = lambda _done: None,
) -> bool:
    """Change all of it, or nothing. False, with nothing changed, when the registry is no longer as `expected`.

    `tell` is called with how many cameras are written; `detail` goes into the audit row of the whole. Raises Denied
    for a village or device outside the actor's scope, Invalid, Conflict.
    """
    now = store.clock()
    # Sealing and describing take a while: before the transaction that others wait for, and beside the loop.
    made = await asyncio.to_thread(_boxes_of, vault, orders.boxes, now)
    async with store.write() as conn:
        # Whoever changes cameras or devices holds this row until the commit: what is compared now stays so.
        await conn.execute(sa.select(registry_revision.c.value).with_for_update())
        if await mark_of(conn) != expected:
            return False
        await raise_revision(conn)
        villages = await _villages(conn, {one.point.village_code for one in orders.points}, actor)
        entries = [Entry("book.import", detail=audit.describe(**detail), count=len(orders.points)), *made.entries]
        owners = await _write_boxes(conn, made, actor)
        await asyncio.to_thread(_check_all, orders.points, owners, store.policy)
        numbers = {identity: row.no for identity, row in owners.items()}
        points = await _with_gb_ids(conn, orders.points)
        entries += await _write_points(conn, points, numbers, villages, now, tell=tell)
        entries += await _write_placed(conn, store.policy, points, actor, now)
        await audit.append_all(conn, actor, entries, now=now)
    return True


def _check_all(orders: Sequence[PointOrder], owners: Mapping[UUID, AnyRow], law: Policy) -> None:
    for one in orders:
        check(one.point, owners[one.point.device_id].host)
        check_days_of(law, one.point.values, one.old)


def check_days_of(law: Policy, values: Mapping[str, Any], old: Point | None) -> None:
    """That the law allows the days a camera's row brings anew; what stands is bent to it anyhow. Raises Invalid."""
    fresh = {name: values[name] for name in DAYS if old is None or values[name] != old.values[name]}
    check_days(law.retention, Kind(values["kind"]), fresh)


async def _villages(conn: AsyncConnection, codes: set[str], actor: Actor) -> dict[str, int]:
    for code in sorted(codes):
        scope.require(actor, code)
    found = await conn.execute(sa.select(places.c.code, places.c.no).where(places.c.level == Level.VILLAGE.value))
    numbers = {row.code: row.no for row in found}
    for code in sorted(codes - numbers.keys()):
        raise invalid("village_code", "village_unknown", f"no village has the code {code}; add it first")
    return {code: numbers[code] for code in codes}


@dataclass(frozen=True, slots=True)
class _Boxes:
    """The devices' orders as rows: to insert, to change, and those that move (their new hosts)."""

    added: list[dict[str, Any]] = field(default_factory=list, repr=False)
    changed: dict[UUID, dict[str, Any]] = field(default_factory=dict, repr=False)
    moved: dict[UUID, str] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)


def _boxes_of(vault: Vault, orders: Sequence[BoxOrder], now: datetime) -> _Boxes:
    made = _Boxes()
    for order in orders:
        box, old, host = order.box, order.old, order.box.values["host"]
        plain = order.password.get_secret_value() if order.password else ""
        sealed = vault.seal(plain, devices.binding(box.id, host)) if plain else None
        if old is None:
            made.added.append({**box.values, "id": box.id, "password_sealed": sealed, "created_at": now})
            detail = audit.describe(device=box.id, name=box.values["name"], host=host)
            made.entries.append(Entry("device.create", detail=detail))
            continue
        values = {**box.values, "password_sealed": sealed or old.sealed}
        if host != old.values["host"]:
            made.moved[box.id] = host
            values["password_sealed"] = sealed
        made.changed[box.id] = {f"to_{name}": value for name, value in values.items()}
        said = changes.told(old.values, box.values)
        said["changed"] = sorted([*said["changed"], *(["password"] if plain else [])])
        made.entries.append(Entry("device.change", detail=audit.describe(device=box.id, host=host, **said)))
    return made


async def _write_boxes(conn: AsyncConnection, made: _Boxes, actor: Actor) -> dict[UUID, AnyRow]:
    """Write the devices; number and host of every device afterwards."""
    if made.added:
        await conn.execute(sa.insert(boxes), made.added)
    standing = sa.select(boxes.c.id, boxes.c.no, boxes.c.host).where(boxes.c.removed_at.is_(None))
    if not made.changed:
        return {row.id: row for row in await conn.execute(standing)}
    numbers = {row.id: row.no for row in await conn.execute(standing)}
    changed = [{**values, "at_no": numbers[identity]} for identity, values in made.changed.items()]
    await devices.require_whole(conn, [row["at_no"] for row in changed], actor)
    to: dict[str, Any] = {name: sa.bindparam(f"to_{name}") for name in (*OF_A_BOX, "password_sealed")}
    by_no = sa.update(boxes).where(boxes.c.no == sa.bindparam("at_no"))
    await conn.execute(by_no.values(**to, revision=boxes.c.revision + 1), changed)
    for identity, host in made.moved.items():
        await devices.move(conn, numbers[identity], host)
    return {row.id: row for row in await conn.execute(standing)}


async def _with_gb_ids(conn: AsyncConnection, orders: Sequence[PointOrder]) -> list[PointOrder]:
    """The orders with the ids made that are wanted: after the highest there is, past those the book itself brings."""
    brought = {order.point.values["gb_id"] for order in orders}
    last: dict[tuple[str, str], int] = {}
    done: list[PointOrder] = []
    for order in orders:
        point = order.point
        if not order.make_gb_id:
            done.append(order)
            continue
        kind = Kind(point.values["kind"])
        county = point.village_code[:6], kind.value
        if county not in last:
            last[county] = int(await gb_ids.next_free(conn, point.village_code, kind)) - 1
        made = last[county] + 1
        while str(made) in brought:
            made += 1
        last[county] = made
        if made % 10**6 >= gb_ids.NUMBERING[kind].first + _SERIALS:
            raise Conflict("all GB ids of this kind are given; write them into the book", code="gb_ids_full")
        values = {**point.values, "gb_id": str(made)}
        done.append(replace(order, point=replace(point, values=values)))
    return done


async def _write_points(
    conn: AsyncConnection,
    orders: Sequence[PointOrder],
    numbers: Mapping[UUID, int],
    villages: Mapping[str, int],
    now: datetime,
    *,
    tell: Callable[[int], None],
) -> list[Entry]:
    entries: list[Entry] = []
    to: dict[str, Any] = {name: sa.bindparam(f"to_{name}") for name in (*OF_A_POINT, "device_no", "village_no")}
    update = (
        sa.update(cameras).where(cameras.c.id == sa.bindparam("at_id")).values(**to, revision=cameras.c.revision + 1)
    )
    for begin in range(0, len(orders), _CHUNK):
        added: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        moved: list[UUID] = []
        for order in orders[begin : begin + _CHUNK]:
            point, old = order.point, order.old
            values = {**point.values, "device_no": numbers[point.device_id], "village_no": villages[point.village_code]}
            if old is None:
                added.append({**values, "id": point.id, "created_at": now})
                detail = audit.describe(
                    name=values["name"], kind=values["kind"], village=point.village_code, source="book"
                )
                entries.append(Entry("camera.create", cameras=(point.id,), detail=detail))
            elif order.make_gb_id or differing(old, point):
                changed.append({**{f"to_{name}": value for name, value in values.items()}, "at_id": point.id})
                detail = audit.describe(**changes.told(_plain(old), _plain(point)), source="book")
                entries.append(Entry("camera.change", cameras=(point.id,), detail=detail))
                if _where(old) != _where(point):
                    moved.append(point.id)
        if added:
            await conn.execute(sa.insert(cameras), added)
            await placement.begin(conn, await _numbers(conn, [row["id"] for row in added]))
        if changed:
            await conn.execute(update, changed)
            await placement.moved(conn, await _numbers(conn, moved), now)
        tell(min(begin + _CHUNK, len(orders)))
    return entries


async def _write_placed(
    conn: AsyncConnection, law: Policy, orders: Sequence[PointOrder], actor: Actor, now: datetime
) -> list[Entry]:
    wanted = [one.point for one in orders if differing_placed(one.old, one.point)]
    entries: list[Entry] = []
    for begin in range(0, len(wanted), _CHUNK):
        placed = {point.id: point.placed for point in wanted[begin : begin + _CHUNK]}
        entries += await placement.write_all(conn, law.placement, placed, actor, now)
    return entries


async def _numbers(conn: AsyncConnection, ids: Sequence[UUID]) -> Sequence[int]:
    return (await conn.scalars(sa.select(cameras.c.no).where(cameras.c.id.in_(ids)))).all() if ids else ()


def _where(point: Point) -> tuple[object, ...]:
    """Place and direction, as they are filed."""
    return point.village_code, *(point.values[name] for name in ("lat", "lon", "bearing_deg"))


def _plain(point: Point) -> dict[str, Any]:
    """A camera's fields as the register may hold them: whatever in an address looks like a secret is covered."""
    urls = {name: redact(url) for name in ("main_url", "sub_url") if (url := point.values[name])}
    return {**point.values, **urls, "village_code": point.village_code, "device_id": str(point.device_id)}
