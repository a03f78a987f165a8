"""Stations and teams from a table: told first, written as a whole, and what is wrong with a row is named by its column."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import SecretStr

from camera_hub.book import unitsheet
from camera_hub.book.importing import Importer
from registry import audit, unitplan, units, users
from registry.errors import Conflict, Invalid
from registry.model import Actor, Role, UnitKind
from registry.unitplan import UnitAction, UnitPlan
from registry.units import UnitChange
from registry.users import CONSOLE
from tests.camera_hub.book.sheets import text_of, xlsx

HANSHU, XIANJIN, FAR = "220882100200", "220882100201", "220882101200"
HEAD = ["类型", "名称", "上级", "管辖村屯"]
LIST = [
    ["派出所", "月亮泡派出所", "", "汉书村、月亮泡镇/先进村"],
    ["小组", "三小组", "二中队", HANSHU],
    ["中队", "二中队", "一大队", ""],
    ["大队", "一大队", "", ""],
]


async def told(desk: Importer, rows: list[list[str]], actor: Actor = CONSOLE, head: list[str] = HEAD) -> UnitPlan:
    found = await unitsheet.read(desk.store, text_of([head, *rows]).encode("gb18030"), "units.csv")
    return await unitplan.plan(desk.store, found.rows, found.bad, actor)


async def done(desk: Importer, rows: list[list[str]], expected: str | None = None) -> UnitPlan:
    found = await unitsheet.read(desk.store, xlsx([HEAD, *rows]), "units.xlsx")
    digest = expected or (await unitplan.plan(desk.store, found.rows, found.bad, CONSOLE)).digest
    return await unitplan.apply(
        desk.store, found.rows, found.bad, CONSOLE, expected=digest, detail={"file": "units.xlsx"}
    )


def wrong(plan: UnitPlan) -> list[tuple[int, str, str]]:
    return [(one.row, one.column, one.code) for one in plan.bad]


async def test_a_list_is_told_and_written_as_a_whole_and_changes_nothing_twice(desk: Importer) -> None:
    plan = await told(desk, LIST)
    assert (wrong(plan), [one.action for one in plan.outcomes]) == ([], [UnitAction.ADD] * 4)
    assert plan.outcomes[0].gained == (HANSHU, XIANJIN)
    assert await units.list_units(desk.store) == (), "told only"
    made = await done(desk, LIST)
    assert made.applied
    there = {one.name: one for one in await units.list_units(desk.store)}
    assert there["三小组"].parent_id == there["二中队"].id
    assert there["二中队"].parent_id == there["一大队"].id
    assert there["月亮泡派出所"].villages == (HANSHU, XIANJIN)
    again = await told(desk, LIST)
    assert {one.action for one in again.outcomes} == {UnitAction.UNCHANGED}
    moved = await done(desk, [["小组", "三小组", "二中队", f"{HANSHU}；{FAR}"]])
    assert (moved.outcomes[0].action, moved.outcomes[0].gained, moved.outcomes[0].lost) == (
        UnitAction.CHANGE,
        (FAR,),
        (),
    )
    rows = [one.action for one in await audit.list_rows(desk.store, CONSOLE) if one.action.startswith("unit.")]
    assert rows == ["unit.import", "unit.change", "unit.import", *["unit.create"] * 4]


async def test_a_list_without_villages_leaves_them_and_an_empty_cell_takes_them_away(desk: Importer) -> None:
    await done(desk, LIST)
    kept = await told(desk, [["小组", "三小组", "二中队"]], head=HEAD[:3])
    assert kept.outcomes[0].action is UnitAction.UNCHANGED
    emptied = await told(desk, [["小组", "三小组", "二中队", ""]])
    assert emptied.outcomes[0].lost == (HANSHU,)


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (["支队", "甲", "", ""], "kind", "choice"),
        (["", "甲", "", ""], "kind", "missing"),
        (["中队", "", "", ""], "name", "missing"),
        (["中队", "长" * 65, "", ""], "name", "form"),
        (["中队", "甲", "没有的大队", ""], "under", "unit_unknown"),
        (["派出所", "甲", "一大队", ""], "under", "unit_level"),
        (["大队", "甲", "二中队", ""], "under", "unit_unknown"),
        (["中队", "二中队", "一大队", ""], "name", "repeated"),
        (["中队", "甲", "", "220882999999"], "villages", "village_unknown"),
        (["中队", "甲", "", "先进村"], "villages", "village_ambiguous"),
        (["小组", "四小组", "二中队", HANSHU], "villages", "repeated"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_written(
    desk: Importer, row: list[str], column: str, code: str
) -> None:
    plan = await told(desk, [*LIST, row])
    assert wrong(plan) == [(6, column, code)]
    with pytest.raises(Conflict) as refused:
        await done(desk, [*LIST, row])
    assert refused.value.code == "units_bad_rows"
    assert await units.list_units(desk.store) == ()


async def test_a_plan_that_is_no_longer_so_is_not_done_and_other_villages_are_out_of_reach(desk: Importer) -> None:
    await done(desk, LIST)
    change = [["小组", "三小组", "二中队", FAR]]
    shown = (await told(desk, change)).digest
    (group,) = [one for one in await units.list_units(desk.store) if one.kind is UnitKind.GROUP]
    await units.change(desk.store, group.id, UnitChange(villages=(XIANJIN,)), CONSOLE)
    with pytest.raises(Conflict) as stale:
        await done(desk, change, shown)
    assert stale.value.code == "units_stale"
    new = users.NewUser(name="chief", display_name="所", role=Role.ADMIN, password=SecretStr("a long enough password"))
    user = await users.create(desk.store, new, CONSOLE)
    user = await users.set_grants(desk.store, user.id, ("220882100",), CONSOLE)
    chief = replace(Actor(user, "10.1.1.1"), user=user)
    assert wrong(await told(desk, change, chief)) == [(2, "villages", "out_of_scope")]


async def test_a_file_that_is_none(desk: Importer) -> None:
    for raw, code in ((b"a,b\r\n1,2\r\n", "units_no_header"), ("类型,名称\r\n".encode(), "book_no_rows")):
        with pytest.raises(Invalid) as why:
            await unitsheet.read(desk.store, raw, "x.csv")
        assert why.value.code == code
