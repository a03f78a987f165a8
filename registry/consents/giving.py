"""How a consent begins: an invitation to be signed, or what was signed already and is in force at once."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit
from registry.consents.machine import RULES, ConsentStep
from registry.consents.reading import camera_of, one
from registry.consents.standing import flags
from registry.errors import Conflict
from registry.inputs import Input, Line, Minute, Moment, Name
from registry.model import Actor, Consent, ConsentScope, Kind
from registry.outlines import Polygon
from registry.scope import of_actor
from registry.store import Store, raise_revision
from registry.tables import consent_steps, consents

NONCE_BYTES = 16
"""Of the owner's link (registry.consents.owners)."""
_OWNED = frozenset({Kind.CIVILIAN, Kind.SOCIAL})
"""Kinds with an owner who may agree; whose agreement is needed is the policy's."""


class NewConsent(Input):
    """What an owner agrees to: which scopes, from when to when, in which local hours (both minutes or none)."""

    owner_name: Name
    scopes: frozenset[ConsentScope] = Field(min_length=1)
    """`register` stands alone: nothing is pulled under it."""
    purpose: Line = ""
    """What the camera is used for, in the words of the form; not told: the form's own."""
    from_minute: Minute | None = None
    to_minute: Minute | None = None
    masks: Annotated[tuple[Polygon, ...], Field(max_length=32)] = ()
    """What must be blacked out, at the least, before the camera is pulled."""
    valid_from: Moment | None = None
    """Not told: from now on."""
    valid_to: Moment | None = None
    text_version: Name | None = None
    """Which wording was signed; not told: the policy's."""
    signed_at: Moment | None = None
    """Not told: now. An invitation is signed later."""

    @model_validator(mode="after")
    def _hours_and_interval(self) -> Self:
        if (self.from_minute is None) != (self.to_minute is None):
            raise PydanticCustomError("hours", "give from_minute and to_minute, or neither")
        if self.from_minute is not None and self.from_minute == self.to_minute:
            raise PydanticCustomError("hours", "from_minute and to_minute are equal; leave both out for the whole day")
        if self.valid_from and self.valid_to and self.valid_to <= self.valid_from:
            raise PydanticCustomError("interval", "valid_to must lie after valid_from")
        if ConsentScope.REGISTER in self.scopes and len(self.scopes) > 1:
            raise PydanticCustomError("scopes", "register stands alone: it agrees to nothing that is looked at")
        return self


async def invite(store: Store, camera_id: UUID, new: NewConsent, actor: Actor) -> Consent:
    """Write down what an owner is asked to sign: nothing is pulled yet. Raises NotFound, or Conflict (consent_kind)."""
    return await _begin(store, camera_id, new, actor, ConsentStep.INVITE, signed_at=None)


async def create(store: Store, camera_id: UUID, new: NewConsent, actor: Actor) -> Consent:
    """Record what an owner signed: it is in force at once. Raises NotFound, or Conflict (consent_kind)."""
    signed_at = new.signed_at or store.clock()
    return await _begin(store, camera_id, new, actor, ConsentStep.RECORD, signed_at=signed_at)


def due(store: Store, agreed_at: datetime) -> datetime:
    """By when an owner must agree anew."""
    return agreed_at + timedelta(days=store.policy.consent.reconfirm_days)


async def _begin(
    store: Store, camera_id: UUID, new: NewConsent, actor: Actor, step: ConsentStep, *, signed_at: datetime | None
) -> Consent:
    now, identity = store.clock(), uuid7()
    text_version = new.text_version or store.policy.consent.text
    async with store.write() as conn:
        await raise_revision(conn)
        camera = await camera_of(conn, camera_id, of_actor(actor), removed=False)
        if camera.kind not in _OWNED:
            raise Conflict("such a camera has no owner to ask", code="consent_kind", kind=camera.kind)
        number = await conn.scalar(
            sa.insert(consents)
            .values(
                id=identity,
                camera_no=camera.no,
                state=RULES[step].to.value,
                masks=new.model_dump(mode="json")["masks"] or None,
                valid_from=new.valid_from or now,
                reconfirm_by=None if signed_at is None else due(store, signed_at),
                text_version=text_version,
                signed_at=signed_at,
                link_nonce=os.urandom(NONCE_BYTES),
                **flags(new.scopes),
                **new.model_dump(include={"owner_name", "purpose", "from_minute", "to_minute", "valid_to"}),
            )
            .returning(consents.c.no)
        )
        await note(conn, int(number or 0), step, actor, now=now)
        detail = audit.describe(
            consent=identity, scopes=sorted(new.scopes), text=text_version, masks=len(new.masks) or None
        )
        action = "consent.create" if step is ConsentStep.RECORD else "consent.invite"
        await audit.append(conn, actor, action, now=now, cameras=[camera_id], detail=detail)
        return await one(conn, identity, now)


async def note(
    conn: AsyncConnection, consent_no: int, step: ConsentStep, actor: Actor, *, now: datetime, text: str = ""
) -> None:
    """Write a step into the consent's history."""
    values: dict[str, Any] = {"consent_no": consent_no, "at": now, "by": actor.user.name, "note": text}
    await conn.execute(sa.insert(consent_steps).values(step=step.value, **values))
