"""`camera-hub unit …`: stations and teams, and the villages that belong to them."""

from __future__ import annotations

from typing import Annotated

import typer

from camera_hub.cli.answer import Answer
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk
from camera_hub.cli.fields import an_id, given
from registry import units
from registry.inputs import parse
from registry.model import UnitKind

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
