"""The work on a case: what was reported, the cameras it is looked for on, and who handed it to whom."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Table

from registry.columns import Instant, Number
from registry.tables.columns import metadata, no, text

case_reports = Table(
    "case_reports",
    metadata,
    Column("case_no", Number, ForeignKey("cases.no"), primary_key=True, autoincrement=False),
    Column("version", sa.Integer, primary_key=True, autoincrement=False),
    Column("item", sa.String(16), nullable=False),
    text("item_text", 64),
    Column("lat", sa.Float(53), nullable=False),
    Column("lon", sa.Float(53), nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("found_at", Instant, nullable=False),
    Column("certainty", sa.String(8), nullable=False),
    Column("manner", sa.String(8), nullable=False),
    text("note", 200),
    Column("reported_by", sa.String(64), nullable=False),
    Column("reported_at", Instant, nullable=False),
)
"""What was told, the newest version last; none is changed. Of two who amend one at once, the key tells one."""

case_cameras = Table(
    "case_cameras",
    metadata,
    Column("case_no", Number, ForeignKey("cases.no"), primary_key=True, autoincrement=False),
    Column("camera_no", Number, ForeignKey("cameras.no"), primary_key=True, autoincrement=False, index=True),
    Column("chosen_by", sa.String(64), nullable=False),
    Column("chosen_at", Instant, nullable=False),
)

case_handovers = Table(
    "case_handovers",
    metadata,
    no(),
    Column("case_no", Number, ForeignKey("cases.no"), nullable=False, index=True),
    Column("from_no", Number, ForeignKey("users.no")),
    Column("to_no", Number, ForeignKey("users.no"), nullable=False),
    Column("note", sa.String(200), nullable=False),
    Column("handed_by", sa.String(64), nullable=False),
    Column("handed_at", Instant, nullable=False),
)
