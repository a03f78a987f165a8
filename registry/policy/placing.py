"""Where a camera may stand, and whose consent it needs."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from registry.policy.section import ByKind, Days, Section

Place = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,31}$")]


class Basis(StrEnum):
    """Why a camera may stand where it does."""

    GOVERNMENT = "government"
    """Built by government for public security (Decree 799 art. 7)."""
    UNIT_DUTY = "unit_duty"
    """A unit's duty, or its legitimate interest, to look after its own place."""
    CONSENT = "consent"
    """Its owner agreed."""


class Demand(StrEnum):
    """What a policy may demand before a camera is pulled."""

    BASIS = "basis"
    PURPOSE = "purpose"
    CHECKLIST = "checklist"
    SIGN = "sign"
    FILING = "filing"


class PlacementPolicy(Section):
    """What must be known of a camera's place before it is pulled, and what must be filed."""

    forbidden: tuple[Place, ...]
    """Places a camera must not look into; each is asked for by name (Decree 799 art. 8)."""
    bases: ByKind[tuple[Basis, ...]]
    """On which basis a camera of a kind may stand."""
    demands: ByKind[tuple[Demand, ...]]
    """What must be there before a camera of a kind is pulled."""
    grace_days: int = Field(ge=0, le=3650)
    """Cameras that were registered before these rules are pulled so long without what is demanded."""
    filing_days: ByKind[Days | None]
    """Within so many days of its start a camera must be filed (Decree 799 art. 14); empty: it need not be."""
    refile_days: Days
    """Within so many days of a change of place or direction a filed camera must be filed again."""
    minors_reason: int = Field(ge=0, le=100)
    """Live pictures and recordings of a camera near minors need a reason of so many characters (PIPL 31); 0: none."""


class ConsentPolicy(Section):
    """Whose consent is needed, and what follows from it (L5, L6)."""

    needed: frozenset[Literal["civilian", "social"]]
    """Kinds of camera that are pulled and read under their owner's consent alone."""
    text: str = Field(pattern=r"^[a-z0-9-]{1,64}$")
    """Which wording is signed: a file of `registry/consents/texts`."""
    reconfirm_days: int = Field(ge=1, le=3650)
    """A consent runs out this long after it was given, unless its owner agrees anew."""
    remind_days: int = Field(ge=1, le=365)
    """So long before, whoever looks after consents is told."""
    purge_days: int = Field(ge=0, le=90)
    """What was kept under a consent goes within so many days of its withdrawal, unless a case holds it. 0: at once."""
    withhold_days: int = Field(ge=0, le=3650)
    """A use for a case is told to the owner when the case is closed, or this long after at the latest."""

    def needs(self, kind: str) -> bool:
        """Whether cameras of a kind need their owner's consent."""
        return kind in self.needed
