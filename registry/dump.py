"""The registry's tables as plain rows, the same from either engine: what a backup holds and a restore puts back.

A row is a list of JSON values in the order of its table's columns, each of one of seven sorts: `int` (times too, as
milliseconds), `float`, `bool`, `text`, `uuid` (its text), `bytes` (base64) and `json`. A dump names the sorts with the
columns, so that a later program reads it without knowing the tables of the day it was made.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import migrate
from registry.columns import Id, Instant
from registry.errors import Conflict, Corrupt, HubError, Unavailable
from registry.store import Store, translate
from registry.tables import events, metadata

LEFT_OUT = frozenset({"sessions"})
"""Sign-ins do not come back with a backup: one that was ended since would be open again."""
BATCH = 2000
_BATCHES: Mapping[str, int] = {"consent_scans": 10}
"""Fewer rows at once where a row holds a picture: 2,000 of them would fill the memory."""

_SORTS: tuple[tuple[type[sa.types.TypeEngine[Any]], str], ...] = (
    (Instant, "int"),
    (Id, "uuid"),
    (sa.JSON, "json"),
    (sa.Boolean, "bool"),
    (sa.Float, "float"),
    (sa.Integer, "int"),
    (sa.String, "text"),
)
_TYPES: Mapping[str, sa.types.TypeEngine[Any]] = {
    "int": sa.BigInteger(),
    "float": sa.Float(53),
    "bool": sa.Boolean(),
    "text": sa.Text(),
    "uuid": Id(),
    "bytes": sa.LargeBinary(),
    "json": sa.JSON(none_as_null=True),
}
_ENCODE: Mapping[str, Callable[[Any], object]] = {"uuid": str, "bytes": lambda raw: base64.b64encode(raw).decode()}
_DECODE: Mapping[str, Callable[[Any], object]] = {
    "uuid": UUID,
    "bytes": lambda text: base64.b64decode(text, validate=True),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """A table's name and its columns, as (name, sort)."""

    name: str
    columns: tuple[tuple[str, str], ...]

    @property
    def batch(self) -> int:
        """How many rows are in the memory at once."""
        return _BATCHES.get(self.name, BATCH)

    def table(self) -> sa.TableClause:
        """The table for statements that see neutral types. Raises Corrupt for a sort nobody knows."""
        if not {sort for _, sort in self.columns} <= _TYPES.keys():
            raise Corrupt(f"{self.name} has a column of a sort this program does not know", code="backup_rows")
        return sa.table(self.name, *(sa.column(name, _TYPES[sort]) for name, sort in self.columns))

    def at(self, column: str) -> int:
        """Where a column stands in a row. Raises Corrupt for one that is not there."""
        for place, (name, _) in enumerate(self.columns):
            if name == column:
                return place
        raise Corrupt(f"{self.name} has no column {column}", code="backup_rows")


def shapes() -> tuple[Shape, ...]:
    """Every table a backup holds, what is referred to before what refers to it."""
    return tuple(
        Shape(table.name, tuple((column.name, _sort(column.type)) for column in table.columns))
        for table in metadata.sorted_tables
        if table.name not in LEFT_OUT
    )


def _sort(of: sa.types.TypeEngine[Any]) -> str:
    return next((sort for kind, sort in _SORTS if isinstance(of, kind)), "bytes")


async def read_rows(conn: AsyncConnection, shape: Shape) -> AsyncIterator[list[list[object]]]:
    """All rows of a table in batches, by its primary key."""
    table = shape.table()
    order = [table.c[column.name] for column in metadata.tables[shape.name].primary_key.columns]
    encoders = [_ENCODE.get(sort) for _, sort in shape.columns]
    result = await conn.stream(sa.select(table).order_by(*order), execution_options={"yield_per": shape.batch})
    async for rows in result.partitions():
        yield [
            [
                value if encode is None or value is None else encode(value)
                for value, encode in zip(row, encoders, strict=True)
            ]
            for row in rows
        ]


async def size_bytes(store: Store) -> int:
    """About how many bytes the database takes: for a look at the free disk before a backup."""
    async with store.read() as conn:
        if conn.dialect.name == "postgresql":
            return int(await conn.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0)
        pages = await conn.scalar(sa.text("PRAGMA page_count"))
        return int(pages or 0) * int(await conn.scalar(sa.text("PRAGMA page_size")) or 0)


async def pictures_now(store: Store, numbers: Sequence[int]) -> dict[int, dict[str, object]]:
    """The picture columns of events as they are now, by `no`; events that are gone are left out."""
    shape = next(one for one in shapes() if one.name == events.name)
    table = shape.table()
    columns = [table.c[name] for name, _ in shape.columns if name.startswith(("snapshot", "still"))]
    async with store.read() as conn:
        rows = (await conn.execute(sa.select(table.c.no, *columns).where(table.c.no.in_(numbers)))).mappings().all()
    return {row["no"]: {name: value for name, value in row.items() if name != "no"} for row in rows}


@asynccontextmanager
async def filling(url: str, revision: str) -> AsyncIterator[AsyncConnection]:
    """One transaction on an empty database with the schema of `revision` in it; `finish` brings it to the program's.

    Whatever interrupts it leaves the database empty. Raises Conflict when there is something in the database already,
    Corrupt for a newer revision or rows that do not fit, Unavailable when the database is away or its disk full.
    """
    engine = migrate.one_transaction_engine(url)
    try:
        async with engine.begin() as conn:
            if await conn.run_sync(lambda connection: sa.inspect(connection).get_table_names()):
                raise Conflict(
                    "the database is not empty; a restore needs an empty one, so that nothing is overwritten",
                    code="restore_not_empty",
                )
            await conn.run_sync(migrate.build, revision)
            for table in (await conn.run_sync(_seeded))[::-1]:
                await conn.execute(sa.delete(sa.table(table)))
            yield conn
    except DBAPIError as err:
        raise _away(err) or Corrupt("the backup's rows do not fit its schema", code="backup_rows") from err
    except StatementError as err:
        raise Corrupt("the backup's rows do not fit its schema", code="backup_rows") from err
    except (OSError, TimeoutError) as err:
        raise Unavailable(f"the database or its disk is away: {err}", code="database_away") from err
    finally:
        await engine.dispose()


def _away(err: DBAPIError) -> HubError | None:
    ours = translate(err)
    return None if isinstance(ours, Conflict) else ours


def _seeded(connection: sa.Connection) -> list[str]:
    """The tables a migration makes, but alembic's own."""
    return [name for name in sa.inspect(connection).get_table_names() if name != "alembic_version"]


async def write_rows(conn: AsyncConnection, shape: Shape, rows: Iterable[Sequence[object]]) -> int:
    """Put a batch of `read_rows` back; how many. Raises Corrupt for rows of another form."""
    names = [name for name, _ in shape.columns]
    decoders = [_DECODE.get(sort) for _, sort in shape.columns]
    try:
        values = [
            {
                name: value if decode is None or value is None else decode(value)
                for name, value, decode in zip(names, row, decoders, strict=True)
            }
            for row in rows
        ]
    except (ValueError, TypeError, AttributeError, binascii.Error) as err:
        raise Corrupt(f"a row of {shape.name} has another form than its columns", code="backup_rows") from err
    if values:
        await conn.execute(sa.insert(shape.table()), values)
    return len(values)


async def finish(conn: AsyncConnection, filled: Iterable[Shape]) -> None:
    """Let the next rows be numbered after those put back, and bring the schema to the program's."""
    if conn.dialect.name == "postgresql":
        for shape in filled:
            if ("no", "int") in shape.columns:
                await _continue_numbers(conn, shape)
    await conn.run_sync(migrate.build)


async def _continue_numbers(conn: AsyncConnection, shape: Shape) -> None:
    sequence = await conn.scalar(sa.select(sa.func.pg_get_serial_sequence(shape.name, "no")))
    last = await conn.scalar(sa.select(sa.func.max(shape.table().c.no)))
    if sequence is not None and last is not None:
        await conn.execute(sa.select(sa.func.setval(sequence, last)))
