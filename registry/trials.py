"""Trying a camera's stream out: which one, as whom, and whether its owner lets us look now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa

from registry import audit, consents, devices
from registry.daytime import second_of_day
from registry.errors import Conflict, Denied, NotFound
from registry.model import Actor, Consent
from registry.scope import in_scope, of_actor
from registry.store import Store
from registry.tables import cameras, places
from registry.tables import devices as device_rows
from registry.vault import Vault


@dataclass(frozen=True, slots=True)
class Trial:
    """The stream to open, of a registered camera or not; `url` holds no credentials."""

    camera_id: UUID | None
    url: str
    username: str
    password: str = field(repr=False)
    onvif_port: int | None = None


async def ask(store: Store, host: str, port: int, actor: Actor) -> None:
    """Write to the audit that somebody asks a box over ONVIF, before it is: any host may be named."""
    async with store.write() as conn:
        detail = audit.describe(host=host, port=port)
        await audit.append(conn, actor, "device.ask", now=store.clock(), detail=detail)


async def search(store: Store, seconds: float, actor: Actor) -> None:
    """Write to the audit that somebody searches the hub's networks for boxes, before it is done."""
    async with store.write() as conn:
        await audit.append(conn, actor, "device.find", now=store.clock(), detail=audit.describe(seconds=seconds))


async def begin_at(store: Store, url: str, username: str, password: str, actor: Actor) -> Trial:
    """A trial of any address, registered or not; its host is in the audit, credentials and path are not.

    Where a householder's camera is registered at that host, his consent is needed as it is for the camera itself.
    Raises Denied (no_consent, outside_hours).
    """
    parts = urlsplit(url)
    host, now = (parts.hostname or "").rstrip("."), store.clock()
    at_host = (
        sa.select(cameras.c.no)
        .join(device_rows, device_rows.c.no == cameras.c.device_no)
        .where(cameras.c.removed_at.is_(None), cameras.c.kind.in_(sorted(store.policy.consent.needed)))
        .where(device_rows.c.host.in_((host, f"{host}.")))
        .order_by(cameras.c.no)
    )
    async with store.write() as conn:
        numbers = list(await conn.scalars(at_host))
        given = await consents.of_cameras(conn, numbers, now)
        for no in numbers:
            _require_consent(given[no], now, store)
        detail = audit.describe(host=host, port=parts.port, scheme=parts.scheme, signed=bool(username))
        await audit.append(conn, actor, "device.try", now=now, detail=detail)
    return Trial(None, url, username, password)


def _require_consent(given: Sequence[Consent], now: datetime, store: Store) -> None:
    halt = consents.halt(given, now, second_of_day(now, store.tz))
    if halt is not None:
        raise Denied("the owner does not agree to a look at his camera now", code=halt.value)


async def begin(
    store: Store,
    vault: Vault,
    device_id: UUID,
    actor: Actor,
    *,
    camera_id: UUID | None = None,
    stream: Literal["main", "sub"] = "sub",
) -> Trial:
    """The stream of the camera named, else of the device's first in the actor's scope; the trial is in the audit.

    A trial pulls, so a civilian camera needs its owner's consent now. Raises NotFound outside the scope, Denied
    (no_consent, outside_hours), Conflict (no_video) without such a stream, Corrupt for a password sealed elsewhere.
    """
    url = cameras.c.main_url if stream == "main" else cameras.c.sub_url
    wanted = (
        sa.select(
            cameras.c.no,
            cameras.c.id,
            cameras.c.kind,
            url.label("url"),
            device_rows.c.id.label("device_id"),
            device_rows.c.host,
            device_rows.c.username,
            device_rows.c.password_sealed,
            device_rows.c.onvif_port,
        )
        .join(device_rows, device_rows.c.no == cameras.c.device_no)
        .join(places, places.c.no == cameras.c.village_no)
        .where(device_rows.c.id == device_id, cameras.c.removed_at.is_(None))
        .where(in_scope(places.c.code, of_actor(actor)))
        .order_by(cameras.c.no)
        .limit(1)
    )
    if camera_id is not None:
        wanted = wanted.where(cameras.c.id == camera_id)
    now = store.clock()
    async with store.write() as conn:
        row = (await conn.execute(wanted)).one_or_none()
        if row is None:
            raise NotFound("the device has no such camera", code="camera_unknown")
        for given in (await consents.asked(conn, store, [row])).values():
            _require_consent(given, now, store)
        if row.url is None:
            raise Conflict(f"the camera has no {stream} stream; give its address first", code="no_video")
        password = devices.open_sealed(vault, row)
        detail = audit.describe(device=device_id, stream=stream)
        await audit.append(conn, actor, "device.test", now=now, cameras=[row.id], detail=detail)
    return Trial(row.id, row.url, row.username, password, row.onvif_port)
