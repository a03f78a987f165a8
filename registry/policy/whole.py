"""Every legal choice, and reading them: a preset, or a file of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from registry.errors import FieldError, Invalid
from registry.policy.asked import AssessmentPolicy, CalendarPolicy, RequestPolicy
from registry.policy.keeping import RetentionPolicy
from registry.policy.looking import (
    ApprovalPolicy,
    CasePolicy,
    EvidencePolicy,
    MaintenancePolicy,
    MaskPolicy,
    PatrolPolicy,
    UploadPolicy,
)
from registry.policy.people import AuditPolicy, PeoplePolicy
from registry.policy.placing import ConsentPolicy, PlacementPolicy
from registry.policy.section import Section

_PRESETS = Path(__file__).parent.parent / "policies"


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
    calendar: CalendarPolicy
    assessments: AssessmentPolicy
    evidence: EvidencePolicy
    placement: PlacementPolicy
    retention: RetentionPolicy
    consent: ConsentPolicy
    uploads: UploadPolicy


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
