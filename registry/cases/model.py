"""A case as its readers get it, its row, and who sees and who changes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.columns import AnyRow
from registry.inputs import PlaceCode
from registry.model import Actor, Internal, Person
from registry.permissions import Permission, may
from registry.scope import Scope, in_scope, of_actor
from registry.tables import case_members, case_places, cases, users

MOST_PLACES = 20
MOST_MEMBERS = 50
Places = Annotated[tuple[PlaceCode, ...], Field(max_length=MOST_PLACES)]
Members = Annotated[frozenset[UUID], Field(max_length=MOST_MEMBERS)]


class Offence(StrEnum):
    """What is reported; the small offences of villages first. `other` is told in words."""

    LIVESTOCK = "livestock"
    VEHICLE = "vehicle"
    CROPS = "crops"
    BURGLARY = "burglary"
    THEFT = "theft"
    DAMAGE = "damage"
    TRAFFIC = "traffic"
    VIOLENCE = "violence"
    FRAUD = "fraud"
    FIRE = "fire"
    MISSING = "missing"
    OTHER = "other"


class CaseState(StrEnum):
    """Where a case stands; an expired one is as closed."""

    OPEN = "open"
    EXPIRED = "expired"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Case:
    """What happened, where (`places` are prefixes) and between which times, and who works on it.

    Without places or times, which only cases from before these were asked for lack, it has no limit of its own there.
    `member`: the reader looks under it; `editable`: he may change and close it.
    """

    no: Internal
    id: UUID
    revision: int
    number: str
    title: str
    offence: Offence
    offence_text: str
    places: tuple[str, ...]
    starts_at: datetime | None
    ends_at: datetime | None
    responsible: Person | None
    members: tuple[Person, ...]
    opened_by: str
    opened_at: datetime
    expires_at: datetime
    closed_at: datetime | None
    state: CaseState
    member: bool
    editable: bool


def state_of(row: AnyRow, now: datetime) -> CaseState:
    """The state of a case's row now."""
    if row.closed_at is not None:
        return CaseState.CLOSED
    return CaseState.EXPIRED if now >= row.expires_at else CaseState.OPEN


def is_open(now: datetime) -> sa.ColumnElement[bool]:
    """SQL: one may look under the case."""
    return sa.and_(cases.c.closed_at.is_(None), cases.c.expires_at > now)


def is_member(actor: Actor) -> sa.ColumnElement[bool]:
    """SQL: the actor works on the case."""
    return sa.exists().where(case_members.c.case_no == cases.c.no, case_members.c.user_no == actor.user.no)


def _overseen(seen: Scope) -> sa.ColumnElement[bool]:
    """SQL: every place of the case lies in the scope, and it has one unless the scope is everything."""
    here = case_places.c.case_no == cases.c.no
    some = sa.true() if seen.everything else sa.exists().where(here)
    return sa.and_(some, ~sa.exists().where(here, ~in_scope(case_places.c.prefix, seen)))


def editable_by(actor: Actor) -> sa.ColumnElement[bool]:
    """SQL: the actor is responsible for the case, or may approve what is asked in all of its places."""
    oversees = _overseen(of_actor(actor)) if may(actor.user, Permission.APPROVE) else sa.false()
    return sa.and_(
        sa.literal(may(actor.user, Permission.MANAGE_CASES)),
        sa.or_(cases.c.responsible_no == actor.user.no, oversees),
    )


def seen_by(actor: Actor) -> sa.ColumnElement[bool]:
    """SQL: the actor may know of the case: who works on it, and who may change it."""
    return sa.or_(is_member(actor), editable_by(actor))


async def of_rows(conn: AsyncConnection, rows: list[AnyRow], now: datetime) -> tuple[Case, ...]:
    """Rows of cases with `member` and `editable`, as cases."""
    numbers = [row.no for row in rows]
    where: dict[int, list[str]] = {}
    placed = sa.select(case_places).where(case_places.c.case_no.in_(numbers)).order_by(case_places.c.prefix)
    for one in await conn.execute(placed):
        where.setdefault(one.case_no, []).append(one.prefix)
    who: dict[int, dict[int, Person]] = {}
    working = (
        sa.select(case_members.c.case_no, users)
        .join(users, users.c.no == case_members.c.user_no)
        .where(case_members.c.case_no.in_(numbers))
        .order_by(users.c.name)
    )
    for one in await conn.execute(working):
        who.setdefault(one.case_no, {})[one.no] = Person(one.id, one.name, one.display_name, one.unit, one.active)
    return tuple(
        Case(
            no=row.no,
            id=row.id,
            revision=row.revision,
            number=row.number,
            title=row.title,
            offence=Offence(row.offence),
            offence_text=row.offence_text,
            places=tuple(where.get(row.no, ())),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            responsible=who.get(row.no, {}).get(row.responsible_no),
            members=tuple(who.get(row.no, {}).values()),
            opened_by=row.opened_by,
            opened_at=row.opened_at,
            expires_at=row.expires_at,
            closed_at=row.closed_at,
            state=state_of(row, now),
            member=bool(row.member),
            editable=bool(row.editable),
        )
        for row in rows
    )
