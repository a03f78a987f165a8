"""What was found, and what people made of it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Table, UniqueConstraint

from registry.columns import Instant, Number, Trail
from registry.tables.columns import identity, metadata, no, text

labels = Table(
    "labels",
    metadata,
    no(),
    Column("label", sa.String(64), nullable=False),
    Column("label_group", sa.String(16), nullable=False),
    UniqueConstraint("label", "label_group"),
)

events = Table(
    "events",
    metadata,
    no(),
    identity(),
    Column("revision", sa.Integer, nullable=False),
    Column("camera_no", Number, ForeignKey("cameras.no"), nullable=False),
    Column("village_no", Number, ForeignKey("places.no"), nullable=False),
    Column("label_no", Number, ForeignKey("labels.no"), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("local_second", sa.Integer, nullable=False),
    Column("score", sa.Float(53), nullable=False),
    Column("kind", sa.String(16), nullable=False),
    Column("rule_id", sa.String(64), nullable=False),
    Column("rule_name", sa.String(64), nullable=False),
    Column("scene_revision", sa.Integer, nullable=False),
    Column("x0", sa.Float(53), nullable=False),
    Column("y0", sa.Float(53), nullable=False),
    Column("x1", sa.Float(53), nullable=False),
    Column("y1", sa.Float(53), nullable=False),
    Column("direction", sa.String(16)),
    Column("updated_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("received_at", Instant, nullable=False),
    Column("snapshot", sa.String(120)),
    Column("snapshot_revision", sa.Integer, nullable=False, server_default="-1"),
    Column("snapshot_bytes", sa.Integer, nullable=False, server_default="0"),
    Column("snapshot_at", Instant),
    Column("still", sa.String(120)),
    Column("still_bytes", sa.Integer, nullable=False, server_default="0"),
    Column("still_at", Instant),
    Column("node", sa.String(64), nullable=False),
    Column("model", sa.String(64), nullable=False),
    Column("clock_offset_ms", sa.BigInteger),
    Column("path", Trail, nullable=False),
    # Each access path ends in a page's order; what follows lets place, label, night and consent be judged in the index,
    # without reading the row.
    Index("ix_events_by_time", "started_at", "id", "village_no", "label_no", "camera_no", "local_second"),
    Index("ix_events_by_village", "village_no", "started_at", "id", "label_no", "camera_no", "local_second"),
    Index("ix_events_by_camera", "camera_no", "started_at", "id", "label_no", "village_no", "local_second"),
    Index("ix_events_by_label", "label_no", "started_at", "id", "village_no", "camera_no", "local_second"),
)
Index(
    "ix_events_kept_snapshots",
    events.c.started_at,
    events.c.snapshot_bytes,
    sqlite_where=events.c.snapshot.is_not(None),
    postgresql_where=events.c.snapshot.is_not(None),
)
Index(
    "ix_events_open",
    events.c.updated_at,
    sqlite_where=events.c.ended_at.is_(None),
    postgresql_where=events.c.ended_at.is_(None),
)

event_marks = Table(
    "event_marks",
    metadata,
    Column("event_no", Number, ForeignKey("events.no", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("verdict", sa.String(8)),
    text("note", 500),
    Column("marked_by", sa.String(64), nullable=False),
    Column("marked_at", Instant, nullable=False),
)
