"""Where alerts are sent besides the page: webhooks, signed with a secret of their own, and e-mail addresses.

A target sends what happened out of the hub, so only an administrator makes one; rules only name it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit
from registry.address import check_url
from registry.columns import AnyRow
from registry.devices import UrlPolicy
from registry.errors import NotFound
from registry.inputs import Input, Name, invalid
from registry.model import Actor, Internal
from registry.permissions import Permission, allow, may
from registry.store import Store
from registry.tables import alert_targets
from registry.vault import Vault

MAIL = r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$"
"""An address as administrators have them: no quoted local parts, no display names, no line breaks."""


class TargetKind(StrEnum):
    """How a target is told."""

    WEBHOOK = "webhook"
    EMAIL = "email"


class NewAlertTarget(Input):
    """A target to make: a webhook's URL (http or https, no credentials in it) or an e-mail address."""

    name: Name
    kind: TargetKind
    address: Annotated[str, StringConstraints(min_length=3, max_length=1000)]
    enabled: bool = True

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.kind is TargetKind.WEBHOOK and urlsplit(self.address).scheme not in ("http", "https"):
            raise PydanticCustomError("address", "a webhook has an address such as https://host/path")
        return self


class AlertTargetChange(Input):
    """What to change of a target; another address makes another target."""

    name: Name | None = None
    enabled: bool | None = None


class MailAddress(Input):
    """The form of an e-mail address."""

    address: Annotated[str, Field(pattern=MAIL, max_length=254)]


@dataclass(frozen=True, slots=True)
class AlertTarget:
    """A target. To those who may only name it, `address` is the host or domain alone: the rest may be a secret."""

    no: Internal
    id: UUID
    name: str
    kind: TargetKind
    address: str
    enabled: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MadeTarget(AlertTarget):
    """A target just made. `secret` signs a webhook's messages; it is shown this once and never again."""

    secret: str | None


@dataclass(frozen=True, slots=True)
class Sealed:
    """Where a target is, and its secret as kept."""

    id: UUID
    address: str
    secret: str | None


def host_of(kind: TargetKind, address: str) -> str:
    """The host a webhook goes to, or the domain of an e-mail address."""
    return urlsplit(address).hostname or "" if kind is TargetKind.WEBHOOK else address.rpartition("@")[2]


def binding(target_id: UUID, address: str) -> str:
    """What a target's secret is sealed to: this target at this address."""
    return f"alert-target:{target_id}:{address}"


def _target(row: AnyRow, actor: Actor) -> AlertTarget:
    kind = TargetKind(row.kind)
    whole = actor.user.no == 0 or may(actor.user, Permission.MANAGE_TARGETS)
    shown = row.address if whole else host_of(kind, row.address)
    return AlertTarget(row.no, row.id, row.name, kind, shown, row.enabled, row.created_at)


async def _row(conn: AsyncConnection, target_id: UUID) -> AnyRow:
    wanted = sa.select(alert_targets).where(alert_targets.c.id == target_id, alert_targets.c.removed_at.is_(None))
    row = (await conn.execute(wanted)).one_or_none()
    if row is None:
        raise NotFound("no such alert target", code="alert_target_unknown")
    return row


async def list_targets(store: Store, actor: Actor) -> tuple[AlertTarget, ...]:
    """Every target by name."""
    allow(actor.user, Permission.MANAGE_ALERTS)
    wanted = sa.select(alert_targets).where(alert_targets.c.removed_at.is_(None)).order_by(alert_targets.c.name)
    async with store.read() as conn:
        return tuple(_target(row, actor) for row in await conn.execute(wanted))


async def create(store: Store, vault: Vault, new: NewAlertTarget, actor: Actor, *, policy: UrlPolicy) -> MadeTarget:
    """Make a target; a webhook gets a secret of its own. Raises Invalid for an address that may not be used."""
    allow(actor.user, Permission.MANAGE_TARGETS)
    address = _clean(new, policy)
    identity, now = uuid7(), store.clock()
    secret = secrets.token_urlsafe(32) if new.kind is TargetKind.WEBHOOK else None
    async with store.write() as conn:
        await conn.execute(
            sa.insert(alert_targets).values(
                id=identity,
                name=new.name,
                kind=new.kind.value,
                address=address,
                secret_sealed=vault.seal(secret, binding(identity, address)) if secret else None,
                enabled=new.enabled,
                created_at=now,
            )
        )
        detail = audit.describe(target=identity, name=new.name, kind=new.kind, host=host_of(new.kind, address))
        await audit.append(conn, actor, "alert_target.create", now=now, detail=detail)
        row = await _row(conn, identity)
    return MadeTarget(row.no, identity, new.name, new.kind, address, new.enabled, now, secret)


def _clean(new: NewAlertTarget, policy: UrlPolicy) -> str:
    if new.kind is TargetKind.EMAIL:
        try:
            return MailAddress(address=new.address).address
        except ValueError:
            raise invalid("address", "mail_address", "an e-mail address such as duty@police.example") from None
    check_url(new.address, allow_loopback=policy.allow_loopback, field="address")
    if "@" in urlsplit(new.address).netloc:
        raise invalid("address", "credentials", "no user name or password in the address; messages are signed")
    return new.address


async def to_try(store: Store, target_id: UUID, actor: Actor) -> tuple[AlertTarget, Sealed]:
    """A target that is about to get a test message, which is put on record. Raises NotFound."""
    allow(actor.user, Permission.MANAGE_TARGETS)
    async with store.write() as conn:
        row = await _row(conn, target_id)
        detail = audit.describe(target=target_id, name=row.name)
        await audit.append(conn, actor, "alert_target.test", now=store.clock(), detail=detail)
    return _target(row, actor), Sealed(row.id, row.address, row.secret_sealed)


async def change(store: Store, target_id: UUID, wanted: AlertTargetChange, actor: Actor) -> AlertTarget:
    """Rename a target, or switch it off or on. Raises NotFound."""
    allow(actor.user, Permission.MANAGE_TARGETS)
    values = {name: value for name, value in wanted.model_dump(exclude_unset=True).items() if value is not None}
    async with store.write() as conn:
        row = await _row(conn, target_id)
        if values:
            await conn.execute(sa.update(alert_targets).where(alert_targets.c.no == row.no).values(values))
        detail = audit.describe(target=target_id, **values)
        await audit.append(conn, actor, "alert_target.change", now=store.clock(), detail=detail)
        return _target(await _row(conn, target_id), actor)


async def remove(store: Store, target_id: UUID, actor: Actor) -> None:
    """Take a target away and destroy its secret; what was sent stays in the log. Raises NotFound."""
    allow(actor.user, Permission.MANAGE_TARGETS)
    now = store.clock()
    async with store.write() as conn:
        row = await _row(conn, target_id)
        gone = {"removed_at": now, "secret_sealed": None}
        await conn.execute(sa.update(alert_targets).where(alert_targets.c.no == row.no).values(gone))
        detail = audit.describe(target=target_id, name=row.name)
        await audit.append(conn, actor, "alert_target.remove", now=now, detail=detail)
