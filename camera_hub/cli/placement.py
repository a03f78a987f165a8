"""`camera-hub camera placement …`: what is known of a camera's place; `camera filings`: what is missing or late."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from camera_hub.cli.answer import Answer
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk
from camera_hub.cli.fields import an_id, given
from camera_hub.media import Media
from camera_hub.signs import Signs
from camera_hub.watch.job import NODE
from registry import placement
from registry.errors import FieldError, Invalid
from registry.inputs import parse
from registry.placement import Filed, Placement, PlacementChange, Wanting
from registry.policy import Basis
from registry.scope import EVERYTHING

app = typer.Typer(help="What is known of a camera's place: it is pulled once nothing is missing.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="Id of the camera.")]
COLUMNS = {
    "camera": lambda one: one.name,
    "kind": lambda one: one.kind.value,
    "village": lambda one: f"{one.village_code} {one.village_name}",
    "missing": lambda one: [lack.value for lack in one.placement.lacks],
    "filing": lambda one: one.placement.filing.value,
    "number": lambda one: one.placement.filing_no,
    "due": lambda one: one.placement.due_at,
    "late": lambda one: one.placement.overdue,
    "id": lambda one: one.camera_id,
}


async def filings(
    desk: Desk,
    wanting: Annotated[
        Wanting | None, typer.Option(help="Only what is incomplete, overdue, unfiled, unsigned.")
    ] = None,
    village: Annotated[str | None, typer.Option(help="Only below this place code (6, 9 or 12 digits).")] = None,
) -> Answer:
    """List what cameras lack, and how their filings stand."""
    found: tuple[Filed, ...] = await placement.list_filings(
        desk.store, EVERYTHING, wanting=wanting, village_prefix=village
    )
    return Answer(found, columns=COLUMNS)


@command(app, "show")
async def show(desk: Desk, camera: Id) -> Answer:
    """Show what is known of a camera's place."""
    return _told(await placement.get(desk.store, an_id(camera), EVERYTHING))


@command(app, "set")
async def set_(
    desk: Desk,
    camera: Id,
    basis: Annotated[Basis | None, typer.Option(help="On which basis it stands.")] = None,
    purpose: Annotated[str | None, typer.Option(help="What it is for.")] = None,
    no: Annotated[list[str] | None, typer.Option(help="A place it does not look into; `all` for every one.")] = None,
    yes: Annotated[list[str] | None, typer.Option(help="A forbidden place it looks into: it never runs again.")] = None,
    near_sensitive: Annotated[bool | None, typer.Option(help="It stands near a secret unit.")] = None,
    agreement: Annotated[str | None, typer.Option(help="That unit's agreement.")] = None,
    near_minors: Annotated[bool | None, typer.Option(help="It sees a place of minors.")] = None,
    filing_no: Annotated[str | None, typer.Option(help="Number of its filing.")] = None,
    filed_on: Annotated[str | None, typer.Option(help="Day of its filing, 2026-11-23.")] = None,
    sign_text: Annotated[str | None, typer.Option(help="What its sign says.")] = None,
) -> Answer:
    """Tell what is known of a camera's place; what is not given stays."""
    every = desk.store.policy.placement.forbidden
    answers = dict.fromkeys(every if no == ["all"] else no or (), False) | dict.fromkeys(yes or (), True)
    fields = given(
        basis=basis, purpose=purpose, answers=answers or None, near_sensitive=near_sensitive, agreement=agreement,
        near_minors=near_minors, filing_no=filing_no, filed_on=filed_on, sign_text=sign_text,
    )  # fmt: skip
    wanted = parse(PlacementChange, fields)
    return _told(await placement.change(desk.store, an_id(camera), wanted, desk.actor))


@command(app, "sign")
async def sign(
    desk: Desk, camera: Id, photo: Annotated[Path, typer.Argument(help="Photo of the sign, JPEG.")]
) -> Answer:
    """Keep a photo of the sign that hangs at a camera."""
    try:
        raw = photo.read_bytes()
    except OSError as err:
        hint = f"{photo} cannot be read ({type(err).__name__})"
        raise Invalid(hint, FieldError("photo", "unreadable", hint)) from err
    settings = desk.settings
    media = Media(settings.data_dir, round(settings.min_free_gb * 1e9), round(settings.media_quota_gb * 1e9))
    return _told(await Signs(desk.store, media, NODE).put(an_id(camera), raw, desk.actor))


def _told(found: Placement) -> Answer:
    lines = [(name, getattr(found, name)) for name in Placement.__dataclass_fields__ if name != "camera_no"]
    return Answer(found, rows=lines, columns={"field": lambda row: row[0], "value": lambda row: row[1]})
