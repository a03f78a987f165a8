"""Small cases: what is gone, where, and between which times."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, scope
from registry.columns import AnyRow
from registry.errors import Conflict, NotFound
from registry.inputs import Input, Line, Moment, Name, VillageCode
from registry.model import Actor, Case
from registry.places import village_no
from registry.scope import Scope, in_scope, of_actor
from registry.store import Store
from registry.tables import cases, places, purposes


class NewCase(Input):
    """A case to open; `number` is the force's own and unique."""

    number: Name
    title: Line
    village_code: VillageCode | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if not self.title:
            raise PydanticCustomError("title", "say in a few words what happened")
        if self.starts_at and self.ends_at and self.ends_at < self.starts_at:
            raise PydanticCustomError("interval", "ends_at must not lie before starts_at")
        return self


_SELECT = sa.select(cases, places.c.code.label("village_code")).outerjoin(places, places.c.no == cases.c.village_no)


def _case(row: AnyRow) -> Case:
    return Case(
        no=row.no,
        id=row.id,
        number=row.number,
        title=row.title,
        village_code=row.village_code,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        opened_by=row.opened_by,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
    )


def _seen(seen: Scope) -> sa.ColumnElement[bool]:
    """A case without a village is seen by all who sign in; one with a village by those whose scope holds it."""
    return sa.or_(cases.c.village_no.is_(None), in_scope(places.c.code, seen))


async def row_of(conn: AsyncConnection, case_id: UUID, seen: Scope) -> AnyRow:
    """A case's row. Raises NotFound outside the scope."""
    row = (await conn.execute(_SELECT.where(cases.c.id == case_id, _seen(seen)))).one_or_none()
    if row is None:
        raise NotFound("no such case", code="case_unknown")
    return row


async def create(store: Store, new: NewCase, actor: Actor) -> Case:
    """Open a case. Raises Conflict for a number in use, Invalid for an unknown village, Denied outside the scope."""
    async with store.write() as conn:
        return await create_in(conn, new, actor, store.clock())


async def create_in(conn: AsyncConnection, new: NewCase, actor: Actor, now: datetime) -> Case:
    """`create` in the caller's transaction."""
    if await conn.scalar(sa.select(cases.c.no).where(cases.c.number == new.number)):
        raise Conflict(f"a case {new.number} exists already", code="case_exists")
    identity, village = uuid7(), None
    if new.village_code is not None:
        village = await village_no(conn, new.village_code)
        scope.require(actor, new.village_code)
    await conn.execute(
        sa.insert(cases).values(
            id=identity,
            village_no=village,
            opened_by=actor.user.name,
            opened_at=now,
            **new.model_dump(exclude={"village_code"}),
        )
    )
    detail = audit.describe(case=new.number, title=new.title, village=new.village_code)
    await audit.append(conn, actor, "case.create", now=now, detail=detail)
    return _case(await row_of(conn, identity, scope.EVERYTHING))


async def open_no(conn: AsyncConnection, case_id: UUID, seen: Scope) -> int:
    """The row number of a case that is open. Raises NotFound outside the scope, Conflict for a closed one."""
    row = await row_of(conn, case_id, seen)
    if row.closed_at is not None:
        raise Conflict("the case is closed; open another", code="case_closed")
    return int(row.no)


async def list_cases(store: Store, seen: Scope, *, open_only: bool = False) -> tuple[Case, ...]:
    """Cases in the scope, newest first."""
    wanted = _SELECT.where(_seen(seen)).order_by(cases.c.no.desc())
    if open_only:
        wanted = wanted.where(cases.c.closed_at.is_(None))
    async with store.read() as conn:
        return tuple(_case(row) for row in await conn.execute(wanted))


async def get(store: Store, case_id: UUID, seen: Scope) -> Case:
    """One case. Raises NotFound outside the scope."""
    async with store.read() as conn:
        return _case(await row_of(conn, case_id, seen))


async def close(store: Store, case_id: UUID, actor: Actor) -> Case:
    """Close a case and every purpose that hangs on it; doing it twice changes nothing. Raises NotFound."""
    now = store.clock()
    async with store.write() as conn:
        row = await row_of(conn, case_id, of_actor(actor))
        if row.closed_at is None:
            await conn.execute(sa.update(cases).where(cases.c.no == row.no).values(closed_at=now))
            hanging = sa.update(purposes).where(purposes.c.case_no == row.no, purposes.c.closed_at.is_(None))
            await conn.execute(hanging.values(closed_at=now))
            detail = audit.describe(case=row.number)
            await audit.append(conn, actor, "case.close", now=now, detail=detail)
        return _case(await row_of(conn, case_id, scope.EVERYTHING))
