"""Patrols at the desk: plans, sessions and their marks; incidents and what was done about them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Table

from registry.columns import Id, Instant, Number
from registry.tables.columns import identity, metadata, no, text

patrol_plans = Table(
    "patrol_plans",
    metadata,
    no(),
    identity(),
    Column("revision", sa.Integer, nullable=False, server_default="1"),
    Column("name", sa.String(64), nullable=False),
    Column("dwell_s", sa.Integer, nullable=False),
    Column("times", sa.JSON, nullable=False),
    Column("created_by", sa.String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("removed_at", Instant),
)

patrol_plan_cameras = Table(
    "patrol_plan_cameras",
    metadata,
    Column("plan_no", Number, ForeignKey("patrol_plans.no"), primary_key=True, autoincrement=False),
    Column("position", sa.Integer, primary_key=True, autoincrement=False),
    Column("camera_no", Number, ForeignKey("cameras.no"), nullable=False, index=True),
)

patrol_plan_users = Table(
    "patrol_plan_users",
    metadata,
    Column("plan_no", Number, ForeignKey("patrol_plans.no"), primary_key=True, autoincrement=False),
    Column("user_no", Number, ForeignKey("users.no"), primary_key=True, autoincrement=False, index=True),
)

patrols = Table(
    "patrols",
    metadata,
    no(),
    identity(),
    Column("plan_no", Number, ForeignKey("patrol_plans.no"), index=True),
    Column("user_no", Number, ForeignKey("users.no"), nullable=False, index=True),
    Column("purpose_no", Number, ForeignKey("purposes.no"), nullable=False, unique=True),
    Column("started_at", Instant, nullable=False, index=True),
    text("handover", 2000),
)
"""A patrol ends when its purpose does: closed, or run out."""

patrol_cameras = Table(
    "patrol_cameras",
    metadata,
    Column("patrol_no", Number, ForeignKey("patrols.no"), primary_key=True, autoincrement=False),
    Column("camera_no", Number, ForeignKey("cameras.no"), primary_key=True, autoincrement=False, index=True),
    Column("position", sa.Integer, nullable=False),
)
"""The cameras a patrol was to look at when it began: a plan that changes later changes no rate."""

patrol_marks = Table(
    "patrol_marks",
    metadata,
    no(),
    identity(),
    Column("patrol_no", Number, ForeignKey("patrols.no"), nullable=False, index=True),
    Column("camera_no", Number, ForeignKey("cameras.no"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("verdict", sa.String(16), nullable=False),
    text("note", 500),
    Column("snapshot", sa.String(120)),
    Column("snapshot_bytes", sa.Integer, nullable=False, server_default="0"),
    text("snapshot_why", 32),
    Column("node", sa.String(64), nullable=False),
    Column("cleared_at", Instant),
    text("cleared_by", 64),
    Index(None, "camera_no", "at"),
)
Index(
    "ix_patrol_marks_pictures",
    patrol_marks.c.at,
    sqlite_where=patrol_marks.c.snapshot.is_not(None),
    postgresql_where=patrol_marks.c.snapshot.is_not(None),
)

incidents = Table(
    "incidents",
    metadata,
    no(),
    identity(),
    Column("revision", sa.Integer, nullable=False, server_default="1"),
    Column("camera_no", Number, ForeignKey("cameras.no"), nullable=False, index=True),
    Column("village_no", Number, ForeignKey("places.no"), nullable=False, index=True),
    Column("mark_no", Number, ForeignKey("patrol_marks.no"), unique=True),
    Column("event_id", Id, unique=True),
    Column("happened_at", Instant, nullable=False),
    Column("title", sa.String(100), nullable=False),
    text("note", 500),
    Column("state", sa.String(16), nullable=False),
    Column("assigned_no", Number, ForeignKey("users.no"), index=True),
    text("result", 500),
    Column("case_no", Number, ForeignKey("cases.no"), index=True),
    Column("opened_by", sa.String(64), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Index(None, "state", "opened_at"),
)

incident_steps = Table(
    "incident_steps",
    metadata,
    no(),
    Column("incident_no", Number, ForeignKey("incidents.no"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("by", sa.String(64), nullable=False),
    Column("step", sa.String(16), nullable=False),
    text("to", 64),
    text("note", 500),
)
