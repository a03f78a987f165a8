"""The picture of a signed consent: a photograph or scan, made anew by a decoder before it is kept.

It stands in the database, beside what it proves: in a backup with it, and swept by no retention of pictures.
"""

from __future__ import annotations

import hashlib
from uuid import UUID

import sqlalchemy as sa

from registry import audit
from registry.consents.reading import in_scope_of, one, unknown
from registry.errors import NotFound
from registry.inputs import invalid
from registry.model import Actor, Consent
from registry.scope import of_actor
from registry.store import Store
from registry.tables import consent_scans

MOST_BYTES = 2_000_000
"""Of the picture that is kept; what is sent may be larger."""


async def put(store: Store, consent_id: UUID, jpeg: bytes, actor: Actor) -> Consent:
    """Keep a consent's scan, in place of the one before. Raises NotFound outside the scope, Invalid when too large."""
    if len(jpeg) > MOST_BYTES:
        raise invalid("body", "too_large", "the picture is too large; take it smaller")
    now = store.clock()
    async with store.write() as conn:
        row = (await conn.execute(in_scope_of(consent_id, of_actor(actor)))).one_or_none()
        if row is None:
            raise unknown()
        digest = hashlib.sha256(jpeg).hexdigest()
        await conn.execute(sa.delete(consent_scans).where(consent_scans.c.consent_no == row.no))
        kept = {"consent_no": row.no, "at": now, "by": actor.user.name, "sha256": digest, "picture": jpeg}
        await conn.execute(sa.insert(consent_scans).values(kept))
        detail = audit.describe(consent=consent_id, sha256=digest, replaced=row.has_scan or None)
        await audit.append(conn, actor, "consent.scan", now=now, cameras=[row.camera_id], detail=detail)
        return await one(conn, consent_id, now)


async def get(store: Store, consent_id: UUID, actor: Actor) -> bytes:
    """A consent's scan; the look is on record. Raises NotFound outside the scope, or where there is none."""
    async with store.write() as conn:
        row = (await conn.execute(in_scope_of(consent_id, of_actor(actor)))).one_or_none()
        if row is None:
            raise unknown()
        wanted = sa.select(consent_scans.c.picture).where(consent_scans.c.consent_no == row.no)
        picture: bytes | None = await conn.scalar(wanted)
        if picture is None:
            raise NotFound("the consent has no scan", code="consent_scan_none")
        detail = audit.describe(consent=consent_id)
        await audit.append(conn, actor, "consent.scan_read", now=store.clock(), cameras=[row.camera_id], detail=detail)
    return picture
