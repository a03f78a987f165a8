"""Cases one may know of: those one works on, and, for who may approve, those of one's places."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import users
from registry.cases.model import Case, CaseState, editable_by, is_member, is_open, of_rows, seen_by, state_of
from registry.columns import AnyRow
from registry.errors import Conflict, Denied, NotFound
from registry.geometry import Position
from registry.model import Actor, Person
from registry.permissions import Permission, allow, may
from registry.store import Store
from registry.tables import case_places, cases, places
from registry.tables import users as user_rows

MOST = 1000


def _select(actor: Actor) -> sa.Select[tuple[object, ...]]:
    return sa.select(cases, is_member(actor).label("member"), editable_by(actor).label("editable"))


async def row_of(conn: AsyncConnection, case_id: UUID, actor: Actor, *, lock: bool = False) -> AnyRow:
    """The row of a case, with `member` and `editable`. Raises NotFound for one the actor may not know of."""
    wanted = _select(actor).where(cases.c.id == case_id, seen_by(actor))
    row = (await conn.execute(wanted.with_for_update() if lock else wanted)).one_or_none()
    if row is None:
        raise NotFound("no such case, or you are not among its members", code="case_unknown")
    return row


async def open_row(conn: AsyncConnection, case_id: UUID, actor: Actor, now: datetime) -> AnyRow:
    """The row of a case that is open. Raises NotFound, and Conflict for one that is closed or expired."""
    row = await row_of(conn, case_id, actor)
    state = state_of(row, now)
    if state is CaseState.CLOSED:
        raise Conflict("the case is closed; open another", code="case_closed")
    if state is CaseState.EXPIRED:
        raise Conflict("the case has expired; whoever is responsible may prolong it", code="case_expired")
    return row


async def member_row(conn: AsyncConnection, case_id: UUID, actor: Actor, now: datetime) -> AnyRow:
    """The row of an open case the actor works on. Raises as `open_row`, and Denied for one he merely oversees."""
    row = await open_row(conn, case_id, actor, now)
    if not row.member:
        raise Denied("only members of a case look under it", code="case_not_member")
    return row


async def of_no(conn: AsyncConnection, number: int, actor: Actor, now: datetime) -> Case:
    """The case of a row's number, for one who may know of it."""
    rows = (await conn.execute(_select(actor).where(cases.c.no == number))).all()
    return (await of_rows(conn, list(rows), now))[0]


async def list_cases(store: Store, actor: Actor, *, open_only: bool = False) -> tuple[Case, ...]:
    """The cases one may know of, open ones first, then the newest: `MOST` at most."""
    now = store.clock()
    ended = sa.case((is_open(now), 0), else_=1)
    wanted = _select(actor).where(seen_by(actor)).order_by(ended, cases.c.no.desc()).limit(MOST)
    if open_only:
        wanted = wanted.where(is_open(now))
    async with store.read() as conn:
        return await of_rows(conn, list((await conn.execute(wanted)).all()), now)


async def get(store: Store, case_id: UUID, actor: Actor) -> Case:
    """One case. Raises NotFound for one the actor may not know of."""
    async with store.read() as conn:
        row = await row_of(conn, case_id, actor)
        return (await of_rows(conn, [row], store.clock()))[0]


async def first_point(conn: AsyncConnection, case_no: int) -> Position | None:
    """The point of the first of a case's places that has one."""
    wanted = (
        sa.select(places.c.lon, places.c.lat)
        .join(case_places, case_places.c.prefix == places.c.code)
        .where(case_places.c.case_no == case_no, places.c.lat.is_not(None), places.c.lon.is_not(None))
        .order_by(places.c.code)
        .limit(1)
    )
    row = (await conn.execute(wanted)).one_or_none()
    return None if row is None else (row.lon, row.lat)


async def people(store: Store, actor: Actor) -> tuple[Person, ...]:
    """Who may be made a member of a case, by name."""
    allow(actor.user, Permission.WORK_CASES)
    async with store.read() as conn:
        active = (await conn.execute(sa.select(user_rows).where(user_rows.c.active).order_by(user_rows.c.name))).all()
        found = await users.from_rows(conn, active, store)
    return tuple(
        Person(one.id, one.name, one.display_name, one.unit, one.active)
        for one in found
        if may(one, Permission.OPEN_CASE)
    )
