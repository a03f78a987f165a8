"""Sign-ins: an opaque 256-bit token in a cookie, only its SHA-256 is kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from registry import audit, purposes, users
from registry.model import Actor, Purpose, User
from registry.store import Store
from registry.tables import sessions
from registry.tables import users as user_rows

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in as it stands now. `purpose` may have closed meanwhile: see purposes.require."""

    id: UUID
    user: User
    purpose: Purpose | None
    csrf: str = field(repr=False)
    expires_at: datetime


_BY_TOKEN = (
    sa.select(
        user_rows, sessions.c.id.label("session_id"), sessions.c.purpose_no, sessions.c.csrf, sessions.c.expires_at
    )
    .join(sessions, sessions.c.user_no == user_rows.c.no)
    .where(
        sessions.c.token_hash == sa.bindparam("hash"), sessions.c.expires_at > sa.bindparam("now"), user_rows.c.active
    )
)
"""The session of a cookie and its user in one row: every request asks."""


def digest(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


async def open_session(store: Store, user: User, address: str, hours: float) -> tuple[str, str]:
    """Sign a verified user in: (token for the cookie, CSRF token for the header). Expired sign-ins are swept."""
    token, csrf, now = secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(TOKEN_BYTES), store.clock()
    async with store.write() as conn:
        await conn.execute(sa.delete(sessions).where(sessions.c.expires_at <= now))
        await conn.execute(
            sa.insert(sessions).values(
                id=uuid7(),
                token_hash=digest(token),
                csrf=csrf,
                user_no=user.no,
                address=address[:64],
                opened_at=now,
                expires_at=now + timedelta(hours=hours),
            )
        )
    return token, csrf


async def session_by_token(store: Store, token: str) -> Session | None:
    """The session of a cookie, with its user and purpose as they are now; None when expired, closed or deactivated."""
    async with store.read() as conn:
        row = (await conn.execute(_BY_TOKEN, {"hash": digest(token), "now": store.clock()})).one_or_none()
        if row is None:
            return None
        (user,) = await users.from_rows(conn, [row])
        purpose = await purposes.of_no(conn, row.purpose_no)
    return Session(row.session_id, user, purpose, row.csrf, row.expires_at)


async def set_purpose(store: Store, session: Session, purpose: Purpose | None) -> None:
    """Look under this purpose from now on, or under none. Raises Denied unless it is the user's own and open."""
    if purpose is not None:
        purpose = await purposes.get_open(store, purpose.id, session.user)
    async with store.write() as conn:
        await conn.execute(
            sa.update(sessions)
            .where(sessions.c.id == session.id)
            .values(purpose_no=purpose.no if purpose is not None else None)
        )


async def close_session(store: Store, session: Session) -> None:
    """Sign out."""
    async with store.write() as conn:
        gone = await conn.execute(sa.delete(sessions).where(sessions.c.id == session.id).returning(sessions.c.address))
        row = gone.one_or_none()
        if row is not None:
            actor = Actor(session.user, row.address, str(session.id))
            await audit.append(conn, actor, "session.close", now=store.clock())
