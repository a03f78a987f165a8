"""To change and to close a case: what is looked up under it follows at its next check."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit
from registry.cases.holding import Origin, prolong
from registry.cases.model import Case, CaseState, Members, Offence, Places, state_of
from registry.cases.opening import (
    check_life,
    check_places,
    check_window,
    free_number,
    member_numbers,
    put_members,
    put_places,
    responsible_of,
    told,
)
from registry.cases.reading import of_no, row_of
from registry.columns import AnyRow
from registry.errors import Conflict, Denied
from registry.inputs import Input, Line, Moment, Name, invalid
from registry.model import Actor
from registry.store import Store
from registry.tables import cases, purposes


class CaseChange(Input):
    """What to change of a case; what is not given stays."""

    expected_revision: Annotated[int, Field(ge=1)]
    number: Name | None = None
    title: Line | None = None
    offence: Offence | None = None
    offence_text: Line | None = None
    places: Places | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    responsible_id: UUID | None = None
    member_ids: Members | None = None
    expires_at: Moment | None = None


async def change(store: Store, case_id: UUID, wanted: CaseChange, actor: Actor) -> Case:
    """Change a case; an expired one is prolonged so, and what its report and bookmarks hold is with it.

    Raises NotFound, Denied (case_others) unless the actor is responsible or oversees it, Conflict (case_stale,
    case_closed, case_exists), and as `create`.
    """
    async with store.write() as conn:
        return await change_in(conn, store, case_id, wanted, actor)


async def change_in(conn: AsyncConnection, store: Store, case_id: UUID, wanted: CaseChange, actor: Actor) -> Case:
    """`change` in the caller's transaction."""
    now, law = store.clock(), store.policy.cases
    given = wanted.model_dump(exclude_unset=True, exclude={"expected_revision"})
    for name, value in given.items():
        if value is None or (value == "" and name == "title"):
            raise invalid(name, "missing", "cannot be empty")
    row = await _editable(conn, case_id, actor)
    if row.closed_at is not None:
        raise Conflict("the case is closed; open another", code="case_closed")
    if row.revision != wanted.expected_revision:
        raise Conflict("somebody changed the case meanwhile; read it again", code="case_stale")
    before = await of_no(conn, row.no, actor, now)
    if wanted.number is not None and wanted.number != row.number:
        await free_number(conn, wanted.number)
    kept = ("number", "title", "offence", "offence_text", "starts_at", "ends_at", "expires_at")
    values: dict[str, object] = {name: given[name] for name in kept if name in given}
    if {"starts_at", "ends_at"} & given.keys():
        check_window(law, given.get("starts_at", row.starts_at), given.get("ends_at", row.ends_at))
    if wanted.expires_at is not None:
        check_life(law, wanted.expires_at, now)
    if wanted.places is not None:
        await check_places(conn, law, wanted.places, actor, before.places)
        await put_places(conn, row.no, wanted.places)
    values["responsible_no"] = await _put_people(conn, store, before, wanted, row.responsible_no)
    await conn.execute(sa.update(cases).where(cases.c.no == row.no).values(revision=row.revision + 1, **values))
    after = await of_no(conn, row.no, actor, now)
    was, is_now = told(before), told(after)
    detail = audit.describe(
        case=after.number,
        changed={name: [was[name], value] for name, value in is_now.items() if value != was[name]},
    )
    await audit.append(conn, actor, "case.change", now=now, span=(after.starts_at, after.ends_at), detail=detail)
    own = {Origin.REPORT, Origin.BOOKMARK}
    await prolong(conn, row.no, after.number, after.expires_at, of=own, actor=actor, now=now)
    return after


async def _put_people(
    conn: AsyncConnection, store: Store, before: Case, wanted: CaseChange, responsible: int | None
) -> int | None:
    """Keep who works on the case, as far as that is told; who is responsible is always among them."""
    if wanted.responsible_id is not None:
        responsible = (await responsible_of(conn, store, wanted.responsible_id)).no
    if wanted.responsible_id is None and wanted.member_ids is None:
        return responsible
    known = {one.id for one in before.members if one.active}
    members = await member_numbers(conn, store, known if wanted.member_ids is None else wanted.member_ids, known)
    members |= {responsible} if responsible is not None else set()
    await put_members(conn, before.no, members)
    # Whoever is no member any more looks no more, at once.
    gone = sa.update(purposes).where(purposes.c.case_no == before.no, purposes.c.user_no.not_in(members))
    await conn.execute(gone.where(purposes.c.closed_at.is_(None)).values(closed_at=store.clock()))
    return responsible


async def close(store: Store, case_id: UUID, actor: Actor) -> Case:
    """Close a case and every purpose that hangs on it; doing it twice changes nothing.

    Raises NotFound, Denied (case_others).
    """
    now = store.clock()
    async with store.write() as conn:
        row = await _editable(conn, case_id, actor)
        if state_of(row, now) is not CaseState.CLOSED:
            closed = {"closed_at": now, "revision": row.revision + 1}
            await conn.execute(sa.update(cases).where(cases.c.no == row.no).values(closed))
            hanging = sa.update(purposes).where(purposes.c.case_no == row.no, purposes.c.closed_at.is_(None))
            await conn.execute(hanging.values(closed_at=now))
            await audit.append(conn, actor, "case.close", now=now, detail=audit.describe(case=row.number))
        return await of_no(conn, row.no, actor, now)


async def _editable(conn: AsyncConnection, case_id: UUID, actor: Actor) -> AnyRow:
    row = await row_of(conn, case_id, actor, lock=True)
    if not row.editable:
        raise Denied("whoever is responsible for the case changes it", code="case_others")
    return row
