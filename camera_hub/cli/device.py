"""`camera-hub device …`: boxes with an address and credentials."""

from __future__ import annotations

import asyncio
from typing import Annotated
from urllib.parse import urlsplit

import typer

from camera_hub.cli import password
from camera_hub.cli.answer import Answer
from camera_hub.cli.camera import policy
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk
from camera_hub.cli.fields import an_id, given
from camera_hub.stream import onvif
from registry import cameras, devices
from registry.address import split_credentials
from registry.errors import FieldError, Invalid, NotFound
from registry.inputs import parse
from registry.model import Device
from registry.scope import EVERYTHING

app = typer.Typer(help="Devices: boxes with an address and credentials (camera, NVR, probe).", no_args_is_help=True)

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


@command(app, "add")
async def add(
    desk: Desk,
    name: Annotated[str, typer.Argument(help="Name of the device.")],
    host: Annotated[str | None, typer.Option(help="Its address, when neither --onvif nor --url gives it.")] = None,
    onvif_host: Annotated[
        str | None,
        typer.Option(
            "--onvif", metavar="HOST[:PORT]", help="Ask this device over ONVIF who it is and where its streams are."
        ),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            help="Stream address as an installer pastes it; user and password in it are taken out and sealed."
        ),
    ] = None,
    village: Annotated[str | None, typer.Option(help="Also add its camera, in this village (12 digits).")] = None,
    kind: Annotated[str | None, typer.Option(help="Kind of that camera: public, social, civilian, wifi_probe.")] = None,
    type_: Annotated[
        str | None, typer.Option("--type", help="What the box is: camera, nvr, encoder, wifi_probe.")
    ] = None,
    username: Username = None,
    vendor: Vendor = None,
    model: Model = None,
    stdin: password.FromStdin = False,
    file: password.FromFile = None,
) -> Answer:
    """Add a device, and with --village and --kind its camera too.

    With --onvif the maker, the model, the clock's offset and the streams come from the device itself.
    """
    if (village is None) != (kind is None):
        raise Invalid(
            "--village and --kind go together", FieldError("village", "pair", "--village and --kind go together")
        )
    clean, in_url_name, in_url_secret = split_credentials(url) if url else (None, None, None)
    username = username or in_url_name or None
    secret = in_url_secret or None
    if (username and secret is None) or stdin or file is not None:
        secret = password.read(f"Password of {username or 'the device'}", stdin=stdin, file=file).get_secret_value()
    seen, port = None, None
    main_url, sub_url = clean, None
    if onvif_host:
        host, port = _host_and_port(onvif_host)
        seen = await onvif.look(host, port, username or "", secret or "")
        vendor, model = vendor or seen.vendor, model or seen.model
        best = seen.profiles[0] if seen.profiles else None
        if best is None:
            raise NotFound(f"{host} answers over ONVIF but offers no stream; look at its settings", code="no_profile")
        main_url, sub_url = best.main_url, best.sub_url
    elif clean:
        host = host or urlsplit(clean).hostname
    fields = given(
        name=name,
        host=host,
        type=type_,
        username=username,
        password=secret,
        vendor=vendor,
        model=model,
        onvif_port=port,
    )
    device = await devices.create(
        desk.store, desk.vault, parse(devices.NewDevice, fields), desk.actor, policy=policy(desk)
    )
    if seen is not None and seen.clock_offset_ms is not None:
        await devices.set_clock_offset(desk.store, device.id, seen.clock_offset_ms)
    return await _with_camera(desk, device, village, kind, main_url, sub_url)


async def _with_camera(
    desk: Desk, device: Device, village: str | None, kind: str | None, main_url: str | None, sub_url: str | None
) -> Answer:
    streams = "".join(f"\n  {name}: {url}" for name, url in (("main", main_url), ("sub", sub_url)) if url)
    said = f"added device {device.name}, id {device.id}{streams}"
    if village is None:
        return Answer({"device": device, "main_url": main_url, "sub_url": sub_url}, said)
    fields = given(
        device_id=str(device.id), name=device.name, kind=kind, village_code=village, main_url=main_url, sub_url=sub_url
    )
    try:
        new = parse(cameras.NewCamera, fields)
        camera = await cameras.create(desk.store, desk.vault, new, desk.actor, policy=policy(desk))
    except Exception:
        await devices.remove(desk.store, device.id, desk.actor)  # one command: both or none
        raise
    return Answer({"device": device, "camera": camera}, f"{said}\nadded camera {camera.name}, id {camera.id}")


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
        desk.store, desk.vault, an_id(device), parse(devices.DeviceChange, fields), desk.actor, policy=policy(desk)
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


@command(app, "test")
async def test(
    desk: Desk,
    device: Id,
    stream: Annotated[str, typer.Option(help="main or sub.")] = "sub",
    camera: Annotated[str | None, typer.Option(help="Id of one of its cameras; otherwise all are tried.")] = None,
) -> Answer:
    """Try a device's streams now: reach it, sign in, wait for a picture, measure. Exit code 1 when one fails."""
    found = await devices.get(desk.store, an_id(device), EVERYTHING)
    name, secret = await devices.credentials(desk.store, desk.vault, found.id)
    mine = [one for one in await cameras.list_cameras(desk.store, EVERYTHING) if one.device_id == found.id]
    wanted = [one for one in mine if camera is None or one.id == an_id(camera, "camera")]
    if not wanted:
        raise NotFound(f"{found.name} has no such camera; `camera-hub camera list` shows them", code="no_camera")
    reports = [await asyncio.to_thread(_tried, desk, one, stream, name, secret) for one in wanted]
    return Answer(reports, rows=reports, columns=PROBE, status=0 if all(report.ok for report in reports) else 1)


def _host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return (host, int(port)) if host and port.isdigit() and not host.endswith(":") else (text, 80)
