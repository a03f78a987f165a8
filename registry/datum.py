"""Positions told in the shifted datums of Chinese maps, on the WGS-84 the registry keeps.

Phones, 高德 and 腾讯 tell GCJ-02, 百度 BD-09. Around Da'an that is off by some 550 m: in another hamlet. The published
GCJ-02 formulas on the Krasovsky 1940 ellipsoid, turned round by iteration, to a few centimetres.
"""

from __future__ import annotations

import math
from enum import StrEnum

_AXIS_M = 6_378_245.0
_ECCENTRICITY_2 = 0.006_693_421_622_965_943
_BD = math.pi * 3000 / 180


class Datum(StrEnum):
    """What a position was told in."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


def _is_in_china(lat: float, lon: float) -> bool:
    """Outside this box the shifted datums are WGS-84 itself."""
    return 0.8293 < lat < 55.8271 and 72.004 < lon < 137.8347  # noqa: PLR2004 - the published bounds


def _shift(lat: float, lon: float) -> tuple[float, float]:
    """Degrees by which GCJ-02 lies north and east of WGS-84."""
    x, y, pi = lon - 105, lat - 35, math.pi
    waves = (20 * math.sin(6 * x * pi) + 20 * math.sin(2 * x * pi)) * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + waves
    north += (20 * math.sin(y * pi) + 40 * math.sin(y / 3 * pi)) * 2 / 3
    north += (160 * math.sin(y / 12 * pi) + 320 * math.sin(y / 30 * pi)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + waves
    east += (20 * math.sin(x * pi) + 40 * math.sin(x / 3 * pi)) * 2 / 3
    east += (150 * math.sin(x / 12 * pi) + 300 * math.sin(x / 30 * pi)) * 2 / 3
    flat = 1 - _ECCENTRICITY_2 * math.sin(math.radians(lat)) ** 2
    meridian = _AXIS_M * (1 - _ECCENTRICITY_2) / (flat * math.sqrt(flat))
    parallel = _AXIS_M / math.sqrt(flat) * math.cos(math.radians(lat))
    return math.degrees(north / meridian), math.degrees(east / parallel)


def to_gcj02(lat: float, lon: float) -> tuple[float, float]:
    """The GCJ-02 latitude and longitude of a WGS-84 position."""
    if not _is_in_china(lat, lon):
        return lat, lon
    north, east = _shift(lat, lon)
    return lat + north, lon + east


def _from_bd09(lat: float, lon: float) -> tuple[float, float]:
    x, y = lon - 0.0065, lat - 0.006
    far = math.hypot(x, y) - 0.000_02 * math.sin(y * _BD)
    angle = math.atan2(y, x) - 0.000_003 * math.cos(x * _BD)
    return far * math.sin(angle), far * math.cos(angle)


def to_wgs84(lat: float, lon: float, datum: Datum) -> tuple[float, float]:
    """The WGS-84 latitude and longitude of a position told in `datum`."""
    if datum is Datum.WGS84 or not _is_in_china(lat, lon):
        return lat, lon
    if datum is Datum.BD09:
        lat, lon = _from_bd09(lat, lon)
    found = lat, lon
    for _ in range(6):
        there = to_gcj02(*found)
        found = found[0] - (there[0] - lat), found[1] - (there[1] - lon)
    return found
