"""Who looked at a camera, and at what a user looked: the register's rows of a span, summed by sort of look.

Live pictures are told in seconds besides, as `registry.viewings` kept them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from registry.audit.reading import SORT_OF, AuditFilter, Sort, conditions, on_record, spanned
from registry.columns import Instant, from_ms
from registry.errors import FieldError, Invalid
from registry.inputs import Input, Moment, Short
from registry.model import Actor
from registry.permissions import Permission, allow
from registry.store import Store
from registry.tables import audit, cameras, users, viewings

MOST_ROWS = 500_000
"""Rows one summary reads: a county's busiest month; beyond that a shorter span is asked for."""
_MOST_CASES = 20
_BATCH = 10_000


class LooksQuery(Input):
    """Whose looks, or at which camera: one of the two; in [since, until), by default the last 30 days."""

    camera: UUID | None = None
    user: Short | None = None
    since: Moment | None = None
    until: Moment | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """One user's looks at one camera: how often by sort, how long live, under which cases, when first and last.

    `vain` are those that found nothing or were refused. A removed camera keeps its name.
    """

    user: str
    unit: str
    camera_id: UUID
    camera_name: str
    by_sort: dict[Sort, int]
    live_seconds: float
    vain: int
    cases: tuple[str, ...]
    first_at: datetime
    last_at: datetime


@dataclass(slots=True)
class _Sum:
    unit: str
    first: int
    last: int
    vain: int = 0
    by_sort: dict[Sort, int] = field(default_factory=dict)
    cases: dict[str, None] = field(default_factory=dict)

    def add(self, row: Look, sort: Sort) -> None:
        self.unit = row.unit
        self.first, self.last = min(self.first, row.at), max(self.last, row.at)
        self.vain += row.count == 0
        self.by_sort[sort] = self.by_sort.get(sort, 0) + 1
        if row.case is not None and len(self.cases) < _MOST_CASES:
            self.cases[row.case] = None


@dataclass(frozen=True, slots=True)
class Look:
    """What a summary reads of a row; `at` in milliseconds since 1970."""

    no: int
    at: int
    user: str
    unit: str
    action: str
    cameras: list[str]
    purpose: str | None
    case: str | None
    count: int | None


async def looks(store: Store, actor: Actor, query: LooksQuery) -> tuple[Looked, ...]:
    """Looks by user and camera, the most first; asking is itself written to the register.

    Raises Invalid for neither or both of `camera` and `user`, and for too long a span.
    """
    allow(actor.user, Permission.READ_AUDIT)
    if (query.camera is None) == (query.user is None):
        hint = "name a camera or a user, one of the two"
        raise Invalid(hint, FieldError("camera", "one_of_two", hint))
    asked = spanned(AuditFilter(**query.model_dump()), store.clock())
    sums: dict[tuple[str, str], _Sum] = {}
    async for row in rows_of(store, asked, audit.c.action.in_(tuple(SORT_OF))):
        named = row.cameras if query.camera is None else [str(query.camera)]
        for camera in named:
            one = sums.setdefault((row.user, camera), _Sum(row.unit, row.at, row.at))
            one.add(row, SORT_OF[row.action])
    live = await _live(store, asked)
    names = await names_of(store, {camera for _, camera in sums})
    await on_record(store, actor, "audit.looks", asked, len(sums))
    found = (
        Looked(
            user=user,
            unit=one.unit,
            camera_id=UUID(camera),
            camera_name=names.get(camera, ""),
            by_sort=one.by_sort,
            live_seconds=live.get((user, camera), 0.0),
            vain=one.vain,
            cases=tuple(one.cases),
            first_at=from_ms(one.first),
            last_at=from_ms(one.last),
        )
        for (user, camera), one in sums.items()
    )
    return tuple(sorted(found, key=lambda one: (-sum(one.by_sort.values()), one.user, one.camera_name)))


async def rows_of(store: Store, query: AuditFilter, *where: sa.ColumnElement[bool]) -> AsyncIterator[Look]:
    """The rows of a filter, oldest first. Raises Invalid beyond half a million."""
    at = sa.type_coerce(audit.c.at, sa.BigInteger())
    wanted = (
        sa.select(
            audit.c.no, at, audit.c.user_name, audit.c.unit, audit.c.action, audit.c.cameras, audit.c.purpose_kind,
            audit.c.case_number, audit.c.result_count,
        )
        .where(*conditions(query), *where)
        .order_by(audit.c.no)
    )  # fmt: skip
    last = seen = 0
    while True:
        async with store.read() as conn:
            rows = (await conn.execute(wanted.where(audit.c.no > last).limit(_BATCH))).all()
        for row in rows:
            yield Look(*row)
        seen += len(rows)
        if len(rows) < _BATCH:
            return
        if seen >= MOST_ROWS:
            hint = "too many rows to be summed at once; ask for a shorter span"
            raise Invalid(hint, FieldError("since", "too_many_rows", hint), code="audit_too_many", rows=MOST_ROWS)
        last = rows[-1].no


async def names_of(store: Store, camera_ids: set[str]) -> dict[str, str]:
    """Cameras' names by id, removed ones too."""
    return {one: row.name for one, row in (await cameras_of(store, camera_ids)).items()}


async def cameras_of(store: Store, camera_ids: set[str]) -> dict[str, Any]:
    """Cameras' names and kinds by id, removed ones too."""
    found: dict[str, Any] = {}
    wanted = sa.select(cameras.c.id, cameras.c.name, cameras.c.kind)
    many = sorted(camera_ids)
    async with store.read() as conn:
        for begin in range(0, len(many), 500):
            some = [UUID(one) for one in many[begin : begin + 500]]
            found |= {str(row.id): row for row in await conn.execute(wanted.where(cameras.c.id.in_(some)))}
    return found


async def _live(store: Store, query: AuditFilter) -> dict[tuple[str, str], float]:
    """Seconds of live viewing by user and camera."""
    ended = sa.type_coerce(sa.func.coalesce(viewings.c.closed_at, viewings.c.seen_at), sa.BigInteger())
    lasted = sa.func.sum(ended - sa.type_coerce(viewings.c.opened_at, sa.BigInteger())).label("ms")
    wanted = (
        sa.select(users.c.name, cameras.c.id, lasted)
        .join(cameras, cameras.c.no == viewings.c.camera_no)
        .join(users, users.c.no == viewings.c.user_no)
        .where(viewings.c.opened_at >= _bound(query.since), viewings.c.opened_at < _bound(query.until))
        .group_by(users.c.name, cameras.c.id)
    )
    if query.camera is not None:
        wanted = wanted.where(cameras.c.id == query.camera)
    if query.user is not None:
        wanted = wanted.where(users.c.name == query.user)
    async with store.read() as conn:
        return {(row.name, str(row.id)): max(0.0, float(row.ms) / 1000) for row in await conn.execute(wanted)}


def _bound(at: datetime | None) -> sa.BindParameter[datetime | None]:
    return sa.bindparam(None, at, type_=Instant)
