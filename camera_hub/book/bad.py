"""A cell or row that cannot be taken as it is: where it stands, what it says (secrets covered), and why not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from camera_hub.book.cell import Fault
from camera_hub.book.columns import BY_FIELD
from registry.address import redact
from registry.errors import Invalid

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
    params: Mapping[str, str | int | float] = field(default_factory=dict)


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
    "bool_parsing": "choice",
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
    if fault.code == "merged":
        return Bad(
            row, column, heading, "", "merged", HINTS["merged"].format(cells=fault.shown), {"cells": fault.shown}
        )
    return Bad(row, column, heading, shown(column, fault.shown), fault.code, HINTS[fault.code])


def of_error(row: int, headings: Mapping[str, str], given: Mapping[str, str], error: Invalid) -> Iterator[Bad]:
    """What the registry, or a look at the other rows, refuses of a row: one for each field that is wrong."""
    for one in error.fields:
        column = one.path.partition(".")[0]
        code = _OF_PYDANTIC.get(one.code, one.code)
        heading = headings.get(column) or (BY_FIELD[column].zh if column in BY_FIELD else column)
        yield Bad(row, column, heading, shown(column, given.get(column, "")), code, one.hint, dict(error.params))
