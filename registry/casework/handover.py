"""A case goes from one officer to another, with a note of what the next one must know; that stays with the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, cases
from registry.cases import Case
from registry.cases.opening import responsible_of
from registry.columns import AnyRow
from registry.errors import Conflict, Denied
from registry.inputs import Input, Line, invalid
from registry.model import Actor, Person
from registry.store import Store
from registry.tables import case_handovers, case_members, users
from registry.tables import cases as case_rows


class NewHandover(Input):
    """To whom, and what he must know."""

    to_id: UUID
    note: Annotated[Line, Field(min_length=1)]
    expected_revision: Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True)
class Handover:
    """Who handed the case to whom, when, with which note; `before` is null where nobody was responsible."""

    before: Person | None
    after: Person
    note: str
    handed_by: str
    handed_at: datetime


async def hand_over(store: Store, case_id: UUID, new: NewHandover, actor: Actor) -> Case:
    """Make another officer responsible. Whoever was stays a member: what he found is still his to explain.

    Raises NotFound, Denied (case_others), Conflict (case_closed, case_stale), Invalid for whoever may not be
    responsible or is already.
    """
    now = store.clock()
    async with store.write() as conn:
        row = await cases.row_of(conn, case_id, actor, lock=True)
        if not row.editable:
            raise Denied("whoever is responsible for the case hands it over", code="case_others")
        if row.closed_at is not None:
            raise Conflict("the case is closed; open another", code="case_closed")
        if row.revision != new.expected_revision:
            raise Conflict("somebody changed the case meanwhile; read it again", code="case_stale")
        after = await responsible_of(conn, store, new.to_id, field="to_id")
        if after.no == row.responsible_no:
            raise invalid("to_id", "same", "he is responsible already")
        changed = {"responsible_no": after.no, "revision": row.revision + 1}
        await conn.execute(sa.update(case_rows).where(case_rows.c.no == row.no).values(changed))
        mine = (case_members.c.case_no == row.no, case_members.c.user_no == after.no)
        if await conn.scalar(sa.select(case_members.c.user_no).where(*mine)) is None:
            await conn.execute(sa.insert(case_members).values(case_no=row.no, user_no=after.no))
        by = {"note": new.note, "handed_by": actor.user.name, "handed_at": now}
        kept = sa.insert(case_handovers).values(case_no=row.no, from_no=row.responsible_no, to_no=after.no, **by)
        await conn.execute(kept)
        detail = audit.describe(case=row.number, to=after.name, note=new.note)
        await audit.append(conn, actor, "case.handover", now=now, detail=detail)
        return await cases.of_no(conn, row.no, actor, now)


async def list_handovers(store: Store, case_id: UUID, actor: Actor) -> tuple[Handover, ...]:
    """The handovers of a case, in order. Raises NotFound for a case the actor may not know of."""
    async with store.read() as conn:
        return await _read(conn, (await cases.row_of(conn, case_id, actor)).no)


async def _read(conn: AsyncConnection, case_no: int) -> tuple[Handover, ...]:
    one, other = users.alias(), users.alias()
    wanted = (
        sa.select(case_handovers, *_person(one, "before"), *_person(other, "after"))
        .outerjoin(one, one.c.no == case_handovers.c.from_no)
        .join(other, other.c.no == case_handovers.c.to_no)
        .where(case_handovers.c.case_no == case_no)
        .order_by(case_handovers.c.no)
    )
    return tuple(
        Handover(
            before=None if row.before_id is None else _of(row, "before"),
            after=_of(row, "after"),
            note=row.note,
            handed_by=row.handed_by,
            handed_at=row.handed_at,
        )
        for row in await conn.execute(wanted)
    )


_FIELDS = ("id", "name", "display_name", "unit", "active")


def _person(table: sa.FromClause, prefix: str) -> list[sa.Label[object]]:
    return [table.c[name].label(f"{prefix}_{name}") for name in _FIELDS]


def _of(row: AnyRow, prefix: str) -> Person:
    return Person(*(getattr(row, f"{prefix}_{name}") for name in _FIELDS))
