"""Places: the tree of codes, loaded from files people really have."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import places
from registry.errors import Conflict, Invalid, NotFound
from registry.inputs import parse
from registry.model import Level
from registry.places import BadRow, NewPlace, PlaceChange
from registry.scope import Scope
from registry.store import Store
from registry.users import CONSOLE
from tests.registry.county import County

SHIPPED = Path(__file__).parents[2] / "configs" / "places-220882.csv"


async def test_shipped_county_loads_twice(store: Store) -> None:
    first = await places.load_csv(store, SHIPPED, CONSOLE)
    assert (first.added, first.bad_rows) == (284, ())
    again = await places.load_csv(store, SHIPPED, CONSOLE)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 284)
    assert len(await places.list_places(store, level=Level.VILLAGE)) == 250
    assert (await places.get(store, "220882100200")).name.startswith("汉书村")


async def test_wrong_rows_are_told_with_their_lines(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    file.write_text(
        "# a comment\ncode,name,level,lat,lon\n220882,大安市,county,45.5,124.3\n22088,短,,,\n220882100,镇,village,,\n"
        "220882,又一个,,,\n220882101200,没有镇,,,\n220883,\x01,,,\n220884,远,,95,10\n",
        encoding="gb18030",
    )
    loaded = await places.load_csv(store, file, CONSOLE)
    assert loaded.added == 1
    assert sorted((row.line, row.path) for row in loaded.bad_rows) == [
        (4, "code"),
        (5, "level"),
        (6, "code"),
        (7, "code"),
        (8, "name"),
        (9, "lat"),
    ]
    assert BadRow(6, "code", "220882 stands in line 3 already") in loaded.bad_rows
    file.write_text("code,name\n220882,大安\n", encoding="utf-8-sig")
    assert (await places.load_csv(store, file, CONSOLE)).changed == 1
    assert (await places.get(store, "220882")).lat == 45.5


@pytest.mark.parametrize(
    "text",
    [
        "code;name\n1;2\n",
        "name\nx\n",
        "code,name,scrip\n",
        "",
        'code,name\n"unclosed,1\n',
        "code,name\n" + "x" * 200_000,
    ],
)
async def test_file_that_is_no_list_of_places(store: Store, tmp_path: Path, text: str) -> None:
    file = tmp_path / "places.csv"
    file.write_text(text)
    with pytest.raises(Invalid):
        await places.load_csv(store, file, CONSOLE)
    with pytest.raises(Invalid):
        await places.load_csv(store, tmp_path / "not there.csv", CONSOLE)


async def test_tree_is_kept(county: County) -> None:
    store = county.store
    with pytest.raises(Invalid) as err:
        await places.create(store, NewPlace(code="220882999200", name="x"), CONSOLE)
    assert err.value.fields[0].path == "code"
    with pytest.raises(Conflict):
        await places.create(store, NewPlace(code="220882", name="x"), CONSOLE)
    with pytest.raises(Conflict):
        await places.change(store, "220882100", PlaceChange(code="220882109"), CONSOLE)
    with pytest.raises(Conflict):
        await places.remove(store, "220882100", CONSOLE)
    with pytest.raises(Invalid):
        await places.change(store, "220882100200", PlaceChange(code="220882100"), CONSOLE)
    with pytest.raises(Invalid):
        await places.change(store, "220882100200", PlaceChange(name=None), CONSOLE)
    with pytest.raises(NotFound):
        await places.get(store, "999999")
    moved = await places.change(store, "220882100201", PlaceChange(code="220882101201", lat=45.1), CONSOLE)
    assert (moved.code, moved.name, moved.lat) == ("220882101201", "莫什海村", 45.1)
    await places.remove(store, "220882101201", CONSOLE)
    await county.camera()
    with pytest.raises(Conflict) as busy:
        await places.remove(store, "220882100200", CONSOLE)
    assert busy.value.params["by"] == "cameras"


async def test_names_are_searched_as_written(store: Store) -> None:
    for code, name in (("220001", "100% Farm"), ("220002", "100x farm"), ("220003", "a_b"), ("220004", "axb")):
        await places.create(store, NewPlace(code=code, name=name), CONSOLE)

    async def found(text: str) -> list[str]:
        return [place.code for place in await places.list_places(store, text=text)]

    assert await found("FARM") == ["220001", "220002"]
    assert await found("100%") == ["220001"]
    assert await found("A_B") == ["220003"]
    assert await found("'; DROP TABLE places; --") == []
    assert await found("\\") == []


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"code": "22088２", "name": "x"}, "code"),
        ({"code": "2208821002000", "name": "x"}, "code"),
        ({"code": "220882\n", "name": "x"}, "code"),
        ({"code": "220882", "name": "x\x00"}, "name"),
        ({"code": "220882", "name": "x" * 65}, "name"),
        ({"code": "220882", "name": " "}, "name"),
        ({"code": "220882", "name": "x", "lat": float("nan")}, "lat"),
        ({"code": "220882", "name": "x", "surprise": 1}, "surprise"),
    ],
)
def test_wrong_fields_are_named(data: dict[str, object], path: str) -> None:
    with pytest.raises(Invalid) as err:
        parse(NewPlace, data)
    assert [one.path for one in err.value.fields] == [path]


CODES = st.sampled_from(
    ["22", "220882", "220883", "220882100", "220882101", "220882100200", "220882101200", "220883100200"]
)


@given(st.frozensets(CODES), st.frozensets(CODES, min_size=1), CODES.filter(lambda code: len(code) == 12))
def test_narrowed_scope_is_the_intersection(granted: frozenset[str], asked: frozenset[str], village: str) -> None:
    scope = Scope(tuple(granted))
    both = scope.covers(village) and Scope(tuple(asked)).covers(village)
    assert scope.narrowed(asked).covers(village) is both
    assert Scope((), everything=True).narrowed(asked).covers(village) is Scope(tuple(asked)).covers(village)
