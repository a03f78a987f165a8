"""Reading consents: a camera's, one, and what was done about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.columns import AnyRow
from registry.consents.machine import ConsentStep
from registry.consents.standing import SELECT, read
from registry.errors import NotFound
from registry.model import Consent
from registry.scope import Scope, in_scope
from registry.store import Store
from registry.tables import cameras, consent_steps, consents, places


@dataclass(frozen=True, slots=True)
class Step:
    """One thing done about a consent, by the user of that name, or by `owner`."""

    at: datetime
    by: str
    step: ConsentStep
    note: str


async def camera_of(conn: AsyncConnection, camera_id: UUID, scope: Scope, *, removed: bool) -> AnyRow:
    """A camera's no and kind. Raises NotFound outside the scope; a removed one counts only where `removed`."""
    wanted = (
        sa.select(cameras.c.no, cameras.c.kind)
        .join(places, places.c.no == cameras.c.village_no)
        .where(cameras.c.id == camera_id, in_scope(places.c.code, scope))
    )
    if not removed:
        wanted = wanted.where(cameras.c.removed_at.is_(None))
    row = (await conn.execute(wanted)).one_or_none()
    if row is None:
        raise NotFound("no such camera", code="camera_unknown")
    return row


async def one(conn: AsyncConnection, consent_id: UUID, now: datetime) -> Consent:
    """A consent known to be there."""
    (found,) = await read(conn, SELECT.where(consents.c.id == consent_id), now)
    return found


def unknown() -> NotFound:
    """What is said of a consent that is not there, or not in one's scope."""
    return NotFound("no such consent", code="consent_unknown")


async def list_for(store: Store, camera_id: UUID, scope: Scope) -> tuple[Consent, ...]:
    """Every consent of a camera, newest first, withdrawn ones too. Raises NotFound outside the scope.

    Of a removed camera as well: its events stay for a while, and its owner may still withdraw.
    """
    async with store.read() as conn:
        camera = await camera_of(conn, camera_id, scope, removed=True)
        wanted = SELECT.where(consents.c.camera_no == camera.no)
        return (await read(conn, wanted, store.clock()))[::-1]


def in_scope_of(consent_id: UUID, scope: Scope) -> sa.Select[*tuple[object, ...]]:
    """SELECT of one consent, if its camera lies in the scope."""
    joined = SELECT.join(places, places.c.no == cameras.c.village_no)
    return joined.where(consents.c.id == consent_id, in_scope(places.c.code, scope))


async def get(store: Store, consent_id: UUID, scope: Scope) -> Consent:
    """One consent. Raises NotFound outside the scope."""
    async with store.read() as conn:
        found = await read(conn, in_scope_of(consent_id, scope), store.clock())
    if not found:
        raise unknown()
    return found[0]


async def steps_of(store: Store, consent_id: UUID, scope: Scope) -> tuple[Step, ...]:
    """What was done about a consent, the first step first. Raises NotFound outside the scope.

    Of one recorded before steps were kept, its beginning is missing.
    """
    async with store.read() as conn:
        row = (await conn.execute(in_scope_of(consent_id, scope))).one_or_none()
        if row is None:
            raise unknown()
        wanted = sa.select(consent_steps).where(consent_steps.c.consent_no == row.no).order_by(consent_steps.c.no)
        return tuple(Step(one.at, one.by, ConsentStep(one.step), one.note) for one in await conn.execute(wanted))
