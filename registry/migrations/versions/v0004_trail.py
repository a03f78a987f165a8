"""The register refuses to be changed, and says which consents a look rested on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Its head moves forward, row by row; one that has not moved yet may go, so that a restore can put its own there.
_SQLITE = (
    (
        "CREATE TRIGGER audit_only_grows_update BEFORE UPDATE ON audit"
        " BEGIN SELECT RAISE(ABORT, 'the register only grows'); END"
    ),
    (
        "CREATE TRIGGER audit_only_grows_delete BEFORE DELETE ON audit"
        " BEGIN SELECT RAISE(ABORT, 'the register only grows'); END"
    ),
    # INSERT OR REPLACE takes the old row away without asking the trigger before.
    (
        "CREATE TRIGGER audit_only_grows_replace BEFORE INSERT ON audit"
        " WHEN EXISTS (SELECT 1 FROM audit WHERE no = NEW.no)"
        " BEGIN SELECT RAISE(ABORT, 'the register only grows'); END"
    ),
    (
        "CREATE TRIGGER audit_head_moves_on_update BEFORE UPDATE ON audit_head"
        " WHEN NEW.no <> OLD.no OR NEW.audit_no <= OLD.audit_no"
        " BEGIN SELECT RAISE(ABORT, 'the end of the register moves forward only'); END"
    ),
    (
        "CREATE TRIGGER audit_head_moves_on_delete BEFORE DELETE ON audit_head WHEN OLD.audit_no > 0"
        " BEGIN SELECT RAISE(ABORT, 'the end of the register moves forward only'); END"
    ),
    (
        "CREATE TRIGGER audit_head_moves_on_replace BEFORE INSERT ON audit_head WHEN EXISTS (SELECT 1 FROM audit_head)"
        " BEGIN SELECT RAISE(ABORT, 'the end of the register moves forward only'); END"
    ),
)
_POSTGRESQL = (
    (
        "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'the register only grows' USING ERRCODE = 'restrict_violation'; END $$"
    ),
    (
        "CREATE TRIGGER audit_only_grows_change BEFORE UPDATE OR DELETE ON audit"
        " FOR EACH ROW EXECUTE FUNCTION audit_only_grows()"
    ),
    (
        "CREATE TRIGGER audit_only_grows_truncate BEFORE TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()"
    ),
    (
        "CREATE TRIGGER audit_head_moves_on_update BEFORE UPDATE ON audit_head FOR EACH ROW"
        " WHEN (NEW.no <> OLD.no OR NEW.audit_no <= OLD.audit_no) EXECUTE FUNCTION audit_only_grows()"
    ),
    (
        "CREATE TRIGGER audit_head_moves_on_delete BEFORE DELETE ON audit_head FOR EACH ROW"
        " WHEN (OLD.audit_no > 0) EXECUTE FUNCTION audit_only_grows()"
    ),
    (
        "CREATE TRIGGER audit_head_moves_on_truncate BEFORE TRUNCATE ON audit_head"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()"
    ),
    # Always: a session that calls itself a replica skips ordinary triggers.
    "ALTER TABLE audit ENABLE ALWAYS TRIGGER audit_only_grows_change",
    "ALTER TABLE audit ENABLE ALWAYS TRIGGER audit_only_grows_truncate",
    "ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_moves_on_update",
    "ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_moves_on_delete",
    "ALTER TABLE audit_head ENABLE ALWAYS TRIGGER audit_head_moves_on_truncate",
)


def upgrade() -> None:
    """Add the column, then close the register."""
    op.add_column("audit", sa.Column("consent_versions", sa.JSON(none_as_null=True), nullable=True))
    for statement in _POSTGRESQL if op.get_context().dialect.name == "postgresql" else _SQLITE:
        op.execute(sa.text(statement))
