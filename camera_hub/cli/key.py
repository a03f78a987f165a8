"""`camera-hub key …`: the key that seals device passwords and other secrets."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from camera_hub.cli.answer import Answer
from camera_hub.cli.command import Json, complaining, finish, options
from camera_hub.cli.desk import Desk, opened
from camera_hub.lock import locked
from camera_hub.settings import Settings
from registry import keys
from registry.errors import FieldError, Invalid
from registry.runs import require_none
from registry.vault import Vault, key_from_text, promote_staged, stage_key

app = typer.Typer(help="The key that seals device passwords and other secrets.", no_args_is_help=True)


@app.command("rotate")
def rotate(
    context: typer.Context,
    key_file: Annotated[
        Path | None,
        typer.Option(
            help="File with the new key (base64), where the key comes from the settings and not from data_dir."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Change the key, with the hub stopped: every sealed secret is sealed anew in one transaction, on record.

    A kill at any moment leaves a hub that opens everything. Links of owners' pages end and are sent anew; backups made
    before need the old key, so make one afterwards.
    """
    with complaining(as_json=as_json):
        settings = options(context).settings()
        with locked(settings.data_dir):
            answer = asyncio.run(_rotate(settings, key_file))
    finish(answer, as_json=as_json)


async def _rotate(settings: Settings, key_file: Path | None) -> Answer:
    if (settings.key is not None) != (key_file is not None):
        hint = (
            "the key comes from the settings (HUB_KEY, HUB_KEY_FILE): name a file with a new one by --key-file"
            if settings.key is not None
            else "the key is in data_dir, where the new one is made by itself; leave --key-file out"
        )
        raise Invalid(hint, FieldError("key_file", "key_file", hint))
    async with opened(settings, settle=True) as desk:
        await require_none(desk.store)
        new = _read(key_file) if key_file is not None else stage_key(settings.data_dir)
        done = await keys.rotate(desk.store, desk.vault, Vault(new), desk.actor)
        if key_file is None:
            promote_staged(settings.data_dir)
        return _answer(desk, Vault(new), done, key_file)


def _read(key_file: Path) -> bytes:
    try:
        return key_from_text(key_file.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError) as err:
        hint = f"the key file {key_file} cannot be read: {err}"
        raise Invalid(hint, FieldError("key_file", "key_file", hint)) from err


def _answer(desk: Desk, new: Vault, done: keys.Rotated, key_file: Path | None) -> Answer:
    lines = [f"{done.resealed} secrets are sealed with the new key {new.key_id} (before: {desk.vault.key_id})"]
    if key_file is not None:
        lines.append(f"start the hub with the key of {key_file} from now on")
    if done.unreadable:
        lines.append(f"the old key did not open these; enter them again: {', '.join(done.unreadable)}")
    lines.append("links of owners' pages end with the old key; send them anew")
    lines.append("backups made before need the old key; make one now")
    document = {
        "key": new.key_id,
        "before": desk.vault.key_id,
        "resealed": done.resealed,
        "unreadable": list(done.unreadable),
    }
    return Answer(document, "\n".join(lines), status=1 if done.unreadable else 0)
