"""How long small pictures are kept, what a hold keeps of them, and the proof of what went (L4).

The rules are those of recordings. Pictures have no rows, so that who deletes asks for the rules, says here what will
go, and takes it out of the files then: a row of the register may name what a crash left, and the next round takes it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import sqlalchemy as sa

from registry import audit, consents
from registry.ages import DAY_MS, days_of
from registry.columns import from_ms, to_ms
from registry.model import ConsentScope, Kind
from registry.recordings import holds, lawful
from registry.recordings.lawful import Span
from registry.recordings.model import RecordPolicy
from registry.store import Store
from registry.tables import cameras
from registry.users import CONSOLE


@dataclass(frozen=True, slots=True)
class Rule:
    """How a camera's pictures are kept: what was taken before `before` goes, but for what lies in `held`.

    What the law would have had kept was taken after `floor`; None where it asks for nothing.
    """

    before: datetime
    floor: datetime | None
    held: tuple[Span, ...]

    def keeps(self, at: datetime) -> bool:
        """Whether a hold, or a request, keeps what was taken then."""
        return any(begin <= at <= end for begin, end in self.held)


async def rules(store: Store, policy: RecordPolicy, camera_ids: Collection[UUID]) -> dict[UUID, Rule]:
    """The rule of each of some cameras, removed ones too; one that is not known has none."""
    now = store.clock()
    law = store.policy.retention.recordings
    async with store.read() as conn:
        wanted = sa.select(cameras.c.no, cameras.c.id, cameras.c.kind, cameras.c.record_days)
        rows = [row for row in await conn.execute(wanted) if row.id in camera_ids]
        held = await holds.spans(conn, now)
    found = {}
    for row in rows:
        kind = Kind(row.kind)
        if kind is Kind.WIFI_PROBE:
            found[row.id] = Rule(now, None, ())
            continue
        days = days_of(law, policy.days, kind, row.record_days)
        floor = law.of(kind).floor_days
        found[row.id] = Rule(
            from_ms(to_ms(now) - days * DAY_MS),
            None if floor is None else from_ms(to_ms(now) - floor * DAY_MS),
            held.get(row.no, ()),
        )
    return found


async def agreed(store: Store, camera_id: UUID, span: Span) -> tuple[Span, ...]:
    """Of a camera whose kind needs a consent: the parts of a span that one which stands agreed to have recorded."""
    async with store.read() as conn:
        number = (await conn.execute(sa.select(cameras.c.no).where(cameras.c.id == camera_id))).scalar_one()
        given = (await consents.of_cameras(conn, [number], store.clock()))[number]
    clips = [one for one in given if ConsentScope.CLIP in one.scopes]
    return tuple(part for one in clips for part in lawful.covered(one, span, store.tz))


async def going(
    store: Store,
    action: Literal["stills.expire", "stills.release", "stills.purge"],
    taken: Mapping[UUID, Sequence[datetime]],
    size: int,
    *,
    early: int = 0,
) -> bool:
    """Prove what goes: when each picture of each camera was taken, and the bytes of all.

    False, and then nothing goes, where a hold was made of any of them since the rules were asked for.
    """
    moments = [at for times in taken.values() for at in times]
    if not moments:
        return True
    async with store.write() as conn:
        asked = sa.select(cameras.c.id, cameras.c.no).where(cameras.c.id.in_(tuple(taken)))
        rows, held = (await conn.execute(asked)).all(), await holds.spans(conn, store.clock())
        if any(begin <= at <= end for row in rows for begin, end in held.get(row.no, ()) for at in taken[row.id]):
            return False
        if action == "stills.purge":
            for row in rows:
                await consents.purged(conn, row.no, "stills", len(taken[row.id]))
        await audit.append(
            conn,
            CONSOLE,
            action,
            now=store.clock(),
            cameras=sorted(taken) if action == "stills.purge" else (),
            span=(min(moments), max(moments)),
            detail=audit.describe(bytes=size, cameras=len(taken), early=early or None),
            count=len(moments),
        )
    return True
