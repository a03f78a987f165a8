"""Who may look at all, and how he proves who he is; how the register of it is kept."""

from __future__ import annotations

from pydantic import Field

from registry.model import Role
from registry.policy.section import Section


class MisusePolicy(Section):
    """How much of one user on one local day an auditor is told of (L17). A look is one row of the register."""

    looks: int = Field(ge=1)
    """Looks of any sort."""
    cameras: int = Field(ge=1)
    """Different cameras watched, played back or taken pictures of, patrols aside."""
    off_from_hour: int = Field(ge=0, le=23)
    """Off hours begin at this local hour."""
    off_to_hour: int = Field(ge=0, le=23)
    """And end at this one; equal to the first: there are none to speak of, the whole day counts."""
    off_hours: int = Field(ge=0)
    """Looks in off hours, patrols aside."""
    vain: int = Field(ge=1)
    """Searches that found nothing."""
    one_householder: int = Field(ge=1)
    """Looks at one householder's camera."""
    clips: int = Field(ge=1)
    """Clips and lists taken away."""
    refused_sign_ins: int = Field(ge=1)
    """Sign-ins with a wrong password."""
    clock_back_s: int = Field(ge=10)
    """Seconds a row may be older than the row before; more, and the clock was set back."""


class AuditPolicy(Section):
    """How the register of look-ups is kept and watched."""

    keep_years: int = Field(ge=1, le=100)
    """Rows are kept this long at least (L9). Nothing deletes any; `camera-hub doctor` asks if the disk holds it."""
    misuse: MisusePolicy
    """What the report of misuse tells."""


class DutyPolicy(Section):
    """Something that people of some roles must hold."""

    roles: tuple[Role, ...]
    """Who must hold it; nobody, where this is empty."""
    valid_days: int = Field(ge=1, le=36_500)
    """For how many days it holds."""


class PasswordPolicy(Section):
    """What a password must be like."""

    min_length: int = Field(ge=8, le=64)
    """Characters at least."""
    remembered: int = Field(ge=0, le=24)
    """How many former passwords of his a user may not take again."""
    commonest: frozenset[str]
    """Passwords that everybody tries first, in small letters."""


class LockoutPolicy(Section):
    """What happens to a name after wrong passwords in a row."""

    tries: int = Field(ge=3, le=100)
    """So many, and it waits."""
    first_minutes: float = Field(gt=0, le=1440)
    """The first wait; each further wrong try doubles it."""
    longest_minutes: float = Field(gt=0, le=1440)
    """The longest: guessing at a colleague's name must not shut him out for good."""


class PeoplePolicy(Section):
    """Who may look at all, and how he proves who he is."""

    training: DutyPolicy
    pledge: DutyPolicy
    warn_days: int = Field(ge=0, le=365)
    """How many days before training or pledge end one is told."""
    grace_days: int = Field(ge=0, le=730)
    """How long after the upgrade from a hub that did not ask people go on of whom nothing is on record."""
    totp_required_roles: tuple[Role, ...]
    """Who must sign in with two factors."""
    password: PasswordPolicy
    lockout: LockoutPolicy
    token_days: int = Field(ge=1, le=3660)
    """The longest that an API token may hold."""
