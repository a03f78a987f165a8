"""Patrol plans kept, changed and read, each as far as the reader sees its cameras."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, tzinfo
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, users
from registry.columns import AnyRow, Instant
from registry.errors import Conflict, Denied, NotFound
from registry.inputs import invalid
from registry.model import Actor, Kind, Person, User
from registry.patrols.plan import NewPatrolPlan, PatrolPlan, PatrolPlanChange, PlanTime, person
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


async def users_of(conn: AsyncConnection, plans: Collection[int]) -> dict[int, list[AnyRow]]:
    """By plan, the rows of the users it names, by name."""
    wanted = (
        sa.select(user_rows, patrol_plan_users.c.plan_no)
        .join(patrol_plan_users, patrol_plan_users.c.user_no == user_rows.c.no)
        .where(patrol_plan_users.c.plan_no.in_(plans))
        .order_by(user_rows.c.name)
    )
    found: dict[int, list[AnyRow]] = {one: [] for one in plans}
    for row in await conn.execute(wanted):
        found[row.plan_no].append(row)
    return found


async def _cameras_of(conn: AsyncConnection, plans: Collection[int]) -> dict[int, list[AnyRow]]:
    """By plan, its cameras in the order of the round."""
    wanted = (
        sa.select(patrol_plan_cameras.c.plan_no, cameras.c.no, cameras.c.id, places.c.code)
        .join(patrol_plan_cameras, patrol_plan_cameras.c.camera_no == cameras.c.no)
        .join(places, places.c.no == cameras.c.village_no)
        .where(patrol_plan_cameras.c.plan_no.in_(plans), cameras.c.removed_at.is_(None))
        .order_by(patrol_plan_cameras.c.plan_no, patrol_plan_cameras.c.position)
    )
    found: dict[int, list[AnyRow]] = {one: [] for one in plans}
    for row in await conn.execute(wanted):
        found[row.plan_no].append(row)
    return found


async def _marked(conn: AsyncConnection, plans: Collection[int], since: datetime) -> dict[tuple[int, int], datetime]:
    """When each camera was last marked under each plan, from a moment on; by (plan, camera)."""
    last = sa.func.max(patrol_marks.c.at, type_=Instant)
    wanted = (
        sa.select(patrols.c.plan_no, patrol_marks.c.camera_no, last.label("last"))
        .join(patrols, patrols.c.no == patrol_marks.c.patrol_no)
        .where(patrols.c.plan_no.in_(plans), patrol_marks.c.at >= since)
        .group_by(patrols.c.plan_no, patrol_marks.c.camera_no)
    )
    return {(row.plan_no, row.camera_no): row.last for row in await conn.execute(wanted)}


async def _plans(
    conn: AsyncConnection, rows: Sequence[AnyRow], actor: Actor, now: datetime, tz: tzinfo
) -> list[PatrolPlan]:
    """Rows as the actor sees them."""
    numbers = [row.no for row in rows]
    looked_at, named = await _cameras_of(conn, numbers), await users_of(conn, numbers)
    times = {row.no: tuple(PlanTime.model_validate(one) for one in row.times) for row in rows}
    began = {no: [begin for one in some if (begin := one.began(now, tz)) is not None] for no, some in times.items()}
    midnight = now.astimezone(tz).replace(hour=0, minute=0, second=0, microsecond=0)
    since = {no: min(begins, default=midnight) for no, begins in began.items()}
    marked = await _marked(conn, numbers, min(since.values(), default=midnight))
    seen = of_actor(actor)
    found = []
    for row in rows:
        here, people = looked_at[row.no], named[row.no]
        last = (marked.get((row.no, one.no)) for one in here)
        done = sum(at is not None and at >= since[row.no] for at in last)
        found.append(
            PatrolPlan(
                no=row.no,
                id=row.id,
                revision=row.revision,
                name=row.name,
                dwell_s=row.dwell_s,
                camera_ids=tuple(one.id for one in here if seen.covers(one.code)),
                cameras=len(here),
                user_ids=tuple(one.id for one in people),
                people=tuple(person(one) for one in people),
                times=times[row.no],
                mine=not people or actor.user.no in [one.no for one in people],
                due=bool(began[row.no]),
                since=since[row.no],
                done=done,
                rate=done / len(here) if here else None,
                created_by=row.created_by,
                created_at=row.created_at,
            )
        )
    return found


async def _plan(conn: AsyncConnection, row: AnyRow, actor: Actor, now: datetime, tz: tzinfo) -> PatrolPlan:
    return (await _plans(conn, [row], actor, now, tz))[0]


async def list_plans(store: Store, actor: Actor, *, mine: bool = False) -> tuple[PatrolPlan, ...]:
    """The plans one sees, those due first, then by name; `mine`: that name one, or nobody."""
    allow(actor.user, Permission.OPEN_PATROL)
    async with store.read() as conn:
        rows = (await conn.execute(_KEPT.where(_visible(actor)).order_by(patrol_plans.c.name, patrol_plans.c.no))).all()
        found = await _plans(conn, rows, actor, store.clock(), store.tz)
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


async def _user_numbers(conn: AsyncConnection, user_ids: Sequence[UUID], store: Store) -> list[int]:
    rows = (await conn.execute(sa.select(user_rows).where(user_rows.c.id.in_(user_ids)))).all()
    known = {user.id: user for user in await users.from_rows(conn, rows, store)}
    for at, one in enumerate(user_ids):
        if one not in known or not may(known[one], Permission.OPEN_PATROL):
            raise invalid(f"user_ids.{at}", "user_no_patrol", "no user who may patrol")
    return [known[one].no for one in user_ids]


async def _keep(conn: AsyncConnection, plan_no: int, new: NewPatrolPlan, actor: Actor, store: Store) -> None:
    """Put a plan's cameras and users in place of those it had."""
    numbers = await camera_numbers(conn, new.camera_ids, of_actor(actor))
    people = await _user_numbers(conn, new.user_ids, store)
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
        await _keep(conn, int(plan_no or 0), new, actor, store)
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
        await _keep(conn, row.no, wanted, actor, store)
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
        found = await users.from_rows(conn, rows, store)
    return tuple(shown(one) for one in found if may(one, Permission.OPEN_PATROL) and _meet(one, of_actor(actor)))


def shown(user: User) -> Person:
    """A user as colleagues see him."""
    return Person(user.id, user.name, user.display_name, user.unit, user.active)


def _meet(user: User, seen: Scope) -> bool:
    theirs: Iterable[str] = of(user).prefixes
    return any(seen.covers(one) or any(mine.startswith(one) for mine in seen.prefixes) for one in theirs)
