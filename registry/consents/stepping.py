"""Steps of a consent's life: signed, activated, paused, resumed, reconfirmed, run out, withdrawn.

Each is one transaction that tells the workers: a pull that the consent no longer allows ends within seconds.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, devices
from registry.columns import AnyRow
from registry.consents.giving import due, note
from registry.consents.machine import GIVEN, RULES, ConsentStep
from registry.consents.reading import in_scope_of, one, unknown
from registry.consents.standing import SELECT, ends_at, of_row
from registry.errors import Conflict
from registry.inputs import Input, Line, Moment
from registry.model import Actor, Consent, ConsentState, Purpose
from registry.scope import of_actor
from registry.store import Store, raise_revision
from registry.tables import cameras, consent_gaps, consents, withdrawals
from registry.users import CONSOLE

S = ConsentStep
Taken = Literal[S.SIGN, S.ACTIVATE, S.PAUSE, S.RESUME, S.RECONFIRM]
_STANDS = (ConsentState.ACTIVE.value, ConsentState.PAUSED.value)


class TakeStep(Input):
    """A step to take; only signing has a time of its own (not told: now)."""

    step: Taken
    note: Line = ""
    signed_at: Moment | None = None

    @model_validator(mode="after")
    def _signs(self) -> Self:
        if self.signed_at is not None and self.step is not S.SIGN:
            raise PydanticCustomError("signed_at", "only signing has a time of its own")
        return self


async def take(store: Store, consent_id: UUID, wanted: TakeStep, actor: Actor) -> Consent:
    """Take a step. Raises NotFound outside the actor's scope, Conflict (consent_state, consent_over)."""
    async with store.write() as conn:
        await raise_revision(conn)
        row = (await conn.execute(in_scope_of(consent_id, of_actor(actor)))).one_or_none()
        if row is None:
            raise unknown()
        return await take_in(conn, store, row, wanted, actor)


async def take_in(
    conn: AsyncConnection, store: Store, row: AnyRow, wanted: TakeStep, actor: Actor, *, purpose: Purpose | None = None
) -> Consent:
    """`take` in a transaction that began with `raise_revision`, of a row of SELECT."""
    now, step = store.clock(), wanted.step
    before = of_row(row, {}, now)
    if before.state not in RULES[step].since:
        raise Conflict("not from the state it is in", code="consent_state", state=before.state, step=step)
    if step in (S.ACTIVATE, S.RESUME, S.RECONFIRM) and before.valid_to is not None and now >= before.valid_to:
        raise Conflict("what was agreed to is over; make a new consent", code="consent_over")
    values: dict[str, Any] = {"state": RULES[step].to.value}
    match step:
        case S.SIGN:
            values["signed_at"] = wanted.signed_at or now
        case S.ACTIVATE:
            values |= {"valid_from": max(before.valid_from, now), "reconfirm_by": due(store, row.signed_at or now)}
        case S.PAUSE:
            values["stopped_at"] = now
        case S.RESUME | S.RECONFIRM:
            await _back(conn, before, now)
            values["stopped_at"] = None
            if step is S.RECONFIRM:
                values["reconfirm_by"] = due(store, now)
    await conn.execute(sa.update(consents).where(consents.c.no == row.no).values(values))
    await note(conn, row.no, step, actor, now=now, text=wanted.note)
    detail = audit.describe(consent=row.id, note=wanted.note, text=row.text_version)
    await audit.append(conn, actor, f"consent.{step}", now=now, cameras=[row.camera_id], purpose=purpose, detail=detail)
    return await one(conn, row.id, now)


async def _back(conn: AsyncConnection, before: Consent, now: datetime) -> None:
    """Keep in mind when a consent that holds again did not: what was seen then stays unread."""
    end = ends_at(before)
    ran_out = end if end is not None and end <= now else None
    since = min((at for at in (before.stopped_at, ran_out) if at is not None), default=now)
    if since < now:
        await conn.execute(sa.insert(consent_gaps).values(consent_no=before.no, since=since, until=now))


async def expire(store: Store) -> int:
    """Let those that ran out be expired in the register as well; how many. Reads and pulls need no such word."""
    now = store.clock()
    over = sa.or_(consents.c.valid_to <= now, consents.c.reconfirm_by <= now)
    wanted = SELECT.where(consents.c.state.in_(_STANDS), over)
    async with store.read() as conn:
        if (await conn.execute(wanted.limit(1))).one_or_none() is None:
            return 0
    async with store.write() as conn:
        await raise_revision(conn)
        rows = (await conn.execute(wanted)).all()
        for row in rows:
            end = min(at for at in (row.valid_to, row.reconfirm_by, row.stopped_at) if at is not None)
            values = {"state": ConsentState.EXPIRED.value, "stopped_at": end}
            await conn.execute(sa.update(consents).where(consents.c.no == row.no).values(values))
            await note(conn, row.no, S.EXPIRE, CONSOLE, now=now)
        if rows:
            detail = audit.describe(consents=[row.id for row in rows])
            about = sorted({row.camera_id for row in rows})
            await audit.append(conn, CONSOLE, "consent.expire", now=now, cameras=about, detail=detail, count=len(rows))
    return len(rows)


async def withdraw(store: Store, consent_id: UUID, actor: Actor) -> Consent:
    """Withdraw a consent as of now; doing it twice changes nothing. Raises NotFound outside the actor's scope.

    Where the kind of camera needs a consent and no other stands, the camera is disabled and, unless another camera uses
    the box, the box's sign-in destroyed. What it saw goes by the policy's `purge_days` (registry.withdrawals).
    """
    async with store.write() as conn:
        await raise_revision(conn)
        row = (await conn.execute(in_scope_of(consent_id, of_actor(actor)))).one_or_none()
        if row is None:
            raise unknown()
        return await withdraw_in(conn, store, row, actor)


async def withdraw_in(
    conn: AsyncConnection, store: Store, row: AnyRow, actor: Actor, *, purpose: Purpose | None = None
) -> Consent:
    """`withdraw` in a transaction that began with `raise_revision`, where two withdrawals wait for each other."""
    now = store.clock()
    if row.withdrawn_at is None:
        camera = (await conn.execute(sa.select(cameras).where(cameras.c.no == row.camera_no))).one()
        needed = store.policy.consent.needs(camera.kind)
        values = {"state": ConsentState.WITHDRAWN.value, "withdrawn_at": now}
        await conn.execute(sa.update(consents).where(consents.c.no == row.no).values(values))
        stopped = needed and ConsentState(row.state) in GIVEN and not await _another(conn, camera.no, now)
        destroyed = stopped and await _stop(conn, camera)
        receipt = sa.insert(withdrawals).values(
            consent_no=row.no,
            number=f"{now.astimezone(store.tz):%Y%m%d}-{row.no:06d}",
            at=now,
            by_owner=actor.owner,
            by=actor.user.name,
            stopped=stopped,
            credentials=destroyed,
            events=0,
            recordings=0,
            marks=0,
            purge_by=now + timedelta(days=store.policy.consent.purge_days) if needed else None,
        )
        await conn.execute(receipt)
        await note(conn, row.no, S.WITHDRAW, actor, now=now)
        detail = audit.describe(
            consent=row.id, text=row.text_version, stopped=stopped or None, credentials=destroyed or None
        )
        await audit.append(
            conn, actor, "consent.withdraw", now=now, cameras=[row.camera_id], purpose=purpose, detail=detail
        )
    return await one(conn, row.id, now)


async def _another(conn: AsyncConnection, camera_no: int, now: datetime) -> bool:
    """Whether another consent of the camera stands, paused or not."""
    runs = [sa.or_(end.is_(None), end > now) for end in (consents.c.valid_to, consents.c.reconfirm_by)]
    wanted = sa.select(consents.c.no).where(consents.c.camera_no == camera_no, consents.c.state.in_(_STANDS), *runs)
    return await conn.scalar(wanted.limit(1)) is not None


async def _stop(conn: AsyncConnection, camera: AnyRow) -> bool:
    """Disable the camera; whether its box's sign-in was destroyed too."""
    off = {"enabled": False, "revision": cameras.c.revision + 1}
    await conn.execute(sa.update(cameras).where(cameras.c.no == camera.no).values(off))
    shared = sa.select(cameras.c.no).where(
        cameras.c.device_no == camera.device_no, cameras.c.no != camera.no, cameras.c.removed_at.is_(None)
    )
    if await conn.scalar(shared.limit(1)) is not None:
        return False
    await devices.destroy_sign_in(conn, camera.device_no)
    return True
