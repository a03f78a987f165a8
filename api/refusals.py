"""Cameras that may not be watched now, though they lie in one's villages."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from api.routing import Needs, Routes
from api.visitor import Look
from registry import refusals
from registry.permissions import Permission

routes = Routes("live")


@dataclass(frozen=True, slots=True)
class RefusedCamera:
    """A camera, and the code of the problem that opening it would answer."""

    camera_id: UUID
    code: str


@dataclass(frozen=True, slots=True)
class RefusedCameras:
    """Households' cameras without a consent that covers live pictures now."""

    refused: tuple[RefusedCamera, ...]


@routes.get("/live/refused", Permission.WATCH_LIVE, needs=Needs.PURPOSE)
async def refused(look: Look) -> RefusedCameras:
    """Cameras in scope that `GET /live` would refuse now, each with `live_no_consent` or `live_outside_hours`."""
    found = await refusals.refused(look.hub.store, look.access)
    return RefusedCameras(tuple(RefusedCamera(camera_id, code) for camera_id, code in found.items()))
