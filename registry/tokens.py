"""API tokens of a user: 256 bits, shown once, only the SHA-256 is kept."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from registry import audit, scope, users
from registry.columns import AnyRow
from registry.errors import NotFound
from registry.inputs import Name, invalid
from registry.model import Actor, Carried, User
from registry.permissions import Permission, may
from registry.sessions import TOKEN_BYTES, digest
from registry.store import Store
from registry.tables import tokens
from registry.tables import users as user_rows

PREFIX = "hub_"
"""Lets secret scanners and people see what a leaked token is."""
WHOLE = Carried(None, None)
"""All that its owner has."""


@dataclass(frozen=True, slots=True)
class Token:
    """An API token without its secret."""

    id: UUID
    name: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    permissions: tuple[str, ...] | None
    """What of its owner's role it carries; None: all of it."""
    places: tuple[str, ...] | None
    """Within which of his places; None: in all of them."""


def _token(row: AnyRow) -> Token:
    permissions, places = _listed(row.permissions), _listed(row.places)
    return Token(row.id, row.name, row.created_at, row.expires_at, row.revoked_at, permissions, places)


def _listed(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


async def create_token(
    store: Store,
    user: User,
    name: Name,
    expires_at: datetime,
    *,
    carried: Carried = WHOLE,
    address: str = "",
) -> tuple[Token, str]:
    """Make a token: (what is kept, the secret; it is shown this once).

    It carries no more than its owner has, now and whenever it is used. Raises Invalid for an end that is past or later
    than the policy's (`people.token_days`) and for a permission that he has not, Denied for a place beyond his own.
    """
    now, most = store.clock(), store.policy.people.token_days
    if expires_at <= now:
        raise invalid("expires_at", "past", "the token must expire later than now")
    if expires_at > now + timedelta(days=most):
        raise invalid("days", "token_days", f"a token holds {most} days at most")
    for one in sorted(carried.permissions or ()):
        if not may(user, Permission(one)):
            raise invalid("permissions", "permission_beyond", f"you may not {one} yourself")
    for code in carried.places or ():
        scope.require(Actor(user, address), code)
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
                permissions=None if carried.permissions is None else sorted(carried.permissions),
                places=None if carried.places is None else sorted(carried.places),
            )
            .returning(tokens)
        )
        made = _token(row.one())
        detail = audit.describe(token=identity, name=name, permissions=made.permissions, places=made.places)
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
    """The active user of a token's secret, with what it carries; None when it is unknown, expired or revoked."""
    wanted = sa.select(tokens.c.user_no, tokens.c.permissions, tokens.c.places).where(
        tokens.c.token_hash == digest(secret), tokens.c.revoked_at.is_(None), tokens.c.expires_at > store.clock()
    )
    async with store.read() as conn:
        row = (await conn.execute(wanted)).one_or_none()
        if row is None:
            return None
        user = await users.one_by(conn, sa.and_(user_rows.c.no == row.user_no, user_rows.c.active), store)
    if user is None or row.permissions is row.places is None:
        return user
    permissions = None if row.permissions is None else frozenset(row.permissions)
    return replace(user, carried=Carried(permissions, _listed(row.places)))
