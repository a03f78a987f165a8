"""A film strip: which small pictures of a camera there are, day by day, and the pictures themselves."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from camera_hub.recall.stills import sheet
from camera_hub.recall.stills.dayfile import Album, Still, day_of
from registry.columns import to_ms
from registry.errors import HubError
from registry.model import Access
from registry.recordings import stills
from registry.recordings.lawful import Span
from registry.recordings.stills import Seen
from registry.store import Store


@dataclass(frozen=True, slots=True)
class Day:
    """The pictures of one UTC day: when each was taken (ms since 1970)."""

    day: str
    at: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """What there is of a span; `audit_no` is the register's row that covers the pictures."""

    audit_no: int
    seen: Seen
    days: tuple[Day, ...]


async def strip(store: Store, album: Album, access: Access, camera_id: UUID, span: Span) -> Strip:
    """Which pictures of a camera there are in a span, as far as they may be seen; in the register first.

    Raises Denied, NotFound (camera_unknown), Unavailable.
    """
    try:
        seen = await stills.look(store, access, camera_id, span)
    except HubError as refused:
        await stills.on_record(store, access, camera_id, span, refused=refused)
        raise
    days = await asyncio.to_thread(_days, album, camera_id, span, seen.spans)
    count = sum(len(one.at) for one in days)
    number = await stills.on_record(store, access, camera_id, span, count=count)
    return Strip(number, seen, days)


async def day_sheet(
    store: Store,
    album: Album,
    access: Access,
    camera_id: UUID,
    *,
    day: datetime,
    apart_ms: int,
    at: int | None = None,
) -> bytes:
    """The pictures of a UTC day, the first of each slot, as one sheet: what may be seen of it is asked again.

    With `at` (ms since 1970) only the one taken then.
    """
    spans = await stills.of_day(store, access, camera_id, day)

    def read() -> bytes:
        there = cut(album.read(day_of(to_ms(day)), camera_id).stills, spans)
        if at is not None:
            return sheet.of_stills(one for one in there if one.at == at)
        return sheet.of_stills(sheet.thinned(there, apart_ms))

    return await asyncio.to_thread(read)


def cut(those: tuple[Still, ...], spans: tuple[Span, ...]) -> list[Still]:
    """The pictures that lie in spans of time."""
    allowed = [(to_ms(begin), to_ms(end)) for begin, end in spans]
    return [one for one in those if any(begin <= one.at < end for begin, end in allowed)]


def _days(album: Album, camera_id: UUID, span: Span, spans: tuple[Span, ...]) -> tuple[Day, ...]:
    found = []
    for day in stills.days_of(span):
        name = day_of(to_ms(day))
        there = cut(album.read(name, camera_id).stills, spans)
        if there:
            found.append(Day(name, tuple(one.at for one in there)))
    return tuple(found)
