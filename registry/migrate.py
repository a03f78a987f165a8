"""Bring a database to the program's schema, and refuse one that is ahead of it."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import threading
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from registry import sqlite
from registry.errors import Corrupt, FieldError, Invalid, Unavailable

_ADVISORY_KEY = 0x68756264
"""Any fixed number: two hubs that upgrade one PostgreSQL database at once wait for each other on it."""


def _config(connection: sa.Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def make_engine(url: str, **options: Any) -> AsyncEngine:
    """An engine for `sqlite+aiosqlite:` or `postgresql:` URLs. Raises Invalid for any other; the URL is never told.

    Nor are the values of a statement that fails: they may be secrets, and a driver's error ends in the log.
    """
    try:
        driven = url.replace("postgresql://", "postgresql+asyncpg://", 1)
        driven = driven.replace("sqlite+aiosqlite:", f"sqlite+{sqlite.DRIVER}:", 1)
        return create_async_engine(driven, hide_parameters=True, **options)
    except (ArgumentError, ModuleNotFoundError):
        hint = "use postgresql://user:password@host/name, or leave it empty for SQLite"
    raise Invalid(f"database_url: {hint}", FieldError("database_url", "database_url", hint))


def one_transaction_engine(url: str) -> AsyncEngine:
    """An engine whose transactions hold changes of the schema too, on both databases; every use has its connection."""
    # Who comes second waits for an upgrade to end, as on PostgreSQL.
    patience = {"connect_args": {"timeout": 60.0}} if url.startswith("sqlite") else {}
    engine = make_engine(url, poolclass=NullPool, **patience)
    if engine.dialect.name == "sqlite":

        def on_connect(connection: sa.engine.interfaces.DBAPIConnection, _record: object) -> None:
            connection.isolation_level = None

        def on_begin(connection: sa.Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

        event.listen(engine.sync_engine, "connect", on_connect)
        event.listen(engine.sync_engine, "begin", on_begin)
    return engine


@cache
def _scripts() -> tuple[str | None, frozenset[str]]:
    """The head of this program's revisions, and all of them. Reading them takes as long as a hundred queries."""
    scripts = ScriptDirectory.from_config(_config())
    return scripts.get_current_head(), frozenset(one.revision for one in scripts.walk_revisions())


def head() -> str:
    """The schema revision this program is written for."""
    found, _ = _scripts()
    if found is None:
        raise Corrupt("the program's migrations are missing; install it again", code="schema_missing")
    return found


def build(connection: sa.Connection, revision: str = "head") -> None:
    """Bring the connection's database to `revision` in its transaction. Raises Corrupt for one not known here."""
    refuse_newer(None if revision == "head" else revision)
    command.upgrade(_config(connection), revision)


def revision_of(connection: sa.Connection) -> str | None:
    """The schema revision of the connection's database; None when it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def refuse_newer(revision: str | None) -> None:
    """Raise Corrupt for a schema this program does not know; None, an empty database, is none."""
    _, known = _scripts()
    if revision is not None and revision not in known:
        raise Corrupt(
            f"the database's schema {revision} is newer than this program ({head()}); install the newer program",
            code="schema_newer",
            found=revision,
            known=head(),
        )


def require_head(connection: sa.Connection) -> None:
    """Raise Corrupt when the database is newer than the program, Unavailable when it must be upgraded first."""
    revision = revision_of(connection)
    refuse_newer(revision)
    if revision != head():
        raise Unavailable(
            f"the database's schema is {revision or 'empty'}, this program needs {head()}; run: camera-hub db upgrade",
            code="schema_older",
        )


def _upgrade(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_KEY)))
    refuse_newer(revision_of(connection))
    command.upgrade(_config(connection), "head")


def _keep_copy(file: Path, before: str) -> None:
    """Lay a copy of a SQLite file, as it is at revision `before`, beside it: hub.db.before-0002.

    The copy is for whoever wants the older program back; no program reads it, and it may be deleted. Raises Unavailable
    when the disk has no room for it.
    """
    place = file.with_name(f"{file.name}.before-{head()}")
    part = file.with_name(f"{place.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(part)) as copy:
            source.backup(copy)
            (revision,) = copy.execute("SELECT version_num FROM alembic_version").fetchone()
        if revision == before:  # else another program upgraded it meanwhile, and made the copy before that
            shutil.copymode(file, part)
            part.replace(place)
    except (OSError, sqlite3.Error) as err:
        hint = f"no copy of the database could be made before its upgrade ({err}); free some space, then start again"
        raise Unavailable(hint, code="disk_full") from err
    finally:
        part.unlink(missing_ok=True)


async def upgrade(url: str) -> None:
    """Bring the database at `url` to the program's schema, in one transaction; a SQLite file is copied before.

    Raises Corrupt when it is newer than the program, Unavailable when it is away or there is no room for the copy.
    """
    file = make_url(url).database if url.startswith("sqlite") else None
    if file is not None and await asyncio.to_thread(Path(file).exists):
        before = await current(url)
        refuse_newer(before)
        if before is not None and before != head():
            await asyncio.to_thread(_keep_copy, Path(file), before)
    engine = one_transaction_engine(url)
    try:
        async with engine.begin() as conn:
            await conn.run_sync(_upgrade)
    except (OSError, DBAPIError) as err:
        raise Unavailable(f"the database cannot be upgraded: {_said(err)}", code="database_away") from err
    finally:
        await engine.dispose()


async def current(url: str) -> str | None:
    """The schema revision of the database at `url`; None when it is empty. Raises Unavailable when it is away."""
    engine = one_transaction_engine(url)

    async def ask(conn: AsyncConnection) -> str | None:
        return await conn.run_sync(revision_of)

    try:
        async with engine.connect() as conn:
            return await ask(conn)
    except (OSError, DBAPIError) as err:
        raise Unavailable(f"the database cannot be read: {_said(err)}", code="database_away") from err
    finally:
        await engine.dispose()


def _said(err: OSError | DBAPIError) -> str:
    """What the system or the driver said, without the statement, which tells nobody what to do."""
    return str(err.orig) if isinstance(err, DBAPIError) else str(err)


async def empty(url: str) -> bool:
    """Whether the database at `url` holds no table. Raises Unavailable when it is away."""
    engine = one_transaction_engine(url)
    try:
        async with engine.connect() as conn:
            return not await conn.run_sync(lambda connection: sa.inspect(connection).get_table_names())
    except (OSError, DBAPIError) as err:
        raise Unavailable(f"the database cannot be read: {_said(err)}", code="database_away") from err
    finally:
        await engine.dispose()
