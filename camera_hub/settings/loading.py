"""Reading the settings, and who set what."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict, SettingsError
from yaml import YAMLError, safe_load

from camera_hub.settings.hub import Origin, Settings
from registry.errors import FieldError, Invalid

SECRETS = ("database_url", "redis_url", "key")


def load(file: Path | None = None, **overrides: object) -> Settings:
    """Read the settings: overrides, then `HUB_*`, then `file` (or the one HUB_CONFIG names).

    Raises Invalid with one field error per wrong setting; a secret's value is never in it.
    """
    path = file or (Path(os.environ["HUB_CONFIG"]) if "HUB_CONFIG" in os.environ else None)
    if path is not None and not path.is_file():
        hint = f"no settings file at {path}"
        raise Invalid(hint, FieldError("file", "missing", hint))
    for name in SECRETS:
        if secret := os.environ.get(f"HUB_{name.upper()}_FILE"):
            overrides.setdefault(name, _secret(name, Path(secret)))

    class FromFile(Settings):
        model_config = SettingsConfigDict(yaml_file=path)

    try:
        read = FromFile(**overrides)  # type: ignore[arg-type]
    except ValidationError as err:
        fields = [
            FieldError(".".join(map(str, e["loc"])), e["type"], e["msg"])
            for e in err.errors(include_input=False, include_url=False)
        ]
        hint = "; ".join(f"{f.path}: {f.hint}" for f in fields)
        raise Invalid(f"settings are wrong: {hint}", *fields) from None
    except SettingsError as err:  # a list or model in a variable that is no JSON; the text names the setting only
        raise Invalid(f"settings are wrong: {err}; lists and models in HUB_* variables are written as JSON") from None
    except (YAMLError, TypeError, ValueError) as err:
        raise Invalid(f"{path} is no settings file: {err}", FieldError("file", "yaml", str(err))) from err
    read._origins.update(_origins_of(path, overrides))  # noqa: SLF001 - its own module
    return read


def _origins_of(path: Path | None, overrides: Mapping[str, object]) -> dict[str, Origin]:
    """Who set what, the strongest last: the file, the environment, the command line."""
    found: dict[str, Origin] = {}
    told = safe_load(path.read_text(encoding="utf-8")) if path else None
    for name, value in (told or {}).items():
        found |= {f"{name}.{inner}": "file" for inner in value} if isinstance(value, dict) else {name: "file"}
    for variable, text in os.environ.items():
        name = variable.upper().removeprefix("HUB_")
        if name != variable.upper() and text:
            found[name.lower().replace("__", ".")] = "environment"
    for name in overrides:
        found[name] = "environment" if f"HUB_{name.upper()}_FILE" in os.environ else "command"
    return found


def _secret(name: str, file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as err:
        hint = f"HUB_{name.upper()}_FILE names {file}, which cannot be read ({err.__class__.__name__})"
        raise Invalid(hint, FieldError(name, "secret_file", hint)) from err
