"""Who signs in: names, roles, the places they may see, and their passwords (argon2id)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import AfterValidator, Field, SecretStr, StringConstraints
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, scope
from registry.columns import AnyRow
from registry.errors import Conflict, Denied, NotFound, NotSignedIn
from registry.inputs import Input, PlaceCode, Short, invalid
from registry.model import Actor, Role, User
from registry.store import Store, utc_now
from registry.tables import sessions, tokens, user_grants, users

CONSOLE = Actor(
    User(
        no=0,
        id=UUID(int=0),
        name="console",
        display_name="",
        unit="",
        role=Role.ADMIN,
        grants=(),
        active=True,
        created_at=utc_now(),
    ),
    address="",
)
"""The command line and the hub's own housekeeping: nobody signs in as it, and its scope is everything."""

_HASHER = PasswordHasher()
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$o9T/Q43uVWj5joE7J+HCBg$BnVcn0euOJxb0ZjcocuzEbYl/tqHlzFhheWvpk8LIZE"
"""A hash that no password has, so that an unknown name costs what a known one does."""
_HASHING = ThreadPoolExecutor(2, thread_name_prefix="argon2")
"""Each hash takes 64 MiB for a moment: a storm of sign-ins must wait instead of eating the memory."""


def _fair_password(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if not 8 <= len(text) <= 128:  # noqa: PLR2004 - the bounds stand in the message
        raise ValueError("a password has 8 to 128 characters")
    return secret


UserName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,31}$", to_lower=True, strip_whitespace=True)
]
Password = Annotated[SecretStr, AfterValidator(_fair_password)]
Grants = Annotated[tuple[PlaceCode, ...], Field(max_length=200)]


class NewUser(Input):
    """Somebody who may sign in. Without grants he sees nothing."""

    name: UserName
    password: Password
    role: Role
    display_name: Short = ""
    unit: Short = ""
    grants: Grants = ()


class UserChange(Input):
    """What to change of a user; what is not given stays.

    A new role or `active: false` ends his sessions, the latter his tokens as well.
    """

    role: Role | None = None
    display_name: Short | None = None
    unit: Short | None = None
    active: bool | None = None


async def _grants(conn: AsyncConnection, numbers: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    wanted = sa.select(user_grants).where(user_grants.c.user_no.in_(numbers)).order_by(user_grants.c.prefix)
    for row in await conn.execute(wanted):
        found[row.user_no] = (*found.get(row.user_no, ()), row.prefix)
    return found


async def from_rows(conn: AsyncConnection, rows: Sequence[AnyRow]) -> list[User]:
    """Rows of the users table as users, with their grants."""
    grants = await _grants(conn, [row.no for row in rows])
    return [
        User(
            no=row.no,
            id=row.id,
            name=row.name,
            display_name=row.display_name,
            unit=row.unit,
            role=Role(row.role),
            grants=grants.get(row.no, ()),
            active=row.active,
            created_at=row.created_at,
        )
        for row in rows
    ]


async def one_by(conn: AsyncConnection, clause: sa.ColumnElement[bool]) -> User | None:
    """The one user the clause finds, or None."""
    found = await from_rows(conn, (await conn.execute(sa.select(users).where(clause))).all())
    return found[0] if found else None


async def _required(conn: AsyncConnection, clause: sa.ColumnElement[bool]) -> User:
    user = await one_by(conn, clause)
    if user is None:
        raise NotFound("no such user", code="user_unknown")
    return user


async def list_users(store: Store) -> tuple[User, ...]:
    """Every user, by name."""
    async with store.read() as conn:
        rows = (await conn.execute(sa.select(users).order_by(users.c.name))).all()
        return tuple(await from_rows(conn, rows))


async def get(store: Store, user_id: UUID) -> User:
    """One user. Raises NotFound."""
    async with store.read() as conn:
        return await _required(conn, users.c.id == user_id)


async def by_name(store: Store, name: str) -> User:
    """The user of that sign-in name. Raises NotFound."""
    async with store.read() as conn:
        return await _required(conn, users.c.name == name.strip().lower())


async def _hash(password: SecretStr) -> str:
    return await asyncio.get_running_loop().run_in_executor(_HASHING, _HASHER.hash, password.get_secret_value())


async def _set_grants(conn: AsyncConnection, user_no: int, prefixes: Sequence[str], actor: Actor) -> None:
    for prefix in prefixes:
        scope.require(actor, prefix)
    await conn.execute(sa.delete(user_grants).where(user_grants.c.user_no == user_no))
    if prefixes:
        rows = [{"user_no": user_no, "prefix": prefix} for prefix in sorted(set(prefixes))]
        await conn.execute(sa.insert(user_grants), rows)


async def create(store: Store, new: NewUser, actor: Actor) -> User:
    """Add a user. Raises Conflict for a name in use, Denied for a grant beyond the actor's own scope."""
    hashed, identity, now = await _hash(new.password), uuid7(), store.clock()
    async with store.write() as conn:
        if await conn.scalar(sa.select(users.c.no).where(users.c.name == new.name)):
            raise Conflict(f"a user {new.name} exists already", code="user_exists")
        values = new.model_dump(exclude={"password", "grants", "role"})
        number = await conn.scalar(
            sa.insert(users)
            .values(id=identity, role=new.role.value, password_hash=hashed, active=True, created_at=now, **values)
            .returning(users.c.no)
        )
        await _set_grants(conn, int(number or 0), new.grants, actor)
        detail = audit.describe(user=new.name, role=new.role, grants=new.grants)
        await audit.append(conn, actor, "user.create", now=now, detail=detail)
        return await _required(conn, users.c.id == identity)


async def _revoke_tokens(conn: AsyncConnection, user: User, now: datetime) -> None:
    """Whoever held the old password may have made tokens with it."""
    live = sa.update(tokens).where(tokens.c.user_no == user.no, tokens.c.revoked_at.is_(None))
    await conn.execute(live.values(revoked_at=now))


async def change(store: Store, user_id: UUID, wanted: UserChange, actor: Actor) -> User:
    """Change a user. Raises NotFound, or Conflict when no active administrator would be left."""
    values = wanted.model_dump(mode="json", exclude_unset=True)
    for name, value in values.items():
        if value is None:
            raise invalid(name, "missing", "cannot be empty")
    async with store.write() as conn:
        old = await _required(conn, users.c.id == user_id)
        stays = values.get("role", old.role) == Role.ADMIN and values.get("active", old.active)
        if old.role is Role.ADMIN and old.active and not stays:
            others = sa.select(users.c.no).where(users.c.role == Role.ADMIN.value, users.c.active, users.c.no != old.no)
            if await conn.scalar(others.limit(1).with_for_update()) is None:
                raise Conflict("make somebody else an administrator first", code="last_admin")
        if values:
            await conn.execute(sa.update(users).where(users.c.no == old.no).values(values))
        if "role" in values or values.get("active") is False:
            await conn.execute(sa.delete(sessions).where(sessions.c.user_no == old.no))
        if values.get("active") is False:
            await _revoke_tokens(conn, old, store.clock())
        detail = audit.describe(user=old.name, **values)
        await audit.append(conn, actor, "user.change", now=store.clock(), detail=detail)
        return await _required(conn, users.c.id == user_id)


async def set_password(store: Store, user_id: UUID, password: SecretStr, actor: Actor) -> None:
    """Give a user another password; his sessions and tokens end. Raises NotFound, Invalid for a poor password."""
    try:
        _fair_password(password)
    except ValueError as err:
        raise invalid("password", "password_length", str(err)) from None
    hashed = await _hash(password)
    async with store.write() as conn:
        user = await _required(conn, users.c.id == user_id)
        await keep_password(conn, user, hashed, store.clock())
        await conn.execute(sa.delete(sessions).where(sessions.c.user_no == user.no))
        await audit.append(conn, actor, "user.password", now=store.clock(), detail=audit.describe(user=user.name))


async def replaced(store: Store, actor: Actor, old: SecretStr, new: SecretStr) -> str:
    """The hash of a user's new password, given that he knows the old one; a wrong guess is written to the audit."""
    try:
        _fair_password(new)
    except ValueError as err:
        raise invalid("new", "password_length", str(err)) from None
    async with store.read() as conn:
        hashed = await conn.scalar(sa.select(users.c.password_hash).where(users.c.no == actor.user.no))
    loop = asyncio.get_running_loop()
    if not await loop.run_in_executor(_HASHING, _matches, hashed or _NOBODY, old.get_secret_value()):
        async with store.write() as conn:
            detail = audit.describe(name=actor.user.name)
            await audit.append(conn, actor, "user.password_refused", now=store.clock(), detail=detail)
        raise Denied("the old password is wrong", code="password_wrong")
    if new.get_secret_value() == old.get_secret_value():
        raise invalid("new", "password_same", "choose another password than the old one")
    return await _hash(new)


async def keep_password(conn: AsyncConnection, user: User, hashed: str, now: datetime) -> None:
    """Set a user's password hash and end his tokens, in the caller's transaction."""
    await conn.execute(sa.update(users).where(users.c.no == user.no).values(password_hash=hashed))
    await _revoke_tokens(conn, user, now)


async def rename(store: Store, display_name: str, actor: Actor) -> User:
    """Change the name the actor is shown by."""
    async with store.write() as conn:
        await conn.execute(sa.update(users).where(users.c.no == actor.user.no).values(display_name=display_name))
        detail = audit.describe(user=actor.user.name, display_name=display_name)
        await audit.append(conn, actor, "user.change", now=store.clock(), detail=detail)
        return await _required(conn, users.c.no == actor.user.no)


async def set_grants(store: Store, user_id: UUID, prefixes: Sequence[str], actor: Actor) -> User:
    """Replace the places a user may see. Raises NotFound, Invalid, Denied beyond the actor's own scope."""
    for at, prefix in enumerate(prefixes):
        if not (prefix.isascii() and prefix.isdigit() and len(prefix) in (6, 9, 12)):
            raise invalid(f"grants.{at}", "place_code", "6, 9 or 12 digits")
    async with store.write() as conn:
        user = await _required(conn, users.c.id == user_id)
        await _set_grants(conn, user.no, prefixes, actor)
        detail = audit.describe(user=user.name, grants=list(prefixes), before=list(user.grants))
        await audit.append(conn, actor, "user.grants", now=store.clock(), detail=detail)
        return await _required(conn, users.c.id == user_id)


def as_asked(name: str) -> str:
    """A name as somebody typed it at sign-in, the way it is looked up: who counts tries must count these."""
    return "".join(char for char in name.strip().lower()[:64] if char.isprintable())


def _matches(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


async def verify(store: Store, name: str, password: str, address: str = "") -> User:
    """The active user of that name and password; both outcomes are written to the audit.

    Raises NotSignedIn, after the same work whether the name, the password or the account is wrong.
    """
    asked = as_asked(name)
    async with store.read() as conn:
        row = (await conn.execute(sa.select(users).where(users.c.name == asked))).one_or_none()
        user = (await from_rows(conn, [row]))[0] if row is not None else None
    hashed = row.password_hash if row is not None else _NOBODY
    right = await asyncio.get_running_loop().run_in_executor(_HASHING, _matches, hashed, password[:1024])
    good = user is not None and user.active and right
    actor = Actor(user, address) if user is not None else Actor(CONSOLE.user, address)
    async with store.write() as conn:
        action = "session.open" if good else "session.refused"
        # A name nobody has is not kept: it may be a password in the wrong field.
        detail = audit.describe(name=asked if user is not None else None)
        await audit.append(conn, actor, action, now=store.clock(), detail=detail)
    if user is None or not good:
        raise NotSignedIn("wrong name or password", code="sign_in")
    return user
