"""`camera-hub village`."""

from __future__ import annotations

import json
from pathlib import Path

from .conftest import PLACES, Hub


def test_the_shipped_county_loads_whole_and_again_changes_nothing(hub: Hub) -> None:
    first = hub("village", "load", PLACES, "--json").json
    assert (first["added"], first["bad_rows"]) == (284, [])
    second = hub("village", "load", PLACES, "--json").json
    assert (second["added"], second["changed"], second["unchanged"]) == (0, 0, 284)
    levels = [place["level"] for place in hub("village", "list", "--json").json]
    assert [levels.count(level) for level in ("county", "township", "village")] == [1, 33, 250]


def test_another_county_loads_beside_it(county: Hub, tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("code,name\n120119,蓟州区\n120119101,官庄镇\n120119101200,东后街村\n", encoding="gb18030")
    assert county("village", "load", file).status == 0
    assert [place["name"] for place in county("village", "list", "--prefix", "120119", "--json").json] == [
        "蓟州区",
        "官庄镇",
        "东后街村",
    ]


def test_wrong_rows_are_told_with_their_lines_and_the_rest_is_loaded(county: Hub, tmp_path: Path) -> None:
    file = tmp_path / "wrong.csv"
    file.write_text(
        "# local additions\ncode,name,level,lat,lon\n220882100999,新屯,village,45.7,123.9\n22088,短,,,\n"
        "220882100998,层级错,county,,\n220882999001,无镇,,,\n220882100997,纬度错,,95,1\n",
        encoding="utf-8-sig",
    )
    said = county("village", "load", file, "--json")
    assert said.status == 1
    assert said.json["added"] == 1
    assert sorted(row["line"] for row in said.json["bad_rows"]) == [4, 5, 6, 7]


def test_life_of_a_local_place(county: Hub) -> None:
    assert county("village", "add", "220882100999", "新屯", "--lat", "45.7", "--lon", "123.9").status == 0
    assert county("village", "add", "220882100999", "新屯").status == 4
    assert county("village", "change", "220882100999", "--name", "新新屯").status == 0
    assert county("village", "show", "220882100999", "--json").json["name"] == "新新屯"
    assert county("village", "remove", "220882100999").status == 0
    assert county("village", "show", "220882100999").status == 3


def test_every_wrong_field_is_named(county: Hub) -> None:
    said = county("village", "add", "22088210099", "", "--lat", "91", "--lon", "east", "--json")
    assert said.status == 2
    assert {field["path"] for field in said.problem["fields"]} == {"code", "name", "lat", "lon"}


def test_a_place_with_villages_below_stays(county: Hub) -> None:
    said = county("village", "remove", "220882100", "--json")
    assert said.status == 4
    assert said.problem["code"] == "place_in_use"


def test_a_missing_file_is_named(county: Hub, tmp_path: Path) -> None:
    said = county("village", "load", tmp_path / "none.csv")
    assert said.status == 2
    assert "none.csv" in said.err


def test_geojson_is_tried_and_then_drawn(county: Hub, tmp_path: Path) -> None:
    ring = [[123.93, 45.72], [123.95, 45.72], [123.95, 45.74], [123.93, 45.72]]
    shapes = [ring, [one[::-1] for one in ring]]
    features = [
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [shape]}, "properties": {"code": code}}
        for shape, code in zip(shapes, ("220882100200", "220882100201"), strict=True)
    ]
    file = tmp_path / "village.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    tried = county("village", "import-geojson", "220882100", file, "--json")
    assert (tried.status, tried.json["applied"], tried.json["added"], tried.json["refused"]) == (1, False, 1, 1)
    done = county("village", "import-geojson", "220882100", file, "--apply")
    assert done.status == 1
    assert "swapped" in done.out
    again = county("village", "import-geojson", "220882100", file, "--json").json
    assert (again["unchanged"], again["steps"][1]["reason"]) == (1, "swapped")
    assert county("village", "import-geojson", "220882", PLACES).status == 2
    assert county("village", "import-geojson", "220882", tmp_path / "none").status == 2
