"""The process that opens files: the file on standard input, JSON lines on standard output.

A workbook of five kilobytes with two far cells makes its parser ask for 500 GB, and end the process it runs in. So
that process is never the hub: it has bounds on memory and time, no open file, no database, and says what it read or
why not. It is started anew for each file (0.1 s).
"""

from __future__ import annotations

import json
import resource
import sys

from camera_hub.book import delimited, limits
from camera_hub.book.cell import Cell, Fault
from camera_hub.book.kinds import FileKind, kind_of, refuse
from registry.errors import Invalid


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (limits.READER_MEMORY_BYTES, limits.READER_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.READER_SECONDS, limits.READER_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _read(raw: bytes, name: str) -> tuple[FileKind, str, list[list[Cell]]]:
    kind = kind_of(raw, name)
    if kind is FileKind.CSV:
        sheet, rows = "", delimited.rows_of(raw)
    else:
        from camera_hub.book import workbook  # noqa: PLC0415 - calamine loads where it is needed, and only here

        sheet, rows = workbook.rows_of(raw, kind)
    if sum(len(cell) for row in rows for cell in row if isinstance(cell, str)) > limits.TEXT_CHARACTERS:
        raise refuse("book_too_large", "the cells hold too much text; split the file", mb=limits.FILE_BYTES >> 20)
    return kind, sheet, rows


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def main() -> None:
    """Read one file and say its rows; a cell is its text, or [code, what it shows] where it cannot be read as meant."""
    _bound()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]  # a text stream here
    raw = sys.stdin.buffer.read(limits.FILE_BYTES + 1)
    try:
        kind, sheet, rows = _read(raw, sys.argv[1] if len(sys.argv) > 1 else "")
    except Invalid as error:
        field = error.fields[0]
        _say({"refused": [field.code, error.hint], "params": dict(error.params)})
        return
    _say({"kind": kind.value, "sheet": sheet, "rows": len(rows)})
    for row in rows:
        _say([[cell.code, cell.shown] if isinstance(cell, Fault) else cell for cell in row])


if __name__ == "__main__":
    main()
