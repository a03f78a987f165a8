"""The log of alerts: what was told to whom, and how it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa

from registry import audit
from registry.alerts.targets import TargetKind, host_of
from registry.columns import AnyRow
from registry.events import lawful
from registry.model import Access, Internal
from registry.permissions import Permission, allow, may
from registry.store import Store
from registry.tables import alert_deliveries, alert_rules, alert_targets, cameras, places

KEPT = timedelta(days=90)
"""The log is kept this long; what it names lives as long as its event."""
MOST = 200


class DeliveryState(StrEnum):
    """How it went. `withdrawn`: the event may not be told any more; `dropped`: rule or target is gone or off."""

    SHOWN = "shown"
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One line of the log. `target` is None for the page; `host` where it went; `status` the HTTP status."""

    no: Internal
    id: UUID
    rule_id: UUID
    rule_name: str
    target: str | None
    host: str
    camera_id: UUID
    camera_name: str
    events: int
    state: DeliveryState
    attempts: int
    next_at: datetime | None
    status: int | None
    error: str
    created_at: datetime
    done_at: datetime | None


async def list_deliveries(store: Store, access: Access, before: UUID | None = None) -> tuple[Delivery, ...]:
    """The log of one's own rules (an administrator's: of all), newest first, MOST a page; go on with `before`.

    A line tells that something happened before a camera, so reading it is a look: it takes a purpose, is on record
    first, and lines of cameras outside the actor's villages, or of before a patrol looks back, are left out. Raises
    Denied.
    """
    actor, now = access.actor, store.clock()
    allow(actor.user, Permission.MANAGE_ALERTS)
    reach = lawful.require(store, access)
    line = alert_deliveries.c
    wanted = (
        sa.select(
            alert_deliveries,
            alert_rules.c.id.label("rule_id"),
            alert_rules.c.name.label("rule_name"),
            alert_targets.c.name.label("target"),
            alert_targets.c.kind.label("target_kind"),
            alert_targets.c.address,
            cameras.c.id.label("camera_id"),
            cameras.c.name.label("camera_name"),
        )
        .join(alert_rules, alert_rules.c.no == line.rule_no)
        .join(cameras, cameras.c.no == line.camera_no)
        .join(places, places.c.no == cameras.c.village_no)
        .outerjoin(alert_targets, alert_targets.c.no == line.target_no)
        .where(*reach.places_and_cameras(), *reach.times(line.minute))
        .order_by(line.id.desc())
        .limit(MOST)
    )
    if not may(actor.user, Permission.MANAGE_USERS):
        wanted = wanted.where(alert_rules.c.owner_no == actor.user.no)
    if before is not None:
        wanted = wanted.where(line.id < before)
    async with store.read() as conn:
        found = tuple(_delivery(row) for row in await conn.execute(wanted))
    async with store.write() as conn:
        await audit.append(
            conn,
            actor,
            "alerts.log",
            now=now,
            cameras=tuple(dict.fromkeys(one.camera_id for one in found)),
            purpose=access.purpose,
            count=len(found),
        )
    return found


def _delivery(row: AnyRow) -> Delivery:
    return Delivery(
        no=row.no,
        id=row.id,
        rule_id=row.rule_id,
        rule_name=row.rule_name,
        target=row.target,
        host=host_of(TargetKind(row.target_kind), row.address) if row.target_kind else "",
        camera_id=row.camera_id,
        camera_name=row.camera_name,
        events=row.events,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        next_at=row.next_at,
        status=row.status,
        error=row.error,
        created_at=row.created_at,
        done_at=row.done_at,
    )


async def count_failed(store: Store, since: datetime) -> int:
    """How many deliveries failed for good since then."""
    wanted = (
        sa.select(sa.func.count())
        .select_from(alert_deliveries)
        .where(alert_deliveries.c.done_at > since, alert_deliveries.c.state == DeliveryState.FAILED.value)
    )
    async with store.read() as conn:
        return int(await conn.scalar(wanted) or 0)


async def expire(store: Store, limit: int = 500) -> int:
    """Delete lines older than KEPT; returns how many went."""
    old = (
        sa.select(alert_deliveries.c.no)
        .where(alert_deliveries.c.minute < store.clock() - KEPT)
        .order_by(alert_deliveries.c.minute)
        .limit(limit)
    )
    async with store.write() as conn:
        numbers = list(await conn.scalars(old))
        await conn.execute(sa.delete(alert_deliveries).where(alert_deliveries.c.no.in_(numbers)))
    return len(numbers)
