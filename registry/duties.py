"""Training and the pledge of confidentiality: who must hold them, and until when they hold (L19; Decree 799)."""

from __future__ import annotations

from datetime import datetime, timedelta

from registry.columns import AnyRow
from registry.model import Duty, Held
from registry.policy import DutyPolicy, PeoplePolicy


def of(row: AnyRow, law: PeoplePolicy, now: datetime) -> tuple[Held, ...]:
    """What a user's row says of the duties of his role."""
    asked: tuple[tuple[Duty, DutyPolicy, datetime | None], ...] = (
        (Duty.TRAINING, law.training, row.trained_at),
        (Duty.PLEDGE, law.pledge, row.pledged_at),
    )
    return tuple(
        _held(duty, at, _until(rule, at, row.upgraded_at, law.grace_days), law.warn_days, now)
        for duty, rule, at in asked
        if row.role in rule.roles
    )


def _until(rule: DutyPolicy, at: datetime | None, upgraded_at: datetime | None, grace_days: int) -> datetime | None:
    """When what was told ends to hold; where nothing was told, when an upgrade's grace ends."""
    if at is not None:
        return at + timedelta(days=rule.valid_days)
    return None if upgraded_at is None else upgraded_at + timedelta(days=grace_days)


def _held(duty: Duty, at: datetime | None, until: datetime | None, warn_days: int, now: datetime) -> Held:
    if until is None:
        return Held(duty, None, None, holds=False, soon=True)
    return Held(duty, at, until, holds=now < until, soon=now >= until - timedelta(days=warn_days))
