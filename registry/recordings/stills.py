"""The small pictures that analysis leaves of a camera: who may see which of them, and what stands beside them.

They are footage, and seen by the rules of recordings. There is no row of a picture: what there is lies in files by
camera and UTC day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import sqlalchemy as sa

from registry import audit, purposes
from registry.columns import from_ms, to_ms
from registry.errors import HubError
from registry.model import Access, Stream
from registry.recordings import lawful
from registry.recordings.lawful import Span, within
from registry.recordings.timeline import MissingSpan, gaps_of
from registry.store import Store
from registry.tables import scenes as scene_rows

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """Which spans of a camera's time may be seen, and what explains that there is nothing of some.

    `gaps` are what should have been recorded and was not; at each of `scenes` its masks and zones were drawn anew, so
    that a box drawn before may show something else. `earliest` and `latest` bound what the purpose reaches.
    """

    camera_id: UUID
    stream: Stream
    spans: tuple[Span, ...]
    gaps: tuple[MissingSpan, ...]
    scenes: tuple[datetime, ...]
    hidden_until: datetime | None
    earliest: datetime | None
    latest: datetime | None


async def look(store: Store, access: Access, camera_id: UUID, span: Span) -> Seen:
    """What of a span may be seen of a camera now. Nothing is shown before `on_record` has said so.

    Raises Denied (right, purpose, beyond_patrol, recording_no_consent), NotFound outside the scope.
    """
    async with store.read() as conn:
        seen = (await lawful.visible(conn, store, access, (camera_id,), span))[camera_id]
        if isinstance(seen, HubError):
            raise seen
        stream: Stream = "sub" if seen.camera.sub_url else "main"
        gaps = await gaps_of(conn, seen.camera.no, stream, span)
        drawn = sa.select(scene_rows.c.created_at).where(
            scene_rows.c.camera_no == seen.camera.no,
            scene_rows.c.created_at > span[0],
            scene_rows.c.created_at < span[1],
        )
        changed = tuple(await conn.scalars(drawn.order_by(scene_rows.c.created_at)))
    reach = purposes.reach(store, access)
    return Seen(
        camera_id=camera_id,
        stream=stream,
        spans=within(seen.spans, span),
        gaps=gaps,
        scenes=changed,
        hidden_until=seen.hidden_until,
        earliest=reach.since,
        latest=reach.until,
    )


async def of_day(store: Store, access: Access, camera_id: UUID, day: datetime) -> tuple[Span, ...]:
    """Which spans of the UTC day that begins then may be seen now: asked again before each picture is shown."""
    async with store.read() as conn:
        seen = (await lawful.visible(conn, store, access, (camera_id,), (day, day + DAY)))[camera_id]
    if isinstance(seen, HubError):
        raise seen
    return within(seen.spans, (day, day + DAY))


async def on_record(
    store: Store,
    access: Access,
    camera_id: UUID,
    span: Span,
    *,
    action: Literal["still.list", "still.compare"] = "still.list",
    count: int = 0,
    refused: HubError | None = None,
) -> int:
    """Write a look down, a vain one too, before anything is shown; the row's number."""
    unknown = refused is not None and refused.code == "camera_unknown"
    async with store.write() as conn:
        return await audit.append(
            conn,
            access.actor,
            action,
            now=store.clock(),
            # Of a camera he may not know of, its id is all that is written: it is what he asked for.
            cameras=() if unknown else [camera_id],
            span=span,
            purpose=access.purpose,
            detail=audit.describe(camera=camera_id, refused=refused.code if refused else None),
            count=count,
        )


def days_of(span: Span) -> list[datetime]:
    """The beginnings of the UTC days that a span touches."""
    first, last = to_ms(span[0]) // _DAY_MS, (to_ms(span[1]) - 1) // _DAY_MS
    return [from_ms(number * _DAY_MS) for number in range(first, last + 1)]


_DAY_MS = 86_400_000
