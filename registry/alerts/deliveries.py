"""What rules told, to whom, and how it went: one line a rule, way, camera and minute, however much happens there.

Telling somebody of an event is a look at it: the rule's owner must be allowed it (grants, consent) when the alert is
raised, again before it is sent, and whoever reads it on the page by himself. The register gets a row before that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit
from registry.alerts.rules import AlertRule, Standing
from registry.alerts.targets import TargetKind, host_of
from registry.columns import AnyRow
from registry.events import lawful
from registry.events.rows import DETAILS, to_event
from registry.model import Access, Actor, Event, Internal
from registry.permissions import Permission, allow, may
from registry.scope import of
from registry.store import Store
from registry.tables import alert_deliveries, alert_rules, alert_targets, cameras, events

KEPT = timedelta(days=90)
"""The log is kept this long; what it names lives as long as its event."""
SHOWN = timedelta(days=1)
"""How far back the page lists alerts."""
MOST = 200
MOST_RECENT = 5000


class DeliveryState(StrEnum):
    """How it went. `withdrawn`: the event may not be told any more; `dropped`: the target is gone or off."""

    SHOWN = "shown"
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    DROPPED = "dropped"


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


def minute_of(event: Event) -> datetime:
    """The minute an alert of this event is grouped under."""
    return event.started_at.replace(second=0, microsecond=0)


def _group(rule_no: int, camera_no: sa.ScalarSelect[int], minute: datetime) -> sa.ColumnElement[bool]:
    line = alert_deliveries.c
    return sa.and_(line.rule_no == rule_no, line.camera_no == camera_no, line.minute == minute)


async def raise_alert(store: Store, standing: Standing, event: Event) -> Alert | None:
    """Keep what a rule has to tell of an event, in one transaction with its row in the register.

    Returns the page's alert; None where the rule does not tell the page, where this camera's minute was told already,
    or where the rule's owner may not see the event (any more).
    """
    rule, now, minute = standing.rule, store.clock(), minute_of(event)
    async with store.write() as conn:
        seen = DETAILS.where(events.c.id == event.id, lawful.in_villages(of(standing.owner)), lawful.CONSENTED)
        row = (await conn.execute(seen, {"now": now})).one_or_none()
        if row is None:
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


async def count_more(store: Store, rule: AlertRule, camera_id: UUID, minute: datetime, more: int) -> None:
    """Add to the count of what a camera's minute, told already, held."""
    line = _group(rule.no, _camera_no(camera_id), minute)
    async with store.write() as conn:
        await conn.execute(sa.update(alert_deliveries).where(line).values(events=alert_deliveries.c.events + more))


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


async def recent(store: Store, since: datetime) -> tuple[Event, ...]:
    """Events that started since then, oldest first: what the hub may not have held its rules against yet."""
    wanted = DETAILS.where(events.c.started_at >= since).order_by(events.c.started_at, events.c.id)
    async with store.read() as conn:
        return tuple(to_event(row) for row in await conn.execute(wanted.limit(MOST_RECENT)))


async def list_alerts(store: Store, access: Access) -> tuple[Alert, ...]:
    """The last day's alerts of one's villages, newest first, at most MOST. Raises Denied; the look is on record."""
    scope, now = lawful.require(store, access), store.clock()
    wanted = _ALERTS.where(
        alert_deliveries.c.created_at > now - SHOWN, lawful.in_villages(scope), lawful.CONSENTED
    ).order_by(alert_deliveries.c.no.desc())
    async with store.read() as conn:
        found = tuple(_alert(row) for row in await conn.execute(wanted.limit(MOST), {"now": now}))
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


async def list_deliveries(store: Store, actor: Actor, before: UUID | None = None) -> tuple[Delivery, ...]:
    """The log of one's own rules (an administrator's: of all), newest first, MOST a page; go on with `before`."""
    allow(actor.user, Permission.MANAGE_ALERTS)
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
        .outerjoin(alert_targets, alert_targets.c.no == line.target_no)
        .order_by(line.id.desc())
        .limit(MOST)
    )
    if actor.user.no != 0 and not may(actor.user, Permission.MANAGE_USERS):
        wanted = wanted.where(alert_rules.c.owner_no == actor.user.no)
    if before is not None:
        wanted = wanted.where(line.id < before)
    async with store.read() as conn:
        return tuple(_delivery(row) for row in await conn.execute(wanted))


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


_FIRST = sa.func.row_number().over(
    partition_by=alert_deliveries.c.target_no, order_by=(alert_deliveries.c.next_at, alert_deliveries.c.no)
)
_WAITING = (
    sa.select(alert_deliveries.c.no, _FIRST.label("place"))
    .where(
        alert_deliveries.c.state == DeliveryState.PENDING.value,
        alert_deliveries.c.next_at <= sa.bindparam("now", type_=alert_deliveries.c.next_at.type),
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
        alert_targets.c.id.label("target_id"),
        alert_targets.c.kind,
        alert_targets.c.address,
        alert_targets.c.secret_sealed,
        sa.and_(alert_targets.c.enabled, alert_targets.c.removed_at.is_(None)).label("target_on"),
    )
    .join(alert_rules, alert_rules.c.no == alert_deliveries.c.rule_no)
    .join(alert_targets, alert_targets.c.no == alert_deliveries.c.target_no)
    .join(_WAITING, _WAITING.c.no == alert_deliveries.c.no)
    .where(_WAITING.c.place == 1)
)


async def due(store: Store) -> tuple[Due, ...]:
    """For each target, the first delivery whose time has come: a target that is away holds up no other.

    One whose event may not be told any more, or whose target is gone, is ended instead.
    """
    now = store.clock()
    async with store.read() as conn:
        if not (await conn.execute(_DUE, {"now": now})).all():
            return ()
    async with store.write() as conn:
        rows = (await conn.execute(_DUE, {"now": now})).all()
        wanted = DETAILS.where(events.c.id.in_({row.event_id for row in rows}), lawful.CONSENTED)
        told = {row.id: to_event(row) for row in await conn.execute(wanted, {"now": now})}
        over = {
            row.no: DeliveryState.DROPPED if not row.target_on else DeliveryState.WITHDRAWN
            for row in rows
            if not row.target_on or row.event_id not in told
        }
        for number, state in over.items():
            await _end(conn, number, state, now)
    return tuple(
        Due(
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
            event=told[row.event_id],
        )
        for row in rows
        if row.no not in over
    )


async def _end(conn: AsyncConnection, number: int, state: DeliveryState, now: datetime) -> None:
    await conn.execute(
        sa.update(alert_deliveries)
        .where(alert_deliveries.c.no == number)
        .values(state=state.value, next_at=None, done_at=now)
    )


async def settle(
    store: Store, number: int, *, ok: bool, status: int | None, error: str, retry_at: datetime | None
) -> None:
    """Note how a try went: sent, to be tried again at `retry_at`, or failed for good."""
    state = DeliveryState.SENT if ok else DeliveryState.PENDING if retry_at is not None else DeliveryState.FAILED
    async with store.write() as conn:
        await conn.execute(
            sa.update(alert_deliveries)
            .where(alert_deliveries.c.no == number, alert_deliveries.c.state == DeliveryState.PENDING.value)
            .values(
                state=state.value,
                attempts=alert_deliveries.c.attempts + 1,
                next_at=retry_at,
                status=status,
                error=error[:200],
                done_at=None if retry_at is not None else store.clock(),
            )
        )


async def count_failed(store: Store, since: datetime) -> int:
    """How many deliveries failed for good since then."""
    wanted = (
        sa.select(sa.func.count())
        .select_from(alert_deliveries)
        .where(alert_deliveries.c.created_at > since, alert_deliveries.c.state == DeliveryState.FAILED.value)
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
