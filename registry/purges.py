"""What was purged, when, how much and why: read from the register, whose rows are the proof (L4).

Nothing is kept twice: each batch that deletes appends its row in its own transaction, and the chain guards it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from registry.columns import AnyRow
from registry.store import Store
from registry.tables import audit

MOST = 500


class What(StrEnum):
    """What was deleted."""

    RECORDINGS = "recordings"
    EVENTS = "events"
    SNAPSHOTS = "snapshots"
    MARKS = "marks"
    STILLS = "stills"
    UPLOADS = "uploads"
    EXPORTS = "exports"
    """Files of evidence packs; what is counted are the files in them."""
    MOTION = "motion"
    """Camera-days of the motion index."""
    BOOKMARKS = "bookmarks"
    """Pictures of bookmarks."""


class Cause(StrEnum):
    """Why it was."""

    AGE = "age"
    QUOTA = "quota"
    WITHDRAWAL = "withdrawal"
    DECLINED = "declined"
    ABANDONED = "abandoned"


ACTIONS: Mapping[str, tuple[What, Cause]] = {
    "recordings.expire": (What.RECORDINGS, Cause.AGE),
    "recordings.release": (What.RECORDINGS, Cause.QUOTA),
    "recordings.purge": (What.RECORDINGS, Cause.WITHDRAWAL),
    "events.expire": (What.EVENTS, Cause.AGE),
    "snapshots.release": (What.SNAPSHOTS, Cause.QUOTA),
    "events.purge": (What.EVENTS, Cause.WITHDRAWAL),
    "stills.expire": (What.STILLS, Cause.AGE),
    "stills.release": (What.STILLS, Cause.QUOTA),
    "stills.purge": (What.STILLS, Cause.WITHDRAWAL),
    "marks.expire": (What.MARKS, Cause.AGE),
    "marks.purge": (What.MARKS, Cause.WITHDRAWAL),
    "marks.release": (What.MARKS, Cause.QUOTA),
    "export.purged": (What.EXPORTS, Cause.AGE),
    "upload.expire": (What.UPLOADS, Cause.AGE),
    "upload.purge": (What.UPLOADS, Cause.DECLINED),
    "upload.abandon": (What.UPLOADS, Cause.ABANDONED),
    "bookmarks.expire": (What.BOOKMARKS, Cause.AGE),
    "motion.expire": (What.MOTION, Cause.AGE),
    "motion.purge": (What.MOTION, Cause.WITHDRAWAL),
}
"""The actions of the register that are purges; a part that deletes for another reason adds its own."""


@dataclass(frozen=True, slots=True)
class Purge:
    """One batch: `count` things of `cameras` cameras, `bytes` of disk; `early` of them the law would have had kept.

    `since` and `until` are when they were recorded, as far as the register says. `audit_no` is its row there.
    """

    audit_no: int
    at: datetime
    what: What
    cause: Cause
    count: int
    bytes: int | None
    cameras: int | None
    early: int
    since: datetime | None
    until: datetime | None


async def list_purges(store: Store, *, before: int | None = None, limit: int = 100) -> tuple[Purge, ...]:
    """The newest purges, at most `limit`, older than the one with `audit_no` `before`."""
    wanted = sa.select(audit).order_by(audit.c.no.desc()).limit(min(limit, MOST))
    if before is not None:
        wanted = wanted.where(audit.c.no < before)
    rows: list[AnyRow] = []
    async with store.read() as conn:
        for action in ACTIONS:  # each is answered by its stretch of an index
            rows += await conn.execute(wanted.where(audit.c.action == action))
    newest = sorted(rows, key=lambda row: row.no, reverse=True)[: min(limit, MOST)]
    return tuple(_purge(row) for row in newest)


def _purge(row: AnyRow) -> Purge:
    what, cause = ACTIONS[row.action]
    said = json.loads(row.detail) if row.detail else {}
    return Purge(
        audit_no=row.no,
        at=row.at,
        what=what,
        cause=cause,
        count=row.result_count or 0,
        bytes=said.get("bytes"),
        cameras=said.get("cameras"),
        early=said.get("early", 0),
        since=row.span_from,
        until=row.span_to,
    )
