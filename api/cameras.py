"""Cameras: viewpoints of devices, in villages, with the state of their pull."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from api.routing import Routes
from api.visitor import Call, Visitor
from registry import cameras, changes, replacement, status
from registry.cameras import CameraChange, NewCamera
from registry.changes import Change
from registry.devices import UrlPolicy
from registry.inputs import Input, PlaceCode, Short
from registry.model import Camera, Kind, State
from registry.permissions import Permission, may
from registry.replacement import Replacement
from registry.status import StatusAt

routes = Routes("cameras")


class CameraQuery(Input):
    """Which cameras: under a place, of a kind, in a state, with a text in name, hamlet, address, pole or GB id."""

    prefix: PlaceCode | None = None
    kind: Kind | None = None
    state: State | None = None
    text: Short | None = None


@dataclass(frozen=True, slots=True)
class Cameras:
    """Cameras by village and name."""

    cameras: tuple[Camera, ...]


@dataclass(frozen=True, slots=True)
class History:
    """What became of a camera's pull, newest first."""

    history: tuple[StatusAt, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """What was changed on a camera, newest first; who looked at it is not here."""

    changes: tuple[Change, ...]


def url_policy(visitor: Visitor) -> UrlPolicy:
    """Which stream addresses this hub's settings allow."""
    settings = visitor.hub.settings
    return UrlPolicy(allow_file=settings.allow_file_sources, allow_loopback=settings.allow_loopback)


def _shown(call: Call, camera: Camera) -> Camera:
    """How to reach a householder is for those who look after cameras; to others it is empty."""
    return camera if may(call.actor.user, Permission.REGISTER) else replace(camera, owner_contact="")


@routes.get("/cameras", Permission.SEE_CAMERAS)
async def list_cameras(call: Call, query: CameraQuery) -> Cameras:
    """The cameras of one's villages, with their state and its reason."""
    found = await cameras.list_cameras(
        call.hub.store, call.scope, village_prefix=query.prefix, kind=query.kind, state=query.state, text=query.text
    )
    return Cameras(tuple(_shown(call, camera) for camera in found))


@routes.post("/cameras", Permission.REGISTER)
async def create(call: Call, body: NewCamera) -> Camera:
    """Register a camera of a device. Credentials in its addresses are taken out and sealed."""
    hub = call.hub
    return await cameras.create(hub.store, hub.vault, body, call.actor, policy=url_policy(call))


@routes.get("/cameras/{camera_id}", Permission.SEE_CAMERAS)
async def get(call: Call, camera_id: UUID) -> Camera:
    """One camera."""
    return _shown(call, await cameras.get(call.hub.store, camera_id, call.scope))


@routes.patch("/cameras/{camera_id}", Permission.REGISTER)
async def change(call: Call, camera_id: UUID, body: CameraChange) -> Camera:
    """Change a camera; workers follow within seconds."""
    hub = call.hub
    return await cameras.change(hub.store, hub.vault, camera_id, body, call.actor, policy=url_policy(call))


@routes.delete("/cameras/{camera_id}", Permission.REGISTER)
async def remove(call: Call, camera_id: UUID) -> None:
    """Remove a camera; its events stay until they expire."""
    await cameras.remove(call.hub.store, camera_id, call.actor)


@routes.get("/cameras/{camera_id}/history", Permission.SEE_CAMERAS)
async def history(call: Call, camera_id: UUID) -> History:
    """The last changes of a camera's state, newest first."""
    return History(await status.status_history(call.hub.store, camera_id, call.scope))


@routes.get("/cameras/{camera_id}/changes", Permission.SEE_CAMERAS)
async def list_changes(call: Call, camera_id: UUID) -> Changes:
    """What was changed on a camera, by whom and when; at most 200 changes, newest first."""
    return Changes(await changes.list_changes(call.hub.store, camera_id, call.scope))


@routes.post("/cameras/{camera_id}/replace", Permission.REGISTER, status=200)
async def replace_device(call: Call, camera_id: UUID, body: Replacement) -> Camera:
    """Put another box behind a camera; its scene, consents, events and history stay.

    The old box is removed when no other camera is on it.
    """
    hub = call.hub
    return await replacement.replace(hub.store, hub.vault, camera_id, body, call.actor, policy=url_policy(call))
