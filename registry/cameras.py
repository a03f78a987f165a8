"""Viewpoints: one camera of a device, in a village, of one of the four kinds."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
from pydantic import AfterValidator, Field, StringConstraints
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, devices, scope
from registry.address import check_url, split_credentials
from registry.columns import AnyRow
from registry.devices import STRICT, UrlPolicy
from registry.errors import Conflict, FieldError, Invalid, NotFound
from registry.inputs import Input, Latitude, Line, Longitude, Name, Short, Url, VillageCode, invalid
from registry.model import Actor, Camera, CameraStatus, Kind, Reason, State
from registry.orders import orders
from registry.places import village_no
from registry.scope import Scope, in_scope, of_actor, under
from registry.status import record_status, status_history
from registry.store import Store, raise_revision
from registry.tables import camera_status, cameras, places
from registry.tables import devices as device_rows
from registry.vault import Vault

__all__ = [
    "STRICT",
    "CameraChange",
    "NewCamera",
    "Tier",
    "UrlPolicy",
    "change",
    "create",
    "get",
    "list_cameras",
    "orders",
    "record_status",
    "remove",
    "status_history",
]


class Tier(StrEnum):
    """How much of a stream is decoded: chosen by its measured keyframe distance, or fixed."""

    AUTO = "auto"
    FULL = "full"
    KEYFRAMES = "keyframes"


def _mac(text: str) -> str:
    return text.lower().replace("-", ":")


Mac = Annotated[
    str,
    StringConstraints(pattern=r"^(|[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5})$", strip_whitespace=True),
    AfterValidator(_mac),
]
GbId = Annotated[str, StringConstraints(pattern=r"^[0-9]{20}$")]
Degrees = Annotated[float, Field(ge=0, lt=360, allow_inf_nan=False)]
ViewAngle = Annotated[float, Field(gt=0, le=360, allow_inf_nan=False)]


class NewCamera(Input):
    """A camera to register. Credentials inside a URL are taken out and sealed on the device."""

    device_id: UUID
    name: Name
    kind: Kind
    village_code: VillageCode
    lat: Latitude | None = None
    lon: Longitude | None = None
    bearing_deg: Degrees | None = None
    view_angle_deg: ViewAngle | None = None
    main_url: Url | None = None
    sub_url: Url | None = None
    tier: Tier = Tier.AUTO
    enabled: bool = True
    gb_id: GbId | None = None
    """GB/T 28181 id of 20 digits, where the camera has one already."""
    manager_unit: Short = ""
    owner_name: Short = ""
    owner_contact: Short = ""
    probe_mac: Mac = ""
    note: Line = ""


class CameraChange(Input):
    """What to change of a camera; what is not given stays. Its kind stays for ever: consents hang on it."""

    device_id: UUID | None = None
    name: Name | None = None
    village_code: VillageCode | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    bearing_deg: Degrees | None = None
    view_angle_deg: ViewAngle | None = None
    main_url: Url | None = None
    sub_url: Url | None = None
    tier: Tier | None = None
    enabled: bool | None = None
    gb_id: GbId | None = None
    manager_unit: Short | None = None
    owner_name: Short | None = None
    owner_contact: Short | None = None
    probe_mac: Mac | None = None
    note: Line | None = None


_NULLABLE = {"lat", "lon", "bearing_deg", "view_angle_deg", "main_url", "sub_url", "gb_id"}
_NEEDS = {
    Kind.PUBLIC: ("manager_unit",),
    Kind.SOCIAL: ("manager_unit",),
    Kind.WIFI_PROBE: ("probe_mac",),
    Kind.CIVILIAN: ("owner_name", "owner_contact"),
}
_URLS = ("main_url", "sub_url")

_SELECT = (
    sa.select(
        cameras,
        device_rows.c.id.label("device_id"),
        places.c.code.label("village_code"),
        places.c.name.label("village_name"),
        camera_status.c.state,
        camera_status.c.reason,
        camera_status.c.detail,
        camera_status.c.since,
        camera_status.c.codec,
        camera_status.c.width,
        camera_status.c.height,
        camera_status.c.fps,
        camera_status.c.last_frame_at,
    )
    .join(device_rows, device_rows.c.no == cameras.c.device_no)
    .join(places, places.c.no == cameras.c.village_no)
    .outerjoin(camera_status, camera_status.c.camera_no == cameras.c.no)
    .where(cameras.c.removed_at.is_(None))
)


def _camera(row: AnyRow) -> Camera:
    status = CameraStatus(
        state=State(row.state) if row.state else State.IDLE,
        reason=Reason(row.reason) if row.reason else None,
        detail=row.detail or "",
        since=row.since or row.created_at,
        codec=row.codec,
        width=row.width,
        height=row.height,
        fps=row.fps,
        last_frame_at=row.last_frame_at,
    )
    return Camera(
        no=row.no,
        id=row.id,
        device_no=row.device_no,
        device_id=row.device_id,
        name=row.name,
        kind=Kind(row.kind),
        village_no=row.village_no,
        village_code=row.village_code,
        village_name=row.village_name,
        lat=row.lat,
        lon=row.lon,
        bearing_deg=row.bearing_deg,
        view_angle_deg=row.view_angle_deg,
        main_url=row.main_url,
        sub_url=row.sub_url,
        tier=row.tier,
        enabled=row.enabled,
        gb_id=row.gb_id,
        manager_unit=row.manager_unit,
        owner_name=row.owner_name,
        owner_contact=row.owner_contact,
        probe_mac=row.probe_mac,
        note=row.note,
        created_at=row.created_at,
        status=status,
    )


async def list_cameras(
    store: Store,
    seen: Scope,
    *,
    village_prefix: str | None = None,
    kind: Kind | None = None,
    state: State | None = None,
    text: str | None = None,
) -> tuple[Camera, ...]:
    """Cameras in the scope, by village and name; `text` is looked for in names, whatever its case."""
    wanted = _SELECT.where(in_scope(places.c.code, seen)).order_by(places.c.code, cameras.c.name, cameras.c.no)
    if village_prefix is not None:
        wanted = wanted.where(under(places.c.code, village_prefix))
    if kind is not None:
        wanted = wanted.where(cameras.c.kind == kind.value)
    if state is not None:
        wanted = wanted.where(sa.func.coalesce(camera_status.c.state, State.IDLE.value) == state.value)
    if text:
        wanted = wanted.where(cameras.c.name.icontains(text, autoescape=True))
    async with store.read() as conn:
        return tuple(_camera(row) for row in await conn.execute(wanted))


async def _row(conn: AsyncConnection, camera_id: UUID, seen: Scope) -> AnyRow:
    row = (await conn.execute(_SELECT.where(cameras.c.id == camera_id, in_scope(places.c.code, seen)))).one_or_none()
    if row is None:
        raise NotFound("no such camera", code="camera_unknown")
    return row


async def get(store: Store, camera_id: UUID, seen: Scope) -> Camera:
    """One camera. Raises NotFound outside the scope."""
    async with store.read() as conn:
        return _camera(await _row(conn, camera_id, seen))


def _check_kind(kind: Kind, values: dict[str, Any]) -> None:
    """Each kind has fields it cannot be without; a WiFi probe has no picture."""
    wrong = [FieldError(name, "missing", f"a {kind} camera needs it") for name in _NEEDS[kind] if not values.get(name)]
    if kind is Kind.WIFI_PROBE:
        wrong += [FieldError(name, "no_video", "a WiFi probe has no stream") for name in _URLS if values.get(name)]
    elif values.get("probe_mac"):
        wrong.append(FieldError("probe_mac", "kind", "only a WiFi probe has it"))
    if (values.get("lat") is None) != (values.get("lon") is None):
        wrong.append(FieldError("lat", "position", "give lat and lon, or neither"))
    if wrong:
        raise Invalid("; ".join(f"{one.path}: {one.hint}" for one in wrong), *wrong)


def _clean_urls(given: dict[str, Any], policy: UrlPolicy) -> tuple[str, str]:
    """Take credentials out of the URLs in place and check what is left; returns (user name, password), or empty."""
    username = password = ""
    for name in _URLS:
        if not given.get(name):
            continue
        url, user, secret = split_credentials(given[name])
        check_url(url, allow_file=policy.allow_file, allow_loopback=policy.allow_loopback, field=name)
        if (user or secret) and (username or password) and (user, secret) != (username, password):
            raise invalid(name, "credentials", "both streams of a device sign in with the same user name and password")
        username, password = user or username, secret or password
        given[name] = url
    return username, password


def _check_hosts(values: dict[str, Any], host: str) -> None:
    """A sealed password goes to its device's host only, so the streams must be there."""
    for name in _URLS:
        parts = urlsplit(values.get(name) or "file:///")
        if parts.scheme != "file" and (parts.hostname or "").rstrip(".") != host.rstrip("."):
            raise invalid(
                name, "host", f"the stream must be at its device's host {host}; change the device's host first"
            )


async def _free_gb_id(conn: AsyncConnection, gb_id: str | None, but: int | None = None) -> None:
    taken = await conn.scalar(sa.select(cameras.c.no).where(cameras.c.gb_id == gb_id)) if gb_id else None
    if taken is not None and taken != but:
        raise Conflict(f"another camera has the GB id {gb_id}", code="gb_id_taken")


async def _seal_from_url(
    conn: AsyncConnection, vault: Vault, device: AnyRow, found: tuple[str, str], actor: Actor
) -> str | None:
    """Keep the credentials that stood in a URL on its device, sealed to the device and its host.

    Returns what the audit says of it, None where there were none.
    """
    username, password = found
    if not username and not password:
        return None
    await devices.require_whole(conn, device.no, actor)
    sealed = vault.seal(password, devices.binding(device.id, device.host)) if password else None
    await conn.execute(
        sa.update(device_rows).where(device_rows.c.no == device.no).values(username=username, password_sealed=sealed)
    )
    return audit.describe(device=device.id, changed=["password", "username"], source="url")


async def create(store: Store, vault: Vault, new: NewCamera, actor: Actor, *, policy: UrlPolicy = STRICT) -> Camera:
    """Register a camera in a village of the actor's scope.

    Raises Invalid (village, URL, what its kind needs), NotFound for the device, Denied outside the scope, Conflict for
    a GB id in use.
    """
    values = new.model_dump(mode="json", exclude={"device_id", "village_code"})
    found = _clean_urls(values, policy)
    _check_kind(new.kind, values)
    identity, now = uuid7(), store.clock()
    async with store.write() as conn:
        village = await village_no(conn, new.village_code)
        scope.require(actor, new.village_code)
        device = await devices.row_of(conn, new.device_id, of_actor(actor))
        _check_hosts(values, device.host)
        await _free_gb_id(conn, new.gb_id)
        sealed = await _seal_from_url(conn, vault, device, found, actor)
        await conn.execute(
            sa.insert(cameras).values(id=identity, device_no=device.no, village_no=village, created_at=now, **values)
        )
        await raise_revision(conn)
        detail = audit.describe(name=new.name, kind=new.kind, village=new.village_code)
        if sealed is not None:
            await audit.append(conn, actor, "device.change", now=now, detail=sealed)
        await audit.append(conn, actor, "camera.create", now=now, cameras=[identity], detail=detail)
        return _camera(await _row(conn, identity, scope.EVERYTHING))


async def change(
    store: Store, vault: Vault, camera_id: UUID, wanted: CameraChange, actor: Actor, *, policy: UrlPolicy = STRICT
) -> Camera:
    """Change a camera; the device may be replaced, history stays. Raises as `create` does."""
    values = wanted.model_dump(mode="json", exclude_unset=True)
    for name, value in values.items():
        if value is None and name not in _NULLABLE:
            raise invalid(name, "missing", "cannot be empty")
    found, now = _clean_urls(values, policy), store.clock()
    async with store.write() as conn:
        old = await _row(conn, camera_id, of_actor(actor))
        _check_kind(Kind(old.kind), {**old._asdict(), **values})
        device = await devices.row_of(conn, wanted.device_id or old.device_id, of_actor(actor))
        if wanted.village_code is not None:
            values["village_no"] = await village_no(conn, values.pop("village_code"))
            scope.require(actor, wanted.village_code)
        if values.pop("device_id", None) is not None:
            values["device_no"] = device.no
        _check_hosts({**old._asdict(), **values}, device.host)
        await _free_gb_id(conn, values.get("gb_id"), but=old.no)
        sealed = await _seal_from_url(conn, vault, device, found, actor)
        if values:
            await conn.execute(sa.update(cameras).where(cameras.c.no == old.no).values(values))
        await raise_revision(conn)
        detail = audit.describe(changed=sorted(wanted.model_fields_set), enabled=wanted.enabled)
        if sealed is not None:
            await audit.append(conn, actor, "device.change", now=now, detail=sealed)
        await audit.append(conn, actor, "camera.change", now=now, cameras=[camera_id], detail=detail)
        return _camera(await _row(conn, camera_id, scope.EVERYTHING))


async def remove(store: Store, camera_id: UUID, actor: Actor) -> None:
    """Take a camera out of use: its pull stops and it leaves every list; its events stay until they expire."""
    async with store.write() as conn:
        row = await _row(conn, camera_id, of_actor(actor))
        gone = {"removed_at": store.clock(), "enabled": False, "gb_id": None}
        await conn.execute(sa.update(cameras).where(cameras.c.no == row.no).values(gone))
        await raise_revision(conn)
        detail = audit.describe(name=row.name, gb_id=row.gb_id)
        await audit.append(conn, actor, "camera.remove", now=store.clock(), cameras=[camera_id], detail=detail)
