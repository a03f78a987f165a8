"""Who signs in, and what he must hold to look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from registry.model.row import Internal


class Role(StrEnum):
    """What a user is; `registry.permissions` says what each may do."""

    ADMIN = "admin"
    APPROVER = "approver"
    OFFICER = "officer"
    ASSISTANT = "assistant"
    TECHNICIAN = "technician"
    MONITOR = "monitor"
    AUDITOR = "auditor"


class Duty(StrEnum):
    """What a user must hold to look: training (培训), a signed pledge of confidentiality (保密承诺)."""

    TRAINING = "training"
    PLEDGE = "pledge"


@dataclass(frozen=True, slots=True)
class Held:
    """A duty of a user's role: until when he holds it.

    `at` is when he was trained or signed; None: nobody told, and `until` is then the end of an upgrade's grace, or None
    where there is none. `soon`: it ends within the policy's days of warning, or ended.
    """

    duty: Duty
    at: datetime | None
    until: datetime | None
    holds: bool
    soon: bool


@dataclass(frozen=True, slots=True)
class Carried:
    """What of its owner's a token carries: permissions by name, place-code prefixes; None: all of it."""

    permissions: frozenset[str] | None
    places: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who signs in.

    `grants` are the place-code prefixes (6, 9 or 12 digits) he was given, `units` the stations and teams; `through` are
    the codes of the villages that he sees through those. `station` and `team` are where he serves: that alone lets him
    see nothing. `duties` are what his role must hold, as it stands now; `two_factors`: a code is asked for at sign-in,
    `enrol`: he must set that up before he may do anything. `locked_until`: nobody signs in by his name before.
    `carried` is set while a token acts for him.
    """

    no: Internal
    id: UUID
    name: str
    display_name: str
    unit: str
    role: Role
    grants: tuple[str, ...]
    active: bool
    created_at: datetime
    units: tuple[UUID, ...] = ()
    through: Annotated[tuple[str, ...], Field(exclude=True)] = ()
    station: UUID | None = None
    team: UUID | None = None
    trained_at: datetime | None = None
    pledged_at: datetime | None = None
    duties: tuple[Held, ...] = ()
    two_factors: bool = False
    enrol: bool = False
    locked_until: datetime | None = None
    carried: Annotated[Carried | None, Field(exclude=True)] = None


@dataclass(frozen=True, slots=True)
class Person:
    """A user as colleagues see him; `active`: he may still sign in."""

    id: UUID
    name: str
    display_name: str
    unit: str
    active: bool
