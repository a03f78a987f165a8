"""Bookmarks of a case: moments of cameras and of what was sent in, in versions that are only ever superseded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.columns import Id, Instant, Number

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "bookmarks",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("case_no", Number, nullable=False),
        sa.Column("camera_no", Number, nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("confidence", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("supersedes_no", Number, nullable=True),
        sa.Column("retracted", sa.Boolean(), nullable=False),
        sa.Column("event_id", Id(), nullable=True),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("still", sa.String(length=120), nullable=True),
        sa.Column("still_bytes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("still_digest", sa.String(length=64), nullable=True),
        sa.Column("still_why", sa.String(length=32), server_default="", nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("stream", sa.String(length=8), nullable=True),
        sa.Column("segment_at", Instant(), nullable=True),
        sa.Column("frame_at", Instant(), nullable=True),
        sa.Column("frame_pts", sa.BigInteger(), nullable=True),
        sa.Column("frame_digest", sa.String(length=64), nullable=True),
        sa.Column("width", sa.Integer(), server_default="0", nullable=False),
        sa.Column("height", sa.Integer(), server_default="0", nullable=False),
        sa.Column("upload_no", Number, nullable=True),
        sa.Column("clip_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(camera_no IS NULL) = (upload_no IS NOT NULL)", name=op.f("ck_bookmarks_one_subject")),
        sa.ForeignKeyConstraint(["case_no"], ["cases.no"], name=op.f("fk_bookmarks_case_no")),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_bookmarks_camera_no")),
        sa.ForeignKeyConstraint(["supersedes_no"], ["bookmarks.no"], name=op.f("fk_bookmarks_supersedes_no")),
        sa.ForeignKeyConstraint(["upload_no"], ["uploads.no"], name=op.f("fk_bookmarks_upload_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_bookmarks")),
        sa.UniqueConstraint("id", name=op.f("uq_bookmarks_id")),
        sa.UniqueConstraint("supersedes_no", name=op.f("uq_bookmarks_supersedes_no")),
    )
    op.create_index(op.f("ix_bookmarks_upload_no"), "bookmarks", ["upload_no"], unique=False)
    op.create_index("ix_bookmarks_by_case", "bookmarks", ["case_no", "at"], unique=False)
    op.create_index("ix_bookmarks_by_camera", "bookmarks", ["camera_no", "at"], unique=False)
