"""Gaps cut back where a segment that came late turns out to cover part of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.columns import AnyRow, from_ms
from registry.spans import Ms, joined, minus
from registry.tables import recording_gaps

Covered = tuple[int, str, int, int]
"""Camera number, stream, and the span in milliseconds that there is footage of."""
TOLERANCE_MS = 2_000
"""A break this short between two segments is none: the next file begins with the next keyframe."""

gaps = recording_gaps.c
begins = sa.type_coerce(gaps.started_at, sa.BigInteger)
ends = sa.type_coerce(gaps.ended_at, sa.BigInteger)


async def alone(conn: AsyncConnection) -> None:
    """Wait until nobody else changes gaps, and let nobody until this transaction ends. SQLite has one writer anyway.

    Call it before segments are written: whoever held them and waited here could stop who does both the other way round.
    """
    if conn.dialect.name == "postgresql":
        await conn.execute(sa.text("LOCK TABLE recording_gaps IN SHARE ROW EXCLUSIVE MODE"))


async def trim(conn: AsyncConnection, covered: Sequence[Covered]) -> None:
    """Take the spans out of the gaps of their cameras."""
    await alone(conn)
    begin, end = min(one[2] for one in covered), max(one[3] for one in covered)
    spans: dict[tuple[int, str], list[Ms]] = {}
    for camera_no, stream, first, last in covered:
        spans.setdefault((camera_no, stream), []).append((first, last))
    wanted = sa.select(gaps.no, gaps.camera_no, gaps.stream, begins.label("begin"), ends.label("end"), gaps.cause)
    met = wanted.where(ends > begin, begins < end, gaps.camera_no.in_({one[0] for one in covered}))
    rows = (await conn.execute(met)).all()
    for row in rows:
        taken = spans.get((row.camera_no, row.stream), [])
        left = [one for one in minus([(row.begin, row.end)], taken) if not taken or one[1] - one[0] > TOLERANCE_MS]
        if left != [(row.begin, row.end)]:
            await conn.execute(sa.delete(recording_gaps).where(gaps.no == row.no))
            await insert(conn, [_piece(row, one) for one in left])


async def add(conn: AsyncConnection, stretch: tuple[int, str], spans: Sequence[Ms], cause: str) -> None:
    """Add gaps of a stream where there are none yet; those that touch one of the same cause become one with it."""
    if not spans:
        return
    begin, end = min(a for a, _ in spans), max(b for _, b in spans)
    wanted = sa.select(gaps.no, begins, ends, gaps.cause).where(
        gaps.camera_no == stretch[0], gaps.stream == stretch[1], ends >= begin, begins <= end
    )
    there = (await conn.execute(wanted)).all()
    free = minus(spans, [(first, last) for _, first, last, _ in there])
    like = [(no, (first, last)) for no, first, last, told in there if told == cause]
    await conn.execute(sa.delete(recording_gaps).where(gaps.no.in_([no for no, _ in like])))
    together = joined([*free, *(span for _, span in like)])
    await insert(conn, [values(*stretch, one, cause) for one in together])


def _piece(row: AnyRow, span: Ms) -> dict[str, Any]:
    return values(row.camera_no, row.stream, span, row.cause)


def values(camera_no: int, stream: str, span: Ms, cause: str) -> dict[str, Any]:
    """A gap's row."""
    return {
        "camera_no": camera_no,
        "stream": stream,
        "started_at": from_ms(span[0]),
        "ended_at": from_ms(span[1]),
        "cause": cause,
    }


async def insert(conn: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Write gaps."""
    if rows:
        await conn.execute(sa.insert(recording_gaps), rows)
