"""Many stations and teams at once: what a list of them would change, told first; written as a whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, scope, units
from registry.errors import Conflict
from registry.grants import line_of
from registry.model import Actor, Level, Line, Unit, UnitKind
from registry.scope import Scope
from registry.store import Store
from registry.tables import places
from registry.units import NewUnit, UnitChange

MOST = 2000
_ORDER = tuple(UnitKind)
_TEAMS = _ORDER[1:]


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A row of a list: a unit, the name of the team above it, and its villages (None: the list has no such column)."""

    row: int
    kind: UnitKind
    name: str
    under: str
    villages: tuple[str, ...] | None


class UnitAction(StrEnum):
    """What becomes of a row."""

    ADD = "add"
    CHANGE = "change"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class UnitOutcome:
    """A good row: what becomes of it, and the villages that come to the unit and leave it."""

    row: int
    action: UnitAction
    kind: UnitKind
    name: str
    under: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BadUnit:
    """A row that cannot be taken: in which column, what it says, why not (`code` is stable)."""

    row: int
    column: str
    value: str
    code: str
    hint: str


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """What a list would change; `digest` tells it from any other, so that what was shown is what is done."""

    outcomes: tuple[UnitOutcome, ...]
    bad: tuple[BadUnit, ...]
    digest: str
    applied: bool = False


@dataclass(slots=True)
class _Judge:
    """One list against the units that stand."""

    standing: Sequence[Unit]
    villages: frozenset[str]
    seen: Scope
    bad: list[BadUnit] = field(default_factory=list)
    outcomes: list[UnitOutcome] = field(default_factory=list)
    olds: dict[int, Unit] = field(default_factory=dict)
    """By row, the unit it means."""
    _names: dict[tuple[UnitKind, str, str], int] = field(default_factory=dict)
    _taken: dict[tuple[Line, str], int] = field(default_factory=dict)

    def judge(self, rows: Sequence[UnitRow]) -> None:
        for one in sorted(rows, key=lambda row: (_ORDER.index(row.kind), row.row)):
            wrong = list(self._wrong(one, rows))
            self.bad += wrong
            if not wrong:
                self.outcomes.append(self._outcome(one))
        self.outcomes.sort(key=lambda one: one.row)

    def _wrong(self, one: UnitRow, rows: Sequence[UnitRow]) -> Iterator[BadUnit]:
        first = self._names.setdefault((one.kind, one.name, one.under), one.row)
        if first != one.row:
            yield BadUnit(one.row, "name", one.name, "repeated", f"row {first} is the same unit")
        if one.under and (found := self._above(one, rows)) != 1:
            code = "unit_level" if one.kind is UnitKind.STATION else "unit_unknown" if not found else "unit_ambiguous"
            yield BadUnit(one.row, "under", one.under, code, "name one team of a higher level; a station has none")
        old = self._old(one)
        held = frozenset(old.villages if old else ())
        for code in one.villages or ():
            taken = self._taken.setdefault((line_of(one.kind), code), one.row)
            if code not in self.villages:
                yield BadUnit(one.row, "villages", code, "village_unknown", "no village has this code; add it first")
            elif taken != one.row:
                yield BadUnit(one.row, "villages", code, "repeated", f"row {taken} has it already")
        moving = held ^ frozenset(one.villages if one.villages is not None else held)
        if hidden := sorted(code for code in moving & self.villages if not self.seen.covers(code)):
            yield BadUnit(one.row, "villages", hidden[0], "out_of_scope", "it is outside your villages")

    def _above(self, one: UnitRow, rows: Sequence[UnitRow]) -> int:
        """How many teams of a higher level bear the name `under`."""
        if one.kind is UnitKind.STATION:
            return 0
        higher = _TEAMS[: _TEAMS.index(one.kind)]
        there = {(unit.kind, unit.name, self._parent(unit)) for unit in self.standing if unit.kind in higher}
        there |= {(row.kind, row.name, row.under) for row in rows if row.kind in higher}
        return sum(name == one.under for _, name, _ in there)

    def _parent(self, unit: Unit) -> str:
        return next((one.name for one in self.standing if one.id == unit.parent_id), "")

    def _old(self, one: UnitRow) -> Unit | None:
        same = (unit for unit in self.standing if (unit.kind, unit.name) == (one.kind, one.name))
        return next((unit for unit in same if self._parent(unit) == one.under), None)

    def _outcome(self, one: UnitRow) -> UnitOutcome:
        old = self._old(one)
        held = frozenset(old.villages if old else ())
        wanted = frozenset(one.villages) if one.villages is not None else held
        if old is not None:
            self.olds[one.row] = old
        action = UnitAction.ADD if old is None else UnitAction.UNCHANGED if wanted == held else UnitAction.CHANGE
        moved = tuple(sorted(wanted - held)), tuple(sorted(held - wanted))
        return UnitOutcome(one.row, action, one.kind, one.name, one.under, *moved)


async def plan(store: Store, rows: Sequence[UnitRow], unread: Sequence[BadUnit], actor: Actor) -> UnitPlan:
    """What a list would change; `unread` are the rows that could not be read as such. Nothing is written."""
    async with store.read() as conn:
        judge = await _judged(conn, rows, unread, actor)
    return _told(judge)


async def apply(
    store: Store,
    rows: Sequence[UnitRow],
    unread: Sequence[BadUnit],
    actor: Actor,
    *,
    expected: str,
    detail: Mapping[str, Any],
) -> UnitPlan:
    """Write what `plan` told, in one transaction. Raises Conflict: rows are bad, or it would now be something else."""
    async with store.write() as conn:
        judge = await _judged(conn, rows, unread, actor)
        told = _told(judge)
        if told.bad:
            count = len({one.row for one in told.bad})
            raise Conflict(f"{count} rows are bad; correct them first", code="units_bad_rows", rows=count)
        if told.digest != expected:
            raise Conflict("stations and teams have changed since; look at the plan anew", code="units_stale")
        await _write(conn, store, rows, judge, actor)
        counts = {one.value: sum(row.action is one for row in told.outcomes) for one in UnitAction}
        await audit.append(
            conn, actor, "unit.import", now=store.clock(), detail=audit.describe(**detail, **counts), count=len(rows)
        )
    return UnitPlan(told.outcomes, (), told.digest, applied=True)


async def _judged(conn: AsyncConnection, rows: Sequence[UnitRow], unread: Sequence[BadUnit], actor: Actor) -> _Judge:
    codes = await conn.scalars(sa.select(places.c.code).where(places.c.level == Level.VILLAGE.value))
    judge = _Judge(await units.standing(conn), frozenset(codes), scope.of_actor(actor), bad=list(unread))
    judge.judge(rows)
    return judge


def _told(judge: _Judge) -> UnitPlan:
    bad = tuple(sorted(judge.bad, key=lambda one: (one.row, one.column, one.value)))
    outcomes = tuple(judge.outcomes)
    return UnitPlan(outcomes, bad, hashlib.sha256(repr((outcomes, bad)).encode()).hexdigest()[:32])


async def _write(conn: AsyncConnection, store: Store, rows: Sequence[UnitRow], judge: _Judge, actor: Actor) -> None:
    """Teams of a higher level first, since those below stand under them."""
    ids = {(unit.kind, unit.name): unit.id for unit in judge.standing}
    actions = {one.row: one.action for one in judge.outcomes}
    for row in sorted(rows, key=lambda one: (_ORDER.index(one.kind), one.row)):
        if actions[row.row] is UnitAction.ADD:
            higher = _ORDER[1 : _ORDER.index(row.kind)]
            above = next((ids[kind, row.under] for kind in higher if (kind, row.under) in ids), None)
            new = NewUnit(kind=row.kind, name=row.name, parent_id=above, villages=row.villages or ())
            made = await units.create_in(conn, store, new, actor)
            ids[row.kind, row.name] = made.id
        elif actions[row.row] is UnitAction.CHANGE:
            await units.change_in(conn, store, judge.olds[row.row].id, UnitChange(villages=row.villages), actor)
