"""The register as CSV that Excel in China opens as it is; its last rows say where the chain ends, and its SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Any, Literal

from api import table
from registry.audit.chain import Walk
from registry.audit.exporting import Export
from registry.columns import from_ms

Language = Literal["zh", "en"]
COLUMNS = (
    ("序号", "No"),
    ("时间", "Time"),
    ("用户", "User"),
    ("角色", "Role"),
    ("单位", "Unit"),
    ("地址", "Address"),
    ("操作", "Action"),
    ("点位", "Cameras"),
    ("起", "Span from"),
    ("止", "Span to"),
    ("事由", "Purpose"),
    ("案件编号", "Case"),
    ("理由", "Reason"),
    ("同意书版本", "Consent versions"),
    ("结果数", "Results"),
    ("详情", "Detail"),
    ("哈希", "Hash"),
)
_ENDS = {
    "zh": ("链尾哈希", "链条", "完整", "断裂于", "以上内容的 SHA-256"),
    "en": ("Hash of the last row", "Chain", "holds", "broken at", "SHA-256 of all above"),
}


async def lines(export: Export, language: Language) -> AsyncIterator[bytes]:
    """The file, batch by batch. The SHA-256 in the last row is over every byte before that row."""
    whole, walk = hashlib.sha256(), Walk(selection=export.selection)
    begin = table.BOM + table.rows([[column[0 if language == "zh" else 1] for column in COLUMNS]])
    whole.update(begin)
    yield begin
    end: dict[str, Any] = {}
    async for rows in export.rows():
        for row in rows:
            walk.feed(row)
        part = table.rows(_cells(row, export) for row in rows)
        whole.update(part)
        end = rows[-1]
        yield part
    walk.end((end["no"], end["hash"]) if end else None)
    last, chain, holds, breaks, sha256 = _ENDS[language]
    state = holds if walk.broken is None else f"{breaks} {walk.broken.no}"
    foot = table.rows([[last, end.get("no", ""), end.get("hash", "")], [chain, state]])
    whole.update(foot)
    yield foot + table.rows([[sha256, whole.hexdigest()]])


def _cells(row: dict[str, Any], export: Export) -> list[object]:
    def at(name: str) -> str:
        ms = row[name]
        return "" if ms is None else f"{from_ms(ms).astimezone(export.store.tz):%Y-%m-%d %H:%M:%S}"

    return [
        row["no"],
        at("at"),
        *(table.harmless(row[name] or "") for name in ("user_name", "role", "unit", "address", "action")),
        " ".join(row["cameras"]),
        at("span_from"),
        at("span_to"),
        *(table.harmless(row[name] or "") for name in ("purpose_kind", "case_number", "reason")),
        table.harmless(" ".join(row["consent_versions"] or ())),
        "" if row["result_count"] is None else row["result_count"],
        table.harmless(row["detail"]),
        row["hash"],
    ]
