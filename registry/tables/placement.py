"""Where a camera stands by law: basis, purpose, checklist, filing, sign."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Table

from registry.columns import Instant, Number
from registry.tables.columns import metadata, text

placements = Table(
    "placements",
    metadata,
    Column("camera_no", Number, ForeignKey("cameras.no"), primary_key=True, autoincrement=False),
    Column("revision", sa.Integer, nullable=False, server_default="1"),
    text("basis", 16),
    text("purpose", 200),
    # By forbidden place: whether the camera looks into it. What is not there was not answered.
    Column("answers", sa.JSON, nullable=False),
    Column("answered_at", Instant),
    text("answered_by", 64),
    Column("near_sensitive", sa.Boolean, nullable=False, server_default=sa.false()),
    text("agreement", 100),
    Column("near_minors", sa.Boolean, nullable=False, server_default=sa.false()),
    text("filing_no", 64),
    text("filed_on", 10),
    Column("refile_since", Instant),
    text("sign_text", 200),
    Column("sign", sa.String(120)),
    Column("sign_bytes", sa.Integer, nullable=False, server_default="0"),
    Column("sign_at", Instant),
    text("sign_by", 64),
    text("node", 64),
    # When nothing was missing for the first time: the days within which it must be filed count from here.
    Column("active_since", Instant),
    # Of a camera that was there before these rules: it runs on for a while from here.
    Column("grace_from", Instant),
)
Index(
    "ix_placements_minors",
    placements.c.camera_no,
    # The words of the question: SQLite uses a partial index only for the very condition it was made with.
    sqlite_where=sa.text("near_minors = 1"),
    postgresql_where=placements.c.near_minors,
)
