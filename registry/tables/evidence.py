"""What left the hub for a case: the key it is signed with, exports, who had them in hand, drafts of blurred clips."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Table

from registry.columns import Id, Instant, Number
from registry.tables.columns import identity, metadata, no, text

evidence_keys = Table(
    "evidence_keys",
    metadata,
    no(),
    Column("name", sa.String(16), nullable=False),
    Column("key", sa.String(64), nullable=False, unique=True),
    Column("secret_sealed", sa.String(300), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("previous", sa.String(64)),
    Column("signature", sa.String(128)),
)
"""Ed25519: `key` is the public part as hex, `name` the first digits of its fingerprint. The newest row signs.

`signature` is the previous key's word that this one follows it.
"""

exports = Table(
    "exports",
    metadata,
    no(),
    identity(),
    Column("case_no", Number, ForeignKey("cases.no"), nullable=False, index=True),
    Column("approval_no", Number, ForeignKey("approvals.no"), nullable=False, index=True),
    Column("version", sa.Integer, nullable=False),
    Column("name", sa.String(128), nullable=False),
    Column("supersedes", Id),
    Column("node", sa.String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", sa.String(64), nullable=False),
    Column("files", sa.Integer, nullable=False),
    Column("bytes", sa.BigInteger, nullable=False),
    Column("digest", sa.String(64), nullable=False),
    Column("manifest", sa.String(64), nullable=False),
    Column("key_name", sa.String(64), nullable=False),
    Column("shown", sa.JSON, nullable=False),
    Column("left_out", sa.Integer, nullable=False),
    Column("kept_until", Instant, nullable=False, index=True),
    Column("purged_at", Instant),
)
"""A pack that was made: `digest` is the SHA-256 of its file, `manifest` that of its manifest, `key_name` a fingerprint.

`shown` is what of footage is in it: `registry.evidence.shown`.
The file is `exports/<id>.zip` on its node, up to `kept_until`; the row stays.
"""

custody = Table(
    "custody",
    metadata,
    no(),
    Column("export_no", Number, ForeignKey("exports.no"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("step", sa.String(16), nullable=False),
    Column("by_name", sa.String(64), nullable=False),
    text("by_unit", 64),
    Column("audit_no", Number, nullable=False),
    text("recipient", 64),
    text("recipient_unit", 64),
    text("document", 64),
    text("medium", 16),
    Column("told", sa.Boolean),
    Column("handed_at", Instant),
    text("note", 200),
)
"""What happened to an export: made, fetched, handed over, purged; `told`: the fingerprint was told by another way."""

drafts = Table(
    "drafts",
    metadata,
    no(),
    identity(),
    Column("approval_no", Number, ForeignKey("approvals.no"), nullable=False),
    Column("item", sa.Integer, nullable=False),
    Column("revision", sa.Integer, nullable=False),
    Column("node", sa.String(64), nullable=False),
    Column("body", sa.JSON, nullable=False),
    Column("boxes", sa.JSON, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", sa.String(64), nullable=False),
    Column("digest", sa.String(64), nullable=False),
    Column("bytes", sa.BigInteger, nullable=False),
    Column("reviewed_at", Instant),
    text("reviewed_by", 64),
    sa.Index("ix_drafts_by_item", "approval_no", "item", unique=True),
)
"""A blurred clip of an outward copy, before it is let out: `boxes` were drawn by hand; nothing leaves unreviewed."""
