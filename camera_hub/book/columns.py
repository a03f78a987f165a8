"""The book's columns: their headings in Chinese and English, and what may stand in them.

A heading is known by its Chinese or English name, by its field's name, or by one of the names other forms use.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from camera_hub.book import limits
from camera_hub.book.cell import Cell
from camera_hub.book.kinds import refuse
from registry.errors import FieldError, Invalid


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `also`: its other names; `code`: digits that are no number, kept as text; `width` in letters."""

    field: str
    zh: str
    en: str
    also: tuple[str, ...] = ()
    code: bool = False
    secret: bool = False
    needed: bool = False
    width: int = 14


COLUMNS: tuple[Column, ...] = (
    Column(
        "name",
        "点位名称",
        "Camera name",
        ("名称", "探头名称", "摄像机名称", "点位", "name", "camera"),
        needed=True,
        width=24,
    ),
    Column("kind", "点位类型", "Kind", ("类型", "探头类型", "类别"), needed=True, width=12),
    Column(
        "village_code",
        "行政村代码",
        "Village code",
        ("村代码", "村编码", "行政区划代码", "行政区划", "村屯代码"),
        code=True,
        width=16,
    ),
    Column("township", "乡镇", "Township", ("乡镇街道", "街道"), width=12),
    Column("village", "行政村", "Village", ("村", "村名", "村屯", "所属村"), width=12),
    Column("hamlet", "自然屯", "Hamlet", ("屯", "屯名"), width=12),
    Column("address", "安装地址", "Address", ("地址", "安装位置", "详细地址"), width=28),
    Column("pole", "杆号", "Pole", ("立杆编号", "杆件编号"), code=True, width=10),
    Column("lat", "纬度", "Latitude", ("lat",), width=12),
    Column("lon", "经度", "Longitude", ("lon", "lng"), width=12),
    Column("datum", "坐标系", "Datum", ("坐标类型", "坐标"), width=10),
    Column("bearing_deg", "监视方位角", "Bearing", ("方位角", "监视方位", "朝向"), width=12),
    Column("view_angle_deg", "视场角", "View angle", ("水平视场角", "可视角度"), width=10),
    Column("device", "所属设备", "Device", ("设备名称", "设备"), width=20),
    Column("type", "设备类型", "Device type", width=12),
    Column("host", "设备地址", "Host", ("IP地址", "IP", "IPv4", "IPv4地址", "设备IP", "主机"), width=16),
    Column("vendor", "厂商", "Vendor", ("设备厂商", "品牌"), width=12),
    Column("model", "型号", "Model", ("设备型号",), width=16),
    Column("username", "用户名", "User name", ("账号", "登录名"), width=12),
    Column("password", "密码", "Password", ("口令", "登录密码"), secret=True, width=14),
    Column("onvif_port", "ONVIF 端口", "ONVIF port", ("ONVIF",), width=10),
    Column("channel", "通道号", "Channel", ("通道",), width=8),
    Column("main_url", "主码流地址", "Main stream", ("主码流", "主码流url"), width=40),
    Column("sub_url", "子码流地址", "Sub stream", ("子码流", "辅码流", "码流地址", "rtsp地址"), width=40),
    Column("tier", "解码方式", "Tier", width=10),
    Column("record_mode", "录像方式", "Recording", ("录像", "录像模式"), width=12),
    Column("record_stream", "录像码流", "Recorded stream", width=12),
    Column("record_days", "录像天数", "Days kept", ("保存天数", "录像保存天数"), width=10),
    Column("event_days", "事件天数", "Event days", ("事件保存天数",), width=10),
    Column("manager_unit", "管理单位", "Manager", ("责任单位", "所属单位"), width=18),
    Column("owner_name", "户主姓名", "Owner", ("户主", "业主", "联系人"), width=12),
    Column("owner_contact", "联系方式", "Contact", ("联系电话", "电话", "手机"), code=True, width=16),
    Column("probe_mac", "MAC 地址", "MAC address", ("MAC",), code=True, width=18),
    Column(
        "gb_id", "国标编码", "GB/T 28181 id", ("国标ID", "设备编码", "国标编号", "GB28181编码"), code=True, width=22
    ),
    Column("basis", "法律依据", "Legal basis", ("设置依据",), width=12),
    Column("purpose", "设置用途", "Purpose", ("用途", "设置目的"), width=16),
    Column("checklist", "禁装场所核查", "Forbidden places", ("禁装场所", "禁止安装场所"), width=18),
    Column("near_sensitive", "临近涉密单位", "Near a sensitive unit", ("涉密单位",), width=12),
    Column("agreement", "涉密单位同意文件", "Its agreement", ("同意文件",), width=18),
    Column("near_minors", "临近未成年人场所", "Near minors", ("未成年人场所",), width=14),
    Column("filing_no", "备案编号", "Filing no.", ("备案号",), code=True, width=18),
    Column("filed_on", "备案日期", "Filed on", width=12),
    Column("sign_photo", "标识照片", "Photo of the sign", ("提示标识照片",), width=10),
    Column("sign_text", "标识文字", "Text of the sign", ("提示标识内容",), width=24),
    Column("enabled", "启用", "Enabled", ("是否启用", "状态"), width=8),
    Column("note", "备注", "Note", ("说明",), width=24),
    Column("id", "系统编号", "Camera id", ("camera_id", "编号"), code=True, width=38),
)
BY_FIELD: Mapping[str, Column] = {column.field: column for column in COLUMNS}


@dataclass(frozen=True, slots=True)
class Header:
    """Where the headings stand (row from 0), what each column is about, and headings that mean nothing here."""

    row: int
    fields: Mapping[int, str]
    headings: Mapping[str, str]
    unknown: tuple[str, ...]


_REMARK = re.compile(r"[(（\[【](必填|选填|可选|required|optional|文本|text|度|°)[)）\]】]|[*＊:：]")


def plain(heading: str) -> str:
    """A heading without case, width, spaces, and marks such as * and (必填)."""
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return re.sub(r"[\s_\u200b\ufeff]+", "", _REMARK.sub("", folded))


_BY_HEADING: Mapping[str, str] = {
    plain(name): column.field for column in COLUMNS for name in (*column.also, column.zh, column.en, column.field)
}


def find_header(rows: Sequence[Sequence[Cell]]) -> Header:
    """The row of headings: of the first rows, the one that has most of them. Raises Invalid, naming what is missing."""
    best: tuple[int, int] | None = None
    looked = 0
    for number, row in enumerate(rows):
        if not any(row):
            continue
        known = {_BY_HEADING[name] for cell in row if isinstance(cell, str) and (name := plain(cell)) in _BY_HEADING}
        if len(known) > 1 and (best is None or len(known) > best[0]):
            best = len(known), number
        looked += 1
        if looked == limits.HEADER_WITHIN:
            break
    if best is None:
        wanted = "、".join(column.zh for column in COLUMNS if column.needed)
        raise refuse("book_no_header", f"none of the first {limits.HEADER_WITHIN} rows names the columns ({wanted} …)")
    return _header(best[1], rows[best[1]])


def _header(number: int, row: Sequence[Cell]) -> Header:
    fields: dict[int, str] = {}
    headings: dict[str, str] = {}
    unknown: list[str] = []
    for place, cell in enumerate(row):
        if not isinstance(cell, str):
            raise refuse(
                "book_header",
                f"the heading {cell.shown} of column {place + 1} cannot be read; unmerge and retype it",
                column=place + 1,
            )
        field = _BY_HEADING.get(plain(cell))
        if field is None:
            unknown += [cell[:64]] if cell else []
        elif field in headings:
            raise refuse(
                "book_twice",
                f"two columns are about the same: {headings[field]}, {cell}",
                first=headings[field],
                second=cell,
            )
        else:
            fields[place], headings[field] = field, cell
    missing = [column for column in COLUMNS if column.needed and column.field not in headings]
    if "village_code" not in headings and "village" not in headings:
        missing.append(BY_FIELD["village_code"])
    if missing:
        names = "、".join(column.zh for column in missing)
        raise Invalid(
            f"columns are missing: {', '.join(column.en for column in missing)}",
            *(FieldError(column.field, "missing", f"the column {column.zh} is needed") for column in missing),
            code="book_missing",
            columns=names,
        )
    return Header(number, fields, headings, tuple(unknown))
