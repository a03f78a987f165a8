"""A CSV file as rows of cells: UTF-8 with or without BOM, UTF-16 with one, GB 18030; comma, semicolon or tab."""

from __future__ import annotations

import csv
import io

from camera_hub.book import limits
from camera_hub.book.cell import Cell, of_csv
from camera_hub.book.kinds import refuse

_HEAD_LINES = 40


def text_of(raw: bytes) -> str:
    """The file's text. Raises Invalid where it is none."""
    encodings = ("utf-16",) if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(char in text for char in "\0\x01\x02\x03\x04\x05\x06\x07"):
            break
        return text
    raise refuse("book_encoding", "the text is neither UTF-8 nor GB 18030; save it as “CSV UTF-8”")


def separator_of(text: str) -> str:
    """What stands between the cells: what splits some line of the file's head into most cells."""
    lines = [line for line in text.splitlines()[:_HEAD_LINES] if line.strip() and not line.startswith("#")]
    counts = {mark: max((line.count(mark) for line in lines[: limits.HEADER_WITHIN]), default=0) for mark in ",;\t"}
    return max(counts, key=lambda mark: counts[mark])


def rows_of(raw: bytes) -> list[list[Cell]]:
    """All rows, blank ones and comments too: a row's place in the list is its number in the file, less one."""
    text = text_of(raw)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator_of(text), strict=True)
    rows: list[list[Cell]] = []
    filled = 0
    try:
        for cells in reader:
            comment = bool(cells) and cells[0].startswith("#")
            filled += not comment and any(cell.strip() for cell in cells)
            if filled > limits.ROWS + limits.HEADER_WITHIN:
                raise refuse("book_rows", f"a file has at most {limits.ROWS} rows; split it", rows=limits.ROWS)
            rows.append([] if comment else [of_csv(cell) for cell in cells])
    except csv.Error as err:
        number = len(rows) + 1
        raise refuse("book_csv", f"row {number}: {err}; check its quotation marks", row=number) from err
    return rows
