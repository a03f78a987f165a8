"""Many cameras with their devices at once: what stands of one moment, and one transaction that changes all of it.

One transaction a camera would make a county's book a minute of disk syncs and leave half of it behind when the hub is
killed; so the rows are judged before, against `Standing`, and written in bulk only while nothing has changed since.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, changes, devices, gb_ids, scope
from registry.address import redact
from registry.audit import Entry
from registry.errors import Conflict
from registry.inputs import invalid
from registry.model import Actor, Kind, Level
from registry.scope import of_actor
from registry.store import Store, raise_revision
from registry.tables import cameras, places
from registry.tables import devices as boxes
from registry.vault import Vault
from registry.viewpoint import check_hosts, check_kind

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
)
_CHUNK = 500
_SERIALS = 99_999
"""Serial numbers of a kind in a county: `registry.gb_ids` shares them out so."""

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
    """A camera as it stands, or as it shall be; `values` are `OF_A_POINT`. `seen`: it is in the scope."""

    id: UUID
    device_id: UUID
    village_code: str
    values: Mapping[str, Any]
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


async def standing(store: Store, actor: Actor) -> Standing:
    """What stands, of one moment, as far as the actor may see it."""
    seen = of_actor(actor)
    async with store.read() as conn:
        mark = await _mark(conn)
        ground = sa.select(places.c.no, places.c.code, places.c.name, places.c.lat, places.c.lon)
        codes = {row.no: row for row in await conn.execute(ground)}
        points = await conn.execute(
            sa.select(
                cameras.c.id, cameras.c.device_no, cameras.c.village_no, *(cameras.c[name] for name in OF_A_POINT)
            ).where(cameras.c.removed_at.is_(None))
        )
        held = points.all()
        found = await conn.execute(
            sa.select(boxes.c.no, boxes.c.id, boxes.c.password_sealed, *(boxes.c[name] for name in OF_A_BOX)).where(
                boxes.c.removed_at.is_(None)
            )
        )
        owned = found.all()
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
    )


async def exported(store: Store, actor: Actor, *, form: str) -> Standing:
    """What stands, to be handed out as a file: the audit row is written before."""
    found = await standing(store, actor)
    count = sum(point.seen for point in found.points)
    async with store.write() as conn:
        detail = audit.describe(form=form)
        await audit.append(conn, actor, "book.export", now=store.clock(), detail=detail, count=count)
    return found


async def _mark(conn: AsyncConnection) -> Mark:
    found: list[int] = []
    for table in (cameras, boxes, places):
        row = (
            await conn.execute(
                sa.select(
                    sa.func.count(),
                    sa.func.coalesce(sa.func.max(table.c.no), 0),
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
    hosts = {one.box.id: one.box.values["host"] for one in orders.boxes}
    async with store.write() as conn:
        if await _mark(conn) != expected:
            return False
        now = store.clock()
        await raise_revision(conn)
        villages = await _villages(conn, {one.point.village_code for one in orders.points}, actor)
        entries = [Entry("book.import", detail=audit.describe(**detail), count=len(orders.points))]
        entries += await _write_boxes(conn, vault, orders.boxes, actor, now)
        known = await conn.execute(sa.select(boxes.c.id, boxes.c.no, boxes.c.host).where(boxes.c.removed_at.is_(None)))
        owners = {row.id: row for row in known}
        for one in orders.points:
            check(one.point, hosts.get(one.point.device_id) or owners[one.point.device_id].host)
        numbers = {identity: row.no for identity, row in owners.items()}
        points = await _with_gb_ids(conn, orders.points)
        entries += await _write_points(conn, points, numbers, villages, now, tell=tell)
        await audit.append_all(conn, actor, entries, now=now)
    return True


async def _villages(conn: AsyncConnection, codes: set[str], actor: Actor) -> dict[str, int]:
    for code in sorted(codes):
        scope.require(actor, code)
    found = await conn.execute(sa.select(places.c.code, places.c.no).where(places.c.level == Level.VILLAGE.value))
    numbers = {row.code: row.no for row in found}
    for code in sorted(codes - numbers.keys()):
        raise invalid("village_code", "village_unknown", f"no village has the code {code}; add it first")
    return {code: numbers[code] for code in codes}


async def _write_boxes(
    conn: AsyncConnection, vault: Vault, orders: Sequence[BoxOrder], actor: Actor, now: datetime
) -> list[Entry]:
    added: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    entries: list[Entry] = []
    for order in orders:
        box, old = order.box, order.old
        plain = order.password.get_secret_value() if order.password else ""
        sealed = vault.seal(plain, devices.binding(box.id, box.values["host"])) if plain else None
        if old is None:
            added.append({**box.values, "id": box.id, "password_sealed": sealed, "created_at": now})
            detail = audit.describe(device=box.id, name=box.values["name"], host=box.values["host"])
            entries.append(Entry("device.create", detail=detail))
            continue
        no = (await devices.row_of(conn, box.id, of_actor(actor))).no
        await devices.require_whole(conn, no, actor)
        moved = box.values["host"] != old.values["host"]
        if moved:
            await _move_urls(conn, no, box.values["host"])
        kept = None if moved else old.sealed
        changed.append(
            {**{f"to_{name}": value for name, value in box.values.items()}, "at_no": no, "to_sealed": sealed or kept}
        )
        said = changes.told(old.values, box.values)
        said["changed"] = sorted([*said["changed"], *(["password"] if plain else [])])
        detail = audit.describe(device=box.id, host=box.values["host"], **said)
        entries.append(Entry("device.change", detail=detail))
    if added:
        await conn.execute(sa.insert(boxes), added)
    if changed:
        to: dict[str, Any] = {name: sa.bindparam(f"to_{name}") for name in OF_A_BOX}
        await conn.execute(
            sa.update(boxes)
            .where(boxes.c.no == sa.bindparam("at_no"))
            .values(**to, password_sealed=sa.bindparam("to_sealed"), revision=boxes.c.revision + 1),
            changed,
        )
    return entries


async def _move_urls(conn: AsyncConnection, device_no: int, host: str) -> None:
    """The streams of a device's cameras follow it, those too of which the book says nothing."""
    wanted = sa.select(cameras.c.no, cameras.c.main_url, cameras.c.sub_url).where(cameras.c.device_no == device_no)
    for row in (await conn.execute(wanted)).all():
        urls = {name: devices.with_host(url, host) for name in ("main_url", "sub_url") if (url := getattr(row, name))}
        if urls:
            await conn.execute(sa.update(cameras).where(cameras.c.no == row.no).values(urls))


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
        for order in orders[begin : begin + _CHUNK]:
            point, old = order.point, order.old
            values = {**point.values, "device_no": numbers[point.device_id], "village_no": villages[point.village_code]}
            if old is None:
                added.append({**values, "id": point.id, "created_at": now})
                detail = audit.describe(
                    name=values["name"], kind=values["kind"], village=point.village_code, source="book"
                )
                entries.append(Entry("camera.create", cameras=(point.id,), detail=detail))
            else:
                changed.append({**{f"to_{name}": value for name, value in values.items()}, "at_id": point.id})
                detail = audit.describe(**changes.told(_plain(old), _plain(point)), source="book")
                entries.append(Entry("camera.change", cameras=(point.id,), detail=detail))
        if added:
            await conn.execute(sa.insert(cameras), added)
        if changed:
            await conn.execute(update, changed)
        tell(min(begin + _CHUNK, len(orders)))
    return entries


def _plain(point: Point) -> dict[str, Any]:
    """A camera's fields as the register may hold them: whatever in an address looks like a secret is covered."""
    urls = {name: redact(url) for name in ("main_url", "sub_url") if (url := point.values[name])}
    return {**point.values, **urls, "village_code": point.village_code, "device_id": str(point.device_id)}


def differing(old: Point, new: Point) -> list[str]:
    """Which fields of a camera differ."""
    found = [name for name in OF_A_POINT if old.values[name] != new.values[name]]
    found += ["village_code"] if old.village_code != new.village_code else []
    return found + (["device_id"] if old.device_id != new.device_id else [])
