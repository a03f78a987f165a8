"""Events as a table: what a spreadsheet reads, and what it must not run; marks over HTTP and as they happen."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from api import eventsheet
from registry import cameras
from registry.model import PurposeKind, Role
from registry.users import CONSOLE

from .conftest import World, both_engines

BAD = '=HYPERLINK("http://192.0.2.1","x")'


def _csv(body: bytes) -> list[list[str]]:
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(body[3:].decode(), newline="")))


def _xlsx(body: bytes) -> list[list[Any]]:
    sheet = load_workbook(io.BytesIO(body), read_only=True).worksheets[0]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


@both_engines
@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_an_export_holds_what_the_search_finds(world: World, form: str) -> None:
    seen = await world.event("gate", picture=False)
    await world.event("far")
    client = await world.client(Role.OFFICER, PurposeKind.CASE)
    await client.ask("PUT", f"/api/v1/events/{seen}/mark", json={"verdict": "useful", "note": "往东\n去了"})
    answer = await client.ask("GET", f"/api/v1/events/export?format={form}&label=person", raw=True)
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith(eventsheet.TYPES[form])
    assert answer.headers["Content-Disposition"].endswith(f'.{form}"')
    assert (answer.headers["X-Rows"], answer.headers["X-Cut"]) == ("1", "false")
    head, *rows = _csv(answer.body) if form == "csv" else _xlsx(answer.body)
    assert head[:3] == ["开始时间", "结束时间", "村屯"]
    (row,) = rows
    told = dict(zip(head, row, strict=True))
    assert told["事件编号"] == str(seen)
    assert (told["目标"], told["标注"], told["备注"]) == ("人员", "有用", "往东\n去了")
    event = (await client.get("/api/v1/events"))["events"][0]
    local = datetime.fromisoformat(event["started_at"]).astimezone(ZoneInfo("Asia/Shanghai"))
    assert told["开始时间"] == f"{local:%Y-%m-%d %H:%M:%S}"
    assert event["mark"]["marked_by"] == "officer"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("name", [BAD, "+1", "-1+2", "@SUM(A1)", "＝1+1"])
async def test_no_text_of_people_becomes_a_formula(world: World, form: str, name: str) -> None:
    await world.event("gate", picture=False)
    await cameras.change(
        world.hub.store, world.hub.vault, world.county.cameras["gate"], cameras.CameraChange(name=name), CONSOLE
    )
    client = await world.client(Role.OFFICER, PurposeKind.CASE)
    answer = await client.ask("GET", f"/api/v1/events/export?format={form}&language=en", raw=True)
    if form == "csv":
        assert _csv(answer.body)[1][4] == f"'{name}"
    else:
        sheet = load_workbook(io.BytesIO(answer.body)).worksheets[0]
        assert (sheet["E2"].value, sheet["E2"].data_type) == (name, "s")


async def test_a_cut_table_says_so_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.events.exporting.MOST", 2)
    for _ in range(3):
        await world.event("gate", picture=False)
    client = await world.client(Role.OFFICER, PurposeKind.CASE)
    answer = await client.ask("GET", "/api/v1/events/export?format=csv", raw=True)
    assert (answer.headers["X-Rows"], answer.headers["X-Cut"]) == ("2", "true")
    assert "只有前 2 条" in _csv(answer.body)[-1][0]


async def test_an_export_is_refused_without_right_purpose_or_sense(world: World) -> None:
    assistant = await world.client(Role.ASSISTANT, PurposeKind.PATROL)
    assert (await assistant.ask("GET", "/api/v1/events/export")).status == 403
    without = await world.client(Role.OFFICER)
    assert (await without.ask("GET", "/api/v1/events/export")).status == 403
    client = await world.client(Role.OFFICER, PurposeKind.CASE)
    for wrong in ("format=pdf", "limit=5", "cursor=x", "language=fr", "verdict=maybe"):
        assert (await client.ask("GET", f"/api/v1/events/export?{wrong}")).status == 422, wrong


@both_engines
async def test_a_mark_reaches_whoever_watches(world: World) -> None:
    seen = await world.event("gate")
    watcher = await world.client(Role.MONITOR, PurposeKind.PATROL)
    async with await watcher.stream() as stream:
        client = await world.client(Role.OFFICER, PurposeKind.CASE)
        answer = await client.ask("PUT", f"/api/v1/events/{seen}/mark", json={"verdict": "false"})
        assert answer.status == 200
        while (said := await stream.receive_json())["type"] != "event":
            pass
    assert said["event"]["id"] == str(seen)
    assert said["event"]["mark"]["verdict"] == "false"
    assert (await client.ask("PUT", f"/api/v1/events/{uuid4()}/mark", json={})).status == 404
    assert (await client.ask("PUT", f"/api/v1/events/{seen}/mark", json={"verdict": "bad"})).status == 422
