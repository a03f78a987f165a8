"""The rules: what a camera's placement lacks, whether it may be pulled, and how its filing stands.

A camera is pulled only while nothing that the policy demands of its kind is missing. Nobody switches it on: it starts
within seconds of the last answer, and stops within seconds when something is taken back. One that was registered
before these rules runs on for the policy's days of grace. A camera that looks where nobody may be watched stays off for
ever, grace or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from registry.columns import AnyRow
from registry.model import Internal, Kind
from registry.policy import Basis, Demand, PlacementPolicy


class Lack(StrEnum):
    """What stands in the way of pulling a camera."""

    FORBIDDEN = "forbidden"
    """It looks into a place where nobody may be watched (Decree 799 art. 8)."""
    CHECKLIST = "checklist"
    BASIS = "basis"
    PURPOSE = "purpose"
    AGREEMENT = "agreement"
    """It stands near a sensitive unit, and no agreement of that unit is named."""
    SIGN = "sign"
    FILING = "filing"


class FilingState(StrEnum):
    """How a camera's filing with the police authority stands (Decree 799 art. 14)."""

    NOT_NEEDED = "not_needed"
    NOT_YET = "not_yet"
    """Its days begin when it is first used."""
    DUE = "due"
    FILED = "filed"
    REFILE = "refile"
    """It was filed, and moved or turned since."""


@dataclass(frozen=True, slots=True)
class Placement:
    """What is known of a camera's place, and what follows. `answers` say of a forbidden place whether it looks there.

    `lacks` is what is missing by the policy; `grace_until` is until when the camera is pulled all the same. `filed_on`
    is the day of the filing, `due_at` until when it must be filed (again), None where it need not be or is.
    `forbidden` are the places the policy asks about, `bases` those a camera of its kind may stand on.
    """

    camera_no: Internal
    camera_id: UUID
    revision: int
    basis: Basis | None
    purpose: str
    answers: Mapping[str, bool]
    answered_at: datetime | None
    answered_by: str
    near_sensitive: bool
    agreement: str
    near_minors: bool
    filing_no: str
    filed_on: date | None
    filing: FilingState
    due_at: datetime | None
    overdue: bool
    sign_text: str
    has_sign: bool
    sign_at: datetime | None
    sign_by: str
    active_since: datetime | None
    grace_until: datetime | None
    lacks: tuple[Lack, ...]
    forbidden: tuple[str, ...]
    bases: tuple[Basis, ...]


class Placed(Protocol):
    """Of a row of `placements`, what says whether a camera may be pulled."""

    basis: str
    purpose: str
    answers: Mapping[str, bool]
    near_sensitive: bool
    agreement: str
    filing_no: str
    sign: str | None
    grace_from: datetime | None


RULED = ("basis", "purpose", "answers", "near_sensitive", "agreement", "filing_no", "sign", "grace_from")
"""The columns that say so."""


def lacking(law: PlacementPolicy, kind: Kind, row: Placed) -> tuple[Lack, ...]:
    """What a camera of a kind lacks before it may be pulled; nothing, when it may."""
    there = {
        Demand.CHECKLIST: all(place in row.answers for place in law.forbidden),
        Demand.BASIS: bool(row.basis),
        Demand.PURPOSE: bool(row.purpose),
        Demand.SIGN: row.sign is not None,
        Demand.FILING: bool(row.filing_no),
    }
    found = [Lack(demand.value) for demand in law.demands.of(kind) if not there[demand]]
    if row.near_sensitive and not row.agreement:
        found.append(Lack.AGREEMENT)
    if any(row.answers.values()):
        found.append(Lack.FORBIDDEN)
    return tuple(sorted(found, key=list(Lack).index))


def grace_until(law: PlacementPolicy, row: Placed) -> datetime | None:
    """Until when a camera from before these rules is pulled without what it lacks; None for any other."""
    return None if row.grace_from is None else row.grace_from + timedelta(days=law.grace_days)


def halted(law: PlacementPolicy, kind: Kind, row: Placed, now: datetime) -> bool:
    """Whether a camera must not be pulled now for what its placement lacks."""
    lacks = lacking(law, kind, row)
    spared = grace_until(law, row)
    return bool(lacks) and (Lack.FORBIDDEN in lacks or spared is None or now >= spared)


def filing_of(law: PlacementPolicy, kind: Kind, row: AnyRow) -> tuple[FilingState, datetime | None]:
    """How the filing stands, and until when it must be done."""
    days = law.filing_days.of(kind)
    if row.filing_no and row.refile_since is not None:
        return FilingState.REFILE, row.refile_since + timedelta(days=law.refile_days)
    if row.filing_no:
        return FilingState.FILED, None
    if days is None:
        return FilingState.NOT_NEEDED, None
    if row.active_since is None:
        return FilingState.NOT_YET, None
    due, spared = row.active_since + timedelta(days=days), grace_until(law, row)
    return FilingState.DUE, due if spared is None else max(due, spared)


def of_row(law: PlacementPolicy, row: AnyRow, now: datetime) -> Placement:
    """A row of `placements` with `camera_id` and `kind`, and what follows from it as of `now`."""
    kind = Kind(row.kind)
    filing, due_at = filing_of(law, kind, row)
    lacks = lacking(law, kind, row)
    return Placement(
        camera_no=row.camera_no,
        camera_id=row.camera_id,
        revision=row.revision,
        basis=Basis(row.basis) if row.basis else None,
        purpose=row.purpose,
        answers=row.answers,
        answered_at=row.answered_at,
        answered_by=row.answered_by,
        near_sensitive=row.near_sensitive,
        agreement=row.agreement,
        near_minors=row.near_minors,
        filing_no=row.filing_no,
        filed_on=date.fromisoformat(row.filed_on) if row.filed_on else None,
        filing=filing,
        due_at=due_at,
        overdue=due_at is not None and due_at <= now,
        sign_text=row.sign_text,
        has_sign=row.sign is not None,
        sign_at=row.sign_at,
        sign_by=row.sign_by,
        active_since=row.active_since,
        grace_until=grace_until(law, row) if lacks else None,
        lacks=lacks,
        forbidden=law.forbidden,
        bases=law.bases.of(kind),
    )
