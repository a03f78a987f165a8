"""The settings in force, each with its documentation and where it came from; secrets as set or not set."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, SecretStr

from camera_hub.settings import Origin, Settings


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
    """Every setting in the order of its documentation; what is grouped is named with a dot (`model.path`)."""
    return tuple(_flat(settings, "", settings.origins))


def _flat(part: BaseModel, prefix: str, origins: dict[str, Origin]) -> list[Setting]:
    found = []
    for field, about in type(part).model_fields.items():
        value, name = getattr(part, field), prefix + field
        if isinstance(value, BaseModel):
            found += _flat(value, f"{name}.", origins)
            continue
        secret = isinstance(value, SecretStr) or "SecretStr" in str(about.annotation)
        is_set = (value.get_secret_value() if isinstance(value, SecretStr) else value) not in (None, "")
        shown = None if secret or not is_set else _shown(part, field)
        origin = origins.get(name, origins.get(name.partition(".")[0], "default"))
        found.append(Setting(name, shown, secret, is_set, origin, about.description or ""))
    return found


def _shown(part: BaseModel, field: str) -> str:
    value: Any = part.model_dump(mode="json", include={field})[field]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
