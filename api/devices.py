"""Devices: boxes with an address and credentials. A password goes in and never comes out."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from api.cameras import url_policy
from api.routing import Routes
from api.visitor import Call
from registry import devices
from registry.devices import DeviceChange, NewDevice
from registry.model import Device
from registry.permissions import Permission

routes = Routes("devices")


@dataclass(frozen=True, slots=True)
class Devices:
    """Devices by name."""

    devices: tuple[Device, ...]


@routes.get("/devices", Permission.REGISTER)
async def list_devices(call: Call) -> Devices:
    """The devices of one's villages, and those that have no camera yet."""
    return Devices(await devices.list_devices(call.hub.store, call.scope))


@routes.post("/devices", Permission.REGISTER)
async def create(call: Call, body: NewDevice) -> Device:
    """Register a device. Its password is sealed to it and its host."""
    hub = call.hub
    return await devices.create(hub.store, hub.vault, body, call.actor, policy=url_policy(call))


@routes.get("/devices/{device_id}", Permission.REGISTER)
async def get(call: Call, device_id: UUID) -> Device:
    """One device."""
    return await devices.get(call.hub.store, device_id, call.scope)


@routes.patch("/devices/{device_id}", Permission.REGISTER)
async def change(call: Call, device_id: UUID, body: DeviceChange) -> Device:
    """Change a device; with another host its password goes, unless a new one comes along."""
    hub = call.hub
    return await devices.change(hub.store, hub.vault, device_id, body, call.actor, policy=url_policy(call))


@routes.delete("/devices/{device_id}", Permission.REGISTER)
async def remove(call: Call, device_id: UUID) -> None:
    """Remove a device that has no cameras."""
    await devices.remove(call.hub.store, device_id, call.actor)
