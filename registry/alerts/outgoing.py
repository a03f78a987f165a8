"""What waits to be sent to webhooks and mailboxes, and how sending it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.alerts import rules
from registry.alerts.deliveries import DeliveryState
from registry.alerts.targets import TargetKind
from registry.columns import AnyRow, Instant
from registry.events import lawful
from registry.events.rows import DETAILS, to_event
from registry.model import Event, Internal, User
from registry.scope import of
from registry.store import Store
from registry.tables import alert_deliveries, alert_rules, alert_targets, events

FARTHEST: Final = timedelta(hours=3)
"""Nothing is put off for so long: a time beyond it was set by a clock that has been put back since."""
NEWS: Final = timedelta(days=1)
"""What could not be sent for so long has failed: a target that comes back is not flooded with what is over."""


@dataclass(frozen=True, slots=True)
class Due:
    """One delivery to make now, with all the sender needs."""

    no: Internal
    id: UUID
    attempts: int
    rule_id: UUID
    rule_name: str
    target_id: UUID
    kind: TargetKind
    address: str
    secret_sealed: str | None
    events: int
    event: Event


_FIRST = sa.func.row_number().over(
    partition_by=alert_deliveries.c.target_no, order_by=(alert_deliveries.c.next_at, alert_deliveries.c.no)
)
_WAITING = (
    sa.select(alert_deliveries.c.no, _FIRST.label("place"))
    .where(
        alert_deliveries.c.state == DeliveryState.PENDING.value,
        sa.or_(
            alert_deliveries.c.next_at <= sa.bindparam("now", type_=Instant),
            alert_deliveries.c.next_at > sa.bindparam("farthest", type_=Instant),
        ),
    )
    .subquery()
)
_DUE = (
    sa.select(
        alert_deliveries.c.no,
        alert_deliveries.c.id,
        alert_deliveries.c.attempts,
        alert_deliveries.c.events,
        alert_deliveries.c.event_id,
        alert_rules.c.id.label("rule_id"),
        alert_rules.c.name.label("rule_name"),
        alert_rules.c.owner_no,
        alert_targets.c.id.label("target_id"),
        alert_targets.c.kind,
        alert_targets.c.address,
        alert_targets.c.secret_sealed,
        sa.and_(
            alert_targets.c.enabled,
            alert_targets.c.removed_at.is_(None),
            alert_rules.c.enabled,
            alert_rules.c.removed_at.is_(None),
        ).label("wanted"),
    )
    .join(alert_rules, alert_rules.c.no == alert_deliveries.c.rule_no)
    .join(alert_targets, alert_targets.c.no == alert_deliveries.c.target_no)
    .join(_WAITING, _WAITING.c.no == alert_deliveries.c.no)
    .where(_WAITING.c.place == 1)
)


async def due(store: Store) -> tuple[Due, ...]:
    """For each target, the first delivery whose time has come: a target that is away holds up no other.

    One that is wanted no more, or whose event its rule's owner may not see any more, is ended instead.
    """
    now = store.clock()
    when = {"now": now, "farthest": now + FARTHEST}
    async with store.read() as conn:
        if not (await conn.execute(_DUE, when)).all():
            return ()
    found = []
    async with store.write() as conn:
        await _end_old(conn, now)
        rows = (await conn.execute(_DUE, when)).all()
        owners = await rules.owners(conn, [row.owner_no for row in rows], store)
        readable = DETAILS.where(events.c.id.in_({row.event_id for row in rows}), lawful.CONSENTED)
        told = {row.id: to_event(row) for row in await conn.execute(readable, lawful.bound(store, now))}
        for row in rows:
            event = told.get(row.event_id)
            if not row.wanted:
                await _end(conn, row.no, DeliveryState.DROPPED, now)
            elif event is None or not _may_tell(owners.get(row.owner_no), event):
                await _end(conn, row.no, DeliveryState.WITHDRAWN, now)
            else:
                found.append(_due(row, event))
    return tuple(found)


def _may_tell(owner: User | None, event: Event) -> bool:
    return owner is not None and of(owner).covers(event.village_code)


def _due(row: AnyRow, event: Event) -> Due:
    return Due(
        no=row.no,
        id=row.id,
        attempts=row.attempts,
        rule_id=row.rule_id,
        rule_name=row.rule_name,
        target_id=row.target_id,
        kind=TargetKind(row.kind),
        address=row.address,
        secret_sealed=row.secret_sealed,
        events=row.events,
        event=event,
    )


async def _end_old(conn: AsyncConnection, now: datetime) -> None:
    waiting = alert_deliveries.c.state == DeliveryState.PENDING.value
    over = {"state": DeliveryState.FAILED.value, "next_at": None, "done_at": now, "error": "waited for a day"}
    await conn.execute(
        sa.update(alert_deliveries).where(waiting, alert_deliveries.c.created_at < now - NEWS).values(over)
    )


async def _end(conn: AsyncConnection, number: int, state: DeliveryState, now: datetime) -> None:
    await conn.execute(
        sa.update(alert_deliveries)
        .where(alert_deliveries.c.no == number, alert_deliveries.c.state == DeliveryState.PENDING.value)
        .values(state=state.value, next_at=None, done_at=now)
    )


async def settle(
    store: Store, number: int, *, ok: bool, status: int | None, error: str, retry_at: datetime | None
) -> None:
    """Note how a try went: sent, to be tried again at `retry_at`, or failed for good.

    What was ended while it was on its way stays ended, unless it arrived.
    """
    state = DeliveryState.SENT if ok else DeliveryState.PENDING if retry_at is not None else DeliveryState.FAILED
    async with store.write() as conn:
        await conn.execute(
            sa.update(alert_deliveries)
            .where(
                alert_deliveries.c.no == number,
                sa.or_(alert_deliveries.c.state == DeliveryState.PENDING.value, sa.literal(ok)),
            )
            .values(
                state=state.value,
                attempts=alert_deliveries.c.attempts + 1,
                next_at=retry_at,
                status=status,
                error=error[:200],
                done_at=None if retry_at is not None else store.clock(),
            )
        )
