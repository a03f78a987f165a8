"""Finding boxes: who answers in the hub's networks, and what one box says of itself over ONVIF."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

from pydantic import Field, SecretStr

from api.cameras import url_policy
from api.routing import Routes
from api.trials import one_of_few
from api.visitor import Call
from camera_hub.stream import discovery, onvif
from camera_hub.stream.onvif import OnvifReport
from registry import devices, trials
from registry.devices import Host, Password, Port
from registry.inputs import Input, Short
from registry.permissions import Permission

routes = Routes("finding")


class Search(Input):
    """How long to listen for answers."""

    seconds: int = Field(4, ge=1, le=10)


class OnvifAddress(Input):
    """Where to ask over ONVIF, and as whom."""

    host: Host
    port: Port = 80
    username: Short = ""
    password: Password = SecretStr("")


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """A box that answered; `known_device_id` is the registered device at its host, if that is one of one's own."""

    host: str
    port: int
    name: str
    hardware: str
    location: str
    onvif_url: str
    known_device_id: UUID | None


@dataclass(frozen=True, slots=True)
class FoundLine:
    """A box answered."""

    found: FoundDevice


@dataclass(frozen=True, slots=True)
class Done:
    """How many answered, and from which of the hub's own addresses they were asked."""

    found: int
    searched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DoneLine:
    """The last line."""

    done: Done


@routes.post("/devices/find", Permission.REGISTER, status=200, errors=(429,))
async def find(call: Call, body: Search) -> AsyncGenerator[FoundLine | DoneLine, None]:
    """Look for ONVIF boxes in the hub's own networks by WS-Discovery; each is told as it answers."""
    loopback = url_policy(call).allow_loopback
    async with one_of_few(call):
        await trials.search(call.hub.store, body.seconds, call.actor)
        known = {one.host: one.id for one in await devices.list_devices(call.hub.store, call.scope)}
        addresses = discovery.own_addresses(allow_loopback=loopback)
        found = 0
        async with aclosing(discovery.find(body.seconds, addresses, allow_loopback=loopback)) as boxes:
            async for box in boxes:
                found += 1
                yield FoundLine(
                    FoundDevice(
                        host=box.host,
                        port=box.port,
                        name=box.name,
                        hardware=box.hardware,
                        location=box.location,
                        onvif_url=box.onvif_url,
                        known_device_id=known.get(box.host),
                    )
                )
        yield DoneLine(Done(found, tuple(addresses)))


@routes.post("/devices/onvif", Permission.REGISTER, status=200, errors=(429, 502))
async def ask_onvif(call: Call, body: OnvifAddress) -> OnvifReport:
    """Ask a box over ONVIF who it is and where its streams are; nothing is kept. Takes up to ten seconds."""
    loopback = url_policy(call).allow_loopback
    secret = body.password.get_secret_value()
    async with one_of_few(call):
        await trials.ask(call.hub.store, body.host, body.port, call.actor)
        return await onvif.look(body.host, body.port, body.username, secret, allow_loopback=loopback)
