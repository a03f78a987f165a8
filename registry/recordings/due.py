"""Which streams are to be recorded, since when: one row for each stretch, as settings, cameras and scenes have it.

Where a camera needs its owner's consent, that cuts into it besides; `agreed` says where.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import consents, placement
from registry.columns import from_ms, to_ms
from registry.model import Consent, ConsentScope, Kind
from registry.recordings import lawful
from registry.recordings.model import RecordMode, RecordPolicy
from registry.recordings.policy import mode_of, streams_of
from registry.spans import Ms, common
from registry.store import Store
from registry.tables import cameras, placements, recording_due
from registry.tables import scenes as scene_rows

Stretch = tuple[int, str]
"""A camera's number and its stream."""

since_ms = sa.type_coerce(recording_due.c.since, sa.BigInteger)
checked = sa.type_coerce(recording_due.c.checked_to, sa.BigInteger)


@dataclass(frozen=True, slots=True)
class Due:
    """A stream that is to be recorded now: since when, and up to when that was looked after (milliseconds)."""

    no: int
    camera_no: int
    stream: str
    mode: RecordMode
    since: int
    checked_to: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be recorded as things stand, and which of these cameras need a consent for it."""

    modes: Mapping[Stretch, RecordMode]
    needing: frozenset[int]


async def wanted(store: Store, policy: RecordPolicy) -> Wanted:
    """What is to be recorded, consents aside: it changes with the registry's revision, and where a grace ends."""
    both = sa.and_(cameras.c.main_url.is_not(None), cameras.c.sub_url.is_not(None))
    same = sa.and_(
        scene_rows.c.camera_no == cameras.c.no, scene_rows.c.revision == cameras.c.scene_revision, both
    )  # of a camera with one stream the scene says nothing
    asked = (
        sa.select(
            cameras.c.no,
            cameras.c.kind,
            cameras.c.main_url,
            cameras.c.sub_url,
            cameras.c.record_mode,
            cameras.c.record_stream,
            scene_rows.c.body,
            *(placements.c[name] for name in placement.RULED),
        )
        .join(placements, placements.c.camera_no == cameras.c.no)
        .outerjoin(scene_rows, same)
        .where(
            cameras.c.removed_at.is_(None),
            cameras.c.enabled,
            sa.or_(cameras.c.main_url.is_not(None), cameras.c.sub_url.is_not(None)),
        )
    )
    law, now = store.policy.placement, store.clock()
    async with store.read() as conn:
        found = (await conn.execute(asked)).all()
    rows = [row for row in found if not placement.halted(law, Kind(row.kind), row, now)]
    modes: dict[Stretch, RecordMode] = {}
    for row in rows:
        mode = mode_of(policy, row)
        if mode is not RecordMode.NONE:
            masked = row.body is not None and bool(row.body["masks"])
            modes |= {(row.no, stream): mode for stream in streams_of(policy, row, masked=masked)}
    return Wanted(modes, frozenset(row.no for row in rows if store.policy.consent.needs(row.kind)))


async def current(conn: AsyncConnection) -> list[Due]:
    """The stretches that last."""
    columns = (recording_due.c.no, recording_due.c.camera_no, recording_due.c.stream, recording_due.c.mode)
    asked = sa.select(*columns, since_ms.label("since"), checked.label("checked_to"))
    rows = await conn.execute(asked.where(recording_due.c.until.is_(None)))
    return [Due(row.no, row.camera_no, row.stream, RecordMode(row.mode), row.since, row.checked_to) for row in rows]


async def follow(conn: AsyncConnection, standing: Iterable[Due], asked: Wanted, now: int) -> None:
    """End the stretches that are wanted no more, or otherwise, where they were last looked after; begin the new."""
    kept = {}
    over: list[Due] = []
    for one in standing:
        if asked.modes.get((one.camera_no, one.stream)) is one.mode:
            kept[one.camera_no, one.stream] = one
        else:
            over.append(one)
    if over:
        # What began and ended between two looks never was.
        ended = [{"about": one.no, "end": from_ms(one.checked_to)} for one in over if one.checked_to > one.since]
        if ended:
            by_number = sa.update(recording_due).where(recording_due.c.no == sa.bindparam("about"))
            await conn.execute(by_number.values(until=sa.bindparam("end", type_=recording_due.c.until.type)), ended)
        never = [one.no for one in over if one.checked_to <= one.since]
        await conn.execute(sa.delete(recording_due).where(recording_due.c.no.in_(never)))
    fresh: list[dict[str, Any]] = [
        {
            "camera_no": camera_no,
            "stream": stream,
            "mode": mode.value,
            "since": from_ms(now),
            "checked_to": from_ms(now),
        }
        for (camera_no, stream), mode in asked.modes.items()
        if (camera_no, stream) not in kept
    ]
    if fresh:
        await conn.execute(sa.insert(recording_due), fresh)


async def set_back(conn: AsyncConnection, now: int) -> None:
    """Cut times to come, left behind by a clock that was set back, to now."""
    at = from_ms(now)
    due = recording_due.c
    await conn.execute(sa.delete(recording_due).where(due.since >= at, due.until.is_not(None)))
    await conn.execute(sa.update(recording_due).where(due.until > at).values(until=at))
    await conn.execute(sa.update(recording_due).where(due.checked_to > at).values(checked_to=at))
    await conn.execute(sa.update(recording_due).where(due.since > at).values(since=at))


def agreed(given: Sequence[Consent], span: Ms, tz: tzinfo) -> list[Ms]:
    """Where in a span such a camera may be pulled and its clips kept, as the consents that stand have it."""
    asked = from_ms(span[0]), from_ms(span[1])

    def covered(scopes: frozenset[ConsentScope]) -> list[Ms]:
        those = (part for one in given if one.scopes & scopes for part in lawful.covered(one, asked, tz))
        return [(to_ms(begin), to_ms(end)) for begin, end in those]

    return common(covered(frozenset({ConsentScope.CLIP})), covered(consents.PULLS))
