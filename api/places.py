"""Places: counties, townships and villages."""

from __future__ import annotations

from dataclasses import dataclass

from api.routing import Routes
from api.visitor import Call
from registry import places
from registry.inputs import Input, PlaceCode
from registry.model import Level, Place
from registry.permissions import Permission
from registry.places import NewPlace, PlaceChange

routes = Routes("places")


class PlaceQuery(Input):
    """Which places: of a level, under a prefix."""

    level: Level | None = None
    prefix: PlaceCode | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Places by code."""

    places: tuple[Place, ...]


@routes.get("/places", Permission.SEE_CAMERAS)
async def list_places(call: Call, query: PlaceQuery) -> Places:
    """Places by code."""
    return Places(await places.list_places(call.hub.store, level=query.level, prefix=query.prefix))


@routes.post("/places", Permission.MANAGE_PLACES)
async def create(call: Call, body: NewPlace) -> Place:
    """Add a place; its parent must be there."""
    return await places.create(call.hub.store, body, call.actor)


@routes.get("/places/{code}", Permission.SEE_CAMERAS)
async def get(call: Call, code: PlaceCode) -> Place:
    """One place."""
    return await places.get(call.hub.store, code)


@routes.patch("/places/{code}", Permission.MANAGE_PLACES)
async def change(call: Call, code: PlaceCode, body: PlaceChange) -> Place:
    """Change a place."""
    return await places.change(call.hub.store, code, body, call.actor)


@routes.delete("/places/{code}", Permission.MANAGE_PLACES)
async def remove(call: Call, code: PlaceCode) -> None:
    """Remove a place that nothing refers to."""
    await places.remove(call.hub.store, code, call.actor)
