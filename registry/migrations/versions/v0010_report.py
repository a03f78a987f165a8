"""The versions of what was reported of a case, the cameras it is looked for on, and who handed it to whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.columns import Instant, Number

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "case_reports",
        sa.Column("case_no", Number, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item", sa.String(length=16), nullable=False),
        sa.Column("item_text", sa.String(length=64), server_default="", nullable=False),
        sa.Column("lat", sa.Float(53), nullable=False),
        sa.Column("lon", sa.Float(53), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=False),
        sa.Column("found_at", Instant(), nullable=False),
        sa.Column("certainty", sa.String(length=8), nullable=False),
        sa.Column("manner", sa.String(length=8), nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("reported_by", sa.String(length=64), nullable=False),
        sa.Column("reported_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["cases.no"], name=op.f("fk_case_reports_case_no")),
        sa.PrimaryKeyConstraint("case_no", "version", name=op.f("pk_case_reports")),
    )
    op.create_table(
        "case_cameras",
        sa.Column("case_no", Number, autoincrement=False, nullable=False),
        sa.Column("camera_no", Number, autoincrement=False, nullable=False),
        sa.Column("chosen_by", sa.String(length=64), nullable=False),
        sa.Column("chosen_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["cases.no"], name=op.f("fk_case_cameras_case_no")),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_case_cameras_camera_no")),
        sa.PrimaryKeyConstraint("case_no", "camera_no", name=op.f("pk_case_cameras")),
    )
    op.create_index(op.f("ix_case_cameras_camera_no"), "case_cameras", ["camera_no"], unique=False)
    op.create_table(
        "case_handovers",
        sa.Column("no", Number, nullable=False),
        sa.Column("case_no", Number, nullable=False),
        sa.Column("from_no", Number, nullable=True),
        sa.Column("to_no", Number, nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("handed_by", sa.String(length=64), nullable=False),
        sa.Column("handed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["cases.no"], name=op.f("fk_case_handovers_case_no")),
        sa.ForeignKeyConstraint(["from_no"], ["users.no"], name=op.f("fk_case_handovers_from_no")),
        sa.ForeignKeyConstraint(["to_no"], ["users.no"], name=op.f("fk_case_handovers_to_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_case_handovers")),
    )
    op.create_index(op.f("ix_case_handovers_case_no"), "case_handovers", ["case_no"], unique=False)
