"""Viewpoints: one camera of a device, in a village, of one of the four kinds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, changes, devices, placement, position, scope
from registry.address import redact
from registry.columns import AnyRow
from registry.devices import STRICT, UrlPolicy
from registry.errors import Conflict, NotFound
from registry.inputs import invalid
from registry.model import Actor, Camera, CameraStatus, Kind, PictureFault, Reason, RecordFault, State
from registry.orders import orders
from registry.places import village_no
from registry.policy import Policy
from registry.scope import Scope, in_scope, of_actor, under
from registry.status import record_status, status_history
from registry.store import Store, raise_revision
from registry.tables import camera_status, cameras, places
from registry.tables import devices as device_rows
from registry.vault import Vault
from registry.viewpoint import NULLABLE, CameraChange, NewCamera, Tier, check_days, check_hosts, check_kind, clean_urls

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


WHERE = ("village_no", "lat", "lon", "bearing_deg")
"""Place and direction, as they were filed."""
_SELECT = (
    sa.select(
        cameras,
        device_rows.c.id.label("device_id"),
        places.c.code.label("village_code"),
        places.c.name.label("village_name"),
        places.c.lat.label("village_lat"),
        places.c.lon.label("village_lon"),
        camera_status.c.state,
        camera_status.c.reason,
        camera_status.c.detail,
        camera_status.c.since,
        camera_status.c.codec,
        camera_status.c.width,
        camera_status.c.height,
        camera_status.c.fps,
        camera_status.c.last_frame_at,
        camera_status.c.picture,
        camera_status.c.picture_since,
        camera_status.c.recording,
    )
    .join(device_rows, device_rows.c.no == cameras.c.device_no)
    .join(places, places.c.no == cameras.c.village_no)
    .outerjoin(camera_status, camera_status.c.camera_no == cameras.c.no)
    .where(cameras.c.removed_at.is_(None))
)


def of_row(row: AnyRow) -> Camera:
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
        picture=PictureFault(row.picture) if row.picture else None,
        picture_since=row.picture_since,
        recording=RecordFault(row.recording) if row.recording else None,
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
        hamlet=row.hamlet,
        address=row.address,
        pole=row.pole,
        coord_source=row.coord_source,
        record_mode=row.record_mode,
        record_stream=row.record_stream,
        record_days=row.record_days,
        event_days=row.event_days,
        revision=row.revision,
        warnings=position.warnings(row.lat, row.lon, (row.village_lat, row.village_lon)),
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
    """Cameras in the scope, by village and name.

    `text` is looked for, whatever its case, in name, hamlet, address, number of the pole and GB id.
    """
    wanted = _SELECT.where(in_scope(places.c.code, seen)).order_by(places.c.code, cameras.c.name, cameras.c.no)
    if village_prefix is not None:
        wanted = wanted.where(under(places.c.code, village_prefix))
    if kind is not None:
        wanted = wanted.where(cameras.c.kind == kind.value)
    if state is not None:
        wanted = wanted.where(sa.func.coalesce(camera_status.c.state, State.IDLE.value) == state.value)
    if text:
        looked_in = (cameras.c.name, cameras.c.hamlet, cameras.c.address, cameras.c.pole, cameras.c.gb_id)
        wanted = wanted.where(sa.or_(*(column.icontains(text, autoescape=True) for column in looked_in)))
    async with store.read() as conn:
        return tuple(of_row(row) for row in await conn.execute(wanted))


async def row_of(conn: AsyncConnection, camera_id: UUID, seen: Scope) -> AnyRow:
    row = (await conn.execute(_SELECT.where(cameras.c.id == camera_id, in_scope(places.c.code, seen)))).one_or_none()
    if row is None:
        raise NotFound("no such camera", code="camera_unknown")
    return row


async def get(store: Store, camera_id: UUID, seen: Scope) -> Camera:
    """One camera. Raises NotFound outside the scope."""
    async with store.read() as conn:
        return of_row(await row_of(conn, camera_id, seen))


async def _free_gb_id(conn: AsyncConnection, gb_id: str | None, but: int | None = None) -> None:
    taken = await conn.scalar(sa.select(cameras.c.no).where(cameras.c.gb_id == gb_id)) if gb_id else None
    if taken is not None and taken != but:
        raise Conflict(f"another camera has the GB id {gb_id}", code="gb_id_taken")


async def _seal_from_url(
    conn: AsyncConnection, vault: Vault, device: AnyRow, found: tuple[str, str], *, actor: Actor, now: datetime
) -> None:
    """Keep the credentials that stood in a URL on its device, sealed to the device and its host."""
    username, password = found
    if not username and not password:
        return
    await devices.require_whole(conn, [device.no], actor)
    sealed = vault.seal(password, devices.binding(device.id, device.host)) if password else None
    values = {"username": username, "password_sealed": sealed, "revision": device_rows.c.revision + 1}
    await conn.execute(sa.update(device_rows).where(device_rows.c.no == device.no).values(values))
    detail = audit.describe(device=device.id, changed=["password", "username"], source="url")
    await audit.append(conn, actor, "device.change", now=now, detail=detail)


async def create(store: Store, vault: Vault, new: NewCamera, actor: Actor, *, policy: UrlPolicy = STRICT) -> Camera:
    """Register a camera in a village of the actor's scope.

    Raises Invalid (village, URL, position, what its kind needs, days the law does not allow), NotFound for the device,
    Denied outside the scope, Conflict for a GB id in use.
    """
    async with store.write() as conn:
        await raise_revision(conn)
        identity = await create_in(conn, vault, new, actor, now=store.clock(), policy=policy, law=store.policy)
        return of_row(await row_of(conn, identity, scope.EVERYTHING))


async def create_in(
    conn: AsyncConnection, vault: Vault, new: NewCamera, actor: Actor, *, now: datetime, policy: UrlPolicy, law: Policy
) -> UUID:
    """`create` in a transaction that began with `raise_revision`: the camera's id."""
    values = new.model_dump(mode="json", exclude={"device_id", "village_code"})
    found = clean_urls(values, policy)
    position.keep(values)
    check_kind(new.kind, values)
    check_days(law.retention, new.kind, values)
    village = await village_no(conn, new.village_code)
    scope.require(actor, new.village_code)
    await position.check(conn, values, new.village_code)
    device = await devices.row_of(conn, new.device_id, of_actor(actor))
    check_hosts(values, device.host)
    await _free_gb_id(conn, new.gb_id)
    await _seal_from_url(conn, vault, device, found, actor=actor, now=now)
    identity = uuid7()
    made = sa.insert(cameras).values(id=identity, device_no=device.no, village_no=village, created_at=now, **values)
    await placement.begin(conn, [(await conn.execute(made.returning(cameras.c.no))).scalar_one()])
    detail = audit.describe(name=new.name, kind=new.kind, village=new.village_code)
    await audit.append(conn, actor, "camera.create", now=now, cameras=[identity], detail=detail)
    return identity


async def change(
    store: Store, vault: Vault, camera_id: UUID, wanted: CameraChange, actor: Actor, *, policy: UrlPolicy = STRICT
) -> Camera:
    """Change a camera; the device may be replaced, history stays.

    Raises as `create` does, and Conflict when somebody changed it since `expected_revision`.
    """
    async with store.write() as conn:
        await raise_revision(conn)
        await change_in(conn, vault, camera_id, wanted, actor, now=store.clock(), policy=policy, law=store.policy)
        return of_row(await row_of(conn, camera_id, scope.EVERYTHING))


async def change_in(
    conn: AsyncConnection,
    vault: Vault,
    camera_id: UUID,
    wanted: CameraChange,
    actor: Actor,
    *,
    now: datetime,
    policy: UrlPolicy,
    law: Policy,
    action: str = "camera.change",
) -> None:
    """`change` in a transaction that began with `raise_revision`; `action` is what the register calls it."""
    values = wanted.model_dump(mode="json", exclude_unset=True, exclude={"expected_revision"})
    for name, value in values.items():
        if value is None and name not in NULLABLE:
            raise invalid(name, "missing", "cannot be empty")
    found = clean_urls(values, policy)
    position.keep(values)
    old = await row_of(conn, camera_id, of_actor(actor))
    await changes.require_revision(conn, "camera", old, wanted.expected_revision)
    check_kind(Kind(old.kind), {**old._asdict(), **values})
    check_days(law.retention, Kind(old.kind), values)
    device = await devices.row_of(conn, wanted.device_id or old.device_id, of_actor(actor))
    said = changes.told({**_plain(old._asdict()), "device_id": str(old.device_id)}, _plain(values))
    if wanted.village_code is not None:
        values["village_no"] = await village_no(conn, values.pop("village_code"))
        scope.require(actor, wanted.village_code)
    await position.check(conn, values, wanted.village_code or old.village_code)
    if values.pop("device_id", None) is not None:
        values["device_no"] = device.no
    check_hosts({**old._asdict(), **values}, device.host)
    await _free_gb_id(conn, values.get("gb_id"), but=old.no)
    await _seal_from_url(conn, vault, device, found, actor=actor, now=now)
    raised = sa.update(cameras).where(cameras.c.no == old.no).values(**values, revision=cameras.c.revision + 1)
    await conn.execute(raised)
    if any(values.get(name, getattr(old, name)) != getattr(old, name) for name in WHERE):
        await placement.moved(conn, [old.no], now)
    await audit.append(conn, actor, action, now=now, cameras=[camera_id], detail=audit.describe(**said))


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as the register may hold them: whatever in an address looks like a secret is covered."""
    return {**values, **{name: redact(url) for name in ("main_url", "sub_url") if (url := values.get(name))}}


async def remove(store: Store, camera_id: UUID, actor: Actor) -> None:
    """Take a camera out of use: its pull stops and it leaves every list; its events stay until they expire."""
    async with store.write() as conn:
        await raise_revision(conn)
        row = await row_of(conn, camera_id, of_actor(actor))
        gone = {"removed_at": store.clock(), "enabled": False, "gb_id": None}
        await conn.execute(sa.update(cameras).where(cameras.c.no == row.no).values(gone))
        detail = audit.describe(name=row.name, gb_id=row.gb_id)
        await audit.append(conn, actor, "camera.remove", now=store.clock(), cameras=[camera_id], detail=detail)
