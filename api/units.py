"""Stations and teams, and which villages belong to them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from api.routing import Routes
from api.visitor import Call
from registry import units
from registry.model import Unit
from registry.permissions import Permission
from registry.units import NewUnit, UnitChange

routes = Routes("units")


@dataclass(frozen=True, slots=True)
class Units:
    """Stations and teams by name."""

    units: tuple[Unit, ...]


@routes.get("/units", Permission.SEE_CAMERAS)
async def list_units(call: Call) -> Units:
    """Stations and teams by name, each with its own villages."""
    return Units(await units.list_units(call.hub.store))


@routes.post("/units", Permission.MANAGE_USERS, errors=(409,))
async def create(call: Call, body: NewUnit) -> Unit:
    """Add a station or a team. 409 `unit_exists`."""
    return await units.create(call.hub.store, body, call.actor)


@routes.get("/units/{unit_id}", Permission.SEE_CAMERAS)
async def get(call: Call, unit_id: UUID) -> Unit:
    """One station or team."""
    return await units.get(call.hub.store, unit_id)


@routes.patch("/units/{unit_id}", Permission.MANAGE_USERS, errors=(409,))
async def change(call: Call, unit_id: UUID, body: UnitChange) -> Unit:
    """Rename a unit, or replace its villages: who is granted it, or a unit above it, sees them at once."""
    return await units.change(call.hub.store, unit_id, body, call.actor)


@routes.delete("/units/{unit_id}", Permission.MANAGE_USERS, errors=(409,))
async def remove(call: Call, unit_id: UUID) -> None:
    """Remove a unit that nothing belongs to. 409 `unit_in_use`."""
    await units.remove(call.hub.store, unit_id, call.actor)
