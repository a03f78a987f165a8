"""How much of a search was watched: that nothing was found says nothing of times when nobody looked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, daytime
from registry.columns import AnyRow, to_ms
from registry.events import filters, finding, lawful
from registry.events.filters import Resolved
from registry.events.query import EventQuery
from registry.model import Access, Kind, LabelGroup
from registry.pursuit import ground, mute
from registry.reach import Reach
from registry.spans import Ms, common, length
from registry.store import Store
from registry.tables import cameras, labels, places

MOST = 500
"""Cameras that are reckoned with; of more nothing is told, and the search must be narrowed."""
LONGEST = timedelta(days=31)
MOST_TOLD = 20
LEAST_MS = 60_000
"""A camera unwatched for less, all in all, was watched."""


@dataclass(frozen=True, slots=True)
class UnwatchedCamera:
    """A camera that would not have told of what was searched, for so many seconds of the time searched."""

    camera_id: UUID
    name: str
    village_name: str
    unwatched_s: int


@dataclass(frozen=True, slots=True)
class Watched:
    """How much of the time searched, in [since, until), its cameras were watched.

    `asked_s` is the time searched (at night alone, where that was asked) times the cameras; `unwatched_s` what of it
    nobody watched: not analysed, not agreed to, or no rule for the sorts asked for. `unwatched` are the
    `MOST_TOLD` worst of the `unwatched_cameras`. All three are null where cameras or days are too many to say.
    """

    since: datetime
    until: datetime
    cameras: int
    asked_s: int | None
    unwatched_s: int | None
    unwatched_cameras: int | None
    unwatched: tuple[UnwatchedCamera, ...]


async def of_search(store: Store, access: Access, query: EventQuery) -> Watched:
    """How much of a search was watched, by what was told of its cameras; the look is on record first.

    Raises as `events.search`.
    """
    async with finding.refused(store, access, "events.watched", query):
        reach, now = lawful.require(store, access), store.clock()
        async with store.read() as conn:
            found = await filters.resolve(conn, reach, query, now)
            left_out = await filters.require_within(conn, reach, query, found)
            told = await _told(conn, store, reach, query, found)
    async with store.write() as conn:
        await audit.append(
            conn,
            access.actor,
            "events.watched",
            now=store.clock(),
            cameras=await audit.known(conn, access.actor, query.camera),
            span=(told.since, told.until),
            purpose=access.purpose,
            detail=audit.describe(**query.filters(), within=filters.scope_of(reach, query), left_out=left_out),
            count=told.cameras,
        )
    return told


async def _told(conn: AsyncConnection, store: Store, reach: Reach, query: EventQuery, found: Resolved) -> Watched:
    span = found.since, max(found.since, min(found.until, store.clock()))
    rows = await _cameras(conn, reach, found, span)
    if len(rows) > MOST or span[1] - span[0] > LONGEST:
        return Watched(*span, len(rows), None, None, None, ())
    asked = _hours(span, query.night, store.tz)
    ids = {row.no: row.id for row in rows}
    dark = await ground.dark(conn, store, reach, ids, span, index=None)
    silent = await mute.silent(conn, store, ids, span, await _groups(conn, query))
    lost = {no: length(common([*dark[no], *silent.get(no, ())], asked)) for no in ids}
    worst = sorted((row for row in rows if lost[row.no] >= LEAST_MS), key=lambda row: (-lost[row.no], row.no))
    return Watched(
        *span,
        cameras=len(rows),
        asked_s=length(asked) * len(rows) // 1000,
        unwatched_s=sum(lost.values()) // 1000,
        unwatched_cameras=len(worst),
        unwatched=tuple(
            UnwatchedCamera(row.id, row.name, row.village_name, lost[row.no] // 1000) for row in worst[:MOST_TOLD]
        ),
    )


async def _cameras(
    conn: AsyncConnection, reach: Reach, found: Resolved, span: tuple[datetime, datetime]
) -> list[AnyRow]:
    """The cameras a search asks of, as they stand now."""
    wanted = (
        sa.select(cameras.c.no, cameras.c.id, cameras.c.name, places.c.name.label("village_name"))
        .join(places, places.c.no == cameras.c.village_no)
        .where(*reach.places_and_cameras(), cameras.c.no.not_in(found.near_minors))
        .where(cameras.c.kind != Kind.WIFI_PROBE.value)  # it has no picture
        .where(sa.or_(cameras.c.removed_at.is_(None), cameras.c.removed_at > span[0]))
        .order_by(cameras.c.no)
    )
    if found.villages is not None:
        wanted = wanted.where(cameras.c.village_no.in_(found.villages))
    if found.cameras is not None:
        wanted = wanted.where(cameras.c.no.in_(found.cameras))
    return list((await conn.execute(wanted)).all())


async def _groups(conn: AsyncConnection, query: EventQuery) -> list[LabelGroup]:
    """The sorts a rule must be for; none: any rule speaks."""
    if not query.label:
        return list(query.group)
    of = await conn.scalars(sa.select(labels.c.label_group).where(labels.c.label.in_(query.label)).distinct())
    return [LabelGroup(one) for one in of]


def _hours(span: tuple[datetime, datetime], night: tuple[int, int] | None, tz: tzinfo) -> list[Ms]:
    """The time searched: the span, or its nights."""
    whole = to_ms(span[0]), to_ms(span[1])
    return [whole] if night is None else common([whole], list(daytime.each_day(whole, *night, tz)))
