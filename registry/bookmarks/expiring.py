"""How long the pictures of bookmarks are kept: the policy's days for evidence after their case's end. The rows stay.

What an active hold covers stays, and all of a case of which a pack is kept: the pack names them.
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from registry import audit
from registry.recordings import holds
from registry.store import Store
from registry.tables import bookmarks, cases, exports
from registry.users import CONSOLE

GONE = "bookmark_expired"
"""Why a bookmark has no picture any more."""


async def expire(store: Store, *, limit: int = 500) -> tuple[tuple[str, str], ...]:
    """Take away pictures whose time is over, `limit` at most: (node, key) of the files to be deleted.

    Versions of a bookmark share a file, and lose it together. Call again until there are none.
    """
    now = store.clock()
    over = now - timedelta(days=store.policy.evidence.keep_days)
    taken = sa.func.coalesce(bookmarks.c.frame_at, bookmarks.c.at, type_=bookmarks.c.at.type)
    packed = sa.exists().where(exports.c.case_no == bookmarks.c.case_no, exports.c.purged_at.is_(None))
    wanted = (
        sa.select(
            bookmarks.c.node, bookmarks.c.still, bookmarks.c.still_bytes, bookmarks.c.camera_no, taken.label("at")
        )
        .distinct()
        .join(cases, cases.c.no == bookmarks.c.case_no)
        .where(bookmarks.c.still.is_not(None), sa.or_(cases.c.closed_at <= over, cases.c.expires_at <= over))
        .where(~packed, ~holds.held(bookmarks.c.camera_no, taken, taken, now))
        .order_by(bookmarks.c.still)
        .limit(limit)
    )
    async with store.write() as conn:
        rows = (await conn.execute(wanted)).all()
        if rows:
            gone = sa.update(bookmarks).where(bookmarks.c.still.in_([row.still for row in rows]))
            await conn.execute(gone.values(still=None, still_bytes=0, still_why=GONE))
            about = {row.camera_no for row in rows} - {None}  # what people sent in has no camera of the hub's
            detail = audit.describe(bytes=sum(row.still_bytes for row in rows), cameras=len(about))
            span = min(row.at for row in rows), max(row.at for row in rows)
            await audit.append(conn, CONSOLE, "bookmarks.expire", now=now, span=span, detail=detail, count=len(rows))
    return tuple((row.node, row.still) for row in rows)
