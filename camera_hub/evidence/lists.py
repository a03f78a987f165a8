"""The two official lists of a pack: of its electronic data (电子数据清单), and of what was taken (调取清单)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo
from html import escape
from typing import Any

from camera_hub.evidence import words
from camera_hub.evidence.page import STYLE, facts, local, offset, table, whole
from registry.evidence import Gathered
from registry.evidence.gathering import LeftOut


def of_data(about: Gathered, files: Sequence[Mapping[str, Any]], tz: tzinfo) -> str:
    """Each file with its digest."""
    names = {str(one.id): one for one in about.cameras}

    def source(one: Mapping[str, Any]) -> str:
        camera = names.get(str(one.get("camera")))
        return "本系统" if camera is None else f"{camera.place_name} {camera.name}"

    rows = (
        (
            str(number),
            escape(str(one["path"])),
            words.ROLE.get(one["role"], str(one["role"])),
            escape(str(one["media_type"])),
            str(one["bytes"]),
            escape(source(one)),
            f"{_short(one.get('from'))}<br>{_short(one.get('to'))}" if one.get("from") else "",
            f"<code>{one['sha256']}</code>",
        )
        for number, one in enumerate(files, start=1)
    )
    body = facts(_head(about, tz)) + table(
        ("序号", "文件", "性质", "格式", "字节", "来源", "起止（北京时间）", "SHA-256"), rows
    )
    return whole("电子数据清单", body + _signs("制作人", "见证人", "持有人（提供人）", "日期"), _style())


def of_taken(about: Gathered, left_out: Iterable[LeftOut], tz: tzinfo) -> str:
    """What was taken of which camera, and what could not be."""
    names = {one.id: one for one in about.cameras}
    left = list(left_out)

    def rows() -> Iterable[tuple[str, ...]]:
        for number, part in enumerate(about.parts, start=1):
            camera = names[part.item.camera_id]
            missing = [
                f"{local(max(gap.since, part.item.starts_at), tz)} 至 {local(min(gap.until, part.item.ends_at), tz)} "
                f"未录像（{words.CAUSE.get(gap.cause, gap.cause)}）"
                for gap in part.gaps
            ]
            missing += [
                f"{local(one.since, tz)} 至 {local(one.until, tz)} 未收入（{words.REFUSED.get(one.why, one.why)}）"
                for one in left
                if one.camera_id == part.item.camera_id
                and one.since < part.item.ends_at
                and one.until > part.item.starts_at
            ]
            yield (
                str(number),
                "监控录像",
                escape(f"{camera.place_name} {camera.name} {camera.address}"),
                escape(camera.gb_id or "无国标编码"),
                f"{local(part.item.starts_at, tz)}<br>{local(part.item.ends_at, tz)}",
                f"{len(part.segments)} 段",
                offset(camera.clock_offset_ms),
                "<br>".join(map(escape, missing)) or "无缺",
            )

    body = facts(_head(about, tz)) + table(
        ("序号", "名称", "来源", "编号", "起止（北京时间）", "数量", "时钟偏差", "备注（缺口、未收入）"), rows()
    )
    return whole("调取证据清单", body + _signs("调取人", "被调取人（单位）", "批准人", "日期"), _style())


def _head(about: Gathered, tz: tzinfo) -> Iterable[tuple[str, str]]:
    asked, case = about.asked, about.case
    yield "案件编号", escape(case.number)
    yield "案由", escape(case.title)
    yield "文书号", escape(asked.document)
    yield "接收方", escape(f"{asked.recipient}（{words.RECIPIENT[asked.recipient_kind.value]}）")
    yield "用途、法律依据", escape(f"{asked.purpose}；{asked.legal_basis}")
    yield "申请人", escape(f"{about.requester.display_name or about.requester.name} {about.requester.unit}")
    yield (
        "批准人",
        escape(
            f"{about.approver.display_name or about.approver.name} {about.approver.unit}，{local(about.granted_at, tz)}"
        ),
    )


def _short(text: object) -> str:
    return str(text)[:19].replace("T", " ")


def _signs(*names: str) -> str:
    return '<div class="sign">' + "".join(f"<p>{escape(one)}</p>" for one in names) + "</div>"


def _style() -> str:
    return STYLE.read_text(encoding="utf-8")
