"""The store: schema, transactions, two writers, and what the engines' errors become."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.exc import DBAPIError, StatementError

import registry.store
from registry import migrate
from registry.errors import Conflict, Corrupt, Invalid, Unavailable
from registry.store import Store, raise_revision
from registry.tables import metadata, places, registry_revision
from tests.registry.county import NOON


def _place(code: str = "220882") -> dict[str, object]:
    from uuid_utils.compat import uuid7

    return {"id": uuid7(), "code": code, "name": "大安市", "level": "county", "source": ""}


async def _count(store: Store) -> int:
    async with store.read() as conn:
        return await conn.scalar(sa.select(sa.func.count()).select_from(places))


# On SQLite nobody reads back an index of an expression: there test_seeing_recordings finds it in a plan.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index:sqlalchemy.exc.SAWarning")
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index:UserWarning")
async def test_migrations_make_what_the_tables_say(store: Store) -> None:
    async with store.write() as conn:

        def differences(connection: sa.Connection) -> list[object]:
            return compare_metadata(MigrationContext.configure(connection), metadata)

        assert await conn.run_sync(differences) == []


async def test_upgrade_twice_and_current(bare: str) -> None:
    await asyncio.gather(migrate.upgrade(bare), migrate.upgrade(bare))
    assert await migrate.current(bare) == migrate.head()


async def test_empty_database_asks_for_upgrade(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="db upgrade") as err:
        await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}")
    assert err.value.code == "schema_older"
    assert await migrate.current(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}") is None


@pytest.mark.parametrize("upgrade", [False, True])
async def test_newer_schema_is_refused(url: str, upgrade: bool) -> None:
    store = await Store.open(url, upgrade=True)
    async with store.write() as conn:
        await conn.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    await store.close()
    with pytest.raises(Corrupt, match="newer than this program") as err:
        await Store.open(url, upgrade=upgrade)
    assert err.value.code == "schema_newer"


async def test_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "hub.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(Corrupt) as err:
        await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'hub.db'}")
    assert err.value.code == "database_damaged"


@pytest.mark.parametrize("address", ["mysql://root:hunter2@host/db", "hunter2", "rtsp://hunter2@x/"])
@pytest.mark.parametrize("upgrade", [False, True])
async def test_another_sort_of_database_is_refused_without_telling_the_url(address: str, upgrade: bool) -> None:
    with pytest.raises(Invalid) as err:
        await Store.open(address, upgrade=upgrade)
    assert "hunter2" not in str(err.value)
    assert err.value.__cause__ is None
    assert err.value.__context__ is None


async def test_no_server() -> None:
    with pytest.raises(Unavailable) as err:
        await Store.open("postgresql://nobody@127.0.0.1:1/none")
    assert err.value.code == "database_away"


async def test_error_rolls_back(store: Store) -> None:
    with pytest.raises(RuntimeError):
        async with store.write() as conn:
            await conn.execute(sa.insert(places).values(_place()))
            raise RuntimeError
    assert await _count(store) == 0


async def test_cancelled_between_statements_rolls_back_and_frees_the_writer(store: Store) -> None:
    inside = asyncio.Event()

    async def half() -> None:
        async with store.write() as conn:
            await conn.execute(sa.insert(places).values(_place()))
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(half())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await _count(store) == 0
    async with store.write() as conn:
        await conn.execute(sa.insert(places).values(_place()))
    assert await _count(store) == 1


async def test_broken_constraint_is_a_conflict(store: Store) -> None:
    async with store.write() as conn:
        await conn.execute(sa.insert(places).values(_place()))
    with pytest.raises(Conflict):
        async with store.write() as conn:
            await conn.execute(sa.insert(places).values(_place()))


async def test_a_failed_statement_does_not_tell_its_values(store: Store) -> None:
    with pytest.raises(DBAPIError) as err:
        async with store.write() as conn:
            await conn.execute(sa.text("SELECT * FROM nowhere WHERE password = :password"), {"password": "very secret"})
    assert "very secret" not in str(err.value)


@pytest.mark.postgres
async def test_a_server_that_hangs_is_away(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry.store, "COMMAND_S", 0.3)
    store = await Store.open(postgres_url, upgrade=True)
    with pytest.raises(Unavailable) as err:
        async with store.read() as conn:
            await conn.execute(sa.text("SELECT pg_sleep(20)"))
    assert err.value.code == "database_away"
    assert await store.revision() >= 0
    await store.close()


async def test_two_stores_write_at_once(url: str) -> None:
    one = await Store.open(url, upgrade=True)
    two = await Store.open(url)

    async def raise_often(store: Store) -> None:
        for _ in range(20):
            async with store.write() as conn:
                await raise_revision(conn)

    await asyncio.gather(*(raise_often(store) for store in (one, two, one, two)))
    assert await one.revision() == 80
    await one.close()
    await two.close()


async def test_readers_see_one_moment(store: Store) -> None:
    async with store.read() as conn:
        before = await conn.scalar(sa.select(registry_revision.c.value))
        async with store.write() as other:
            await raise_revision(other)
        assert await conn.scalar(sa.select(registry_revision.c.value)) == before
    assert await store.revision() == before + 1


async def test_readers_cannot_write(store: Store) -> None:
    with pytest.raises((Unavailable, sa.exc.DBAPIError)):
        async with store.read() as conn:
            await raise_revision(conn)
    assert await store.revision() == 0


async def test_time_without_zone_is_refused(store: Store) -> None:
    from registry.tables import cases

    values = {"id": _place()["id"], "number": "1", "title": "x", "opened_by": "x"}
    with pytest.raises(StatementError, match="without zone"):
        async with store.write() as conn:
            await conn.execute(sa.insert(cases).values(opened_at=datetime(2026, 1, 1), **values))  # noqa: DTZ001


async def test_times_keep_their_milliseconds(store: Store) -> None:
    from registry.tables import cases

    at = datetime(1969, 12, 31, 23, 59, 59, 999000, tzinfo=UTC)
    values = {
        "id": _place()["id"],
        "number": "1",
        "title": "x",
        "opened_by": "x",
        "starts_at": at,
        "opened_at": NOON,
        "expires_at": NOON,
    }
    async with store.write() as conn:
        await conn.execute(sa.insert(cases).values(values))
    async with store.read() as conn:
        row = (await conn.execute(sa.select(cases))).one()
    assert (row.starts_at, row.opened_at, row.id) == (at, NOON, values["id"])


async def test_locked_file_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    store = await Store.open(f"sqlite+aiosqlite:///{path}", upgrade=True, busy_s=0.05)
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable) as err:
        async with store.write() as conn:
            await raise_revision(conn)
    assert err.value.code == "database_locked"
    assert await store.revision() == 0
    other.rollback()
    other.close()
    async with store.write() as conn:
        await raise_revision(conn)
    assert await store.revision() == 1
    await store.close()


async def test_full_disk_is_unavailable_and_loses_nothing(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'hub.db'}", upgrade=True)
    async with store.write() as conn:
        pages = await conn.scalar(sa.text("PRAGMA page_count"))
        await conn.execute(sa.text(f"PRAGMA max_page_count={pages + 2}"))
    with pytest.raises(Unavailable) as err:
        async with store.write() as conn:
            for number in range(10_000):
                await conn.execute(sa.insert(places).values(_place(f"{number:06}")))
    assert err.value.code == "disk_full"
    assert await _count(store) == 0
    await store.close()


async def test_sqlite_keeps_its_promises(tmp_path: Path) -> None:
    store = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'hub.db'}", upgrade=True)
    async with store.write() as conn:
        asked = {
            name: await conn.scalar(sa.text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    await store.close()
