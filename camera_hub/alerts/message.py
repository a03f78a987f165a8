"""What an alert says outside the hub: where, what, when; never a picture, an owner or an address of a camera."""

from __future__ import annotations

import json
from datetime import tzinfo

from registry.alerts import Due
from registry.model import LabelGroup

_WORDS = {
    LabelGroup.PERSON: "人员",
    LabelGroup.TWO_WHEELER: "两轮车",
    LabelGroup.VEHICLE: "车辆",
    LabelGroup.ANIMAL: "动物",
    LabelGroup.UNKNOWN: "不明移动物",
}


def as_json(due: Due, link: str) -> bytes:
    """The body of a webhook. Times are RFC 3339 UTC; `events` is how many there were in that minute so far."""
    event = due.event
    body = {
        "type": "alert",
        "id": str(due.id),
        "rule": {"id": str(due.rule_id), "name": due.rule_name},
        "camera": {
            "id": str(event.camera_id),
            "name": event.camera_name,
            "village_code": event.village_code,
            "village_name": event.village_name,
        },
        "event": {
            "id": str(event.id),
            "kind": event.kind.value,
            "group": event.group.value,
            "label": event.label,
            "score": round(event.score, 3),
            "started_at": event.started_at.isoformat().replace("+00:00", "Z"),
        },
        "events": due.events,
        "link": link or None,
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def test_json(name: str) -> bytes:
    """The body of a try: no event in it."""
    return json.dumps({"type": "test", "target": name}, ensure_ascii=False, separators=(",", ":")).encode()


def as_mail(due: Due, link: str, tz: tzinfo) -> tuple[str, str]:
    """(subject, text) of an e-mail, in the hub's first language."""
    event = due.event
    what, when = _WORDS[event.group], event.started_at.astimezone(tz)
    subject = f"[村屯视频围墙] {event.village_name} {event.camera_name}：{what} {when:%H:%M}"
    lines = [
        f"告警规则：{due.rule_name}",
        f"探头：{event.village_name} {event.camera_name}",
        f"目标：{what}（{event.label}）",
        f"时间：{when:%Y-%m-%d %H:%M:%S}",
        f"该分钟事件数：{due.events}",
    ]
    if link:
        lines.append(f"查看（需登录并选择查看事由）：{link}")
    return subject, "\n".join(lines) + "\n"


def test_mail(name: str) -> tuple[str, str]:
    """(subject, text) of a try."""
    return "[村屯视频围墙] 告警通道测试", f"这是发往“{name}”的测试邮件，收到即表示通道可用。\n"
