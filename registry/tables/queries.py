"""Searches people saved, to be run again."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Table

from registry.columns import Instant, Number
from registry.tables.columns import identity, metadata, no

saved_searches = Table(
    "saved_searches",
    metadata,
    no(),
    identity(),
    Column("user_no", Number, ForeignKey("users.no"), nullable=False, index=True),
    Column("case_no", Number, ForeignKey("cases.no"), index=True),
    Column("name", sa.String(64), nullable=False),
    Column("query", sa.String(2000), nullable=False),
    Column("created_at", Instant, nullable=False),
)
"""With a case it is that case's, and its members' to run; without one its author's."""
