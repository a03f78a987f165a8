"""Where a camera may stand: basis, purpose, checklist, filing and sign. Cameras that are there run on for a while."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from registry.columns import Instant, Number

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, a row for each camera, and how long a camera's events stay."""
    op.add_column("cameras", sa.Column("event_days", sa.Integer(), nullable=True))
    placements = op.create_table(
        "placements",
        sa.Column("camera_no", Number, autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("basis", sa.String(length=16), server_default="", nullable=False),
        sa.Column("purpose", sa.String(length=200), server_default="", nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("answered_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("near_sensitive", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("agreement", sa.String(length=100), server_default="", nullable=False),
        sa.Column("near_minors", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("filing_no", sa.String(length=64), server_default="", nullable=False),
        sa.Column("filed_on", sa.String(length=10), server_default="", nullable=False),
        sa.Column("refile_since", Instant(), nullable=True),
        sa.Column("sign_text", sa.String(length=200), server_default="", nullable=False),
        sa.Column("sign", sa.String(length=120), nullable=True),
        sa.Column("sign_bytes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sign_at", Instant(), nullable=True),
        sa.Column("sign_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("node", sa.String(length=64), server_default="", nullable=False),
        sa.Column("active_since", Instant(), nullable=True),
        sa.Column("grace_from", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_placements_camera_no")),
        sa.PrimaryKeyConstraint("camera_no", name=op.f("pk_placements")),
    )
    op.create_index(
        "ix_placements_minors",
        "placements",
        ["camera_no"],
        unique=False,
        sqlite_where=sa.text("near_minors"),
        postgresql_where=sa.text("near_minors"),
    )
    cameras = sa.table("cameras", sa.column("no", Number), sa.column("created_at", Instant()))
    there = sa.select(
        cameras.c.no,
        sa.literal({}, sa.JSON()),
        cameras.c.created_at,
        sa.literal(datetime.now(UTC), Instant()),
    )
    op.execute(sa.insert(placements).from_select(["camera_no", "answers", "active_since", "grace_from"], there))
