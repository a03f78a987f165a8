"""Events as a table for a spreadsheet: CSV that Excel in China opens as it is, or XLSX.

Names and notes are people's text: in CSV what a spreadsheet would take for a formula gets an apostrophe in front; in
XLSX every text is written as text.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from api import table
from camera_hub.evidence.words import LABEL
from registry.events import Exported
from registry.model import Event

Form = Literal["csv", "xlsx"]
Language = Literal["zh", "en"]
TYPES: Mapping[Form, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
COLUMNS = (
    ("开始时间", "Started", 20),
    ("结束时间", "Ended", 20),
    ("村屯", "Village", 14),
    ("行政区划代码", "Village code", 15),
    ("点位", "Camera", 24),
    ("点位类型", "Camera kind", 10),
    ("目标", "What", 10),
    ("类别", "Group", 8),
    ("可信度", "Score", 8),
    ("规则", "Rule", 16),
    ("规则类型", "Rule kind", 12),
    ("方向", "Direction", 8),
    ("探头时钟偏差(秒)", "Camera clock off (s)", 12),
    ("截图时间", "Picture taken", 20),
    ("标注", "Marked", 8),
    ("备注", "Note", 30),
    ("标注人", "Marked by", 12),
    ("标注时间", "Marked at", 20),
    ("事件编号", "Event id", 38),
)
WORDS: Mapping[str, str] = {
    "public": "公共点", "social": "社会点", "wifi_probe": "WiFi 探头", "civilian": "民用探头",
    "object": "发现目标", "zone_entered": "进入区域", "line_crossed": "越线", "unknown_moving": "不明移动物",
    "two_wheeler": "两轮车", "vehicle": "车辆", "animal": "动物",
    "useful": "有用", "false": "误报", **LABEL,
}  # fmt: skip
"""What the page says for the enumerations' values in Chinese; in English they stand for themselves."""
CUT = {
    "zh": "结果超过 {n} 条，本表只有前 {n} 条。请缩小范围后再导出。",
    "en": "There were more than {n} events; only the first {n} are here. Narrow the search and export again.",
}
TITLES = {"zh": "事件", "en": "Events"}
Row = tuple[str | float | None, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Exported events, to be written in a language and a time zone."""

    exported: Exported
    tz: tzinfo
    language: Language

    def name(self, now: datetime) -> str:
        """File name without its ending."""
        return f"events-{now.astimezone(self.tz):%Y%m%d-%H%M%S}"

    def write(self, form: Form) -> bytes:
        """The whole file."""
        return self._csv() if form == "csv" else self._xlsx()

    def _csv(self) -> bytes:
        cells = ([table.harmless(value) if isinstance(value, str) else value for value in row] for row in self._table())
        return table.BOM + table.rows(cells)

    def _xlsx(self) -> bytes:
        book = Workbook(write_only=True)
        sheet = book.create_sheet(TITLES[self.language])
        sheet.freeze_panes = "A2"
        for at, (_, _, width) in enumerate(COLUMNS):
            sheet.column_dimensions[chr(ord("A") + at)].width = width
        bold = Font(bold=True)
        for number, row in enumerate(self._table()):
            cells = [_cell(sheet, value) for value in row]
            if number == 0:
                for cell in cells:
                    cell.font = bold
            sheet.append(cells)
        file = io.BytesIO()
        book.save(file)
        return file.getvalue()

    def _table(self) -> Iterator[Row]:
        yield tuple(column[0 if self.language == "zh" else 1] for column in COLUMNS)
        for event in self.exported.events:
            yield self._row(event)
        if self.exported.cut:
            yield (CUT[self.language].format(n=len(self.exported.events)),)

    def _row(self, event: Event) -> Row:
        mark, offset = event.mark, event.clock_offset_ms
        return (
            self._time(event.started_at),
            self._time(event.ended_at),
            event.village_name,
            event.village_code,
            event.camera_name,
            self._word(event.camera_kind),
            self._word(event.label),
            self._word(event.group),
            round(event.score, 2),
            event.rule_name,
            self._word(event.kind),
            event.direction or "",
            None if offset is None else offset / 1000,
            self._time(event.snapshot_at),
            self._word(mark.verdict) if mark and mark.verdict else "",
            mark.note if mark else "",
            mark.marked_by if mark else "",
            self._time(mark.marked_at) if mark else "",
            str(event.id),
        )

    def _time(self, at: datetime | None) -> str:
        return "" if at is None else f"{at.astimezone(self.tz):%Y-%m-%d %H:%M:%S}"

    def _word(self, value: str) -> str:
        return WORDS.get(value, value) if self.language == "zh" else value


def _cell(sheet: Any, value: str | float | None) -> Any:
    cell = WriteOnlyCell(sheet, value=ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value)
    if isinstance(value, str):
        cell.data_type = "s"  # else text that begins with = would be a formula
    return cell
