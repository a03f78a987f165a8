"""From options to an input's fields: what was not given is left out, ids are read, and files hold longer things."""

from __future__ import annotations

import sys
from pathlib import Path
from uuid import UUID

from registry.errors import FieldError, Invalid


def given(**fields: object) -> dict[str, object]:
    """The fields that were given; empty lists count as not given, an empty text as an emptied field."""
    return {name: value for name, value in fields.items() if value is not None and value != []}


def an_id(text: str, name: str = "id") -> UUID:
    """`text` as an id. Raises Invalid naming the field."""
    try:
        return UUID(text)
    except ValueError:
        hint = f"{text!r} is no id; `list` shows them"
        raise Invalid(hint, FieldError(name, "uuid", hint)) from None


def text_of(file: Path) -> str:
    """The text of a file, or of standard input for `-`. Raises Invalid when it cannot be read."""
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        hint = f"{file} cannot be read ({type(err).__name__})"
        raise Invalid(hint, FieldError("file", "unreadable", hint)) from err
