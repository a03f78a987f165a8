"""How long days of the motion index stay: too old ones go, and what no consent covers any more; what is held stays.

The index is files, so nothing is deleted here: what is to go is told, and the proof is written before it does (L4).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import sqlalchemy as sa

from registry import ages, audit, consents
from registry.columns import from_ms, to_ms
from registry.model import ConsentScope, Kind
from registry.motion.model import Stretch
from registry.recordings import holds, lawful
from registry.spans import common, joined, minus
from registry.store import Store
from registry.tables import cameras
from registry.users import CONSOLE


@dataclass(frozen=True, slots=True)
class Due:
    """Days of a camera that end before `before`, a second since 1970, go, but for those that `held` stretches touch."""

    before: int
    held: tuple[Stretch, ...]


async def due(store: Store, days: Mapping[Kind, int], ids: Collection[UUID]) -> dict[UUID, Due]:
    """What may go of cameras for its age; of those that nobody knows nothing is said."""
    now, law = store.clock(), store.policy.retention.motion
    async with store.read() as conn:
        asked = sa.select(cameras.c.id, cameras.c.no, cameras.c.kind).where(cameras.c.kind != Kind.WIFI_PROBE.value)
        rows = [row for row in await conn.execute(asked) if row.id in ids]
        held = await holds.spans(conn, now)
    return {
        row.id: Due(
            int((now - timedelta(days=ages.days_of(law, days, Kind(row.kind), None))).timestamp()),
            _stretches(held.get(row.no, ())),
        )
        for row in rows
    }


async def agreed(store: Store, camera_id: UUID, window: Stretch) -> list[Stretch]:
    """What of a camera's window stays when consents were withdrawn: what others cover, and what is held."""
    span = from_ms(window[0] * 1000), from_ms(window[1] * 1000)
    async with store.read() as conn:
        number = (await conn.execute(sa.select(cameras.c.no).where(cameras.c.id == camera_id))).scalar_one()
        given = (await consents.of_cameras(conn, [number], store.clock()))[number]
        held = (await holds.spans(conn, store.clock())).get(number, ())
    those = (one for one in given if ConsentScope.EVENTS in one.scopes)
    covered = [part for one in those for part in lawful.covered(one, span, store.tz)]
    return joined(_stretches([*covered, *held]))


def _stretches(spans: Iterable[tuple[datetime, datetime]]) -> tuple[Stretch, ...]:
    """The seconds that spans touch."""
    return tuple((to_ms(begin) // 1000, -(-to_ms(end) // 1000)) for begin, end in spans)


async def prove(
    store: Store,
    action: Literal["motion.expire", "motion.purge"],
    days: Sequence[tuple[UUID, Stretch]],
    size: int,
    kept: Sequence[Stretch] = (),
) -> bool:
    """Write to the register which days go, but for what is `kept` of them, before they do; `size` in bytes.

    False, and then nothing goes, where a hold was made of any of it since it was asked for.
    """
    about = sorted({camera_id for camera_id, _ in days})
    span = min(one[0] for _, one in days), max(one[1] for _, one in days)
    async with store.write() as conn:
        asked = sa.select(cameras.c.id, cameras.c.no).where(cameras.c.id.in_(about))
        numbers = {row.id: row.no for row in await conn.execute(asked)}
        held = await holds.spans(conn, store.clock())
        for camera_id, day in days:
            if minus(common([day], _stretches(held.get(numbers.get(camera_id, 0), ()))), kept):
                return False
        if action == "motion.purge":
            for camera_id, number in numbers.items():
                await consents.purged(conn, number, "motion", sum(one == camera_id for one, _ in days))
        await audit.append(
            conn,
            CONSOLE,
            action,
            now=store.clock(),
            cameras=about if action == "motion.purge" else (),
            span=(from_ms(span[0] * 1000), from_ms(span[1] * 1000)),
            detail=audit.describe(bytes=size, cameras=len(about)),
            count=len(days),
        )
    return True
