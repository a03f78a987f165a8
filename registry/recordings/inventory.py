"""Rows of segments against the files there are, folder by folder: one camera's files of one UTC day."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import sqlalchemy as sa

from registry import consents
from registry.columns import to_ms
from registry.model import ConsentScope, Kind, Stream
from registry.recordings import lawful, trimming
from registry.recordings.keeping import DAY_MS
from registry.recordings.model import Damage, GapCause, RecordMode, RecordPolicy, Why
from registry.recordings.policy import mode_of
from registry.recordings.spans import Ms, common
from registry.store import Store
from registry.tables import cameras, recording_due, segments
from registry.tables import scenes as scene_rows

Key = tuple[Stream, int]
"""A segment within its folder: the stream, and when it began (ms since 1970)."""

began_ms = sa.type_coerce(segments.c.started_at, sa.BigInteger)
ended_ms = sa.type_coerce(segments.c.ended_at, sa.BigInteger)
_there = segments.c.damage.is_distinct_from(Damage.MISSING.value)


@dataclass(frozen=True, slots=True)
class Filed:
    """A segment's row: what its file must be. `open` while it is written; `digest` is None then."""

    no: int
    camera_id: UUID
    stream: Stream
    started_at: datetime
    bytes: int
    digest: str | None
    damage: Damage | None
    open: bool

    @property
    def key(self) -> Key:
        """Its place within its folder."""
        return self.stream, to_ms(self.started_at)


@dataclass(frozen=True, slots=True)
class Sum:
    """How many segments, and the sum of their beginnings within the day: equal sums are the same segments."""

    count: int
    begins: int


async def days(store: Store, node: str) -> tuple[int, int] | None:
    """The first and the last UTC day (since 1970) that a node's segments began on; None without any."""
    wanted = sa.select(sa.func.min(began_ms), sa.func.max(began_ms)).where(segments.c.node == node)
    async with store.read() as conn:
        first, last = (await conn.execute(wanted)).one()
    return None if first is None else (first // DAY_MS, last // DAY_MS)


async def sums(store: Store, node: str, day: int) -> Mapping[UUID, Sum]:
    """Of each camera what should be in its folder of a day: rows whose file is not known to be gone."""
    wanted = (
        sa.select(cameras.c.id, sa.func.count().label("files"), sa.func.sum(began_ms - day * DAY_MS).label("begins"))
        .join(segments, segments.c.camera_no == cameras.c.no)
        .where(began_ms >= day * DAY_MS, began_ms < (day + 1) * DAY_MS, segments.c.node == node, _there)
        .group_by(cameras.c.id)
    )
    async with store.read() as conn:
        return {row.id: Sum(row.files, int(row.begins)) for row in await conn.execute(wanted)}


async def folder(store: Store, node: str, camera_id: UUID, day: int) -> dict[Key, Filed]:
    """The rows of one folder."""
    wanted = _FILED.where(
        cameras.c.id == camera_id,
        segments.c.stream.in_(("sub", "main")),
        began_ms >= day * DAY_MS,
        began_ms < (day + 1) * DAY_MS,
        segments.c.node == node,
    )
    async with store.read() as conn:
        rows = [_filed(row) for row in await conn.execute(wanted)]
    return {one.key: one for one in rows}


_FILED = sa.select(
    segments.c.no,
    cameras.c.id,
    segments.c.stream,
    segments.c.started_at,
    segments.c.bytes,
    segments.c.digest,
    segments.c.damage,
    segments.c.ended_at.is_(None).label("open"),
).join(cameras, cameras.c.no == segments.c.camera_no)


def _filed(row: sa.Row[tuple[object, ...]]) -> Filed:
    values = row._asdict()
    damage = values["damage"]
    return Filed(
        values["no"],
        values["id"],
        values["stream"],
        values["started_at"],
        values["bytes"],
        values["digest"],
        Damage(damage) if damage else None,
        bool(values["open"]),
    )


async def whole(store: Store, node: str, since: datetime | None, limit: int = 500) -> AsyncIterator[Sequence[Filed]]:
    """Every closed segment of a node in batches, by its row's number; from those that began at `since` on."""
    last = 0
    while True:
        wanted = _FILED.where(segments.c.no > last, segments.c.node == node, segments.c.ended_at.is_not(None))
        if since is not None:
            wanted = wanted.where(segments.c.started_at >= since)
        async with store.read() as conn:
            rows = [_filed(row) for row in await conn.execute(wanted.order_by(segments.c.no).limit(limit))]
        if not rows:
            return
        last = rows[-1].no
        yield rows


async def count(store: Store, node: str, since: datetime | None) -> int:
    """How many segments `whole` gives."""
    wanted = sa.select(sa.func.count()).where(segments.c.node == node, segments.c.ended_at.is_not(None))
    if since is not None:
        wanted = wanted.where(segments.c.started_at >= since)
    async with store.read() as conn:
        return int(await conn.scalar(wanted) or 0)


async def mark(store: Store, those: Sequence[Filed], damage: Literal[Damage.CORRUPT, Damage.MISSING] | None) -> None:
    """Keep what is wrong with segments' files, or that nothing is.

    A file that is gone is no footage: where recording was due it becomes a gap, and back again when the file is back.
    """
    for start in range(0, len(those), 500):
        numbers = [one.no for one in those[start : start + 500]]
        async with store.write() as conn:
            await trimming.alone(conn)
            about = sa.select(segments.c.camera_no, segments.c.stream, began_ms, ended_ms).where(
                segments.c.no.in_(numbers), segments.c.ended_at.is_not(None)
            )
            rows = [(row[0], row[1], row[2], row[3]) for row in await conn.execute(about)]
            changed = sa.update(segments).where(segments.c.no.in_(numbers))
            await conn.execute(changed.values(damage=damage.value if damage else None))
            if damage is Damage.MISSING:
                for stretch, spans in _by_stream(rows).items():
                    due = sa.select(
                        sa.type_coerce(recording_due.c.since, sa.BigInteger),
                        sa.type_coerce(
                            sa.func.coalesce(recording_due.c.until, recording_due.c.checked_to), sa.BigInteger
                        ),
                    ).where(recording_due.c.camera_no == stretch[0], recording_due.c.stream == stretch[1])
                    was_due = [(row[0], row[1]) for row in await conn.execute(due)]
                    await trimming.add(conn, stretch, common(spans, was_due), GapCause.LOST.value)
            elif damage is None and rows:
                await trimming.trim(conn, rows)


def _by_stream(rows: Collection[trimming.Covered]) -> dict[tuple[int, str], list[Ms]]:
    found: dict[tuple[int, str], list[Ms]] = {}
    for camera_no, stream, begin, end in rows:
        found.setdefault((camera_no, stream), []).append((begin, end))
    return found


@dataclass(frozen=True, slots=True)
class Adoptable:
    """What a row is told of a file that has none: why it was recorded, and whether it is of a masked camera."""

    why: Why
    masked: bool


async def adoptable(
    store: Store, policy: RecordPolicy, camera_id: UUID, span: tuple[datetime, datetime]
) -> Adoptable | None:
    """Whether a camera's file of that span may be kept: its camera is known and, where one is needed, agreed to."""
    same = sa.and_(scene_rows.c.camera_no == cameras.c.no, scene_rows.c.revision == cameras.c.scene_revision)
    wanted = sa.select(cameras, scene_rows.c.body).outerjoin(scene_rows, same).where(cameras.c.id == camera_id)
    async with store.read() as conn:
        row = (await conn.execute(wanted)).one_or_none()
        if row is None:
            return None
        if row.kind == Kind.CIVILIAN.value:
            given = (await consents.of_cameras(conn, [row.no])).get(row.no, [])
            clips = [one for one in given if ConsentScope.CLIP in one.scopes]
            if not any(part for one in clips for part in lawful.covered(one, span, store.tz)):
                return None
    on_event = mode_of(policy, row) is RecordMode.ON_EVENT
    return Adoptable(Why.EVENT if on_event else Why.CONTINUOUS, row.body is not None and bool(row.body["masks"]))
