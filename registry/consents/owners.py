"""An owner on his own page: by a signed link, without an account, he sees what he agreed to and who used it.

The link names the consent and proves a nonce kept in its row (HMAC-SHA-256 by a key derived from the vault's): who
renews or revokes the link makes the old one void. Looking is on record as well, under the purpose `owner` (L6).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit
from registry.canvass.links import LinkState, link_state
from registry.columns import AnyRow
from registry.consents.giving import NONCE_BYTES
from registry.consents.machine import ConsentStep, steps
from registry.consents.reading import in_scope_of, one, unknown
from registry.consents.standing import SELECT
from registry.consents.stepping import TakeStep, take_in, withdraw_in
from registry.errors import NotFound
from registry.model import Actor, Consent, From, Purpose, PurposeKind, Role, To, User
from registry.scope import of_actor
from registry.store import Store, raise_revision
from registry.tables import audit as audit_rows
from registry.tables import cameras, canvass_entries, cases, clip_requests, consents, places, uploads
from registry.vault import Vault

_PROOF_BYTES = 16
_LOOKED_BACK = timedelta(days=365)
_MOST_ROWS = 5000
_MOST_ASKED = 100

Use = Literal["live", "recording", "copy", "event", "test"]
_USES: dict[str, Use] = {
    "live.open": "live",
    "live.picture": "live",
    "recording.play": "recording",
    "recording.export": "copy",
    "events.search": "event",
    "events.get": "event",
    "events.pictures": "event",
    "case.candidates": "event",
    "case.hops": "event",
    "event.export": "copy",
    "incident.picture": "event",
    "bookmark.add": "copy",
    "bookmark.list": "recording",
    "bookmark.still": "recording",
    "patrol.picture": "event",
    "alerts.read": "event",
    "device.test": "test",
}
"""What the register's rows of looks are called to an owner."""
_OWN_STEPS = (ConsentStep.PAUSE, ConsentStep.RESUME, ConsentStep.WITHDRAW)


@dataclass(frozen=True, slots=True)
class Used:
    """What may be told of a use: on which local day, how, by which unit, under what sort of purpose, how many times."""

    day: date
    use: Use
    unit: str
    purpose: PurposeKind | None
    times: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A clip he was asked for, for which case, and where that stands; the link itself was sent to him."""

    since: From
    until: To
    case_number: str
    unit: str
    asked_at: datetime
    expires_at: datetime
    state: LinkState
    uploads: Mapping[str, int]
    """How many files are `receiving`, `received`, `accepted`, `declined`."""


@dataclass(frozen=True, slots=True)
class OwnerView:
    """What an owner sees of his consent; `may` are the steps he may take now."""

    consent: Consent
    camera_name: str
    village_name: str
    unit: str
    may: tuple[ConsentStep, ...]
    used: tuple[Used, ...]
    told_after_days: int
    asked: tuple[Asked, ...]


def token_of(vault: Vault, consent_id: UUID, nonce: bytes) -> str:
    """The link's secret: 43 characters."""
    return base64.urlsafe_b64encode(consent_id.bytes + _proof(vault, consent_id, nonce)).decode().rstrip("=")


def _proof(vault: Vault, consent_id: UUID, nonce: bytes) -> bytes:
    key = vault.derive("owner links")
    return hmac.digest(key, consent_id.bytes + nonce, hashlib.sha256)[:_PROOF_BYTES]


async def link(store: Store, vault: Vault, consent_id: UUID, actor: Actor, *, renew: bool = False) -> str:
    """The token of a consent's link, made where there is none; `renew` makes the old one void.

    Whoever holds it may act as the owner, so that telling it is on record. Raises NotFound outside the scope.
    """
    async with store.write() as conn:
        row = await _in_scope(conn, consent_id, actor)
        nonce = row.link_nonce
        if nonce is None or renew:
            nonce = os.urandom(NONCE_BYTES)
            await conn.execute(sa.update(consents).where(consents.c.no == row.no).values(link_nonce=nonce))
        await _note(conn, store, row, "consent.link", actor, renewed=renew or None)
    return token_of(vault, consent_id, nonce)


async def revoke(store: Store, consent_id: UUID, actor: Actor) -> None:
    """Make a consent's link void. Raises NotFound outside the scope."""
    async with store.write() as conn:
        row = await _in_scope(conn, consent_id, actor)
        await conn.execute(sa.update(consents).where(consents.c.no == row.no).values(link_nonce=None))
        await _note(conn, store, row, "consent.unlink", actor)


async def _in_scope(conn: AsyncConnection, consent_id: UUID, actor: Actor) -> AnyRow:
    row = (await conn.execute(in_scope_of(consent_id, of_actor(actor)))).one_or_none()
    if row is None:
        raise unknown()
    return row


async def _note(
    conn: AsyncConnection, store: Store, row: AnyRow, action: str, actor: Actor, *, renewed: bool | None = None
) -> None:
    detail = audit.describe(consent=row.id, renewed=renewed)
    await audit.append(conn, actor, action, now=store.clock(), cameras=[row.camera_id], detail=detail)


async def view(store: Store, vault: Vault, token: str, address: str) -> OwnerView:
    """What the owner sees; his look is on record first. Raises NotFound (owner_link) for a link that is void."""
    async with store.write() as conn:
        row, actor, purpose = await _owner(conn, store, vault, token, address)
        detail = audit.describe(consent=row.id)
        await audit.append(
            conn, actor, "owner.look", now=store.clock(), cameras=[row.camera_id], purpose=purpose, detail=detail
        )
    async with store.read() as conn:
        consent = await one(conn, row.id, store.clock())
        wanted = sa.select(cameras.c.name, cameras.c.manager_unit, places.c.name.label("village")).join(
            places, places.c.no == cameras.c.village_no
        )
        camera = (await conn.execute(wanted.where(cameras.c.id == row.camera_id))).one()
        used = await _used(conn, store, row.camera_id)
        asked = await _asked(conn, row.camera_no, store.clock())
    may = steps(consent.state)
    return OwnerView(
        consent=consent,
        camera_name=camera.name,
        village_name=camera.village,
        unit=camera.manager_unit,
        may=tuple(step for step in _OWN_STEPS if step in may),
        used=used,
        told_after_days=store.policy.consent.withhold_days,
        asked=asked,
    )


async def take(store: Store, vault: Vault, token: str, step: Literal["pause", "resume"], address: str) -> None:
    """The owner pauses or resumes. Raises NotFound (owner_link), Conflict (consent_state, consent_over)."""
    async with store.write() as conn:
        await raise_revision(conn)
        row, actor, purpose = await _owner(conn, store, vault, token, address)
        await take_in(conn, store, row, TakeStep.model_validate({"step": step}), actor, purpose=purpose)


async def withdraw(store: Store, vault: Vault, token: str, address: str) -> UUID:
    """The owner withdraws, in one step; the consent's id. Raises NotFound (owner_link)."""
    async with store.write() as conn:
        await raise_revision(conn)
        row, actor, purpose = await _owner(conn, store, vault, token, address)
        await withdraw_in(conn, store, row, actor, purpose=purpose)
    return UUID(str(row.id))


async def by_token(store: Store, vault: Vault, token: str) -> UUID:
    """The consent a link is for. Raises NotFound (owner_link)."""
    async with store.read() as conn:
        return UUID(str((await _row(conn, vault, token)).id))


async def _row(conn: AsyncConnection, vault: Vault, token: str) -> AnyRow:
    void = NotFound("the link is not valid any more; ask for a new one", code="owner_link")
    try:
        raw = base64.b64decode(token + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise void from None
    if len(raw) != 16 + _PROOF_BYTES:
        raise void
    consent_id = UUID(bytes=raw[:16])
    row = (await conn.execute(SELECT.where(consents.c.id == consent_id))).one_or_none()
    nonce = row.link_nonce if row is not None else None
    if row is None or nonce is None or not hmac.compare_digest(raw[16:], _proof(vault, consent_id, nonce)):
        raise void
    return row


async def _owner(
    conn: AsyncConnection, store: Store, vault: Vault, token: str, address: str
) -> tuple[AnyRow, Actor, Purpose]:
    row, now = await _row(conn, vault, token), store.clock()
    user = User(
        no=0,
        id=UUID(int=0),
        name="owner",
        display_name=row.owner_name,
        unit="",
        role=Role.ASSISTANT,
        grants=(),
        active=False,
        created_at=now,
    )
    purpose = Purpose(
        no=0,
        id=UUID(int=0),
        kind=PurposeKind.OWNER,
        case_id=None,
        case_number=None,
        reason="",
        user_no=0,
        opened_at=now,
        expires_at=now,
        closed_at=None,
    )
    return row, Actor(user, address, owner=True), purpose


async def _used(conn: AsyncConnection, store: Store, camera_id: UUID) -> tuple[Used, ...]:
    """Uses of the last year, newest day first; those for a case that is open wait for the policy's `withhold_days`."""
    now = store.clock()
    told_at = now - timedelta(days=store.policy.consent.withhold_days)
    waits = sa.exists().where(cases.c.number == audit_rows.c.case_number, cases.c.closed_at.is_(None))
    wanted = (
        sa.select(audit_rows.c.at, audit_rows.c.action, audit_rows.c.unit, audit_rows.c.purpose_kind)
        .where(
            audit_rows.c.at > now - _LOOKED_BACK,
            audit_rows.c.action.in_(sorted(_USES)),
            sa.cast(audit_rows.c.cameras, sa.String).contains(str(camera_id), autoescape=True),
            audit_rows.c.result_count.is_distinct_from(0),
            sa.or_(audit_rows.c.case_number.is_(None), audit_rows.c.at <= told_at, ~waits),
        )
        .order_by(audit_rows.c.no.desc())
        .limit(_MOST_ROWS)
    )
    counted: Counter[tuple[date, Use, str, PurposeKind | None]] = Counter()
    for row in await conn.execute(wanted):
        kind = PurposeKind(row.purpose_kind) if row.purpose_kind else None
        counted[_day(row.at, store), _USES[row.action], row.unit, kind] += 1
    return tuple(Used(*key, times) for key, times in sorted(counted.items(), key=lambda item: item[0][0], reverse=True))


async def _asked(conn: AsyncConnection, camera_no: int, now: datetime) -> tuple[Asked, ...]:
    """What he was asked for, the latest first: it is addressed to him, so that nothing of it waits to be told."""
    wanted = (
        sa.select(clip_requests, cases.c.number)
        .join(canvass_entries, canvass_entries.c.no == clip_requests.c.entry_no)
        .join(cases, cases.c.no == canvass_entries.c.case_no)
        .where(canvass_entries.c.camera_no == camera_no, clip_requests.c.asked_at > now - _LOOKED_BACK)
        .order_by(clip_requests.c.no.desc())
        .limit(_MOST_ASKED)
    )
    rows = (await conn.execute(wanted)).all()
    sent: dict[int, dict[str, int]] = {}
    counts = sa.select(uploads.c.request_no, uploads.c.state, sa.func.count())
    counts = counts.where(uploads.c.request_no.in_([row.no for row in rows]))
    for no, state, count in await conn.execute(counts.group_by(uploads.c.request_no, uploads.c.state)):
        sent.setdefault(no, {})[state] = count
    return tuple(
        Asked(
            since=row.starts_at,
            until=row.ends_at,
            case_number=row.number,
            unit=row.unit,
            asked_at=row.asked_at,
            expires_at=row.expires_at,
            state=link_state(row, now),
            uploads=sent.get(row.no, {}),
        )
        for row in rows
    )


def _day(at: datetime, store: Store) -> date:
    return at.astimezone(store.tz).date()
