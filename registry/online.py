"""The online rate: how much of the time a camera should have been live it was, over a span, and what is down now.

Rate = Σ live seconds / Σ due seconds. Not due is what somebody wants off (`NOT_DUE`), and the time before the first
thing known of a camera. A hub that does not run watches nothing: its next start writes cameras as idle from when it was
last seen (`registry.runs`), so that such time counts as down; it is told apart besides. Removed cameras are left out.

What was told last holds: where a clock was set back, a later word begins earlier than the one before, and replaces it
from there on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import groupby
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from registry import runs
from registry.columns import AnyRow, Instant, to_ms
from registry.inputs import Input, Moment, PlaceCode, lately
from registry.model import NOT_DUE, PictureFault, Reason, State
from registry.runs import Gap
from registry.scope import Scope, in_scope, under
from registry.store import Store
from registry.tables import camera_status, cameras, places
from registry.tables import status_history as history

MOST = timedelta(days=400)
USUAL = timedelta(days=7)
GAPS = 100


class Standing(IntEnum):
    """What a state is worth."""

    NOT_DUE = -1
    DOWN = 0
    LIVE = 1


class OnlineQuery(Input):
    """Which cameras, over which span; the last seven days when nothing is given."""

    prefix: PlaceCode | None = None
    since: Moment | None = None
    until: Moment | None = None
    """At latest now; 400 days after `since` at most."""


@dataclass(frozen=True, slots=True)
class CameraOnline:
    """One camera over the span, and how it is now.

    `rate` is None where it was never due. `outages` counts the stretches it was down, `longest_s` is the longest within
    the span. `down_since` is set while it is due and not live: since when, however long before the span that was.
    """

    camera_id: UUID
    name: str
    village_code: str
    village_name: str
    rate: float | None
    due_s: int
    online_s: int
    outages: int
    longest_s: int
    state: State
    reason: Reason | None
    down_since: datetime | None
    picture: PictureFault | None
    picture_since: datetime | None


@dataclass(frozen=True, slots=True)
class VillageOnline:
    """A village's cameras together; `due_now` of them should be live now, `online_now` are."""

    village_code: str
    village_name: str
    cameras: int
    rate: float | None
    due_s: int
    online_s: int
    due_now: int
    online_now: int


@dataclass(frozen=True, slots=True)
class Online:
    """All of it together, by village and by camera; `hub_down` are the longest hundred of the times when no hub ran."""

    since: datetime
    until: datetime
    rate: float | None
    due_s: int
    online_s: int
    due_now: int
    online_now: int
    hub_down_s: int
    hub_down: tuple[Gap, ...]
    villages: tuple[VillageOnline, ...]
    cameras: tuple[CameraOnline, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """Milliseconds of one camera in a span, and its outages."""

    due: int = 0
    online: int = 0
    outages: int = 0
    longest: int = 0


def tally(told: Sequence[tuple[int, int]], since: int, until: int) -> Tally:
    """Add up what was told of one camera, (from when, `Standing`) in the order told, between two moments (all ms)."""
    due = online = outages = longest = down = 0
    end = until
    for at, standing in reversed(told):
        if at >= end:
            continue  # replaced by what was told later
        begin = max(at, since)
        length = end - begin
        if standing == Standing.DOWN:
            outages += down == 0
            down += length
            longest = max(longest, down)
        else:
            down = 0
        if standing != Standing.NOT_DUE:
            due += length
        if standing == Standing.LIVE:
            online += length
        end = begin
        if end <= since:
            break
    return Tally(due, online, outages, longest)


def standing_of(state: sa.ColumnElement[str], reason: sa.ColumnElement[str | None]) -> sa.ColumnElement[int]:
    """SQL: the `Standing` of a state with its reason."""
    return sa.case(
        (state == State.LIVE.value, Standing.LIVE.value),
        (reason.in_([one.value for one in NOT_DUE]), Standing.NOT_DUE.value),
        else_=Standing.DOWN.value,
    )


async def online(store: Store, seen: Scope, query: OnlineQuery) -> Online:
    """The online rate of the scope's cameras. Raises Invalid for a span that is empty, too long or to come."""
    since, until = lately(query.since, query.until, store.clock(), usual=USUAL, most=MOST)
    wanted = [cameras.c.removed_at.is_(None), in_scope(places.c.code, seen)]
    if query.prefix is not None:
        wanted.append(under(places.c.code, query.prefix))
    async with store.read() as conn:
        rows = (await conn.execute(_cameras().where(*wanted))).all()
        held = (await conn.execute(_held(wanted, since))).all()
        told = (await conn.execute(_told(wanted, since, until))).all()
        hub_down = await runs.gaps(conn, since, until, store.clock())
    # A year of five thousand cameras is a second's work: not on the loop that everything else waits for.
    return await asyncio.to_thread(_sum_up, rows, [*held, *told], hub_down, since, until)


def _cameras() -> sa.Select[*tuple[Any, ...]]:
    """The cameras in their order, how each is now, and since when it is down."""
    state = sa.func.coalesce(camera_status.c.state, State.IDLE.value)
    unseen = sa.and_(camera_status.c.state.is_(None), cameras.c.enabled.is_(False))
    reason = sa.case((unseen, Reason.DISABLED.value), else_=camera_status.c.reason)
    standing = standing_of(state, reason)
    own = history.c.camera_no == cameras.c.no
    up = history.alias()
    last_up = (
        sa.select(sa.func.max(up.c.no))
        .where(up.c.camera_no == cameras.c.no, standing_of(up.c.state, up.c.reason) != Standing.DOWN.value)
        .correlate(cameras)
        .scalar_subquery()
    )
    fell = (
        sa.select(sa.func.min(history.c.since))
        .where(own, history.c.no > sa.func.coalesce(last_up, 0))
        .correlate(cameras)
        .scalar_subquery()
    )
    down_since = sa.case(
        (standing == Standing.DOWN.value, sa.func.coalesce(fell, camera_status.c.since, cameras.c.created_at)),
        else_=None,
    )
    return (
        sa.select(
            cameras.c.no,
            cameras.c.id,
            cameras.c.name,
            places.c.code,
            places.c.name.label("village_name"),
            state.label("state"),
            reason.label("reason"),
            standing.label("standing"),
            sa.type_coerce(down_since, Instant).label("down_since"),
            camera_status.c.picture,
            camera_status.c.picture_since,
        )
        .join(places, places.c.no == cameras.c.village_no)
        .outerjoin(camera_status, camera_status.c.camera_no == cameras.c.no)
        .order_by(places.c.code, cameras.c.name, cameras.c.no)
    )


def _held(wanted: Iterable[sa.ColumnElement[bool]], since: datetime) -> sa.Select[*tuple[Any, ...]]:
    """The last word on each camera before the span: what holds when it begins."""
    last = (
        sa.select(history.c.no)
        .where(history.c.camera_no == cameras.c.no, history.c.since <= since)
        .order_by(history.c.no.desc())
        .limit(1)
        .correlate(cameras)
        .scalar_subquery()
    )
    those = sa.select(last.label("no")).join(places, places.c.no == cameras.c.village_no).where(*wanted).cte()
    return _words().join(those, those.c.no == history.c.no)


def _told(wanted: Iterable[sa.ColumnElement[bool]], since: datetime, until: datetime) -> sa.Select[*tuple[Any, ...]]:
    """Every word in the span, by order."""
    return (
        _words()
        .join(cameras, cameras.c.no == history.c.camera_no)
        .join(places, places.c.no == cameras.c.village_no)
        .where(history.c.since > since, history.c.since < until, *wanted)
        .order_by(history.c.no)
    )


def _words() -> sa.Select[*tuple[Any, ...]]:
    since, standing = sa.type_coerce(history.c.since, sa.BigInteger), standing_of(history.c.state, history.c.reason)
    return sa.select(history.c.no, history.c.camera_no, since, standing)


def _sum_up(
    rows: Sequence[AnyRow],
    told: Sequence[AnyRow],
    hub_down: tuple[Gap, ...],
    since: datetime,
    until: datetime,
) -> Online:
    span = to_ms(since), to_ms(until)
    words: dict[int, list[tuple[int, int]]] = {}
    first: dict[int, int] = {}
    for no, camera, at, standing in told:
        # What was told before the word that held is replaced by it, however late it began: a clock was set back.
        if no >= first.setdefault(camera, no if at <= span[0] else 0):
            words.setdefault(camera, []).append((at, standing))
    tallies = [tally(words.get(row.no, ()), *span) for row in rows]
    together = list(zip(rows, tallies, strict=True))
    due, on = sum(one.due for one in tallies), sum(one.online for one in tallies)
    return Online(
        since=since,
        until=until,
        rate=_rate(due, on),
        due_s=_seconds(due),
        online_s=_seconds(on),
        due_now=sum(row.standing != Standing.NOT_DUE for row in rows),
        online_now=sum(row.standing == Standing.LIVE for row in rows),
        hub_down_s=round(sum(_length(gap) for gap in hub_down)),
        hub_down=tuple(sorted(sorted(hub_down, key=_length)[-GAPS:], key=lambda gap: gap.since)),
        villages=tuple(_village(list(those)) for _, those in groupby(together, key=lambda one: one[0].code)),
        cameras=tuple(_camera(row, mine) for row, mine in together),
    )


def _camera(row: AnyRow, mine: Tally) -> CameraOnline:
    return CameraOnline(
        camera_id=row.id,
        name=row.name,
        village_code=row.code,
        village_name=row.village_name,
        rate=_rate(mine.due, mine.online),
        due_s=_seconds(mine.due),
        online_s=_seconds(mine.online),
        outages=mine.outages,
        longest_s=_seconds(mine.longest),
        state=State(row.state),
        reason=Reason(row.reason) if row.reason else None,
        down_since=row.down_since,
        picture=PictureFault(row.picture) if row.picture else None,
        picture_since=row.picture_since,
    )


def _village(those: Sequence[tuple[AnyRow, Tally]]) -> VillageOnline:
    first = those[0][0]
    due, on = sum(mine.due for _, mine in those), sum(mine.online for _, mine in those)
    return VillageOnline(
        village_code=first.code,
        village_name=first.village_name,
        cameras=len(those),
        rate=_rate(due, on),
        due_s=_seconds(due),
        online_s=_seconds(on),
        due_now=sum(row.standing != Standing.NOT_DUE for row, _ in those),
        online_now=sum(row.standing == Standing.LIVE for row, _ in those),
    )


def _length(gap: Gap) -> float:
    return (gap.until - gap.since).total_seconds()


def _rate(due: int, on: int) -> float | None:
    # Down, not to the nearest: 100 % is said of what never failed.
    return on * 10_000 // due / 10_000 if due else None


def _seconds(ms: int) -> int:
    return round(ms / 1000)
