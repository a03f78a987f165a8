"""Patrols as they are read: one with its cameras, or a list with their rates; one's own, or those one plans."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import consents
from registry.columns import AnyRow, Instant
from registry.daytime import second_of_day
from registry.errors import Denied, NotFound
from registry.inputs import Input, Moment, invalid
from registry.model import Actor, ConsentScope, Person, Reason, State
from registry.patrols.model import Handover, Patrol, PatrolCamera, PatrolSummary, PatrolVerdict, PlanName
from registry.permissions import Permission, allow, may
from registry.scope import in_scope, of_actor
from registry.store import Store
from registry.tables import (
    camera_status,
    cameras,
    patrol_cameras,
    patrol_marks,
    patrol_plans,
    patrols,
    places,
)
from registry.tables import purposes as purpose_rows
from registry.tables import users as user_rows

USUAL = timedelta(days=30)
LONGEST = timedelta(days=400)
DWELL_S = 30
"""How long each camera of a patrol without a plan is shown."""
_LIVE = frozenset({ConsentScope.LIVE})


class PatrolQuery(Input):
    """Which patrols: of a plan, of a user, begun in a span (the last 30 days when nothing is given), open ones only."""

    plan: UUID | None = None
    user: UUID | None = None
    since: Moment | None = None
    until: Moment | None = None
    open: bool = False
    mine: bool = False
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: UUID | None = None
    """Where a page goes on: the id of the last patrol of the one before."""


def _done() -> sa.ScalarSelect[int]:
    """SQL: how many of the patrol's cameras were marked."""
    of_patrol = sa.and_(
        patrol_cameras.c.patrol_no == patrol_marks.c.patrol_no, patrol_cameras.c.camera_no == patrol_marks.c.camera_no
    )
    return (
        sa.select(sa.func.count(patrol_marks.c.camera_no.distinct()))
        .select_from(patrol_marks.join(patrol_cameras, of_patrol))
        .where(patrol_marks.c.patrol_no == patrols.c.no)
        .correlate(patrols)
        .scalar_subquery()
    )


def _made(verdict: PatrolVerdict) -> sa.ScalarSelect[int]:
    """SQL: how many of the patrol's marks say that."""
    return (
        sa.select(sa.func.count())
        .select_from(patrol_marks)
        .where(patrol_marks.c.patrol_no == patrols.c.no, patrol_marks.c.verdict == verdict.value)
        .correlate(patrols)
        .scalar_subquery()
    )


def select(now: datetime) -> sa.Select[*tuple[object, ...]]:
    """Rows of patrols, as things stand."""
    due = (
        sa.select(sa.func.count())
        .select_from(patrol_cameras)
        .where(patrol_cameras.c.patrol_no == patrols.c.no)
        .correlate(patrols)
        .scalar_subquery()
    )
    ran_out = sa.case((purpose_rows.c.expires_at <= now, purpose_rows.c.expires_at), else_=None)
    ended = sa.func.coalesce(purpose_rows.c.closed_at, ran_out)
    return (
        sa.select(
            patrols,
            purpose_rows.c.id.label("purpose_id"),
            purpose_rows.c.reason,
            purpose_rows.c.expires_at,
            sa.type_coerce(ended, Instant).label("ended_at"),
            patrol_plans.c.id.label("plan_id"),
            patrol_plans.c.name.label("plan_name"),
            patrol_plans.c.dwell_s,
            user_rows.c.id.label("user_id"),
            user_rows.c.name,
            user_rows.c.display_name,
            user_rows.c.unit,
            user_rows.c.active,
            due.label("due"),
            _done().label("done"),
            *(_made(one).label(f"of_{one}") for one in PatrolVerdict),
        )
        .join(purpose_rows, purpose_rows.c.no == patrols.c.purpose_no)
        .join(user_rows, user_rows.c.no == patrols.c.user_no)
        .outerjoin(patrol_plans, patrol_plans.c.no == patrols.c.plan_no)
    )


def _visible(actor: Actor) -> sa.ColumnElement[bool]:
    """One's own; whoever plans patrols sees all that pass through his villages."""
    own = patrols.c.user_no == actor.user.no
    if not may(actor.user, Permission.MANAGE_PATROLS):
        return own
    here = (
        sa.select(patrol_cameras.c.patrol_no)
        .join(cameras, cameras.c.no == patrol_cameras.c.camera_no)
        .join(places, places.c.no == cameras.c.village_no)
        .where(in_scope(places.c.code, of_actor(actor)))
    )
    return sa.or_(own, patrols.c.no.in_(here))


def _told(row: AnyRow) -> dict[str, object]:
    """The fields of a summary."""
    return {
        "no": row.no,
        "id": row.id,
        "purpose_id": row.purpose_id,
        "plan": PlanName(row.plan_id, row.plan_name) if row.plan_id is not None else None,
        "user": Person(row.user_id, row.name, row.display_name, row.unit, row.active),
        "reason": row.reason,
        "started_at": row.started_at,
        "expires_at": row.expires_at,
        "ended_at": row.ended_at,
        "due": row.due,
        "done": row.done,
        "rate": row.done / row.due if row.due else None,
        "verdicts": {one: getattr(row, f"of_{one}") for one in PatrolVerdict},
        "handover": row.handover,
    }


async def row_of(conn: AsyncConnection, patrol_id: UUID, actor: Actor, now: datetime) -> AnyRow:
    """The row of a patrol the actor may see. Raises NotFound."""
    row = (await conn.execute(select(now).where(patrols.c.id == patrol_id, _visible(actor)))).one_or_none()
    if row is None:
        raise NotFound("no such patrol", code="patrol_unknown")
    return row


async def patrol_of(conn: AsyncConnection, store: Store, row: AnyRow, actor: Actor) -> Patrol:
    """The patrol of a row, as the actor sees it."""
    return Patrol(
        **_told(row),  # type: ignore[arg-type] # the fields of PatrolSummary, by name
        dwell_s=row.dwell_s or DWELL_S,
        cameras=await _cameras(conn, store, row.no, actor),
        handover_before=await _handed(conn, row),
    )


async def _cameras(conn: AsyncConnection, store: Store, patrol_no: int, actor: Actor) -> tuple[PatrolCamera, ...]:
    last = (
        sa.select(sa.func.max(patrol_marks.c.no))
        .where(patrol_marks.c.patrol_no == patrol_no, patrol_marks.c.camera_no == cameras.c.no)
        .correlate(cameras)
        .scalar_subquery()
    )
    wanted = (
        sa.select(
            cameras,
            places.c.code,
            places.c.name.label("village_name"),
            camera_status.c.state,
            camera_status.c.reason,
            patrol_marks.c.verdict,
            patrol_marks.c.at,
        )
        .join(patrol_cameras, patrol_cameras.c.camera_no == cameras.c.no)
        .join(places, places.c.no == cameras.c.village_no)
        .outerjoin(camera_status, camera_status.c.camera_no == cameras.c.no)
        .outerjoin(patrol_marks, patrol_marks.c.no == last)
        .where(patrol_cameras.c.patrol_no == patrol_no, in_scope(places.c.code, of_actor(actor)))
        .order_by(patrol_cameras.c.position)
    )
    rows = (await conn.execute(wanted)).all()
    refused = await refusals(conn, store, rows)
    return tuple(
        PatrolCamera(
            camera_id=row.id,
            name=row.name,
            village_code=row.code,
            village_name=row.village_name,
            state=State(row.state) if row.state else State.IDLE,
            reason=Reason(row.reason) if row.reason else None,
            refused=refused[row.no],
            marked=PatrolVerdict(row.verdict) if row.verdict else None,
            marked_at=row.at,
        )
        for row in rows
    )


async def refusals(conn: AsyncConnection, store: Store, rows: Sequence[AnyRow]) -> dict[int, str | None]:
    """By number, why cameras may not be watched now, as a code; None where they may."""
    given = await consents.asked(conn, store, rows)
    now = store.clock()
    found: dict[int, str | None] = {}
    for row in rows:
        halted = None
        if row.no in given:
            halted = consents.halt(given[row.no], now, second_of_day(now, store.tz), scopes=_LIVE)
        found[row.no] = "camera_removed" if row.removed_at is not None else f"live_{halted}" if halted else None
    return found


async def _handed(conn: AsyncConnection, row: AnyRow) -> Handover | None:
    """The last note left before this patrol: of its plan, or of the user's own where it has none."""
    same = patrols.c.plan_no == row.plan_no
    if row.plan_no is None:
        same = sa.and_(patrols.c.plan_no.is_(None), patrols.c.user_no == row.user_no)
    wanted = (
        sa.select(
            user_rows.c.name,
            user_rows.c.display_name,
            patrols.c.handover,
            purpose_rows.c.closed_at,
            purpose_rows.c.expires_at,
        )
        .join(user_rows, user_rows.c.no == patrols.c.user_no)
        .join(purpose_rows, purpose_rows.c.no == patrols.c.purpose_no)
        .where(same, patrols.c.no < row.no, patrols.c.handover != "")
        .order_by(patrols.c.no.desc())
        .limit(1)
    )
    left = (await conn.execute(wanted)).one_or_none()
    if left is None:
        return None
    return Handover(left.display_name or left.name, left.closed_at or left.expires_at, left.handover)


async def own(conn: AsyncConnection, patrol_id: UUID, actor: Actor, now: datetime) -> AnyRow:
    """The row of the actor's own patrol. Raises NotFound for one he does not see, Denied for another's."""
    row = await row_of(conn, patrol_id, actor, now)
    if row.user_no != actor.user.no:
        raise Denied("the patrol is somebody else's", code="patrol_others")
    return row


async def get(store: Store, patrol_id: UUID, actor: Actor) -> Patrol:
    """One patrol. Raises NotFound for one the actor may not see."""
    allow(actor.user, Permission.OPEN_PATROL)
    async with store.read() as conn:
        return await patrol_of(conn, store, await row_of(conn, patrol_id, actor, store.clock()), actor)


async def list_patrols(store: Store, query: PatrolQuery, actor: Actor) -> tuple[tuple[PatrolSummary, ...], UUID | None]:
    """The patrols one may see, newest first, and where to go on. Raises Invalid (span, cursor)."""
    allow(actor.user, Permission.OPEN_PATROL)
    now = store.clock()
    until = query.until or now + timedelta(days=1)
    since = query.since or until - USUAL
    if since >= until or until - since > LONGEST + timedelta(days=1):
        raise invalid("since", "span", f"a span of at most {LONGEST.days} days, its begin before its end")
    wanted = select(now).where(_visible(actor), patrols.c.started_at >= since, patrols.c.started_at < until)
    if query.plan is not None:
        wanted = wanted.where(patrol_plans.c.id == query.plan)
    if query.user is not None:
        wanted = wanted.where(user_rows.c.id == query.user)
    if query.mine:
        wanted = wanted.where(patrols.c.user_no == actor.user.no)
    if query.open:
        wanted = wanted.where(purpose_rows.c.closed_at.is_(None), purpose_rows.c.expires_at > now)
    async with store.read() as conn:
        if query.cursor is not None:
            last = await conn.scalar(sa.select(patrols.c.no).where(patrols.c.id == query.cursor))
            if last is None:
                raise invalid("cursor", "cursor", "no page ended there; start again without it")
            wanted = wanted.where(patrols.c.no < last)
        rows = (await conn.execute(wanted.order_by(patrols.c.no.desc()).limit(query.limit + 1))).all()
    shown = tuple(PatrolSummary(**_told(row)) for row in rows[: query.limit])  # type: ignore[arg-type] # as above
    return shown, shown[-1].id if len(rows) > query.limit else None
