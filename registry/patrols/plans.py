"""Patrol plans: which cameras are looked at in turn, how long each, by whom and in which local hours of which days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Annotated, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, users
from registry.columns import AnyRow
from registry.errors import Conflict, Denied, NotFound
from registry.inputs import Input, Minute, Name, invalid
from registry.model import Actor, Internal, Kind, Person, User
from registry.permissions import Permission, allow, may
from registry.scope import Scope, in_scope, of, of_actor
from registry.store import Store
from registry.tables import (
    cameras,
    patrol_marks,
    patrol_plan_cameras,
    patrol_plan_users,
    patrol_plans,
    patrols,
    places,
)
from registry.tables import users as user_rows

MOST_PLANS = 200
MOST_CAMERAS = 500
Day = Annotated[int, Field(ge=1, le=7)]
"""A day of the week, Monday is 1."""
_DAY_MIN = 24 * 60


class PlanTime(Input):
    """Local hours on some days of the week: [from, to) in minutes after midnight, into the next day when from ≥ to."""

    days: frozenset[Day] = Field(min_length=1)
    from_minute: Minute
    to_minute: Minute

    def began(self, at: datetime, tz: tzinfo) -> datetime | None:
        """When the time that `at` lies in began; None outside."""
        local = at.astimezone(tz)
        length = (self.to_minute - self.from_minute - 1) % _DAY_MIN + 1
        for day in (local, local - timedelta(days=1)):
            midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
            begin = midnight.replace(hour=self.from_minute // 60, minute=self.from_minute % 60)
            if day.isoweekday() in self.days and begin <= local < begin + timedelta(minutes=length):
                return begin
        return None


class NewPatrolPlan(Input):
    """A plan to keep. Without users it is for everybody who may patrol and sees one of its cameras."""

    name: Name
    dwell_s: Annotated[int, Field(ge=20, le=60)] = 30
    camera_ids: tuple[UUID, ...] = Field(min_length=1, max_length=MOST_CAMERAS)
    """In the order of the round."""
    user_ids: tuple[UUID, ...] = Field((), max_length=200)
    times: tuple[PlanTime, ...] = Field((), max_length=20)

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        for name in ("camera_ids", "user_ids"):
            given = getattr(self, name)
            if len(set(given)) != len(given):
                raise PydanticCustomError("repeated", "{name}: name each once", {"name": name})
        return self


class PatrolPlanChange(NewPatrolPlan):
    """A plan as it shall be from now on; the revision that was read guards against another's change meanwhile."""

    expected_revision: Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True)
class PatrolPlan:
    """A plan as kept.

    `camera_ids` are those of the reader's villages, of `cameras` in all. `due`: now is one of its times. `done` of them
    were marked since `since`: the begin of the time it is, or local midnight.
    """

    no: Internal
    id: UUID
    revision: int
    name: str
    dwell_s: int
    camera_ids: tuple[UUID, ...]
    cameras: int
    user_ids: tuple[UUID, ...]
    people: tuple[Person, ...]
    times: tuple[PlanTime, ...]
    mine: bool
    due: bool
    since: datetime
    done: int
    rate: float | None
    created_by: str
    created_at: datetime


def person(row: AnyRow) -> Person:
    """A row of users as colleagues see him."""
    return Person(row.id, row.name, row.display_name, row.unit, row.active)


_KEPT = sa.select(patrol_plans).where(patrol_plans.c.removed_at.is_(None))


def _visible(actor: Actor) -> sa.ColumnElement[bool]:
    """A plan is seen by those it names, and by those whose villages have one of its cameras."""
    own = sa.select(patrol_plan_users.c.plan_no).where(patrol_plan_users.c.user_no == actor.user.no)
    here = (
        sa.select(patrol_plan_cameras.c.plan_no)
        .join(cameras, cameras.c.no == patrol_plan_cameras.c.camera_no)
        .join(places, places.c.no == cameras.c.village_no)
        .where(in_scope(places.c.code, of_actor(actor)))
    )
    return sa.or_(patrol_plans.c.no.in_(own), patrol_plans.c.no.in_(here))


async def row_of(conn: AsyncConnection, plan_id: UUID, actor: Actor) -> AnyRow:
    """The row of a plan the actor sees. Raises NotFound."""
    row = (await conn.execute(_KEPT.where(patrol_plans.c.id == plan_id, _visible(actor)))).one_or_none()
    if row is None:
        raise NotFound("no such patrol plan", code="patrol_plan_unknown")
    return row


async def users_of(conn: AsyncConnection, plan_no: int) -> Sequence[AnyRow]:
    """The rows of the users a plan names, by name."""
    wanted = (
        sa.select(user_rows)
        .join(patrol_plan_users, patrol_plan_users.c.user_no == user_rows.c.no)
        .where(patrol_plan_users.c.plan_no == plan_no)
    )
    return (await conn.execute(wanted.order_by(user_rows.c.name))).all()


async def _plan(conn: AsyncConnection, row: AnyRow, actor: Actor, now: datetime, tz: tzinfo) -> PatrolPlan:
    of_plan = (
        sa.select(cameras.c.no, cameras.c.id, places.c.code)
        .join(patrol_plan_cameras, patrol_plan_cameras.c.camera_no == cameras.c.no)
        .join(places, places.c.no == cameras.c.village_no)
        .where(patrol_plan_cameras.c.plan_no == row.no, cameras.c.removed_at.is_(None))
        .order_by(patrol_plan_cameras.c.position)
    )
    here = (await conn.execute(of_plan)).all()
    named = await users_of(conn, row.no)
    times = tuple(PlanTime.model_validate(one) for one in row.times)
    began = [begin for time in times if (begin := time.began(now, tz)) is not None]
    since = min(began, default=now.astimezone(tz).replace(hour=0, minute=0, second=0, microsecond=0))
    marked = (
        sa.select(sa.func.count(patrol_marks.c.camera_no.distinct()))
        .join(patrols, patrols.c.no == patrol_marks.c.patrol_no)
        .where(patrols.c.plan_no == row.no, patrol_marks.c.at >= since)
        .where(patrol_marks.c.camera_no.in_([one.no for one in here]))
    )
    done, seen = int(await conn.scalar(marked) or 0), of_actor(actor)
    return PatrolPlan(
        no=row.no,
        id=row.id,
        revision=row.revision,
        name=row.name,
        dwell_s=row.dwell_s,
        camera_ids=tuple(one.id for one in here if seen.covers(one.code)),
        cameras=len(here),
        user_ids=tuple(one.id for one in named),
        people=tuple(person(one) for one in named),
        times=times,
        mine=not named or actor.user.no in [one.no for one in named],
        due=bool(began),
        since=since,
        done=done,
        rate=done / len(here) if here else None,
        created_by=row.created_by,
        created_at=row.created_at,
    )


async def list_plans(store: Store, actor: Actor, *, mine: bool = False) -> tuple[PatrolPlan, ...]:
    """The plans one sees, those due first, then by name; `mine`: that name one, or nobody."""
    allow(actor.user, Permission.OPEN_PATROL)
    async with store.read() as conn:
        rows = (await conn.execute(_KEPT.where(_visible(actor)).order_by(patrol_plans.c.name, patrol_plans.c.no))).all()
        found = [await _plan(conn, row, actor, store.clock(), store.tz) for row in rows]
    return tuple(sorted((one for one in found if one.mine or not mine), key=lambda one: not one.due))


async def get(store: Store, plan_id: UUID, actor: Actor) -> PatrolPlan:
    """One plan. Raises NotFound where one neither is named by it nor sees one of its cameras."""
    allow(actor.user, Permission.OPEN_PATROL)
    async with store.read() as conn:
        return await _plan(conn, await row_of(conn, plan_id, actor), actor, store.clock(), store.tz)


async def camera_numbers(conn: AsyncConnection, camera_ids: Sequence[UUID], seen: Scope) -> list[int]:
    """The row numbers of cameras, in their order. Raises Invalid for one outside the scope, or without a picture."""
    wanted = (
        sa.select(cameras.c.no, cameras.c.id, cameras.c.kind)
        .join(places, places.c.no == cameras.c.village_no)
        .where(cameras.c.id.in_(camera_ids), cameras.c.removed_at.is_(None), in_scope(places.c.code, seen))
    )
    known = {row.id: row for row in await conn.execute(wanted)}
    for at, one in enumerate(camera_ids):
        if one not in known:
            raise invalid(f"camera_ids.{at}", "camera_unknown", "no such camera")
        if known[one].kind == Kind.WIFI_PROBE.value:
            raise invalid(f"camera_ids.{at}", "no_video", "a WiFi probe has no picture to look at")
    return [known[one].no for one in camera_ids]


async def _user_numbers(conn: AsyncConnection, user_ids: Sequence[UUID]) -> list[int]:
    rows = (await conn.execute(sa.select(user_rows).where(user_rows.c.id.in_(user_ids)))).all()
    known = {user.id: user for user in await users.from_rows(conn, rows)}
    for at, one in enumerate(user_ids):
        if one not in known or not may(known[one], Permission.OPEN_PATROL):
            raise invalid(f"user_ids.{at}", "user_no_patrol", "no user who may patrol")
    return [known[one].no for one in user_ids]


async def _keep(conn: AsyncConnection, plan_no: int, new: NewPatrolPlan, actor: Actor) -> None:
    """Put a plan's cameras and users in place of those it had."""
    numbers = await camera_numbers(conn, new.camera_ids, of_actor(actor))
    people = await _user_numbers(conn, new.user_ids)
    for table in (patrol_plan_cameras, patrol_plan_users):
        await conn.execute(sa.delete(table).where(table.c.plan_no == plan_no))
    placed = [{"plan_no": plan_no, "position": at, "camera_no": no} for at, no in enumerate(numbers)]
    await conn.execute(sa.insert(patrol_plan_cameras), placed)
    if people:
        await conn.execute(sa.insert(patrol_plan_users), [{"plan_no": plan_no, "user_no": no} for no in people])


def _values(new: NewPatrolPlan) -> dict[str, object]:
    times = [{**one.model_dump(), "days": sorted(one.days)} for one in new.times]
    return {"name": new.name, "dwell_s": new.dwell_s, "times": times}


def _said(plan_id: UUID, new: NewPatrolPlan) -> str:
    return audit.describe(plan=plan_id, **_values(new), cameras=len(new.camera_ids), users=new.user_ids)


async def create(store: Store, new: NewPatrolPlan, actor: Actor) -> PatrolPlan:
    """Keep a plan. Raises Invalid (cameras, users), Conflict where there are too many plans."""
    allow(actor.user, Permission.MANAGE_PATROLS)
    identity, now = uuid7(), store.clock()
    async with store.write() as conn:
        kept = sa.select(sa.func.count()).select_from(patrol_plans).where(patrol_plans.c.removed_at.is_(None))
        if (await conn.scalar(kept) or 0) >= MOST_PLANS:
            raise Conflict(f"at most {MOST_PLANS} patrol plans; remove one first", code="patrol_plans_many")
        made = sa.insert(patrol_plans).values(id=identity, created_by=actor.user.name, created_at=now, **_values(new))
        plan_no = await conn.scalar(made.returning(patrol_plans.c.no))
        await _keep(conn, int(plan_no or 0), new, actor)
        await audit.append(
            conn, actor, "patrol_plan.create", now=now, cameras=new.camera_ids, detail=_said(identity, new)
        )
        return await _plan(conn, await row_of(conn, identity, actor), actor, now, store.tz)


async def _require_whole(conn: AsyncConnection, plan_no: int, actor: Actor) -> None:
    """Raise Denied where the plan has cameras that the actor does not see: he would take them out unknowingly."""
    codes = (
        sa.select(places.c.code)
        .join(cameras, cameras.c.village_no == places.c.no)
        .join(patrol_plan_cameras, patrol_plan_cameras.c.camera_no == cameras.c.no)
        .where(patrol_plan_cameras.c.plan_no == plan_no, cameras.c.removed_at.is_(None))
    )
    seen = of_actor(actor)
    if not all(seen.covers(code) for code in await conn.scalars(codes)):
        raise Denied("the plan has cameras outside your grants; ask whoever sees them all", code="patrol_plan_scope")


async def change(store: Store, plan_id: UUID, wanted: PatrolPlanChange, actor: Actor) -> PatrolPlan:
    """Replace a plan; patrols that began keep their cameras.

    Raises NotFound, Denied (cameras outside the actor's grants), Conflict (patrol_plan_stale), as `create`.
    """
    allow(actor.user, Permission.MANAGE_PATROLS)
    now = store.clock()
    async with store.write() as conn:
        row = await row_of(conn, plan_id, actor)
        await _require_whole(conn, row.no, actor)
        raised = await conn.execute(
            sa.update(patrol_plans)
            .where(patrol_plans.c.no == row.no, patrol_plans.c.revision == wanted.expected_revision)
            .values(revision=patrol_plans.c.revision + 1, **_values(wanted))
        )
        if raised.rowcount != 1:
            raise Conflict("the plan was changed meanwhile; read it again", code="patrol_plan_stale")
        await _keep(conn, row.no, wanted, actor)
        detail = _said(plan_id, wanted)
        await audit.append(conn, actor, "patrol_plan.change", now=now, cameras=wanted.camera_ids, detail=detail)
        return await _plan(conn, await row_of(conn, plan_id, actor), actor, now, store.tz)


async def remove(store: Store, plan_id: UUID, actor: Actor) -> None:
    """Take a plan away; what was walked by it stays. Raises NotFound, Denied as `change`."""
    allow(actor.user, Permission.MANAGE_PATROLS)
    now = store.clock()
    async with store.write() as conn:
        row = await row_of(conn, plan_id, actor)
        await _require_whole(conn, row.no, actor)
        await conn.execute(sa.update(patrol_plans).where(patrol_plans.c.no == row.no).values(removed_at=now))
        detail = audit.describe(plan=plan_id, name=row.name)
        await audit.append(conn, actor, "patrol_plan.remove", now=now, detail=detail)


async def people(store: Store, actor: Actor) -> tuple[Person, ...]:
    """Who may be put on a plan: active users who may patrol and whose villages meet the actor's, by name."""
    allow(actor.user, Permission.MANAGE_PATROLS)
    async with store.read() as conn:
        rows = (await conn.execute(sa.select(user_rows).where(user_rows.c.active).order_by(user_rows.c.name))).all()
        found = await users.from_rows(conn, rows)
    return tuple(shown(one) for one in found if may(one, Permission.OPEN_PATROL) and _meet(one, of_actor(actor)))


def shown(user: User) -> Person:
    """A user as colleagues see him."""
    return Person(user.id, user.name, user.display_name, user.unit, user.active)


def _meet(user: User, seen: Scope) -> bool:
    theirs: Iterable[str] = of(user).prefixes
    return any(seen.covers(one) or any(mine.startswith(one) for mine in seen.prefixes) for one in theirs)
