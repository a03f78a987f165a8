"""What the page and the operator's kit need: map features, marks, alerts, hub runs, pictures that show nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.columns import Id, Instant, Number

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns."""
    op.create_table(
        "alert_targets",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=1000), nullable=False),
        sa.Column("secret_sealed", sa.Text(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_alert_targets")),
        sa.UniqueConstraint("id", name=op.f("uq_alert_targets_id")),
    )
    op.create_table(
        "hub_runs",
        sa.Column("no", Number, nullable=False),
        sa.Column("node", sa.String(length=64), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_hub_runs")),
    )
    op.create_index(op.f("ix_hub_runs_started_at"), "hub_runs", ["started_at"], unique=False)
    op.create_table(
        "alert_rules",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("owner_no", Number, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["owner_no"], ["users.no"], name=op.f("fk_alert_rules_owner_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_alert_rules")),
        sa.UniqueConstraint("id", name=op.f("uq_alert_rules_id")),
    )
    op.create_index(op.f("ix_alert_rules_owner_no"), "alert_rules", ["owner_no"], unique=False)
    op.create_table(
        "entrances",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("place_no", Number, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("lat", sa.Float(precision=53), nullable=False),
        sa.Column("lon", sa.Float(precision=53), nullable=False),
        sa.Column("bearing_deg", sa.Float(precision=53), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["place_no"], ["places.no"], name=op.f("fk_entrances_place_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_entrances")),
        sa.UniqueConstraint("id", name=op.f("uq_entrances_id")),
    )
    op.create_index(op.f("ix_entrances_place_no"), "entrances", ["place_no"], unique=False)
    op.create_table(
        "roads",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("place_no", Number, nullable=False),
        sa.Column("name", sa.String(length=64), server_default="", nullable=False),
        sa.Column("path", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["place_no"], ["places.no"], name=op.f("fk_roads_place_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_roads")),
        sa.UniqueConstraint("id", name=op.f("uq_roads_id")),
    )
    op.create_index(op.f("ix_roads_place_no"), "roads", ["place_no"], unique=False)
    op.create_table(
        "alert_deliveries",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("rule_no", Number, nullable=False),
        sa.Column("target_no", Number, nullable=True),
        sa.Column("camera_no", Number, nullable=False),
        sa.Column("minute", Instant(), nullable=False),
        sa.Column("event_id", Id(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", Instant(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=200), server_default="", nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("done_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_alert_deliveries_camera_no")),
        sa.ForeignKeyConstraint(["rule_no"], ["alert_rules.no"], name=op.f("fk_alert_deliveries_rule_no")),
        sa.ForeignKeyConstraint(["target_no"], ["alert_targets.no"], name=op.f("fk_alert_deliveries_target_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_alert_deliveries")),
        sa.UniqueConstraint("id", name=op.f("uq_alert_deliveries_id")),
        sa.UniqueConstraint(
            "rule_no",
            "target_no",
            "camera_no",
            "minute",
            name=op.f("uq_alert_deliveries_rule_no_target_no_camera_no_minute"),
        ),
    )
    op.create_index(op.f("ix_alert_deliveries_camera_no"), "alert_deliveries", ["camera_no"], unique=False)
    op.create_index(op.f("ix_alert_deliveries_event_id"), "alert_deliveries", ["event_id"], unique=False)
    op.create_index(op.f("ix_alert_deliveries_minute"), "alert_deliveries", ["minute"], unique=False)
    op.create_index(op.f("ix_alert_deliveries_state_next_at"), "alert_deliveries", ["state", "next_at"], unique=False)
    op.create_index(op.f("ix_alert_deliveries_target_no"), "alert_deliveries", ["target_no"], unique=False)
    op.create_table(
        "entrance_cameras",
        sa.Column("entrance_no", Number, autoincrement=False, nullable=False),
        sa.Column("camera_no", Number, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_entrance_cameras_camera_no")),
        sa.ForeignKeyConstraint(
            ["entrance_no"], ["entrances.no"], name=op.f("fk_entrance_cameras_entrance_no"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("entrance_no", "camera_no", name=op.f("pk_entrance_cameras")),
    )
    op.create_index(op.f("ix_entrance_cameras_camera_no"), "entrance_cameras", ["camera_no"], unique=False)
    op.create_table(
        "event_marks",
        sa.Column("event_no", Number, autoincrement=False, nullable=False),
        sa.Column("verdict", sa.String(length=8), nullable=True),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("marked_by", sa.String(length=64), nullable=False),
        sa.Column("marked_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["event_no"], ["events.no"], name=op.f("fk_event_marks_event_no"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("event_no", name=op.f("pk_event_marks")),
    )
    op.add_column("camera_status", sa.Column("picture", sa.String(length=16), nullable=True))
    op.add_column("camera_status", sa.Column("picture_since", Instant(), nullable=True))
    op.add_column("cameras", sa.Column("hamlet", sa.String(length=64), server_default="", nullable=False))
    op.add_column("cameras", sa.Column("address", sa.String(length=200), server_default="", nullable=False))
    op.add_column("cameras", sa.Column("pole", sa.String(length=32), server_default="", nullable=False))
    op.add_column("cameras", sa.Column("coord_source", sa.String(length=16), server_default="", nullable=False))
    op.add_column("cameras", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
    op.add_column("devices", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
    op.add_column("places", sa.Column("boundary", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("places", sa.Column("revision", sa.Integer(), server_default="1", nullable=False))
    op.add_column("sessions", sa.Column("agent", sa.String(length=200), server_default="", nullable=False))
    op.add_column("status_history", sa.Column("picture", sa.String(length=16), nullable=True))
    op.create_index(op.f("ix_status_history_since"), "status_history", ["since"], unique=False)
    op.create_index(op.f("ix_audit_action_no"), "audit", ["action", "no"], unique=False)
