"""The receipt of a withdrawal: what was stopped and destroyed, what went, and what is held until when (L5)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import consents
from registry.errors import NotFound
from registry.model import Actor, Internal
from registry.recordings import holds
from registry.scope import Scope, in_scope, of_actor
from registry.store import Store
from registry.tables import cameras, events, hold_cameras, patrol_marks, places, segments, withdrawals
from registry.tables import consents as consent_rows
from registry.tables import holds as hold_rows


@dataclass(frozen=True, slots=True)
class Kept:
    """How many events, recorded files, pictures of marks, small pictures, and days of the motion index."""

    events: int
    recordings: int
    marks: int
    stills: int
    motion: int


Files = Callable[[UUID], Awaitable[tuple[int, int]]]
"""Counts what has no rows and lies in files of a camera: its small pictures, and its days of the motion index."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a withdrawal did; `number` is what the owner names it by.

    `stopped`: the camera was disabled; `credentials`: its box's sign-in was destroyed. `purged` is what went so far of
    what was kept, `left` what is still there: held for a case, or to go by `purge_by`. Where another consent stands,
    nothing was stopped and what that one covers stays, so that `left` is None; `purge_by` is None where the camera
    needs no consent.
    """

    camera_no: Internal
    number: str
    consent_id: UUID
    owner_name: str
    camera_name: str
    village_name: str
    signed_at: datetime | None
    text_version: str
    at: datetime
    by_owner: bool
    stopped: bool
    credentials: bool
    purge_by: datetime | None
    purged: Kept
    left: Kept | None
    held_until: datetime | None


async def withdraw(store: Store, consent_id: UUID, actor: Actor, files: Files) -> Receipt:
    """Withdraw a consent (`consents.withdraw`) and give its receipt: the same one, however often it is done."""
    await consents.withdraw(store, consent_id, actor)
    return await receipt(store, consent_id, of_actor(actor), files)


async def receipt(store: Store, consent_id: UUID, scope: Scope, files: Files) -> Receipt:
    """The receipt of a withdrawn consent as things stand now. Raises NotFound where there is none."""
    wanted = (
        sa.select(
            withdrawals,
            consent_rows.c.id,
            consent_rows.c.owner_name,
            consent_rows.c.signed_at,
            consent_rows.c.text_version,
            consent_rows.c.camera_no,
            cameras.c.id.label("camera_id"),
            cameras.c.name.label("camera_name"),
            places.c.name.label("village_name"),
        )
        .join(consent_rows, consent_rows.c.no == withdrawals.c.consent_no)
        .join(cameras, cameras.c.no == consent_rows.c.camera_no)
        .join(places, places.c.no == cameras.c.village_no)
        .where(consent_rows.c.id == consent_id, in_scope(places.c.code, scope))
    )
    async with store.read() as conn:
        row = (await conn.execute(wanted)).one_or_none()
        if row is None:
            raise NotFound(
                "no receipt: the consent is not withdrawn, or was before receipts were given", code="receipt"
            )
        rows = await _rows_left(conn, row.camera_no) if row.stopped else None
        held = await _held_until(conn, row.camera_no, store.clock()) if rows else None
    left = None if rows is None else Kept(*rows, *await files(row.camera_id))
    told: dict[str, Any] = {
        name: getattr(row, name)
        for name in (
            *("camera_no", "number", "owner_name", "camera_name", "village_name", "signed_at", "text_version"),
            *("at", "by_owner", "stopped", "credentials", "purge_by"),
        )
    }
    return Receipt(
        **told,
        consent_id=row.id,
        purged=Kept(row.events, row.recordings, row.marks, row.stills, row.motion),
        left=left,
        held_until=held,
    )


async def _rows_left(conn: AsyncConnection, camera_no: int) -> tuple[int, int, int]:
    """Events, recorded files and pictures of marks."""

    async def count(column: sa.Column[int], *where: sa.ColumnElement[bool]) -> int:
        return int(await conn.scalar(sa.select(sa.func.count()).where(column == camera_no, *where)) or 0)

    return (
        await count(events.c.camera_no),
        await count(segments.c.camera_no),
        await count(patrol_marks.c.camera_no, patrol_marks.c.snapshot.is_not(None)),
    )


async def _held_until(conn: AsyncConnection, camera_no: int, now: datetime) -> datetime | None:
    """Until when holds keep something of the camera, as things stand."""
    wanted = (
        sa.select(hold_rows.c.expires_at)
        .join(hold_cameras, hold_cameras.c.hold_no == hold_rows.c.no)
        .where(hold_cameras.c.camera_no == camera_no, holds.active(now))
        .order_by(hold_rows.c.expires_at.desc())
        .limit(1)
    )
    found: datetime | None = await conn.scalar(wanted)
    return found
