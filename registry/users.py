"""Who signs in: names, roles, the places they may see, and their passwords (argon2id)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import AfterValidator, Field, SecretStr, StringConstraints
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, duties, grants
from registry.columns import AnyRow
from registry.errors import Conflict, Denied, NotFound, NotSignedIn
from registry.inputs import Input, Moment, PlaceCode, Short, invalid
from registry.model import Actor, Line, Role, User
from registry.policy import PeoplePolicy
from registry.store import Store, utc_now
from registry.tables import sessions, tokens, users

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
Units = Annotated[tuple[UUID, ...], Field(max_length=200)]


class NewUser(Input):
    """Somebody who may sign in. Without grants (places, stations and teams) he sees nothing.

    Where his role must hold training or the pledge, he looks at nothing before their days are told.
    """

    name: UserName
    password: Password
    role: Role
    display_name: Short = ""
    unit: Short = ""
    grants: Grants = ()
    units: Units = ()
    station: UUID | None = None
    team: UUID | None = None
    trained_at: Moment | None = None
    pledged_at: Moment | None = None


class UserChange(Input):
    """What to change of a user; what is not given stays.

    A new role or `active: false` ends his sessions, the latter his tokens as well. `station`, `team`, `trained_at` and
    `pledged_at` may be null: none.
    """

    role: Role | None = None
    display_name: Short | None = None
    unit: Short | None = None
    active: bool | None = None
    station: UUID | None = None
    team: UUID | None = None
    trained_at: Moment | None = None
    pledged_at: Moment | None = None


_MAY_BE_NONE = frozenset({"station", "team", "trained_at", "pledged_at"})
_COLUMNS = {"role", "display_name", "unit", "active", "trained_at", "pledged_at"}


async def from_rows(conn: AsyncConnection, rows: Sequence[AnyRow], store: Store) -> list[User]:
    """Rows of the users table as users, with what they were given and what they hold by the store's policy."""
    given = await grants.of(conn, [row.no for row in rows])
    law, now = store.policy.people, store.clock()
    return [_user(row, given[row.no], law, now) for row in rows]


def _user(row: AnyRow, given: grants.Given, law: PeoplePolicy, now: datetime) -> User:
    station, team = given.serves.get(Line.STATION), given.serves.get(Line.TEAM)
    two_factors = row.totp_step is not None
    return User(
        no=row.no,
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        unit=row.unit or (team or station or (None, ""))[1],
        role=Role(row.role),
        grants=tuple(sorted(given.prefixes)),
        active=row.active,
        created_at=row.created_at,
        units=tuple(sorted(given.units)),
        through=tuple(sorted(given.villages)),
        station=station and station[0],
        team=team and team[0],
        duties=duties.of(row, law, now),
        two_factors=two_factors,
        enrol=not two_factors and row.role in law.totp_required_roles,
        locked_until=row.locked_until if row.locked_until is not None and row.locked_until > now else None,
    )


async def one_by(conn: AsyncConnection, clause: sa.ColumnElement[bool], store: Store) -> User | None:
    """The one user the clause finds, or None."""
    found = await from_rows(conn, (await conn.execute(sa.select(users).where(clause))).all(), store)
    return found[0] if found else None


async def again(conn: AsyncConnection, user: User, store: Store) -> User | None:
    """A user as he is now, with what the token carries by which he acts; None when he may no longer sign in."""
    now = await one_by(conn, sa.and_(users.c.no == user.no, users.c.active), store)
    return now and replace(now, carried=user.carried)


async def _required(conn: AsyncConnection, clause: sa.ColumnElement[bool], store: Store) -> User:
    user = await one_by(conn, clause, store)
    if user is None:
        raise NotFound("no such user", code="user_unknown")
    return user


async def list_users(store: Store) -> tuple[User, ...]:
    """Every user, by name."""
    async with store.read() as conn:
        rows = (await conn.execute(sa.select(users).order_by(users.c.name))).all()
        return tuple(await from_rows(conn, rows, store))


async def get(store: Store, user_id: UUID) -> User:
    """One user. Raises NotFound."""
    async with store.read() as conn:
        return await _required(conn, users.c.id == user_id, store)


async def by_name(store: Store, name: str) -> User:
    """The user of that sign-in name. Raises NotFound."""
    async with store.read() as conn:
        return await _required(conn, users.c.name == name.strip().lower(), store)


async def _hash(password: SecretStr) -> str:
    return await asyncio.get_running_loop().run_in_executor(_HASHING, _HASHER.hash, password.get_secret_value())


async def create(store: Store, new: NewUser, actor: Actor) -> User:
    """Add a user. Raises Conflict for a name in use, Denied for a grant beyond the actor's own scope, Invalid."""
    hashed, identity, now = await _hash(new.password), uuid7(), store.clock()
    _not_ahead(new, now)
    values = new.model_dump(include=_COLUMNS)
    async with store.write() as conn:
        if await conn.scalar(sa.select(users.c.no).where(users.c.name == new.name)):
            raise Conflict(f"a user {new.name} exists already", code="user_exists")
        row = sa.insert(users).values(
            **values, id=identity, name=new.name, password_hash=hashed, active=True, created_at=now
        )
        number = int(await conn.scalar(row.returning(users.c.no)) or 0)
        await grants.put(conn, number, new.grants, new.units, actor)
        for line, unit in ((Line.STATION, new.station), (Line.TEAM, new.team)):
            await grants.serve(conn, number, line, unit)
        detail = audit.describe(**new.model_dump(mode="json", exclude={"password", "name"}), user=new.name)
        await audit.append(conn, actor, "user.create", now=now, detail=detail)
        return await _required(conn, users.c.id == identity, store)


def _not_ahead(told: NewUser | UserChange, now: datetime) -> None:
    """Raise Invalid for a training or pledge that is still to come."""
    for name in ("trained_at", "pledged_at"):
        at = getattr(told, name)
        if at is not None and at > now:
            raise invalid(name, "future", "a day that has come")


async def _revoke_tokens(conn: AsyncConnection, user: User, now: datetime) -> None:
    """Whoever held the old password may have made tokens with it."""
    live = sa.update(tokens).where(tokens.c.user_no == user.no, tokens.c.revoked_at.is_(None))
    await conn.execute(live.values(revoked_at=now))


async def change(store: Store, user_id: UUID, wanted: UserChange, actor: Actor) -> User:
    """Change a user. Raises NotFound, or Conflict when no active administrator would be left."""
    now, told = store.clock(), wanted.model_dump(exclude_unset=True)
    _not_ahead(wanted, now)
    for name, value in told.items():
        if value is None and name not in _MAY_BE_NONE:
            raise invalid(name, "missing", "cannot be empty")
    async with store.write() as conn:
        old = await _required(conn, users.c.id == user_id, store)
        stays = told.get("role", old.role) == Role.ADMIN and told.get("active", old.active)
        if old.role is Role.ADMIN and old.active and not stays:
            others = sa.select(users.c.no).where(users.c.role == Role.ADMIN.value, users.c.active, users.c.no != old.no)
            if await conn.scalar(others.limit(1).with_for_update()) is None:
                raise Conflict("make somebody else an administrator first", code="last_admin")
        if values := {name: value for name, value in told.items() if name in _COLUMNS}:
            await conn.execute(sa.update(users).where(users.c.no == old.no).values(values))
        for line in Line:
            if line.value in told:
                await grants.serve(conn, old.no, line, told[line.value])
        if "role" in told or told.get("active") is False:
            await conn.execute(sa.delete(sessions).where(sessions.c.user_no == old.no))
        if told.get("active") is False:
            await _revoke_tokens(conn, old, now)
        detail = audit.describe(user=old.name, **wanted.model_dump(mode="json", exclude_unset=True))
        await audit.append(conn, actor, "user.change", now=now, detail=detail)
        return await _required(conn, users.c.id == user_id, store)


async def set_password(store: Store, user_id: UUID, password: SecretStr, actor: Actor) -> None:
    """Give a user another password; his sessions and tokens end. Raises NotFound, Invalid for a poor password."""
    try:
        _fair_password(password)
    except ValueError as err:
        raise invalid("password", "password_length", str(err)) from None
    hashed = await _hash(password)
    async with store.write() as conn:
        user = await _required(conn, users.c.id == user_id, store)
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
        return await _required(conn, users.c.no == actor.user.no, store)


async def set_grants(
    store: Store, user_id: UUID, prefixes: Sequence[str], actor: Actor, units: Sequence[UUID] | None = None
) -> User:
    """Replace the places and units a user may see; units that are not told stay.

    Raises NotFound, Invalid, Denied beyond the actor's own scope.
    """
    for at, prefix in enumerate(prefixes):
        if not (prefix.isascii() and prefix.isdigit() and len(prefix) in (6, 9, 12)):
            raise invalid(f"grants.{at}", "place_code", "6, 9 or 12 digits")
    async with store.write() as conn:
        user = await _required(conn, users.c.id == user_id, store)
        await grants.put(conn, user.no, prefixes, units, actor)
        before = {"before": list(user.grants), "units_before": list(user.units)}
        detail = audit.describe(user=user.name, grants=list(prefixes), units=units, **before)
        await audit.append(conn, actor, "user.grants", now=store.clock(), detail=detail)
        return await _required(conn, users.c.id == user_id, store)


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
        user = (await from_rows(conn, [row], store))[0] if row is not None else None
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
