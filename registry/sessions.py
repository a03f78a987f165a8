"""Sign-ins: an opaque 256-bit token in a cookie, only its SHA-256 is kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, purposes, users
from registry.errors import NotFound
from registry.model import Actor, Purpose, User
from registry.store import Store
from registry.tables import sessions
from registry.tables import users as user_rows

TOKEN_BYTES = 32
MOST_LISTED = 200
"""Sign-ins shown of one user; a program that signs in without end must not make the page endless."""


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


async def open_session(store: Store, user: User, address: str, hours: float, agent: str = "") -> tuple[str, str]:
    """Sign a verified user in: (token for the cookie, CSRF token for the header). Expired sign-ins are swept.

    `agent` is what the browser calls itself: anything may stand in it, and what can be printed of it is kept.
    """
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
                agent="".join(char for char in agent if char.isprintable())[:200],
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
        (user,) = await users.from_rows(conn, [row], store)
        purpose = await purposes.of_no(conn, row.purpose_no, store.policy)
    return Session(row.session_id, user, purpose, row.csrf, row.expires_at)


async def set_purpose(store: Store, session: Session, purpose: Purpose | None) -> None:
    """Look under this purpose from now on, or under none. Raises Denied unless it is the user's own and open."""
    if purpose is not None:
        purpose = await purposes.get_open(store, purpose.id, session.user)
    async with store.write() as conn:
        await put_purpose(conn, session.id, purpose)


async def put_purpose(conn: AsyncConnection, session_id: UUID, purpose: Purpose | None) -> None:
    """Look under a purpose of the session's user, known to be open, from now on, in the caller's transaction."""
    values = {"purpose_no": purpose.no if purpose is not None else None}
    await conn.execute(sa.update(sessions).where(sessions.c.id == session_id).values(values))


async def close_session(store: Store, session: Session) -> None:
    """Sign out."""
    async with store.write() as conn:
        gone = await conn.execute(sa.delete(sessions).where(sessions.c.id == session.id).returning(sessions.c.address))
        row = gone.one_or_none()
        if row is not None:
            actor = Actor(session.user, row.address, str(session.id))
            await audit.append(conn, actor, "session.close", now=store.clock())


@dataclass(frozen=True, slots=True)
class SignedIn:
    """One of a user's sign-ins, as he sees it: from where, with what, since when; `current` is the one he asks from."""

    id: UUID
    address: str
    agent: str
    opened_at: datetime
    expires_at: datetime
    current: bool


async def list_own(store: Store, user: User, current: UUID | None) -> tuple[SignedIn, ...]:
    """A user's sign-ins that hold, the newest first: `MOST_LISTED` at most."""
    wanted = (
        sa.select(sessions)
        .where(sessions.c.user_no == user.no, sessions.c.expires_at > store.clock())
        .order_by(sessions.c.opened_at.desc(), sessions.c.id.desc())
        .limit(MOST_LISTED)
    )
    async with store.read() as conn:
        return tuple(
            SignedIn(row.id, row.address, row.agent, row.opened_at, row.expires_at, current=row.id == current)
            for row in await conn.execute(wanted)
        )


async def end_own(store: Store, session: Session, session_id: UUID, address: str) -> None:
    """End one of the session's user's own sign-ins. Raises NotFound for any other."""
    own = sa.delete(sessions).where(sessions.c.id == session_id, sessions.c.user_no == session.user.no)
    async with store.write() as conn:
        if (await conn.execute(own)).rowcount == 0:
            raise NotFound("no such session; it may have ended", code="session_unknown")
        actor, detail = Actor(session.user, address, str(session.id)), audit.describe(session=session_id)
        await audit.append(conn, actor, "session.close", now=store.clock(), detail=detail)


async def list_of(store: Store, user_id: UUID) -> tuple[SignedIn, ...]:
    """Where somebody is signed in, for who looks after users. Raises NotFound."""
    return await list_own(store, await users.get(store, user_id), None)


async def end_of(store: Store, user_id: UUID, actor: Actor, session_id: UUID | None = None) -> int:
    """End one of somebody's sign-ins, or all of them; returns how many. Streams end within seconds. Raises NotFound."""
    user = await users.get(store, user_id)
    theirs = sa.delete(sessions).where(sessions.c.user_no == user.no)
    if session_id is not None:
        theirs = theirs.where(sessions.c.id == session_id)
    async with store.write() as conn:
        count = int((await conn.execute(theirs)).rowcount)
        if session_id is not None and count == 0:
            raise NotFound("no such session; it may have ended", code="session_unknown")
        detail = audit.describe(user=user.name, session=session_id)
        await audit.append(conn, actor, "session.end", now=store.clock(), detail=detail, count=count)
    return count


async def end_others(store: Store, session: Session, address: str) -> int:
    """End every other sign-in of the session's user; returns how many there were."""
    async with store.write() as conn:
        count = await drop_others(conn, session)
        if count:
            actor, detail = Actor(session.user, address, str(session.id)), audit.describe(others=count)
            await audit.append(conn, actor, "session.close", now=store.clock(), detail=detail)
    return count


async def drop_others(conn: AsyncConnection, session: Session) -> int:
    """Delete every other sign-in of the session's user, in the caller's transaction."""
    others = sa.delete(sessions).where(sessions.c.user_no == session.user.no, sessions.c.id != session.id)
    return int((await conn.execute(others)).rowcount)


async def change_password(store: Store, session: Session, old: SecretStr, new: SecretStr, address: str) -> None:
    """Change one's own password, knowing the old one; every other sign-in and every token of the user ends.

    Whoever knew the old password may be signed in elsewhere, or may have made a token. Raises Denied (password_wrong),
    Invalid where the new one is poor or the old one.
    """
    actor = Actor(session.user, address, str(session.id))
    hashed = await users.replaced(store, actor, old, new)
    async with store.write() as conn:
        await users.keep_password(conn, session.user, hashed, store)
        await drop_others(conn, session)
        await audit.append(
            conn, actor, "user.password", now=store.clock(), detail=audit.describe(user=session.user.name)
        )
