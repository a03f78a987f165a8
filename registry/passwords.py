"""Passwords: argon2id hashes, and what the policy asks of a new one (section `people.password`)."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import AfterValidator, SecretStr
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.inputs import invalid
from registry.store import Store
from registry.tables import old_passwords, users

NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$o9T/Q43uVWj5joE7J+HCBg$BnVcn0euOJxb0ZjcocuzEbYl/tqHlzFhheWvpk8LIZE"
"""A hash that no password has, so that an unknown name costs what a known one does."""
MOST = 128
_HASHER = PasswordHasher()
_HASHING = ThreadPoolExecutor(2, thread_name_prefix="argon2")
"""Each hash takes 64 MiB for a moment: a storm of sign-ins must wait instead of eating the memory."""


def _fair(secret: SecretStr) -> SecretStr:
    if not 8 <= len(secret.get_secret_value()) <= MOST:  # noqa: PLR2004 - the bounds stand in the message
        raise ValueError("a password has 8 to 128 characters")
    return secret


Password = Annotated[SecretStr, AfterValidator(_fair)]


async def hashed(secret: SecretStr) -> str:
    """The hash to keep of a password."""
    return await asyncio.get_running_loop().run_in_executor(_HASHING, _HASHER.hash, secret.get_secret_value())


async def matches(kept: str, text: str) -> bool:
    """Whether a hash is of this password; more than 1024 characters of it are not looked at."""
    return await asyncio.get_running_loop().run_in_executor(_HASHING, _matches, kept, text[:1024])


def _matches(kept: str, text: str) -> bool:
    try:
        return _HASHER.verify(kept, text)
    except (VerificationError, InvalidHashError):
        return False


def require_fair(store: Store, name: str, secret: SecretStr, field: str) -> None:
    """Raise Invalid for a password that is too short or too long, holds the name, or is what everybody tries first."""
    law, text = store.policy.people.password, secret.get_secret_value()
    if not law.min_length <= len(text) <= MOST:
        raise invalid(field, "password_length", f"a password has {law.min_length} to {MOST} characters")
    if name.casefold() in text.casefold():
        raise invalid(field, "password_name", "a password does not hold the user's name")
    if text.casefold() in law.commonest:
        raise invalid(field, "password_common", "everybody tries this password first; choose another")


async def require_new(store: Store, user_no: int, secret: SecretStr, field: str) -> None:
    """Raise Invalid for the password a user has, or one of those the policy remembers of him."""
    before = sa.select(old_passwords.c.password_hash).where(old_passwords.c.user_no == user_no)
    recent = before.order_by(old_passwords.c.no.desc()).limit(store.policy.people.password.remembered)
    async with store.read() as conn:
        kept = [await conn.scalar(sa.select(users.c.password_hash).where(users.c.no == user_no))]
        kept += (await conn.scalars(recent)).all()
    for one in kept:
        if one is not None and await matches(one, secret.get_secret_value()):
            raise invalid(field, "password_same", "choose a password that was not used before")


async def keep(conn: AsyncConnection, store: Store, user_no: int, new_hash: str) -> None:
    """Set a user's password hash and remember the one before, in the caller's transaction."""
    mine = old_passwords.c.user_no == user_no
    before = sa.select(users.c.no, users.c.password_hash).where(users.c.no == user_no)
    await conn.execute(sa.insert(old_passwords).from_select(["user_no", "password_hash"], before))
    recent = sa.select(old_passwords.c.no).where(mine).order_by(old_passwords.c.no.desc())
    stay = list(await conn.scalars(recent.limit(store.policy.people.password.remembered)))
    await conn.execute(sa.delete(old_passwords).where(mine, old_passwords.c.no.not_in(stay)))
    await conn.execute(sa.update(users).where(users.c.no == user_no).values(password_hash=new_hash))
