"""Shifted datums: what 高德 and 百度 tell comes back to where the thing stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.datum import Datum, to_gcj02, to_wgs84
from registry.geometry import distance

DAAN = (45.507, 124.292)


def test_a_wrong_datum_is_half_a_kilometre_off() -> None:
    lat, lon = to_gcj02(*DAAN)
    assert distance((lon, lat), (DAAN[1], DAAN[0])) == pytest.approx(553, abs=3)


@given(st.floats(4, 53), st.floats(74, 135))
def test_there_and_back_ends_where_it_began(lat: float, lon: float) -> None:
    back = to_wgs84(*to_gcj02(lat, lon), Datum.GCJ02)
    assert distance((back[1], back[0]), (lon, lat)) < 0.05
    assert to_wgs84(lat, lon, Datum.WGS84) == (lat, lon)


def test_known_pairs() -> None:
    # Tian'anmen as the three datums tell it (published conversion tables).
    assert to_wgs84(39.908_73, 116.397_47, Datum.GCJ02) == pytest.approx((39.907_33, 116.391_23), abs=2e-5)
    assert to_wgs84(39.915_08, 116.403_86, Datum.BD09) == pytest.approx((39.907_33, 116.391_23), abs=1e-4)


def test_outside_china_nothing_is_shifted() -> None:
    assert to_gcj02(52.5, 13.4) == (52.5, 13.4)
    assert to_wgs84(52.5, 13.4, Datum.BD09) == (52.5, 13.4)
