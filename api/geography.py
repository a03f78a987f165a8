"""The ground of a place: its boundary, roads and entrances, drawn by hand or imported."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from api.routing import Routes
from api.visitor import Call
from registry import entrances, geography, geojson, roads, survey
from registry.datum import Datum
from registry.entrances import EntranceChange, NewEntrance
from registry.geography import Area, Entrance, Ground, NewBoundary, Road
from registry.inputs import Input, PlaceCode
from registry.permissions import Permission
from registry.roads import NewRoad, RoadChange
from registry.survey import Survey

MOST_BYTES = 5 * 2**20
"""How large a GeoJSON file may be."""
routes = Routes("geography")


class SurveyQuery(Input):
    """How to take a file: in which datum its positions are, and whether to draw it or only tell of it."""

    datum: Datum = Datum.WGS84
    apply: bool = False


@routes.get("/places/{code}/map", Permission.SEE_CAMERAS)
async def get(call: Call, code: PlaceCode) -> Ground:
    """What is drawn of a place and of all below it, as far as one's villages go."""
    return await geography.get(call.hub.store, code, call.scope)


@routes.put("/places/{code}/boundary", Permission.REGISTER)
async def set_boundary(call: Call, code: PlaceCode, body: NewBoundary) -> Area:
    """Draw a place's outline, or take it away with null."""
    return await geography.set_boundary(call.hub.store, code, body, call.actor)


@routes.post("/roads", Permission.REGISTER)
async def create_road(call: Call, body: NewRoad) -> Road:
    """Draw a road."""
    return await roads.create(call.hub.store, body, call.actor)


@routes.patch("/roads/{road_id}", Permission.REGISTER)
async def change_road(call: Call, road_id: UUID, body: RoadChange) -> Road:
    """Change a road."""
    return await roads.change(call.hub.store, road_id, body, call.actor)


@routes.delete("/roads/{road_id}", Permission.REGISTER)
async def remove_road(call: Call, road_id: UUID) -> None:
    """Take a road off the map."""
    await roads.remove(call.hub.store, road_id, call.actor)


@routes.post("/entrances", Permission.REGISTER)
async def create_entrance(call: Call, body: NewEntrance) -> Entrance:
    """Add a way into a village, with the cameras that see it."""
    return await entrances.create(call.hub.store, body, call.actor)


@routes.patch("/entrances/{entrance_id}", Permission.REGISTER)
async def change_entrance(call: Call, entrance_id: UUID, body: EntranceChange) -> Entrance:
    """Change an entrance."""
    return await entrances.change(call.hub.store, entrance_id, body, call.actor)


@routes.delete("/entrances/{entrance_id}", Permission.REGISTER)
async def remove_entrance(call: Call, entrance_id: UUID) -> None:
    """Take an entrance off the map."""
    await entrances.remove(call.hub.store, entrance_id, call.actor)


@routes.get("/places/{code}/geojson", Permission.SEE_CAMERAS)
async def export(call: Call, code: PlaceCode) -> dict[str, Any]:
    """Boundaries, roads and entrances as a GeoJSON FeatureCollection, which the import takes back."""
    return geojson.write(await geography.get(call.hub.store, code, call.scope))


@routes.post("/places/{code}/geojson", Permission.REGISTER, status=200, most_bytes=MOST_BYTES, errors=(413,))
async def take(call: Call, code: PlaceCode, query: SurveyQuery, body: dict[str, Any]) -> Survey:
    """Tell what a GeoJSON file would add, change and not be taken for; with `apply`, draw it."""
    return await survey.run(call.hub.store, code, body, call.actor, datum=query.datum, apply=query.apply)
