"""Whom a case asks for footage, what he is asked for, and what is sent in."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Table

from registry.columns import Instant, Number
from registry.tables.columns import identity, metadata, no, text

canvass_entries = Table(
    "canvass_entries",
    metadata,
    no(),
    identity(),
    Column("case_no", Number, ForeignKey("cases.no"), nullable=False, index=True),
    Column("camera_no", Number, ForeignKey("cameras.no"), index=True),
    Column("name", sa.String(64), nullable=False),
    text("address", 200),
    Column("lat", sa.Float),
    Column("lon", sa.Float),
    text("contact", 64),
    Column("has_camera", sa.Boolean),
    Column("kept_days", sa.Integer),
    Column("state", sa.String(16), nullable=False),
    text("note", 200),
    Column("revision", sa.Integer, nullable=False, server_default="1"),
    Column("made_by", sa.String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    # `has_camera` and `kept_days` are empty where nobody was asked yet.
    Index("uq_canvass_entries_camera", "case_no", "camera_no", unique=True),
)

clip_requests = Table(
    "clip_requests",
    metadata,
    no(),
    identity(),
    Column("entry_no", Number, ForeignKey("canvass_entries.no"), nullable=False, index=True),
    Column("token_hash", sa.LargeBinary(32), nullable=False, unique=True),
    Column("way", sa.String(8), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    text("document_number", 64),
    text("unit", 64),
    Column("asked_by", sa.String(64), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("seen_at", Instant),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
    text("revoked_by", 64),
    # `used_at`: as many files came as a link takes, and it takes nothing more.
)

uploads = Table(
    "uploads",
    metadata,
    no(),
    identity(),
    Column("request_no", Number, ForeignKey("clip_requests.no"), nullable=False, index=True),
    Column("state", sa.String(16), nullable=False, index=True),
    Column("node", sa.String(64), nullable=False),
    text("given_name", 120),
    Column("bytes", sa.BigInteger, nullable=False),
    Column("sha256", sa.String(64)),
    text("giver", 64),
    text("giver_contact", 64),
    text("device", 200),
    text("giver_note", 500),
    Column("unaltered", sa.Boolean, nullable=False),
    Column("text_version", sa.String(32), nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("received_at", Instant),
    Column("has_clock_photo", sa.Boolean, nullable=False, server_default=sa.false()),
    Column("clock_method", sa.String(16)),
    Column("clock_offset_ms", sa.BigInteger),
    Column("clock_uncertainty_ms", sa.BigInteger),
    Column("shown_at", Instant),
    Column("clock_by", sa.String(64)),
    Column("clock_at", Instant),
    Column("verdict", sa.String(16)),
    Column("examined", sa.JSON),
    Column("examined_at", Instant),
    Column("judged_at", Instant),
    text("judged_by", 64),
    text("refusal", 16),
    text("judged_note", 200),
    Column("purged_at", Instant),
    # Its files are `uploads/<id>/…` on its node. `shown_at` is the camera's own clock at the first frame;
    # `clock_offset_ms` how far that clock was ahead. A row stays when its files are purged: it is the receipt.
)
