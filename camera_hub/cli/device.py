"""`camera-hub device …`: boxes with an address and credentials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from camera_hub.cli import password, trial
from camera_hub.cli.answer import Answer
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk, policy_of
from camera_hub.cli.fields import an_id, given
from registry import cameras, devices
from registry.address import split_credentials
from registry.errors import FieldError, HubError, Invalid, NotFound
from registry.inputs import parse
from registry.model import Camera, Kind
from registry.scope import EVERYTHING

if TYPE_CHECKING:  # zeep loads when a device is asked
    from camera_hub.stream.onvif import OnvifReport

app = typer.Typer(help="Devices: boxes with an address and credentials (camera, NVR, probe).", no_args_is_help=True)
command(app, "test")(trial.of_device)
command(app, "try")(trial.of_address)
command(app, "find")(trial.find)
command(app, "templates")(trial.templates)

Id = Annotated[str, typer.Argument(help="Id of the device; `list` shows it.")]
Username = Annotated[
    str | None, typer.Option(help="User name on the device. Its password is asked for, never an argument.")
]
Vendor = Annotated[str | None, typer.Option(help="Maker.")]
Model = Annotated[str | None, typer.Option(help="Model.")]
COLUMNS = {
    "id": lambda device: device.id,
    "name": lambda device: device.name,
    "type": lambda device: device.type,
    "host": lambda device: device.host,
    "user": lambda device: device.username,
    "password": lambda device: "sealed" if device.has_password else None,
    "vendor": lambda device: device.vendor,
    "model": lambda device: device.model,
}


@command(app, "list")
async def list_(desk: Desk) -> Answer:
    """List devices."""
    return Answer(await devices.list_devices(desk.store, EVERYTHING), columns=COLUMNS)


@command(app, "show")
async def show(desk: Desk, device: Id) -> Answer:
    """Show one device."""
    found = await devices.get(desk.store, an_id(device), EVERYTHING)
    return Answer(found, rows=[found], columns=COLUMNS)


@dataclass(frozen=True, slots=True)
class Streams:
    """One viewpoint a device offers: its name and where its streams are."""

    name: str
    main_url: str | None
    sub_url: str | None


@command(app, "add")
async def add(
    desk: Desk,
    name: Annotated[str, typer.Argument(help="Name of the device.")],
    host: Annotated[str | None, typer.Option(help="Its address, when neither --onvif nor --url gives it.")] = None,
    onvif_host: Annotated[
        str | None,
        typer.Option("--onvif", metavar="HOST[:PORT]", help="Ask it over ONVIF who it is and where its streams are."),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(help="Its stream's address as an installer pastes it; a password in it is taken out and sealed."),
    ] = None,
    village: Annotated[str | None, typer.Option(help="Also add its cameras, in this village (12 digits).")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Kind of those cameras.")] = None,
    manager_unit: Annotated[str | None, typer.Option(help="Who runs them; public and social ones need it.")] = None,
    owner_name: Annotated[str | None, typer.Option(help="Householder; civilian ones need it.")] = None,
    owner_contact: Annotated[str | None, typer.Option(help="How to reach the householder.")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="camera, nvr, encoder or wifi_probe.")] = None,
    username: Username = None,
    vendor: Vendor = None,
    model: Model = None,
    stdin: password.FromStdin = False,
    file: password.FromFile = None,
) -> Answer:
    """Add a device, and with --village and --kind its cameras too.

    With --onvif the maker, the model, the clock's offset and the streams come from the device itself; an NVR becomes
    one device with a camera for each of its channels.
    """
    if (village is None) != (kind is None):
        hint = "--village and --kind go together"
        raise Invalid(hint, FieldError("village" if village is None else "kind", "missing", hint))
    clean, in_url_name, in_url_secret = split_credentials(url) if url else ("", "", "")
    username, secret = username or in_url_name or None, in_url_secret or None
    if stdin or file is not None or (username and secret is None):
        secret = password.read(f"Password of {username or name}", stdin=stdin, file=file).get_secret_value()
    fields = given(name=name, host=host, type=type_, username=username, password=secret, vendor=vendor, model=model)
    streams = [Streams(name, clean, None)] if clean else []
    offset = None
    if onvif_host:
        seen, streams, where = await _asked(desk, onvif_host, name, username or "", secret or "")
        offset = seen.clock_offset_ms
        fields = {"vendor": seen.vendor[:64], "model": seen.model[:64], **fields, **where}
    elif clean and host is None:
        fields["host"] = urlsplit(clean).hostname
    own = given(
        village_code=village, kind=kind, manager_unit=manager_unit, owner_name=owner_name, owner_contact=owner_contact
    )
    return await _registered(desk, fields, streams, own, offset)


async def _asked(
    desk: Desk, address: str, name: str, username: str, secret: str
) -> tuple[OnvifReport, list[Streams], dict[str, object]]:
    from camera_hub.stream import onvif

    host, port = _host_and_port(address)
    seen = await onvif.look(host, port, username, secret, allow_loopback=desk.settings.allow_loopback)
    if not seen.profiles:
        raise NotFound(f"{host} answers over ONVIF but offers no stream; look at its settings", code="no_profile")
    many = len(seen.profiles) > 1
    streams = [Streams(f"{name} {one.name}"[:64] if many else name, one.main_url, one.sub_url) for one in seen.profiles]
    return seen, streams, {"host": host, "onvif_port": port}


async def _registered(
    desk: Desk, fields: dict[str, object], streams: list[Streams], own: dict[str, object], offset: int | None
) -> Answer:
    """Device and cameras, or neither: what is wrong with a camera must not leave half of it behind."""
    box = parse(devices.NewDevice, fields)
    device = await devices.create(desk.store, desk.vault, box, desk.actor, policy=policy_of(desk))
    made: list[Camera] = []
    try:
        for one in streams if own else []:
            asked = {"device_id": device.id, **own, **given(name=one.name, main_url=one.main_url, sub_url=one.sub_url)}
            new = parse(cameras.NewCamera, asked)
            made.append(await cameras.create(desk.store, desk.vault, new, desk.actor, policy=policy_of(desk)))
        if offset is not None:
            await devices.set_clock_offset(desk.store, device.id, offset)
    except HubError:
        for camera in made:
            await cameras.remove(desk.store, camera.id, desk.actor)
        await devices.remove(desk.store, device.id, desk.actor)
        raise
    said = [f"added device {device.name}, id {device.id}"]
    said += [f"added camera {camera.name}, id {camera.id}" for camera in made]
    if not made:
        said += [f"  {one.name}: main {one.main_url}, sub {one.sub_url or '-'}" for one in streams]
    return Answer({"device": device, "cameras": made, "streams": streams}, "\n".join(said))


@command(app, "change")
async def change(
    desk: Desk,
    device: Id,
    name: Annotated[str | None, typer.Option(help="New name.")] = None,
    host: Annotated[
        str | None, typer.Option(help="New address. The sealed password is dropped unless a new one is given.")
    ] = None,
    username: Username = None,
    new_password: Annotated[bool, typer.Option("--password", help="Ask for a new password.")] = False,
    vendor: Vendor = None,
    model: Model = None,
    stdin: password.FromStdin = False,
    file: password.FromFile = None,
) -> Answer:
    """Change a device. Its cameras follow to a new address."""
    secret = None
    if new_password or stdin or file is not None:
        secret = password.read("New password of the device", stdin=stdin, file=file).get_secret_value()
    fields = given(name=name, host=host, username=username, password=secret, vendor=vendor, model=model)
    changed = await devices.change(
        desk.store, desk.vault, an_id(device), parse(devices.DeviceChange, fields), desk.actor, policy=policy_of(desk)
    )
    dropped = (
        "; its password was bound to the old address: give it again with --password"
        if host and not changed.has_password
        else ""
    )
    return Answer(changed, f"changed {changed.name}{dropped}")


@command(app, "remove")
async def remove(desk: Desk, device: Id) -> Answer:
    """Remove a device that has no cameras any more; its password is destroyed."""
    await devices.remove(desk.store, an_id(device), desk.actor)
    return Answer({"removed": device}, f"removed {device}")


def _host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return (host, int(port)) if host and port.isdecimal() and not host.endswith(":") else (text, 80)
