"""Footage that an open case's place and time point at, and that will soon be gone: told while it can still be held."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.ages import DAY_MS, days_of
from registry.cases import Case
from registry.columns import AnyRow, from_ms
from registry.model import Kind
from registry.recordings import holds
from registry.recordings.model import RecordPolicy
from registry.scope import Scope, in_scope
from registry.store import Store
from registry.tables import cameras, hold_cameras, places, segments
from registry.tables import holds as hold_rows

_STREAMS = ("sub", "main")
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class GoingCamera:
    """A camera with such footage, and when the first of it goes."""

    camera_id: UUID
    name: str
    goes_at: datetime


@dataclass(frozen=True, slots=True)
class Expiring:
    """A case, its time, when the first of its footage goes, and of which cameras, the first to go first."""

    case_id: UUID
    case_number: str
    since: datetime
    until: datetime
    goes_at: datetime
    cameras: tuple[GoingCamera, ...]


async def expiring(store: Store, policy: RecordPolicy, those: Iterable[Case], seen: Scope) -> tuple[Expiring, ...]:
    """Which of some open cases lose footage of cameras in the scope within the policy's days, the most urgent first.

    A case without a place or a begin points at nothing. What a hold of the case covers from end to end stays anyhow.
    """
    found = []
    async with store.read() as conn:
        for case in those:
            if case.starts_at is None or not case.places:
                continue
            span = case.starts_at, case.ends_at or store.clock()
            where = in_scope(places.c.code, seen.narrowed(case.places))
            rows = await _rows(conn, case.no, span, where, store.clock())
            going = _going(store, policy, rows, store.clock() + timedelta(days=store.policy.retention.warn_days))
            if going:
                found.append(Expiring(case.id, case.number, *span, going[0].goes_at, going))
    return tuple(sorted(found, key=lambda one: one.goes_at))


async def _rows(
    conn: AsyncConnection, case_no: int, span: tuple[datetime, datetime], where: sa.ColumnElement[bool], now: datetime
) -> Sequence[AnyRow]:
    """Cameras there that no hold of the case covers, with their oldest footage of the span in each stream."""
    covered = (
        sa.select(sa.literal(1))
        .select_from(hold_cameras.join(hold_rows, hold_rows.c.no == hold_cameras.c.hold_no))
        .where(hold_cameras.c.camera_no == cameras.c.no, hold_rows.c.case_no == case_no, holds.active(now))
        .where(hold_rows.c.starts_at <= span[0], hold_rows.c.ends_at >= span[1])
        .correlate(cameras)
        .exists()
    )
    wanted = _told(span).join(places, places.c.no == cameras.c.village_no).where(where, ~covered)
    return (await conn.execute(wanted)).all()


def _told(span: tuple[datetime, datetime]) -> sa.Select[*tuple[Any, ...]]:
    """Cameras with their oldest footage of the span in each stream."""
    oldest = [
        sa.select(sa.func.min(sa.type_coerce(segments.c.started_at, sa.BigInteger)))
        .where(
            segments.c.camera_no == cameras.c.no,
            segments.c.stream == stream,
            segments.c.started_at >= span[0] - timedelta(minutes=10),  # a file reaches into the span
            segments.c.started_at <= span[1],
        )
        .correlate(cameras)
        .scalar_subquery()
        for stream in _STREAMS
    ]
    return sa.select(cameras.c.id, cameras.c.name, cameras.c.kind, cameras.c.record_days, *oldest)


async def first_to_go(
    conn: AsyncConnection, store: Store, policy: RecordPolicy, those: Iterable[int], span: tuple[datetime, datetime]
) -> GoingCamera | None:
    """Of some cameras' footage of a span the first that goes by its age, were it not held; None where there is none."""
    found: list[AnyRow] = []
    numbers = sorted(those)
    for at in range(0, len(numbers), _AT_ONCE):
        found += (await conn.execute(_told(span).where(cameras.c.no.in_(numbers[at : at + _AT_ONCE])))).all()
    return next(iter(_going(store, policy, found, horizon=None)), None)


def _going(
    store: Store, policy: RecordPolicy, rows: Iterable[AnyRow], horizon: datetime | None
) -> tuple[GoingCamera, ...]:
    law = store.policy.retention
    found = []
    for camera_id, name, kind, own, *moments in rows:
        first = min((at for at in moments if at is not None), default=None)
        if first is None:
            continue
        goes_at = from_ms(first + days_of(law.recordings, policy.days, Kind(kind), own) * DAY_MS)
        if horizon is None or goes_at <= horizon:
            found.append(GoingCamera(camera_id, name, goes_at))
    return tuple(sorted(found, key=lambda one: (one.goes_at, one.name)))
