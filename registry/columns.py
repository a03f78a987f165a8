"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_STEPS = 10_000

AnyRow = sa.Row[*tuple[Any, ...]]
"""A row of any shape; its columns are read by name."""

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A row's `no`: 64 bits on both (SQLite numbers rows by itself only when the type is called INTEGER)."""


def to_ms(at: datetime) -> int:
    """Milliseconds since 1970 UTC, rounded down. Raises ValueError for a time without zone."""
    if at.tzinfo is None:
        raise ValueError("a time without zone cannot be stored; give it a time zone")
    return (at - EPOCH) // _MS


def from_ms(ms: int) -> datetime:
    """The UTC time of `ms` milliseconds since 1970."""
    return EPOCH + timedelta(milliseconds=ms)


class Instant(TypeDecorator[datetime]):
    """A moment, kept as integer milliseconds since 1970 UTC; naive datetimes are refused."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To milliseconds."""
        del dialect
        return None if value is None else to_ms(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """To an aware UTC datetime."""
        del dialect
        return None if value is None else from_ms(value)


class Id(TypeDecorator[UUID]):
    """A UUID: native on PostgreSQL, 16 bytes on SQLite; both sort the same way."""

    impl = sa.LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """PostgreSQL has a type for it."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.UUID(as_uuid=True))
        return dialect.type_descriptor(sa.LargeBinary(16))

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> UUID | bytes | None:
        """To what the engine keeps."""
        return value if value is None or dialect.name == "postgresql" else value.bytes

    def process_result_value(self, value: UUID | bytes | None, dialect: Dialect) -> UUID | None:
        """To a standard UUID."""
        del dialect
        return UUID(bytes=value) if isinstance(value, bytes) else value


class Trail(TypeDecorator[tuple[tuple[float, float], ...]]):
    """Points in shares of the picture, packed as two little-endian 16-bit ten-thousandths each (4 bytes a point)."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(self, value: tuple[tuple[float, float], ...] | None, dialect: Dialect) -> bytes | None:
        """Pack; values outside 0–1 are clipped to the picture."""
        del dialect
        if value is None:
            return None
        flat = [round(min(max(share, 0.0), 1.0) * _STEPS) for point in value for share in point]
        return struct.pack(f"<{len(flat)}H", *flat)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> tuple[tuple[float, float], ...]:
        """Unpack, to four decimals."""
        del dialect
        packed = value or b""
        flat = [share / _STEPS for share in struct.unpack(f"<{len(packed) // 2}H", packed)]
        return tuple(zip(flat[::2], flat[1::2], strict=True))
