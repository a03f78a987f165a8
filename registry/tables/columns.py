"""What all tables share: their metadata and the columns that recur."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column

from registry.columns import Id, Number

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def no() -> Column[int]:
    """The row's small integer, which never leaves the process."""
    return Column("no", Number, primary_key=True)


def identity() -> Column[object]:
    """The public id."""
    return Column("id", Id, nullable=False, unique=True)


def text(name: str, length: int, *, default: str | None = "") -> Column[str]:
    """A required string; the empty string stands for "not told"."""
    return Column(name, sa.String(length), nullable=False, server_default=default)
