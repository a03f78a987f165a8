"""What owners agreed to, what was done about it, and what withdrawal left behind."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Table

from registry.columns import Instant, Number
from registry.tables.columns import identity, metadata, no, text

consents = Table(
    "consents",
    metadata,
    no(),
    identity(),
    Column("camera_no", Number, ForeignKey("cameras.no"), nullable=False, index=True),
    Column("owner_name", sa.String(64), nullable=False),
    Column("for_events", sa.Boolean, nullable=False),
    Column("for_clip", sa.Boolean, nullable=False),
    Column("for_live", sa.Boolean, nullable=False),
    Column("for_incident", sa.Boolean, nullable=False, server_default=sa.false()),
    text("purpose", 200),
    Column("from_minute", sa.Integer),
    Column("to_minute", sa.Integer),
    Column("masks", sa.JSON(none_as_null=True)),
    Column("valid_from", Instant, nullable=False),
    Column("valid_to", Instant),
    Column("reconfirm_by", Instant),
    Column("text_version", sa.String(64), nullable=False),
    Column("signed_at", Instant),
    Column("state", sa.String(16), nullable=False, server_default="active"),
    Column("stopped_at", Instant),
    Column("withdrawn_at", Instant),
    Column("link_nonce", sa.LargeBinary),
    CheckConstraint("(from_minute IS NULL) = (to_minute IS NULL)", name="hours_both_or_none"),
)

consent_gaps = Table(
    "consent_gaps",
    metadata,
    no(),
    Column("consent_no", Number, ForeignKey("consents.no"), nullable=False, index=True),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
)

consent_steps = Table(
    "consent_steps",
    metadata,
    no(),
    Column("consent_no", Number, ForeignKey("consents.no"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("by", sa.String(64), nullable=False),
    Column("step", sa.String(16), nullable=False),
    text("note", 200),
)

consent_scans = Table(
    "consent_scans",
    metadata,
    Column("consent_no", Number, ForeignKey("consents.no"), primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("by", sa.String(64), nullable=False),
    Column("sha256", sa.String(64), nullable=False),
    Column("picture", sa.LargeBinary, nullable=False),
)

withdrawals = Table(
    "withdrawals",
    metadata,
    Column("consent_no", Number, ForeignKey("consents.no"), primary_key=True, autoincrement=False),
    Column("number", sa.String(24), nullable=False, unique=True),
    Column("at", Instant, nullable=False),
    Column("by_owner", sa.Boolean, nullable=False),
    Column("by", sa.String(64), nullable=False),
    Column("stopped", sa.Boolean, nullable=False),
    Column("credentials", sa.Boolean, nullable=False),
    Column("events", sa.Integer, nullable=False),
    Column("recordings", sa.Integer, nullable=False),
    Column("marks", sa.Integer, nullable=False),
    Column("stills", sa.Integer, nullable=False, server_default="0"),
    Column("motion", sa.Integer, nullable=False, server_default="0"),
    Column("purge_by", Instant),
)
