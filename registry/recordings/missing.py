"""What is missing, told to people: cameras with how much of what was due is there, and the gaps of one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.columns import AnyRow, to_ms
from registry.errors import NotFound
from registry.inputs import Input, Moment, PlaceCode, lately
from registry.policy import ConsentPolicy
from registry.recordings.completeness import CameraGaps, Gap, Totals, camera_of, cut, listed, rate
from registry.recordings.due import Stretch
from registry.recordings.gaps import LONGEST_MS
from registry.recordings.model import Damage, GapCause, RecordMode
from registry.recordings.trimming import begins, ends
from registry.scope import Scope, in_scope, under
from registry.spans import Ms, length
from registry.store import Store
from registry.tables import cameras, places, recording_due, recording_gaps, segments

MOST = timedelta(days=400)
USUAL = timedelta(days=1)


class GapQuery(Input):
    """Which cameras' gaps, over which span: the last day when nothing is given. `camera` lists the gaps of one."""

    prefix: PlaceCode | None = None
    camera: UUID | None = None
    since: Moment | None = None
    until: Moment | None = None
    """At latest now; 400 days after `since` at most."""
    cause: GapCause | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 200
    cursor: Annotated[int, Field(ge=0, le=10**6)] = 0
    """How many to pass over: `next_cursor` of the page before."""


@dataclass(frozen=True, slots=True)
class GapReport:
    """Streams with the most missing first; `causes` are seconds by cause; `listed` one camera's gaps, newest first."""

    since: datetime
    until: datetime
    cameras: tuple[CameraGaps, ...]
    totals: Totals
    causes: dict[GapCause, int]
    listed: tuple[Gap, ...]
    next_cursor: int | None


async def report(store: Store, seen: Scope, query: GapQuery) -> GapReport:
    """What is missing of the scope's cameras. Raises Invalid for a span that is empty, too long or to come.

    With `camera`, raises NotFound outside the scope.
    """
    since, until = lately(query.since, query.until, store.clock(), usual=USUAL, most=MOST)
    wanted = [in_scope(places.c.code, seen)]
    if query.prefix is not None:
        wanted.append(under(places.c.code, query.prefix))
    if query.camera is not None:
        wanted.append(cameras.c.id == query.camera)
    span, law = (to_ms(since), to_ms(until)), store.policy.consent
    async with store.read() as conn:
        if query.camera is not None and await conn.scalar(_cameras(cameras.c.no).where(*wanted)) is None:
            raise NotFound("no such camera", code="camera_unknown")
        stretches = (await conn.execute(_stretches(wanted, span))).all()
        missing = (await conn.execute(_missing(wanted, span))).all()
        there = await _there(conn, law, wanted, span)
    return await asyncio.to_thread(_told, query, (since, until), stretches, missing, there, law=law)


def _cameras(*columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return sa.select(*columns).select_from(cameras).join(places, places.c.no == cameras.c.village_no)


def _stretches(wanted: Sequence[sa.ColumnElement[bool]], span: Ms) -> sa.Select[Any]:
    """The stretches in which something was due in the span, up to where they were looked after."""
    first = sa.type_coerce(recording_due.c.since, sa.BigInteger)
    last = sa.type_coerce(sa.func.coalesce(recording_due.c.until, recording_due.c.checked_to), sa.BigInteger)
    return (
        _cameras(
            cameras.c.no,
            cameras.c.id,
            cameras.c.name,
            cameras.c.kind,
            places.c.code,
            places.c.name.label("village_name"),
            recording_due.c.stream,
            recording_due.c.mode,
            first.label("first"),
            last.label("last"),
            recording_due.c.until.is_(None).label("lasts"),
        )
        .join(recording_due, recording_due.c.camera_no == cameras.c.no)
        .where(*wanted, first < span[1], sa.or_(last > span[0], recording_due.c.until.is_(None)))
        .order_by(places.c.code, cameras.c.name, cameras.c.no, recording_due.c.stream, first)
    )


def _missing(wanted: Sequence[sa.ColumnElement[bool]], span: Ms) -> sa.Select[Any]:
    return (
        _cameras(
            cameras.c.no, recording_gaps.c.stream, begins.label("first"), ends.label("last"), recording_gaps.c.cause
        )
        .join(recording_gaps, recording_gaps.c.camera_no == cameras.c.no)
        .where(*wanted, begins < span[1], ends > span[0])
        .order_by(begins)
    )


async def _there(
    conn: AsyncConnection, law: ConsentPolicy, wanted: Sequence[sa.ColumnElement[bool]], span: Ms
) -> dict[Stretch, int]:
    """Milliseconds of footage of the cameras whose due time is not plain: on event, or under a consent."""
    begin = sa.type_coerce(segments.c.started_at, sa.BigInteger)
    end = sa.type_coerce(segments.c.ended_at, sa.BigInteger)
    inside = sa.case((end > span[1], span[1]), else_=end) - sa.case((begin < span[0], span[0]), else_=begin)
    numbers = _cameras(cameras.c.no).where(*wanted, _not_plain(law))
    rows = await conn.execute(
        sa.select(segments.c.camera_no, segments.c.stream, sa.func.sum(inside).label("there"))
        .where(
            segments.c.camera_no.in_(numbers),
            segments.c.stream.in_(("sub", "main")),
            begin > span[0] - LONGEST_MS,
            begin < span[1],
            end > span[0],
            segments.c.damage.is_distinct_from(Damage.MISSING.value),
        )
        .group_by(segments.c.camera_no, segments.c.stream)
    )
    return {(row.camera_no, row.stream): int(row.there) for row in rows}


def _not_plain(law: ConsentPolicy) -> sa.ColumnElement[bool]:
    on_event = sa.exists().where(
        recording_due.c.camera_no == cameras.c.no, recording_due.c.mode == RecordMode.ON_EVENT.value
    )
    return sa.or_(cameras.c.kind.in_(sorted(law.needed)), on_event)


def _told(
    query: GapQuery,
    span: tuple[datetime, datetime],
    stretches: Sequence[AnyRow],
    missing: Sequence[AnyRow],
    there: Mapping[Stretch, int],
    *,
    law: ConsentPolicy,
) -> GapReport:
    window = to_ms(span[0]), to_ms(span[1])
    pieces: dict[Stretch, list[AnyRow]] = {}
    causes: dict[GapCause, int] = {}
    for row in missing:
        pieces.setdefault((row.no, row.stream), []).append(row)
        cause = GapCause(row.cause)
        causes[cause] = causes.get(cause, 0) + length([cut(row, window)])
    by_stream: dict[Stretch, list[AnyRow]] = {}
    for row in stretches:
        by_stream.setdefault((row.no, row.stream), []).append(row)
    found = [
        (one, camera_of(law, rows, pieces.get(one, ()), there.get(one, 0), window)) for one, rows in by_stream.items()
    ]
    shown = [
        camera
        for one, camera in found
        if query.cause is None or any(row.cause == query.cause.value for row in pieces.get(one, ()))
    ]
    shown.sort(key=lambda one: (one.open is None, one.recorded_s - one.due_s))
    upto = query.cursor + query.limit
    every = [camera for _, camera in found]
    due_s, recorded_s = sum(one.due_s for one in every), sum(one.recorded_s for one in every)
    return GapReport(
        since=span[0],
        until=span[1],
        cameras=tuple(shown[query.cursor : upto]),
        totals=Totals(
            streams=len(every),
            due_s=due_s,
            recorded_s=recorded_s,
            rate=rate(due_s, recorded_s),
            gaps=sum(one.gaps for one in every),
            open=sum(one.open is not None for one in every),
        ),
        causes={cause: round(ms / 1000) for cause, ms in sorted(causes.items(), key=lambda one: -one[1])},
        listed=listed(query.cause, by_stream, pieces) if query.camera is not None else (),
        next_cursor=upto if upto < len(shown) else None,
    )
