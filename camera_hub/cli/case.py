"""`camera-hub case …`: the small cases one looks under."""

from __future__ import annotations

from typing import Annotated

import typer

from camera_hub.cli.answer import Answer
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk
from camera_hub.cli.fields import an_id, given
from registry import cases
from registry.inputs import parse
from registry.scope import EVERYTHING

app = typer.Typer(help="Cases: what is gone, where, and between which times.", no_args_is_help=True)

COLUMNS = {
    "id": lambda case: case.id,
    "number": lambda case: case.number,
    "title": lambda case: case.title,
    "village": lambda case: case.village_code,
    "from": lambda case: case.starts_at,
    "to": lambda case: case.ends_at,
    "opened by": lambda case: case.opened_by,
    "closed": lambda case: case.closed_at,
}


@command(app, "open")
async def open_(
    desk: Desk,
    number: Annotated[str, typer.Argument(help="Case number.")],
    title: Annotated[str, typer.Argument(help="What is gone.")],
    village: Annotated[str | None, typer.Option(help="Village code, 12 digits.")] = None,
    since: Annotated[str | None, typer.Option(help="Earliest time, with a zone: 2026-11-20T22:00:00+08:00.")] = None,
    until: Annotated[str | None, typer.Option(help="Latest time, with a zone.")] = None,
) -> Answer:
    """Open a case."""
    fields = given(number=number, title=title, village_code=village, starts_at=since, ends_at=until)
    case = await cases.create(desk.store, parse(cases.NewCase, fields), desk.actor)
    return Answer(case, f"opened {case.number}, id {case.id}")


@command(app, "list")
async def list_(
    desk: Desk, open_only: Annotated[bool, typer.Option("--open", help="Only cases not closed.")] = False
) -> Answer:
    """List cases."""
    return Answer(await cases.list_cases(desk.store, EVERYTHING, open_only=open_only), columns=COLUMNS)


@command(app, "show")
async def show(desk: Desk, case: Annotated[str, typer.Argument(help="Id of the case.")]) -> Answer:
    """Show one case."""
    found = await cases.get(desk.store, an_id(case), EVERYTHING)
    return Answer(found, rows=[found], columns=COLUMNS)


@command(app, "close")
async def close(desk: Desk, case: Annotated[str, typer.Argument(help="Id of the case.")]) -> Answer:
    """Close a case: nobody opens a purpose under it any more."""
    closed = await cases.close(desk.store, an_id(case), desk.actor)
    return Answer(closed, f"closed {closed.number}")
