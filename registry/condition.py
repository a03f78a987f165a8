"""How a database is: asked without making, upgrading or changing anything."""

from __future__ import annotations

import time
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import NullPool

from registry import migrate
from registry.columns import to_ms
from registry.errors import Corrupt, Unavailable
from registry.store import translate, utc_now

QUICK_CHECK_BYTES = 200_000_000
"""SQLite files up to this size are read through once; a larger one would take minutes."""
_SAFE = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass(frozen=True, slots=True)
class Condition:
    """What was found. `unsafe` are PostgreSQL's settings under which a commit may be lost."""

    engine: str
    version: str
    major: int
    revision: str | None
    newer: bool
    latency_ms: float
    encoding: str
    unsafe: tuple[str, ...]
    damage: str
    ahead_s: float
    """How far its register's last row lies in the future of this machine's clock; 0 when it does not."""


async def of(url: str) -> Condition:
    """Look at the database at `url`. Raises Unavailable when it is away, Corrupt when it is no database."""
    engine = migrate.make_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as conn:
            return await _look(conn)
    except DBAPIError as err:
        ours = translate(err)
        raise ours or Unavailable(f"the database refuses: {type(err.orig).__name__}", code="database_away") from err
    except (OSError, TimeoutError) as err:
        raise Unavailable("the database is away; nothing answers at its address", code="database_away") from err
    finally:
        await engine.dispose()


async def _look(conn: AsyncConnection) -> Condition:
    postgresql = conn.dialect.name == "postgresql"
    began = time.monotonic()
    await conn.execute(sa.text("SELECT 1"))
    latency_ms = (time.monotonic() - began) * 1000
    asked = "SHOW server_version" if postgresql else "SELECT sqlite_version()"
    version = str(await conn.scalar(sa.text(asked))).split(maxsplit=1)[0]
    revision = await conn.run_sync(migrate.revision_of)
    try:
        migrate.refuse_newer(revision)
        newer = False
    except Corrupt:
        newer = True
    unsafe = [one for one in _SAFE if postgresql and await conn.scalar(sa.text(f"SHOW {one}")) == "off"]
    return Condition(
        engine="PostgreSQL" if postgresql else "SQLite",
        version=version,
        major=int(version.partition(".")[0]),
        revision=revision,
        newer=newer,
        latency_ms=latency_ms,
        encoding=str(await conn.scalar(sa.text("SHOW server_encoding"))) if postgresql else "UTF8",
        unsafe=tuple(unsafe),
        damage="" if postgresql else await _damage(conn),
        ahead_s=await _ahead(conn) if revision is not None and not newer else 0.0,
    )


async def _damage(conn: AsyncConnection) -> str:
    size = int(await conn.scalar(sa.text("PRAGMA page_count")) or 0) * int(
        await conn.scalar(sa.text("PRAGMA page_size")) or 0
    )
    if size > QUICK_CHECK_BYTES:
        return ""
    said = str(await conn.scalar(sa.text("PRAGMA quick_check(1)")))
    return "" if said == "ok" else said


async def _ahead(conn: AsyncConnection) -> float:
    last = await conn.scalar(sa.text("SELECT max(at) FROM audit"))
    return max(0.0, (int(last) - to_ms(utc_now())) / 1000) if last else 0.0
