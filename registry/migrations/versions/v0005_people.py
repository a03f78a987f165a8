"""Stations and teams, their villages and people; what a person must hold to look; two factors; what a token carries."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from registry.columns import Id, Instant, Number

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns; who is there already is noted as from before, so that nobody is locked out."""
    op.create_table(
        "units",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("parent_no", Number, nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["parent_no"], ["units.no"], name=op.f("fk_units_parent_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_units")),
        sa.UniqueConstraint("id", name=op.f("uq_units_id")),
    )
    op.create_index(op.f("ix_units_parent_no"), "units", ["parent_no"], unique=False)
    op.create_table(
        "unit_villages",
        sa.Column("village_no", Number, autoincrement=False, nullable=False),
        sa.Column("line", sa.String(length=8), nullable=False),
        sa.Column("unit_no", Number, nullable=False),
        sa.ForeignKeyConstraint(["village_no"], ["places.no"], name=op.f("fk_unit_villages_village_no")),
        sa.ForeignKeyConstraint(["unit_no"], ["units.no"], name=op.f("fk_unit_villages_unit_no")),
        sa.PrimaryKeyConstraint("village_no", "line", name=op.f("pk_unit_villages")),
    )
    op.create_index(op.f("ix_unit_villages_unit_no"), "unit_villages", ["unit_no"], unique=False)
    op.create_table(
        "unit_members",
        sa.Column("user_no", Number, autoincrement=False, nullable=False),
        sa.Column("line", sa.String(length=8), nullable=False),
        sa.Column("unit_no", Number, nullable=False),
        sa.ForeignKeyConstraint(["user_no"], ["users.no"], name=op.f("fk_unit_members_user_no")),
        sa.ForeignKeyConstraint(["unit_no"], ["units.no"], name=op.f("fk_unit_members_unit_no")),
        sa.PrimaryKeyConstraint("user_no", "line", name=op.f("pk_unit_members")),
    )
    op.create_index(op.f("ix_unit_members_unit_no"), "unit_members", ["unit_no"], unique=False)
    op.create_table(
        "unit_grants",
        sa.Column("user_no", Number, autoincrement=False, nullable=False),
        sa.Column("unit_no", Number, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["user_no"], ["users.no"], name=op.f("fk_unit_grants_user_no")),
        sa.ForeignKeyConstraint(["unit_no"], ["units.no"], name=op.f("fk_unit_grants_unit_no")),
        sa.PrimaryKeyConstraint("user_no", "unit_no", name=op.f("pk_unit_grants")),
    )
    op.create_index(op.f("ix_unit_grants_unit_no"), "unit_grants", ["unit_no"], unique=False)
    op.create_table(
        "old_passwords",
        sa.Column("no", Number, nullable=False),
        sa.Column("user_no", Number, nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["user_no"], ["users.no"], name=op.f("fk_old_passwords_user_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_old_passwords")),
    )
    op.create_index(op.f("ix_old_passwords_user_no"), "old_passwords", ["user_no"], unique=False)
    op.create_table(
        "recovery_codes",
        sa.Column("user_no", Number, autoincrement=False, nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["user_no"], ["users.no"], name=op.f("fk_recovery_codes_user_no")),
        sa.PrimaryKeyConstraint("user_no", "code_hash", name=op.f("pk_recovery_codes")),
    )
    _add_columns()
    users = sa.table("users", sa.column("upgraded_at", Instant()))
    op.execute(sa.update(users).values(upgraded_at=datetime.now(UTC)))


def _add_columns() -> None:
    op.add_column("users", sa.Column("trained_at", Instant(), nullable=True))
    op.add_column("users", sa.Column("pledged_at", Instant(), nullable=True))
    op.add_column("users", sa.Column("upgraded_at", Instant(), nullable=True))
    op.add_column("users", sa.Column("totp_sealed", sa.String(length=300), nullable=True))
    op.add_column("users", sa.Column("totp_step", sa.BigInteger(), nullable=True))
    op.add_column("users", sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
    op.add_column("users", sa.Column("locked_until", Instant(), nullable=True))
    op.add_column("tokens", sa.Column("permissions", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("tokens", sa.Column("places", sa.JSON(none_as_null=True), nullable=True))
