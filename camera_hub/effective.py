"""The settings in force, each with its documentation and where it came from; secrets as set or not set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, SecretStr

from camera_hub.settings import Origin, Settings
from registry.model import Kind
from registry.policy import OfVideo


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: `value` as its file would say it, None for a secret or what is not set."""

    name: str
    value: str | None
    secret: bool
    is_set: bool
    origin: Origin
    doc: str


def effective(settings: Settings) -> tuple[Setting, ...]:
    """Every setting in the order of its documentation; what is grouped is named with a dot (`model.path`).

    Days that are left to the policy are the policy's: that is what is kept.
    """
    recording = settings.recording.model_copy(update={"days": _by_kind(settings.record_policy.days)})
    told = {
        "retention_days": _by_kind(settings.event_days),
        "motion_days": _by_kind(settings.index_days),
        "recording": recording,
    }
    return tuple(_flat(settings.model_copy(update=told), "", settings.origins))


def _by_kind(days: Mapping[Kind, int]) -> OfVideo[int]:
    return OfVideo[int].model_validate({kind.value: said for kind, said in days.items()})


def _flat(part: BaseModel, prefix: str, origins: dict[str, Origin], doc: str = "") -> list[Setting]:
    """`doc` is of the group, for what says nothing itself."""
    found = []
    for field, about in type(part).model_fields.items():
        value, name = getattr(part, field), prefix + field
        if isinstance(value, BaseModel):
            found += _flat(value, f"{name}.", origins, about.description or doc)
            continue
        secret = isinstance(value, SecretStr) or "SecretStr" in str(about.annotation)
        is_set = (value.get_secret_value() if isinstance(value, SecretStr) else value) not in (None, "")
        shown = None if secret or not is_set else _shown(part, field)
        found.append(Setting(name, shown, secret, is_set, _origin(name, origins), about.description or doc))
    return found


def _origin(name: str, origins: dict[str, Origin]) -> Origin:
    """Who set it, or a group it belongs to."""
    while name not in origins and "." in name:
        name = name.rpartition(".")[0]
    return origins.get(name, "default")


def _shown(part: BaseModel, field: str) -> str:
    value: Any = part.model_dump(mode="json", include={field})[field]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
