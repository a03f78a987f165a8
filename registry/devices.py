"""Boxes with an address and credentials: cameras, NVRs, encoders, WiFi probes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, changes
from registry.address import check_url
from registry.box import (
    STRICT,
    DeviceChange,
    DeviceType,
    Host,
    NewBox,
    NewDevice,
    Password,
    Port,
    UrlPolicy,
)
from registry.columns import AnyRow
from registry.errors import Conflict, Denied, NotFound
from registry.inputs import invalid
from registry.model import Actor, Device
from registry.scope import Scope, in_scope, of_actor
from registry.store import Store, raise_revision
from registry.tables import cameras, devices, places
from registry.vault import Vault

__all__ = [
    "STRICT",
    "DeviceChange",
    "DeviceType",
    "Host",
    "NewBox",
    "NewDevice",
    "Password",
    "Port",
    "UrlPolicy",
    "binding",
    "change",
    "create",
    "create_in",
    "credentials",
    "get",
    "list_devices",
    "list_off_clock",
    "move",
    "open_sealed",
    "remove",
    "remove_empty",
    "require_whole",
    "row_of",
    "set_clock_offset",
]


def _device(row: AnyRow) -> Device:
    return Device(
        no=row.no,
        id=row.id,
        name=row.name,
        type=row.type,
        host=row.host,
        vendor=row.vendor,
        model=row.model,
        username=row.username,
        has_password=row.password_sealed is not None,
        onvif_port=row.onvif_port,
        clock_offset_ms=row.clock_offset_ms,
        revision=row.revision,
        created_at=row.created_at,
    )


def binding(device_id: UUID, host: str) -> str:
    """What a device's password is sealed to: this box at this host."""
    return f"device:{device_id}:{host}"


def _seal(vault: Vault, device_id: UUID, host: str, password: SecretStr | None) -> str | None:
    plain = password.get_secret_value() if password else ""
    return vault.seal(plain, binding(device_id, host)) if plain else None


def _seen(scope: Scope) -> sa.ColumnElement[bool]:
    """A device is seen through its cameras; one without cameras is being set up, and seen by all who may see any."""
    if scope.everything:
        return sa.true()
    own = sa.select(sa.literal(1)).where(cameras.c.device_no == devices.c.no, cameras.c.removed_at.is_(None))
    inside = own.join_from(cameras, places, places.c.no == cameras.c.village_no).where(in_scope(places.c.code, scope))
    return sa.or_(inside.exists(), sa.and_(sa.literal(bool(scope.prefixes)), ~own.exists()))


async def row_of(conn: AsyncConnection, device_id: UUID, scope: Scope) -> AnyRow:
    """The device's row, sealed password included. Raises NotFound outside the scope."""
    wanted = sa.select(devices).where(devices.c.id == device_id, devices.c.removed_at.is_(None), _seen(scope))
    row = (await conn.execute(wanted)).one_or_none()
    if row is None:
        raise NotFound("no such device", code="device_unknown")
    return row


async def require_whole(conn: AsyncConnection, device_nos: Sequence[int], actor: Actor) -> None:
    """Raise Denied unless all the devices' cameras are in the actor's scope: host and password are theirs, too."""
    scope = of_actor(actor)
    outside = (
        sa.select(places.c.code)
        .join(cameras, cameras.c.village_no == places.c.no)
        .where(
            cameras.c.device_no.in_(device_nos),
            cameras.c.removed_at.is_(None),
            sa.not_(in_scope(places.c.code, scope)),
        )
        .limit(1)
    )
    code = await conn.scalar(outside)
    if code is not None:
        raise Denied(
            f"the device has a camera in {code}, outside your grants; ask an administrator",
            code="out_of_scope",
            place=code,
        )


async def list_devices(store: Store, scope: Scope, *, text: str | None = None) -> tuple[Device, ...]:
    """Devices with a camera in the scope, or with none yet; `text` is looked for in name and host."""
    wanted = (
        sa.select(devices).where(devices.c.removed_at.is_(None), _seen(scope)).order_by(devices.c.name, devices.c.no)
    )
    if text:
        wanted = wanted.where(
            sa.or_(devices.c.name.icontains(text, autoescape=True), devices.c.host.icontains(text, autoescape=True))
        )
    async with store.read() as conn:
        return tuple(_device(row) for row in await conn.execute(wanted))


async def list_off_clock(store: Store, beyond_ms: int) -> tuple[Device, ...]:
    """Devices whose clock was last measured more than `beyond_ms` away from the hub's."""
    wanted = sa.select(devices).where(
        devices.c.removed_at.is_(None), sa.func.abs(devices.c.clock_offset_ms) > beyond_ms
    )
    async with store.read() as conn:
        return tuple(_device(row) for row in await conn.execute(wanted.order_by(devices.c.no)))


async def get(store: Store, device_id: UUID, scope: Scope) -> Device:
    """One device. Raises NotFound outside the scope."""
    async with store.read() as conn:
        return _device(await row_of(conn, device_id, scope))


def _check_host(host: str, policy: UrlPolicy) -> None:
    shown = f"[{host}]" if ":" in host else host
    check_url(f"rtsp://{shown}/", allow_loopback=policy.allow_loopback, field="host")


async def create(store: Store, vault: Vault, new: NewDevice, actor: Actor, *, policy: UrlPolicy = STRICT) -> Device:
    """Register a box; its password is sealed to the box and its host. Raises Invalid for a loopback host."""
    async with store.write() as conn:
        await raise_revision(conn)
        return _device(await create_in(conn, vault, new, actor, now=store.clock(), policy=policy))


async def create_in(
    conn: AsyncConnection, vault: Vault, new: NewDevice, actor: Actor, *, now: datetime, policy: UrlPolicy
) -> AnyRow:
    """`create` in a transaction that began with `raise_revision`: the device's row."""
    _check_host(new.host, policy)
    identity = uuid7()
    values = new.model_dump(exclude={"password", "type"})
    sealed = _seal(vault, identity, new.host, new.password)
    await conn.execute(
        sa.insert(devices).values(id=identity, type=new.type.value, password_sealed=sealed, created_at=now, **values)
    )
    detail = audit.describe(device=identity, name=new.name, host=new.host)
    await audit.append(conn, actor, "device.create", now=now, detail=detail)
    return (await conn.execute(sa.select(devices).where(devices.c.id == identity))).one()


async def change(
    store: Store, vault: Vault, device_id: UUID, wanted: DeviceChange, actor: Actor, *, policy: UrlPolicy = STRICT
) -> Device:
    """Change a box. With another host its sealed password goes, and its cameras' URLs follow.

    Raises NotFound outside the actor's scope, Denied when one of its cameras is outside, Invalid, Conflict when
    somebody changed it since `expected_revision`.
    """
    values = wanted.model_dump(exclude_unset=True, exclude={"password", "expected_revision"})
    for name, value in values.items():
        if value is None and name != "onvif_port":
            raise invalid(name, "missing", "cannot be empty")
    if wanted.host is not None:
        _check_host(wanted.host, policy)
    async with store.write() as conn:
        await raise_revision(conn)
        old = await row_of(conn, device_id, of_actor(actor))
        await require_whole(conn, [old.no], actor)
        await changes.require_revision(conn, "device", old, wanted.expected_revision)
        said = changes.told(old._asdict(), values)
        host = values.get("host", old.host)
        if host != old.host:
            values["password_sealed"] = None
            await move(conn, old.no, host)
        if "password" in wanted.model_fields_set:
            values["password_sealed"] = _seal(vault, device_id, host, wanted.password)
            said["changed"] = sorted([*said["changed"], "password"])
        raised = sa.update(devices).where(devices.c.no == old.no).values(**values, revision=devices.c.revision + 1)
        await conn.execute(raised)
        detail = audit.describe(device=device_id, host=host, **said)
        await audit.append(conn, actor, "device.change", now=store.clock(), detail=detail)
        return _device((await conn.execute(sa.select(devices).where(devices.c.no == old.no))).one())


def _with_host(url: str, host: str) -> str:
    """`url` at another host, its port kept; a file: URL stays as it is."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return url
    shown = f"[{host}]" if ":" in host else host
    return urlunsplit(parts._replace(netloc=shown if parts.port is None else f"{shown}:{parts.port}"))


async def move(conn: AsyncConnection, device_no: int, host: str) -> None:
    """What follows a device to another host: its cameras' streams. How far off its clock is must be asked anew."""
    await conn.execute(sa.update(devices).where(devices.c.no == device_no).values(clock_offset_ms=None))
    wanted = sa.select(cameras.c.no, cameras.c.main_url, cameras.c.sub_url).where(cameras.c.device_no == device_no)
    for row in (await conn.execute(wanted)).all():
        urls = {name: _with_host(url, host) for name in ("main_url", "sub_url") if (url := getattr(row, name))}
        if urls:
            raised = {**urls, "revision": cameras.c.revision + 1}
            await conn.execute(sa.update(cameras).where(cameras.c.no == row.no).values(raised))


async def remove(store: Store, device_id: UUID, actor: Actor) -> None:
    """Remove a box without cameras and destroy its password. Raises NotFound, or Conflict while it has cameras."""
    async with store.write() as conn:
        await raise_revision(conn)
        row = await row_of(conn, device_id, of_actor(actor))
        if not await remove_empty(conn, row, actor, store.clock()):
            raise Conflict("remove the device's cameras first", code="device_in_use")


async def remove_empty(conn: AsyncConnection, row: AnyRow, actor: Actor, now: datetime) -> bool:
    """Remove the box of that row and destroy its password, unless it has cameras; whether it did."""
    used = sa.select(cameras.c.no).where(cameras.c.device_no == row.no, cameras.c.removed_at.is_(None)).limit(1)
    if await conn.scalar(used) is not None:
        return False
    gone = {"removed_at": now, "password_sealed": None}
    await conn.execute(sa.update(devices).where(devices.c.no == row.no).values(gone))
    await audit.append(conn, actor, "device.remove", now=now, detail=audit.describe(device=row.id, name=row.name))
    return True


async def destroy_sign_in(conn: AsyncConnection, device_no: int) -> None:
    """Forget how to sign in to a box, in a transaction that began with `raise_revision`."""
    gone = {"username": "", "password_sealed": None, "revision": devices.c.revision + 1}
    await conn.execute(sa.update(devices).where(devices.c.no == device_no).values(gone))


def open_sealed(vault: Vault, row: AnyRow) -> str:
    """The password of a device row (columns device_id, host, password_sealed). Raises Corrupt."""
    sealed: str | None = row.password_sealed
    return "" if sealed is None else vault.unseal(sealed, binding(row.device_id, row.host))


async def credentials(store: Store, vault: Vault, device_id: UUID) -> tuple[str, str]:
    """(user name, password) to sign in to a box with; never to be shown or logged. Raises NotFound, Corrupt."""
    wanted = sa.select(
        devices.c.id.label("device_id"), devices.c.host, devices.c.username, devices.c.password_sealed
    ).where(devices.c.id == device_id, devices.c.removed_at.is_(None))
    async with store.read() as conn:
        row = (await conn.execute(wanted)).one_or_none()
    if row is None:
        raise NotFound("no such device", code="device_unknown")
    return row.username, open_sealed(vault, row)


async def set_clock_offset(store: Store, device_id: UUID, offset_ms: int | None) -> None:
    """Keep how far a box's clock is ahead of the hub's, in milliseconds, as measured."""
    async with store.write() as conn:
        await raise_revision(conn)
        done = await conn.execute(sa.update(devices).where(devices.c.id == device_id).values(clock_offset_ms=offset_ms))
        if done.rowcount == 0:
            raise NotFound("no such device", code="device_unknown")
