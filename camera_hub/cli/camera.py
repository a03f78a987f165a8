"""`camera-hub camera …`: viewpoints, what is looked for in them, and who agreed to it."""

from __future__ import annotations

from typing import Annotated

import typer

from camera_hub.cli import camera_file, consent, scene
from camera_hub.cli.answer import Answer
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk, policy_of
from camera_hub.cli.fields import an_id, given
from registry import cameras, status
from registry.inputs import parse
from registry.model import Camera, Kind, State
from registry.scope import EVERYTHING

app = typer.Typer(help="Cameras: viewpoints of a device, in a village.", no_args_is_help=True)
command(app, "import")(camera_file.load)
command(app, "export")(camera_file.export)
app.add_typer(scene.app, name="scene")
app.add_typer(consent.app, name="consent")

Id = Annotated[str, typer.Argument(help="Id of the camera; `list` shows it.")]
Name = Annotated[str | None, typer.Option(help="Name.")]
Village = Annotated[str | None, typer.Option(help="Village code, 12 digits.")]
Lat = Annotated[str | None, typer.Option(help="Latitude, WGS-84 degrees.")]
Lon = Annotated[str | None, typer.Option(help="Longitude, WGS-84 degrees.")]
Bearing = Annotated[str | None, typer.Option(help="Where it looks, degrees from north.")]
Angle = Annotated[str | None, typer.Option(help="How wide it looks, degrees.")]
MainUrl = Annotated[
    str | None, typer.Option(help="Address of the main stream; user and password in it are taken out and sealed.")
]
SubUrl = Annotated[str | None, typer.Option(help="Address of the sub stream: what is analysed, when it is there.")]
Tier = Annotated[str | None, typer.Option(help="auto, full or keyframes.")]
GbId = Annotated[str | None, typer.Option(help="GB/T 28181 id, 20 digits.")]
Unit = Annotated[str | None, typer.Option("--manager-unit", help="Who runs it; public and social cameras need it.")]
Owner = Annotated[str | None, typer.Option("--owner-name", help="Householder; civilian cameras need it.")]
Contact = Annotated[str | None, typer.Option("--owner-contact", help="How to reach the householder.")]
ProbeMac = Annotated[str | None, typer.Option(help="The WiFi probe's own MAC address.")]
Note = Annotated[str | None, typer.Option(help="A remark.")]
COLUMNS = {
    "id": lambda camera: camera.id,
    "name": lambda camera: camera.name,
    "kind": lambda camera: camera.kind.value,
    "village": lambda camera: f"{camera.village_code} {camera.village_name}",
    "enabled": lambda camera: camera.enabled,
    "state": lambda camera: camera.status.state.value,
    "reason": lambda camera: camera.status.reason.value if camera.status.reason else None,
    "since": lambda camera: camera.status.since,
}


@command(app, "list")
async def list_(
    desk: Desk,
    village: Annotated[str | None, typer.Option(help="Only below this place code (6, 9 or 12 digits).")] = None,
    kind: Annotated[Kind | None, typer.Option(help="Only this kind.")] = None,
    state: Annotated[State | None, typer.Option(help="Only in this state.")] = None,
    text: Annotated[str | None, typer.Option(help="Only with this in the name.")] = None,
) -> Answer:
    """List cameras with their state and its reason."""
    found = await cameras.list_cameras(
        desk.store, EVERYTHING, village_prefix=village, kind=kind, state=state, text=text
    )
    return Answer(found, columns=COLUMNS)


@command(app, "show")
async def show(desk: Desk, camera: Id) -> Answer:
    """Show one camera with all its fields."""
    found = await cameras.get(desk.store, an_id(camera), EVERYTHING)
    return Answer(found, rows=_lines(found), columns={"field": lambda row: row[0], "value": lambda row: row[1]})


def _lines(camera: Camera) -> list[tuple[str, object]]:
    own = [(name, getattr(camera, name)) for name in Camera.__dataclass_fields__ if not name.endswith("no")]
    return [*((name, value) for name, value in own if name != "status"), *(
        (f"status.{name}", getattr(camera.status, name)) for name in type(camera.status).__dataclass_fields__
    )]  # fmt: skip


@command(app, "history")
async def history(
    desk: Desk, camera: Id, limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=1000)] = 50
) -> Answer:
    """Show how a camera's state changed, newest first."""
    rows = await status.status_history(desk.store, an_id(camera), EVERYTHING, limit=limit)
    columns = {
        "since": lambda row: row.since,
        "state": lambda row: row.state.value,
        "reason": lambda row: row.reason.value if row.reason else None,
        "detail": lambda row: row.detail,
    }
    return Answer(rows, columns=columns)


@command(app, "add")
async def add(
    desk: Desk,
    device: Annotated[str, typer.Argument(help="Id of its device.")],
    name: Annotated[str, typer.Argument(help="Name.")],
    village: Annotated[str, typer.Option(help="Village code, 12 digits.")],
    kind: Annotated[Kind, typer.Option(help="public, social, civilian or wifi_probe.")],
    main_url: MainUrl = None,
    sub_url: SubUrl = None,
    tier: Tier = None,
    lat: Lat = None,
    lon: Lon = None,
    bearing: Bearing = None,
    angle: Angle = None,
    gb_id: GbId = None,
    manager_unit: Unit = None,
    owner_name: Owner = None,
    owner_contact: Contact = None,
    probe_mac: ProbeMac = None,
    note: Note = None,
    enabled: Annotated[bool, typer.Option("--enabled/--disabled", help="Pull it at once, or not yet.")] = True,
) -> Answer:
    """Add a camera of a device. A civilian one is pulled only once `camera consent add` recorded a consent."""
    fields = given(
        device_id=device, name=name, village_code=village, kind=kind, main_url=main_url, sub_url=sub_url, tier=tier,
        lat=lat, lon=lon, bearing_deg=bearing, view_angle_deg=angle, gb_id=gb_id, manager_unit=manager_unit,
        owner_name=owner_name, owner_contact=owner_contact, probe_mac=probe_mac, note=note, enabled=enabled,
    )  # fmt: skip
    new = parse(cameras.NewCamera, fields)
    made = await cameras.create(desk.store, desk.vault, new, desk.actor, policy=policy_of(desk))
    return Answer(made, f"added {made.name}, id {made.id}")


@command(app, "change")
async def change(
    desk: Desk,
    camera: Id,
    name: Name = None,
    village: Village = None,
    device: Annotated[str | None, typer.Option(help="Id of the device that takes its place; history stays.")] = None,
    main_url: MainUrl = None,
    sub_url: SubUrl = None,
    tier: Tier = None,
    lat: Lat = None,
    lon: Lon = None,
    bearing: Bearing = None,
    angle: Angle = None,
    gb_id: GbId = None,
    manager_unit: Unit = None,
    owner_name: Owner = None,
    owner_contact: Contact = None,
    probe_mac: ProbeMac = None,
    note: Note = None,
) -> Answer:
    """Change a camera; what is not given stays."""
    fields = given(
        device_id=device, name=name, village_code=village, main_url=main_url, sub_url=sub_url, tier=tier,
        lat=lat, lon=lon, bearing_deg=bearing, view_angle_deg=angle, gb_id=gb_id, manager_unit=manager_unit,
        owner_name=owner_name, owner_contact=owner_contact, probe_mac=probe_mac, note=note,
    )  # fmt: skip
    return await _changed(desk, camera, fields, "changed")


@command(app, "enable")
async def enable(desk: Desk, camera: Id) -> Answer:
    """Pull a camera from now on."""
    return await _changed(desk, camera, {"enabled": True}, "enabled")


@command(app, "disable")
async def disable(desk: Desk, camera: Id) -> Answer:
    """Stop pulling a camera; a running pull ends within seconds."""
    return await _changed(desk, camera, {"enabled": False}, "disabled")


async def _changed(desk: Desk, camera: str, fields: dict[str, object], said: str) -> Answer:
    wanted = parse(cameras.CameraChange, fields)
    changed = await cameras.change(desk.store, desk.vault, an_id(camera), wanted, desk.actor, policy=policy_of(desk))
    return Answer(changed, f"{said} {changed.name}")


@command(app, "remove")
async def remove(desk: Desk, camera: Id) -> Answer:
    """Take a camera out of use; its events stay until they expire."""
    await cameras.remove(desk.store, an_id(camera), desk.actor)
    return Answer({"removed": camera}, f"removed {camera}")
