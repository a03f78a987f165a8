"""`camera-hub request` and `assessment`: from the first to the last step, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

from .conftest import Hub

REQUEST = {
    "asker": "李秀英", "relation": "self", "id_kind": "resident", "id_last4": "123X", "grounds": "丢失钱包",
    "village_code": "220882100200", "from": "2026-11-20T08:00:00+08:00", "to": "2026-11-20T09:00:00+08:00",
}  # fmt: skip


def test_a_request_of_a_village_without_cameras_says_so(county: Hub, tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    file.write_text(json.dumps(REQUEST), encoding="utf-8")
    assert county("request", "receive", file).status == 2
    assert county("request", "list", "--json").json == []
    assert county("request", "decide", "00000000-0000-0000-0000-000000000000", "granted").status == 3
    assert county("request", "decide", "00000000-0000-0000-0000-000000000000", "perhaps").status == 2


def test_an_assessment_until_it_is_not_used_any_more(county: Hub) -> None:
    first = ("大公评〔2024〕3号", "王局", "2024-11-20T00:00:00+08:00")
    made = county("assessment", "add", "deployment", "村屯视频", *first, "--json")
    assert made.status == 0, made.err
    assert county("assessment", "list").status == 1, "it is overdue"
    again = county(
        "assessment", "review", made.json["id"], "大公评〔2026〕1号", "赵局", "2026-01-10T00:00:00+08:00", "--json"
    )
    assert again.json["document_number"] == "大公评〔2026〕1号"
    assert county("assessment", "end", made.json["id"], "--json").json["ended_at"] is not None
    assert county("assessment", "list").status == 0
    assert county("assessment", "end", made.json["id"]).status == 4
