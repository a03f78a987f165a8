"""A list of stations and teams as a table: a row a unit, with its kind, name, the team above it and its villages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from camera_hub.book import limits, sheet
from camera_hub.book.cell import Cell, Fault
from camera_hub.book.columns import plain
from camera_hub.book.kinds import refuse
from camera_hub.book.villages import Villages
from registry import places
from registry.errors import FieldError
from registry.model import UnitKind
from registry.store import Store
from registry.unitplan import MOST, BadUnit, UnitRow
from registry.units import NewUnit

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "kind": ("类型", "单位类型", "kind", "type"),
    "name": ("名称", "单位名称", "单位", "name"),
    "under": ("上级", "上级单位", "所属", "under", "parent"),
    "villages": ("村", "管辖村", "管辖村屯", "村屯", "villages"),
}
KINDS: Mapping[UnitKind, tuple[str, ...]] = {
    UnitKind.STATION: ("派出所",),
    UnitKind.BRIGADE: ("大队",),
    UnitKind.SQUADRON: ("中队",),
    UnitKind.GROUP: ("小组", "组"),
}
_BY_HEADING = {plain(name): field for field, names in COLUMNS.items() for name in names}
_BY_WORD = {word: kind for kind, words in KINDS.items() for word in (kind.value, *words)}
_BETWEEN = re.compile(r"[、,，;；\n]+")


@dataclass(frozen=True, slots=True)
class UnitSheet:
    """The rows of a list, and those that could not be read."""

    rows: tuple[UnitRow, ...]
    bad: tuple[BadUnit, ...]


async def read(store: Store, raw: bytes, name: str) -> UnitSheet:
    """The units of a .csv, .xlsx or .xls file. Raises Invalid where the file as a whole cannot be read."""
    found = await sheet.read(raw, name)
    villages = Villages({one.code: one.name for one in await places.list_places(store)})
    return of_rows(found.rows, villages)


def of_rows(rows: Sequence[Sequence[Cell]], villages: Villages) -> UnitSheet:
    """The units below a table's headings. A village is told by its code, its name, or township/name."""
    number, fields = _header(rows)
    good: list[UnitRow] = []
    bad: list[BadUnit] = []
    for at, row in enumerate(rows[number + 1 :], start=number + 2):
        cells = {field: row[place] if place < len(row) else "" for place, field in fields.items()}
        if not any(cells.values()):
            continue
        wrong = [
            BadUnit(at, field, cell.shown[:80], cell.code, "this cell cannot be read; type it as text")
            for field, cell in cells.items()
            if isinstance(cell, Fault)
        ]
        texts = {field: cell for field, cell in cells.items() if isinstance(cell, str)}
        read = wrong or _row(at, texts, villages)
        if isinstance(read, UnitRow):
            good.append(read)
        else:
            bad += read
    if not good and not bad:
        raise refuse("book_no_rows", "there is no row below the headings")
    if len(good) + len(bad) > MOST:
        raise refuse("units_many", f"at most {MOST} units at once", most=MOST)
    return UnitSheet(tuple(good), tuple(bad))


def _header(rows: Sequence[Sequence[Cell]]) -> tuple[int, dict[int, str]]:
    for number, row in enumerate(rows[: limits.HEADER_WITHIN]):
        fields = {
            place: _BY_HEADING[plain(cell)]
            for place, cell in enumerate(row)
            if isinstance(cell, str) and plain(cell) in _BY_HEADING
        }
        if {"kind", "name"} <= set(fields.values()):
            if len(set(fields.values())) < len(fields):
                raise refuse("book_twice", "two columns are about the same", first="", second="")
            return number, fields
    raise refuse("units_no_header", "the first rows must name the columns: kind, name, under, villages")


def _row(at: int, texts: Mapping[str, str], villages: Villages) -> UnitRow | list[BadUnit]:
    word, name, under = (texts.get(field, "").strip() for field in ("kind", "name", "under"))
    bad: list[BadUnit] = []
    kind = _BY_WORD.get(unicodedata.normalize("NFKC", word).casefold())
    if kind is None:
        hint = "write one of: " + ", ".join(one.value for one in UnitKind)
        bad.append(BadUnit(at, "kind", word[:80], "choice" if word else "missing", hint))
    for column, text in (("name", name), ("under", under)):
        try:
            if column == "name" or text:
                NewUnit(kind=UnitKind.STATION, name=text)
        except ValidationError:
            bad.append(BadUnit(at, column, text[:80], "form" if text else "missing", "1 to 64 printable characters"))
    codes: list[str] = []
    for one in filter(None, map(str.strip, _BETWEEN.split(texts.get("villages", "")))):
        code = _village(one, villages)
        if isinstance(code, FieldError):
            bad.append(BadUnit(at, "villages", one[:80], code.code, code.hint))
        else:
            codes.append(code)
    if bad or kind is None:
        return bad
    return UnitRow(at, kind, name, under, tuple(dict.fromkeys(codes)) if "villages" in texts else None)


def _village(text: str, villages: Villages) -> str | FieldError:
    digits = unicodedata.normalize("NFKC", text)
    if digits.isdigit():
        return villages.code_of({"village_code": digits})
    township, _, village = text.rpartition("/")
    return villages.code_of({"village": village.strip(), "township": township.strip()})
