"""What was changed on a camera, by whom and when, out of the register; and telling who was faster.

Only changes are here, never who looked at what: that is for those who may read the register itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.columns import AnyRow
from registry.errors import Conflict, NotFound
from registry.model import Role
from registry.scope import Scope, in_scope
from registry.store import Store
from registry.tables import audit, cameras, devices, places

_OF_CAMERAS = (
    "camera.create",
    "camera.change",
    "camera.replace",
    "camera.remove",
    "scene.put",
    "consent.create",
    "consent.withdraw",
)
_OF_DEVICES = ("device.change",)
_MOST = 200
PERSONAL = frozenset({"owner_name", "owner_contact", "note"})
"""Fields whose values the register does not repeat: what is known of a householder must be possible to forget."""
Json = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Changed:
    """One field, before and after; both None where values are not told (personal, or a first value)."""

    field: str
    old: Json
    new: Json


@dataclass(frozen=True, slots=True)
class Change:
    """One change: when, by whom, what was done, and to which fields."""

    at: datetime
    by: str
    role: Role | None
    unit: str
    action: str
    changed: tuple[Changed, ...]


def told(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """For an audit row's detail: which of `new`'s fields differ from `old`, with both values unless personal."""
    fields = sorted(name for name, value in new.items() if old.get(name) != value)
    shown = [name for name in fields if name not in PERSONAL]
    return {
        "changed": fields,
        "old": {name: old.get(name) for name in shown},
        "new": {name: new[name] for name in shown},
    }


async def list_changes(store: Store, camera_id: UUID, scope: Scope, *, limit: int = _MOST) -> tuple[Change, ...]:
    """The changes of a camera and of the box it is on, newest first. Raises NotFound outside the scope."""
    known = (
        sa.select(devices.c.id)
        .join(cameras, cameras.c.device_no == devices.c.no)
        .join(places, places.c.no == cameras.c.village_no)
        .where(cameras.c.id == camera_id, cameras.c.removed_at.is_(None), in_scope(places.c.code, scope))
    )
    async with store.read() as conn:
        device_id = await conn.scalar(known)
        if device_id is None:
            raise NotFound("no such camera", code="camera_unknown")
        wanted = _newest(sa.or_(_of_camera(camera_id), _of_device(device_id))).limit(min(limit, _MOST))
        return tuple(_change(row) for row in await conn.execute(wanted))


async def require_revision(
    conn: AsyncConnection, noun: Literal["camera", "device"], row: AnyRow, expected: int | None
) -> None:
    """Raise Conflict (`camera_stale`, `device_stale`) when somebody changed `row` since revision `expected`, with who.

    Call it in a transaction that began with `raise_revision`: writers wait for each other there.
    """
    if expected is None or expected == row.revision:
        return
    about = _of_device(row.id)
    if noun == "camera":
        # Another host of its device changes a camera's addresses.
        about = sa.or_(_of_camera(row.id), _of_device(row.device_id))
    last = (await conn.execute(_newest(about).limit(1))).one_or_none()
    raise Conflict(
        f"the {noun} was changed meanwhile; read it again",
        code=f"{noun}_stale",
        revision=row.revision,
        by=last.user_name if last else "",
        at=last.at.isoformat() if last else "",
    )


def _of_camera(camera_id: UUID) -> sa.ColumnElement[bool]:
    """Changes that name the camera; an id is long enough to be looked for as text."""
    return sa.and_(audit.c.action.in_(_OF_CAMERAS), sa.cast(audit.c.cameras, sa.Text).contains(str(camera_id)))


def _of_device(device_id: UUID) -> sa.ColumnElement[bool]:
    return sa.and_(audit.c.action.in_(_OF_DEVICES), audit.c.detail.contains(str(device_id)))


def _newest(about: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(audit).where(about).order_by(audit.c.no.desc())


def _change(row: AnyRow) -> Change:
    try:
        detail = json.loads(row.detail) if row.detail else {}
    except ValueError:
        # A detail longer than a row holds was cut.
        detail = {}
    # A box's host and user name are for those who look after it; that they changed explains a camera that is down.
    told_of = {} if row.action in _OF_DEVICES else detail
    old, new = told_of.get("old", {}), told_of.get("new", {})
    changed = tuple(Changed(name, old.get(name), new.get(name)) for name in detail.get("changed", ()))
    return Change(row.at, row.user_name, Role(row.role) if row.role else None, row.unit, row.action, changed)
