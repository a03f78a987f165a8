"""Who made a hold, what a withdrawal took of small pictures and the index, and indexes that answer.

They are of cameras near minors, and of a camera's month of recordings without its rows.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; make the one index anew in the words in which it is asked on SQLite, and add the other."""
    op.add_column("holds", sa.Column("origin", sa.String(length=16), server_default="person", nullable=False))
    for name in ("stills", "motion"):
        op.add_column("withdrawals", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.drop_index("ix_placements_minors", "placements")
    op.create_index(
        "ix_placements_minors",
        "placements",
        ["camera_no"],
        unique=False,
        sqlite_where=sa.text("near_minors = 1"),
        postgresql_where=sa.text("near_minors"),
    )
    op.create_index(
        "ix_segments_runs",
        "segments",
        [
            *("camera_no", "stream", sa.text("(started_at / 3600000)")),
            *("why", "codec", "masked", "started_at", "ended_at", "damage"),
        ],
        unique=False,
    )
