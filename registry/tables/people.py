"""Who looks, and why: users, their units and grants, sessions and tokens; cases and purposes."""

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
    Column("trained_at", Instant),
    Column("pledged_at", Instant),
    Column("upgraded_at", Instant),
    Column("totp_sealed", sa.String(300)),
    Column("totp_step", sa.BigInteger),
    Column("failures", sa.Integer, nullable=False, server_default="0"),
    Column("locked_until", Instant),
)
"""`upgraded_at`: when a hub that asked for no training or pledge was upgraded; None of whoever was added later.

`totp_step` is the last step (30 s) whose code was used, None until the first one was: then two factors are asked for.
"""

user_grants = Table(
    "user_grants",
    metadata,
    Column("user_no", Number, ForeignKey("users.no"), primary_key=True, autoincrement=False),
    Column("prefix", sa.String(12), primary_key=True),
)

units = Table(
    "units",
    metadata,
    no(),
    identity(),
    Column("kind", sa.String(16), nullable=False),
    Column("name", sa.String(64), nullable=False),
    Column("parent_no", Number, ForeignKey("units.no"), index=True),
    Column("created_at", Instant, nullable=False),
)

unit_villages = Table(
    "unit_villages",
    metadata,
    Column("village_no", Number, ForeignKey("places.no"), primary_key=True, autoincrement=False),
    Column("line", sa.String(8), primary_key=True),
    Column("unit_no", Number, ForeignKey("units.no"), nullable=False, index=True),
)
"""A village has one unit of each line: its station, and its team."""

unit_members = Table(
    "unit_members",
    metadata,
    Column("user_no", Number, ForeignKey("users.no"), primary_key=True, autoincrement=False),
    Column("line", sa.String(8), primary_key=True),
    Column("unit_no", Number, ForeignKey("units.no"), nullable=False, index=True),
)

unit_grants = Table(
    "unit_grants",
    metadata,
    Column("user_no", Number, ForeignKey("users.no"), primary_key=True, autoincrement=False),
    Column("unit_no", Number, ForeignKey("units.no"), primary_key=True, autoincrement=False, index=True),
)

old_passwords = Table(
    "old_passwords",
    metadata,
    no(),
    Column("user_no", Number, ForeignKey("users.no"), nullable=False, index=True),
    Column("password_hash", sa.String(200), nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("user_no", Number, ForeignKey("users.no"), primary_key=True, autoincrement=False),
    Column("code_hash", sa.LargeBinary(32), primary_key=True),
)

cases = Table(
    "cases",
    metadata,
    no(),
    identity(),
    Column("number", sa.String(64), nullable=False, unique=True),
    Column("title", sa.String(200), nullable=False),
    Column("revision", sa.Integer, nullable=False, server_default="1"),
    text("offence", 32, default="other"),
    text("offence_text", 200),
    Column("starts_at", Instant),
    Column("ends_at", Instant),
    Column("responsible_no", Number, ForeignKey("users.no"), index=True),
    Column("opened_by", sa.String(64), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("closed_at", Instant),
)
"""Without `starts_at` and `ends_at`, and without a place, a case has no limit of its own there."""

case_places = Table(
    "case_places",
    metadata,
    Column("case_no", Number, ForeignKey("cases.no"), primary_key=True, autoincrement=False),
    Column("prefix", sa.String(12), primary_key=True),
)

case_members = Table(
    "case_members",
    metadata,
    Column("case_no", Number, ForeignKey("cases.no"), primary_key=True, autoincrement=False),
    Column("user_no", Number, ForeignKey("users.no"), primary_key=True, autoincrement=False, index=True),
)

purposes = Table(
    "purposes",
    metadata,
    no(),
    identity(),
    Column("kind", sa.String(16), nullable=False),
    Column("case_no", Number, ForeignKey("cases.no"), index=True),
    Column("approval_no", Number, ForeignKey("approvals.no")),
    text("reason", 200),
    Column("user_no", Number, ForeignKey("users.no"), nullable=False, index=True),
    Column("opened_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("closed_at", Instant),
)

purpose_cameras = Table(
    "purpose_cameras",
    metadata,
    Column("purpose_no", Number, ForeignKey("purposes.no"), primary_key=True, autoincrement=False),
    Column("camera_no", Number, ForeignKey("cameras.no"), primary_key=True, autoincrement=False),
)
"""The cameras a maintenance purpose is about."""

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
    Column("permissions", sa.JSON(none_as_null=True)),
    Column("places", sa.JSON(none_as_null=True)),
)
"""`permissions`, `places`: what of its owner's a token carries; None: all of it, as tokens once did."""
