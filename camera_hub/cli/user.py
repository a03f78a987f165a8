"""`camera-hub user …`: who signs in, as what, and which places they see."""

from __future__ import annotations

from typing import Annotated

import typer

from camera_hub.cli import password
from camera_hub.cli.answer import Answer
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk
from camera_hub.cli.fields import given
from registry import users
from registry.inputs import parse
from registry.model import Role

app = typer.Typer(help="Users: who signs in, as what, and which places they see.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Sign-in name.")]
COLUMNS = {
    "name": lambda user: user.name,
    "shown as": lambda user: user.display_name,
    "unit": lambda user: user.unit,
    "role": lambda user: user.role.value,
    "sees": lambda user: user.grants,
    "active": lambda user: user.active,
}


@command(app, "add")
async def add(
    desk: Desk,
    name: Name,
    role: Annotated[Role, typer.Option(help="What the user may do.")],
    display_name: Annotated[str | None, typer.Option(help="Name shown on the page.")] = None,
    unit: Annotated[str | None, typer.Option(help="Station, squadron or group.")] = None,
    grant: Annotated[
        list[str] | None, typer.Option(help="Place code (6, 9 or 12 digits) the user sees; repeatable.")
    ] = None,
    stdin: password.FromStdin = False,
    file: password.FromFile = None,
) -> Answer:
    """Add a user. The password is asked for twice, or read from standard input or a file.

    A user without a grant sees no village.
    """
    secret = password.read(f"Password for {name}", stdin=stdin, file=file, twice=True)
    fields = given(name=name, role=role, display_name=display_name, unit=unit, grants=grant)
    user = await users.create(desk.store, parse(users.NewUser, {**fields, "password": secret}), desk.actor)
    return Answer(user, f"added {user.name} ({user.role.value}), sees {', '.join(user.grants) or 'no village yet'}")


@command(app, "list")
async def list_(desk: Desk) -> Answer:
    """List users."""
    return Answer(await users.list_users(desk.store), columns=COLUMNS)


@command(app, "grant")
async def grant(
    desk: Desk,
    name: Name,
    places: Annotated[
        list[str] | None, typer.Argument(help="Place codes the user sees from now on; none: no village.")
    ] = None,
) -> Answer:
    """Set the places a user sees, in place of those before."""
    found = await users.by_name(desk.store, name)
    user = await users.set_grants(desk.store, found.id, places or [], desk.actor)
    return Answer(user, f"{user.name} sees {', '.join(user.grants) or 'no village'}")


@command(app, "password")
async def password_(
    desk: Desk, name: Name, stdin: password.FromStdin = False, file: password.FromFile = None
) -> Answer:
    """Set a user's password; every session of the user ends."""
    found = await users.by_name(desk.store, name)
    secret = password.read(f"New password for {name}", stdin=stdin, file=file, twice=True)
    await users.set_password(desk.store, found.id, secret, desk.actor)
    return Answer({"changed": name}, f"{name} has a new password")


@command(app, "disable")
async def disable(desk: Desk, name: Name) -> Answer:
    """Let a user sign in no more; what they did stays in the audit."""
    return await _set_active(desk, name, active=False)


@command(app, "enable")
async def enable(desk: Desk, name: Name) -> Answer:
    """Let a disabled user sign in again."""
    return await _set_active(desk, name, active=True)


async def _set_active(desk: Desk, name: str, *, active: bool) -> Answer:
    found = await users.by_name(desk.store, name)
    user = await users.change(desk.store, found.id, parse(users.UserChange, {"active": active}), desk.actor)
    return Answer(user, f"{user.name} may {'' if active else 'no longer '}sign in")
