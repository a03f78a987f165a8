"""A sheet's rows as entries: for each column the sheet has, the text that stands there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from camera_hub.book import placing
from camera_hub.book.bad import Bad, of_fault
from camera_hub.book.cell import Cell, Fault
from camera_hub.book.columns import Header, find_header
from camera_hub.book.kinds import refuse
from camera_hub.book.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Entry:
    """One row that is not blank. `given` has a text for every column of the sheet, empty where the cell is."""

    row: int
    given: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Entries:
    """What a sheet says: its header, the rows that could be read, and the cells that could not."""

    header: Header
    entries: tuple[Entry, ...]
    bad: tuple[Bad, ...]


_YES_NO = {"true": ("是", "有", "yes", "y", "1"), "false": ("否", "无", "没有", "no", "n", "0")}
WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "kind": {
        "public": ("公共点", "公共", "一类点", "公共点位"),
        "social": ("社会点", "社会", "二类点", "社会点位"),
        "civilian": ("民用探头", "民用", "民用点", "户主探头"),
        "wifi_probe": ("wifi探头", "wifi", "无线探头", "wifiprobe"),
    },
    "type": {
        "camera": ("摄像机", "摄像头", "ipc", "网络摄像机"),
        "nvr": ("录像机", "硬盘录像机", "网络录像机", "dvr"),
        "encoder": ("编码器", "视频服务器"),
        "wifi_probe": ("wifi探头", "wifi", "探头", "wifiprobe"),
    },
    "tier": {"auto": ("自动",), "full": ("全部", "全帧", "全解码"), "keyframes": ("关键帧", "i帧")},
    "record_mode": {
        "continuous": ("连续", "连续录像", "全天", "24小时"),
        "on_event": ("事件", "按事件", "按事件录像", "触发"),
        "none": ("不录", "不录像"),
    },
    "record_stream": {"sub": ("子码流", "辅码流"), "main": ("主码流",), "both": ("双码流", "主码流和子码流", "全部")},
    "enabled": {
        "true": ("是", "启用", "yes", "y", "1", "已启用"),
        "false": ("否", "停用", "no", "n", "0", "禁用", "未启用"),
    },
    "basis": {
        "government": ("政府建设", "政府投资", "公安建设"),
        "unit_duty": ("单位义务", "单位职责", "单位责任"),
        "consent": ("本人同意", "户主同意", "同意"),
    },
    "near_sensitive": _YES_NO,
    "near_minors": _YES_NO,
    "sign_photo": _YES_NO,
    "datum": {
        "wgs84": ("wgs84", "84", "gps", "北斗", "cgcs2000", "国家2000", "wgs-84坐标系"),
        "gcj02": ("gcj02", "火星坐标", "火星", "高德", "腾讯", "国测局"),
        "bd09": ("bd09", "百度", "bd09ll"),
    },
}  # fmt: skip
"""What may be written for a value, besides the value itself; case, width, spaces, - and _ do not count."""


def _folded(text: str) -> str:
    return re.sub(r"[\s_\-]+", "", unicodedata.normalize("NFKC", text).casefold())


_VALUES = {
    column: {_folded(word): value for value, words in values.items() for word in (value, *words)}
    for column, values in WORDS.items()
}
_DIGITS = {
    "village_code",
    "gb_id",
    "lat",
    "lon",
    "bearing_deg",
    "view_angle_deg",
    "onvif_port",
    "channel",
    "record_days",
    "event_days",
}
_TYPED = {"host", "main_url", "sub_url", "probe_mac", "id", *_DIGITS}


def meant(column: str, text: str) -> str:
    """A cell's text as the registry writes it; one that is no word of a choice stays, and is refused there.

    Chinese keyboards type full-width digits and letters: in what is no prose they are taken for the plain ones.
    """
    if column == "filed_on":
        return placing.day_of(text)
    if column in _VALUES:
        return _VALUES[column].get(_folded(text), text)
    if column in _TYPED:
        plain = unicodedata.normalize("NFKC", text).strip()
        return re.sub(r"[°度\s]+$", "", plain) if column in _DIGITS else plain
    return text


def _as_meant(column: str, cell: Cell) -> Cell:
    """The cell; where a day is wanted, a date is one, and no mistake of the spreadsheet's."""
    if column == "filed_on" and isinstance(cell, Fault) and cell.code == "date":
        return cell.shown
    return cell


def entries_of(sheet: Sheet) -> Entries:
    """The entries below the sheet's header. Raises Invalid where there is no header, or nothing below it."""
    header = find_header(sheet.rows)
    entries: list[Entry] = []
    bad: list[Bad] = []
    for number, row in enumerate(sheet.rows[header.row + 1 :], start=header.row + 2):
        cells = {
            field: _as_meant(field, row[place]) if place < len(row) else "" for place, field in header.fields.items()
        }
        if not any(cells.values()):
            continue
        wrong = [
            of_fault(number, field, header.headings[field], cell)
            for field, cell in cells.items()
            if isinstance(cell, Fault)
        ]
        if wrong:
            bad += wrong
        else:
            entries.append(Entry(number, {name: meant(name, str(cell)) for name, cell in cells.items()}))
    if not entries and not bad:
        raise refuse("book_no_rows", "there is no row below the headings")
    return Entries(header, tuple(entries), tuple(bad))
