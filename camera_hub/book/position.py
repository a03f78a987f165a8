"""Where a row says its camera stands: degrees in some datum to WGS-84, and whether that can be."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

from registry.book import Standing
from registry.datum import Datum, to_wgs84
from registry.errors import FieldError, Invalid
from registry.geometry import distance
from registry.inputs import invalid
from registry.position import FAR_M, NEAR_M

_SAME = 1e-7
"""Degrees, a centimetre: what is lost in writing a number down and reading it again is no move."""
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
    north, east = to_wgs84(lat, lon, datum)
    return Position(round(north, 7), round(east, 7), datum.value)


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


class Ground:
    """Where villages and counties are, as far as anybody told."""

    def __init__(self, standing: Standing) -> None:
        self._places = {code: (lon, lat) for code, (lat, lon) in standing.positions.items()}
        told: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for point in standing.points:
            if point.values["lat"] is not None:
                told[point.village_code[:6]].append((point.values["lon"], point.values["lat"]))
        self._amid = {
            county: (sum(lon for lon, _ in found) / len(found), sum(lat for _, lat in found) / len(found))
            for county, found in told.items()
        }

    def check(self, position: Position, village: str) -> None:
        """Raise Invalid where the camera would stand far from its village, or exchanged would stand near it."""
        here, exchanged = (position.lon, position.lat), (position.lat, position.lon)
        codes = (village, village[:9], village[:6])
        known = next((self._places[code] for code in codes if code in self._places), self._amid.get(village[:6]))
        if known is None:
            return
        if distance(here, known) > NEAR_M >= distance(exchanged, known):
            raise invalid("lat", "swapped", "latitude and longitude are exchanged")
        far = distance(here, self._places.get(village, here))
        if far > FAR_M:
            km = round(far / 1000)
            hint = f"this is {km} km from its village; check order, datum and digits"
            raise Invalid(hint, FieldError("lat", "far", hint), km=km)
