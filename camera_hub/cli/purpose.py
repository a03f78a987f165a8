"""`camera-hub purpose …`: why somebody looks. Opened for a user; the API token or session then names it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from camera_hub.cli.answer import Answer
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk
from camera_hub.cli.fields import an_id, given
from registry import purposes, users
from registry.inputs import parse
from registry.model import PurposeKind

app = typer.Typer(
    help="Purposes: why somebody looks. Every read of events or pictures carries one.", no_args_is_help=True
)

ForUser = Annotated[str, typer.Option("--user", help="Sign-in name of the user who looks.")]
COLUMNS = {
    "id": lambda purpose: purpose.id,
    "kind": lambda purpose: purpose.kind.value,
    "case": lambda purpose: purpose.case_number,
    "places": lambda purpose: " ".join(purpose.places or ()),
    "from": lambda purpose: purpose.since,
    "to": lambda purpose: purpose.until,
    "reason": lambda purpose: purpose.reason,
    "opened": lambda purpose: purpose.opened_at,
    "expires": lambda purpose: purpose.expires_at,
}


@command(app, "open")
async def open_(
    desk: Desk,
    kind: Annotated[PurposeKind, typer.Argument(help="case, patrol or maintenance.")],
    user: ForUser,
    reason: Annotated[str, typer.Option(help="Why, in a few words; the audit keeps it.")],
    case: Annotated[str | None, typer.Option(help="Id of the open case; needed for kind case.")] = None,
    approval: Annotated[str | None, typer.Option(help="Id of a grant to look further than the case.")] = None,
    camera: Annotated[list[str] | None, typer.Option(help="Id of a camera, repeated; for kind maintenance.")] = None,
) -> Answer:
    """Open a purpose for a user, within what the user's role allows."""
    who = await users.by_name(desk.store, user)
    fields = given(kind=kind, reason=reason, case_id=case, approval_id=approval, camera_ids=camera or None)
    purpose = await purposes.open(
        desk.store,
        parse(purposes.OpenPurpose, fields),
        replace(desk.actor, user=who),
        hours=desk.settings.purpose_hours,
    )
    return Answer(purpose, f"opened {purpose.kind.value} purpose {purpose.id}")


@command(app, "list")
async def list_(desk: Desk, user: ForUser) -> Answer:
    """List a user's open purposes."""
    return Answer(await purposes.list_open(desk.store, await users.by_name(desk.store, user)), columns=COLUMNS)


@command(app, "close")
async def close(
    desk: Desk, purpose: Annotated[str, typer.Argument(help="Id of the purpose.")], user: ForUser
) -> Answer:
    """Close a user's purpose before it expires."""
    who = await users.by_name(desk.store, user)
    closed = await purposes.close(desk.store, an_id(purpose), replace(desk.actor, user=who))
    return Answer(closed, f"closed {closed.id}")
