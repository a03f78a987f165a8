"""One cell as text, or what is wrong with it: what Excel made of a number, a date, a formula."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from camera_hub.book import limits

EXACT = 10**15
"""Excel keeps 15 digits: a longer number has lost its last ones."""
_ROUNDED = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]{2}")
"""As Excel shows a long number that it took for one."""
_QUOTED = re.compile(r'="((?:[^"]|"")*)"')
"""As people write a code in CSV so that Excel keeps its zeros: ="007"."""
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_ERRORS = ("#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!")


@dataclass(frozen=True, slots=True)
class Fault:
    """A cell that cannot be read as meant: `rounded`, `date`, `formula`, `error`, `too_long`, `merged`, `character`."""

    code: str
    shown: str


Cell = str | Fault


def of_value(value: object) -> Cell:
    """What calamine read, as the text somebody would have typed."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _of_number(value)
    if isinstance(value, dt.datetime | dt.date | dt.time | dt.timedelta):
        return Fault("date", str(value))
    return of_text(str(value))


def _of_number(value: float) -> Cell:
    if value != value or abs(value) >= EXACT:  # noqa: PLR0124 - NaN
        return Fault("rounded", f"{value:.14G}")
    return str(int(value)) if value == int(value) else repr(float(value))


def of_text(text: str) -> Cell:
    """The text of a cell; the space around it is dropped."""
    bare = text.replace("\u00a0", " ").strip("\ufeff\u200b \t\r\n")
    if len(bare) > limits.CELL_CHARACTERS:
        return Fault("too_long", bare[:40] + "…")
    if _ROUNDED.fullmatch(bare):
        return Fault("rounded", bare)
    if bare in _ERRORS:
        return Fault("error", bare)
    return unguarded(bare)


def of_csv(text: str) -> Cell:
    """The text of a cell of a CSV file, where nothing but its first character tells a formula."""
    cell = of_text(text)
    if isinstance(cell, str) and text.strip().startswith("="):
        quoted = _QUOTED.fullmatch(cell)
        return quoted[1].replace('""', '"') if quoted else Fault("formula", cell[:40])
    return cell


def guarded(text: str) -> str:
    """`text` such that no spreadsheet takes it for a formula: a ' before what begins like one."""
    return f"'{text}" if _FORMULA.match(text) and not _PLAIN_NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """Take back what `guarded` put before a text."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text
