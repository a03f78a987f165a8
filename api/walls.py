"""Walls people saved: their own, and those that are shared with them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from api.routing import Needs, Routes
from api.visitor import Call, Look
from registry import refusals, walls
from registry.permissions import Permission
from registry.walls import NewWall, Wall, WallChange

routes = Routes("walls")


@dataclass(frozen=True, slots=True)
class Walls:
    """One's own walls by name, then those that are shared."""

    walls: tuple[Wall, ...]


@dataclass(frozen=True, slots=True)
class RefusedCamera:
    """A camera, and the code of the problem that watching it would answer."""

    camera_id: UUID
    code: str


@dataclass(frozen=True, slots=True)
class RefusedCameras:
    """Households' cameras without a consent that covers live pictures now."""

    refused: tuple[RefusedCamera, ...]


@routes.get("/walls", Permission.WATCH_LIVE)
async def list_walls(call: Call) -> Walls:
    """One's own walls and those others share; of each, the cameras one may see."""
    return Walls(await walls.list_walls(call.hub.store, call.actor))


@routes.post("/walls", Permission.WATCH_LIVE)
async def create(call: Call, body: NewWall) -> Wall:
    """Keep a wall, for oneself or for everybody whose villages it shows."""
    return await walls.create(call.hub.store, body, call.actor)


@routes.put("/walls/{wall_id}", Permission.WATCH_LIVE)
async def change(call: Call, wall_id: UUID, body: WallChange) -> Wall:
    """Replace one's own wall; 409 when it was changed since it was read."""
    return await walls.change(call.hub.store, wall_id, body, call.actor)


@routes.delete("/walls/{wall_id}", Permission.WATCH_LIVE)
async def remove(call: Call, wall_id: UUID) -> None:
    """Take one's own wall away."""
    await walls.remove(call.hub.store, wall_id, call.actor)


@routes.get("/walls/refused", Permission.WATCH_LIVE, needs=Needs.PURPOSE)
async def refused(look: Look) -> RefusedCameras:
    """Cameras in scope that are off every wall now, each with `live_no_consent` or `live_outside_hours`."""
    found = await refusals.refused(look.hub.store, look.access)
    return RefusedCameras(tuple(RefusedCamera(camera_id, code) for camera_id, code in found.items()))
