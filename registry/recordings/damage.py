"""What is wrong with segments' files, kept with their rows; a file that is gone is no footage, and becomes a gap."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.recordings import trimming
from registry.recordings.model import Damage, GapCause
from registry.spans import Ms, common
from registry.store import Store
from registry.tables import recording_due, segments

_BATCH = 500
Wrong = Literal[Damage.CORRUPT, Damage.MISSING]
"""What may be found of a file that was whole once."""


async def mark(store: Store, numbers: Sequence[int], damage: Wrong | None) -> None:
    """Keep what is wrong with segments' files, by their rows' numbers, or that nothing is.

    A file that is gone is no footage: where recording was due it becomes a gap, and back again when the file is back.
    """
    for start in range(0, len(numbers), _BATCH):
        async with store.write() as conn:
            await trimming.alone(conn)
            await _mark(conn, numbers[start : start + _BATCH], damage)


async def _mark(conn: AsyncConnection, numbers: Sequence[int], damage: Wrong | None) -> None:
    began, ended = (sa.type_coerce(segments.c[name], sa.BigInteger) for name in ("started_at", "ended_at"))
    about = sa.select(segments.c.camera_no, segments.c.stream, began, ended).where(
        segments.c.no.in_(numbers), segments.c.ended_at.is_not(None)
    )
    rows = [(row[0], row[1], row[2], row[3]) for row in await conn.execute(about)]
    changed = sa.update(segments).where(segments.c.no.in_(numbers))
    await conn.execute(changed.values(damage=damage.value if damage else None))
    if damage is Damage.MISSING:
        for stretch, spans in _by_stream(rows).items():
            await trimming.add(conn, stretch, common(spans, await _due(conn, stretch)), GapCause.LOST.value)
    elif damage is None and rows:
        await trimming.trim(conn, rows)


async def _due(conn: AsyncConnection, stretch: tuple[int, str]) -> list[Ms]:
    """When the stream was to be recorded, as far as that was looked after."""
    until = sa.func.coalesce(recording_due.c.until, recording_due.c.checked_to)
    wanted = sa.select(
        sa.type_coerce(recording_due.c.since, sa.BigInteger), sa.type_coerce(until, sa.BigInteger)
    ).where(recording_due.c.camera_no == stretch[0], recording_due.c.stream == stretch[1])
    return [(row[0], row[1]) for row in await conn.execute(wanted)]


def _by_stream(rows: Collection[trimming.Covered]) -> dict[tuple[int, str], list[Ms]]:
    found: dict[tuple[int, str], list[Ms]] = {}
    for camera_no, stream, begin, end in rows:
        found.setdefault((camera_no, stream), []).append((begin, end))
    return found
