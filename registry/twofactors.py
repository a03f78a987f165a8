"""The second factor: a code of six digits that an app makes every 30 seconds (TOTP, RFC 6238), and recovery codes.

The secret is sealed by the vault and shown once, while it is set up; it holds from the first right code on. A code's
step is kept, so that nobody uses it again who saw it typed. Of recovery codes, each good for once, only hashes stay.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b32decode, b32encode
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from uuid import UUID

import segno
import sqlalchemy as sa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit
from registry.columns import AnyRow
from registry.errors import Conflict, Denied, NotFound
from registry.model import Actor, User
from registry.store import Store
from registry.tables import recovery_codes, sessions, users
from registry.vault import Vault

STEP_S = 30
SECRET_BYTES = 20
RECOVERY_CODES = 10
_APART = (0, -1, 1)
"""Steps a phone's clock may be off."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an app needs: the secret to type in, its address, and that as a QR code (an SVG image)."""

    secret: str
    uri: str
    qr_svg: str


def binding(user_id: UUID) -> str:
    """What a user's sealed secret is bound to."""
    return f"totp:{user_id}"


async def begin(store: Store, vault: Vault, actor: Actor, issuer: str) -> Enrolment:
    """Make a secret for the actor; it holds once he proved by a code that his app has it. Raises Conflict if one does.

    Begun anew, the secret before is forgotten.
    """
    user, raw = actor.user, secrets.token_bytes(SECRET_BYTES)
    text = b32encode(raw).decode()
    pending = sa.update(users).where(users.c.no == user.no, users.c.totp_step.is_(None))
    async with store.write() as conn:
        kept = await conn.execute(pending.values(totp_sealed=vault.seal(text, binding(user.id))))
        if kept.rowcount == 0:
            raise Conflict("a second factor is set up already; remove it first", code="two_factors_exist")
        await audit.append(conn, actor, "user.two_factors_begin", now=store.clock())
    uri = _totp(raw).get_provisioning_uri(user.name, issuer)
    image = BytesIO()
    segno.make(uri, error="m").save(image, kind="svg", scale=4, border=4, xmldecl=False)
    return Enrolment(text, uri, image.getvalue().decode())


async def confirm(store: Store, vault: Vault, actor: Actor, code: str) -> tuple[str, ...]:
    """Put the second factor in force: the recovery codes, shown this once. Raises Conflict, Denied (code_wrong)."""
    now, made = store.clock(), tuple(_recovery_code() for _ in range(RECOVERY_CODES))
    async with store.write() as conn:
        row = await _row(conn, actor.user)
        if row.totp_sealed is None or row.totp_step is not None:
            raise Conflict("begin to set it up first", code="two_factors_not_begun")
        if (step := _step_of(vault, row, code, now)) is None:
            raise Denied("the code is wrong; check the phone's clock", code="code_wrong")
        await conn.execute(sa.update(users).where(users.c.no == row.no).values(totp_step=step))
        await conn.execute(sa.delete(recovery_codes).where(recovery_codes.c.user_no == row.no))
        rows = [{"user_no": row.no, "code_hash": _digest(one)} for one in made]
        await conn.execute(sa.insert(recovery_codes), rows)
        await audit.append(conn, actor, "user.two_factors", now=now)
    return made


async def spend(conn: AsyncConnection, vault: Vault, row: AnyRow, code: str, now: datetime) -> bool:
    """Whether the code is right, in the caller's transaction: it is good for nothing afterwards."""
    step = _step_of(vault, row, code, now)
    if step is not None:
        later = sa.or_(users.c.totp_step.is_(None), users.c.totp_step < step)
        used = await conn.execute(sa.update(users).where(users.c.no == row.no, later).values(totp_step=step))
        return used.rowcount == 1
    used = await conn.execute(
        sa.delete(recovery_codes).where(
            recovery_codes.c.user_no == row.no, recovery_codes.c.code_hash == _digest(code.strip().upper())
        )
    )
    return used.rowcount == 1


async def remove_own(store: Store, vault: Vault, actor: Actor, code: str) -> None:
    """Take one's own second factor away, proved by a code. Raises Denied (code_wrong), Conflict where there is none."""
    async with store.write() as conn:
        row = await _row(conn, actor.user)
        if row.totp_step is None:
            raise Conflict("no second factor is set up", code="two_factors_none")
        good = await spend(conn, vault, row, code, store.clock())
        if good:
            await _forget(conn, row.no)
        action = "user.two_factors_removed" if good else "user.two_factors_refused"
        await audit.append(conn, actor, action, now=store.clock())
    if not good:
        raise Denied("the code is wrong; check the phone's clock", code="code_wrong")


async def reset(store: Store, user_id: UUID, actor: Actor) -> None:
    """Take a user's second factor away, who lost it; he is signed out everywhere. Raises NotFound."""
    async with store.write() as conn:
        row = (await conn.execute(sa.select(users.c.no, users.c.name).where(users.c.id == user_id))).one_or_none()
        if row is None:
            raise NotFound("no such user", code="user_unknown")
        await _forget(conn, row.no)
        await conn.execute(sa.delete(sessions).where(sessions.c.user_no == row.no))
        detail = audit.describe(user=row.name)
        await audit.append(conn, actor, "user.two_factors_reset", now=store.clock(), detail=detail)


async def _forget(conn: AsyncConnection, user_no: int) -> None:
    await conn.execute(sa.update(users).where(users.c.no == user_no).values(totp_sealed=None, totp_step=None))
    await conn.execute(sa.delete(recovery_codes).where(recovery_codes.c.user_no == user_no))


async def _row(conn: AsyncConnection, user: User) -> AnyRow:
    return (await conn.execute(sa.select(users).where(users.c.no == user.no).with_for_update())).one()


def _totp(raw: bytes) -> TOTP:
    # SHA-1 and six digits are what every app makes; RFC 6238, 1.2 and 5.2.
    return TOTP(raw, 6, SHA1(), STEP_S)  # noqa: S303 - as above; HMAC does not rest on collisions


def _step_of(vault: Vault, row: AnyRow, code: str, now: datetime) -> int | None:
    """The step whose code this is and that lies after the last one used, or None."""
    given = code.strip().replace(" ", "").encode("utf-8", "replace")
    totp = _totp(b32decode(vault.unseal(row.totp_sealed, binding(row.id))))
    here = int(now.timestamp()) // STEP_S
    for step in (here + apart for apart in _APART):
        if hmac.compare_digest(totp.generate(step * STEP_S), given) and step > (row.totp_step or 0):
            return step
    return None


def _recovery_code() -> str:
    """80 bits, in four groups of four."""
    text = b32encode(secrets.token_bytes(10)).decode()
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "replace")).digest()
