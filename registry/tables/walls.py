"""Walls people saved, and who watched what live for how long."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Table

from registry.columns import Instant, Number
from registry.tables.columns import identity, metadata, no, text

walls = Table(
    "walls",
    metadata,
    no(),
    identity(),
    Column("revision", sa.Integer, nullable=False, server_default="1"),
    Column("name", sa.String(64), nullable=False),
    Column("owner_no", Number, ForeignKey("users.no"), nullable=False, index=True),
    Column("shared", sa.Boolean, nullable=False),
    Column("body", sa.JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
)

viewings = Table(
    "viewings",
    metadata,
    no(),
    Column("camera_no", Number, ForeignKey("cameras.no"), nullable=False),
    Column("user_no", Number, ForeignKey("users.no"), nullable=False),
    Column("purpose_no", Number, ForeignKey("purposes.no"), nullable=False, index=True),
    Column("audit_no", Number, nullable=False),
    Column("stream", sa.String(8), nullable=False),
    Column("node", sa.String(64), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("closed_at", Instant),
    text("why", 24),
    Index(None, "camera_no", "opened_at"),
    Index(None, "user_no", "opened_at"),
)
Index(
    "ix_viewings_open",
    viewings.c.seen_at,
    sqlite_where=viewings.c.closed_at.is_(None),
    postgresql_where=viewings.c.closed_at.is_(None),
)
