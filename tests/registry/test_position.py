"""Positions: shifted datums, exchanged latitude and longitude, and what is far from its village."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import cameras, places
from registry.cameras import CameraChange, NewCamera
from registry.datum import Datum, to_gcj02, to_wgs84
from registry.errors import Invalid
from registry.geometry import distance
from registry.inputs import parse
from registry.places import PlaceChange
from registry.scope import EVERYTHING
from registry.users import CONSOLE
from tests.registry.county import County

DAAN = (45.507, 124.292)
in_china = st.tuples(st.floats(3.9, 53.5), st.floats(73.7, 135.0))


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return distance((a[1], a[0]), (b[1], b[0]))


def test_the_shift_at_daan_is_what_is_published() -> None:
    assert metres(DAAN, to_gcj02(*DAAN)) == pytest.approx(553, abs=1)


@given(in_china)
def test_there_and_back_is_the_same_place(at: tuple[float, float]) -> None:
    assert metres(to_wgs84(*to_gcj02(*at), Datum.GCJ02), at) < 0.001


@given(in_china)
def test_bd09_is_told_apart_from_gcj02(at: tuple[float, float]) -> None:
    as_gcj, as_bd = to_wgs84(*at, Datum.GCJ02), to_wgs84(*at, Datum.BD09)
    assert 500 < metres(as_gcj, as_bd) < 1500


def test_bd09_as_a_known_point_tells_it() -> None:
    # Tian'anmen as 百度 shows it, and as surveyors do.
    assert metres(to_wgs84(39.915119, 116.403963, Datum.BD09), (39.907375, 116.391349)) < 20


@given(st.tuples(st.floats(-60, -20), st.floats(-170, 170)), st.sampled_from(Datum))
def test_nothing_is_shifted_elsewhere(at: tuple[float, float], datum: Datum) -> None:
    assert to_wgs84(*at, datum) == at


async def test_what_is_kept_is_wgs84_and_says_what_was_given(county: County) -> None:
    gcj = to_gcj02(*DAAN)
    camera = await county.camera(lat=gcj[0], lon=gcj[1], datum=Datum.GCJ02)
    assert metres((camera.lat, camera.lon), DAAN) < 0.05
    assert camera.coord_source == "gcj02"
    plain = await county.camera(lat=DAAN[0], lon=DAAN[1])
    assert (plain.lat, plain.lon, plain.coord_source) == (*DAAN, "wgs84")
    assert (await county.camera()).coord_source == ""
    moved = await change(county, plain, lat=gcj[0], lon=gcj[1], datum=Datum.GCJ02)
    assert (metres((moved.lat, moved.lon), DAAN) < 0.05, moved.coord_source) == (True, "gcj02")
    cleared = await change(county, moved, lat=None, lon=None)
    assert (cleared.lat, cleared.lon, cleared.coord_source) == (None, None, "")


async def change(county: County, camera, **given):
    return await cameras.change(county.store, county.vault, camera.id, CameraChange(**given), CONSOLE)


@pytest.mark.parametrize("half", [{"lat": 45.5}, {"lon": 124.2}, {"lat": None, "lon": 124.2}])
async def test_half_a_position_is_refused(county: County, half: dict[str, float | None]) -> None:
    camera = await county.camera(lat=DAAN[0], lon=DAAN[1])
    with pytest.raises(Invalid) as err:
        await change(county, camera, **half)
    assert (err.value.fields[0].path, err.value.fields[0].code) == ("lat", "position")
    with pytest.raises(Invalid) as alone:
        await change(county, camera, datum=Datum.GCJ02)
    assert alone.value.fields[0].path == "datum"


def test_a_longitude_is_no_latitude() -> None:
    whole = {"device_id": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "c", "kind": "public"}
    with pytest.raises(Invalid) as err:
        parse(NewCamera, {**whole, "village_code": "220882100200", "lat": 124.292, "lon": 45.507})
    assert [(one.path, one.code) for one in err.value.fields] == [("lat", "swapped")]


@pytest.mark.parametrize("known", ["220882100200", "220882100", "220882", "cameras"])
async def test_exchanged_degrees_are_seen_wherever_they_can_be(county: County, known: str) -> None:
    # Kashgar: both numbers could be a latitude.
    if known == "cameras":
        await county.camera("220882101200", lat=39.47, lon=75.99)
    else:
        await places.change(county.store, known, PlaceChange(lat=39.47, lon=75.99), CONSOLE)
    with pytest.raises(Invalid) as err:
        await county.camera(lat=75.9, lon=39.4)
    assert [(one.path, one.code) for one in err.value.fields] == [("lat", "swapped")]
    camera = await county.camera(lat=39.4, lon=75.9)
    with pytest.raises(Invalid):
        await change(county, camera, lat=75.9, lon=39.4)


async def test_far_from_the_village_is_kept_with_a_warning_until_it_is_mended(county: County) -> None:
    camera = await county.camera(lat=44.0, lon=124.292)
    assert camera.warnings == ()
    await places.change(county.store, "220882100200", PlaceChange(lat=DAAN[0], lon=DAAN[1]), CONSOLE)
    (seen,) = await cameras.list_cameras(county.store, EVERYTHING)
    assert seen.warnings == ("far_from_village",)
    assert (await change(county, camera, lat=45.5, lon=124.3)).warnings == ()
