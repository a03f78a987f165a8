"""`camera-hub evidence …`: checking packs, and the key they are signed with."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from camera_hub.cli.answer import Answer
from camera_hub.cli.command import Json, command, finish
from camera_hub.cli.desk import Desk
from camera_hub.evidence import verify as verifier
from camera_hub.evidence.verify import grouped
from registry.evidence import EvidenceKey, keys

app = typer.Typer(help="Evidence packs: check them, and the key they are signed with.", no_args_is_help=True)

COLUMNS = {
    "fingerprint": lambda key: grouped(key.fingerprint),
    "since": lambda key: key.made_at,
    "named by": lambda key: "" if key.previous is None else "the key before",
}


@app.command("verify")
def verify(
    path: Annotated[Path, typer.Argument(help="The pack: its folder, or the .zip as it was fetched.")],
    key: Annotated[str, typer.Option(help="Fingerprint from the paper form, or its first 16 digits and more.")] = "",
    as_json: Json = False,
) -> None:
    """Check a pack, offline and without the hub's settings; exit code 1 where anything is not as it was signed."""
    found = verifier.check(str(path), key)
    told = {**found._asdict(), "problems": [one._asdict() for one in found.problems]}
    said = "\n".join(verifier.sentences(found, key))
    finish(Answer(told, said, status=1 if found.problems else 0), as_json=as_json)


@command(app, "keys")
async def list_keys(desk: Desk) -> Answer:
    """List the keys packs were signed with, the one that signs now last; print its fingerprint on forms."""
    await keys.ensure(desk.store, desk.vault, desk.actor)
    found = await keys.listed(desk.store)
    return Answer({"keys": [asdict(one) for one in found]}, rows=found, columns=COLUMNS)


@command(app, "rotate-key")
async def rotate_key(
    desk: Desk,
    lost: Annotated[
        bool, typer.Option("--lost", help="The old key cannot be opened: begin anew, named by none.")
    ] = False,
) -> Answer:
    """Let a new key sign from now on, named by the old one. Packs signed before stay checkable; tell the new print."""
    made: EvidenceKey = await keys.rotate(desk.store, desk.vault, desk.actor, lost=lost)
    return Answer(asdict(made), f"signs from now on: {grouped(made.fingerprint)}")


@command(app, "verifier")
async def give(
    desk: Desk, folder: Annotated[Path, typer.Argument(help="Where to put verify.py and verify.html.")]
) -> Answer:
    """Write the two verifiers into a folder, to be kept and handed out apart from any pack."""
    del desk
    written = await asyncio.to_thread(_copy, folder)
    return Answer({"files": written}, "\n".join(written))


def _copy(folder: Path) -> list[str]:
    source = Path(verifier.__file__)
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for file in (source, source.with_suffix(".html")):
        (folder / file.name).write_bytes(file.read_bytes())
        found.append(str(folder / file.name))
    return found
