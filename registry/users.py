"""Who signs in: names, roles, what they may see, where they serve and what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, SecretStr, StringConstraints
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, duties, grants, passwords
from registry.columns import AnyRow
from registry.errors import Conflict, Denied, NotFound
from registry.inputs import Input, Moment, PlaceCode, Short, invalid
from registry.model import Actor, Line, Role, User
from registry.passwords import Password
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

UserName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,31}$", to_lower=True, strip_whitespace=True)
]
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
        trained_at=row.trained_at,
        pledged_at=row.pledged_at,
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


async def create(store: Store, new: NewUser, actor: Actor) -> User:
    """Add a user. Raises Conflict for a name in use, Denied for a grant beyond the actor's own scope, Invalid."""
    identity, now = uuid7(), store.clock()
    _not_ahead(new, now)
    passwords.require_fair(store, new.name, new.password, "password")
    hashed = await passwords.hashed(new.password)
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
    user = await get(store, user_id)
    passwords.require_fair(store, user.name, password, "password")
    await passwords.require_new(store, user.no, password, "password")
    hashed = await passwords.hashed(password)
    async with store.write() as conn:
        user = await _required(conn, users.c.id == user_id, store)
        await keep_password(conn, user, hashed, store)
        await conn.execute(sa.delete(sessions).where(sessions.c.user_no == user.no))
        await audit.append(conn, actor, "user.password", now=store.clock(), detail=audit.describe(user=user.name))


async def replaced(store: Store, actor: Actor, old: SecretStr, new: SecretStr) -> str:
    """The hash of a user's new password, given that he knows the old one; a wrong guess is written to the audit."""
    passwords.require_fair(store, actor.user.name, new, "new")
    async with store.read() as conn:
        kept = await conn.scalar(sa.select(users.c.password_hash).where(users.c.no == actor.user.no))
    if not await passwords.matches(kept or passwords.NOBODY, old.get_secret_value()):
        async with store.write() as conn:
            detail = audit.describe(name=actor.user.name)
            await audit.append(conn, actor, "user.password_refused", now=store.clock(), detail=detail)
        raise Denied("the old password is wrong", code="password_wrong")
    await passwords.require_new(store, actor.user.no, new, "new")
    return await passwords.hashed(new)


async def keep_password(conn: AsyncConnection, user: User, hashed: str, store: Store) -> None:
    """Set a user's password hash, end his tokens and forget wrong tries, in the caller's transaction."""
    await passwords.keep(conn, store, user.no, hashed)
    await conn.execute(sa.update(users).where(users.c.no == user.no).values(failures=0, locked_until=None))
    await _revoke_tokens(conn, user, store.clock())


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
