"""Who is told of what, and what became of it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Table, UniqueConstraint

from registry.columns import Id, Instant, Number
from registry.tables.columns import identity, metadata, no, text

alert_targets = Table(
    "alert_targets",
    metadata,
    no(),
    identity(),
    Column("name", sa.String(64), nullable=False),
    Column("kind", sa.String(16), nullable=False),
    Column("address", sa.String(1000), nullable=False),
    Column("secret_sealed", sa.Text),
    Column("enabled", sa.Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("removed_at", Instant),
)

alert_rules = Table(
    "alert_rules",
    metadata,
    no(),
    identity(),
    Column("revision", sa.Integer, nullable=False, server_default="1"),
    Column("name", sa.String(64), nullable=False),
    Column("reason", sa.String(200), nullable=False),
    Column("owner_no", Number, ForeignKey("users.no"), nullable=False, index=True),
    Column("enabled", sa.Boolean, nullable=False),
    Column("body", sa.JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("removed_at", Instant),
)

alert_deliveries = Table(
    "alert_deliveries",
    metadata,
    no(),
    identity(),
    Column("rule_no", Number, ForeignKey("alert_rules.no"), nullable=False),
    Column("target_no", Number, ForeignKey("alert_targets.no"), index=True),
    Column("camera_no", Number, ForeignKey("cameras.no"), nullable=False, index=True),
    Column("minute", Instant, nullable=False, index=True),
    Column("event_id", Id, nullable=False, index=True),
    Column("events", sa.Integer, nullable=False),
    Column("state", sa.String(16), nullable=False),
    Column("attempts", sa.Integer, nullable=False, server_default="0"),
    Column("next_at", Instant),
    Column("status", sa.Integer),
    text("error", 200),
    Column("created_at", Instant, nullable=False),
    Column("done_at", Instant),
    UniqueConstraint("rule_no", "target_no", "camera_no", "minute"),
    Index(None, "state", "next_at"),
)
