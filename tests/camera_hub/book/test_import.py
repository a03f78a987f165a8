"""A book against a registry: what each row becomes, what is wrong with it, and that all of it or nothing is written."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from camera_hub.book import exporting
from camera_hub.book.columns import COLUMNS, find_header, plain
from camera_hub.book.entries import WORDS, entries_of, meant
from camera_hub.book.guide import HINTS
from camera_hub.book.importing import Draft, Importer
from camera_hub.book.kinds import FileKind
from camera_hub.book.plan import Action
from camera_hub.book.sheet import Sheet
from registry import audit, book, cameras, devices, places, scope, tables, users
from registry.devices import UrlPolicy
from registry.errors import Conflict, Denied, Invalid
from registry.model import Actor, Role
from registry.store import Store
from registry.users import CONSOLE
from registry.vault import Vault
from tests.camera_hub.book.sheets import HEAD, VILLAGE, row, text_of, xlsx


async def draft(desk: Importer, rows: list[list[Any]], head: list[str] | None = None) -> Draft:
    return await desk.draft(text_of([head or HEAD, *rows]).encode(), "book.csv")


def said(found: Draft) -> dict[int, tuple[str, str]]:
    return {one.row: (one.column, one.code) for one in found.plan.bad}


def counts(found: Draft) -> tuple[int, int, int, int]:
    plan = found.plan
    return plan.count(Action.ADD), plan.count(Action.CHANGE), plan.count(Action.UNCHANGED), plan.bad_rows


async def everything(store: Store) -> list[Any]:
    async with store.read() as conn:
        return [
            (await conn.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()
            for table in (tables.cameras, tables.devices, tables.audit)
        ]


async def test_a_book_is_written_once_and_changes_nothing_the_second_time(desk: Importer) -> None:
    head = [
        "名称",
        "类型",
        "乡镇",
        "村",
        "IP地址",
        "厂商",
        "通道",
        "账号",
        "口令",
        "责任单位",
        "纬度",
        "经度",
        "坐标系",
        "GB编码",
    ]
    head[-1] = "国标编码"
    rows = [
        [
            f"路口{n}",
            "公共点",
            "月亮泡镇",
            "汉书村",
            "192.0.2.9",
            "海康",
            n,
            "admin",
            "pass word",
            "所",
            45.73,
            123.94,
            "高德",
            "自动",
        ]
        for n in (1, 2)
    ]
    first = await draft(desk, rows, head)
    assert (counts(first), first.plan.devices_add) == ((2, 0, 0, 0), 1)
    assert (await desk.apply(first)).added == 2
    made = await cameras.list_cameras(desk.store, scope.EVERYTHING)
    assert [one.sub_url for one in made] == [f"rtsp://192.0.2.9:554/Streaming/Channels/{n}02" for n in (1, 2)]
    assert len({one.gb_id for one in made}) == 2
    assert all(one.gb_id and len(one.gb_id) == 20 for one in made)
    assert made[0].coord_source == "gcj02"
    assert made[0].lat != 45.73
    (box,) = await devices.list_devices(desk.store, scope.EVERYTHING)
    assert box.type == "nvr"
    assert await devices.credentials(desk.store, desk.vault, box.id) == ("admin", "pass word")
    before = await everything(desk.store)
    again = await draft(desk, rows, head)
    assert counts(again) == (0, 0, 2, 0)
    await desk.apply(again)
    assert await everything(desk.store) == [*before[:2], before[2] + 1]
    assert await audit.verify(desk.store) is None


async def test_what_goes_out_comes_back_unchanged_and_edited_changes_only_that(desk: Importer) -> None:
    await desk.apply(await draft(desk, [row(1), row(2)]))
    out = exporting.rows_of(await book.standing(desk.store, CONSOLE))
    for make in (exporting.as_xlsx, exporting.as_csv):
        for language in ("zh", "en"):
            assert counts(await desk.draft(make(out, language), "")) == (0, 0, 2, 0)
    edited = [{**out[0], "name": "改名", "host": "192.0.2.77", "sub_url": "rtsp://192.0.2.77/sub"}, out[1]]
    found = await desk.draft(exporting.as_xlsx(edited), "")
    assert counts(found) == (0, 1, 1, 0)
    assert set(found.plan.outcomes[0].changed) == {"name", "host", "sub_url"}
    await desk.apply(found)
    assert {one.name for one in await cameras.list_cameras(desk.store, scope.EVERYTHING)} == {"改名", "点位2"}


HEAD_ALL = [
    *HEAD,
    "设备地址",
    "纬度",
    "经度",
    "坐标系",
    "国标编码",
    "系统编号",
    "户主姓名",
    "联系方式",
    "MAC地址",
    "启用",
    "行政村",
    "密码",
]
FAULTS: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"点位名称": ""}, ("name", "missing")),
    ({"点位名称": "长" * 300}, ("name", "too_long")),
    ({"点位类型": "路灯"}, ("kind", "choice")),
    ({"行政村代码": "220882999999"}, ("village_code", "village_unknown")),
    ({"行政村代码": "22088210020"}, ("village_code", "village_unknown")),
    ({"行政村代码": "", "行政村": "先进村"}, ("village", "village_ambiguous")),
    ({"行政村": "先进村"}, ("village", "village_differs")),
    ({"管理单位": ""}, ("manager_unit", "missing")),
    ({"点位类型": "民用探头", "户主姓名": "李"}, ("owner_contact", "missing")),
    ({"点位类型": "WiFi 探头", "子码流地址": "", "设备地址": "192.0.2.3"}, ("probe_mac", "missing")),
    ({"子码流地址": ""}, ("sub_url", "no_stream")),
    ({"子码流地址": "", "设备地址": "192.0.2.3"}, ("sub_url", "no_stream")),
    ({"子码流地址": "ftp://192.0.2.3/x"}, ("sub_url", "scheme")),
    ({"子码流地址": "rtsp://127.0.0.1/x"}, ("sub_url", "loopback")),
    ({"设备地址": "192.0.2.200"}, ("sub_url", "host")),
    ({"设备地址": "not a host!"}, ("host", "form")),
    ({"纬度": "123.9", "经度": "45.7"}, ("lat", "swapped")),
    ({"纬度": "45.7"}, ("lon", "position")),
    ({"纬度": "北纬", "经度": "123.9"}, ("lat", "number")),
    ({"纬度": "45.7", "经度": "123.9", "坐标系": "北京54"}, ("datum", "choice")),
    ({"国标编码": "2208820000132000"}, ("gb_id", "gb_digits")),
    ({"国标编码": "2.208820000132E+19"}, ("gb_id", "rounded")),
    ({"系统编号": "0199aaaa-0000-7000-8000-000000000000"}, ("id", "camera_unknown")),
    ({"启用": "也许"}, ("enabled", "choice")),
    ({"点位名称": "=cmd|'/c calc'!A1"}, ("name", "formula")),
    ({"点位名称": "点位2"}, ("name", "repeated")),
    ({"子码流地址": "rtsp://192.0.2.2/sub"}, ("sub_url", "repeated")),
]


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("change", "expected"), FAULTS, ids=["-".join(one) for _, one in FAULTS])
async def test_a_bad_row_is_told_with_its_column_and_reason(
    desk: Importer, change: dict[str, Any], expected: tuple[str, str]
) -> None:
    good = dict(zip(HEAD_ALL, [*row(2), *[""] * 12], strict=True))
    bad = {**dict(zip(HEAD_ALL, [*row(3), *[""] * 12], strict=True)), **change}
    found = await draft(desk, [list(good.values()), list(bad.values())], HEAD_ALL)
    assert said(found)[3] == expected
    assert counts(found) == (1, 0, 0, 1)
    before = await everything(desk.store)
    with pytest.raises(Conflict) as refused:
        await desk.apply(found)
    assert refused.value.code == "book_bad_rows"
    assert await everything(desk.store) == before
    assert (await desk.apply(found, skip_bad=True)).skipped == 1


async def test_names_of_any_script_are_kept_as_they_are(desk: Importer) -> None:
    names = ["🐑 羊圈", "\u202eabc", "<script>alert(1)</script>", "'=1+1", "Ĳ ﷺ", "a" * 64]
    rows = [[name, *row(number)[1:]] for number, name in enumerate(names, start=1)]
    await desk.apply(await desk.draft(xlsx([HEAD, *rows]), ""))
    kept = {one.name for one in await cameras.list_cameras(desk.store, scope.EVERYTHING)}
    assert kept == {name.removeprefix("'") for name in names}
    out = exporting.rows_of(await book.standing(desk.store, CONSOLE))
    assert counts(await desk.draft(exporting.as_csv(out), "")) == (0, 0, len(names), 0)


async def test_a_report_never_holds_a_password(desk: Importer) -> None:
    rows = [[*row(3)[:3], "rtsp://admin:hunter2@192.0.2.3:99999999/x", "所", "hunter2", "hunter2 " * 30]]
    found = await draft(desk, rows, [*HEAD, "密码", "用户名"])
    assert found.plan.bad
    assert "hunter2" not in "".join(one.value + one.hint for one in found.plan.bad if one.column != "username")
    assert "hunter2" not in repr(found)


async def test_a_user_writes_in_his_villages_alone(desk: Importer) -> None:
    new = users.NewUser(
        name="zhang", password=SecretStr("a good password"), role=Role.TECHNICIAN, grants=("220882100",)
    )
    his = Importer(desk.store, desk.vault, Actor(await users.create(desk.store, new, CONSOLE), "10.0.0.1"), UrlPolicy())
    elsewhere = row(4)
    elsewhere[2] = "220882101200"
    everywhere = await draft(desk, [row(1), elsewhere])
    await desk.apply(everywhere)
    found = await draft(his, [[*row(1)[:4], "新单位"], [*elsewhere[:4], "新单位"]])
    assert said(found) == {3: ("village_code", "out_of_scope")}
    assert counts(found) == (0, 1, 0, 1)
    assert len(exporting.rows_of(await book.standing(desk.store, his.actor))) == 1
    with pytest.raises(Denied):
        await book.write(
            desk.store, desk.vault, everywhere.plan.orders, his.actor,
            expected=(await book.standing(desk.store, CONSOLE)).mark, detail={},
        )  # fmt: skip


async def test_a_plan_that_is_no_longer_true_is_refused_and_another_change_does_no_harm(desk: Importer) -> None:
    await desk.apply(await draft(desk, [row(1), row(2)]))
    found = await draft(desk, [[*row(1)[:4], "新单位"], row(3)])
    one, two = await cameras.list_cameras(desk.store, scope.EVERYTHING)
    await cameras.change(desk.store, desk.vault, two.id, cameras.CameraChange(note="x"), CONSOLE)
    await desk.apply(found)
    found = await draft(desk, [[*row(1)[:4], "第三个单位"]])
    await cameras.change(desk.store, desk.vault, one.id, cameras.CameraChange(manager_unit="第三个单位"), CONSOLE)
    with pytest.raises(Conflict) as stale:
        await desk.apply(found)
    assert stale.value.code == "book_stale"


async def test_a_change_between_judging_and_writing_writes_nothing(desk: Importer) -> None:
    found = await draft(desk, [row(1)])
    await places.create(desk.store, places.NewPlace(code="220882100202", name="志发村"), CONSOLE)
    before = await everything(desk.store)
    done = await book.write(desk.store, desk.vault, found.plan.orders, CONSOLE, expected=found.plan.mark, detail={})
    assert not done
    assert await everything(desk.store) == before


async def test_one_book_written_by_two_at_once_is_written_once(desk: Importer) -> None:
    found = await draft(desk, [row(1), row(2)])
    orders, mark = found.plan.orders, found.plan.mark
    done = await asyncio.gather(
        *(book.write(desk.store, desk.vault, orders, CONSOLE, expected=mark, detail={}) for _ in range(2)),
        return_exceptions=True,
    )
    assert sorted(map(repr, done)) == ["False", "True"]
    again = await draft(desk, [row(1), row(2)])
    assert (await asyncio.gather(*(desk.apply(one) for one in (again, again))))[0].unchanged == 2


async def test_a_box_that_moves_leaves_its_clock_and_takes_all_its_streams_along(desk: Importer) -> None:
    def channel(host: str, number: int, *more: str) -> list[str]:
        return [f"点位{number}", "公共点", VILLAGE, f"rtsp://{host}/{number}", "所", *more]

    await desk.apply(await draft(desk, [channel("192.0.2.5", 1), channel("192.0.2.5", 2)]))
    first, second = sorted(await cameras.list_cameras(desk.store, scope.EVERYTHING), key=lambda one: one.name)
    async with desk.store.write() as conn:
        await conn.execute(sa.update(tables.devices).values(clock_offset_ms=90_000))
    await desk.apply(
        await draft(desk, [channel("192.0.2.99", 1, "192.0.2.99", str(first.id))], [*HEAD, "设备地址", "编号"])
    )
    (box,) = await devices.list_devices(desk.store, scope.EVERYTHING)
    assert (box.host, box.clock_offset_ms) == ("192.0.2.99", None)
    followed = await cameras.get(desk.store, second.id, scope.EVERYTHING)
    assert followed.sub_url == "rtsp://192.0.2.99/2"
    assert followed.revision > second.revision  # whoever has it open is told that it changed


async def test_rows_of_one_device_agree_or_are_told_and_empty_cells_say_nothing(desk: Importer) -> None:
    head = [*HEAD, "所属设备", "用户名", "型号"]
    rows = [
        [*row(1)[:3], "rtsp://192.0.2.5/1", "所", "录像机", "admin", "DS-1"],
        [*row(2)[:3], "rtsp://192.0.2.5/2", "所", "", "", ""],
        [*row(3)[:3], "rtsp://192.0.2.5/3", "所", "录像机", "other", ""],
    ]
    found = await draft(desk, rows, head)
    assert said(found) == {4: ("username", "device_differs")}
    assert found.plan.bad[0].params == {"row": 2}
    await desk.apply(found, skip_bad=True)
    (box,) = await devices.list_devices(desk.store, scope.EVERYTHING)
    assert (box.name, box.username, box.model) == ("录像机", "admin", "DS-1")


async def test_a_partial_book_changes_what_it_names(desk: Importer) -> None:
    await desk.apply(await draft(desk, [row(1)]))
    found = await draft(desk, [["点位1", "公共点", VILLAGE, "P-007", "屯东"]], [*HEAD[:3], "杆号", "自然屯"])
    assert found.plan.outcomes[0].changed == ("hamlet", "pole")
    await desk.apply(found)
    (camera,) = await cameras.list_cameras(desk.store, scope.EVERYTHING)
    assert (camera.pole, camera.hamlet, camera.manager_unit) == ("P-007", "屯东", "派出所")
    kind = await draft(desk, [["点位1", "社会点", VILLAGE]], HEAD[:3])
    assert said(kind) == {2: ("kind", "kind_fixed")}


KILLED = """
import asyncio, sys
from registry import book
from registry.devices import UrlPolicy
from registry.store import Store
from registry.users import CONSOLE
from registry.vault import Vault
from camera_hub.book.importing import Importer

async def main(url, file):
    store = await Store.open(url)
    desk = Importer(store, Vault(bytes(32)), CONSOLE, UrlPolicy())
    found = await desk.draft(open(file, "rb").read(), "")
    def tell(done):
        print(done, flush=True)
        if done >= 1000:
            sys.stdin.read()   # in the middle of the transaction: wait to be killed
    await book.write(store, desk.vault, found.plan.orders, CONSOLE, expected=found.plan.mark, detail={}, tell=tell)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_hub_killed_while_it_writes_leaves_nothing_behind(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "book.csv"
    rows = [[f"点位{n}", "公共点", VILLAGE, f"rtsp://10.0.{n // 250}.{n % 250 + 1}/sub", "所"] for n in range(1500)]
    file.write_bytes(text_of([HEAD, *rows]).encode())
    before = await everything(store)
    url = store._writer.url.render_as_string(hide_password=False)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED, url, str(file), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    while (await process.stdout.readline()).strip() != b"1000":
        assert process.returncode is None
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    assert await everything(store) == before
    desk = Importer(store, Vault(bytes(32)), CONSOLE, UrlPolicy())
    found = await desk.draft(file.read_bytes(), "book.csv")
    assert (await desk.apply(found)).added == 1500
    assert await audit.verify(store) is None


def test_headings_are_known_however_they_are_written() -> None:
    for column in COLUMNS:
        for name in (column.zh, f" {column.zh}（必填）", column.en.upper(), column.field, f"{column.zh}*"):
            head = find_header([[], ["标题"], ["点位名称", "点位类型", "行政村代码"][:3], [name]])
            assert head.row == 2
        assert (column.field in HINTS) or column.field in {"model", "onvif_port"}
    assert len({plain(column.zh) for column in COLUMNS}) == len(COLUMNS)


@given(st.lists(st.text(max_size=12), max_size=40))
def test_any_row_is_a_header_or_refused(cells: list[str]) -> None:
    try:
        header = find_header([cells])
    except Invalid as error:
        assert error.code in {"book_no_header", "book_missing", "book_twice"}  # noqa: PT017 - either is right
    else:
        assert {"name", "kind"} <= set(header.headings)


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (["点位名称", "名称", "点位类型", "行政村代码"], "book_twice"),
        (["点位名称", "行政村代码"], "book_missing"),
        (["甲", "乙", "丙"], "book_no_header"),
    ],
)
def test_headings_that_are_missing_or_twice_are_told(head: list[str], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        entries_of(Sheet(FileKind.CSV, "", (tuple(head), ("x",) * len(head))))
    assert refused.value.code == code


@pytest.mark.parametrize("column", WORDS)
def test_every_word_of_a_choice_means_its_value(column: str) -> None:
    for value, words in WORDS[column].items():
        for word in (value, *words, f" {value.upper()} "):
            assert meant(column, word) == value
    assert meant("lat", "４５．７°") == "45.7"
    assert meant("name", "Ａ口") == "Ａ口"
