"""`camera-hub camera consent …`: what owners agreed to, from invitation to withdrawal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from api import paper
from camera_hub.cli.answer import Answer
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk
from camera_hub.cli.fields import an_id, given
from camera_hub.recall.left import counting
from camera_hub.recall.motion.shelf import Shelf
from camera_hub.recall.stills.dayfile import Album
from camera_hub.recording.decoders import Decoders
from registry import consents, withdrawals
from registry.consents import owners, scans
from registry.consents.attention import attention
from registry.errors import FieldError, Invalid
from registry.inputs import parse
from registry.model import Consent
from registry.scope import EVERYTHING

app = typer.Typer(
    help="Consents of owners: where the policy needs one, a camera is pulled and read under it alone.",
    no_args_is_help=True,
)

Id = Annotated[str, typer.Argument(help="Id of the camera.")]
One = Annotated[str, typer.Argument(help="Id of the consent.")]
HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
SCAN_BYTES = 12 * 2**20
SCAN_WIDTH = 1600
STEPS = {
    "at": lambda step: step.at,
    "by": lambda step: step.by,
    "step": lambda step: step.step.value,
    "note": lambda step: step.note,
}
NEEDS = {
    "camera": lambda one: one.camera_name,
    "village": lambda one: one.village_name,
    "owner": lambda one: one.owner_name,
    "why": lambda one: one.why.value,
    "ends": lambda one: one.ends_at,
    "consent": lambda one: one.consent_id,
}


def _files(desk: Desk) -> withdrawals.Files:
    data_dir = desk.settings.data_dir
    return counting(Album(data_dir), Shelf(data_dir, desk.settings.tz))


def hours_of(consent: Consent) -> str:
    """The local hours of a consent, `22:00-04:30`, or nothing for the whole day."""
    if consent.from_minute is None or consent.to_minute is None:
        return ""
    return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in (consent.from_minute, consent.to_minute))


COLUMNS = {
    "id": lambda consent: consent.id,
    "state": lambda consent: consent.state.value,
    "owner": lambda consent: consent.owner_name,
    "scopes": lambda consent: sorted(scope.value for scope in consent.scopes),
    "hours": hours_of,
    "from": lambda consent: consent.valid_from,
    "to": lambda consent: consent.valid_to,
    "reconfirm by": lambda consent: consent.reconfirm_by,
    "text": lambda consent: consent.text_version,
    "withdrawn": lambda consent: consent.withdrawn_at,
}


def minutes(text: str | None) -> tuple[int | None, int | None]:
    """`22:00-04:30` as minutes after midnight. Raises Invalid."""
    if text is None:
        return None, None
    told = HOURS.fullmatch(text)
    if told is None:
        hint = f"{text!r} is no span of hours; write 22:00-04:30"
        raise Invalid(hint, FieldError("hours", "hours", hint))
    from_hour, from_minute, to_hour, to_minute = map(int, told.groups())
    return from_hour * 60 + from_minute, to_hour * 60 + to_minute


@command(app, "add")
async def add(
    desk: Desk,
    camera: Id,
    owner: Annotated[str, typer.Option(help="Who agreed.")],
    scope: Annotated[list[str], typer.Option(help="register, or clip, events, incident, live; repeatable.")],
    text_version: Annotated[str | None, typer.Option(help="Which wording was signed; otherwise the policy's.")] = None,
    purpose: Annotated[str | None, typer.Option(help="What the camera is used for.")] = None,
    hours: Annotated[
        str | None, typer.Option(help="Local hours it holds for, 22:00-04:30; otherwise the whole day.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Valid from, with a zone; otherwise now.")] = None,
    until: Annotated[str | None, typer.Option(help="Valid to, with a zone; otherwise until withdrawn.")] = None,
    signed: Annotated[str | None, typer.Option(help="When it was signed, with a zone; otherwise now.")] = None,
    *,
    invite: Annotated[bool, typer.Option("--invite", help="To be signed yet: nothing is pulled under it.")] = False,
) -> Answer:
    """Record a consent that was signed, and the camera is pulled within seconds; or one to be signed."""
    from_minute, to_minute = minutes(hours)
    fields = given(
        owner_name=owner, scopes=scope, text_version=text_version, purpose=purpose,
        from_minute=from_minute, to_minute=to_minute, valid_from=since, valid_to=until, signed_at=signed,
    )  # fmt: skip
    begin = consents.invite if invite else consents.create
    made = await begin(desk.store, an_id(camera), parse(consents.NewConsent, fields), desk.actor)
    return Answer(made, f"recorded, id {made.id}")


@command(app, "list")
async def list_(desk: Desk, camera: Id) -> Answer:
    """List a camera's consents."""
    return Answer(await consents.list_for(desk.store, an_id(camera), EVERYTHING), columns=COLUMNS)


@command(app, "step")
async def step(
    desk: Desk,
    consent: One,
    to: Annotated[str, typer.Argument(help="sign, activate, pause, resume or reconfirm.")],
    note: Annotated[str | None, typer.Option(help="Why, for the history.")] = None,
    signed: Annotated[str | None, typer.Option(help="Of sign: when, with a zone; otherwise now.")] = None,
) -> Answer:
    """Take a step of a consent's life; pulls and reads follow within seconds."""
    wanted = parse(consents.TakeStep, given(step=to, note=note, signed_at=signed))
    found = await consents.take(desk.store, an_id(consent), wanted, desk.actor)
    return Answer(found, f"it is {found.state}")


@command(app, "scan")
async def scan(
    desk: Desk, consent: One, file: Annotated[Path, typer.Argument(help="A JPEG or PNG of what was signed.")]
) -> Answer:
    """Keep a photograph or scan of what was signed."""
    try:
        if file.stat().st_size > SCAN_BYTES:
            raise Invalid("the file is too large", FieldError("file", "too_large", "at most 12 MB"))
        raw = file.read_bytes()
    except OSError as err:
        hint = f"{file} cannot be read ({type(err).__name__})"
        raise Invalid(hint, FieldError("file", "unreadable", hint)) from err
    decoders = Decoders()
    try:
        picture = await decoders.image(raw, SCAN_WIDTH)
    finally:
        await decoders.close()
    return Answer(await scans.put(desk.store, an_id(consent), picture, desk.actor), f"kept, {len(picture)} bytes")


@command(app, "print")
async def print_(
    desk: Desk,
    consent: One,
    file: Annotated[Path, typer.Argument(help="Where the page is written: form.html.")],
) -> Answer:
    """Write the form of a consent, or the receipt of a withdrawn one, as a page to be printed.

    Needs the setting public_url: the form's code leads to the owner's page there.
    """
    found = await consents.get(desk.store, an_id(consent), EVERYTHING)
    settings = desk.settings
    if not settings.public_url:
        hint = "set public_url: the form's code leads there"
        raise Invalid(hint, FieldError("public_url", "missing", hint))
    place = paper.Place(settings.public_url, settings.tz, settings.contact, settings.law.consent.text)
    if found.withdrawn_at is not None:
        body = paper.receipt(await withdrawals.receipt(desk.store, found.id, EVERYTHING, _files(desk)), place)
    else:
        about = await paper.facts_of(desk.store, found.id, EVERYTHING)
        body = paper.form(about, place, await owners.link(desk.store, desk.vault, found.id, desk.actor))
    file.write_text(paper.whole(body), encoding="utf-8")
    return Answer({"file": str(file)}, f"written to {file}")


@command(app, "link")
async def link(
    desk: Desk,
    consent: One,
    *,
    renew: Annotated[bool, typer.Option("--renew", help="Make the link handed out before void.")] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="Make it void, and no new one.")] = False,
) -> Answer:
    """Tell the address of the owner's page. Who has it may act as he: hand it to nobody else."""
    if revoke:
        await owners.revoke(desk.store, an_id(consent), desk.actor)
        return Answer({"address": None}, "the link is void")
    token = await owners.link(desk.store, desk.vault, an_id(consent), desk.actor, renew=renew)
    address = f"{desk.settings.public_url}/owner.html#{token}"
    return Answer({"address": address}, address)


@command(app, "history")
async def history(desk: Desk, consent: One) -> Answer:
    """Show what was done about a consent."""
    return Answer(await consents.steps_of(desk.store, an_id(consent), EVERYTHING), columns=STEPS)


@command(app, "attention")
async def need(desk: Desk) -> Answer:
    """List cameras whose consent is missing, unsigned, about to run out, or demands masks that are not drawn."""
    return Answer(await attention(desk.store, EVERYTHING), columns=NEEDS)


@command(app, "withdraw")
async def withdraw(desk: Desk, consent: One) -> Answer:
    """Withdraw a consent: the pull stops within seconds, the sign-in is destroyed, what was kept goes."""
    done = await withdrawals.withdraw(desk.store, an_id(consent), desk.actor, _files(desk))
    return Answer(done, f"withdrawn at {done.at:%Y-%m-%d %H:%M:%S} UTC, receipt {done.number}")
