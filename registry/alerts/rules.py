"""Alert rules: which events somebody wants to be told of at once, why, when, and by which way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Annotated, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, scope, users
from registry.columns import AnyRow
from registry.daytime import second_of_day, within
from registry.errors import Conflict, NotFound
from registry.inputs import Input, Line, Minute, Name, PlaceCode, invalid
from registry.model import Actor, Event, EventKind, Internal, LabelGroup, User
from registry.permissions import Permission, allow, may
from registry.store import Store
from registry.tables import alert_rules, alert_targets
from registry.tables import users as user_rows

MOST_RULES = 200
"""Rules of one hub: each is held against every event."""
Reason = Annotated[Line, StringConstraints(min_length=2)]


class Hours(Input):
    """Local hours: [from, to) in minutes after midnight, over midnight when from > to."""

    from_minute: Minute
    to_minute: Minute

    def hold(self, at: datetime, tz: tzinfo) -> bool:
        """Whether `at` lies in them."""
        return within(second_of_day(at, tz), self.from_minute, self.to_minute)


class Watch(Input):
    """Which events a rule is about; lists: any of them, empty: all."""

    place: tuple[PlaceCode, ...] = Field((), max_length=50)
    camera: tuple[UUID, ...] = Field((), max_length=100)
    kind: frozenset[EventKind] = frozenset()
    group: frozenset[LabelGroup] = frozenset()
    label: frozenset[Name] = Field(frozenset(), max_length=50)
    min_score: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.0
    hours: Hours | None = None
    """Only events that start in these hours; none: at any time."""

    def covers(self, event: Event, tz: tzinfo) -> bool:
        """Whether the rule is about this event."""
        return (
            (not self.place or event.village_code.startswith(self.place))
            and (not self.camera or event.camera_id in self.camera)
            and (not self.kind or event.kind in self.kind)
            and (not self.group or event.group in self.group)
            and (not self.label or event.label in self.label)
            and event.score >= self.min_score
            and (self.hours is None or self.hours.hold(event.started_at, tz))
        )


class NewAlertRule(Input):
    """A rule to keep. `reason` goes to the register with every alert: an alert is a look at somebody's camera."""

    name: Name
    reason: Reason
    enabled: bool = True
    watch: Watch = Watch()
    quiet: Hours | None = None
    """Local hours in which nobody is told; what happens then can be searched."""
    page: bool = True
    """Tell everybody who is signed in, looks under a purpose and may see the village."""
    sound: bool = False
    targets: tuple[UUID, ...] = Field((), max_length=10)

    @model_validator(mode="after")
    def _tells_somebody(self) -> Self:
        if not self.page and not self.targets:
            raise PydanticCustomError("targets", "name a target, or let the page tell")
        if self.sound and not self.page:
            raise PydanticCustomError("sound", "only the page can sound")
        return self


class AlertRuleChange(NewAlertRule):
    """A rule as it shall be from now on; the revision that was read guards against another's change meanwhile."""

    expected_revision: Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True)
class AlertRule:
    """A rule as kept, with whose it is: it sees what its owner may see."""

    no: Internal
    id: UUID
    revision: int
    owner_no: Internal
    owner: str
    name: str
    reason: str
    enabled: bool
    watch: Watch
    quiet: Hours | None
    page: bool
    sound: bool
    targets: tuple[UUID, ...]
    created_at: datetime


_SELECT = (
    sa.select(alert_rules, user_rows.c.name.label("owner"))
    .join(user_rows, user_rows.c.no == alert_rules.c.owner_no)
    .where(alert_rules.c.removed_at.is_(None))
)


def _rule(row: AnyRow) -> AlertRule:
    body = NewAlertRule.model_validate({**row.body, "name": row.name, "reason": row.reason, "enabled": row.enabled})
    return AlertRule(
        no=row.no,
        id=row.id,
        revision=row.revision,
        owner_no=row.owner_no,
        owner=row.owner,
        name=row.name,
        reason=row.reason,
        enabled=row.enabled,
        watch=body.watch,
        quiet=body.quiet,
        page=body.page,
        sound=body.sound,
        targets=body.targets,
        created_at=row.created_at,
    )


def _values(new: NewAlertRule) -> dict[str, object]:
    named = {"name", "reason", "enabled", "expected_revision"}
    return {
        "name": new.name,
        "reason": new.reason,
        "enabled": new.enabled,
        "body": new.model_dump(mode="json", exclude=named),
    }


def _own(actor: Actor) -> sa.ColumnElement[bool]:
    """One's own rules; an administrator looks after everybody's."""
    everybody = actor.user.no == 0 or may(actor.user, Permission.MANAGE_USERS)
    return sa.true() if everybody else alert_rules.c.owner_no == actor.user.no


async def _row(conn: AsyncConnection, rule_id: UUID, actor: Actor) -> AnyRow:
    row = (await conn.execute(_SELECT.where(alert_rules.c.id == rule_id, _own(actor)))).one_or_none()
    if row is None:
        raise NotFound("no such alert rule", code="alert_rule_unknown")
    return row


async def _check(conn: AsyncConnection, new: NewAlertRule, actor: Actor) -> None:
    """Raise Invalid for targets that do not exist, Denied for places outside the actor's grants."""
    for code in new.watch.place:
        scope.require(actor, code)
    wanted = sa.select(alert_targets.c.id).where(
        alert_targets.c.id.in_(new.targets), alert_targets.c.removed_at.is_(None)
    )
    unknown = set(new.targets) - set(await conn.scalars(wanted))
    if unknown:
        raise invalid("targets", "alert_target_unknown", f"no such target: {min(map(str, unknown))}")


async def list_rules(store: Store, actor: Actor) -> tuple[AlertRule, ...]:
    """One's own rules (an administrator's list holds everybody's) by name."""
    allow(actor.user, Permission.MANAGE_ALERTS)
    async with store.read() as conn:
        rows = await conn.execute(_SELECT.where(_own(actor)).order_by(alert_rules.c.name, alert_rules.c.no))
        return tuple(_rule(row) for row in rows)


async def create(store: Store, new: NewAlertRule, actor: Actor) -> AlertRule:
    """Keep a rule. Raises Invalid (targets), Denied (places outside the grants), Conflict (too many rules)."""
    allow(actor.user, Permission.MANAGE_ALERTS)
    identity, now = uuid7(), store.clock()
    async with store.write() as conn:
        await _check(conn, new, actor)
        kept = sa.select(sa.func.count()).select_from(alert_rules).where(alert_rules.c.removed_at.is_(None))
        if (await conn.scalar(kept) or 0) >= MOST_RULES:
            raise Conflict(f"at most {MOST_RULES} alert rules; remove one first", code="alert_rules_many")
        await conn.execute(
            sa.insert(alert_rules).values(id=identity, owner_no=actor.user.no, created_at=now, **_values(new))
        )
        detail = audit.describe(rule=identity, **new.model_dump(mode="json", exclude_defaults=True))
        await audit.append(conn, actor, "alert_rule.create", now=now, detail=detail)
        return _rule(await _row(conn, identity, actor))


async def change(store: Store, rule_id: UUID, wanted: AlertRuleChange, actor: Actor) -> AlertRule:
    """Replace a rule. Raises NotFound, Conflict (alert_rule_stale) when somebody changed it meanwhile, as `create`."""
    allow(actor.user, Permission.MANAGE_ALERTS)
    now = store.clock()
    async with store.write() as conn:
        row = await _row(conn, rule_id, actor)
        await _check(conn, wanted, actor)
        raised = await conn.execute(
            sa.update(alert_rules)
            .where(alert_rules.c.no == row.no, alert_rules.c.revision == wanted.expected_revision)
            .values(revision=alert_rules.c.revision + 1, **_values(wanted))
        )
        if raised.rowcount != 1:
            raise Conflict("the rule was changed meanwhile; read it again", code="alert_rule_stale")
        detail = audit.describe(rule=rule_id, **wanted.model_dump(mode="json", exclude_defaults=True))
        await audit.append(conn, actor, "alert_rule.change", now=now, detail=detail)
        return _rule(await _row(conn, rule_id, actor))


async def remove(store: Store, rule_id: UUID, actor: Actor) -> None:
    """Take a rule away; what it told stays in the log. Raises NotFound."""
    allow(actor.user, Permission.MANAGE_ALERTS)
    now = store.clock()
    async with store.write() as conn:
        row = await _row(conn, rule_id, actor)
        await conn.execute(sa.update(alert_rules).where(alert_rules.c.no == row.no).values(removed_at=now))
        detail = audit.describe(rule=rule_id, name=row.name)
        await audit.append(conn, actor, "alert_rule.remove", now=now, detail=detail)


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule that is in force, and its owner as he is now."""

    rule: AlertRule
    owner: User


async def standing(store: Store) -> tuple[Standing, ...]:
    """Every enabled rule whose owner is active and may still have rules and see events."""
    async with store.read() as conn:
        found = [_rule(row) for row in await conn.execute(_SELECT.where(alert_rules.c.enabled))]
        active = await owners(conn, [rule.owner_no for rule in found], store)
    return tuple(Standing(rule, active[rule.owner_no]) for rule in found if rule.owner_no in active)


async def owners(conn: AsyncConnection, numbers: Sequence[int], store: Store) -> dict[int, User]:
    """By number, those of the users who are active and may still have rules and see events."""
    rows = (await conn.execute(sa.select(user_rows).where(user_rows.c.no.in_(set(numbers))))).all()
    needed = (Permission.MANAGE_ALERTS, Permission.SEE_EVENTS)
    return {user.no: user for user in await users.from_rows(conn, rows, store) if all(may(user, one) for one in needed)}
