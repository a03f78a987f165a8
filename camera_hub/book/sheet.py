"""A file's bytes to a sheet of cells, read by a process of its own (`reader` says why)."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import PurePath

from camera_hub.book import limits
from camera_hub.book.cell import Cell, Fault
from camera_hub.book.kinds import FileKind, refuse

_LINE_BYTES = limits.COLUMNS * limits.CELL_CHARACTERS * 8


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of cells from the file's first row on; `name` is empty for a CSV file."""

    kind: FileKind
    name: str
    rows: tuple[tuple[Cell, ...], ...]


async def read(raw: bytes, name: str = "") -> Sheet:
    """The first sheet of a file; `name` is only looked at for a lie. Raises Invalid."""
    if len(raw) > limits.FILE_BYTES:
        raise refuse("book_too_large", f"a file has at most {limits.FILE_BYTES >> 20} MB", mb=limits.FILE_BYTES >> 20)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "camera_hub.book.reader",
        PurePath(name.replace("\0", "")).name[:255],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=_LINE_BYTES,
        env={"PYTHONPATH": os.environ.get("PYTHONPATH", ""), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    try:
        async with asyncio.timeout(limits.READER_SECONDS * 2):
            said = (await process.communicate(raw))[0]
    except TimeoutError as late:
        raise refuse("book_damaged", "the file takes too long to read; save it anew as .xlsx") from late
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        # Out of the memory or time it is given, or worse: with an honest file this does not happen.
        raise refuse("book_damaged", "the file cannot be read; open it in Excel and save it as .xlsx")
    return await asyncio.to_thread(_sheet, said)


def _sheet(said: bytes) -> Sheet:
    lines = said.splitlines()
    head = json.loads(lines[0])
    if "refused" in head:
        code, hint = head["refused"]
        raise refuse(code, hint, **head["params"])
    rows = tuple(
        tuple(Fault(*cell) if isinstance(cell, list) else cell for cell in json.loads(line)) for line in lines[1:]
    )
    return Sheet(FileKind(head["kind"]), head["sheet"], rows)
