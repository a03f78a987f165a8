"""Which villages a user may see: a union of place-code prefixes (county 6, township 9, village 12 digits).

Stations and teams are codes of villages here: `registry.grants` looks them up when a user is read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from registry.errors import Denied
from registry.model import Actor, User

VILLAGE_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Scope:
    """A union of prefixes; `everything` is the command line's own scope and is never made of grants."""

    prefixes: tuple[str, ...]
    everything: bool = False

    def covers(self, code: str) -> bool:
        """Whether the place `code` lies in the scope."""
        return self.everything or code.startswith(self.prefixes)

    def narrowed(self, wanted: Iterable[str]) -> Scope:
        """The part of this scope that lies under the prefixes `wanted`."""
        asked = tuple(wanted)
        if self.everything:
            return Scope(asked)
        inner = {one for one in asked if one.startswith(self.prefixes)}
        inner |= {mine for mine in self.prefixes if mine.startswith(asked)}
        return Scope(tuple(sorted(inner)))


EVERYTHING = Scope((), everything=True)
"""The command line's scope: whoever can run it can read the database file as well."""


def of(user: User) -> Scope:
    """The scope of a user: his grants, and nothing without them; less where a token carries less."""
    return carried(user, Scope((*user.grants, *(code for code in user.through if not code.startswith(user.grants)))))


def carried(user: User, whole: Scope) -> Scope:
    """What of a scope the token carries by which the user acts; all of it without one."""
    if user.carried is None or user.carried.places is None:
        return whole
    return whole.narrowed(user.carried.places)


def of_actor(actor: Actor) -> Scope:
    """The scope of whoever acts; the command line (user `no` 0) sees everything."""
    return EVERYTHING if actor.user.no == 0 else of(actor.user)


def under(column: sa.ColumnElement[str], prefix: str) -> sa.ColumnElement[bool]:
    """SQL: the place code in `column` starts with `prefix`; a range, so that an index serves it."""
    return column.between(prefix, prefix.ljust(12, "9"))


def in_scope(column: sa.ColumnElement[str], scope: Scope) -> sa.ColumnElement[bool]:
    """SQL: the place code in `column` lies in `scope`."""
    if scope.everything:
        return sa.true()
    villages = [prefix for prefix in scope.prefixes if len(prefix) == VILLAGE_DIGITS]
    either = [under(column, prefix) for prefix in scope.prefixes if len(prefix) < VILLAGE_DIGITS]
    if villages:  # one list, however many: a squadron has hundreds
        either.append(column.in_(villages))
    return sa.or_(sa.false(), *either)


def require(actor: Actor, code: str) -> None:
    """Raise Denied unless the actor's scope covers the place `code`."""
    if not of_actor(actor).covers(code):
        raise Denied(f"place {code} is outside your grants; ask an administrator", code="out_of_scope", place=code)
