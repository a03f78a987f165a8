"""What somebody with the database's file, or its owner's password, does first: take the guards away."""

from __future__ import annotations

import sqlite3

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

_SQLITE = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('audit', 'audit_head')"
_POSTGRESQL = (
    "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
    " WHERE NOT tgisinternal AND relname IN ('audit', 'audit_head')"
)


async def unguard(conn: AsyncConnection) -> None:
    """Drop the triggers that keep the register from being changed."""
    postgresql = conn.dialect.name == "postgresql"
    for name, table in (await conn.execute(sa.text(_POSTGRESQL if postgresql else _SQLITE))).all():
        await conn.execute(sa.text(f"DROP TRIGGER {name}" + (f" ON {table}" if postgresql else "")))


def unguard_file(database: sqlite3.Connection) -> None:
    """The same, in an open SQLite file."""
    for name, _ in database.execute(_SQLITE).fetchall():
        database.execute(f"DROP TRIGGER {name}")
