"""What is registered: places, what is drawn in them, devices, cameras, how they stand, scenes."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table

from registry.columns import Instant, Number
from registry.tables.columns import identity, metadata, no, text

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
    no(),
    identity(),
    Column("code", sa.String(12), nullable=False, unique=True),
    Column("name", sa.String(64), nullable=False),
    Column("level", sa.String(8), nullable=False),
    Column("lat", sa.Float(53)),
    Column("lon", sa.Float(53)),
    text("source", 200),
    Column("boundary", sa.JSON(none_as_null=True)),
    Column("revision", sa.Integer, nullable=False, server_default="1"),
)

roads = Table(
    "roads",
    metadata,
    no(),
    identity(),
    Column("place_no", Number, ForeignKey("places.no"), nullable=False, index=True),
    text("name", 64),
    Column("path", sa.JSON, nullable=False),
    Column("revision", sa.Integer, nullable=False, server_default="1"),
)

entrances = Table(
    "entrances",
    metadata,
    no(),
    identity(),
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
    no(),
    identity(),
    Column("name", sa.String(64), nullable=False),
    Column("type", sa.String(16), nullable=False),
    Column("host", sa.String(255), nullable=False),
    text("vendor", 64),
    text("model", 64),
    text("username", 64),
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
    no(),
    identity(),
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
    text("manager_unit", 64),
    text("owner_name", 64),
    text("owner_contact", 64),
    text("probe_mac", 17),
    text("note", 200),
    text("hamlet", 64),
    text("address", 200),
    text("pole", 32),
    text("coord_source", 16),
    Column("record_mode", sa.String(16)),
    Column("record_stream", sa.String(8)),
    Column("record_days", sa.Integer),
    Column("event_days", sa.Integer),
    Column("revision", sa.Integer, nullable=False, server_default="1"),
    Column("scene_revision", sa.Integer, nullable=False, server_default="0"),
    Column("masked_since", Instant),
    Column("created_at", Instant, nullable=False),
    Column("removed_at", Instant),
)

camera_status = Table(
    "camera_status",
    metadata,
    Column("camera_no", Number, ForeignKey("cameras.no"), primary_key=True, autoincrement=False),
    Column("state", sa.String(20), nullable=False),
    Column("reason", sa.String(20)),
    text("detail", 200),
    Column("since", Instant, nullable=False),
    Column("codec", sa.String(16)),
    Column("width", sa.Integer),
    Column("height", sa.Integer),
    Column("fps", sa.Float(53)),
    Column("last_frame_at", Instant),
    Column("picture", sa.String(16)),
    Column("picture_since", Instant),
    Column("recording", sa.String(16)),
)

status_history = Table(
    "status_history",
    metadata,
    no(),
    Column("camera_no", Number, ForeignKey("cameras.no"), nullable=False),
    Column("state", sa.String(20), nullable=False),
    Column("reason", sa.String(20)),
    text("detail", 200),
    Column("since", Instant, nullable=False),
    Column("picture", sa.String(16)),
    Column("recording", sa.String(16)),
    Index(None, "camera_no", "no"),
    Index(None, "since"),
)

hub_runs = Table(
    "hub_runs",
    metadata,
    no(),
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
