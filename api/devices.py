"""Devices: boxes with an address and credentials. A password goes in and never comes out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from aiohttp import web
from pydantic import SecretStr

from api.cameras import url_policy
from api.routing import Routes
from api.visitor import Call
from camera_hub.stream import onvif, probe
from camera_hub.stream.onvif import OnvifReport
from camera_hub.stream.probe import ProbeReport
from registry import devices, trials
from registry.devices import DeviceChange, Host, NewDevice, Password, Port
from registry.errors import TooMany
from registry.inputs import Input, Short
from registry.model import Device
from registry.permissions import Permission

PICTURE_SECONDS = 15.0
"""How long a stream that shows pictures is measured."""
PROBE_SECONDS = 90.0
"""A camera with far keyframes may need 40 s to its first picture."""
PROBES_AT_ONCE = 4
"""Each holds a thread and a connection of the hub process."""
PROBING = web.AppKey("probing", asyncio.Semaphore)
routes = Routes("devices")


class WhichStream(Input):
    """The stream to test: of the camera named, else of the device's first."""

    camera_id: UUID | None = None
    stream: Literal["main", "sub"] = "sub"


class OnvifAddress(Input):
    """Where to ask over ONVIF, and as whom."""

    host: Host
    port: Port = 80
    username: Short = ""
    password: Password = SecretStr("")


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


@routes.post("/devices/{device_id}/test", Permission.REGISTER, status=200, seconds=PROBE_SECONDS, errors=(429, 502))
async def test(call: Call, device_id: UUID, body: WhichStream) -> ProbeReport:
    """Try a stream of a device: does it answer, let us in, show a picture, and what would serve analysis better.

    What the camera does wrong is in the report, with 200. A civilian camera needs its owner's consent. Takes up to a
    minute.
    """
    hub = call.hub
    policy = url_policy(call)
    async with _one_of_few(call):
        trial = await trials.begin(
            hub.store, hub.vault, device_id, call.actor, camera_id=body.camera_id, stream=body.stream
        )
        return await asyncio.to_thread(
            probe.probe,
            trial.url,
            trial.username,
            trial.password,
            seconds=PICTURE_SECONDS,
            allow_file=policy.allow_file,
            allow_loopback=policy.allow_loopback,
        )


@routes.post("/devices/onvif", Permission.REGISTER, status=200, errors=(429, 502))
async def ask_onvif(call: Call, body: OnvifAddress) -> OnvifReport:
    """Ask a box over ONVIF who it is and where its streams are; nothing is kept. Takes up to ten seconds."""
    loopback = url_policy(call).allow_loopback
    secret = body.password.get_secret_value()
    async with _one_of_few(call):
        await trials.ask(call.hub.store, body.host, body.port, call.actor)
        return await onvif.look(body.host, body.port, body.username, secret, allow_loopback=loopback)


@asynccontextmanager
async def _one_of_few(call: Call) -> AsyncIterator[None]:
    probing = call.request.app[PROBING]
    if probing.locked():
        raise TooMany("other devices are being tried; try again in a moment", retry_after_s=10, code="too_many_probes")
    async with probing:
        yield
