"""`camera-hub unit …`: stations and teams, and the villages that belong to them."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Annotated

import typer

from camera_hub.book import unitsheet
from camera_hub.cli.answer import Answer
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk
from camera_hub.cli.fields import an_id, given
from registry import unitplan, units
from registry.inputs import invalid, parse
from registry.model import UnitKind
from registry.unitplan import UnitAction

app = typer.Typer(help="Stations and teams, and the villages that belong to them.", no_args_is_help=True)

Unit = Annotated[str, typer.Argument(help="Id of the station or team.")]
COLUMNS = {
    "id": lambda unit: unit.id,
    "kind": lambda unit: unit.kind.value,
    "name": lambda unit: unit.name,
    "under": lambda unit: unit.parent_id,
    "villages": lambda unit: unit.villages,
}


@command(app, "add")
async def add(
    desk: Desk,
    kind: Annotated[UnitKind, typer.Argument(help="A station, or a team: brigade, squadron, group.")],
    name: Annotated[str, typer.Argument(help="Name.")],
    under: Annotated[str | None, typer.Option(help="Id of the team above it.")] = None,
    village: Annotated[list[str] | None, typer.Option(help="Code of a village of its own; repeatable.")] = None,
) -> Answer:
    """Add a station or a team."""
    fields = given(kind=kind, name=name, parent_id=under, villages=village)
    unit = await units.create(desk.store, parse(units.NewUnit, fields), desk.actor)
    return Answer(unit, f"added {unit.kind.value} {unit.name}, id {unit.id}")


@command(app, "import")
async def import_(
    desk: Desk,
    file: Annotated[Path, typer.Argument(help="A .csv or .xlsx file: columns kind, name, under, villages.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what it would change, and change nothing.")] = False,
) -> Answer:
    """Add and change stations and teams from a list: all of it, or nothing where a row is bad.

    Bad rows are listed; the exit code is then 1.
    """
    try:
        raw = await asyncio.to_thread(file.read_bytes)
    except OSError as err:
        raise invalid("file", "unreadable", f"{file}: {err.strerror}") from err
    found = await unitsheet.read(desk.store, raw, file.name)
    told = await unitplan.plan(desk.store, found.rows, found.bad, desk.actor)
    if not dry_run and not told.bad:
        detail = {"file": file.name[-64:], "sha256": hashlib.sha256(raw).hexdigest()}
        told = await unitplan.apply(desk.store, found.rows, found.bad, desk.actor, expected=told.digest, detail=detail)
    counts = ", ".join(f"{sum(one.action is what for one in told.outcomes)} {what}" for what in UnitAction)
    said = f"{'done' if told.applied else 'would be'}: {counts}"
    lines = [said, *(f"row {one.row}, {one.column} {one.value!r}: {one.hint}" for one in told.bad)]
    if told.bad:
        lines.append("nothing is written until these are correct")
    return Answer(told, "\n".join(lines), status=1 if told.bad else 0)


@command(app, "list")
async def list_(desk: Desk) -> Answer:
    """List stations and teams."""
    return Answer(await units.list_units(desk.store), columns=COLUMNS)


@command(app, "rename")
async def rename(desk: Desk, unit: Unit, name: Annotated[str, typer.Argument(help="New name.")]) -> Answer:
    """Give a station or team another name."""
    changed = await units.change(desk.store, an_id(unit), parse(units.UnitChange, {"name": name}), desk.actor)
    return Answer(changed, f"it is called {changed.name} now")


@command(app, "villages")
async def villages(
    desk: Desk, unit: Unit, codes: Annotated[list[str] | None, typer.Argument(help="Village codes; none: none.")] = None
) -> Answer:
    """Set the villages of a station or team, in place of those before; they leave the one they belonged to."""
    wanted = parse(units.UnitChange, {"villages": codes or []})
    changed = await units.change(desk.store, an_id(unit), wanted, desk.actor)
    return Answer(changed, f"{changed.name} has {len(changed.villages)} villages")


@command(app, "remove")
async def remove(desk: Desk, unit: Unit) -> Answer:
    """Remove a station or team that nothing belongs to any more."""
    await units.remove(desk.store, an_id(unit), desk.actor)
    return Answer({"removed": unit}, "removed")
