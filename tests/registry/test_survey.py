"""GeoJSON of villages: every feature judged by itself, nothing half-drawn, and what is written reads back the same."""

from __future__ import annotations

import copy
import json
import threading
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry import entrances, geography, geojson, roads, survey
from registry.datum import Datum, to_gcj02
from registry.entrances import MOST_OF_A_VILLAGE
from registry.errors import Denied, Invalid, NotFound
from registry.geometry import Position, distance
from registry.model import Actor
from registry.scope import EVERYTHING
from registry.users import CONSOLE
from tests.registry.county import County

HANSHU, MOSHIHAI, ELSEWHERE = "220882100200", "220882100201", "220882101200"
RING = [[123.93, 45.72], [123.95, 45.72], [123.95, 45.74], [123.93, 45.74], [123.93, 45.72]]
BOW = [RING[0], RING[2], RING[1], RING[3], RING[0]]


def feature(shape: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": shape, "coordinates": coordinates}, "properties": properties}


def collection(*features: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


GOOD = collection(
    feature("Polygon", [RING], code=HANSHU, name="汉书村"),
    feature("LineString", [[123.92, 45.73], [123.96, 45.73, 130.5]], 代码=HANSHU, 名称="村路"),
    feature("Point", [123.95, 45.73], code=HANSHU, name="东口", bearing_deg=270),
)


async def test_a_file_is_tried_then_drawn_and_then_finds_everything_as_it_is(county: County) -> None:
    tried = await survey.run(county.store, "220882", GOOD, CONSOLE)
    assert (tried.applied, tried.added, tried.refused) == (False, 3, 0)
    assert [step.action for step in tried.steps] == ["add"] * 3
    ground = await geography.get(county.store, "220882", EVERYTHING)
    assert (ground.roads, ground.entrances) == ((), ())

    done = await survey.run(county.store, "220882", GOOD, CONSOLE, apply=True)
    assert (done.applied, done.added) == (True, 3)
    ground = await geography.get(county.store, "220882", EVERYTHING)
    assert [area.code for area in ground.areas if area.boundary] == [HANSHU]
    assert ground.roads[0].path == ((123.92, 45.73), (123.96, 45.73))
    assert (ground.entrances[0].name, ground.entrances[0].bearing_deg) == ("东口", 270.0)
    again = await survey.run(county.store, "220882", GOOD, CONSOLE, apply=True)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 3)


async def test_what_is_written_reads_back_the_same(county: County) -> None:
    await survey.run(county.store, "220882", GOOD, CONSOLE, apply=True)
    camera = await county.camera()
    ground = await geography.get(county.store, "220882", EVERYTHING)
    seen = entrances.EntranceChange(camera_ids=(camera.id,))
    await entrances.change(county.store, ground.entrances[0].id, seen, CONSOLE)
    await roads.create(county.store, roads.NewRoad(place_code=HANSHU, path=((123.9, 45.7), (123.91, 45.7))), CONSOLE)
    written = geojson.write(await geography.get(county.store, "220882", EVERYTHING))
    assert len(written["features"]) == 4
    back = await survey.run(county.store, "220882", json.loads(json.dumps(written)), CONSOLE)
    assert (back.unchanged, back.refused) == (4, 0)

    changed = copy.deepcopy(written)
    changed["features"][3]["properties"] |= {"name": "东大门", "cameras": []}
    done = await survey.run(county.store, "220882", changed, CONSOLE, apply=True)
    assert (done.changed, done.unchanged) == (1, 3)
    (entrance,) = (await geography.get(county.store, "220882", EVERYTHING)).entrances
    assert (entrance.name, entrance.camera_ids, entrance.revision) == ("东大门", (), 3)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (feature("Polygon", [BOW], code=HANSHU), "self_intersection"),
        (feature("Polygon", [[one[::-1] for one in RING]], code=HANSHU), "swapped"),
        (feature("Polygon", [[[one[0] - 110, one[1]] for one in RING]], code=HANSHU), "outside_china"),
        (feature("Polygon", [[[one[0] - 10, one[1] - 10] for one in RING]], code=HANSHU), "far"),
        (feature("Polygon", [RING, RING], code=HANSHU), "hole"),
        (feature("MultiPolygon", [[RING], [RING]], code=HANSHU), "many_parts"),
        (feature("Polygon", [RING], code="220882100999"), "place_unknown"),
        (feature("Polygon", [RING], code="220381100999"), "outside_place"),
        (feature("Polygon", [RING], code="<script>"), "string_pattern_mismatch"),
        (feature("Polygon", [RING], code={"$gt": ""}), "string_type"),
        (feature("Polygon", [RING], name="哪个村"), "place_missing"),
        (feature("Polygon", [], code=HANSHU), "coordinates"),
        (feature("Polygon", "x" * 1000, code=HANSHU), "coordinates"),
        (feature("Polygon", [[[True, False]] * 4], code=HANSHU), "coordinates"),
        (feature("Polygon", [[[10**400, 45]] * 4], code=HANSHU), "coordinates"),
        (feature("Point", [123.95, 45.73], code=HANSHU, name="口"), "bearing_missing"),
        (feature("Point", [123.95, 45.73], code=HANSHU, name="口", bearing="north"), "float_parsing"),
        (feature("Point", [123.95, 45.73], code=HANSHU, name="口", bearing=400), "less_than"),
        (feature("Point", [123.95, 45.73], code=HANSHU, bearing=4), "string_type"),
        (feature("Point", [123.95, 45.73], code=HANSHU, bearing=4, name="é" * 300), "string_too_long"),
        (feature("Point", [123.95, 45.73], code=HANSHU, bearing=4, name="a\x00b"), "value_error"),
        (feature("Point", [123.95, 45.73], code="220882", name="口", bearing=4), "village_missing"),
        (feature("GeometryCollection", [], code=HANSHU), "geometry_type"),
        ({"type": "Feature", "geometry": None, "properties": None}, "geometry_type"),
        ({"type": "Feature", "geometry": {"type": ["Point"]}}, "geometry_type"),
        ("<script>alert(1)</script>", "not_a_feature"),
        (None, "not_a_feature"),
        ([[[[[]]]]], "not_a_feature"),
    ],
)
async def test_one_bad_feature_is_named_and_the_others_are_drawn(county: County, bad: Any, reason: str) -> None:
    await county.camera(lat=45.73, lon=123.94)
    good = feature("LineString", [[123.92, 45.73], [123.96, 45.73]], code=HANSHU, name="好路")
    done = await survey.run(county.store, "220882", collection(bad, good), CONSOLE, apply=True)
    assert [(step.index, step.action) for step in done.steps] == [(0, "refuse"), (1, "add")]
    assert done.steps[0].reason == reason
    ground = await geography.get(county.store, "220882", EVERYTHING)
    assert [road.name for road in ground.roads] == ["好路"]
    assert ground.entrances == ()


async def test_a_county_is_judged_beside_the_loop_and_no_feature_looks_at_every_camera(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(40):
        await county.camera(lat=45.72 + at * 1e-4, lon=123.94)
    threads: list[threading.Thread] = []

    def counted(a: Position, b: Position) -> float:
        threads.append(threading.current_thread())
        return distance(a, b)

    monkeypatch.setattr(survey, "distance", counted)
    roads_of = (feature("LineString", [[123.92, 45.73 + n * 1e-3], [123.96, 45.73]], code=HANSHU) for n in range(10))
    done = await survey.run(county.store, "220882", collection(*roads_of), CONSOLE)
    assert done.added == 10
    assert 10 <= len(threads) <= 40
    assert threading.main_thread() not in threads


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ([], "not_geojson"),
        ("text", "not_geojson"),
        ({}, "not_geojson"),
        ({"type": "FeatureCollection", "features": {}}, "not_geojson"),
        ({"type": "Topology", "features": []}, "not_geojson"),
        (collection(*[None] * 2001), "too_many_features"),
        (collection(feature("LineString", [[123.9, 45.7]] * 20_001)), "too_many_vertices"),
        ({**collection(), "crs": {"type": "name", "properties": {"name": "EPSG:2381"}}}, "crs"),
        ({**collection(), "crs": "EPSG:4326"}, "crs"),
    ],
)
async def test_a_file_that_is_none_is_refused_whole(county: County, document: Any, code: str) -> None:
    with pytest.raises(Invalid) as told:
        await survey.run(county.store, "220882", document, CONSOLE, apply=True)
    assert told.value.code == code


async def test_names_that_are_hostile_are_kept_as_text(county: County) -> None:
    names = ["东口🚜", "\u202eباب\u202c", "<script>alert(1)</script>", "'; DROP TABLE places; --"]
    file = collection(*(feature("Point", [123.94, 45.73], code=HANSHU, name=name, bearing=1) for name in names))
    await survey.run(county.store, HANSHU, file, CONSOLE, apply=True)
    found = {one.name for one in (await geography.get(county.store, HANSHU, EVERYTHING)).entrances}
    assert found == set(names)


async def test_places_are_found_by_name_and_by_where_a_thing_lies(county: County) -> None:
    file = collection(
        feature("Point", [123.94, 45.73], name="东口", bearing=1),
        feature("LineString", [[123.94, 45.73], [123.99, 45.73]]),
        feature("MultiPolygon", [[RING]], name="莫什海村"),
    )
    found = await survey.run(county.store, "220882100", file, CONSOLE)
    assert [(step.place_code, step.action) for step in found.steps] == [(MOSHIHAI, "add")] * 3


async def test_a_shifted_datum_is_suspected_and_undone(county: County) -> None:
    await county.camera(lat=45.7399, lon=123.931)
    shifted = [list(to_gcj02(lat, lon))[::-1] for lon, lat in RING]
    file = collection(feature("Polygon", [shifted], code=HANSHU))
    assert (await survey.run(county.store, HANSHU, file, CONSOLE)).steps[0].doubts == ("datum",)
    right = await survey.run(county.store, HANSHU, file, CONSOLE, datum=Datum.GCJ02, apply=True)
    assert right.steps[0].doubts == ()
    area = (await geography.get(county.store, HANSHU, EVERYTHING)).areas[0]
    assert area.boundary is not None
    assert {(round(lon, 5), round(lat, 5)) for lon, lat in area.boundary} == {(lon, lat) for lon, lat in RING}


async def test_nobody_draws_beyond_his_villages(county: County) -> None:
    officer = Actor(await county.user(grants=(HANSHU,)), "10.1.1.1")
    with pytest.raises(Denied):
        await survey.run(county.store, "220882", GOOD, officer)
    with pytest.raises(NotFound):
        await survey.run(county.store, "999999", GOOD, CONSOLE)
    far = await county.camera(ELSEWHERE)
    file = collection(
        feature("Point", [123.94, 45.73], name="东口", bearing=1, cameras=[str(far.id), "x", 7]),
        feature("Polygon", [RING], code=ELSEWHERE),
    )
    done = await survey.run(county.store, HANSHU, file, officer, apply=True)
    assert [(step.action, step.reason, step.doubts) for step in done.steps] == [
        ("add", None, ("camera_unknown",)),
        ("refuse", "outside_place", ()),
    ]


async def test_what_a_file_says_twice_and_what_is_too_much_is_left_out(county: County) -> None:
    twice = feature("Polygon", [RING], code=HANSHU)
    found = await survey.run(county.store, HANSHU, collection(twice, twice), CONSOLE)
    assert [step.reason for step in found.steps] == [None, "doubled"]
    many = [feature("Point", [123.94, 45.73], name=f"口{n}", bearing=1) for n in range(MOST_OF_A_VILLAGE + 1)]
    done = await survey.run(county.store, HANSHU, collection(*many), CONSOLE, apply=True)
    assert (done.added, done.steps[-1].reason) == (MOST_OF_A_VILLAGE, "too_many")


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
shapes = st.sampled_from(["Point", "LineString", "Polygon", "MultiPolygon", "GeometryCollection"])
geometries = st.fixed_dictionaries({"type": shapes | json_like, "coordinates": json_like})
features = st.fixed_dictionaries(
    {"type": st.just("Feature"), "geometry": geometries | json_like, "properties": json_like}
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(features | json_like, max_size=4), st.sampled_from(Datum))
def test_whatever_a_file_holds_each_feature_is_taken_or_refused(found: list[Any], datum: Datum) -> None:
    good, bad = geojson.read({"type": "FeatureCollection", "features": found}, datum)
    assert sorted([one.index for one in good] + [one.index for one in bad]) == list(range(len(found)))
