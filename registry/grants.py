"""What users were given to see, and where they serve: one query when users are read, whoever asks what of them.

A unit stands for its villages and those of the units below it, as they are at that moment: a village that joins a
squadron later is seen at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import scope
from registry.columns import Id, Number
from registry.inputs import invalid
from registry.model import Actor, Line, UnitKind
from registry.tables import places, unit_grants, unit_members, unit_villages, units, user_grants


@dataclass(frozen=True, slots=True)
class Given:
    """Of one user: the prefixes and units he was given, the villages he sees through those, the units he serves in."""

    prefixes: set[str] = field(default_factory=set)
    units: set[UUID] = field(default_factory=set)
    villages: set[str] = field(default_factory=set)
    serves: dict[Line, tuple[UUID, str]] = field(default_factory=dict)


_NUMBERS = sa.bindparam("numbers", expanding=True, type_=Number)
_NO_ID = sa.cast(sa.null(), Id)
_NO_TEXT = sa.cast(sa.null(), sa.String)


def _rows(what: str, user: sa.ColumnElement[Any], text: sa.ColumnElement[Any], identity: sa.ColumnElement[Any]) -> Any:
    return sa.select(
        user.label("user_no"), sa.literal_column(f"'{what}'").label("what"), text.label("text"), identity.label("id")
    )


def _given() -> sa.CompoundSelect[Any]:
    start = sa.select(unit_grants.c.user_no, unit_grants.c.unit_no).where(unit_grants.c.user_no.in_(_NUMBERS))
    found = start.cte("found", recursive=True)
    found = found.union(sa.select(found.c.user_no, units.c.no).join(units, units.c.parent_no == found.c.unit_no))
    return sa.union_all(
        _rows("prefix", user_grants.c.user_no, user_grants.c.prefix, _NO_ID).where(user_grants.c.user_no.in_(_NUMBERS)),
        _rows("unit", unit_grants.c.user_no, _NO_TEXT, units.c.id)
        .join(units, units.c.no == unit_grants.c.unit_no)
        .where(unit_grants.c.user_no.in_(_NUMBERS)),
        _rows("village", found.c.user_no, places.c.code, _NO_ID)
        .join(unit_villages, unit_villages.c.unit_no == found.c.unit_no)
        .join(places, places.c.no == unit_villages.c.village_no),
        *(
            _rows(line, unit_members.c.user_no, units.c.name, units.c.id)
            .join(units, units.c.no == unit_members.c.unit_no)
            .where(unit_members.c.user_no.in_(_NUMBERS), unit_members.c.line == line.value)
            for line in Line
        ),
    )


_GIVEN = _given()


async def of(conn: AsyncConnection, numbers: Sequence[int]) -> dict[int, Given]:
    """By the users' numbers, what they were given: all of it in one query."""
    found = {number: Given() for number in numbers}
    for row in await conn.execute(_GIVEN, {"numbers": list(numbers)}):
        one = found[row.user_no]
        if row.what == "prefix":
            one.prefixes.add(row.text)
        elif row.what == "unit":
            one.units.add(row.id)
        elif row.what == "village":
            one.villages.add(row.text)
        else:
            one.serves[Line(row.what)] = row.id, row.text
    return found


async def put(
    conn: AsyncConnection, user_no: int, prefixes: Sequence[str], granted: Sequence[UUID] | None, actor: Actor
) -> None:
    """Give a user these places and (unless None) units, in place of those before, in the caller's transaction.

    Raises Invalid for a unit that is not there, Denied for what lies beyond the actor's own scope. What is added to a
    unit later, somebody adds who sees it.
    """
    for prefix in prefixes:
        scope.require(actor, prefix)
    await conn.execute(sa.delete(user_grants).where(user_grants.c.user_no == user_no))
    if prefixes:
        rows = [{"user_no": user_no, "prefix": prefix} for prefix in sorted(set(prefixes))]
        await conn.execute(sa.insert(user_grants), rows)
    if granted is None:
        return
    numbers = await numbers_of(conn, granted)
    for code in await _villages(conn, numbers):
        scope.require(actor, code)
    await conn.execute(sa.delete(unit_grants).where(unit_grants.c.user_no == user_no))
    if numbers:
        rows = [{"user_no": user_no, "unit_no": number} for number in sorted(set(numbers))]
        await conn.execute(sa.insert(unit_grants), rows)


async def serve(conn: AsyncConnection, user_no: int, line: Line, unit_id: UUID | None) -> None:
    """Put a user into a unit of one line, or into none. Raises Invalid for one that is not there, or of the other."""
    await conn.execute(
        sa.delete(unit_members).where(unit_members.c.user_no == user_no, unit_members.c.line == line.value)
    )
    if unit_id is None:
        return
    row = (await conn.execute(sa.select(units.c.no, units.c.kind).where(units.c.id == unit_id))).one_or_none()
    if row is None or line_of(UnitKind(row.kind)) is not line:
        raise invalid(line.value, "unit_unknown", f"no such {line}")
    await conn.execute(sa.insert(unit_members).values(user_no=user_no, line=line.value, unit_no=row.no))


def line_of(kind: UnitKind) -> Line:
    """Which of the two hierarchies units of a kind belong to."""
    return Line.STATION if kind is UnitKind.STATION else Line.TEAM


async def numbers_of(conn: AsyncConnection, identities: Sequence[UUID]) -> list[int]:
    """The row numbers of units. Raises Invalid for one that is not there."""
    rows = await conn.execute(sa.select(units.c.id, units.c.no).where(units.c.id.in_(identities)))
    known = {row.id: int(row.no) for row in rows}
    for at, one in enumerate(identities):
        if one not in known:
            raise invalid(f"units.{at}", "unit_unknown", "no such station or team")
    return [known[one] for one in identities]


async def _villages(conn: AsyncConnection, numbers: Sequence[int]) -> Sequence[str]:
    """The villages of these units and of those below them."""
    found = sa.select(units.c.no).where(units.c.no.in_(numbers)).cte("found", recursive=True)
    found = found.union(sa.select(units.c.no).join(found, units.c.parent_no == found.c.no))
    wanted = (
        sa.select(places.c.code)
        .join(unit_villages, unit_villages.c.village_no == places.c.no)
        .where(unit_villages.c.unit_no.in_(sa.select(found.c.no)))
    )
    return (await conn.scalars(wanted)).all()
