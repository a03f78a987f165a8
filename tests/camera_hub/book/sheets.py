"""Files of the book as people send them: workbooks and CSV, honest and not."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

from openpyxl import Workbook

HEAD = ["点位名称", "点位类型", "行政村代码", "子码流地址", "管理单位"]
VILLAGE = "220882100200"


def row(number: int, **more: Any) -> list[Any]:
    """A good row; `more` are further columns' values, in the order of the further headings."""
    return [f"点位{number}", "公共点", VILLAGE, f"rtsp://192.0.2.{number}/sub", "派出所", *more.values()]


def xlsx(rows: Sequence[Sequence[Any]], change: Callable[[Any], None] = lambda _sheet: None) -> bytes:
    """A workbook with these rows; `change` may do more to its sheet."""
    book = Workbook()
    sheet: Any = book.active
    for one in rows:
        sheet.append(list(one))
    change(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(workbook: bytes, name: str, content: bytes) -> bytes:
    """The workbook with one part more, or another one in place of its own."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return out.getvalue()


def text_of(rows: Sequence[Sequence[Any]], separator: str = ",") -> str:
    return "\r\n".join(separator.join(map(str, one)) for one in rows) + "\r\n"
