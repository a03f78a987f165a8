"""SQLAlchemy's asyncio SQLite driver, with one turn of the connection's thread a statement.

The stock adapter takes four (make a cursor, execute, fetch, close it), one for BEGIN, and one for a rollback of nothing
when the connection goes back to its pool. Each turn is a switch to the thread and back, which is more than most of our
statements cost. Here a transaction begins in the turn of its first statement. Rows are fetched whole, as the stock
adapter does it; streams keep the stock cursor.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable
from typing import Any

import aiosqlite
import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
    SQLiteDialect_aiosqlite,
)
from sqlalchemy.util import EMPTY_DICT
from sqlalchemy.util.concurrency import await_

DRIVER = "oneturn"
_Left = tuple[Any, int, int | None]
_Ran = tuple[_Left, deque[Any]]


class Cursor(AsyncAdapt_aiosqlite_cursor):
    """A cursor that exists in the thread only while a statement runs; what the statement left is kept here."""

    __slots__ = ("_adapted", "_left")

    arraysize = 1

    def __init__(self, adapt_connection: Any) -> None:
        self._adapted: Connection = adapt_connection
        self._rows = deque()
        self._soft_closed_memoized = EMPTY_DICT
        self._left: _Left = (None, -1, None)

    @property
    def description(self) -> Any:
        """The columns of the last statement, None where it returned none."""
        return self._left[0]

    @property
    def rowcount(self) -> int:
        """How many rows the last statement changed."""
        return self._left[1]

    @property
    def lastrowid(self) -> Any:
        """The number of the row that was inserted last."""
        return self._left[2]

    def execute(self, operation: Any, parameters: Any = None) -> None:
        """Run a statement, and fetch what it returns."""
        self._left, self._rows = self._adapted.turn(operation, parameters or (), many=False)

    def executemany(self, operation: Any, seq_of_parameters: Any) -> None:
        """Run a statement with each set of parameters."""
        self._left, self._rows = self._adapted.turn(operation, seq_of_parameters, many=True)

    def close(self) -> None:
        """Drop what was not read."""
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        """Nothing is open."""


class Connection(AsyncAdapt_aiosqlite_connection):
    """A connection that begins a transaction when its first statement runs."""

    __slots__ = ("_due",)

    _cursor_cls = Cursor

    def __init__(self, dbapi: Any, connection: Any) -> None:
        super().__init__(dbapi, connection)
        self._due: str | None = None

    def begin(self, how: str) -> None:
        """Begin a transaction by the statement `how`, together with the first one in it."""
        self._due = how

    def turn(self, operation: str, parameters: Any, *, many: bool) -> _Ran:
        """Run a statement in the connection's thread, in a transaction if one is due; what it left, and its rows."""
        due, self._due = self._due, None

        def run(raw: sqlite3.Connection) -> _Ran:
            cursor = raw.cursor()
            try:
                if due is not None:
                    cursor.execute(due)
                (cursor.executemany if many else cursor.execute)(operation, parameters)
                rows = deque(cursor.fetchall() if cursor.description else ())
                return (cursor.description, cursor.rowcount, cursor.lastrowid), rows
            finally:
                cursor.close()

        try:
            return await_(self._in_thread(run))
        except Exception as error:  # noqa: BLE001 - the adapter's own way: it names a lost connection, and raises
            self._handle_exception(error)

    async def _in_thread(self, run: Callable[[sqlite3.Connection], _Ran]) -> _Ran:
        async with self._execute_mutex:
            ran: _Ran = await self._connection._execute(run, self._connection._conn)  # noqa: SLF001 - work in its thread
            return ran

    def cursor(self, server_side: bool = False) -> Any:
        """A cursor for statements, or the stock one for a stream."""
        if server_side and self._due is not None:
            self.turn("SELECT 1", (), many=False)
        return super().cursor(server_side)

    def commit(self) -> None:
        """Keep what was done; nothing where no statement ran."""
        if self._open():
            super().commit()

    def rollback(self) -> None:
        """Undo what was done; nothing where no statement ran, or all of it ended."""
        if self._open():
            super().rollback()

    def _open(self) -> bool:
        self._due = None
        raw = self._connection._connection  # noqa: SLF001 - None once it is closed
        return raw is not None and raw.in_transaction


def of(connection: sa.Connection) -> Connection:
    """The connection beneath one of SQLAlchemy's. TypeError for another driver's."""
    beneath = connection.connection.dbapi_connection
    if not isinstance(beneath, Connection):
        raise TypeError(f"no connection of {DRIVER}: {beneath!r}")
    return beneath


class Dbapi(AsyncAdapt_aiosqlite_dbapi):
    """The stock module, whose connections are ours."""

    def connect(self, *arg: Any, **kw: Any) -> Connection:
        """A connection of our kind."""
        stock = super().connect(*arg, **kw)
        return Connection(self, stock._connection)  # noqa: SLF001 - the driver's own


class Dialect(SQLiteDialect_aiosqlite):
    """The stock dialect over our connections."""

    driver = DRIVER
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> Dbapi:
        """The module SQLAlchemy connects by."""
        return Dbapi(aiosqlite, sqlite3)


registry.register(f"sqlite.{DRIVER}", __name__, Dialect.__name__)
