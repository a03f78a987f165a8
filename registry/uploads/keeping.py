"""How long what was sent in is kept: while its case lasts and some days after; what nobody finishes, to its link's end.

The row stays when its files go: it is the receipt, and the register's row of the purge is its proof.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit
from registry.store import Store
from registry.tables import canvass_entries, cases, clip_requests, uploads
from registry.uploads.model import UPLOADS, UploadState, about
from registry.users import CONSOLE

_ALL = 100_000


@dataclass(frozen=True, slots=True)
class Due:
    """An upload whose files are to go: declined, its case long over, or never finished."""

    id: UUID
    state: UploadState


async def due(store: Store, node: str) -> tuple[Due, ...]:
    """Uploads of a node whose files are to go now."""
    now = store.clock()
    over = sa.or_(cases.c.closed_at.is_not(None), cases.c.expires_at <= now)
    long_over = now - timedelta(days=store.policy.uploads.keep_days)
    gone = sa.or_(cases.c.closed_at <= long_over, cases.c.expires_at <= long_over)
    dead = sa.or_(clip_requests.c.revoked_at.is_not(None), clip_requests.c.expires_at <= now, over)
    wanted = (
        sa.select(uploads.c.id, uploads.c.state)
        .join(clip_requests, clip_requests.c.no == uploads.c.request_no)
        .join(canvass_entries, canvass_entries.c.no == clip_requests.c.entry_no)
        .join(cases, cases.c.no == canvass_entries.c.case_no)
        .where(uploads.c.node == node, uploads.c.purged_at.is_(None))
        .where(
            sa.or_(
                uploads.c.state == UploadState.DECLINED.value,
                sa.and_(uploads.c.state == UploadState.RECEIVING.value, dead),
                sa.and_(uploads.c.state.in_((UploadState.RECEIVED.value, UploadState.ACCEPTED.value)), gone),
            )
        )
        .order_by(uploads.c.no)
        .limit(_ALL)
    )
    async with store.read() as conn:
        return tuple(Due(row.id, UploadState(row.state)) for row in await conn.execute(wanted))


async def purged(store: Store, upload_id: UUID) -> None:
    """Note that an upload's files are gone: the row is the proof. Of one that never came whole nothing stays."""
    now = store.clock()
    async with store.write() as conn:
        row = (await conn.execute(UPLOADS.where(uploads.c.id == upload_id))).one_or_none()
        if row is None or row.purged_at is not None:
            return
        unfinished = row.state == UploadState.RECEIVING.value
        this = uploads.c.no == row.no
        await conn.execute(
            sa.delete(uploads).where(this) if unfinished else sa.update(uploads).where(this).values(purged_at=now)
        )
        number = await conn.scalar(sa.select(cases.c.number).where(cases.c.no == row.case_no))
        action = {UploadState.RECEIVING.value: "upload.abandon", UploadState.DECLINED.value: "upload.purge"}
        await audit.append(
            conn,
            CONSOLE,
            action.get(row.state, "upload.expire"),
            now=now,
            cameras=about(row),
            detail=audit.describe(case=number, upload=row.id, sha256=row.sha256, bytes=row.bytes),
            count=1,
        )


async def unfinished(store: Store, node: str) -> dict[UUID, int]:
    """What is being sent to a node, and how many bytes each is to have."""
    wanted = sa.select(uploads.c.id, uploads.c.bytes)
    async with store.read() as conn:
        rows = await conn.execute(wanted.where(uploads.c.node == node, uploads.c.state == UploadState.RECEIVING.value))
        return {row.id: row.bytes for row in rows}


@dataclass(frozen=True, slots=True)
class Kept:
    """An upload that came whole and is kept: what its file must be like."""

    id: UUID
    bytes: int
    sha256: str


async def kept(store: Store, node: str) -> tuple[Kept, ...]:
    """Uploads that came whole to a node and are kept, the oldest first."""
    async with store.read() as conn:
        return await kept_in(conn, node)


async def kept_in(conn: AsyncConnection, node: str) -> tuple[Kept, ...]:
    """`kept` in the caller's transaction."""
    wanted = sa.select(uploads.c.id, uploads.c.bytes, uploads.c.sha256).where(
        uploads.c.node == node, uploads.c.sha256.is_not(None), uploads.c.purged_at.is_(None)
    )
    return tuple(Kept(row.id, row.bytes, row.sha256) for row in await conn.execute(wanted.order_by(uploads.c.no)))


async def existing(store: Store, node: str, ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of `ids` whose files belong on a node."""
    wanted = sa.select(uploads.c.id).where(uploads.c.id.in_(ids), uploads.c.node == node, uploads.c.purged_at.is_(None))
    async with store.read() as conn:
        return frozenset(await conn.scalars(wanted))
