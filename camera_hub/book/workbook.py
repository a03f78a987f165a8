"""The first sheet of an .xlsx or .xls as rows of cells. Runs in a process of its own: see `sheet`.

calamine reads the values but cannot tell a formula without a value, or an error, from an empty cell; an .xlsx is
therefore also looked through for those, and for cells so far out that the rectangle around them would not fit into
memory: calamine ends the process then.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from typing import IO
from xml.etree.ElementTree import ParseError, iterparse

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from camera_hub.book import limits
from camera_hub.book.cell import Cell, Fault, of_value
from camera_hub.book.kinds import FileKind, refuse

_AT = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_BROKEN = "the workbook cannot be read; open it in Excel and save it as .xlsx"


def rows_of(raw: bytes, kind: FileKind) -> tuple[str, list[list[Cell]]]:
    """The first visible sheet's name and all its rows from the first on. Raises Invalid."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(raw))
        shown = [
            number
            for number, sheet in enumerate(book.sheets_metadata)
            if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
        ]
        if not shown:
            raise refuse("book_no_sheet", "the workbook has no sheet that is shown")
        name = book.sheet_names[shown[0]]
        marks = _marks_of(raw, name) if kind is FileKind.XLSX else {}
        return name, _cells(book.get_sheet_by_index(shown[0]), marks)
    except (CalamineError, OSError, ValueError, KeyError, ParseError, zipfile.BadZipFile) as err:
        raise refuse("book_damaged", _BROKEN) from err


def _cells(sheet: CalamineSheet, marks: dict[tuple[int, int], Fault]) -> list[list[Cell]]:
    _check_size(sheet.total_height, sheet.total_width)
    rows = [[of_value(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        for row in range(top, min(bottom + 1, len(rows))):
            for column in range(left, min(right + 1, len(rows[row]))):
                marks[row, column] = Fault("merged", f"{_name(top, left)}:{_name(bottom, right)}")
    for (row, column), fault in marks.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = fault
    return rows


def _check_size(rows: int, columns: int) -> None:
    if rows > limits.ROWS + limits.HEADER_WITHIN:
        raise refuse(
            "book_rows",
            f"a sheet has at most {limits.ROWS} rows; delete the empty ones below, or split it",
            rows=limits.ROWS,
        )
    if columns > limits.COLUMNS:
        raise refuse("book_columns", f"a sheet has at most {limits.COLUMNS} columns", columns=limits.COLUMNS)


def _name(row: int, column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def _marks_of(raw: bytes, sheet: str) -> dict[tuple[int, int], Fault]:
    """Formulas without value and error values of a sheet of an .xlsx (ECMA-376 part 1, 18.3.1.4 `c`)."""
    found: dict[tuple[int, int], Fault] = {}
    with zipfile.ZipFile(io.BytesIO(raw)) as parts, parts.open(_part_of(parts, sheet)) as xml:
        for row, column, kind, formula, value in _formulas(xml):
            _check_size(row + 1, column + 1)
            if kind == "e":
                found[row, column] = Fault("error", value or "#")
            elif formula is not None and not value:
                found[row, column] = Fault("formula", f"={formula}"[:40])
    return found


def _part_of(parts: zipfile.ZipFile, sheet: str) -> str:
    """Where in the file the sheet of that name is."""
    with parts.open("xl/workbook.xml") as xml:
        ids = [
            next((value for key, value in node.attrib.items() if key.endswith("}id")), "")
            for _, node in iterparse(xml)  # noqa: S314 - expat bounds entities, the process its memory
            if node.tag.endswith("}sheet") and node.get("name") == sheet
        ]
    with parts.open("xl/_rels/workbook.xml.rels") as xml:
        for _, node in iterparse(xml):  # noqa: S314 - expat bounds entities, the process its memory
            if ids and node.get("Id") == ids[0]:
                return posixpath.normpath(posixpath.join("/xl", node.get("Target", ""))).lstrip("/")
    raise refuse("book_damaged", _BROKEN)


def _formulas(xml: IO[bytes]) -> list[tuple[int, int, str, str | None, str]]:
    """(row, column, type, formula, value) of each cell that has a formula or an error, and of the outermost cells."""
    found = []
    far = (0, 0)
    row = column = -1
    for _, node in iterparse(xml):  # noqa: S314 - expat bounds entities, the process its memory
        tag = node.tag.rpartition("}")[2]
        if tag == "row":
            node.clear()
        if tag != "c":
            continue
        at = _AT.fullmatch(node.get("r", ""))
        if at is not None:
            column = _number(at[1])
            row = int(at[2]) - 1
        else:
            column += 1  # a writer may leave the place out: then it is the next one
        far = max(far[0], row), max(far[1], column)
        parts = {child.tag.rpartition("}")[2]: child.text or "" for child in node}
        if "f" in parts or node.get("t") == "e":
            found.append((row, column, node.get("t", "n"), parts.get("f"), parts.get("v", "")))
    return [*found, (*far, "n", None, "")]


def _number(letters: str) -> int:
    total = 0
    for letter in letters:
        total = total * 26 + ord(letter) - 64
    return total - 1
