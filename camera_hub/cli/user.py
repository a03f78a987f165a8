"""`camera-hub user …`: who signs in, as what, and which places they see."""

from __future__ import annotations

from typing import Annotated

import typer

from camera_hub.cli import password
from camera_hub.cli.answer import Answer
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk
from camera_hub.cli.fields import an_id, given
from registry import permissions, scope, signin, twofactors, users
from registry.inputs import parse
from registry.model import Role, User

app = typer.Typer(help="Users: who signs in, as what, and which places they see.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Sign-in name.")]
Trained = Annotated[str | None, typer.Option(help="When the user was trained, with a zone: 2026-11-20T09:00:00+08:00.")]
Pledged = Annotated[str | None, typer.Option(help="When the user signed the pledge of confidentiality, with a zone.")]
COLUMNS = {
    "name": lambda user: user.name,
    "shown as": lambda user: user.display_name,
    "unit": lambda user: user.unit,
    "role": lambda user: user.role.value,
    "sees": lambda user: scope.of(user).prefixes,
    "holds": lambda user: [f"{held.duty}{'' if held.holds else ' missing'}" for held in user.duties],
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
    unit_grant: Annotated[
        list[str] | None, typer.Option(help="Id of a station or team whose villages the user sees; repeatable.")
    ] = None,
    station: Annotated[str | None, typer.Option(help="Id of the station where the user serves.")] = None,
    team: Annotated[str | None, typer.Option(help="Id of the team where the user serves.")] = None,
    trained: Trained = None,
    pledged: Pledged = None,
    stdin: password.FromStdin = False,
    file: password.FromFile = None,
) -> Answer:
    """Add a user. The password is asked for twice, or read from standard input or a file.

    A user without a grant sees no village.
    """
    secret = password.read(f"Password for {name}", stdin=stdin, file=file, twice=True)
    fields = given(
        name=name, role=role, display_name=display_name, unit=unit, grants=grant, units=unit_grant,
        station=station, team=team, trained_at=trained, pledged_at=pledged,
    )  # fmt: skip
    user = await users.create(desk.store, parse(users.NewUser, {**fields, "password": secret}), desk.actor)
    return Answer(user, f"added {user.name} ({user.role.value}), sees {_seen(user) or 'no village yet'}")


@command(app, "change")
async def change(
    desk: Desk,
    name: Name,
    role: Annotated[Role | None, typer.Option(help="What the user may do.")] = None,
    station: Annotated[str | None, typer.Option(help="Id of the station where the user serves.")] = None,
    team: Annotated[str | None, typer.Option(help="Id of the team where the user serves.")] = None,
    trained: Trained = None,
    pledged: Pledged = None,
) -> Answer:
    """Change what is on record of a user; what is not given stays."""
    found = await users.by_name(desk.store, name)
    fields = given(role=role, station=station, team=team, trained_at=trained, pledged_at=pledged)
    user = await users.change(desk.store, found.id, parse(users.UserChange, fields), desk.actor)
    return Answer(user, rows=[user], columns=COLUMNS)


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
    unit: Annotated[
        list[str] | None, typer.Option(help="Id of a station or team whose villages the user sees; repeatable.")
    ] = None,
) -> Answer:
    """Set what a user sees, in place of what it was: places, and the villages of stations and teams."""
    found = await users.by_name(desk.store, name)
    wanted = [an_id(one) for one in unit or ()]
    user = await users.set_grants(desk.store, found.id, places or [], desk.actor, wanted)
    return Answer(user, f"{user.name} sees {_seen(user) or 'no village'}")


def _seen(user: User) -> str:
    return ", ".join(scope.of(user).prefixes)


@command(app, "matrix")
async def matrix(desk: Desk) -> Answer:
    """Show what each role may do, as the table of docs/permissions.md."""
    del desk
    return Answer({role.value: sorted(permissions.ROLES[role]) for role in Role}, permissions.table())


@command(app, "password")
async def password_(
    desk: Desk, name: Name, stdin: password.FromStdin = False, file: password.FromFile = None
) -> Answer:
    """Set a user's password; every session of the user ends."""
    found = await users.by_name(desk.store, name)
    secret = password.read(f"New password for {name}", stdin=stdin, file=file, twice=True)
    await users.set_password(desk.store, found.id, secret, desk.actor)
    return Answer({"changed": name}, f"{name} has a new password")


@command(app, "unlock")
async def unlock(desk: Desk, name: Name) -> Answer:
    """Forget a user's wrong tries at signing in, so that the user need not wait."""
    found = await users.by_name(desk.store, name)
    return Answer(await signin.unlock(desk.store, found.id, desk.actor), f"{found.name} may sign in at once")


@command(app, "reset-two-factors")
async def reset_two_factors(desk: Desk, name: Name) -> Answer:
    """Take a user's lost second factor away; every session of the user ends."""
    found = await users.by_name(desk.store, name)
    await twofactors.reset(desk.store, found.id, desk.actor)
    return Answer({"reset": found.name}, f"{found.name} signs in by the password alone")


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
