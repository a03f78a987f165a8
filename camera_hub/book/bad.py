"""A cell or row that cannot be taken as it is: where it stands, what it says (secrets covered), and why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from camera_hub.book.cell import Cell, Fault
from camera_hub.book.columns import BY_FIELD
from registry.address import redact
from registry.errors import FieldError

LONGEST_SHOWN = 80
_COVERED = "••••••"


@dataclass(frozen=True, slots=True)
class Bad:
    """One fault: `row` as the spreadsheet numbers it, `column` the field's name (`""`: the row as a whole).

    `heading` is the column as the file names it; `code` is stable and translated by the page with `params`, `hint` an
    English sentence.
    """

    row: int
    column: str
    heading: str
    value: str
    code: str
    hint: str
    params: Mapping[str, str | int] = field(default_factory=dict)


HINTS: Mapping[str, str] = {
    "rounded": "Excel took the digits for a number and rounded it; format the column as text and type it again",
    "date": "Excel took this for a date; format the column as text and type it again",
    "formula": "the formula has no value yet; open the file in Excel, let it calculate, and save it",
    "error": "the formula of this cell fails; write the value itself",
    "merged": "this cell is merged with others ({cells}); unmerge them and fill in every row",
    "too_long": "the text is too long",
    "missing": "this is needed",
}
_OF_PYDANTIC: Mapping[str, str] = {
    "string_too_long": "too_long",
    "string_too_short": "missing",
    "string_pattern_mismatch": "form",
    "float_parsing": "number",
    "int_parsing": "number",
    "int_from_float": "number",
    "finite_number": "number",
    "greater_than": "range",
    "greater_than_equal": "range",
    "less_than": "range",
    "less_than_equal": "range",
    "value_error": "form",
    "enum": "choice",
    "literal_error": "choice",
    "uuid_parsing": "form",
}


def shown(column: str, text: str) -> str:
    """What a report may say of a cell: never a password, never credentials inside an address."""
    known = BY_FIELD.get(column)
    if known is not None and known.secret:
        return _COVERED if text else ""
    covered = redact(text)
    return covered if len(covered) <= LONGEST_SHOWN else covered[: LONGEST_SHOWN - 1] + "…"


def of_fault(row: int, column: str, heading: str, fault: Fault) -> Bad:
    """A cell that cannot be read as meant."""
    params = {"cells": fault.shown} if fault.code == "merged" else {}
    value = "" if fault.code == "merged" else shown(column, fault.shown)
    return Bad(row, column, heading, value, fault.code, HINTS[fault.code].format(**params), params)


def of_field(row: int, headings: Mapping[str, str], given: Mapping[str, Cell], error: FieldError) -> Bad:
    """What the registry refuses of a row."""
    column = "kind" if error.path == "probe_mac" and "probe_mac" not in headings else error.path.partition(".")[0]
    cell = given.get(column, "")
    text = cell if isinstance(cell, str) else cell.shown
    code = _OF_PYDANTIC.get(error.code, error.code)
    heading = headings.get(column) or (BY_FIELD[column].zh if column in BY_FIELD else column)
    return Bad(row, column, heading, shown(column, text), code, error.hint)
