"""`camera-hub camera consent …`: what a householder agreed to."""

from __future__ import annotations

from typing import Annotated

import typer

from camera_hub.cli.answer import Answer
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk
from camera_hub.cli.fields import an_id, given
from registry import consents
from registry.errors import FieldError, Invalid
from registry.inputs import parse
from registry.model import Consent
from registry.scope import EVERYTHING

app = typer.Typer(
    help="Consents of householders; civilian cameras are pulled and read under one only.", no_args_is_help=True
)

Id = Annotated[str, typer.Argument(help="Id of the camera.")]
MINUTES_A_DAY = 24 * 60


def hours_of(consent: Consent) -> str:
    """The local hours of a consent, `22:00-04:30`, or nothing for the whole day."""
    if consent.from_minute is None or consent.to_minute is None:
        return ""
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in (consent.from_minute, consent.to_minute))


COLUMNS = {
    "id": lambda consent: consent.id,
    "owner": lambda consent: consent.owner_name,
    "scopes": lambda consent: sorted(scope.value for scope in consent.scopes),
    "hours": hours_of,
    "from": lambda consent: consent.valid_from,
    "to": lambda consent: consent.valid_to,
    "text": lambda consent: consent.text_version,
    "withdrawn": lambda consent: consent.withdrawn_at,
}


def minutes(text: str | None) -> tuple[int | None, int | None]:
    """`22:00-04:30` as minutes after midnight. Raises Invalid."""
    if text is None:
        return None, None
    try:
        (from_hour, from_minute), (to_hour, to_minute) = (map(int, part.split(":")) for part in text.split("-"))
        found = from_hour * 60 + from_minute, to_hour * 60 + to_minute
    except ValueError:
        found = -1, -1
    if not all(0 <= minute < MINUTES_A_DAY for minute in found):
        hint = f"{text!r} is no span of hours; write 22:00-04:30"
        raise Invalid(hint, FieldError("hours", "hours", hint))
    return found


@command(app, "add")
async def add(
    desk: Desk,
    camera: Id,
    owner: Annotated[str, typer.Option(help="Who agreed.")],
    scope: Annotated[list[str], typer.Option(help="events, clip or live; repeatable.")],
    text_version: Annotated[str, typer.Option(help="Which wording was signed.")],
    hours: Annotated[
        str | None, typer.Option(help="Local hours it holds for, 22:00-04:30; otherwise the whole day.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Valid from, with a zone; otherwise now.")] = None,
    until: Annotated[str | None, typer.Option(help="Valid to, with a zone; otherwise until withdrawn.")] = None,
    signed: Annotated[str | None, typer.Option(help="When it was signed, with a zone; otherwise now.")] = None,
) -> Answer:
    """Record a consent; the camera is pulled within seconds."""
    from_minute, to_minute = minutes(hours)
    fields = given(
        owner_name=owner, scopes=scope, text_version=text_version, from_minute=from_minute, to_minute=to_minute,
        valid_from=since, valid_to=until, signed_at=signed,
    )  # fmt: skip
    made = await consents.create(desk.store, an_id(camera), parse(consents.NewConsent, fields), desk.actor)
    return Answer(made, f"recorded, id {made.id}")


@command(app, "list")
async def list_(desk: Desk, camera: Id) -> Answer:
    """List a camera's consents."""
    return Answer(await consents.list_for(desk.store, an_id(camera), EVERYTHING), columns=COLUMNS)


@command(app, "withdraw")
async def withdraw(desk: Desk, consent: Annotated[str, typer.Argument(help="Id of the consent.")]) -> Answer:
    """Withdraw a consent: the pull stops within seconds and its events are read no more."""
    gone = await consents.withdraw(desk.store, an_id(consent), desk.actor)
    return Answer(gone, f"withdrawn at {gone.withdrawn_at:%Y-%m-%d %H:%M:%S} UTC")
