"""SQLite's driver: turns of the connection's thread, and transactions that begin with their first statement."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import aiosqlite
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from registry.errors import Unavailable
from registry.store import Store

TURNS: list[str] = []


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "hub.db"


@pytest.fixture
async def counted(file: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    store = await Store.open(f"sqlite+aiosqlite:///{file}", upgrade=True, busy_s=0.1)
    async with store.write() as conn:
        await conn.execute(sa.text("CREATE TABLE sheep (no INTEGER PRIMARY KEY, name TEXT UNIQUE)"))
    async with store.read() as conn:
        await conn.execute(sa.text("SELECT 1"))
    stock = aiosqlite.Connection._execute

    async def execute(self: aiosqlite.Connection, fn: object, *args: object, **kwargs: object) -> object:
        TURNS.append(getattr(fn, "__name__", str(fn)))
        return await stock(self, fn, *args, **kwargs)

    monkeypatch.setattr(aiosqlite.Connection, "_execute", execute)
    TURNS.clear()
    yield store
    await store.close()


async def test_a_statement_is_one_turn_and_so_is_the_end(counted: Store) -> None:
    async with counted.write() as conn:
        for name in ("dolly", "molly"):
            await conn.execute(sa.text("INSERT INTO sheep (name) VALUES (:name)"), {"name": name})
    assert TURNS == ["run", "run", "commit"]
    TURNS.clear()
    async with counted.read() as conn:
        assert (await conn.scalars(sa.text("SELECT name FROM sheep ORDER BY name"))).all() == ["dolly", "molly"]
    assert len(TURNS) == 2


async def test_a_transaction_without_a_statement_is_none(counted: Store) -> None:
    async with counted.write():
        pass
    assert TURNS == []


async def test_a_transaction_begins_with_its_first_statement_and_keeps_others_out(counted: Store, file: Path) -> None:
    other = sqlite3.connect(file, timeout=0.1, isolation_level=None)
    async with counted.write() as conn:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
        await conn.execute(sa.text("SELECT 1"))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable, match="locked"):
        async with counted.write() as conn:
            await conn.execute(sa.text("SELECT 1"))
    other.execute("ROLLBACK")
    other.close()


async def test_a_failure_undoes_what_came_before_it(counted: Store) -> None:
    with pytest.raises(DBAPIError):
        async with counted.write() as conn:
            await conn.execute(sa.text("INSERT INTO sheep (name) VALUES ('dolly')"))
            await conn.execute(sa.text("no statement"))
    async with counted.read() as conn:
        assert await conn.scalar(sa.text("SELECT count(*) FROM sheep")) == 0


async def test_many_rows_numbers_and_counts(counted: Store) -> None:
    async with counted.write() as conn:
        await conn.execute(sa.text("INSERT INTO sheep (name) VALUES (:name)"), [{"name": str(n)} for n in range(500)])
        changed = await conn.execute(sa.text("UPDATE sheep SET name = name || '!' WHERE no > 400"))
        assert changed.rowcount == 100
        made = await conn.execute(sa.text("INSERT INTO sheep (name) VALUES ('last') RETURNING no"))
        assert made.scalar_one() == 501


async def test_a_stream_is_of_one_moment(counted: Store) -> None:
    async with counted.write() as conn:
        await conn.execute(sa.text("INSERT INTO sheep (name) VALUES (:name)"), [{"name": str(n)} for n in range(500)])
    async with counted.read() as conn:
        rows = await conn.stream(sa.text("SELECT no FROM sheep ORDER BY no"), execution_options={"yield_per": 50})
        async with counted.write() as writing:
            await writing.execute(sa.text("DELETE FROM sheep"))
        assert [row.no async for row in rows] == list(range(1, 501))


async def test_who_gives_up_leaves_nothing_open(counted: Store, file: Path) -> None:
    async def write() -> None:
        async with counted.write() as conn:
            await conn.execute(
                sa.text(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) "
                    "INSERT INTO sheep (name) SELECT i FROM n WHERE i % 100000 = 0"
                )
            )

    task = asyncio.create_task(write())
    while not TURNS:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with counted.write() as conn:
        await conn.execute(sa.text("INSERT INTO sheep (name) VALUES ('after')"))
        assert (await conn.scalars(sa.text("SELECT name FROM sheep"))).all() == ["after"]
