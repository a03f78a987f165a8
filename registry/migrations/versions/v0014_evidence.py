"""Evidence packs: the key they are signed with, exports and their custody, drafts of blurred clips."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.columns import Id, Instant, Number

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "evidence_keys",
        sa.Column("no", Number, nullable=False),
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("secret_sealed", sa.String(length=300), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=True),
        sa.Column("signature", sa.String(length=128), nullable=True),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_evidence_keys")),
        sa.UniqueConstraint("key", name=op.f("uq_evidence_keys_key")),
    )
    op.create_table(
        "exports",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("case_no", Number, nullable=False),
        sa.Column("approval_no", Number, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("supersedes", Id(), nullable=True),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("manifest", sa.String(length=64), nullable=False),
        sa.Column("key_name", sa.String(length=64), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("kept_until", Instant(), nullable=False),
        sa.Column("purged_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["approval_no"], ["approvals.no"], name=op.f("fk_exports_approval_no")),
        sa.ForeignKeyConstraint(["case_no"], ["cases.no"], name=op.f("fk_exports_case_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_exports")),
        sa.UniqueConstraint("id", name=op.f("uq_exports_id")),
    )
    for column in ("approval_no", "case_no", "kept_until"):
        op.create_index(op.f(f"ix_exports_{column}"), "exports", [column], unique=False)
    _add_custody()


def _add_custody() -> None:
    op.create_table(
        "custody",
        sa.Column("no", Number, nullable=False),
        sa.Column("export_no", Number, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("by_name", sa.String(length=64), nullable=False),
        sa.Column("by_unit", sa.String(length=64), server_default="", nullable=False),
        sa.Column("audit_no", Number, nullable=False),
        sa.Column("recipient", sa.String(length=64), server_default="", nullable=False),
        sa.Column("recipient_unit", sa.String(length=64), server_default="", nullable=False),
        sa.Column("document", sa.String(length=64), server_default="", nullable=False),
        sa.Column("medium", sa.String(length=16), server_default="", nullable=False),
        sa.Column("told", sa.Boolean(), nullable=True),
        sa.Column("handed_at", Instant(), nullable=True),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["export_no"], ["exports.no"], name=op.f("fk_custody_export_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_custody")),
    )
    op.create_index(op.f("ix_custody_export_no"), "custody", ["export_no"], unique=False)
    op.create_table(
        "drafts",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("approval_no", Number, nullable=False),
        sa.Column("item", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("boxes", sa.JSON(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("reviewed_at", Instant(), nullable=True),
        sa.Column("reviewed_by", sa.String(length=64), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["approval_no"], ["approvals.no"], name=op.f("fk_drafts_approval_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_drafts")),
        sa.UniqueConstraint("id", name=op.f("uq_drafts_id")),
    )
    op.create_index("ix_drafts_by_item", "drafts", ["approval_no", "item"], unique=True)
