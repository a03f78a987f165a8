"""The report of a case: all that was looked at and all that was not, with reasons; the same state, the same bytes."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from pathlib import Path

import pytest

from registry import audit
from registry.model import PurposeKind, Role
from registry.users import CONSOLE
from tests.api.test_exports import Desk, manifest_of

from .conftest import World, both_engines

API = "/api/v1"


@pytest.fixture
async def desk(world: World) -> Desk:
    return await Desk.at(world)


async def bookmark(desk: Desk, seconds: float, note: str) -> None:
    gate = str(desk.world.county.cameras["gate"])
    at = (desk.begun[0] + timedelta(seconds=seconds)).isoformat()
    new = {"camera_id": gate, "at": at, "kind": "sighting", "confidence": "likely", "note": note}
    await desk.officer.post(f"{API}/cases/{desk.world.county.case}/bookmarks", new)


async def report(desk: Desk) -> str:
    answer = await desk.officer.ask("GET", f"{API}/cases/{desk.world.county.case}/paper", raw=True)
    assert answer.status == 200, answer.body
    return str(answer.body.decode())


@both_engines
async def test_it_tells_each_bookmark_once_each_camera_and_why(desk: Desk) -> None:
    await bookmark(desk, 3, "白色三轮 <b>出村</b>")
    await bookmark(desk, 12, "同一辆车")
    said = await report(desk)
    timeline = said[said.index("二、时间线") : said.index("目击点（线索图编号）")]
    rows = re.findall(r"<tr><td>(\d+)</td>(.*?)</tr>", timeline)
    assert [number for number, _ in rows] == ["1", "2"]
    tz = desk.world.hub.store.tz
    at = desk.begun[0] + timedelta(seconds=3)
    camera_time = at + timedelta(milliseconds=120)
    for text in (
        f"{at.astimezone(tz):%Y-%m-%d %H:%M:%S}",
        "+0.1 秒",
        f"{camera_time.astimezone(tz):%Y-%m-%d %H:%M:%S}",
    ):
        assert text in rows[0][1]
    assert "&lt;b&gt;出村" in rows[0][1]
    assert "gate" in said[said.index("四、已查看") : said.index("五、未查看")]
    left = said[said.index("五、未查看") : said.index("六、截图")]
    assert re.search(r"yard.*?没有同意", left)
    assert said.count("data:image/jpeg;base64,") == 2
    assert "不能证明" in said
    assert "<svg" in said
    assert "打书签" in said[said.index("八、查询记录") :]
    assert re.search(r"文中登录名</th><td>[^<]*officer[^<：]*：用户 officer", said), (
        "who is meant by a name one signs in with"
    )


async def test_the_same_state_gives_the_same_bytes_and_the_read_is_on_record(desk: Desk) -> None:
    await bookmark(desk, 3, "三轮")
    one, two = await report(desk), await report(desk)
    assert one == two
    rows = [row for row in await audit.list_rows(desk.world.hub.store, CONSOLE) if row.action == "report.read"]
    assert len(rows) == 2
    assert rows[0].case_number == "A-2026-1"


async def test_the_pack_has_it_with_its_stills_and_the_two_lists(desk: Desk, tmp_path: Path) -> None:
    await bookmark(desk, 3, "三轮")
    approval = await desk.granted()
    one, two = [await desk.fetched(await desk.made(approval), tmp_path / name) for name in ("1", "2")]
    told = manifest_of(one)
    assert told["files"] == manifest_of(two)["files"], "report and lists too"
    (still,) = [each for each in told["files"] if each["role"] == "still"]
    raw = (one / still["path"]).read_bytes()
    assert hashlib.sha256(raw).hexdigest() == still["sha256"]
    assert still["frame_sha256"]
    text = (one / "data/report/报告.html").read_text(encoding="utf-8")
    assert f"../{still['path'].removeprefix('data/')}" in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", ""), "it needs nothing from elsewhere"
    data = (one / "data/report/电子数据清单.html").read_text(encoding="utf-8")
    for each in told["files"]:
        if each["role"] in {"master", "still", "log"}:
            assert data.count(f"<td>{each['path']}</td>") == 1
            assert f"<code>{each['sha256']}</code>" in data
    taken = (one / "data/report/调取证据清单.html").read_text(encoding="utf-8")
    assert "大公(治)调证字〔2026〕12号" in taken
    assert "3 段" in taken


async def test_it_is_read_under_the_case_alone(world: World) -> None:
    for purpose in (None, PurposeKind.PATROL):
        officer = await world.client(Role.OFFICER, purpose)
        answer = await officer.ask("GET", f"{API}/cases/{world.county.case}/paper")
        assert answer.status == 403, purpose
