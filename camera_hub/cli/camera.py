"""`camera-hub camera …`: viewpoints, what is looked for in them, and who agreed to it."""

from __future__ import annotations

from typing import Annotated

import typer

from camera_hub.cli import camera_file, consent, password, placement, scene
from camera_hub.cli.answer import Answer
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk, policy_of
from camera_hub.cli.fields import an_id, given
from registry import cameras, changes, gb_ids, replacement, status
from registry.datum import Datum
from registry.inputs import parse
from registry.model import Camera, Kind, State
from registry.scope import EVERYTHING

app = typer.Typer(help="Cameras: viewpoints of a device, in a village.", no_args_is_help=True)
command(app, "import")(camera_file.load)
command(app, "export")(camera_file.export)
app.add_typer(scene.app, name="scene")
app.add_typer(consent.app, name="consent")
app.add_typer(placement.app, name="placement")
command(app, "filings")(placement.filings)

Id = Annotated[str, typer.Argument(help="Id of the camera; `list` shows it.")]
Name = Annotated[str | None, typer.Option(help="Name.")]
Village = Annotated[str | None, typer.Option(help="Village code, 12 digits.")]
Lat = Annotated[str | None, typer.Option(help="Latitude in degrees; --lon goes with it.")]
Lon = Annotated[str | None, typer.Option(help="Longitude in degrees.")]
DatumOf = Annotated[
    Datum | None, typer.Option(help="What --lat and --lon are told in, WGS-84 unless it is said: phones tell gcj02.")
]
Hamlet = Annotated[str | None, typer.Option(help="Natural hamlet of the village.")]
Address = Annotated[str | None, typer.Option(help="Where it hangs, in words.")]
Pole = Annotated[str | None, typer.Option(help="Number of its pole.")]
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
    datum: DatumOf = None,
    hamlet: Hamlet = None,
    address: Address = None,
    pole: Pole = None,
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
        lat=lat, lon=lon, datum=datum, hamlet=hamlet, address=address, pole=pole, bearing_deg=bearing,
        view_angle_deg=angle, gb_id=gb_id, manager_unit=manager_unit,
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
    datum: DatumOf = None,
    hamlet: Hamlet = None,
    address: Address = None,
    pole: Pole = None,
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
        lat=lat, lon=lon, datum=datum, hamlet=hamlet, address=address, pole=pole, bearing_deg=bearing,
        view_angle_deg=angle, gb_id=gb_id, manager_unit=manager_unit,
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


@command(app, "changes")
async def list_changes(desk: Desk, camera: Id) -> Answer:
    """Show what was changed on a camera, by whom and when, newest first."""
    columns = {
        "at": lambda row: row.at,
        "by": lambda row: row.by,
        "what": lambda row: row.action,
        "fields": lambda row: "; ".join(
            one.field if one.old is None and one.new is None else f"{one.field}: {one.old} → {one.new}"
            for one in row.changed
        ),
    }
    return Answer(await changes.list_changes(desk.store, an_id(camera), EVERYTHING), columns=columns)


@command(app, "replace")
async def replace(
    desk: Desk,
    camera: Id,
    host: Annotated[str, typer.Argument(help="Name or address of the new device.")],
    main_url: MainUrl = None,
    sub_url: SubUrl = None,
    name: Annotated[str | None, typer.Option(help="Name of the new device; the old one's otherwise.")] = None,
    vendor: Annotated[str | None, typer.Option(help="Maker.")] = None,
    model: Annotated[str | None, typer.Option(help="Model.")] = None,
    username: Annotated[str | None, typer.Option(help="User name on it. Its password is asked for.")] = None,
    stdin: password.FromStdin = False,
    file: password.FromFile = None,
) -> Answer:
    """Put another device behind a camera; scene, consents, events and history stay.

    The old device goes when no other camera is on it.
    """
    secret = None
    if stdin or file is not None or username:
        secret = password.read(f"Password of {username or host}", stdin=stdin, file=file).get_secret_value()
    fields = given(
        host=host, name=name, vendor=vendor, model=model, username=username, password=secret, main_url=main_url,
        sub_url=sub_url,
    )  # fmt: skip
    wanted = parse(replacement.Replacement, fields)
    made = await replacement.replace(desk.store, desk.vault, an_id(camera), wanted, desk.actor, policy=policy_of(desk))
    return Answer(made, f"replaced the device of {made.name}; look at its scene: the view may be another")


@command(app, "gb-id")
async def gb_id(
    desk: Desk,
    village: Annotated[str, typer.Argument(help="Village code, 12 digits.")],
    kind: Annotated[Kind, typer.Argument(help="public, social, civilian or wifi_probe.")],
    industry: Annotated[str | None, typer.Option(help="Two digits, as 45 for a shop, 11 for a school.")] = None,
    unit: Annotated[str | None, typer.Option(help="Two digits the county gave a local unit; 00 for none.")] = None,
) -> Answer:
    """Tell the next free GB/T 28181 id for a camera of a kind; it is not reserved."""
    wanted = parse(gb_ids.Wanted, given(village_code=village, kind=kind, industry=industry, unit=unit))
    found = await gb_ids.propose(desk.store, wanted, desk.actor)
    return Answer(found, found.gb_id)
