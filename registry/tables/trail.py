"""The register of what people did. Triggers of schema 0004 refuse every change but a next row (`GUARDS`)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table

from registry.columns import Instant, Number
from registry.tables.columns import metadata, text

audit = Table(
    "audit",
    metadata,
    Column("no", Number, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False, index=True),
    Column("user_no", Number, ForeignKey("users.no"), index=True),
    Column("user_name", sa.String(64), nullable=False),
    Column("role", sa.String(16)),
    text("unit", 64),
    text("address", 64),
    Column("action", sa.String(32), nullable=False),
    Column("cameras", sa.JSON, nullable=False),
    Column("span_from", Instant),
    Column("span_to", Instant),
    Column("purpose_kind", sa.String(16)),
    Column("case_number", sa.String(64)),
    text("reason", 200),
    Column("detail", sa.Text, nullable=False),
    Column("result_count", sa.Integer),
    Column("consent_versions", sa.JSON(none_as_null=True)),
    Column("prev_hash", sa.String(64), nullable=False),
    Column("hash", sa.String(64), nullable=False),
    # Changes are few among the looks: those of one camera are found without reading the looks.
    Index(None, "action", "no"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("no", sa.Integer, primary_key=True, autoincrement=False),
    Column("audit_no", sa.BigInteger, nullable=False),
    Column("hash", sa.String(64), nullable=False),
    CheckConstraint("no = 1", name="one_row"),
)

GUARDS = frozenset({"audit_only_grows", "audit_head_moves_on"})
"""How the names of those triggers begin, on both engines."""
