"""What the law of a place asks, as data: a preset (`cn`, `eu`) or a file of one's own. No code branches on a country.

Each section belongs to one noun and stands beside the others here, so that whoever is responsible for a hub reads one
file. A preset is `registry/policies/<name>.yml` and gives every value; a file of one's own names the preset it starts
from (`preset: cn`) and what differs.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Generic, Literal, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from registry.errors import FieldError, Invalid
from registry.model import Kind, Role

_PRESETS = Path(__file__).parent / "policies"


class Section(BaseModel):
    """A part of the policy: frozen, and a name that is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


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


class ApprovalPolicy(Section):
    """What one user asks for and another decides."""

    wait_hours: int = Field(ge=1, le=744)
    """How long a request waits for somebody to decide it."""


class CasePolicy(Section):
    """What a case must tell, what it reaches, and for how long."""

    roles: frozenset[Role]
    """Who may look under a case he is a member of."""
    needs_place: bool
    needs_window: bool
    margin_hours: int = Field(ge=0, le=744)
    """How far a look may go beyond the times of a case without asking."""
    longest_days: int = Field(ge=1, le=400)
    """The longest time one case spans."""
    expires_days: int = Field(ge=1, le=3660)
    """How long a case lasts before somebody says again that it is needed."""
    grant_hours: int = Field(ge=1, le=744)
    """The longest a grant beyond a case's place or time lasts."""


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


class MaskPolicy(Section):
    """What masks hide of the past (L10)."""

    earlier_footage: Literal["approval", "shown"]
    """Whether what was recorded before a mask was drawn is hidden until somebody approves, or shown as it is."""


class RequestPolicy(Section):
    """How relatives' and owners' requests to see recordings are answered (L13)."""

    answer_days: int = Field(ge=1, le=366)
    """Days from receipt to the answer."""
    hold_days: int = Field(ge=1, le=400)
    """The footage concerned is kept this long at most, while the request is open."""
    second_person: bool
    """Whether somebody else decides than who received it."""


class AssessmentPolicy(Section):
    """Impact assessments (L14)."""

    review_days: int = Field(ge=1, le=1100)
    """An assessment is looked at again after so many days at most."""


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


_T = TypeVar("_T")


class OfVideo(Section, Generic[_T]):
    """One value for each kind of camera that gives video."""

    public: _T
    social: _T
    civilian: _T

    def of(self, kind: Kind) -> _T:
        """The value of a kind."""
        value: _T = getattr(self, kind.value)
        return value


class ByKind(OfVideo[_T], Generic[_T]):
    """One value for each kind of camera."""

    wifi_probe: _T


Place = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,31}$")]
_Days = Annotated[int, Field(ge=1, le=3650)]


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
    filing_days: ByKind[_Days | None]
    """Within so many days of its start a camera must be filed (Decree 799 art. 14); empty: it need not be."""
    refile_days: _Days
    """Within so many days of a change of place or direction a filed camera must be filed again."""
    minors_reason: int = Field(ge=0, le=100)
    """Live pictures and recordings of a camera near minors need a reason of so many characters (PIPL 31); 0: none."""


class Keep(Section):
    """For how many days something is kept: at least (empty: the law asks for nothing), at most, and unless one says."""

    floor_days: _Days | None
    ceiling_days: _Days
    default_days: _Days

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not (self.floor_days or 1) <= self.default_days <= self.ceiling_days:
            raise PydanticCustomError("order", "floor_days, default_days and ceiling_days must rise in this order")
        return self


class RetentionPolicy(Section):
    """For how long what is seen is kept (Decree 799; PIPL art. 19, 47)."""

    recordings: OfVideo[Keep]
    events: OfVideo[Keep]
    """Events with their pictures, and the pictures of marks."""
    incident_days: _Days
    """An incident that is open, or whose case is, keeps its event and its pictures so long after it was opened."""
    warn_days: int = Field(ge=1, le=30)
    """Footage an open case's place and time point at is told of so many days before it goes."""


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


class PatrolPolicy(Section):
    """What a patrol at the desk reaches: one's own villages, live, and somewhat back."""

    roles: frozenset[Role]
    """Who may open one."""
    looks_back_hours: int = Field(ge=0, le=744)


class MaintenancePolicy(Section):
    """What maintenance reaches: the cameras it is opened for, live, and their events somewhat back; no recordings."""

    roles: frozenset[Role]
    """Who may open it."""
    looks_back_hours: int = Field(ge=0, le=744)


class Policy(Section):
    """Every legal choice."""

    preset: str
    """The preset it is, or starts from."""
    audit: AuditPolicy
    cases: CasePolicy
    patrol: PatrolPolicy
    maintenance: MaintenancePolicy
    approvals: ApprovalPolicy
    people: PeoplePolicy
    masks: MaskPolicy
    requests: RequestPolicy
    assessments: AssessmentPolicy
    placement: PlacementPolicy
    retention: RetentionPolicy
    consent: ConsentPolicy


def load(name: str) -> Policy:
    """The policy of a preset's name (`cn`, `eu`) or of a YAML file. Raises Invalid with the fields that are wrong."""
    if not name.endswith((".yml", ".yaml")):
        return preset(name)
    told = _read(Path(name))
    base = preset(str(told.get("preset", "cn"))).model_dump()
    return _checked(_merged(base, told), name)


@cache
def preset(name: str) -> Policy:
    """A preset by name. Raises Invalid for one that is not shipped."""
    known = sorted(path.stem for path in _PRESETS.glob("*.yml"))
    if name not in known:
        raise _wrong(f"no preset {name!r}; there are {', '.join(known)}, or name a .yml file")
    return _checked({"preset": name, **_read(_PRESETS / f"{name}.yml")}, name)


def _read(path: Path) -> dict[str, Any]:
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as err:
        raise _wrong(f"{path} cannot be read as a policy ({type(err).__name__})") from err
    if not isinstance(told, dict):
        raise _wrong(f"{path} holds no sections")
    return told


def _merged(base: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """`told` over `base`, section by section; what is not told stays."""
    both = dict(base)
    for name, value in told.items():
        old = base.get(name)
        both[name] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return both


def _checked(values: Mapping[str, Any], source: str) -> Policy:
    try:
        return Policy.model_validate(values)
    except ValidationError as err:
        fields = [
            FieldError(".".join(("policy", *map(str, one["loc"]))), one["type"], one["msg"])
            for one in err.errors(include_input=False, include_url=False)
        ]
        hint = "; ".join(f"{field.path}: {field.hint}" for field in fields)
        raise Invalid(f"the policy {source} is wrong: {hint}", *fields) from None


def _wrong(hint: str) -> Invalid:
    return Invalid(f"policy: {hint}", FieldError("policy", "policy", hint))
