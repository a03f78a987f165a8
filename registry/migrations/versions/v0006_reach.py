"""What a case reaches, who works on it, and what a second person approved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.columns import Id, Instant, Number

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns."""
    _approvals()


def _approvals() -> None:
    op.create_table(
        "approvals",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("case_no", Number, nullable=True),
        sa.Column("requester_no", Number, nullable=False),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("waits_until", Instant(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decided_by_no", Number, nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decision", sa.String(length=500), server_default="", nullable=False),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.Column("ended_by_no", Number, nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ending", sa.String(length=500), server_default="", nullable=False),
        sa.CheckConstraint(
            "decided_by_no IS NULL OR decided_by_no <> requester_no", name=op.f("ck_approvals_two_people")
        ),
        sa.ForeignKeyConstraint(["case_no"], ["cases.no"], name=op.f("fk_approvals_case_no")),
        sa.ForeignKeyConstraint(["requester_no"], ["users.no"], name=op.f("fk_approvals_requester_no")),
        sa.ForeignKeyConstraint(["decided_by_no"], ["users.no"], name=op.f("fk_approvals_decided_by_no")),
        sa.ForeignKeyConstraint(["ended_by_no"], ["users.no"], name=op.f("fk_approvals_ended_by_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_approvals")),
        sa.UniqueConstraint("id", name=op.f("uq_approvals_id")),
    )
    op.create_index(op.f("ix_approvals_case_no"), "approvals", ["case_no"], unique=False)
    op.create_index(op.f("ix_approvals_requester_no"), "approvals", ["requester_no"], unique=False)
    op.create_table(
        "approval_places",
        sa.Column("approval_no", Number, autoincrement=False, nullable=False),
        sa.Column("prefix", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["approval_no"], ["approvals.no"], name=op.f("fk_approval_places_approval_no")),
        sa.PrimaryKeyConstraint("approval_no", "prefix", name=op.f("pk_approval_places")),
    )
