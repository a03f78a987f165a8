"""Where a row says its camera stands: degrees in some datum to WGS-84, and whether that can be."""

from __future__ import annotations

import math
from dataclasses import dataclass

from registry.datum import Datum, to_wgs84
from registry.inputs import invalid

FAR_KM = 50.0
"""No camera is so far from its village: the datum, the order or a digit is wrong."""
_SAME = 1e-7
"""Degrees, a centimetre: what is lost in writing a number down and reading it again is no move."""
_KM_PER_DEGREE = 111.2
_POLE = 90


@dataclass(frozen=True, slots=True)
class Position:
    """WGS-84 degrees, and the datum they were told in."""

    lat: float
    lon: float
    source: str


def position_of(lat_text: str, lon_text: str, datum_text: str) -> Position | None:
    """A row's position, None where it tells none. Raises Invalid."""
    if not lat_text and not lon_text:
        return None
    if not lat_text or not lon_text:
        raise invalid("lat" if not lat_text else "lon", "position", "give latitude and longitude, or neither")
    lat, lon = _degrees("lat", lat_text), _degrees("lon", lon_text)
    if abs(lat) > _POLE >= abs(lon):
        raise invalid("lat", "swapped", "latitude and longitude are exchanged")
    if abs(lat) > _POLE or abs(lon) > 2 * _POLE:
        raise invalid("lat" if abs(lat) > _POLE else "lon", "range", "there is no such place on earth")
    try:
        datum = Datum(datum_text or Datum.WGS84)
    except ValueError:
        raise invalid("datum", "choice", "WGS-84, GCJ-02 or BD-09") from None
    return Position(*to_wgs84(lat, lon, datum), datum.value)


def _degrees(field: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise invalid(field, "number", "decimal degrees, as in 45.7312")
    return value


def same_place(lat: float, lon: float, there: tuple[float | None, float | None]) -> bool:
    """Whether two positions are one but for how they were written down."""
    return there[0] is not None and there[1] is not None and abs(lat - there[0]) < _SAME and abs(lon - there[1]) < _SAME


def check_near(position: Position, village: tuple[float, float] | None) -> None:
    """Raise Invalid where the village is known to be elsewhere."""
    if village is None:
        return
    north = position.lat - village[0]
    east = (position.lon - village[1]) * math.cos(math.radians(village[0]))
    km = math.hypot(north, east) * _KM_PER_DEGREE
    if km > FAR_KM:
        raise invalid("lat", "far", f"this is {km:.0f} km from its village; check order, datum and digits")
