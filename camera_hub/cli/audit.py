"""`camera-hub audit …`: proving the register, anchoring it, and taking it out."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from api import auditsheet
from camera_hub.anchors import Anchors, kept
from camera_hub.cli.answer import Answer
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk
from camera_hub.cli.fields import given
from camera_hub.faults import Faults
from registry import audit
from registry.audit import chain
from registry.audit.exporting import Export, export
from registry.errors import Conflict, FieldError, Invalid, Unavailable
from registry.inputs import parse

app = typer.Typer(help="The register of look-ups (调用登记): prove it, anchor it, take it out.", no_args_is_help=True)


def _anchors(folder: Path) -> list[chain.Anchor]:
    try:
        return kept(folder)
    except (OSError, ValueError) as err:
        raise Invalid(f"no anchors: {err}", FieldError("anchors", "unreadable", str(err))) from err


@command(app, "verify")
async def verify(
    desk: Desk,
    anchors: Annotated[
        Path | None, typer.Option(help="Folder of anchors kept outside, instead of the hub's own.")
    ] = None,
) -> Answer:
    """Prove the chain of the whole register, against anchors; names the first broken row. Exit code 1 when it breaks.

    The hub's own anchors lie where the hub can write: only those copied elsewhere prove anything against its operator.
    """
    if anchors is not None and not anchors.is_dir():
        hint = f"{anchors} is no folder"
        raise Invalid(hint, FieldError("anchors", "no_folder", hint))
    told = await asyncio.to_thread(_anchors, anchors or desk.settings.anchors)
    found = await audit.examine(desk.store, told)
    good = found.broken is None
    said = [*chain.sentences(found, told), "the chain holds" if good else "the chain does NOT hold"]
    value = {**asdict(found), "beyond": found.beyond, "anchors": len(told), "holds": good}
    return Answer(value, "\n".join(said), status=0 if good else 1)


@command(app, "anchor")
async def anchor(desk: Desk) -> Answer:
    """Print an anchor of now, to be kept elsewhere: in a file, in a mail, on paper. The hub writes one a day itself."""
    known = await asyncio.to_thread(_anchors, desk.settings.anchors)
    anchors = Anchors(desk.store, desk.settings.anchors, Faults(), desk.store.clock)
    line = (await anchors.line(known[-1] if known else None)).decode()
    one = chain.Anchor.read(line.encode())
    return Answer({"no": one.no, "hash": one.hash, "at": one.at, "previous": one.previous}, line.rstrip())


@command(app, "export")
async def export_(
    desk: Desk,
    file: Annotated[Path, typer.Argument(help="File to write, .jsonl or .csv; it must not be there yet.")],
    since: Annotated[str | None, typer.Option(help="Rows from this time on, with a zone.")] = None,
    until: Annotated[str | None, typer.Option(help="Rows before this time.")] = None,
    user: Annotated[str | None, typer.Option(help="Of this user (sign-in name).")] = None,
    camera: Annotated[str | None, typer.Option(help="About this camera (id).")] = None,
) -> Answer:
    """Write the register, or a part of it, into a file. JSON lines are what the verifier proves, CSV is for reading."""
    form = {".jsonl": "jsonl", ".csv": "csv"}.get(file.suffix)
    if form is None:
        raise Invalid("name a file that ends in .jsonl or .csv", FieldError("file", "form", ".jsonl or .csv"))
    if file.exists():
        raise Conflict(f"{file} is there already; name another", code="file_there")
    asked = parse(audit.AuditFilter, given(since=since, until=until, user=user, camera=camera))
    made = await export(desk.store, desk.actor, asked, form)
    try:
        await write(file, made, form)
    except OSError as err:
        raise Unavailable(f"{file} cannot be written: {err.strerror}", code="file_unwritable") from err
    return Answer({"file": str(file), "last": made.last}, f"wrote {file}, up to row {made.last}")


async def write(file: Path, made: Export, form: str) -> None:
    """Write an export into a new file: all of it, or no file is left. Raises OSError."""
    with file.open("xb") as out:
        try:
            async for part in made.lines() if form == "jsonl" else auditsheet.lines(made, "zh"):
                await asyncio.to_thread(out.write, part)
        except BaseException:  # Ctrl-C too: half a table looks like a whole shorter one
            await asyncio.to_thread(file.unlink)
            raise


@command(app, "verifier")
async def verifier(desk: Desk) -> Answer:
    """Print the verifier, one file for Python: camera-hub audit verifier > verify_audit.py."""
    del desk
    text = await asyncio.to_thread(Path(chain.__file__).read_text, encoding="utf-8")
    return Answer({"verify_audit.py": text}, text)
