"""Placement in the book: the checklist, the basis, the filing, the sign; a dry run, bad cells, out and in again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from camera_hub.book import exporting
from camera_hub.book.importing import Draft, Importer
from camera_hub.book.placing import WORDS, day_of
from registry import audit, book, cameras, placement, scope
from registry.model import Camera
from registry.placement import Lack, Placement, SignFile
from registry.policy import preset
from registry.users import CONSOLE
from tests.camera_hub.book.sheets import HEAD, row, xlsx
from tests.camera_hub.book.test_import import counts, draft

PLACED = ["法律依据", "用途", "禁装场所", "临近未成年人场所", "备案编号", "备案日期", "标识照片", "标识文字"]
TOLD: list[Any] = [
    "政府建设",
    "治安防控",
    "均不涉及",
    "是",
    "吉公备2026-77",
    "2026/11/20",
    "",
    "公共安全视频图像采集区域",
]


async def places(desk: Importer) -> list[Placement]:
    found = await cameras.list_cameras(desk.store, scope.EVERYTHING)
    return [await placement.get(desk.store, one.id, scope.EVERYTHING) for one in found]


async def one(desk: Importer, *told: Any, head: list[str] = PLACED) -> Draft:
    return await draft(desk, [[*row(1), *told]], [*HEAD, *head])


def codes(found: Draft) -> list[tuple[str, str]]:
    return [(bad.column, bad.code) for bad in found.plan.bad]


def test_every_place_that_is_asked_about_has_a_word() -> None:
    for name in ("cn", "eu"):
        assert set(preset(name).placement.forbidden) <= set(WORDS)


@pytest.mark.parametrize(
    "text", ["2026-11-20", "2026/11/20", "2026.11.20", "2026年11月20日", "20261120", "2026-11-20 00:00:00"]
)
def test_a_day_is_read_as_people_write_it(text: str) -> None:
    assert day_of(text) == "2026-11-20"
    assert (day_of("2026-13-40"), day_of("去年")) == ("2026-13-40", "去年")


async def test_a_book_tells_placements_and_a_dry_run_writes_nothing(desk: Importer) -> None:
    found = await one(desk, *TOLD)
    assert (counts(found), await places(desk)) == ((1, 0, 0, 0), [])
    await desk.apply(found)
    (told,) = await places(desk)
    assert (told.basis, told.purpose, told.near_minors, told.filing_no) == ("government", "治安防控", True, TOLD[4])
    assert (told.filed_on, told.sign_text) == (dt.date(2026, 11, 20), TOLD[7])
    assert set(told.answers) == set(told.forbidden)
    assert not any(told.answers.values())
    assert (told.answered_by, told.lacks) == ("console", (Lack.SIGN,))
    again = await one(desk, *TOLD)
    assert counts(again) == (0, 0, 1, 0)
    changed = await one(desk, *[*TOLD[:1], "护校", *TOLD[2:]])
    assert (counts(changed), changed.plan.outcomes[0].changed) == ((0, 1, 0, 0), ("purpose",))
    (before,) = await cameras.list_cameras(desk.store, scope.EVERYTHING)
    await desk.apply(changed)
    (told,) = await places(desk)
    assert told.purpose == "护校"
    (after,) = await cameras.list_cameras(desk.store, scope.EVERYTHING)
    assert after.revision == before.revision, "the camera itself did not change"
    rows = [one for one in await audit.list_rows(desk.store, CONSOLE) if one.action == "placement.change"]
    assert [one.cameras for one in rows] == [(str(after.id),)] * 2
    assert "护校" in rows[0].detail
    assert await audit.verify(desk.store) is None


async def test_what_goes_out_comes_back_unchanged(desk: Importer) -> None:
    await desk.apply(await one(desk, *TOLD))
    await desk.apply(await draft(desk, [row(2), row(3), row(4)]))
    bare: Camera
    _, bare, open_, forbidden = await cameras.list_cameras(desk.store, scope.EVERYTHING)
    await placement.keep_sign(desk.store, bare.id, SignFile("hub", "signs/x.jpg", 9), CONSOLE)
    for camera, answers in ((open_, {"bedroom": False}), (forbidden, {"bedroom": True, "toilet": True})):
        whole = dict.fromkeys(preset("cn").placement.forbidden, False) if camera is forbidden else {}
        told = placement.PlacementChange(answers={**whole, **answers})
        await placement.change(desk.store, camera.id, told, CONSOLE)
    for language in ("zh", "en"):
        out = exporting.rows_of(await book.standing(desk.store, CONSOLE), language)
        assert [one["sign_photo"] for one in out] == [False, True, False, False]
        shown = [one["checklist"] for one in out]
        assert shown == (
            ["均不涉及", "", "待核查", "卧室、卫生间"] if language == "zh" else ["none", "", "open", "bedroom, toilet"]
        )
        for make in (exporting.as_xlsx, exporting.as_csv):
            assert counts(await desk.draft(make(out, language), "")) == (0, 0, 4, 0)


async def test_bad_cells_are_named_and_nothing_is_written(desk: Importer) -> None:
    for column, text, code in (
        ("法律依据", "本人同意", "basis"),
        ("法律依据", "祖传", "choice"),
        ("禁装场所", "卧室、月球", "choice"),
        ("禁装场所", "无、卧室", "choice"),
        ("临近未成年人场所", "也许", "choice"),
        ("备案编号", "吉公备2026-77", "filing"),
        ("备案日期", "去年", "day"),
        ("标识照片", "有", "sign_by_photo"),
        ("用途", "长" * 201, "too_long"),
    ):
        found = await one(desk, text, head=[column])
        assert [bad for _, bad in codes(found)] == [code], (column, text, codes(found))
        assert found.plan.bad[0].heading == column or code == "filing"
    assert await places(desk) == []


async def test_an_answer_is_never_taken_back_and_a_date_cell_is_a_day(desk: Importer) -> None:
    await desk.apply(await one(desk, "卧室", head=["禁装场所"]))
    assert codes(await one(desk, "均不涉及", head=["禁装场所"])) == [("checklist", "placement_forbidden")]
    assert counts(await one(desk, "", head=["禁装场所"])) == (0, 0, 1, 0)
    day = xlsx([[*HEAD, "备案编号", "备案日期"], [*row(1), "A-1", dt.date(2026, 11, 20)]])
    found = await desk.draft(day, "")
    assert (codes(found), counts(found)) == ([], (0, 1, 0, 0))
    await desk.apply(found)
    assert (await places(desk))[0].filed_on == dt.date(2026, 11, 20)
