"""Signing in: a name, its password, the second factor where one is set up; and the wait after wrong tries.

Wrong tries in a row lock a name for a while that doubles with each further one, up to the policy's longest. The lock is
of signing in alone: it ends no session, an administrator lifts it, and so does the command line, which never signs in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, passwords, twofactors, users
from registry.columns import AnyRow
from registry.errors import NotFound, NotSignedIn, TooMany
from registry.model import Actor, User
from registry.policy import LockoutPolicy
from registry.store import Store
from registry.tables import users as rows
from registry.users import CONSOLE
from registry.vault import Vault


@dataclass(frozen=True, slots=True)
class Tried:
    """What somebody signs in with; `code`: of his app, or a recovery code."""

    name: str
    password: str = field(repr=False)
    code: str | None = field(default=None, repr=False)


def as_asked(name: str) -> str:
    """A name as somebody typed it at sign-in, the way it is looked up: who counts tries must count these."""
    return "".join(char for char in name.strip().lower()[:64] if char.isprintable())


async def verify(store: Store, vault: Vault, tried: Tried, address: str = "") -> User:
    """The active user of that name, password and code; every outcome is written to the audit.

    Raises NotSignedIn, after the same work whether the name, the password or the account is wrong; code `code_required`
    where the password was right and a second factor is set up, `code_wrong` where that was wrong. Raises TooMany
    (`locked`) after too many wrong tries, whatever is given.
    """
    asked, now = as_asked(tried.name), store.clock()
    async with store.read() as conn:
        row = (await conn.execute(sa.select(rows).where(rows.c.name == asked))).one_or_none()
        user = (await users.from_rows(conn, [row], store))[0] if row is not None else None
    if row is not None and (left := _left(row, now)) > 0:
        await _record(store, user, address, "session.locked")
        hint = "too many wrong tries for this name; wait, or ask an administrator"
        raise TooMany(hint, retry_after_s=left, code="locked")
    right = await passwords.matches(row.password_hash if row is not None else passwords.NOBODY, tried.password)
    if row is None or user is None or not (user.active and right):
        await _refuse(store, user, asked, address)
        raise NotSignedIn("wrong name or password", code="sign_in")
    if user.two_factors and not tried.code:
        await _record(store, user, address, "session.code_required")
        raise NotSignedIn("give the code of your app as well", code="code_required")
    async with store.write() as conn:
        good = not user.two_factors or await twofactors.spend(conn, vault, row, tried.code or "", now)
        if good:
            await conn.execute(sa.update(rows).where(rows.c.no == row.no).values(failures=0, locked_until=None))
            detail = audit.describe(name=asked)
            await audit.append(conn, Actor(user, address), "session.open", now=now, detail=detail)
    if not good:
        await _refuse(store, user, asked, address)
        raise NotSignedIn("the code is wrong, or was used already; wait for the next", code="code_wrong")
    return user


async def unlock(store: Store, user_id: UUID, actor: Actor) -> User:
    """Forget a user's wrong tries, so that he may sign in at once. Raises NotFound."""
    async with store.write() as conn:
        freed = sa.update(rows).where(rows.c.id == user_id).values(failures=0, locked_until=None)
        row = (await conn.execute(freed.returning(rows))).one_or_none()
        if row is None:
            raise NotFound("no such user", code="user_unknown")
        await audit.append(conn, actor, "user.unlock", now=store.clock(), detail=audit.describe(user=row.name))
        return (await users.from_rows(conn, [row], store))[0]


def _left(row: AnyRow, now: datetime) -> float:
    """Seconds that a name still waits."""
    return 0.0 if row.locked_until is None else (row.locked_until - now).total_seconds()


def wait_after(failures: int, law: LockoutPolicy) -> timedelta:
    """How long a name waits after so many wrong tries in a row."""
    if failures < law.tries:
        return timedelta(0)
    doubled = law.first_minutes * 2.0 ** min(failures - law.tries, 30)
    return timedelta(minutes=min(doubled, law.longest_minutes))


async def _refuse(store: Store, user: User | None, asked: str, address: str) -> None:
    """Put a wrong try on record, and count it against a name that somebody has."""
    now = store.clock()
    async with store.write() as conn:
        if user is not None:
            await _count(conn, store, user, now)
        # A name nobody has is not kept: it may be a password in the wrong field.
        detail = audit.describe(name=asked if user is not None else None)
        await audit.append(conn, Actor(user or CONSOLE.user, address), "session.refused", now=now, detail=detail)


async def _count(conn: AsyncConnection, store: Store, user: User, now: datetime) -> None:
    counted = sa.update(rows).where(rows.c.no == user.no).values(failures=rows.c.failures + 1)
    failures = int(await conn.scalar(counted.returning(rows.c.failures)) or 0)
    if wait := wait_after(failures, store.policy.people.lockout):
        await conn.execute(sa.update(rows).where(rows.c.no == user.no).values(locked_until=now + wait))


async def _record(store: Store, user: User | None, address: str, action: str) -> None:
    async with store.write() as conn:
        await audit.append(conn, Actor(user or CONSOLE.user, address), action, now=store.clock())
