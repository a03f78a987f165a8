"""`camera-hub case …`: the small cases one looks under."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer

from camera_hub.cli.answer import Answer
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk
from camera_hub.cli.fields import an_id, given
from registry import cases, users
from registry.cases import Offence
from registry.inputs import parse
from registry.store import Store

app = typer.Typer(help="Cases: what happened, where, between which times, and who works on it.", no_args_is_help=True)

COLUMNS = {
    "id": lambda case: case.id,
    "number": lambda case: case.number,
    "title": lambda case: case.title,
    "state": lambda case: case.state.value,
    "places": lambda case: " ".join(case.places),
    "from": lambda case: case.starts_at,
    "to": lambda case: case.ends_at,
    "responsible": lambda case: case.responsible.name if case.responsible else "",
    "members": lambda case: " ".join(one.name for one in case.members),
    "expires": lambda case: case.expires_at,
}

CaseId = Annotated[str, typer.Argument(help="Id of the case.")]
Place = Annotated[list[str] | None, typer.Option(help="Code of a county, township or village; repeat for more.")]
Since = Annotated[str | None, typer.Option(help="Earliest time, with a zone: 2026-11-20T22:00:00+08:00.")]
Until = Annotated[str | None, typer.Option(help="Latest time, with a zone.")]
Member = Annotated[list[str] | None, typer.Option(help="Sign-in name of somebody who works on it; repeat for more.")]
Expires = Annotated[str | None, typer.Option(help="When it ends by itself; not told: as late as the policy allows.")]


async def _ids(store: Store, names: Sequence[str] | None) -> list[UUID] | None:
    return None if not names else [(await users.by_name(store, name)).id for name in names]


@command(app, "open")
async def open_(
    desk: Desk,
    number: Annotated[str, typer.Argument(help="Case number.")],
    title: Annotated[str, typer.Argument(help="What happened.")],
    responsible: Annotated[str, typer.Option(help="Sign-in name of the officer who is responsible.")],
    offence: Annotated[Offence, typer.Option(help="What sort of offence.")] = Offence.OTHER,
    place: Place = None,
    since: Since = None,
    until: Until = None,
    member: Member = None,
    expires: Expires = None,
) -> Answer:
    """Open a case."""
    fields = given(
        number=number, title=title, offence=offence, places=place or None, starts_at=since, ends_at=until,
        responsible_id=(await users.by_name(desk.store, responsible)).id, member_ids=await _ids(desk.store, member),
        expires_at=expires,
    )  # fmt: skip
    case = await cases.create(desk.store, parse(cases.NewCase, fields), desk.actor)
    return Answer(case, f"opened {case.number}, id {case.id}")


@command(app, "list")
async def list_(
    desk: Desk, open_only: Annotated[bool, typer.Option("--open", help="Only cases one may look under.")] = False
) -> Answer:
    """List cases."""
    return Answer(await cases.list_cases(desk.store, desk.actor, open_only=open_only), columns=COLUMNS)


@command(app, "show")
async def show(desk: Desk, case: CaseId) -> Answer:
    """Show one case."""
    found = await cases.get(desk.store, an_id(case), desk.actor)
    return Answer(found, rows=[found], columns=COLUMNS)


@command(app, "change")
async def change(
    desk: Desk,
    case: CaseId,
    title: Annotated[str | None, typer.Option(help="What happened.")] = None,
    place: Place = None,
    since: Since = None,
    until: Until = None,
    responsible: Annotated[str | None, typer.Option(help="Sign-in name of who is responsible from now on.")] = None,
    member: Member = None,
    expires: Expires = None,
) -> Answer:
    """Change a case; places and members are told in full. What is looked up under it follows at once."""
    before = await cases.get(desk.store, an_id(case), desk.actor)
    chief = await _ids(desk.store, [responsible] if responsible else None)
    fields = given(
        expected_revision=before.revision, title=title, places=place or None, starts_at=since, ends_at=until,
        responsible_id=chief[0] if chief else None, member_ids=await _ids(desk.store, member), expires_at=expires,
    )  # fmt: skip
    changed = await cases.change(desk.store, before.id, parse(cases.CaseChange, fields), desk.actor)
    return Answer(changed, f"changed {changed.number}, revision {changed.revision}")


@command(app, "close")
async def close(desk: Desk, case: CaseId) -> Answer:
    """Close a case: nobody looks under it any more."""
    closed = await cases.close(desk.store, an_id(case), desk.actor)
    return Answer(closed, f"closed {closed.number}")
