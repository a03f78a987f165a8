"""What rules tell: one line a rule, way, camera and minute, however much happens there.

Telling somebody of an event is a look at it: the rule's owner must be allowed it (grants, consent) when the alert is
raised, again before it is sent, and whoever reads it on the page by himself. The register gets a row before that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, minors
from registry.alerts.deliveries import DeliveryState
from registry.alerts.rules import AlertRule, Standing
from registry.columns import AnyRow
from registry.events import lawful
from registry.events.rows import DETAILS, to_event
from registry.model import Access, Actor, Event, Internal
from registry.scope import of
from registry.store import Store
from registry.tables import alert_deliveries, alert_rules, alert_targets, cameras, events

SHOWN = timedelta(days=1)
"""How far back the page lists alerts."""
MOST = 200
MOST_RECENT = 1000
LATEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert as the page shows it: the rule, the first event of that camera and minute, and how many there were."""

    no: Internal
    id: UUID
    rule_name: str
    sound: bool
    events: int
    at: datetime
    event: Event


def minute_of(event: Event) -> datetime:
    """The minute an alert of this event is grouped under."""
    return event.started_at.replace(second=0, microsecond=0)


def _group(rule_no: int, camera_no: sa.ScalarSelect[int], minute: datetime) -> sa.ColumnElement[bool]:
    line = alert_deliveries.c
    return sa.and_(line.rule_no == rule_no, line.camera_no == camera_no, line.minute == minute)


async def raise_alert(store: Store, standing: Standing, event: Event) -> Alert | None:
    """Keep what a rule has to tell of an event, in one transaction with its row in the register.

    Returns the page's alert; None where the rule does not tell the page, where this camera's minute was told already,
    where the rule's owner may not see the event (any more), or where its camera is near minors and the rule's reason is
    too short for that.
    """
    rule, now, minute = standing.rule, store.clock(), minute_of(event)
    async with store.write() as conn:
        seen = DETAILS.where(events.c.id == event.id, lawful.in_villages(of(standing.owner)), lawful.CONSENTED)
        row = (await conn.execute(seen, lawful.bound(store, now))).one_or_none()
        if row is None or (row.near_minors and minors.unsaid(store.policy.placement, rule.reason)):
            return None
        told = sa.select(alert_deliveries.c.no).where(
            alert_deliveries.c.rule_no == rule.no,
            alert_deliveries.c.camera_no == row.camera_no,
            alert_deliveries.c.minute == minute,
        )
        if await conn.scalar(told.limit(1)) is not None:
            return None
        targets = await _targets(conn, rule)
        lines: list[dict[str, object]] = [
            {"target_no": target.no, "state": DeliveryState.PENDING.value, "next_at": now, "done_at": None}
            for target in targets
        ]
        if rule.page:
            lines.append({"target_no": None, "state": DeliveryState.SHOWN.value, "next_at": None, "done_at": now})
        common = {
            "rule_no": rule.no,
            "camera_no": row.camera_no,
            "minute": minute,
            "event_id": event.id,
            "events": 1,
            "created_at": now,
        }
        if not lines:
            return None
        await conn.execute(sa.insert(alert_deliveries), [{"id": uuid7(), **common, **line} for line in lines])
        detail = audit.describe(
            rule=rule.id,
            reason=rule.reason,
            event=event.id,
            page=rule.page,
            targets=[target.name for target in targets],
        )
        actor = Actor(standing.owner, "alert rule")
        span = (event.started_at, event.updated_at)
        await audit.append(conn, actor, "alert.raise", now=now, cameras=[event.camera_id], span=span, detail=detail)
        if not rule.page:
            return None
        page = _ALERTS.where(_group(rule.no, _camera_no(event.camera_id), minute))
        return _alert((await conn.execute(page)).one())


async def _targets(conn: AsyncConnection, rule: AlertRule) -> Sequence[AnyRow]:
    wanted = sa.select(alert_targets.c.no, alert_targets.c.name).where(
        alert_targets.c.id.in_(rule.targets), alert_targets.c.enabled, alert_targets.c.removed_at.is_(None)
    )
    return (await conn.execute(wanted)).all()


def _camera_no(camera_id: UUID) -> sa.ScalarSelect[int]:
    return sa.select(cameras.c.no).where(cameras.c.id == camera_id).scalar_subquery()


async def count(store: Store, rule: AlertRule, camera_id: UUID, minute: datetime, most: int) -> None:
    """Note that a camera's minute, told already, held `most` events; a higher count, from before a start, stays."""
    line = _group(rule.no, _camera_no(camera_id), minute)
    async with store.write() as conn:
        await conn.execute(
            sa.update(alert_deliveries).where(line, alert_deliveries.c.events < most).values(events=most)
        )


_ALERTS = (
    DETAILS.add_columns(
        alert_deliveries.c.no.label("line_no"),
        alert_deliveries.c.id.label("line_id"),
        alert_deliveries.c.events.label("line_events"),
        alert_deliveries.c.created_at.label("line_at"),
        alert_rules.c.name.label("alert_rule"),
        alert_rules.c.body.label("alert_body"),
    )
    .join(alert_deliveries, alert_deliveries.c.event_id == events.c.id)
    .join(alert_rules, alert_rules.c.no == alert_deliveries.c.rule_no)
    .where(alert_deliveries.c.target_no.is_(None))
)


def _alert(row: AnyRow) -> Alert:
    return Alert(
        no=row.line_no,
        id=row.line_id,
        rule_name=row.alert_rule,
        sound=bool(row.alert_body["sound"]),
        events=row.line_events,
        at=row.line_at,
        event=to_event(row),
    )


async def recent(store: Store, since: datetime, after: Event | None = None) -> tuple[Event, ...]:
    """Events that came in since then, in the order they started: what the hub may not have held its rules against yet.

    At most MOST_RECENT; go on `after` the last. What took longer than LATEST to come in is left out.
    """
    wanted = DETAILS.where(events.c.received_at >= since, events.c.started_at >= since - LATEST)
    if after is not None:
        later = sa.and_(events.c.started_at == after.started_at, events.c.id > after.id)
        wanted = wanted.where(sa.or_(events.c.started_at > after.started_at, later))
    async with store.read() as conn:
        rows = await conn.execute(wanted.order_by(events.c.started_at, events.c.id).limit(MOST_RECENT))
        return tuple(to_event(row) for row in rows)


async def list_alerts(store: Store, access: Access) -> tuple[Alert, ...]:
    """The last day's alerts of one's villages, newest first, at most MOST. Raises Denied; the look is on record."""
    reach, now = lawful.require(store, access), store.clock()
    wanted = _ALERTS.where(
        alert_deliveries.c.created_at > now - SHOWN,
        *lawful.within(reach),
        lawful.CONSENTED,
    ).order_by(alert_deliveries.c.no.desc())
    async with store.read() as conn:
        found = tuple(_alert(row) for row in await conn.execute(wanted.limit(MOST), lawful.bound(store, now)))
    async with store.write() as conn:
        await audit.append(
            conn,
            access.actor,
            "alerts.read",
            now=now,
            cameras=tuple(dict.fromkeys(one.event.camera_id for one in found)),
            span=(now - SHOWN, now),
            purpose=access.purpose,
            count=len(found),
        )
    return found


async def watching(store: Store, access: Access) -> int:
    """Write that somebody begins to listen for alerts; returns the audit row's number. Raises Denied."""
    lawful.require(store, access)
    now = store.clock()
    async with store.write() as conn:
        return await audit.append(
            conn, access.actor, "alerts.stream", now=now, span=(now, None), purpose=access.purpose
        )
