"""To open a case, and what is checked of its places, times and people."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, scope, users
from registry.cases.model import Case, Members, Offence, Places
from registry.cases.reading import of_no
from registry.errors import Conflict
from registry.inputs import Input, Line, Moment, Name, invalid
from registry.model import Actor, User
from registry.permissions import Permission, may
from registry.policy import CasePolicy
from registry.store import Store
from registry.tables import case_members, case_places, cases, places
from registry.tables import users as user_rows


class NewCase(Input):
    """A case to open; `number` is the force's own and unique. Whoever opens it is responsible where nobody is named."""

    number: Name
    title: Line
    offence: Offence = Offence.OTHER
    offence_text: Line = ""
    places: Places = ()
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    responsible_id: UUID | None = None
    member_ids: Members = frozenset()
    expires_at: Moment | None = None
    """Not told: as far ahead as the policy lets a case last."""

    @model_validator(mode="after")
    def _has_a_title(self) -> Self:
        if not self.title:
            raise PydanticCustomError("title", "say in a few words what happened")
        return self


async def create(store: Store, new: NewCase, actor: Actor) -> Case:
    """Open a case.

    Raises Conflict for a number in use, Invalid for what the policy asks and is not told and for places and people that
    are not there, Denied for places outside the actor's scope.
    """
    async with store.write() as conn:
        return await create_in(conn, store, new, actor)


async def create_in(conn: AsyncConnection, store: Store, new: NewCase, actor: Actor) -> Case:
    """`create` in the caller's transaction."""
    now, law = store.clock(), store.policy.cases
    await free_number(conn, new.number)
    check_window(law, new.starts_at, new.ends_at)
    check_life(law, new.expires_at, now)
    await check_places(conn, law, new.places, actor)
    responsible = await responsible_of(conn, store, new.responsible_id or (actor.user.id if actor.user.no else None))
    members = {responsible.no, *await member_numbers(conn, store, new.member_ids)}
    kept = new.model_dump(include={"number", "title", "offence_text", "starts_at", "ends_at"})
    number = await conn.scalar(
        sa.insert(cases)
        .values(
            id=uuid7(),
            offence=new.offence.value,
            responsible_no=responsible.no,
            opened_by=actor.user.name,
            opened_at=now,
            expires_at=new.expires_at or now + timedelta(days=law.expires_days),
            **kept,
        )
        .returning(cases.c.no)
    )
    await put_places(conn, number, new.places)
    await put_members(conn, number, members)
    made = await of_no(conn, number, actor, now)
    await audit.append(
        conn, actor, "case.create", now=now, span=(made.starts_at, made.ends_at), detail=audit.describe(**told(made))
    )
    return made


async def free_number(conn: AsyncConnection, number: str) -> None:
    """Raise Conflict for a number that another case has."""
    if await conn.scalar(sa.select(cases.c.no).where(cases.c.number == number)):
        raise Conflict(f"a case {number} exists already", code="case_exists")


def told(case: Case) -> dict[str, object]:
    """What the register says of a case when it is made or changed."""
    return {
        "case": case.number,
        "title": case.title,
        "offence": case.offence.value,
        "places": case.places,
        "responsible": case.responsible.name if case.responsible else "",
        "members": [one.name for one in case.members],
        "expires": case.expires_at.isoformat(),
    }


def check_window(law: CasePolicy, starts_at: datetime | None, ends_at: datetime | None) -> None:
    """Raise Invalid for a window that the policy asks and is not there, that runs backwards, or is too long."""
    for path, value in (("starts_at", starts_at), ("ends_at", ends_at)):
        if value is None and (law.needs_window or starts_at or ends_at):
            raise invalid(path, "missing", "say between which times it happened")
    if starts_at is None or ends_at is None:
        return
    if ends_at <= starts_at:
        raise invalid("ends_at", "interval", "must lie after starts_at")
    if ends_at - starts_at > timedelta(days=law.longest_days):
        raise invalid("ends_at", "too_long", f"a case spans at most {law.longest_days} days; open another for the rest")


def check_life(law: CasePolicy, expires_at: datetime | None, now: datetime) -> None:
    """Raise Invalid for an expiry that is past, or further ahead than the policy lets a case last."""
    if expires_at is not None and not now < expires_at <= now + timedelta(days=law.expires_days):
        raise invalid("expires_at", "interval", f"must lie ahead, by at most {law.expires_days} days")


async def check_places(
    conn: AsyncConnection, law: CasePolicy, wanted: Sequence[str], actor: Actor, known: Collection[str] = ()
) -> None:
    """Raise Invalid for no place or an unknown one, Denied for one outside the scope that was not there before."""
    if not wanted and law.needs_place:
        raise invalid("places", "missing", "say where it happened")
    there = set(await conn.scalars(sa.select(places.c.code).where(places.c.code.in_(wanted))))
    for at, code in enumerate(wanted):
        if code not in there:
            raise invalid(f"places.{at}", "place_unknown", f"no place has the code {code}")
        if code not in known:
            scope.require(actor, code)


async def _people(conn: AsyncConnection, store: Store, ids: Collection[UUID]) -> dict[UUID, User]:
    rows = (await conn.execute(sa.select(user_rows).where(user_rows.c.id.in_(ids), user_rows.c.active))).all()
    return {one.id: one for one in await users.from_rows(conn, rows, store)}


async def responsible_of(
    conn: AsyncConnection, store: Store, user_id: UUID | None, *, field: str = "responsible_id"
) -> User:
    """Who is to be responsible. Raises Invalid unless it is somebody who signs in and may manage cases."""
    found = None if user_id is None else (await _people(conn, store, [user_id])).get(user_id)
    if found is None or not may(found, Permission.MANAGE_CASES):
        raise invalid(field, "not_an_officer", "name the officer who is responsible")
    return found


async def member_numbers(
    conn: AsyncConnection, store: Store, ids: Collection[UUID], known: Collection[UUID] = ()
) -> set[int]:
    """Row numbers of members. Raises Invalid for somebody who may not sign in, or, unless known, not look at a case."""
    found = await _people(conn, store, ids)
    for one in ids:
        if one not in found or (one not in known and not may(found[one], Permission.OPEN_CASE)):
            raise invalid("member_ids", "user_unknown", f"nobody of the id {one} may look under a case")
    return {one.no for one in found.values()}


async def put_places(conn: AsyncConnection, case_no: int, prefixes: Collection[str]) -> None:
    """Keep a case's places in place of those it had."""
    await conn.execute(sa.delete(case_places).where(case_places.c.case_no == case_no))
    if prefixes:
        rows = [{"case_no": case_no, "prefix": prefix} for prefix in sorted(set(prefixes))]
        await conn.execute(sa.insert(case_places), rows)


async def put_members(conn: AsyncConnection, case_no: int, numbers: Collection[int]) -> None:
    """Keep a case's members in place of those it had."""
    await conn.execute(sa.delete(case_members).where(case_members.c.case_no == case_no))
    await conn.execute(sa.insert(case_members), [{"case_no": case_no, "user_no": one} for one in sorted(numbers)])
