"""The tables. Times are `Instant` (ms UTC), ids `Id` (UUIDv7, public), `no` a row's small integer (private).

Migrations in registry/migrations carry the same shape; a test compares the two.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, UniqueConstraint

from registry.columns import Id, Instant, Number, Trail

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _no() -> Column[int]:
    return Column("no", Number, primary_key=True)


def _id() -> Column[object]:
    return Column("id", Id, nullable=False, unique=True)


def _text(name: str, length: int, *, default: str | None = "") -> Column[str]:
    """A required string; the empty string stands for "not told"."""
    return Column(name, sa.String(length), nullable=False, server_default=default)


registry_revision = Table(
    "registry_revision",
    metadata,
    Column("no", sa.Integer, primary_key=True, autoincrement=False),
    Column("value", sa.BigInteger, nullable=False),
    CheckConstraint("no = 1", name="one_row"),
)

places = Table(
    "places",
    metadata,
    _no(),
    _id(),
    Column("code", sa.String(12), nullable=False, unique=True),
    Column("name", sa.String(64), nullable=False),
    Column("level", sa.String(8), nullable=False),
    Column("lat", sa.Float(53)),
    Column("lon", sa.Float(53)),
    _text("source", 200),
    Column("boundary", sa.JSON(none_as_null=True)),
    Column("revision", sa.Integer, nullable=False, server_default="1"),
)

roads = Table(
    "roads",
    metadata,
    _no(),
    _id(),
    Column("place_no", Number, ForeignKey("places.no"), nullable=False, index=True),
    _text("name", 64),
    Column("path", sa.JSON, nullable=False),
    Column("revision", sa.Integer, nullable=False, server_default="1"),
)

entrances = Table(
    "entrances",
    metadata,
    _no(),
    _id(),
    Column("place_no", Number, ForeignKey("places.no"), nullable=False, index=True),
    Column("name", sa.String(64), nullable=False),
    Column("lat", sa.Float(53), nullable=False),
    Column("lon", sa.Float(53), nullable=False),
    Column("bearing_deg", sa.Float(53), nullable=False),
    Column("revision", sa.Integer, nullable=False, server_default="1"),
)

entrance_cameras = Table(
    "entrance_cameras",
    metadata,
    Column(
        "entrance_no", Number, ForeignKey("entrances.no", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("camera_no", Number, ForeignKey("cameras.no"), primary_key=True, autoincrement=False, index=True),
)

devices = Table(
    "devices",
    metadata,
    _no(),
    _id(),
    Column("name", sa.String(64), nullable=False),
    Column("type", sa.String(16), nullable=False),
    Column("host", sa.String(255), nullable=False),
    _text("vendor", 64),
    _text("model", 64),
    _text("username", 64),
    Column("password_sealed", sa.Text),
    Column("onvif_port", sa.Integer),
    Column("clock_offset_ms", sa.BigInteger),
    Column("revision", sa.Integer, nullable=False, server_default="1"),
    Column("created_at", Instant, nullable=False),
    Column("removed_at", Instant),
)

cameras = Table(
    "cameras",
    metadata,
    _no(),
    _id(),
    Column("device_no", Number, ForeignKey("devices.no"), nullable=False, index=True),
    Column("name", sa.String(64), nullable=False),
    Column("kind", sa.String(16), nullable=False),
    Column("village_no", Number, ForeignKey("places.no"), nullable=False, index=True),
    Column("lat", sa.Float(53)),
    Column("lon", sa.Float(53)),
    Column("bearing_deg", sa.Float(53)),
    Column("view_angle_deg", sa.Float(53)),
    Column("main_url", sa.Text),
    Column("sub_url", sa.Text),
    Column("tier", sa.String(16), nullable=False),
    Column("enabled", sa.Boolean, nullable=False),
    Column("gb_id", sa.String(20), unique=True),
    _text("manager_unit", 64),
    _text("owner_name", 64),
    _text("owner_contact", 64),
    _text("probe_mac", 17),
    _text("note", 200),
    _text("hamlet", 64),
    _text("address", 200),
    _text("pole", 32),
    _text("coord_source", 16),
    Column("revision", sa.Integer, nullable=False, server_default="1"),
    Column("scene_revision", sa.Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("removed_at", Instant),
)

camera_status = Table(
    "camera_status",
    metadata,
    Column("camera_no", Number, ForeignKey("cameras.no"), primary_key=True, autoincrement=False),
    Column("state", sa.String(20), nullable=False),
    Column("reason", sa.String(20)),
    _text("detail", 200),
    Column("since", Instant, nullable=False),
    Column("codec", sa.String(16)),
    Column("width", sa.Integer),
    Column("height", sa.Integer),
    Column("fps", sa.Float(53)),
    Column("last_frame_at", Instant),
    Column("picture", sa.String(16)),
    Column("picture_since", Instant),
)

status_history = Table(
    "status_history",
    metadata,
    _no(),
    Column("camera_no", Number, ForeignKey("cameras.no"), nullable=False),
    Column("state", sa.String(20), nullable=False),
    Column("reason", sa.String(20)),
    _text("detail", 200),
    Column("since", Instant, nullable=False),
    Column("picture", sa.String(16)),
    Index(None, "camera_no", "no"),
    Index(None, "since"),
)

hub_runs = Table(
    "hub_runs",
    metadata,
    _no(),
    Column("node", sa.String(64), nullable=False),
    Column("started_at", Instant, nullable=False, index=True),
    Column("seen_at", Instant, nullable=False),
)

scenes = Table(
    "scenes",
    metadata,
    Column("camera_no", Number, ForeignKey("cameras.no"), primary_key=True, autoincrement=False),
    Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    Column("body", sa.JSON, nullable=False),
    Column("created_by", sa.String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
)

consents = Table(
    "consents",
    metadata,
    _no(),
    _id(),
    Column("camera_no", Number, ForeignKey("cameras.no"), nullable=False, index=True),
    Column("owner_name", sa.String(64), nullable=False),
    Column("for_events", sa.Boolean, nullable=False),
    Column("for_clip", sa.Boolean, nullable=False),
    Column("for_live", sa.Boolean, nullable=False),
    Column("from_minute", sa.Integer),
    Column("to_minute", sa.Integer),
    Column("valid_from", Instant, nullable=False),
    Column("valid_to", Instant),
    Column("text_version", sa.String(64), nullable=False),
    Column("signed_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    CheckConstraint("(from_minute IS NULL) = (to_minute IS NULL)", name="hours_both_or_none"),
)

users = Table(
    "users",
    metadata,
    _no(),
    _id(),
    Column("name", sa.String(32), nullable=False, unique=True),
    _text("display_name", 64),
    _text("unit", 64),
    Column("role", sa.String(16), nullable=False),
    Column("password_hash", sa.String(200), nullable=False),
    Column("active", sa.Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
)

user_grants = Table(
    "user_grants",
    metadata,
    Column("user_no", Number, ForeignKey("users.no"), primary_key=True, autoincrement=False),
    Column("prefix", sa.String(12), primary_key=True),
)

cases = Table(
    "cases",
    metadata,
    _no(),
    _id(),
    Column("number", sa.String(64), nullable=False, unique=True),
    Column("title", sa.String(200), nullable=False),
    Column("village_no", Number, ForeignKey("places.no"), index=True),
    Column("starts_at", Instant),
    Column("ends_at", Instant),
    Column("opened_by", sa.String(64), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
)

purposes = Table(
    "purposes",
    metadata,
    _no(),
    _id(),
    Column("kind", sa.String(16), nullable=False),
    Column("case_no", Number, ForeignKey("cases.no"), index=True),
    _text("reason", 200),
    Column("user_no", Number, ForeignKey("users.no"), nullable=False, index=True),
    Column("opened_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("closed_at", Instant),
)

sessions = Table(
    "sessions",
    metadata,
    _no(),
    _id(),
    Column("token_hash", sa.LargeBinary(32), nullable=False, unique=True),
    Column("csrf", sa.String(64), nullable=False),
    Column("user_no", Number, ForeignKey("users.no"), nullable=False, index=True),
    Column("purpose_no", Number, ForeignKey("purposes.no"), index=True),
    _text("address", 64),
    _text("agent", 200),
    Column("opened_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    _no(),
    _id(),
    Column("token_hash", sa.LargeBinary(32), nullable=False, unique=True),
    Column("name", sa.String(64), nullable=False),
    Column("user_no", Number, ForeignKey("users.no"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

labels = Table(
    "labels",
    metadata,
    _no(),
    Column("label", sa.String(64), nullable=False),
    Column("label_group", sa.String(16), nullable=False),
    UniqueConstraint("label", "label_group"),
)

events = Table(
    "events",
    metadata,
    _no(),
    _id(),
    Column("revision", sa.Integer, nullable=False),
    Column("camera_no", Number, ForeignKey("cameras.no"), nullable=False),
    Column("village_no", Number, ForeignKey("places.no"), nullable=False),
    Column("label_no", Number, ForeignKey("labels.no"), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("local_second", sa.Integer, nullable=False),
    Column("score", sa.Float(53), nullable=False),
    Column("kind", sa.String(16), nullable=False),
    Column("rule_id", sa.String(64), nullable=False),
    Column("rule_name", sa.String(64), nullable=False),
    Column("scene_revision", sa.Integer, nullable=False),
    Column("x0", sa.Float(53), nullable=False),
    Column("y0", sa.Float(53), nullable=False),
    Column("x1", sa.Float(53), nullable=False),
    Column("y1", sa.Float(53), nullable=False),
    Column("direction", sa.String(16)),
    Column("updated_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("received_at", Instant, nullable=False),
    Column("snapshot", sa.String(120)),
    Column("snapshot_revision", sa.Integer, nullable=False, server_default="-1"),
    Column("snapshot_bytes", sa.Integer, nullable=False, server_default="0"),
    Column("snapshot_at", Instant),
    Column("node", sa.String(64), nullable=False),
    Column("model", sa.String(64), nullable=False),
    Column("clock_offset_ms", sa.BigInteger),
    Column("path", Trail, nullable=False),
    # Each access path ends in a page's order; what follows lets place, label, night and consent be judged in the index,
    # without reading the row.
    Index("ix_events_by_time", "started_at", "id", "village_no", "label_no", "camera_no", "local_second"),
    Index("ix_events_by_village", "village_no", "started_at", "id", "label_no", "camera_no", "local_second"),
    Index("ix_events_by_camera", "camera_no", "started_at", "id", "label_no", "village_no", "local_second"),
    Index("ix_events_by_label", "label_no", "started_at", "id", "village_no", "camera_no", "local_second"),
)
Index(
    "ix_events_kept_snapshots",
    events.c.started_at,
    events.c.snapshot_bytes,
    sqlite_where=events.c.snapshot.is_not(None),
    postgresql_where=events.c.snapshot.is_not(None),
)
Index(
    "ix_events_open",
    events.c.updated_at,
    sqlite_where=events.c.ended_at.is_(None),
    postgresql_where=events.c.ended_at.is_(None),
)

event_marks = Table(
    "event_marks",
    metadata,
    Column("event_no", Number, ForeignKey("events.no", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("verdict", sa.String(8)),
    _text("note", 500),
    Column("marked_by", sa.String(64), nullable=False),
    Column("marked_at", Instant, nullable=False),
)

alert_targets = Table(
    "alert_targets",
    metadata,
    _no(),
    _id(),
    Column("name", sa.String(64), nullable=False),
    Column("kind", sa.String(16), nullable=False),
    Column("address", sa.String(1000), nullable=False),
    Column("secret_sealed", sa.Text),
    Column("enabled", sa.Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("removed_at", Instant),
)

alert_rules = Table(
    "alert_rules",
    metadata,
    _no(),
    _id(),
    Column("revision", sa.Integer, nullable=False, server_default="1"),
    Column("name", sa.String(64), nullable=False),
    Column("reason", sa.String(200), nullable=False),
    Column("owner_no", Number, ForeignKey("users.no"), nullable=False, index=True),
    Column("enabled", sa.Boolean, nullable=False),
    Column("body", sa.JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("removed_at", Instant),
)

alert_deliveries = Table(
    "alert_deliveries",
    metadata,
    _no(),
    _id(),
    Column("rule_no", Number, ForeignKey("alert_rules.no"), nullable=False),
    Column("target_no", Number, ForeignKey("alert_targets.no"), index=True),
    Column("camera_no", Number, ForeignKey("cameras.no"), nullable=False, index=True),
    Column("minute", Instant, nullable=False, index=True),
    Column("event_id", Id, nullable=False, index=True),
    Column("events", sa.Integer, nullable=False),
    Column("state", sa.String(16), nullable=False),
    Column("attempts", sa.Integer, nullable=False, server_default="0"),
    Column("next_at", Instant),
    Column("status", sa.Integer),
    _text("error", 200),
    Column("created_at", Instant, nullable=False),
    Column("done_at", Instant),
    UniqueConstraint("rule_no", "target_no", "camera_no", "minute"),
    Index(None, "state", "next_at"),
)

audit = Table(
    "audit",
    metadata,
    Column("no", Number, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False, index=True),
    Column("user_no", Number, ForeignKey("users.no"), index=True),
    Column("user_name", sa.String(64), nullable=False),
    Column("role", sa.String(16)),
    _text("unit", 64),
    _text("address", 64),
    Column("action", sa.String(32), nullable=False),
    Column("cameras", sa.JSON, nullable=False),
    Column("span_from", Instant),
    Column("span_to", Instant),
    Column("purpose_kind", sa.String(16)),
    Column("case_number", sa.String(64)),
    _text("reason", 200),
    Column("detail", sa.Text, nullable=False),
    Column("result_count", sa.Integer),
    Column("prev_hash", sa.String(64), nullable=False),
    Column("hash", sa.String(64), nullable=False),
    # Changes are few among the looks: those of one camera are found without reading the looks.
    Index(None, "action", "no"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("no", sa.Integer, primary_key=True, autoincrement=False),
    Column("audit_no", sa.BigInteger, nullable=False),
    Column("hash", sa.String(64), nullable=False),
    CheckConstraint("no = 1", name="one_row"),
)
