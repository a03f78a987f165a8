"""Filings as a table for a spreadsheet: CSV that Excel in China opens as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Literal

from api import table
from api.eventsheet import WORDS
from registry.placement import Filed

_COLUMNS = (
    ("行政区划代码", "Village code"), ("村屯", "Village"), ("点位", "Camera"), ("点位类型", "Kind"),
    ("管理单位", "Managing unit"), ("依据", "Basis"), ("用途", "Purpose"), ("缺项", "Missing"), ("备案状态", "Filing"),
    ("备案编号", "Filing number"), ("备案日期", "Filed on"), ("备案期限", "Due"), ("已逾期", "Overdue"),
    ("提示牌核验时间", "Sign checked"), ("启用时间", "In use since"), ("点位编号", "Camera id"),
)  # fmt: skip
_WORDS: Mapping[str, str] = {
    **WORDS, "government": "政府建设", "unit_duty": "单位义务", "consent": "本人同意", "forbidden": "禁装区域",
    "checklist": "选址核查", "basis": "依据", "purpose": "用途", "agreement": "涉密单位同意", "sign": "提示牌",
    "filing": "备案", "not_needed": "无需备案", "not_yet": "未启用", "due": "待备案", "filed": "已备案",
    "refile": "待变更备案", "yes": "是",
}  # fmt: skip


def as_csv(those: Iterable[Filed], tz: tzinfo, language: Literal["zh", "en"]) -> bytes:
    """The whole file, times in `tz`."""

    def word(value: str) -> str:
        return _WORDS.get(value, value) if language == "zh" else value

    def day(at: datetime | None) -> str:
        return "" if at is None else f"{at.astimezone(tz):%Y-%m-%d}"

    rows = [[column[0 if language == "zh" else 1] for column in _COLUMNS]]
    for one in those:
        stands = one.placement
        row = (
            one.village_code, one.village_name, one.name, word(one.kind), one.manager_unit, word(stands.basis or ""),
            stands.purpose, ("、" if language == "zh" else ", ").join(word(lack) for lack in stands.lacks),
            word(stands.filing), stands.filing_no, str(stands.filed_on or ""), day(stands.due_at),
            word("yes") if stands.overdue else "", day(stands.sign_at), day(stands.active_since), str(one.camera_id),
        )  # fmt: skip
        rows.append([table.harmless(value) for value in row])
    return table.BOM + table.rows(rows)
