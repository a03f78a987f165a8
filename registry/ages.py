"""How long what is seen of a camera is kept: its own days, else its kind's, within what the law allows (L4).

The law's floor and ceiling are the policy's; settings and what is said of a camera are refused beyond them. Where the
policy changes later, what was said before is bent to it here, so that nothing is kept by a rule that no longer holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from registry.columns import from_ms, to_ms
from registry.errors import FieldError
from registry.model import Kind
from registry.policy import Keep, OfVideo, RetentionPolicy
from registry.store import Store
from registry.tables import cameras

DAY_MS = 86_400_000
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Overdue:
    """Cameras, by number, of which there is something from before a moment that should be gone."""

    before: datetime
    cameras: tuple[int, ...]


def days_of(law: OfVideo[Keep], by_kind: Mapping[Kind, int], kind: Kind, own: int | None) -> int:
    """For how many days something of a camera with video is kept."""
    keep = law.of(kind)
    return max(keep.floor_days or 1, min(own or by_kind[kind], keep.ceiling_days))


def beyond(keep: Keep, days: int) -> tuple[str, str] | None:
    """Why days are refused, as (code, hint); None where the law allows them."""
    if keep.floor_days is not None and days < keep.floor_days:
        return "below_floor", f"the law asks for at least {keep.floor_days} days"
    if days > keep.ceiling_days:
        return "above_ceiling", f"the law allows at most {keep.ceiling_days} days"
    return None


def refused(law: RetentionPolicy, kind: Kind, values: Mapping[str, Any]) -> list[FieldError]:
    """What is wrong with the days said of one camera."""
    if kind is Kind.WIFI_PROBE:
        return []
    asked = (("record_days", law.recordings), ("event_days", law.events))
    found = ((name, beyond(keeps.of(kind), values[name])) for name, keeps in asked if values.get(name) is not None)
    return [FieldError(name, *why) for name, why in found if why is not None]


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that is kept for days: the law's, the settings', the column of a camera's own, and its oldest moments.

    `oldest` are scalar selects in milliseconds, correlated with `cameras`; each is answered by an index.
    """

    law: OfVideo[Keep]
    by_kind: Mapping[Kind, int]
    own: sa.ColumnElement[int | None]
    oldest: Sequence[sa.ScalarSelect[Any]]


async def overdue(store: Store, kept: Kept) -> tuple[Overdue, ...]:
    """Which cameras' oldest is older than their days, those of equal days together, a hundred at most."""
    now = to_ms(store.clock())
    asked = sa.select(cameras.c.no, cameras.c.kind, kept.own, *kept.oldest).where(
        cameras.c.kind != Kind.WIFI_PROBE.value
    )
    by_days: dict[int, list[int]] = {}
    async with store.read() as conn:
        for number, kind, own, *moments in await conn.execute(asked):
            days = days_of(kept.law, kept.by_kind, Kind(kind), own)
            if min((at for at in moments if at is not None), default=now) < now - days * DAY_MS:
                by_days.setdefault(days, []).append(number)
    return tuple(_grouped(by_days, now))


def _grouped(by_days: Mapping[int, Sequence[int]], now: int) -> Iterable[Overdue]:
    for days, numbers in sorted(by_days.items()):
        for start in range(0, len(numbers), AT_ONCE):
            yield Overdue(from_ms(now - days * DAY_MS), tuple(numbers[start : start + AT_ONCE]))


def below_floor(law: OfVideo[Keep], kind: Kind, at: datetime, now: datetime) -> bool:
    """Whether what was seen then must still be kept."""
    floor = law.of(kind).floor_days
    return floor is not None and to_ms(at) > to_ms(now) - floor * DAY_MS
