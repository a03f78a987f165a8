"""GeoJSON (RFC 7946) of villages: read with every feature judged by itself, and written so that it reads back the same.

A feature is a boundary (Polygon), a road (LineString) or an entrance (Point). Its properties, in English or Chinese:
`code` (代码) of its place, `name` (名称), and for an entrance `bearing_deg` (方向, degrees clockwise from north, where
one faces coming in) and `cameras` (ids of those that see it). What else a file holds is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from registry.datum import Datum, to_wgs84
from registry.errors import FieldError, Invalid
from registry.geography import Ground
from registry.geometry import Bearing, LonLat, Outline, Path, Position
from registry.inputs import Name, PlaceCode

MOST_FEATURES = 2000
MOST_VERTICES = 20_000
_WGS84 = ("CRS84", ":4326", ":4490")
"""What a `crs` of old GeoJSON may end in; CGCS2000 (4490) is WGS-84 to within centimetres."""

_T = TypeVar("_T")
What = Literal["boundary", "road", "entrance"]
_SHAPES: Mapping[object, What] = {
    "Polygon": "boundary",
    "MultiPolygon": "boundary",
    "LineString": "road",
    "Point": "entrance",
}
_OUTLINE: TypeAdapter[tuple[Position, ...]] = TypeAdapter(Outline)
_PATH: TypeAdapter[tuple[Position, ...]] = TypeAdapter(Path)
_POINT: TypeAdapter[Position] = TypeAdapter(LonLat)
_NAME: TypeAdapter[str] = TypeAdapter(Name)
_CODE: TypeAdapter[str] = TypeAdapter(PlaceCode)
_BEARING: TypeAdapter[float] = TypeAdapter(Bearing)
_KEYS = {
    "name": ("name", "名称"),
    "code": ("code", "place_code", "village_code", "代码", "行政区划代码"),
    "bearing": ("bearing_deg", "bearing", "方向"),
}


@dataclass(frozen=True, slots=True)
class Feature:
    """One good feature: `points` are WGS-84, an outline's, a line's, or one position; `given` are them as written."""

    index: int
    what: What
    code: str | None
    name: str
    id: UUID | None
    points: tuple[Position, ...]
    given: tuple[Position, ...]
    bearing_deg: float = 0.0
    cameras: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """One feature that cannot be taken: its place in the file, what it would be, and why."""

    index: int
    what: What | None
    name: str
    code: str
    hint: str


class _Wrong(Exception):
    """One feature is wrong; the rest of the file is read on."""

    def __init__(self, code: str, hint: str) -> None:
        super().__init__(hint)
        self.code, self.hint = code, hint


def _checked(kind: TypeAdapter[_T], value: object) -> _T:
    try:
        return kind.validate_python(value)
    except ValidationError as err:
        first = err.errors(include_input=False, include_url=False)[0]
        raise _Wrong(first["type"], first["msg"]) from None


def read(document: object, datum: Datum) -> tuple[list[Feature], list[Refused]]:
    """Judge every feature of a document. Raises Invalid when it is no GeoJSON or larger than a map can be."""
    features = _features(document)
    if sum(1 for one in features for _ in _vertices(one)) > MOST_VERTICES:
        raise _unfit("too_many_vertices", f"the file has more than {MOST_VERTICES} corners; simplify it", MOST_VERTICES)
    good: list[Feature] = []
    bad: list[Refused] = []
    for index, one in enumerate(features):
        try:
            good.append(_feature(index, one, datum))
        except _Wrong as wrong:
            what, name = _told(one)
            bad.append(Refused(index, what, name, wrong.code, wrong.hint))
    return good, bad


def _unfit(code: str, hint: str, most: int | None = None) -> Invalid:
    params = {} if most is None else {"most": most}
    return Invalid(hint, FieldError("geojson", code, hint), code=code, **params)


def _features(document: object) -> list[object]:
    if not isinstance(document, Mapping):
        raise _unfit("not_geojson", "give a GeoJSON FeatureCollection")
    crs = document.get("crs")
    if crs is not None:
        named = crs.get("properties") if isinstance(crs, Mapping) else None
        name = named.get("name") if isinstance(named, Mapping) else None
        if not isinstance(name, str) or not name.endswith(_WGS84):
            raise _unfit("crs", "the file is in another coordinate system; export it as WGS-84")
    if document.get("type") == "Feature":
        return [document]
    found = document.get("features")
    if document.get("type") != "FeatureCollection" or not isinstance(found, list):
        raise _unfit("not_geojson", "give a GeoJSON FeatureCollection")
    if len(found) > MOST_FEATURES:
        raise _unfit("too_many_features", f"the file has more than {MOST_FEATURES} features", MOST_FEATURES)
    return found


def _vertices(feature: object) -> Iterator[object]:
    """Every position of a feature, however it is nested; numbers end the descent."""
    geometry = feature.get("geometry") if isinstance(feature, Mapping) else None
    waiting = [geometry.get("coordinates")] if isinstance(geometry, Mapping) else []
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            if one and not isinstance(one[0], list):
                yield one
            else:
                waiting.extend(one)


def _property(feature: Mapping[object, Any], key: str) -> object:
    given = feature.get("properties")
    if not isinstance(given, Mapping):
        return None
    return next((given[name] for name in _KEYS[key] if given.get(name) not in (None, "")), None)


def _told(feature: object) -> tuple[What | None, str]:
    """What a refused feature seems to be, for whoever looks for it in his file."""
    if not isinstance(feature, Mapping):
        return None, ""
    geometry, name = feature.get("geometry"), _property(feature, "name")
    shape = geometry.get("type") if isinstance(geometry, Mapping) else None
    shown = "".join(char for char in name if char.isprintable())[:64] if isinstance(name, str) else ""
    return _SHAPES.get(shape) if isinstance(shape, str) else None, shown


def _feature(index: int, feature: object, datum: Datum) -> Feature:
    if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
        raise _Wrong("not_a_feature", "not a GeoJSON feature")
    geometry = feature.get("geometry")
    shape = geometry.get("type") if isinstance(geometry, Mapping) else None
    if not isinstance(geometry, Mapping) or not isinstance(shape, str) or shape not in _SHAPES:
        raise _Wrong("geometry_type", "only Polygon (boundary), LineString (road) and Point (entrance) are taken")
    what = _SHAPES[shape]
    given = _coordinates(shape, geometry.get("coordinates"))
    moved = tuple(_moved(one, datum) for one in given)
    name = _property(feature, "name")
    code = _property(feature, "code")
    if isinstance(code, int) and not isinstance(code, bool):
        code = str(code)
    return Feature(
        index=index,
        what=what,
        code=None if code is None else _checked(_CODE, code),
        name="" if name is None and what != "entrance" else _checked(_NAME, name),
        id=_id(feature.get("id")),
        points=_GEOMETRY[what](moved),
        given=given,
        bearing_deg=_bearing(feature) if what == "entrance" else 0.0,
        cameras=_cameras(feature) if what == "entrance" else (),
    )


_GEOMETRY: Mapping[What, Callable[[tuple[Position, ...]], tuple[Position, ...]]] = {
    "boundary": lambda points: _checked(_OUTLINE, points),
    "road": lambda points: _checked(_PATH, points),
    "entrance": lambda points: (_checked(_POINT, points[0]),),
}


def _moved(position: Position, datum: Datum) -> Position:
    lon, lat = position
    if datum is Datum.WGS84:
        return position
    lat, lon = to_wgs84(lat, lon, datum)
    return lon, lat


def _coordinates(shape: str, raw: object) -> tuple[Position, ...]:
    """The positions of a geometry: one outline, one line, one point. Altitudes are left out."""
    if shape == "Point":
        return (_position(raw),)
    if shape == "MultiPolygon":
        if isinstance(raw, list) and len(raw) > 1:
            raise _Wrong("many_parts", "a boundary is one outline; keep the part with the houses")
        raw = raw[0] if isinstance(raw, list) and raw else None
    if shape in {"Polygon", "MultiPolygon"}:
        if isinstance(raw, list) and len(raw) > 1:
            raise _Wrong("hole", "a boundary has no holes; leave the inner outline out")
        raw = raw[0] if isinstance(raw, list) and raw else None
    if not isinstance(raw, list) or not raw:
        raise _Wrong("coordinates", "the coordinates are not a list of positions")
    return tuple(_position(one) for one in raw)


def _position(raw: object) -> Position:
    if isinstance(raw, list) and len(raw) in {2, 3}:
        lon, lat = raw[0], raw[1]
        numbers = isinstance(lon, int | float) and isinstance(lat, int | float)
        if numbers and not isinstance(lon, bool) and not isinstance(lat, bool):
            try:
                return float(lon), float(lat)
            except OverflowError:
                pass
    raise _Wrong("coordinates", "a position is [longitude, latitude] in numbers")


def _id(raw: object) -> UUID | None:
    try:
        return UUID(raw) if isinstance(raw, str) else None
    except ValueError:
        return None


def _bearing(feature: Mapping[object, Any]) -> float:
    raw = _property(feature, "bearing")
    if raw is None:
        raise _Wrong("bearing_missing", "an entrance says in bearing_deg which way one comes in")
    return _checked(_BEARING, raw)


def _cameras(feature: Mapping[object, Any]) -> tuple[UUID, ...]:
    given = feature.get("properties")
    named = given.get("cameras") if isinstance(given, Mapping) else None
    if not isinstance(named, list):
        return ()
    return tuple(dict.fromkeys(one for one in map(_id, named) if one is not None))


def write(ground: Ground) -> dict[str, Any]:
    """The ground as a FeatureCollection that `read` takes back unchanged."""
    features: list[dict[str, Any]] = []
    for area in ground.areas:
        if area.boundary:
            ring = [list(one) for one in (*area.boundary, area.boundary[0])]
            shape: dict[str, Any] = {"type": "Polygon", "coordinates": [ring]}
            features.append(_written(shape, {"code": area.code, "name": area.name}))
    for road in ground.roads:
        shape = {"type": "LineString", "coordinates": _lists(road.path)}
        features.append(_written(shape, {"code": road.place_code, "name": road.name}, road.id))
    for one in ground.entrances:
        shape = {"type": "Point", "coordinates": [one.lon, one.lat]}
        named = {"code": one.place_code, "name": one.name, "bearing_deg": one.bearing_deg}
        features.append(_written(shape, {**named, "cameras": [str(each) for each in one.camera_ids]}, one.id))
    return {"type": "FeatureCollection", "features": features}


def _lists(points: Sequence[Position]) -> list[list[float]]:
    return [list(one) for one in points]


def _written(shape: dict[str, Any], properties: dict[str, Any], identity: UUID | None = None) -> dict[str, Any]:
    named = {} if identity is None else {"id": str(identity)}
    return {"type": "Feature", **named, "geometry": shape, "properties": properties}
