"""The database behind the registry: SQLite (WAL, synchronous=FULL) or PostgreSQL, one SQL text for both.

Errors of SQLAlchemy and the drivers are translated here, and only here: locked, full or away is Unavailable, a broken
constraint Conflict, an unreadable file Corrupt. Any other driver error is a bug and passes through.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, tzinfo
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import asyncpg
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from registry import migrate, sqlite
from registry.errors import Conflict, Corrupt, HubError, Unavailable
from registry.policy import Policy, preset
from registry.tables import registry_revision

COMMAND_S = 60.0
"""How long one statement may take on PostgreSQL: longer than any request waits, so that a server that hangs is away."""
CONNECT_S = 10.0
_AWAY = (OSError, TimeoutError, PoolTimeout, asyncpg.PostgresError, asyncpg.InterfaceError)
AT_A_TIME = 500
_Row = TypeVar("_Row")
_PG_TRY_AGAIN = ("40", "53", "55P03", "57")
"""SQLSTATE classes that pass by themselves: rollback, out of resources, lock not available, operator intervention."""


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


def _of_sqlite(text: str) -> HubError | None:
    """Our error for SQLite's message; it has no other stable sign that reaches us."""
    if "is locked" in text or "is busy" in text:
        return Unavailable("the database is locked by another program; try again", code="database_locked")
    if "is full" in text:
        return Unavailable("the disk of the database is full; free some space", code="disk_full")
    if "malformed" in text or "not a database" in text:
        return Corrupt("the database file is damaged; restore it from a backup", code="database_damaged")
    if "unable to open" in text or "disk I/O" in text or "readonly" in text:
        return Unavailable(f"the database cannot be used: {text}", code="database_away")
    return None


def translate(err: DBAPIError) -> HubError | None:
    """Our error for a driver's, or None where the error is a bug of ours."""
    if isinstance(err, IntegrityError):
        return Conflict("another record stands in the way; read it again and retry")
    state = getattr(err.orig, "sqlstate", None)
    if state is None and not err.connection_invalidated:
        return _of_sqlite(str(err.orig))
    if err.connection_invalidated or str(state).startswith(("08", *_PG_TRY_AGAIN)):
        return Unavailable("the database is away; try again", code="database_away")
    return None


def _tune_sqlite(engine: AsyncEngine, *, begin: str, read_only: bool, busy_s: float) -> None:
    """Set what SQLite keeps per connection, and start transactions ourselves: the driver's own way starts them late."""

    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={round(busy_s * 1000)}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "journal_size_limit=67108864",
            "cache_size=-16384",
            f"query_only={'ON' if read_only else 'OFF'}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def on_begin(connection: sa.Connection) -> None:
        sqlite.of(connection).begin(begin)

    event.listen(engine.sync_engine, "connect", on_connect)
    event.listen(engine.sync_engine, "begin", on_begin)


class Store:
    """An open registry. Its functions ask it for "now" (`clock`), local hours (`tz`) and legal choices (`policy`)."""

    def __init__(
        self,
        reader: AsyncEngine,
        writer: AsyncEngine,
        *,
        clock: Callable[[], datetime],
        tz: tzinfo,
        law: Policy,
        one_writer: bool,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self.one_machine = one_writer
        """Whether the database is a file of this machine (SQLite), which a lock in its folder guards."""
        self._gate = asyncio.Semaphore(1 if one_writer else 1_000_000)
        self.clock = clock
        self.tz = tz
        self.policy = law

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        clock: Callable[[], datetime] = utc_now,
        tz: tzinfo | None = None,
        law: Policy | None = None,
        upgrade: bool = False,
        busy_s: float = 5.0,
    ) -> Store:
        """Open the registry at `url` (`sqlite+aiosqlite:///path` or `postgresql://…`).

        `tz` is the villages' zone (Asia/Shanghai by default), `law` the policy (by default the preset `cn`); `busy_s`
        is how long a locked SQLite file is waited for. Raises Corrupt when its schema is newer than this program,
        Unavailable when it is older and `upgrade` is not set, or when the database is away, Invalid for another sort
        of URL.
        """
        if upgrade:
            await migrate.upgrade(url)
        sqlite = url.startswith("sqlite")
        patience = {"timeout": CONNECT_S, "command_timeout": COMMAND_S}
        own: dict[str, Any] = {"pool_size": 8, "connect_args": patience}
        writer = migrate.make_engine(url, **({"pool_size": 1, "max_overflow": 0} if sqlite else own))
        if sqlite:
            reader = migrate.make_engine(url, pool_size=4, max_overflow=4)
            _tune_sqlite(writer, begin="BEGIN IMMEDIATE", read_only=False, busy_s=busy_s)
            _tune_sqlite(reader, begin="BEGIN", read_only=True, busy_s=busy_s)
        else:
            reader = writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        zone = tz or ZoneInfo("Asia/Shanghai")
        store = cls(reader, writer, clock=clock, tz=zone, law=law or preset("cn"), one_writer=sqlite)
        try:
            async with store.read() as conn:
                await conn.run_sync(migrate.require_head)
        except BaseException:
            await store.close()
            raise
        return store

    async def close(self) -> None:
        """Release every connection."""
        await self._reader.dispose()
        await self._writer.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection in one read-only transaction: everything read in it is of one moment."""
        async with self._transaction(self._reader) as conn:
            yield conn

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A connection in one transaction, committed at the end and rolled back on any error."""
        async with self._gate, self._transaction(self._writer) as conn:
            yield conn

    async def revision(self) -> int:
        """The number that rises with every change to what workers should do."""
        async with self.read() as conn:
            return int((await conn.execute(sa.select(registry_revision.c.value))).scalar_one())

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        conn = engine.connect()
        try:
            await conn.start()
        except _AWAY as err:
            raise Unavailable("the database is away; try again", code="database_away") from err
        except DBAPIError as err:
            raise (translate(err) or err) from err
        try:
            try:
                async with conn.begin():
                    yield conn
            finally:
                await asyncio.shield(conn.close())
        except DBAPIError as err:
            ours = translate(err)
            if ours is None:
                raise
            raise ours from err
        except (TimeoutError, OSError) as err:
            # asyncpg's own, which SQLAlchemy hands on as they are: nothing else here waits or touches the network.
            raise Unavailable("the database does not answer; try again", code="database_away") from err


async def in_turns(rows: Iterable[_Row]) -> list[_Row]:
    """All rows of a result, read `AT_A_TIME`: thousands at once hold up everybody else's requests."""
    found: list[_Row] = []
    for row in rows:
        found.append(row)
        if len(found) % AT_A_TIME == 0:
            await asyncio.sleep(0)
    return found


async def raise_revision(conn: AsyncConnection) -> None:
    """Tell the workers, with this transaction's commit, that what they should do may have changed.

    Call it before anything else is written: its row is locked until the commit, and on PostgreSQL two transactions that
    lock it and another row in different orders stop each other.
    """
    await conn.execute(sa.update(registry_revision).values(value=registry_revision.c.value + 1))
