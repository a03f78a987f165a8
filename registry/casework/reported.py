"""What was told of a case, in versions: whoever learns more tells it anew, and what was told before stays."""

from __future__ import annotations

from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.casework.items import Certainty, Item, Manner
from registry.casework.told import Report
from registry.columns import AnyRow
from registry.tables import case_reports


async def newest(conn: AsyncConnection, case_no: int) -> Report | None:
    """What is told now of a case's row number; None of one that was opened without a report."""
    row = (await conn.execute(_of(case_no).limit(1))).one_or_none()
    return None if row is None else _report(row)


async def every(conn: AsyncConnection, case_no: int) -> tuple[Report, ...]:
    """All that was told of a case's row number, the newest first."""
    return tuple(_report(row) for row in await conn.execute(_of(case_no)))


async def put(conn: AsyncConnection, case_no: int, told: Report) -> None:
    """Keep a version; of two of one number the key refuses the second."""
    await conn.execute(sa.insert(case_reports).values(case_no=case_no, **asdict(told)))


def _of(case_no: int) -> sa.Select[tuple[object, ...]]:
    return sa.select(case_reports).where(case_reports.c.case_no == case_no).order_by(case_reports.c.version.desc())


def _report(row: AnyRow) -> Report:
    return Report(
        version=row.version,
        item=Item(row.item),
        item_text=row.item_text,
        lat=row.lat,
        lon=row.lon,
        last_seen_at=row.last_seen_at,
        found_at=row.found_at,
        certainty=Certainty(row.certainty),
        manner=Manner(row.manner),
        note=row.note,
        reported_by=row.reported_by,
        reported_at=row.reported_at,
    )
