"""A consent's life, its owner's page, and what withdrawal left behind.

A consent of before is in force or withdrawn, as it was. It is due for reconfirmation a year after it was signed, but
no sooner than a month after this upgrade, so that no camera stops for a rule that nobody could have known of.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from registry.columns import Id, Instant, Number, to_ms

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_DAY_MS = 86_400_000

_BEFORE = sa.Table(
    "consents",
    sa.MetaData(),
    sa.Column("no", Number, nullable=False),
    sa.Column("id", Id(), nullable=False),
    sa.Column("camera_no", Number, nullable=False),
    sa.Column("owner_name", sa.String(length=64), nullable=False),
    sa.Column("for_events", sa.Boolean(), nullable=False),
    sa.Column("for_clip", sa.Boolean(), nullable=False),
    sa.Column("for_live", sa.Boolean(), nullable=False),
    sa.Column("from_minute", sa.Integer(), nullable=True),
    sa.Column("to_minute", sa.Integer(), nullable=True),
    sa.Column("valid_from", Instant(), nullable=False),
    sa.Column("valid_to", Instant(), nullable=True),
    sa.Column("text_version", sa.String(length=64), nullable=False),
    sa.Column("signed_at", Instant(), nullable=False),
    sa.Column("withdrawn_at", Instant(), nullable=True),
    sa.CheckConstraint("(from_minute IS NULL) = (to_minute IS NULL)", name="ck_consents_hours_both_or_none"),
    sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name="fk_consents_camera_no"),
    sa.PrimaryKeyConstraint("no", name="pk_consents"),
    sa.UniqueConstraint("id", name="uq_consents_id"),
    sa.Index("ix_consents_camera_no", "camera_no"),
)
"""SQLite makes the table anew, and tells no constraint of the old one by itself."""


def upgrade() -> None:
    """States and what goes with them; what was done about a consent; scans; receipts."""
    with op.batch_alter_table("consents", copy_from=_BEFORE) as table:
        table.alter_column("signed_at", existing_type=Instant(), nullable=True)
        table.add_column(sa.Column("for_incident", sa.Boolean(), server_default=sa.false(), nullable=False))
        table.add_column(sa.Column("purpose", sa.String(length=200), server_default="", nullable=False))
        table.add_column(sa.Column("masks", sa.JSON(), nullable=True))
        table.add_column(sa.Column("reconfirm_by", Instant(), nullable=True))
        table.add_column(sa.Column("state", sa.String(length=16), server_default="active", nullable=False))
        table.add_column(sa.Column("stopped_at", Instant(), nullable=True))
        table.add_column(sa.Column("link_nonce", sa.LargeBinary(), nullable=True))
    op.execute("UPDATE consents SET state = 'withdrawn' WHERE withdrawn_at IS NOT NULL")
    soonest = to_ms(datetime.now(UTC)) + 30 * _DAY_MS
    due = sa.text(
        "UPDATE consents SET reconfirm_by = CASE WHEN signed_at + :year > :soonest THEN signed_at + :year"
        " ELSE :soonest END"
    ).bindparams(
        sa.bindparam("year", 365 * _DAY_MS, type_=sa.BigInteger), sa.bindparam("soonest", soonest, type_=sa.BigInteger)
    )
    op.execute(due)
    _tables()


def _tables() -> None:
    op.create_table(
        "consent_gaps",
        sa.Column("no", Number, nullable=False),
        sa.Column("consent_no", Number, nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["consent_no"], ["consents.no"], name=op.f("fk_consent_gaps_consent_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_consent_gaps")),
    )
    op.create_index(op.f("ix_consent_gaps_consent_no"), "consent_gaps", ["consent_no"], unique=False)
    op.create_table(
        "consent_steps",
        sa.Column("no", Number, nullable=False),
        sa.Column("consent_no", Number, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["consent_no"], ["consents.no"], name=op.f("fk_consent_steps_consent_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_consent_steps")),
    )
    op.create_index(op.f("ix_consent_steps_consent_no"), "consent_steps", ["consent_no"], unique=False)
    op.create_table(
        "consent_scans",
        sa.Column("consent_no", Number, autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["consent_no"], ["consents.no"], name=op.f("fk_consent_scans_consent_no")),
        sa.PrimaryKeyConstraint("consent_no", name=op.f("pk_consent_scans")),
    )
    op.create_table(
        "withdrawals",
        sa.Column("consent_no", Number, autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by_owner", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("credentials", sa.Boolean(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("recordings", sa.Integer(), nullable=False),
        sa.Column("marks", sa.Integer(), nullable=False),
        sa.Column("purge_by", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["consent_no"], ["consents.no"], name=op.f("fk_withdrawals_consent_no")),
        sa.PrimaryKeyConstraint("consent_no", name=op.f("pk_withdrawals")),
        sa.UniqueConstraint("number", name=op.f("uq_withdrawals_number")),
    )
