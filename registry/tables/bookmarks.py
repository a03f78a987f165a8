"""What officers bookmarked in a case: moments of cameras, each version a row that is never changed."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table

from registry.columns import Id, Instant, Number
from registry.tables.columns import identity, metadata, no, text

bookmarks = Table(
    "bookmarks",
    metadata,
    no(),
    identity(),
    Column("case_no", Number, ForeignKey("cases.no"), nullable=False),
    Column("camera_no", Number, ForeignKey("cameras.no")),
    Column("upload_no", Number, ForeignKey("uploads.no"), index=True),
    Column("clip_ms", sa.BigInteger),
    Column("at", Instant, nullable=False),
    Column("kind", sa.String(16), nullable=False),
    Column("confidence", sa.String(16), nullable=False),
    Column("note", sa.String(2000), nullable=False),
    Column("author", sa.String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("version", sa.Integer, nullable=False),
    Column("supersedes_no", Number, ForeignKey("bookmarks.no"), unique=True),
    Column("retracted", sa.Boolean, nullable=False),
    Column("event_id", Id),
    Column("clock_offset_ms", sa.BigInteger),
    Column("source", sa.String(16), nullable=False),
    Column("still", sa.String(120)),
    Column("still_bytes", sa.Integer, nullable=False, server_default="0"),
    Column("still_digest", sa.String(64)),
    text("still_why", 32),
    Column("node", sa.String(64), nullable=False),
    Column("stream", sa.String(8)),
    Column("segment_at", Instant),
    Column("frame_at", Instant),
    Column("frame_pts", sa.BigInteger),
    Column("frame_digest", sa.String(64)),
    Column("width", sa.Integer, nullable=False, server_default="0"),
    Column("height", sa.Integer, nullable=False, server_default="0"),
    CheckConstraint("(camera_no IS NULL) = (upload_no IS NOT NULL)", name="one_subject"),
    Index("ix_bookmarks_by_case", "case_no", "at"),
    Index("ix_bookmarks_by_camera", "camera_no", "at"),
)
"""`supersedes_no` is unique: of two who supersede one version at once, one is told. Versions share a still's file.

A bookmark is of a camera, or of `clip_ms` milliseconds after the first frame of an upload.
"""
