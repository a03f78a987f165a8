"""Masks that were lifted with approval, and requests of people to see what was recorded of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from registry.columns import Id, Instant, Number

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, and to each camera since when all that it masks has been masked."""
    op.create_table(
        "unmaskings",
        sa.Column("no", Number, nullable=False),
        sa.Column("camera_no", Number, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("approval_id", Id(), nullable=False),
        sa.Column("masks", sa.JSON(), nullable=False),
        sa.Column("lifted_at", Instant(), nullable=False),
        sa.Column("lifted_by", sa.String(length=64), nullable=False),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.Column("returned_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_unmaskings_camera_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_unmaskings")),
    )
    op.create_index(op.f("ix_unmaskings_camera_no"), "unmaskings", ["camera_no"], unique=False)
    op.create_index(op.f("ix_unmaskings_ends_at"), "unmaskings", ["ends_at"], unique=False)
    _add_requests()
    op.create_table(
        "assessments",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("about", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("document_number", sa.String(length=64), nullable=False),
        sa.Column("approved_by", sa.String(length=64), nullable=False),
        sa.Column("assessed_at", Instant(), nullable=False),
        sa.Column("review_at", Instant(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_assessments")),
        sa.UniqueConstraint("id", name=op.f("uq_assessments_id")),
    )
    op.add_column("cameras", sa.Column("masked_since", Instant(), nullable=True))
    _tell_masked_since()


def _add_requests() -> None:
    op.create_table(
        "requests",
        sa.Column("no", Number, nullable=False),
        sa.Column("id", Id(), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("asker", sa.String(length=64), nullable=False),
        sa.Column("relation", sa.String(length=16), nullable=False),
        sa.Column("id_kind", sa.String(length=16), nullable=False),
        sa.Column("id_last4", sa.String(length=4), nullable=False),
        sa.Column("contact", sa.String(length=64), server_default="", nullable=False),
        sa.Column("place_no", Number, nullable=True),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("grounds", sa.String(length=200), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("received_by", sa.String(length=64), nullable=False),
        sa.Column("received_by_no", Number, nullable=True),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("held_until", Instant(), nullable=True),
        sa.Column("decision", sa.String(length=16), nullable=True),
        sa.Column("refusal", sa.String(length=16), server_default="", nullable=False),
        sa.Column("decision_text", sa.String(length=200), server_default="", nullable=False),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decided_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("shown_how", sa.String(length=16), nullable=True),
        sa.Column("shown_at", Instant(), nullable=True),
        sa.Column("shown_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("closed_by", sa.String(length=64), server_default="", nullable=False),
        sa.Column("closing_note", sa.String(length=200), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["place_no"], ["places.no"], name=op.f("fk_requests_place_no")),
        sa.ForeignKeyConstraint(["received_by_no"], ["users.no"], name=op.f("fk_requests_received_by_no")),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_requests")),
        sa.UniqueConstraint("id", name=op.f("uq_requests_id")),
        sa.UniqueConstraint("number", name=op.f("uq_requests_number")),
    )
    op.create_index(op.f("ix_requests_held_until"), "requests", ["held_until"], unique=False)
    op.create_table(
        "request_cameras",
        sa.Column("request_no", Number, autoincrement=False, nullable=False),
        sa.Column("camera_no", Number, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["camera_no"], ["cameras.no"], name=op.f("fk_request_cameras_camera_no")),
        sa.ForeignKeyConstraint(["request_no"], ["requests.no"], name=op.f("fk_request_cameras_request_no")),
        sa.PrimaryKeyConstraint("request_no", "camera_no", name=op.f("pk_request_cameras")),
    )
    op.create_index(op.f("ix_request_cameras_camera_no"), "request_cameras", ["camera_no"], unique=False)


def _tell_masked_since() -> None:
    """A camera that is masked today is so since the first of its latest revisions with the same masks."""
    cameras = sa.table("cameras", sa.column("no"), sa.column("scene_revision"), sa.column("masked_since", Instant()))
    scenes = sa.table(
        "scenes",
        sa.column("camera_no"),
        sa.column("revision"),
        sa.column("body", sa.JSON()),
        sa.column("created_at", Instant()),
    )
    conn = op.get_bind()
    for camera in conn.execute(sa.select(cameras).where(cameras.c.scene_revision > 0)).all():
        drawn = sa.select(scenes).where(scenes.c.camera_no == camera.no, scenes.c.revision <= camera.scene_revision)
        now, since = None, None
        for scene in conn.execute(drawn.order_by(scenes.c.revision.desc())):
            masks = scene.body.get("masks") or None
            now = masks if since is None else now
            if masks is None or masks != now:
                break
            since = scene.created_at
        if since is not None:
            conn.execute(sa.update(cameras).where(cameras.c.no == camera.no).values(masked_since=since))
