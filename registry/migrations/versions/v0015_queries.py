"""Searches people saved, for themselves or for a case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.columns import Id, Instant, Number

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "saved_searches",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("user_no", Number, nullable=False),
        sa.Column("case_no", Number, nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("query", sa.String(length=2000), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["user_no"], ["users.no"], name=op.f("fk_saved_searches_user_no")),
        sa.ForeignKeyConstraint(["case_no"], ["cases.no"], name=op.f("fk_saved_searches_case_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_saved_searches")),
        sa.UniqueConstraint("id", name=op.f("uq_saved_searches_id")),
    )
    op.create_index(op.f("ix_saved_searches_user_no"), "saved_searches", ["user_no"], unique=False)
    op.create_index(op.f("ix_saved_searches_case_no"), "saved_searches", ["case_no"], unique=False)
