"""What was recorded, what should have been and was not, and what may not be deleted."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Table

from registry.columns import Instant, Number
from registry.tables.columns import identity, metadata, no, text

segments = Table(
    "segments",
    metadata,
    no(),
    Column("camera_no", Number, ForeignKey("cameras.no"), nullable=False),
    Column("stream", sa.String(8), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("node", sa.String(64), nullable=False),
    Column("why", sa.String(16), nullable=False),
    Column("codec", sa.String(16), nullable=False),
    Column("width", sa.Integer, nullable=False),
    Column("height", sa.Integer, nullable=False),
    Column("masked", sa.Boolean, nullable=False),
    Column("frames", sa.Integer, nullable=False),
    Column("bytes", sa.BigInteger, nullable=False),
    Column("digest", sa.String(64)),
    Column("damage", sa.String(16)),
    Column("clock_offset_ms", sa.BigInteger),
    # Its file is `recordings/<UTC day>/<camera id>/<stream>-<started_at in ms>.mp4` on its node.
    Index("ix_segments_by_camera", "camera_no", "stream", "started_at", unique=True),
    Index("ix_segments_by_time", "started_at", "bytes"),
)
segments_hour = sa.type_coerce(segments.c.started_at, sa.BigInteger) // sa.literal_column("3600000", sa.BigInteger)
"""The hour since 1970 in which a file begins."""
Index(
    # All that a timeline tells: a month of a camera is 43,200 files, summed by the hour with no row read and none
    # sorted. A table remade on SQLite loses an index of an expression: it is to be made again there.
    "ix_segments_runs",
    segments.c.camera_no,
    segments.c.stream,
    segments_hour,
    segments.c.why,
    segments.c.codec,
    segments.c.masked,
    segments.c.started_at,
    segments.c.ended_at,
    segments.c.damage,
)
Index(
    "ix_segments_open",
    segments.c.started_at,
    sqlite_where=segments.c.ended_at.is_(None),
    postgresql_where=segments.c.ended_at.is_(None),
)

recording_due = Table(
    "recording_due",
    metadata,
    no(),
    Column("camera_no", Number, ForeignKey("cameras.no"), nullable=False),
    Column("stream", sa.String(8), nullable=False),
    Column("mode", sa.String(16), nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Column("checked_to", Instant, nullable=False),
    # One row for each stretch in which a stream was to be recorded; `until` is empty while it lasts.
    Index("ix_recording_due_by_camera", "camera_no", "stream", "since", unique=True),
)
Index(
    "ix_recording_due_open",
    recording_due.c.camera_no,
    sqlite_where=recording_due.c.until.is_(None),
    postgresql_where=recording_due.c.until.is_(None),
)

recording_gaps = Table(
    "recording_gaps",
    metadata,
    no(),
    Column("camera_no", Number, ForeignKey("cameras.no"), nullable=False),
    Column("stream", sa.String(8), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=False),
    Column("cause", sa.String(24), nullable=False),
    Index("ix_recording_gaps_by_camera", "camera_no", "stream", "started_at", unique=True),
    Index("ix_recording_gaps_by_time", "ended_at"),
)

holds = Table(
    "holds",
    metadata,
    no(),
    identity(),
    Column("case_no", Number, ForeignKey("cases.no"), nullable=False, index=True),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    text("reason", 200),
    Column("origin", sa.String(16), nullable=False, server_default="person"),
    Column("created_by", sa.String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("released_at", Instant),
    text("released_by", 64),
)

hold_cameras = Table(
    "hold_cameras",
    metadata,
    Column("hold_no", Number, ForeignKey("holds.no", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("camera_no", Number, ForeignKey("cameras.no"), primary_key=True, autoincrement=False, index=True),
)
