"""Rows of segments against the files there are, folder by folder: one camera's files of one UTC day."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from registry import consents
from registry.ages import DAY_MS
from registry.columns import to_ms
from registry.model import ConsentScope, Stream
from registry.recordings import lawful
from registry.recordings.model import Damage, RecordMode, RecordPolicy, Why
from registry.recordings.policy import mode_of
from registry.store import Store
from registry.tables import cameras, segments
from registry.tables import scenes as scene_rows

Key = tuple[Stream, int]
"""A segment within its folder: the stream, and when it began (ms since 1970)."""

began_ms = sa.type_coerce(segments.c.started_at, sa.BigInteger)
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
        for given in (await consents.asked(conn, store, [row])).values():
            clips = [one for one in given if ConsentScope.CLIP in one.scopes]
            if not any(part for one in clips for part in lawful.covered(one, span, store.tz)):
                return None
    on_event = mode_of(policy, row) is RecordMode.ON_EVENT
    return Adoptable(Why.EVENT if on_event else Why.CONTINUOUS, row.body is not None and bool(row.body["masks"]))
