"""Which consents need somebody: unsigned, signed and not yet in force, about to run out, run out, missing, unmasked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa

from registry import scenes
from registry.consents.masks import within_masks
from registry.consents.standing import SELECT, ends_at, read
from registry.model import Consent, ConsentState
from registry.scope import Scope, in_scope
from registry.store import Store
from registry.tables import cameras, consents, places
from registry.tables import scenes as scene_rows


class Why(StrEnum):
    """What is to be done: get it signed, put it into force, ask again, ask at all, draw masks."""

    UNSIGNED = "unsigned"
    INACTIVE = "inactive"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    MISSING = "missing"
    MASKS = "masks"


@dataclass(frozen=True, slots=True)
class Attention:
    """A camera whose consent needs somebody; `ends_at` is when it runs out or did, `consent_id` None without one."""

    camera_id: UUID
    camera_name: str
    village_code: str
    village_name: str
    owner_name: str
    consent_id: UUID | None
    why: Why
    ends_at: datetime | None


async def attention(store: Store, seen: Scope) -> tuple[Attention, ...]:
    """Cameras of the scope whose consent needs somebody, by village and name: one line each, the most urgent reason."""
    now, law = store.clock(), store.policy.consent
    same = sa.and_(scene_rows.c.camera_no == cameras.c.no, scene_rows.c.revision == cameras.c.scene_revision)
    wanted = (
        sa.select(cameras, places.c.code, places.c.name.label("village"), scene_rows.c.body)
        .join(places, places.c.no == cameras.c.village_no)
        .outerjoin(scene_rows, same)
        .where(cameras.c.removed_at.is_(None), in_scope(places.c.code, seen))
        .order_by(places.c.code, cameras.c.name)
    )
    needed = cameras.c.kind.in_(sorted(law.needed))
    recorded = sa.exists().where(consents.c.camera_no == cameras.c.no)
    async with store.read() as conn:
        rows = (await conn.execute(wanted.where(sa.or_(needed, recorded)))).all()
        numbers = [row.no for row in rows]
        alive = consents.c.state != ConsentState.WITHDRAWN.value
        given = await read(conn, SELECT.where(consents.c.camera_no.in_(numbers), alive), now)
    by_camera: dict[UUID, list[Consent]] = {}
    for one in given:
        by_camera.setdefault(one.camera_id, []).append(one)
    found = []
    for row in rows:
        some = by_camera.get(row.id, [])
        why, about = _why(some, scenes.masks_of(row.body or {}), now, timedelta(days=law.remind_days))
        if why is Why.MISSING and not (law.needs(row.kind) and row.enabled):
            continue  # not needed, or meant to be off
        if why is not None:
            found.append(
                Attention(
                    camera_id=row.id,
                    camera_name=row.name,
                    village_code=row.code,
                    village_name=row.village,
                    owner_name=about.owner_name if about else row.owner_name,
                    consent_id=about.id if about else None,
                    why=why,
                    ends_at=ends_at(about) if about else None,
                )
            )
    return tuple(found)


def _why(
    given: list[Consent], masks: tuple[tuple[tuple[float, float], ...], ...], now: datetime, ahead: timedelta
) -> tuple[Why | None, Consent | None]:
    """What a camera's consents ask for; nothing while one stands that neither runs out soon nor lacks a mask."""
    standing = [one for one in given if one.state in (ConsentState.ACTIVE, ConsentState.PAUSED)]
    if any((end := ends_at(one)) is None or end > now + ahead for one in standing):
        bare = next((one for one in standing if not within_masks(one.masks, masks)), None)
        return (Why.MASKS, bare) if bare else (None, None)
    for state, why in (
        (ConsentState.SIGNED, Why.INACTIVE),
        (ConsentState.INVITED, Why.UNSIGNED),
        (ConsentState.ACTIVE, Why.EXPIRING),
        (ConsentState.PAUSED, Why.EXPIRING),
        (ConsentState.EXPIRED, Why.EXPIRED),
    ):
        if (about := next((one for one in reversed(given) if one.state is state), None)) is not None:
            return why, about
    return Why.MISSING, None
