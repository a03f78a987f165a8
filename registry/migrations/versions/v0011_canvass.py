"""Whom a case asks for footage, what he is asked for, and what is sent in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.columns import Id, Instant, Number

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "canvass_entries",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("case_no", Number, nullable=False),
        sa.Column("camera_no", Number, nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=200), server_default="", nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("contact", sa.String(length=64), server_default="", nullable=False),
        sa.Column("has_camera", sa.Boolean(), nullable=True),
        sa.Column("kept_days", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["cases.no"], name=op.f("fk_canvass_entries_case_no")),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_canvass_entries_camera_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_canvass_entries")),
        sa.UniqueConstraint("id", name=op.f("uq_canvass_entries_id")),
    )
    op.create_index(op.f("ix_canvass_entries_camera_no"), "canvass_entries", ["camera_no"], unique=False)
    op.create_index(op.f("ix_canvass_entries_case_no"), "canvass_entries", ["case_no"], unique=False)
    op.create_index("uq_canvass_entries_camera", "canvass_entries", ["case_no", "camera_no"], unique=True)
    op.create_table(
        "clip_requests",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("entry_no", Number, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("document_number", sa.String(length=64), server_default="", nullable=False),
        sa.Column("unit", sa.String(length=64), server_default="", nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=True),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("revoked_by", sa.String(length=64), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["entry_no"], ["canvass_entries.no"], name=op.f("fk_clip_requests_entry_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_clip_requests")),
        sa.UniqueConstraint("id", name=op.f("uq_clip_requests_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_clip_requests_token_hash")),
    )
    op.create_index(op.f("ix_clip_requests_entry_no"), "clip_requests", ["entry_no"], unique=False)
    op.create_table(
        "uploads",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("request_no", Number, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("given_name", sa.String(length=120), server_default="", nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("giver", sa.String(length=64), server_default="", nullable=False),
        sa.Column("giver_contact", sa.String(length=64), server_default="", nullable=False),
        sa.Column("device", sa.String(length=200), server_default="", nullable=False),
        sa.Column("giver_note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("unaltered", sa.Boolean(), nullable=False),
        sa.Column("text_version", sa.String(length=32), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("received_at", Instant(), nullable=True),
        sa.Column("has_clock_photo", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("clock_method", sa.String(length=16), nullable=True),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.Column("clock_uncertainty_ms", sa.BigInteger(), nullable=True),
        sa.Column("shown_at", Instant(), nullable=True),
        sa.Column("clock_by", sa.String(length=64), nullable=True),
        sa.Column("clock_at", Instant(), nullable=True),
        sa.Column("verdict", sa.String(length=16), nullable=True),
        sa.Column("examined", sa.JSON(), nullable=True),
        sa.Column("examined_at", Instant(), nullable=True),
        sa.Column("judged_at", Instant(), nullable=True),
        sa.Column("judged_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("refusal", sa.String(length=16), server_default="", nullable=False),
        sa.Column("judged_note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("purged_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["request_no"], ["clip_requests.no"], name=op.f("fk_uploads_request_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_uploads")),
        sa.UniqueConstraint("id", name=op.f("uq_uploads_id")),
    )
    op.create_index(op.f("ix_uploads_request_no"), "uploads", ["request_no"], unique=False)
    op.create_index(op.f("ix_uploads_state"), "uploads", ["state"], unique=False)
