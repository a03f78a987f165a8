"""The first schema: places, devices, cameras, consents, events, users, cases, purposes and the audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.columns import Id, Instant, Number, Trail

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table, and the two rows that are always there."""
    op.create_table(
        "audit_head",
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("audit_no", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("no = 1", name=op.f("ck_audit_head_one_row")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "devices",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=16), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("vendor", sa.String(length=64), server_default="", nullable=False),
        sa.Column("model", sa.String(length=64), server_default="", nullable=False),
        sa.Column("username", sa.String(length=64), server_default="", nullable=False),
        sa.Column("password_sealed", sa.Text(), nullable=True),
        sa.Column("onvif_port", sa.Integer(), nullable=True),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_devices")),
        sa.UniqueConstraint("id", name=op.f("uq_devices_id")),
    )
    op.create_table(
        "labels",
        sa.Column("no", Number, nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("label_group", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_labels")),
        sa.UniqueConstraint("label", "label_group", name=op.f("uq_labels_label_label_group")),
    )
    op.create_table(
        "places",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("lat", sa.Float(precision=53), nullable=True),
        sa.Column("lon", sa.Float(precision=53), nullable=True),
        sa.Column("source", sa.String(length=200), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_places")),
        sa.UniqueConstraint("code", name=op.f("uq_places_code")),
        sa.UniqueConstraint("id", name=op.f("uq_places_id")),
    )
    op.create_table(
        "registry_revision",
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("no = 1", name=op.f("ck_registry_revision_one_row")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_registry_revision")),
    )
    op.create_table(
        "users",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("display_name", sa.String(length=64), server_default="", nullable=False),
        sa.Column("unit", sa.String(length=64), server_default="", nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_users")),
        sa.UniqueConstraint("id", name=op.f("uq_users_id")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_table(
        "audit",
        sa.Column("no", Number, autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("user_no", Number, nullable=True),
        sa.Column("user_name", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("unit", sa.String(length=64), server_default="", nullable=False),
        sa.Column("address", sa.String(length=64), server_default="", nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("cameras", sa.JSON(), nullable=False),
        sa.Column("span_from", Instant(), nullable=True),
        sa.Column("span_to", Instant(), nullable=True),
        sa.Column("purpose_kind", sa.String(length=16), nullable=True),
        sa.Column("case_number", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("result_count", sa.Integer(), nullable=True),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["user_no"], ["users.no"], name=op.f("fk_audit_user_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_index(op.f("ix_audit_user_no"), "audit", ["user_no"], unique=False)
    op.create_table(
        "cameras",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("device_no", Number, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("village_no", Number, nullable=False),
        sa.Column("lat", sa.Float(precision=53), nullable=True),
        sa.Column("lon", sa.Float(precision=53), nullable=True),
        sa.Column("bearing_deg", sa.Float(precision=53), nullable=True),
        sa.Column("view_angle_deg", sa.Float(precision=53), nullable=True),
        sa.Column("main_url", sa.Text(), nullable=True),
        sa.Column("sub_url", sa.Text(), nullable=True),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("gb_id", sa.String(length=20), nullable=True),
        sa.Column("manager_unit", sa.String(length=64), server_default="", nullable=False),
        sa.Column("owner_name", sa.String(length=64), server_default="", nullable=False),
        sa.Column("owner_contact", sa.String(length=64), server_default="", nullable=False),
        sa.Column("probe_mac", sa.String(length=17), server_default="", nullable=False),
        sa.Column("note", sa.String(length=200), server_default="", nullable=False),
        sa.Column("scene_revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["device_no"], ["devices.no"], name=op.f("fk_cameras_device_no")),
        sa.ForeignKeyConstraint(["village_no"], ["places.no"], name=op.f("fk_cameras_village_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_cameras")),
        sa.UniqueConstraint("gb_id", name=op.f("uq_cameras_gb_id")),
        sa.UniqueConstraint("id", name=op.f("uq_cameras_id")),
    )
    op.create_index(op.f("ix_cameras_device_no"), "cameras", ["device_no"], unique=False)
    op.create_index(op.f("ix_cameras_village_no"), "cameras", ["village_no"], unique=False)
    op.create_table(
        "cases",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("village_no", Number, nullable=True),
        sa.Column("starts_at", Instant(), nullable=True),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["village_no"], ["places.no"], name=op.f("fk_cases_village_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_cases")),
        sa.UniqueConstraint("id", name=op.f("uq_cases_id")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
    )
    op.create_index(op.f("ix_cases_village_no"), "cases", ["village_no"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("user_no", Number, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["user_no"], ["users.no"], name=op.f("fk_tokens_user_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_tokens")),
        sa.UniqueConstraint("id", name=op.f("uq_tokens_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_tokens_token_hash")),
    )
    op.create_index(op.f("ix_tokens_user_no"), "tokens", ["user_no"], unique=False)
    op.create_table(
        "user_grants",
        sa.Column("user_no", Number, autoincrement=False, nullable=False),
        sa.Column("prefix", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["user_no"], ["users.no"], name=op.f("fk_user_grants_user_no")),
        sa.PrimaryKeyConstraint("user_no", "prefix", name=op.f("pk_user_grants")),
    )
    op.create_table(
        "camera_status",
        sa.Column("camera_no", Number, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("detail", sa.String(length=200), server_default="", nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("codec", sa.String(length=16), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("fps", sa.Float(precision=53), nullable=True),
        sa.Column("last_frame_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_camera_status_camera_no")),
        sa.PrimaryKeyConstraint("camera_no", name=op.f("pk_camera_status")),
    )
    op.create_table(
        "consents",
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
        sa.CheckConstraint("(from_minute IS NULL) = (to_minute IS NULL)", name=op.f("ck_consents_hours_both_or_none")),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_consents_camera_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_consents")),
        sa.UniqueConstraint("id", name=op.f("uq_consents_id")),
    )
    op.create_index(op.f("ix_consents_camera_no"), "consents", ["camera_no"], unique=False)
    op.create_table(
        "events",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("camera_no", Number, nullable=False),
        sa.Column("village_no", Number, nullable=False),
        sa.Column("label_no", Number, nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("local_second", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(precision=53), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("rule_id", sa.String(length=64), nullable=False),
        sa.Column("rule_name", sa.String(length=64), nullable=False),
        sa.Column("scene_revision", sa.Integer(), nullable=False),
        sa.Column("x0", sa.Float(precision=53), nullable=False),
        sa.Column("y0", sa.Float(precision=53), nullable=False),
        sa.Column("x1", sa.Float(precision=53), nullable=False),
        sa.Column("y1", sa.Float(precision=53), nullable=False),
        sa.Column("direction", sa.String(length=16), nullable=True),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("snapshot", sa.String(length=120), nullable=True),
        sa.Column("snapshot_revision", sa.Integer(), server_default="-1", nullable=False),
        sa.Column("snapshot_bytes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("snapshot_at", Instant(), nullable=True),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.Column("path", Trail(), nullable=False),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_events_camera_no")),
        sa.ForeignKeyConstraint(["label_no"], ["labels.no"], name=op.f("fk_events_label_no")),
        sa.ForeignKeyConstraint(["village_no"], ["places.no"], name=op.f("fk_events_village_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_events")),
        sa.UniqueConstraint("id", name=op.f("uq_events_id")),
    )
    op.create_index(
        "ix_events_by_camera",
        "events",
        ["camera_no", "started_at", "id", "label_no", "village_no", "local_second"],
        unique=False,
    )
    op.create_index(
        "ix_events_by_label",
        "events",
        ["label_no", "started_at", "id", "village_no", "camera_no", "local_second"],
        unique=False,
    )
    op.create_index(
        "ix_events_by_time",
        "events",
        ["started_at", "id", "village_no", "label_no", "camera_no", "local_second"],
        unique=False,
    )
    op.create_index(
        "ix_events_by_village",
        "events",
        ["village_no", "started_at", "id", "label_no", "camera_no", "local_second"],
        unique=False,
    )
    op.create_index(
        "ix_events_kept_snapshots",
        "events",
        ["started_at", "snapshot_bytes"],
        unique=False,
        sqlite_where=sa.text("snapshot IS NOT NULL"),
        postgresql_where=sa.text("snapshot IS NOT NULL"),
    )
    op.create_index(
        "ix_events_open",
        "events",
        ["updated_at"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "purposes",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("case_no", Number, nullable=True),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("user_no", Number, nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["case_no"], ["cases.no"], name=op.f("fk_purposes_case_no")),
        sa.ForeignKeyConstraint(["user_no"], ["users.no"], name=op.f("fk_purposes_user_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_purposes")),
        sa.UniqueConstraint("id", name=op.f("uq_purposes_id")),
    )
    op.create_index(op.f("ix_purposes_case_no"), "purposes", ["case_no"], unique=False)
    op.create_index(op.f("ix_purposes_user_no"), "purposes", ["user_no"], unique=False)
    op.create_table(
        "scenes",
        sa.Column("camera_no", Number, autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_scenes_camera_no")),
        sa.PrimaryKeyConstraint("camera_no", "revision", name=op.f("pk_scenes")),
    )
    op.create_table(
        "status_history",
        sa.Column("no", Number, nullable=False),
        sa.Column("camera_no", Number, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("detail", sa.String(length=200), server_default="", nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_status_history_camera_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_status_history")),
    )
    op.create_index(op.f("ix_status_history_camera_no_no"), "status_history", ["camera_no", "no"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("user_no", Number, nullable=False),
        sa.Column("purpose_no", Number, nullable=True),
        sa.Column("address", sa.String(length=64), server_default="", nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["purpose_no"], ["purposes.no"], name=op.f("fk_sessions_purpose_no")),
        sa.ForeignKeyConstraint(["user_no"], ["users.no"], name=op.f("fk_sessions_user_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_sessions")),
        sa.UniqueConstraint("id", name=op.f("uq_sessions_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    op.create_index(op.f("ix_sessions_purpose_no"), "sessions", ["purpose_no"], unique=False)
    op.create_index(op.f("ix_sessions_user_no"), "sessions", ["user_no"], unique=False)
    op.execute(sa.text("INSERT INTO registry_revision (no, value) VALUES (1, 0)"))
    head = sa.text("INSERT INTO audit_head (no, audit_no, hash) VALUES (1, 0, :hash)")
    op.execute(head.bindparams(hash="0" * 64))
