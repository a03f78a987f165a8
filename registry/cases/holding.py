"""Holds that the hub placed for a case by itself, and how long they last: what they are for says it.

What a report holds lasts as long as its case. What a bookmark holds lasts as long as its case, and as long as the
longest hold that anybody placed for it: what was found to matter is not lost before what nobody looked at.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit
from registry.columns import AnyRow
from registry.model import Actor
from registry.tables import holds

LONGEST = timedelta(days=400)
"""The longest a hold may last from now on."""


class Origin(StrEnum):
    """What placed a hold: somebody, the report of the case, or a bookmark in it."""

    PERSON = "person"
    REPORT = "report"
    BOOKMARK = "bookmark"


def _alive(case_no: int) -> tuple[sa.ColumnElement[bool], ...]:
    return holds.c.case_no == case_no, holds.c.released_at.is_(None)


async def prolong(
    conn: AsyncConnection,
    case_no: int,
    number: str,
    until: datetime,
    *,
    of: Collection[Origin],
    actor: Actor,
    now: datetime,
) -> None:
    """Let the case's holds of these origins last until then, those that had run out too; none is shortened."""
    until = min(until, now + LONGEST)
    those = (*_alive(case_no), holds.c.expires_at < until, holds.c.origin.in_([one.value for one in of]))
    found = await conn.execute(sa.update(holds).where(*those).values(expires_at=until))
    if found.rowcount:
        detail = audit.describe(case=number, expires=until.isoformat())
        await audit.append(conn, actor, "hold.prolong", now=now, detail=detail, count=found.rowcount)


async def lasting(conn: AsyncConnection, case: AnyRow, now: datetime) -> datetime:
    """Until when a bookmark of the case's row holds what it marks."""
    longest: datetime | None = await conn.scalar(
        sa.select(holds.c.expires_at).where(*_alive(case.no)).order_by(holds.c.expires_at.desc()).limit(1)
    )
    ends: datetime = case.expires_at
    return min(max(ends, longest or ends), now + LONGEST)
