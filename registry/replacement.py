"""A camera's box replaced by another: the viewpoint stays with all that hangs on it, only the box is new."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa

from registry import cameras, devices
from registry.cameras import CameraChange
from registry.devices import STRICT, NewBox, NewDevice, UrlPolicy
from registry.inputs import Name, Url
from registry.model import Actor, Camera
from registry.scope import of_actor
from registry.store import Store, raise_revision
from registry.tables import devices as device_rows
from registry.vault import Vault
from registry.viewpoint import Revision


class Replacement(NewBox):
    """The new box, and where its streams are; a WiFi probe has none. Credentials in the addresses are sealed.

    Name and type are the old one's unless they are given.
    """

    name: Name | None = None
    main_url: Url | None = None
    sub_url: Url | None = None
    expected_revision: Revision | None = None


async def replace(
    store: Store, vault: Vault, camera_id: UUID, wanted: Replacement, actor: Actor, *, policy: UrlPolicy = STRICT
) -> Camera:
    """Put another box behind a camera; the old one goes when it has no other camera.

    Scene, consents, events, GB id and history stay. Raises as `cameras.change` does. The view may be another one now:
    its masks and zones have to be looked at.
    """
    async with store.write() as conn:
        await raise_revision(conn)
        now = store.clock()
        camera = await cameras.row_of(conn, camera_id, of_actor(actor))
        old = (await conn.execute(sa.select(device_rows).where(device_rows.c.no == camera.device_no))).one()
        given = wanted.model_dump(exclude_unset=True, exclude={"main_url", "sub_url", "expected_revision", "password"})
        named = {"type": old.type, **given, "name": wanted.name or old.name, "password": wanted.password}
        new = await devices.create_in(conn, vault, NewDevice.model_validate(named), actor, now=now, policy=policy)
        change = CameraChange(
            device_id=new.id,
            main_url=wanted.main_url,
            sub_url=wanted.sub_url,
            expected_revision=wanted.expected_revision,
        )
        await cameras.change_in(
            conn, vault, camera_id, change, actor, now=now, policy=policy, law=store.policy, action="camera.replace"
        )
        await devices.remove_empty(conn, old, actor, now)
        return cameras.of_row(await cameras.row_of(conn, camera_id, of_actor(actor)))
