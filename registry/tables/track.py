"""What officers made of passers, links between sightings, roads that were blocked, and maps that were kept.

Nothing here is changed: what is said anew is a row with the next revision, and the last one holds.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Table, UniqueConstraint

from registry.columns import Id, Instant, Number
from registry.tables.columns import identity, metadata, no, text

candidate_decisions = Table(
    "candidate_decisions",
    metadata,
    no(),
    Column("case_no", Number, ForeignKey("cases.no"), nullable=False),
    Column("thing", sa.String(80), nullable=False),
    Column("revision", sa.Integer, nullable=False),
    Column("camera_no", Number, ForeignKey("cameras.no"), nullable=False, index=True),
    Column("seen_at", Instant, nullable=False),
    text("label", 64),
    text("direction", 16),
    Column("decision", sa.String(8), nullable=False),
    Column("decided_by", sa.String(64), nullable=False),
    Column("decided_at", Instant, nullable=False),
    UniqueConstraint("case_no", "thing", "revision"),
)
"""`thing` says what was decided on (`event:<id>`, …); where and when it was stands here too, since events are not kept
for ever."""

case_links = Table(
    "case_links",
    metadata,
    no(),
    Column("case_no", Number, ForeignKey("cases.no"), nullable=False),
    Column("from_thing", sa.String(80), nullable=False),
    Column("to_thing", sa.String(80), nullable=False),
    Column("revision", sa.Integer, nullable=False),
    Column("state", sa.String(16), nullable=False),
    Column("way", sa.String(8), nullable=False),
    text("note", 200),
    Column("linked_by", sa.String(64), nullable=False),
    Column("linked_at", Instant, nullable=False),
    UniqueConstraint("case_no", "from_thing", "to_thing", "revision"),
)

case_blocks = Table(
    "case_blocks",
    metadata,
    no(),
    Column("case_no", Number, ForeignKey("cases.no"), nullable=False),
    Column("road_id", Id, nullable=False),
    Column("revision", sa.Integer, nullable=False),
    Column("blocked", sa.Boolean, nullable=False),
    text("note", 200),
    Column("said_by", sa.String(64), nullable=False),
    Column("said_at", Instant, nullable=False),
    UniqueConstraint("case_no", "road_id", "revision"),
)
"""A road may be taken off the map later: what was said of it in the case stays."""

clue_maps = Table(
    "clue_maps",
    metadata,
    no(),
    identity(),
    Column("case_no", Number, ForeignKey("cases.no"), nullable=False, index=True),
    text("note", 200),
    Column("body", sa.JSON, nullable=False),
    Column("kept_by", sa.String(64), nullable=False),
    Column("kept_at", Instant, nullable=False),
)
"""`body` is all that a map was made of: from it the same map is made again."""
