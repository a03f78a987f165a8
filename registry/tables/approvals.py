"""What one user asked for and another decided."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Table

from registry.columns import Instant, Number
from registry.tables.columns import identity, metadata, no, text

approvals = Table(
    "approvals",
    metadata,
    no(),
    identity(),
    Column("revision", sa.Integer, nullable=False, server_default="1"),
    Column("kind", sa.String(16), nullable=False),
    Column("body", sa.JSON, nullable=False),
    Column("case_no", Number, ForeignKey("cases.no"), index=True),
    Column("requester_no", Number, ForeignKey("users.no"), nullable=False, index=True),
    text("reason", 500),
    Column("asked_at", Instant, nullable=False),
    Column("waits_until", Instant, nullable=False),
    Column("state", sa.String(16), nullable=False),
    Column("decided_by_no", Number, ForeignKey("users.no")),
    Column("decided_at", Instant),
    text("decision", 500),
    Column("ends_at", Instant),
    Column("ended_by_no", Number, ForeignKey("users.no")),
    Column("ended_at", Instant),
    text("ending", 500),
    CheckConstraint("decided_by_no IS NULL OR decided_by_no <> requester_no", name="two_people"),
)
"""`body` is what was asked, as its kind says; a grant lasts to `ends_at`, unless taken or given back at `ended_at`."""

approval_places = Table(
    "approval_places",
    metadata,
    Column("approval_no", Number, ForeignKey("approvals.no"), primary_key=True, autoincrement=False),
    Column("prefix", sa.String(12), primary_key=True),
)
"""Where it is about: whoever decides has all of it in his scope."""
