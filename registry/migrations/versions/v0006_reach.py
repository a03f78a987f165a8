"""What a case reaches, who works on it, and what a second person approved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from registry.columns import Id, Instant, Number, to_ms

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns."""
    _approvals()
    _cases()
    _purposes()


def _cases() -> None:
    """A case's village becomes its one place; who opened it, and who looked under it, works on it.

    A case from before has no window where it told none. It ends 90 days from now unless somebody says again that it is
    needed: what the presets say, since a migration knows no policy.
    """
    op.create_table(
        "case_places",
        sa.Column("case_no", Number, autoincrement=False, nullable=False),
        sa.Column("prefix", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["cases.no"], name=op.f("fk_case_places_case_no")),
        sa.PrimaryKeyConstraint("case_no", "prefix", name=op.f("pk_case_places")),
    )
    op.create_table(
        "case_members",
        sa.Column("case_no", Number, autoincrement=False, nullable=False),
        sa.Column("user_no", Number, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["cases.no"], name=op.f("fk_case_members_case_no")),
        sa.ForeignKeyConstraint(["user_no"], ["users.no"], name=op.f("fk_case_members_user_no")),
        sa.PrimaryKeyConstraint("case_no", "user_no", name=op.f("pk_case_members")),
    )
    op.create_index(op.f("ix_case_members_user_no"), "case_members", ["user_no"], unique=False)
    op.execute(
        "INSERT INTO case_places (case_no, prefix)"
        " SELECT cases.no, places.code FROM cases JOIN places ON places.no = cases.village_no"
    )
    op.execute(
        "INSERT INTO case_members (case_no, user_no)"
        " SELECT cases.no, users.no FROM cases JOIN users ON users.name = cases.opened_by"
        " UNION SELECT case_no, user_no FROM purposes WHERE case_no IS NOT NULL"
    )
    op.drop_index("ix_cases_village_no", table_name="cases")
    with op.batch_alter_table("cases") as batch:
        batch.drop_column("village_no")
        batch.add_column(sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
        batch.add_column(sa.Column("offence", sa.String(length=32), server_default="other", nullable=False))
        batch.add_column(sa.Column("offence_text", sa.String(length=200), server_default="", nullable=False))
        batch.add_column(sa.Column("responsible_no", Number, nullable=True))
        batch.add_column(sa.Column("expires_at", Instant(), nullable=True))
        batch.create_foreign_key(op.f("fk_cases_responsible_no"), "users", ["responsible_no"], ["no"])
    op.create_index(op.f("ix_cases_responsible_no"), "cases", ["responsible_no"], unique=False)
    ends = to_ms(datetime.now(UTC) + timedelta(days=90))
    op.execute(
        sa.text(
            "UPDATE cases SET expires_at = :ends,"
            " responsible_no = (SELECT users.no FROM users WHERE users.name = cases.opened_by)"
        ).bindparams(ends=ends)
    )
    with op.batch_alter_table("cases") as batch:
        batch.alter_column("expires_at", existing_type=Instant(), nullable=False)


def _purposes() -> None:
    with op.batch_alter_table("purposes") as batch:
        batch.add_column(sa.Column("approval_no", Number, nullable=True))
        batch.create_foreign_key(op.f("fk_purposes_approval_no"), "approvals", ["approval_no"], ["no"])
    op.create_table(
        "purpose_cameras",
        sa.Column("purpose_no", Number, autoincrement=False, nullable=False),
        sa.Column("camera_no", Number, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_purpose_cameras_camera_no")),
        sa.ForeignKeyConstraint(["purpose_no"], ["purposes.no"], name=op.f("fk_purpose_cameras_purpose_no")),
        sa.PrimaryKeyConstraint("purpose_no", "camera_no", name=op.f("pk_purpose_cameras")),
    )


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
