"""The camera book over HTTP: upload, plan, apply, export; who may, and what is refused."""

from __future__ import annotations

import asyncio
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

import api
from camera_hub.book import limits, shelf
from registry.model import Role
from tests.api.conftest import ELSEWHERE, VILLAGE, Client, World, both_engines

HEAD = "点位名称,点位类型,行政村代码,子码流地址,管理单位,密码\r\n"


def rows(*numbers: int, village: str = VILLAGE) -> str:
    return "".join(f"点位{n},公共点,{village},rtsp://192.0.2.{n + 20}/sub,所,secret{n}\r\n" for n in numbers)


async def upload(client: Client, text: str | bytes, name: str = "book.csv", **more: Any) -> Any:
    raw = text if isinstance(text, bytes) else text.encode("gb18030")
    headers = {"Content-Type": "application/octet-stream", **more.pop("headers", {})}
    return await client.ask(
        "POST", "/api/v1/book/plans", data=io.BytesIO(raw), params={"name": name}, headers=headers, raw=True
    )


def lines(body: bytes) -> list[Any]:
    return [json.loads(line) for line in body.splitlines()]


async def planned(client: Client, text: str | bytes) -> Any:
    answer = await upload(client, text)
    assert answer.status == 201, answer
    told = lines(answer.body)
    assert all("step" in line for line in told[:-1])
    return told[-1]["plan"]


@both_engines
async def test_a_book_is_uploaded_looked_at_and_applied(world: World) -> None:
    technician = await world.client(Role.TECHNICIAN)
    plan = await planned(technician, HEAD + rows(1, 2) + "坏,公共点,999999999999,rtsp://192.0.2.9/s,所,hush\r\n")
    assert (plan["add"], plan["bad"], plan["rows"], plan["applied"]) == (2, 1, 3, None)
    assert plan["faults"] == {"village_unknown": 1}
    path = f"/api/v1/book/plans/{plan['id']}"
    shown = await technician.get(path)
    assert [(one["row"], one["column"], one["heading"], one["value"]) for one in shown["bad"]] == [
        (4, "village_code", "行政村代码", "999999999999")
    ]
    assert "hush" not in json.dumps(shown)
    assert [one["name"] for one in (await technician.get(f"{path}?show=add"))["rows"]] == ["点位1", "点位2"]
    refused = await technician.ask("POST", f"{path}/apply", json={})
    assert refused.code == (409, "book_bad_rows")
    done = lines((await technician.ask("POST", f"{path}/apply", json={"skip_bad": True}, raw=True)).body)
    assert done[-1] == {"applied": {"added": 2, "changed": 0, "unchanged": 0, "skipped": 1}}
    assert (await technician.get(path))["plan"]["applied"]["added"] == 2
    assert (await technician.ask("POST", f"{path}/apply", json={"skip_bad": True})).code == (409, "book_applied")
    assert (await planned(technician, HEAD + rows(1, 2)))["unchanged"] == 2


@pytest.mark.parametrize(
    ("raw", "name", "status", "code"),
    [
        (b"", "a.csv", 422, "book_empty"),
        (b"\x89PNG\r\n\x1a\n", "a.xlsx", 422, "book_kind"),
        (b"a,b\r\n1,2\r\n", "a.xlsx", 422, "book_lies"),
        (b"a,b\r\n1,2\r\n", "a.csv", 422, "book_no_header"),
        (HEAD.encode(), "a.csv", 422, "book_no_rows"),
        (b"x" * (limits.FILE_BYTES + 1), "a.csv", 413, "too_large"),
    ],
)
async def test_a_file_that_is_no_book_is_refused(world: World, raw: bytes, name: str, status: int, code: str) -> None:
    answer = await upload(await world.client(Role.TECHNICIAN), raw, name)
    told = lines(answer.body)[-1]
    assert (answer.status, told["code"]) == (status, code)


async def test_a_file_comes_as_bytes_and_with_the_session_s_secret(world: World) -> None:
    technician = await world.client(Role.TECHNICIAN)
    form = await upload(technician, HEAD, headers={"Content-Type": "text/plain"})
    assert form.status == 415
    del technician.headers["X-CSRF-Token"]
    assert (await upload(technician, HEAD)).status == 403


async def test_only_who_registers_reads_and_writes_the_book_and_only_his_own_plans(world: World) -> None:
    technician, officer = await world.client(Role.TECHNICIAN), await world.client(Role.OFFICER)
    plan = await planned(technician, HEAD + rows(1) + rows(2, village=ELSEWHERE))
    assert plan["faults"] == {"out_of_scope": 1}
    assert (await officer.ask("GET", f"/api/v1/book/plans/{plan['id']}")).code == (404, "book_plan_gone")
    for role in (Role.ASSISTANT, Role.MONITOR):
        client = await world.client(role)
        assert (await upload(client, HEAD + rows(1))).status == 403
        for path in ("/api/v1/book", "/api/v1/book/template"):
            assert (await client.ask("GET", path)).code == (403, "role")


async def test_a_plan_goes_after_half_an_hour_and_when_there_are_too_many(world: World) -> None:
    technician = await world.client(Role.TECHNICIAN)
    first = await planned(technician, HEAD + rows(1))
    for _ in range(shelf.PER_USER):
        last = await planned(technician, HEAD + rows(1))
    assert (await technician.ask("GET", f"/api/v1/book/plans/{first['id']}")).status == 404
    assert (await technician.ask("GET", f"/api/v1/book/plans/{last['id']}")).status == 200


def test_the_shelf_forgets_by_the_clock(world: World) -> None:
    now = world.hub.store.clock()
    times = [now]
    kept = shelf.Shelf(lambda: times[0])
    on_it = kept.put(1, object())  # type: ignore[arg-type]  # what it holds does not matter to it
    assert kept.get(on_it.id, 1) is on_it
    times[0] = now + shelf.KEPT
    with pytest.raises(Exception, match="gone"):
        kept.get(on_it.id, 1)


async def test_the_export_is_of_one_s_villages_without_passwords_and_in_the_register(world: World) -> None:
    technician, admin = await world.client(Role.TECHNICIAN), await world.client(Role.ADMIN)
    answer = await technician.ask("GET", "/api/v1/book", raw=True)
    assert answer.status == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    book = await asyncio.to_thread(load_workbook, io.BytesIO(answer.body))
    sheet = book.worksheets[0]
    names = {row[0] for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert names == {"gate", "yard", "shut"}
    assert len(book.worksheets) == 2
    assert sheet.freeze_panes == "B2"
    text = await technician.ask("GET", "/api/v1/book?format=csv&lang=en", raw=True)
    assert text.body.startswith(b"\xef\xbb\xbfCamera name,Kind,")
    plan = await planned(technician, text.body)
    assert (plan["unchanged"], plan["bad"]) == (3, 0)
    rows = (await admin.get("/api/v1/audit?action=book.export"))["rows"]
    assert [one["result_count"] for one in rows] == [3, 3]
    empty = await technician.ask("GET", "/api/v1/book/template?lang=en", raw=True)
    assert (await upload(technician, empty.body, "t.xlsx")).status == 422


def test_every_field_the_page_reads_is_in_the_description() -> None:
    schemas = api.description()["components"]["schemas"]
    source = (Path(api.__file__).parent / "web" / "src" / "api" / "book.ts").read_text()
    named = {
        "Applied": "Applied",
        "Plan": "PlanSummary",
        "BadCell": "Bad",
        "Outcome": "Outcome",
        "PlanRows": "PlanRows",
    }
    said = dict(re.findall(r"export interface (\w+) \{\n(.*?)\n\}", source, re.DOTALL))
    for name, schema in named.items():
        fields = set(re.findall(r"^  (\w+)\??:", said[name], re.MULTILINE))
        assert fields == set(schemas[schema]["properties"]), name
