"""What a command says: one JSON document with --json, else a table or a sentence; errors and their exit codes."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, cast

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python
from rich.console import Console
from rich.table import Table

from registry.errors import (
    Conflict,
    Corrupt,
    Denied,
    HubError,
    Invalid,
    NotFound,
    NotSignedIn,
    StreamError,
    TooMany,
    Unavailable,
)

EXIT_CODES: Mapping[type[HubError], int] = {
    Invalid: 2,
    NotFound: 3,
    Conflict: 4,
    Denied: 4,
    NotSignedIn: 4,
    TooMany: 5,
    Unavailable: 5,
    Corrupt: 1,
    StreamError: 1,
}
"""0 is success and 1 also "a check found a fault"; 2 is typer's own code for wrong usage."""

Cell = Callable[[Any], object]


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What a command found or did.

    `value` becomes the JSON document: dataclasses, sequences and mappings of them. For people: `say`, then, where
    `columns` is given, a table with one row for each item of `value` (or of `rows`). `status` is the exit code.
    """

    value: object
    say: str = ""
    columns: Mapping[str, Cell] = dataclasses.field(default_factory=dict)
    rows: Sequence[object] | None = None
    status: int = 0


@cache
def _adapter(of: type) -> TypeAdapter[Any]:
    return TypeAdapter(of)


def plain(value: object) -> object:
    """`value` as JSON-able data. Dataclasses go through pydantic, which leaves out what is marked internal."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return cast("object", _adapter(type(value)).dump_python(value, mode="json"))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return cast("object", to_jsonable_python(value))


def shown(value: object) -> str:
    """`value` in a table's cell."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(map(str, value)) or "-"
    return str(value)


def give(answer: Answer, *, as_json: bool) -> None:
    """Print `answer` on standard output."""
    if as_json:
        sys.stdout.write(json.dumps(plain(answer.value), ensure_ascii=False, indent=2) + "\n")
        return
    console = Console(width=None if sys.stdout.isatty() else 240, highlight=False, markup=False, emoji=False)
    if answer.say:
        console.print(answer.say, soft_wrap=True)
    if answer.columns:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in answer.columns:
            table.add_column(heading, overflow="fold")
        for item in answer.rows if answer.rows is not None else cast("Sequence[object]", answer.value):
            table.add_row(*(shown(cell(item)) for cell in answer.columns.values()))
        console.print(table)


def complain(error: HubError, *, as_json: bool) -> int:
    """Print `error` on standard error and return its exit code."""
    fields = error.fields if isinstance(error, Invalid) else ()
    if as_json:
        problem = {"code": error.code, "hint": error.hint, "params": dict(error.params), "fields": plain(fields)}
        sys.stderr.write(json.dumps(problem, ensure_ascii=False) + "\n")
    elif fields:
        sys.stderr.write(
            f"{len(fields)} wrong:\n" + "".join(f"  {one.path or '(all)'}: {one.hint}\n" for one in fields)
        )
    else:
        sys.stderr.write(f"{error.hint}\n")
    return next((EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES), 1)
