"""The sign to print for a camera, and the notice that its code leads to: told to anybody, without signing in."""

from __future__ import annotations

from html import escape
from uuid import UUID

import segno
from aiohttp import web

from api.routing import Door, Routes
from api.visitor import Call, Visitor
from registry import placement
from registry.permissions import Permission
from registry.placement import Notice

routes = Routes("notices")

_USUAL = "您已进入公共安全视频图像采集区域"
_RIGHTS = (
    "图像仅用于维护公共安全，由专人管理，查阅、调取均须依法登记。",
    "本人及近亲属可凭有效证件向管理单位申请查阅与本人有关的图像。",
    "依据《公共安全视频图像信息系统管理条例》《中华人民共和国个人信息保护法》设置。",
)
_FONT = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, sans-serif"


@routes.get("/cameras/{camera_id}/notice", Permission.SEE_CAMERAS, raw="image/svg+xml")
async def printed(call: Call, camera_id: UUID) -> web.Response:
    """The sign to print, A4 across, with a code that leads to the notice where the hub knows its public address."""
    await placement.get(call.hub.store, camera_id, call.scope)
    told = await placement.notice(call.hub.store, camera_id, call.hub.settings.record_policy.days)
    base = call.hub.settings.public_url
    link = f"{base}/api/v1/notices/{camera_id}" if base else None
    return web.Response(text=_sheet(told, link), content_type="image/svg+xml")


@routes.get("/notices/{camera_id}", Door.OPEN, raw="text/html")
async def public(visitor: Visitor, camera_id: UUID) -> web.Response:
    """Who runs the camera, what for, how long what it records is kept, and whom to ask."""
    told = await placement.notice(visitor.hub.store, camera_id, visitor.hub.settings.record_policy.days)
    return web.Response(text=_page(told), content_type="text/html")


def _facts(told: Notice) -> tuple[tuple[str, str], ...]:
    return (
        ("管理单位", told.unit or "—"),
        ("所在村屯", told.village),
        ("采集目的", told.purpose or "维护公共安全"),
        ("保存期限", f"{told.days} 日（依法留存的除外）"),
    )


def _page(told: Notice) -> str:
    facts = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in _facts(told))
    rights = "".join(f"<li>{one}</li>" for one in _RIGHTS)
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>视频图像采集告知</title></head>'
        f"<body><main><h1>视频图像采集告知</h1><p>{escape(told.sign_text or _USUAL)}</p><dl>{facts}</dl>"
        f"<ul>{rights}</ul></main></body></html>\n"
    )


def _sheet(told: Notice, link: str | None) -> str:
    """297 × 210 mm; attributes instead of styles, which the page's policy forbids."""
    lines = "".join(
        f'<text x="24" y="{118 + 13 * at}" font-size="7.5" fill="#111">{name}：{escape(value)}</text>'
        for at, (name, value) in enumerate(_facts(told))
    )
    rights = "".join(
        f'<text x="24" y="{178 + 7 * at}" font-size="4.6" fill="#444">{one}</text>' for at, one in enumerate(_RIGHTS)
    )
    said = told.sign_text or _USUAL
    text, size = escape(said), min(15.0, 184 / len(said))  # Chinese is as wide as it is high
    code = "" if link is None else _code(link)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="297mm" height="210mm" viewBox="0 0 297 210" '
        f'font-family="{_FONT}"><title>{text}</title>'
        '<rect width="297" height="210" fill="#fff"/><rect x="8" y="8" width="281" height="194" rx="4" fill="none" '
        'stroke="#14469f" stroke-width="3"/><rect x="16" y="16" width="265" height="80" rx="2" fill="#14469f"/>'
        '<g fill="#fff"><rect x="28" y="40" width="34" height="22" rx="3"/><path d="M62 48 76 40v22l-14-8z"/></g>'
        f'<text x="90" y="{58 + size / 3:.1f}" font-size="{size:.1f}" font-weight="700" fill="#fff">{text}</text>'
        f"{lines}{rights}{code}</svg>\n"
    )


def _code(link: str) -> str:
    """A QR code (ISO/IEC 18004) of the link, 52 mm wide, with the words under it."""
    matrix = segno.make(link, error="m", micro=False).matrix
    module = 52 / len(matrix)
    path = "".join(
        f"M{223 + x * module:.3f} {108 + y * module:.3f}h{module:.3f}v{module:.3f}h-{module:.3f}z"
        for y, row in enumerate(matrix)
        for x, dark in enumerate(row)
        if dark
    )
    words = '<text x="249" y="168" font-size="5" text-anchor="middle">扫码查看告知内容</text>'
    return f'<path d="{path}" fill="#000"/>{words}'
