"""What goes to somebody who is asked for a clip: a form to print, and a message to send. The case is told by number."""

from __future__ import annotations

from html import escape

from api import paper
from api.paper import Place
from registry.canvass import Asked

_CLAUSES = (
    "请提供您的摄像设备在上述时段内的原始录像。仅需上述时段，请勿提供其他内容。",
    "扫描右上方二维码，用手机或电脑上传，无需注册；中途断开可以继续。链接仅供本次使用，请勿转发他人。",
    "请尽量导出原始文件，不要剪辑、转码或翻拍屏幕；如能拍下录像机时钟与手机时钟的合照，请一并上传。",
    "所提供的录像仅用于本案，由专人保管；不采用的予以删除，可凭同一链接查看回执。",
)
_BY_NOTICE = "依据调取证据通知书（{number}）调取。"
_BY_WILL = "本请求由您自愿决定是否提供；不提供不影响您的任何权益。"


def address(asked: Asked, place: Place) -> str:
    """The page to send it on; what proves the request stands in the fragment, which no browser sends."""
    return f"{place.address}/give.html#{asked.token}"


def message(asked: Asked, place: Place) -> str:
    """A message for SMS or WeChat: what is asked for, why (the case's number alone), where, until when."""
    one = asked.request
    since, until = (f"{at.astimezone(place.tz):%Y年%m月%d日 %H:%M}" for at in (one.since, one.until))
    expires = f"{one.expires_at.astimezone(place.tz):%m月%d日 %H:%M}"
    contact = f"联系：{place.contact}。" if place.contact else ""
    unit = asked.unit or "公安机关"
    return (
        f"【调取录像】{asked.name}：因办理案件 {asked.case_number}，{unit}请您提供{since}至{until}的监控录像。"
        f"请在{expires}前打开 {address(asked, place)} 上传，无需注册。链接仅供您本次使用，请勿转发。{contact}"
    )


def form(asked: Asked, place: Place) -> str:
    """The form as an HTML page without style."""
    one = asked.request
    since, until, expires, made = (
        f"{at.astimezone(place.tz):%Y-%m-%d %H:%M}" for at in (one.since, one.until, one.expires_at, one.asked_at)
    )
    ground = _BY_NOTICE.format(number=one.document_number) if one.document_number else _BY_WILL
    rows = "".join(
        f"<tr><th>{name}</th><td>{escape(value)}</td></tr>"
        for name, value in (
            ("被请求人", asked.name),
            ("事由", f"办理案件 {asked.case_number}"),
            ("录像时段", f"{since} 至 {until}（北京时间）"),
            ("上传截止", expires),
            ("办案单位", asked.unit or "—"),
            ("经办人", asked.officer),
            ("联系方式", place.contact or "—"),
        )
    )
    clauses = "".join(f"<li>{escape(clause)}</li>" for clause in (ground, *_CLAUSES))
    where = address(asked, place)
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer"><title>录像调取请求书</title></head><body>'
        '<h1>录像调取请求书</h1><div class="top"><div><p>您好：公安机关办理案件需要您的协助。</p>'
        f'<p class="small">{escape(where)}</p></div><div class="code">{paper.code(where)}<br>扫码上传录像</div></div>'
        f"<table>{rows}</table><ol>{clauses}</ol>"
        '<div class="sign"><p>提供人（签名）</p><p>经办人（签名）</p><p>日期</p></div>'
        f'<p class="small">编号 {one.id} · 开具 {made}</p></body></html>'
    )
