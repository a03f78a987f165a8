"""Masks that were lifted for a time, requests of people to see what was recorded, and impact assessments."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Table

from registry.columns import Id, Instant, Number
from registry.tables.columns import identity, metadata, no, text

unmaskings = Table(
    "unmaskings",
    metadata,
    no(),
    Column("camera_no", Number, ForeignKey("cameras.no"), nullable=False, index=True),
    Column("revision", sa.Integer, nullable=False),
    Column("approval_id", Id, nullable=False),
    Column("masks", sa.JSON, nullable=False),
    Column("lifted_at", Instant, nullable=False),
    Column("lifted_by", sa.String(64), nullable=False),
    Column("ends_at", Instant, index=True),
    Column("returned_at", Instant),
    # `masks` are those that stood before; they come back at `ends_at`, unless that is empty.
)

requests = Table(
    "requests",
    metadata,
    no(),
    identity(),
    Column("number", sa.String(16), nullable=False, unique=True),
    Column("asker", sa.String(64), nullable=False),
    Column("relation", sa.String(16), nullable=False),
    Column("id_kind", sa.String(16), nullable=False),
    Column("id_last4", sa.String(4), nullable=False),
    text("contact", 64),
    Column("place_no", Number, ForeignKey("places.no")),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("grounds", sa.String(200), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("received_by", sa.String(64), nullable=False),
    Column("received_by_no", Number, ForeignKey("users.no")),
    Column("due_at", Instant, nullable=False),
    Column("held_until", Instant, index=True),
    Column("decision", sa.String(16)),
    text("refusal", 16),
    text("decision_text", 200),
    Column("decided_at", Instant),
    text("decided_by", 64),
    Column("shown_how", sa.String(16)),
    Column("shown_at", Instant),
    text("shown_by", 64),
    Column("closed_at", Instant),
    text("closed_by", 64),
    text("closing_note", 200),
)

request_cameras = Table(
    "request_cameras",
    metadata,
    Column("request_no", Number, ForeignKey("requests.no"), primary_key=True, autoincrement=False),
    Column("camera_no", Number, ForeignKey("cameras.no"), primary_key=True, autoincrement=False, index=True),
)

assessments = Table(
    "assessments",
    metadata,
    no(),
    identity(),
    Column("about", sa.String(16), nullable=False),
    Column("title", sa.String(200), nullable=False),
    Column("document_number", sa.String(64), nullable=False),
    Column("approved_by", sa.String(64), nullable=False),
    Column("assessed_at", Instant, nullable=False),
    Column("review_at", Instant, nullable=False),
    Column("created_by", sa.String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
)
