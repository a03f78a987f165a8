"""What the registry adds to an answer of the motion index: its row in the register, and what events were called."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa

from registry import audit
from registry.columns import AnyRow
from registry.errors import HubError
from registry.events import lawful
from registry.model import Access
from registry.motion.lawful import Seen
from registry.store import Store, in_turns
from registry.tables import cameras, events, labels

MOST_EVENTS = 5000


@dataclass(frozen=True, slots=True)
class Named:
    """An event of a camera: seconds since 1970, and what it was called."""

    since: int
    until: int
    event_id: UUID
    label: str
    group: str


async def on_record(
    store: Store,
    access: Access,
    action: Literal["motion.search", "motion.density"],
    seen: Mapping[UUID, Seen | HubError],
    *,
    span: tuple[datetime, datetime],
    asked: Mapping[str, Any],
    count: int,
) -> None:
    """Write the look to the register: before its answer leaves, and where nothing was found or all refused too."""
    known = [one for one, what in seen.items() if not _unknown(what)]
    refused = {str(one): what.code for one, what in seen.items() if isinstance(what, HubError)}
    detail = audit.describe(asked=[str(one) for one in seen if one not in known], refused=refused, **asked)
    async with store.write() as conn:
        await audit.append(
            conn,
            access.actor,
            action,
            now=store.clock(),
            cameras=known,
            span=span,
            purpose=access.purpose,
            detail=detail,
            count=count,
        )


def _unknown(what: Seen | HubError) -> bool:
    # Of a camera he may not know of, its id is all that is written: it is what he asked for.
    return isinstance(what, HubError) and what.code == "camera_unknown"


async def named(
    store: Store, access: Access, camera_ids: Collection[UUID], span: tuple[datetime, datetime]
) -> dict[UUID, tuple[Named, ...]]:
    """The events of cameras in a span that may be read, in order, the latest `MOST_EVENTS` of them."""
    look = lawful.require(store, access)
    wanted = (
        sa.select(
            cameras.c.id.label("camera_id"),
            events.c.id,
            sa.type_coerce(events.c.started_at, sa.BigInteger).label("since"),
            sa.type_coerce(sa.func.coalesce(events.c.ended_at, events.c.updated_at), sa.BigInteger).label("until"),
            labels.c.label,
            labels.c.label_group,
        )
        .join(cameras, cameras.c.no == events.c.camera_no)
        .join(labels, labels.c.no == events.c.label_no)
        .where(
            cameras.c.id.in_(tuple(camera_ids)),
            events.c.started_at >= span[0],
            events.c.started_at < span[1],
            *lawful.within(look),
            lawful.CONSENTED,
        )
        .order_by(events.c.started_at.desc())
        .limit(MOST_EVENTS)
    )
    found: dict[UUID, list[Named]] = {}
    async with store.read() as conn:
        rows = await conn.execute(wanted, lawful.bound(store, store.clock()))
        for camera_id, one in await in_turns((row.camera_id, _named(row)) for row in rows):
            found.setdefault(camera_id, []).append(one)
    return {camera_id: tuple(reversed(those)) for camera_id, those in found.items()}


def _named(row: AnyRow) -> Named:
    return Named(row.since // 1000, -(-row.until // 1000), row.id, row.label, row.label_group)
