"""What officers made of passers, links between sightings, blocked roads and kept maps of a case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.columns import Id, Instant, Number

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "candidate_decisions",
        sa.Column("no", Number, nullable=False),
        sa.Column("case_no", Number, nullable=False),
        sa.Column("thing", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("camera_no", Number, nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("label", sa.String(length=64), server_default="", nullable=False),
        sa.Column("direction", sa.String(length=16), server_default="", nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["cases.no"], name=op.f("fk_candidate_decisions_case_no")),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_candidate_decisions_camera_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_candidate_decisions")),
        sa.UniqueConstraint("case_no", "thing", "revision", name=op.f("uq_candidate_decisions_case_no_thing_revision")),
    )
    op.create_index(op.f("ix_candidate_decisions_camera_no"), "candidate_decisions", ["camera_no"], unique=False)
    op.create_table(
        "case_links",
        sa.Column("no", Number, nullable=False),
        sa.Column("case_no", Number, nullable=False),
        sa.Column("from_thing", sa.String(length=80), nullable=False),
        sa.Column("to_thing", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("linked_by", sa.String(length=64), nullable=False),
        sa.Column("linked_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["cases.no"], name=op.f("fk_case_links_case_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_case_links")),
        sa.UniqueConstraint(
            "case_no",
            "from_thing",
            "to_thing",
            "revision",
            name=op.f("uq_case_links_case_no_from_thing_to_thing_revision"),
        ),
    )
    op.create_table(
        "case_blocks",
        sa.Column("no", Number, nullable=False),
        sa.Column("case_no", Number, nullable=False),
        sa.Column("road_id", Id(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("blocked", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("said_by", sa.String(length=64), nullable=False),
        sa.Column("said_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["cases.no"], name=op.f("fk_case_blocks_case_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_case_blocks")),
        sa.UniqueConstraint("case_no", "road_id", "revision", name=op.f("uq_case_blocks_case_no_road_id_revision")),
    )
    op.create_table(
        "clue_maps",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("case_no", Number, nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("kept_by", sa.String(length=64), nullable=False),
        sa.Column("kept_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["cases.no"], name=op.f("fk_clue_maps_case_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_clue_maps")),
        sa.UniqueConstraint("id", name=op.f("uq_clue_maps_id")),
    )
    op.create_index(op.f("ix_clue_maps_case_no"), "clue_maps", ["case_no"], unique=False)
