"""What whoever stands before a camera may know of it (PIPL art. 17, 26): no sign-in, nothing of what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from registry.ages import days_of
from registry.errors import NotFound
from registry.model import Kind
from registry.store import Store
from registry.tables import cameras, placements, places

_TOLD = (Kind.PUBLIC.value, Kind.SOCIAL.value)
"""A householder's camera is nobody's to publish: what it is under stands in his consent."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Who runs it, what for, where, and for how many days what it records is kept."""

    camera_id: UUID
    unit: str
    village: str
    purpose: str
    sign_text: str
    days: int


async def notice(store: Store, camera_id: UUID, record_days: Mapping[Kind, int]) -> Notice:
    """The notice of a public or social camera that is in use. Raises NotFound for any other."""
    wanted = (
        sa.select(
            cameras.c.kind,
            cameras.c.manager_unit,
            cameras.c.record_days,
            places.c.name,
            placements.c.purpose,
            placements.c.sign_text,
        )
        .join(places, places.c.no == cameras.c.village_no)
        .join(placements, placements.c.camera_no == cameras.c.no)
        .where(cameras.c.id == camera_id, cameras.c.removed_at.is_(None), cameras.c.kind.in_(_TOLD))
    )
    async with store.read() as conn:
        row = (await conn.execute(wanted)).one_or_none()
    if row is None:
        raise NotFound("no such camera", code="camera_unknown")
    law = store.policy.retention.recordings
    days = days_of(law, record_days, Kind(row.kind), row.record_days)
    return Notice(camera_id, row.manager_unit, row.name, row.purpose, row.sign_text, days)
