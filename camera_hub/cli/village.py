"""`camera-hub village …`: counties, townships and villages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from camera_hub.cli.answer import Answer
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk
from camera_hub.cli.fields import given
from registry import places, survey
from registry.datum import Datum
from registry.errors import FieldError, Invalid
from registry.inputs import parse
from registry.model import Level

app = typer.Typer(help="Counties, townships and villages: load a list, add local ones.", no_args_is_help=True)

Code = Annotated[str, typer.Argument(help="Code: county 6 digits, township 9, village 12.")]
Lat = Annotated[str | None, typer.Option("--lat", help="Latitude, WGS-84 degrees.")]
Lon = Annotated[str | None, typer.Option("--lon", help="Longitude, WGS-84 degrees.")]
COLUMNS = {
    "code": lambda place: place.code,
    "name": lambda place: place.name,
    "level": lambda place: place.level.value,
    "lat": lambda place: place.lat,
    "lon": lambda place: place.lon,
    "source": lambda place: place.source,
}


@command(app, "list")
async def list_(
    desk: Desk,
    level: Annotated[Level | None, typer.Option(help="Only this level.")] = None,
    prefix: Annotated[str | None, typer.Option(help="Only codes that begin with this: 220882, 220882100.")] = None,
) -> Answer:
    """List places by code."""
    return Answer(await places.list_places(desk.store, level=level, prefix=prefix), columns=COLUMNS)


@command(app, "show")
async def show(desk: Desk, code: Code) -> Answer:
    """Show one place."""
    place = await places.get(desk.store, code)
    return Answer(place, rows=[place], columns=COLUMNS)


@command(app, "add")
async def add(
    desk: Desk, code: Code, name: Annotated[str, typer.Argument(help="Name.")], lat: Lat = None, lon: Lon = None
) -> Answer:
    """Add a place the list does not have. Its level follows from the length of its code."""
    place = await places.create(
        desk.store, parse(places.NewPlace, given(code=code, name=name, lat=lat, lon=lon)), desk.actor
    )
    return Answer(place, f"added {place.code} {place.name}")


@command(app, "change")
async def change(
    desk: Desk,
    code: Code,
    name: Annotated[str | None, typer.Option("--name", help="New name.")] = None,
    lat: Lat = None,
    lon: Lon = None,
) -> Answer:
    """Change a place's name or position."""
    place = await places.change(
        desk.store, code, parse(places.PlaceChange, given(name=name, lat=lat, lon=lon)), desk.actor
    )
    return Answer(place, f"changed {place.code} {place.name}")


@command(app, "remove")
async def remove(desk: Desk, code: Code) -> Answer:
    """Remove a place nothing refers to."""
    await places.remove(desk.store, code, desk.actor)
    return Answer({"removed": code}, f"removed {code}")


@command(app, "load")
async def load(
    desk: Desk,
    file: Annotated[Path, typer.Argument(help="CSV with the columns code, name, level and, if known, lat, lon.")],
) -> Answer:
    """Load a county's places from a CSV file; loading it again changes only what differs.

    Rows that are wrong are listed and left out; the exit code is then 1.
    """
    loaded = await places.load_csv(desk.store, file, desk.actor)
    said = f"{loaded.added} added, {loaded.changed} changed, {loaded.unchanged} as before, {len(loaded.bad_rows)} wrong"
    wrong = {"line": lambda row: row.line, "what is wrong": lambda row: row.hint}
    return Answer(loaded, said, wrong if loaded.bad_rows else {}, loaded.bad_rows, status=1 if loaded.bad_rows else 0)


@command(app, "import-geojson")
async def import_geojson(
    desk: Desk,
    code: Code,
    file: Annotated[Path, typer.Argument(help="GeoJSON: polygons are boundaries, lines roads, points entrances.")],
    datum: Annotated[Datum, typer.Option(help="What the file's positions were told in.")] = Datum.WGS84,
    apply: Annotated[bool, typer.Option("--apply", help="Draw it; without, only tell what it would change.")] = False,
) -> Answer:
    """Try a GeoJSON file of a place's boundary, roads and entrances, and with --apply draw it.

    What is refused is listed and left out; the exit code is then 1.
    """
    found = await survey.run(desk.store, code, _document(file), desk.actor, datum=datum, apply=apply)
    did = "" if apply else " (nothing is drawn yet: --apply)"
    said = f"{found.added} added, {found.changed} changed, {found.unchanged} as before, {found.refused} refused{did}"
    told = [step for step in found.steps if step.action == "refuse" or step.doubts]
    return Answer(found, said, STEPS if told else {}, told, status=1 if found.refused else 0)


STEPS = {
    "feature": lambda step: step.index + 1,
    "what": lambda step: step.what,
    "name": lambda step: step.name,
    "refused": lambda step: step.reason,
    "why": lambda step: step.hint,
    "doubts": lambda step: ", ".join(step.doubts),
}


def _document(file: Path) -> object:
    """The file's JSON. Raises Invalid when it cannot be read or is none."""
    try:
        return json.loads(file.read_bytes())
    except OSError as err:
        hint = f"{file}: {err.strerror}"
        raise Invalid(hint, FieldError("file", "unreadable", hint)) from err
    except (ValueError, RecursionError) as err:
        raise Invalid("the file is not JSON", FieldError("file", "json_invalid", "not JSON")) from err
