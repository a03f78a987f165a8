"""API tokens of a user: 256 bits, shown once, only the SHA-256 is kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from registry import audit, users
from registry.columns import AnyRow
from registry.errors import NotFound
from registry.inputs import Name, invalid
from registry.model import Actor, User
from registry.sessions import TOKEN_BYTES, digest
from registry.store import Store
from registry.tables import tokens
from registry.tables import users as user_rows

PREFIX = "hub_"
"""Lets secret scanners and people see what a leaked token is."""


@dataclass(frozen=True, slots=True)
class Token:
    """An API token without its secret."""

    id: UUID
    name: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


def _token(row: AnyRow) -> Token:
    return Token(row.id, row.name, row.created_at, row.expires_at, row.revoked_at)


async def create_token(
    store: Store, user: User, name: Name, expires_at: datetime, *, address: str = ""
) -> tuple[Token, str]:
    """Make a token: (what is kept, the secret; it is shown this once). Raises Invalid unless it expires later."""
    now = store.clock()
    if expires_at <= now:
        raise invalid("expires_at", "past", "the token must expire later than now")
    secret, identity = PREFIX + secrets.token_urlsafe(TOKEN_BYTES), uuid7()
    async with store.write() as conn:
        row = await conn.execute(
            sa.insert(tokens)
            .values(
                id=identity,
                token_hash=digest(secret),
                name=name,
                user_no=user.no,
                created_at=now,
                expires_at=expires_at,
            )
            .returning(tokens)
        )
        made = _token(row.one())
        detail = audit.describe(token=identity, name=name)
        await audit.append(conn, Actor(user, address), "token.create", now=now, detail=detail)
    return made, secret


async def list_tokens(store: Store, user: User) -> tuple[Token, ...]:
    """A user's tokens, newest first, revoked ones too."""
    wanted = sa.select(tokens).where(tokens.c.user_no == user.no).order_by(tokens.c.no.desc())
    async with store.read() as conn:
        return tuple(_token(row) for row in await conn.execute(wanted))


async def revoke(store: Store, token_id: UUID, user: User, *, address: str = "") -> Token:
    """Revoke a user's own token at once; doing it twice changes nothing. Raises NotFound."""
    now = store.clock()
    async with store.write() as conn:
        own = sa.select(tokens).where(tokens.c.id == token_id, tokens.c.user_no == user.no)
        row = (await conn.execute(own)).one_or_none()
        if row is None:
            raise NotFound("no such token", code="token_unknown")
        if row.revoked_at is None:
            await conn.execute(sa.update(tokens).where(tokens.c.no == row.no).values(revoked_at=now))
            detail = audit.describe(token=token_id, name=row.name)
            await audit.append(conn, Actor(user, address), "token.revoke", now=now, detail=detail)
        return _token((await conn.execute(own)).one())


async def user_by_token(store: Store, secret: str) -> User | None:
    """The active user of a token's secret, or None when it is unknown, expired or revoked."""
    wanted = sa.select(tokens.c.user_no).where(
        tokens.c.token_hash == digest(secret), tokens.c.revoked_at.is_(None), tokens.c.expires_at > store.clock()
    )
    async with store.read() as conn:
        number = await conn.scalar(wanted)
        if number is None:
            return None
        return await users.one_by(conn, sa.and_(user_rows.c.no == number, user_rows.c.active), store)
