"""What the wall and the recorder need: segments, gaps, holds, walls, viewings, patrols, incidents, stills of events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.columns import Id, Instant, Number

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns."""
    op.create_table(
        "patrol_plans",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("dwell_s", sa.Integer(), nullable=False),
        sa.Column("times", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_patrol_plans")),
        sa.UniqueConstraint("id", name=op.f("uq_patrol_plans_id")),
    )
    op.create_table(
        "patrol_plan_users",
        sa.Column("plan_no", Number, autoincrement=False, nullable=False),
        sa.Column("user_no", Number, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["plan_no"], ["patrol_plans.no"], name=op.f("fk_patrol_plan_users_plan_no")),
        sa.ForeignKeyConstraint(["user_no"], ["users.no"], name=op.f("fk_patrol_plan_users_user_no")),
        sa.PrimaryKeyConstraint("plan_no", "user_no", name=op.f("pk_patrol_plan_users")),
    )
    op.create_index(op.f("ix_patrol_plan_users_user_no"), "patrol_plan_users", ["user_no"], unique=False)
    op.create_table(
        "walls",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("owner_no", Number, nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["owner_no"], ["users.no"], name=op.f("fk_walls_owner_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_walls")),
        sa.UniqueConstraint("id", name=op.f("uq_walls_id")),
    )
    op.create_index(op.f("ix_walls_owner_no"), "walls", ["owner_no"], unique=False)
    op.create_table(
        "holds",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("case_no", Number, nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("released_at", Instant(), nullable=True),
        sa.Column("released_by", sa.String(length=64), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["case_no"], ["cases.no"], name=op.f("fk_holds_case_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_holds")),
        sa.UniqueConstraint("id", name=op.f("uq_holds_id")),
    )
    op.create_index(op.f("ix_holds_case_no"), "holds", ["case_no"], unique=False)
    op.create_table(
        "patrol_plan_cameras",
        sa.Column("plan_no", Number, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("camera_no", Number, nullable=False),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_patrol_plan_cameras_camera_no")),
        sa.ForeignKeyConstraint(["plan_no"], ["patrol_plans.no"], name=op.f("fk_patrol_plan_cameras_plan_no")),
        sa.PrimaryKeyConstraint("plan_no", "position", name=op.f("pk_patrol_plan_cameras")),
    )
    op.create_index(op.f("ix_patrol_plan_cameras_camera_no"), "patrol_plan_cameras", ["camera_no"], unique=False)
    op.create_table(
        "recording_due",
        sa.Column("no", Number, nullable=False),
        sa.Column("camera_no", Number, nullable=False),
        sa.Column("stream", sa.String(length=8), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("checked_to", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_recording_due_camera_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_recording_due")),
    )
    op.create_index("ix_recording_due_by_camera", "recording_due", ["camera_no", "stream", "since"], unique=True)
    op.create_index(
        "ix_recording_due_open",
        "recording_due",
        ["camera_no"],
        unique=False,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "recording_gaps",
        sa.Column("no", Number, nullable=False),
        sa.Column("camera_no", Number, nullable=False),
        sa.Column("stream", sa.String(length=8), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=False),
        sa.Column("cause", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_recording_gaps_camera_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_recording_gaps")),
    )
    op.create_index("ix_recording_gaps_by_camera", "recording_gaps", ["camera_no", "stream", "started_at"], unique=True)
    op.create_index("ix_recording_gaps_by_time", "recording_gaps", ["ended_at"], unique=False)
    op.create_table(
        "segments",
        sa.Column("no", Number, nullable=False),
        sa.Column("camera_no", Number, nullable=False),
        sa.Column("stream", sa.String(length=8), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("codec", sa.String(length=16), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("masked", sa.Boolean(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("damage", sa.String(length=16), nullable=True),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_segments_camera_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_segments")),
    )
    op.create_index("ix_segments_by_camera", "segments", ["camera_no", "stream", "started_at"], unique=True)
    op.create_index("ix_segments_by_time", "segments", ["started_at", "bytes"], unique=False)
    op.create_index(
        "ix_segments_open",
        "segments",
        ["started_at"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "hold_cameras",
        sa.Column("hold_no", Number, autoincrement=False, nullable=False),
        sa.Column("camera_no", Number, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_hold_cameras_camera_no")),
        sa.ForeignKeyConstraint(["hold_no"], ["holds.no"], name=op.f("fk_hold_cameras_hold_no"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("hold_no", "camera_no", name=op.f("pk_hold_cameras")),
    )
    op.create_index(op.f("ix_hold_cameras_camera_no"), "hold_cameras", ["camera_no"], unique=False)
    op.create_table(
        "patrols",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("plan_no", Number, nullable=True),
        sa.Column("user_no", Number, nullable=False),
        sa.Column("purpose_no", Number, nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("handover", sa.String(length=2000), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["plan_no"], ["patrol_plans.no"], name=op.f("fk_patrols_plan_no")),
        sa.ForeignKeyConstraint(["purpose_no"], ["purposes.no"], name=op.f("fk_patrols_purpose_no")),
        sa.ForeignKeyConstraint(["user_no"], ["users.no"], name=op.f("fk_patrols_user_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_patrols")),
        sa.UniqueConstraint("id", name=op.f("uq_patrols_id")),
        sa.UniqueConstraint("purpose_no", name=op.f("uq_patrols_purpose_no")),
    )
    op.create_index(op.f("ix_patrols_plan_no"), "patrols", ["plan_no"], unique=False)
    op.create_index(op.f("ix_patrols_started_at"), "patrols", ["started_at"], unique=False)
    op.create_index(op.f("ix_patrols_user_no"), "patrols", ["user_no"], unique=False)
    op.create_table(
        "viewings",
        sa.Column("no", Number, nullable=False),
        sa.Column("camera_no", Number, nullable=False),
        sa.Column("user_no", Number, nullable=False),
        sa.Column("purpose_no", Number, nullable=False),
        sa.Column("audit_no", Number, nullable=False),
        sa.Column("stream", sa.String(length=8), nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("why", sa.String(length=24), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_viewings_camera_no")),
        sa.ForeignKeyConstraint(["purpose_no"], ["purposes.no"], name=op.f("fk_viewings_purpose_no")),
        sa.ForeignKeyConstraint(["user_no"], ["users.no"], name=op.f("fk_viewings_user_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_viewings")),
    )
    op.create_index(op.f("ix_viewings_camera_no_opened_at"), "viewings", ["camera_no", "opened_at"], unique=False)
    op.create_index(
        "ix_viewings_open",
        "viewings",
        ["seen_at"],
        unique=False,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(op.f("ix_viewings_purpose_no"), "viewings", ["purpose_no"], unique=False)
    op.create_index(op.f("ix_viewings_user_no_opened_at"), "viewings", ["user_no", "opened_at"], unique=False)
    op.create_table(
        "patrol_cameras",
        sa.Column("patrol_no", Number, autoincrement=False, nullable=False),
        sa.Column("camera_no", Number, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_patrol_cameras_camera_no")),
        sa.ForeignKeyConstraint(["patrol_no"], ["patrols.no"], name=op.f("fk_patrol_cameras_patrol_no")),
        sa.PrimaryKeyConstraint("patrol_no", "camera_no", name=op.f("pk_patrol_cameras")),
    )
    op.create_index(op.f("ix_patrol_cameras_camera_no"), "patrol_cameras", ["camera_no"], unique=False)
    op.create_table(
        "patrol_marks",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("patrol_no", Number, nullable=False),
        sa.Column("camera_no", Number, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("snapshot", sa.String(length=120), nullable=True),
        sa.Column("snapshot_bytes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("snapshot_why", sa.String(length=32), server_default="", nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("cleared_at", Instant(), nullable=True),
        sa.Column("cleared_by", sa.String(length=64), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_patrol_marks_camera_no")),
        sa.ForeignKeyConstraint(["patrol_no"], ["patrols.no"], name=op.f("fk_patrol_marks_patrol_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_patrol_marks")),
        sa.UniqueConstraint("id", name=op.f("uq_patrol_marks_id")),
    )
    op.create_index(op.f("ix_patrol_marks_camera_no_at"), "patrol_marks", ["camera_no", "at"], unique=False)
    op.create_index(op.f("ix_patrol_marks_patrol_no"), "patrol_marks", ["patrol_no"], unique=False)
    op.create_index(
        "ix_patrol_marks_pictures",
        "patrol_marks",
        ["at"],
        unique=False,
        sqlite_where=sa.text("snapshot IS NOT NULL"),
        postgresql_where=sa.text("snapshot IS NOT NULL"),
    )
    op.create_table(
        "incidents",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("camera_no", Number, nullable=False),
        sa.Column("village_no", Number, nullable=False),
        sa.Column("mark_no", Number, nullable=True),
        sa.Column("event_id", Id(), nullable=True),
        sa.Column("happened_at", Instant(), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("assigned_no", Number, nullable=True),
        sa.Column("result", sa.String(length=500), server_default="", nullable=False),
        sa.Column("case_no", Number, nullable=True),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["assigned_no"], ["users.no"], name=op.f("fk_incidents_assigned_no")),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_incidents_camera_no")),
        sa.ForeignKeyConstraint(["case_no"], ["cases.no"], name=op.f("fk_incidents_case_no")),
        sa.ForeignKeyConstraint(["mark_no"], ["patrol_marks.no"], name=op.f("fk_incidents_mark_no")),
        sa.ForeignKeyConstraint(["village_no"], ["places.no"], name=op.f("fk_incidents_village_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_incidents")),
        sa.UniqueConstraint("event_id", name=op.f("uq_incidents_event_id")),
        sa.UniqueConstraint("id", name=op.f("uq_incidents_id")),
        sa.UniqueConstraint("mark_no", name=op.f("uq_incidents_mark_no")),
    )
    op.create_index(op.f("ix_incidents_assigned_no"), "incidents", ["assigned_no"], unique=False)
    op.create_index(op.f("ix_incidents_camera_no"), "incidents", ["camera_no"], unique=False)
    op.create_index(op.f("ix_incidents_case_no"), "incidents", ["case_no"], unique=False)
    op.create_index(op.f("ix_incidents_state_opened_at"), "incidents", ["state", "opened_at"], unique=False)
    op.create_index(op.f("ix_incidents_village_no"), "incidents", ["village_no"], unique=False)
    op.create_table(
        "incident_steps",
        sa.Column("no", Number, nullable=False),
        sa.Column("incident_no", Number, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("to", sa.String(length=64), server_default="", nullable=False),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["incident_no"], ["incidents.no"], name=op.f("fk_incident_steps_incident_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_incident_steps")),
    )
    op.create_index(op.f("ix_incident_steps_incident_no"), "incident_steps", ["incident_no"], unique=False)
    _add_columns()


def _add_columns() -> None:
    op.add_column("camera_status", sa.Column("recording", sa.String(length=16), nullable=True))
    op.add_column("cameras", sa.Column("record_mode", sa.String(length=16), nullable=True))
    op.add_column("cameras", sa.Column("record_stream", sa.String(length=8), nullable=True))
    op.add_column("cameras", sa.Column("record_days", sa.Integer(), nullable=True))
    op.add_column("events", sa.Column("still", sa.String(length=120), nullable=True))
    op.add_column("events", sa.Column("still_bytes", sa.Integer(), server_default="0", nullable=False))
    op.add_column("events", sa.Column("still_at", Instant(), nullable=True))
    op.add_column("status_history", sa.Column("recording", sa.String(length=16), nullable=True))
