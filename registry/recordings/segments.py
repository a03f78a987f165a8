"""The index of recorded files. A segment is written twice: when its file is begun, and when it is whole."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from registry.recordings.model import SegmentChange
from registry.store import Store
from registry.tables import cameras, segments


async def record(store: Store, changes: Sequence[SegmentChange]) -> None:
    """Keep what workers report, in any order and any number of times: a whole segment stays whole.

    Segments of cameras that nobody registered are left out.
    """
    async with store.write() as conn:
        wanted = sa.select(cameras.c.id, cameras.c.no).where(cameras.c.id.in_({one.camera_id for one in changes}))
        numbers = {row.id: row.no for row in await conn.execute(wanted)}
        for change in changes:
            if change.camera_id not in numbers:
                continue
            same = (
                segments.c.camera_no == numbers[change.camera_id],
                segments.c.stream == change.stream,
                segments.c.started_at == change.started_at,
            )
            values = {
                "ended_at": change.ended_at,
                "node": change.node,
                "why": change.why.value,
                "codec": change.codec,
                "width": change.width,
                "height": change.height,
                "masked": change.masked,
                "frames": change.frames,
                "bytes": change.bytes,
                "digest": change.digest,
                "clock_offset_ms": change.clock_offset_ms,
            }
            known = (await conn.execute(sa.select(segments.c.no, segments.c.ended_at).where(*same))).one_or_none()
            if known is None:
                await conn.execute(
                    sa.insert(segments).values(
                        camera_no=numbers[change.camera_id],
                        stream=change.stream,
                        started_at=change.started_at,
                        **values,
                    )
                )
            elif known.ended_at is None:
                await conn.execute(sa.update(segments).where(segments.c.no == known.no).values(**values))
