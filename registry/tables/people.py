"""Who looks, and why: users with their grants, sessions and tokens; cases and purposes."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Table

from registry.columns import Instant, Number
from registry.tables.columns import identity, metadata, no, text

users = Table(
    "users",
    metadata,
    no(),
    identity(),
    Column("name", sa.String(32), nullable=False, unique=True),
    text("display_name", 64),
    text("unit", 64),
    Column("role", sa.String(16), nullable=False),
    Column("password_hash", sa.String(200), nullable=False),
    Column("active", sa.Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
)

user_grants = Table(
    "user_grants",
    metadata,
    Column("user_no", Number, ForeignKey("users.no"), primary_key=True, autoincrement=False),
    Column("prefix", sa.String(12), primary_key=True),
)

cases = Table(
    "cases",
    metadata,
    no(),
    identity(),
    Column("number", sa.String(64), nullable=False, unique=True),
    Column("title", sa.String(200), nullable=False),
    Column("village_no", Number, ForeignKey("places.no"), index=True),
    Column("starts_at", Instant),
    Column("ends_at", Instant),
    Column("opened_by", sa.String(64), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
)

purposes = Table(
    "purposes",
    metadata,
    no(),
    identity(),
    Column("kind", sa.String(16), nullable=False),
    Column("case_no", Number, ForeignKey("cases.no"), index=True),
    text("reason", 200),
    Column("user_no", Number, ForeignKey("users.no"), nullable=False, index=True),
    Column("opened_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("closed_at", Instant),
)

sessions = Table(
    "sessions",
    metadata,
    no(),
    identity(),
    Column("token_hash", sa.LargeBinary(32), nullable=False, unique=True),
    Column("csrf", sa.String(64), nullable=False),
    Column("user_no", Number, ForeignKey("users.no"), nullable=False, index=True),
    Column("purpose_no", Number, ForeignKey("purposes.no"), index=True),
    text("address", 64),
    text("agent", 200),
    Column("opened_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    no(),
    identity(),
    Column("token_hash", sa.LargeBinary(32), nullable=False, unique=True),
    Column("name", sa.String(64), nullable=False),
    Column("user_no", Number, ForeignKey("users.no"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)
