"""The book as a file: the same columns the import reads, so that what goes out comes back in unchanged.

Never a password. A text that a spreadsheet would take for a formula is written so that it stays text.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from camera_hub.book import placing
from camera_hub.book.cell import guarded
from camera_hub.book.columns import COLUMNS, Column
from camera_hub.book.guide import HINTS
from registry.book import Standing

Language = Literal["zh", "en"]
Row = Mapping[str, Any]
MAX_ROWS = 20_000
_YES_NO = {"True": "是", "False": "否"}
_WORDS: Mapping[str, Mapping[str, str]] = {
    "kind": {"public": "公共点", "social": "社会点", "civilian": "民用探头", "wifi_probe": "WiFi 探头"},
    "type": {"camera": "摄像机", "nvr": "录像机", "encoder": "编码器", "wifi_probe": "WiFi 探头"},
    "tier": {"auto": "自动", "full": "全部", "keyframes": "关键帧"},
    "record_mode": {"continuous": "连续", "on_event": "按事件", "none": "不录"},
    "record_stream": {"sub": "子码流", "main": "主码流", "both": "双码流"},
    "basis": {"government": "政府建设", "unit_duty": "单位义务", "consent": "本人同意"},
    "near_sensitive": _YES_NO,
    "near_minors": _YES_NO,
    "sign_photo": {"True": "有", "False": "无"},
    "enabled": _YES_NO,
}
_ENGLISH: Mapping[str, Mapping[str, str]] = {
    name: {"True": "yes", "False": "no"} for name in ("near_sensitive", "near_minors", "sign_photo", "enabled")
}
_TITLES: Mapping[Language, tuple[str, str, tuple[str, str, str]]] = {
    "zh": ("一机一档", "填写说明", ("列", "是否必填", "说明")),
    "en": ("Cameras", "How to fill in", ("Column", "Needed", "What it takes")),
}
_HEAD = PatternFill("solid", fgColor="DCE6F4")
_NEEDED = PatternFill("solid", fgColor="FBE9D0")


def rows_of(standing: Standing, language: Language = "zh") -> tuple[Row, ...]:
    """A row a camera in the scope, by village and name, with its device's fields and its placement; no password."""
    boxes = {box.id: box for box in standing.boxes}
    seen = [point for point in standing.points if point.seen]
    seen.sort(key=lambda point: (point.village_code, point.values["name"], point.id))
    rows: list[Row] = []
    for point in seen:
        box = boxes[point.device_id]
        own = {name: value for name, value in box.values.items() if name != "name"}
        rows.append(
            {
                **own,
                **point.values,
                **placing.told(standing.law.placement, point.placed, chinese=language == "zh"),
                "device": box.values["name"],
                "id": str(point.id),
                "village_code": point.village_code,
                "village": standing.places.get(point.village_code, ""),
                "township": standing.places.get(point.village_code[:9], ""),
                "datum": "WGS-84" if point.values["lat"] is not None else "",
            }
        )
    return tuple(rows)


def _cell(column: Column, row: Row, language: Language) -> str | float:
    value = row.get(column.field)
    if value is None:
        return ""
    if isinstance(value, float):
        return int(value) if value.is_integer() else round(value, 7)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    words = (_WORDS if language == "zh" else _ENGLISH).get(column.field, {})
    return words.get(str(value), str(value))


def _heading(column: Column, language: Language) -> str:
    return column.zh if language == "zh" else column.en


def as_csv(rows: Iterable[Row], language: Language = "zh") -> bytes:
    """UTF-8 with BOM, as Excel in China opens it by a double click."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_heading(column, language) for column in COLUMNS)
    for row in rows:
        cells = (_cell(column, row, language) for column in COLUMNS)
        writer.writerow(guarded(cell) if isinstance(cell, str) else repr(cell) for cell in cells)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Sequence[Row], language: Language = "zh") -> bytes:
    """A workbook: the cameras below a frozen head, codes as text, and a second sheet that explains the columns."""
    book = Workbook(write_only=True)
    title, guide, head = _TITLES[language]
    sheet: Any = book.create_sheet(title)  # its columns are known to openpyxl, and not to its stubs
    sheet.freeze_panes = "B2"
    for number, column in enumerate(COLUMNS, start=1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = column.width
        if column.code:
            sheet.column_dimensions[letter].number_format = "@"
        _offer(sheet, column, letter, language)
    sheet.append(
        [_styled(sheet, _heading(column, language), _NEEDED if column.needed else _HEAD) for column in COLUMNS]
    )
    for row in rows:
        sheet.append([_typed(sheet, column, _cell(column, row, language)) for column in COLUMNS])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{len(rows) + 1}"
    _explain(book.create_sheet(guide), head, language)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _styled(sheet: Any, text: str, fill: PatternFill) -> Cell:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font, cell.fill = Font(bold=True), fill
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    return cell


def _typed(sheet: Any, column: Column, value: str | float) -> Cell | str | float:
    """A code is kept as text, and a text that begins like a formula is no formula."""
    if not isinstance(value, str) or not (column.code or value[:1] in "=+-@\t"):
        return value
    if not value and not column.code:
        return value
    cell = WriteOnlyCell(sheet)
    cell.value = value
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


def _offer(sheet: Any, column: Column, letter: str, language: Language) -> None:
    """The allowed values as a list to choose from."""
    words = _WORDS.get(column.field)
    if words is None:
        return
    offered = words if language == "zh" else _ENGLISH.get(column.field, {word: word for word in words})
    choice = ",".join(offered.values())
    rule = DataValidation(type="list", formula1=f'"{choice}"', allow_blank=True, showErrorMessage=False)
    rule.add(f"{letter}2:{letter}{MAX_ROWS + 1}")
    sheet.data_validations.append(rule)


def _explain(sheet: Any, head: tuple[str, str, str], language: Language) -> None:
    for letter, width in zip("ABC", (18, 10, 90), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    sheet.append([_styled(sheet, text, _HEAD) for text in head])
    yes = "必填" if language == "zh" else "yes"
    for column in COLUMNS:
        hint = HINTS.get(column.field, ("", ""))[language == "en"]
        sheet.append([_heading(column, language), yes if column.needed else "", hint])
