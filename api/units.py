"""Stations and teams, and which villages belong to them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from pydantic import Field

from api.routing import Routes
from api.visitor import Call
from camera_hub.book import limits, unitsheet
from registry import unitplan, units
from registry.inputs import Input
from registry.model import Unit
from registry.permissions import Permission
from registry.unitplan import UnitPlan
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


class ListQuery(Input):
    """A file's name, and the digest of the plan that is to be done; without one it is told only."""

    name: str = Field("", max_length=255)
    plan: str | None = Field(None, max_length=64)


@routes.post("/units/import", Permission.MANAGE_USERS, status=200, most_bytes=limits.FILE_BYTES, errors=(409, 413))
async def take(call: Call, query: ListQuery, body: bytes) -> UnitPlan:
    """Tell what a list of stations and teams (.csv, .xlsx) would change; with its `plan`, do it, as a whole or not.

    Columns: kind, name, under (the team above it), villages (codes, names, or township/name, with commas between).
    """
    store = call.hub.store
    found = await unitsheet.read(store, body, query.name)
    if query.plan is None:
        return await unitplan.plan(store, found.rows, found.bad, call.actor)
    detail = {"file": query.name[-64:], "sha256": hashlib.sha256(body).hexdigest()}
    return await unitplan.apply(store, found.rows, found.bad, call.actor, expected=query.plan, detail=detail)


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
