"""`camera-hub backup` and `camera-hub restore`: everything the hub keeps, into a folder and out of it."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TaskID

from camera_hub import backup
from camera_hub.backup.archive import Progress as Told
from camera_hub.backup.archive import translated
from camera_hub.cli.answer import Answer
from camera_hub.cli.command import Json, command, complaining, finish, options
from camera_hub.cli.desk import Desk, operator
from camera_hub.cli.fields import text_of
from camera_hub.durable import sync_folder
from camera_hub.watch.job import NODE
from registry.errors import Conflict
from registry.vault import load_key


def register(app: typer.Typer) -> None:
    """Add the commands to `app`; they belong to no noun."""
    command(app, "backup")(backup_)
    app.command("restore")(restore)


@contextmanager
def _bar() -> Iterator[Told]:
    """A progress bar on standard error, for each step anew."""
    with Progress(console=Console(stderr=True), transient=True) as bars:
        steps: dict[str, TaskID] = {}

        def tell(step: str, done: int, total: int) -> None:
            if step not in steps:
                steps[step] = bars.add_task(step, total=total)
            bars.update(steps[step], completed=done, total=total)

        yield tell


async def backup_(
    desk: Desk,
    folder: Annotated[Path, typer.Argument(help="New folder for the backup.")],
    key_to: Annotated[Path | None, typer.Option(help="New file for the sealing key; keep it apart.")] = None,
    with_key: Annotated[bool, typer.Option("--with-key", help="Put the sealing key into the backup itself.")] = False,
    without_uploads: Annotated[
        bool, typer.Option("--without-uploads", help="Leave out what people sent in for cases; copy it yourself.")
    ] = False,
) -> Answer:
    """Back up database, pictures and what people sent in into a new folder; the hub may run. Recordings are not in it.

    All that was acknowledged before is in it, and every byte is read back before the folder gets its name. The sealing
    key stays out, unless asked for: whoever has both opens every camera. Without it no password can be read again.
    """
    setting = desk.settings.key
    key = load_key(setting.get_secret_value() if setting else None, desk.settings.data_dir)
    if key_to is not None:
        _lay_key(key, key_to, folder)
    with _bar() as told:
        made = await backup.make(
            desk.settings,
            desk.store,
            desk.vault,
            folder,
            actor=desk.actor,
            key=_text(key),
            node=NODE,
            program=version("camera-hub"),
            with_key=with_key,
            with_uploads=not without_uploads,
            progress=told,
        )
    held = f"{made.events} events, {made.pictures} pictures, {made.uploads} clips that people sent in"
    lines = [f"{made.folder}: {held}, {made.bytes / 1e6:.1f} MB, read back and whole"]
    if made.missing:
        lines.append(f"{made.missing} pictures were lost before; camera-hub check names them")
    if made.uploads_lost:
        why = "were left out: copy data_dir/uploads yourself" if without_uploads else "were lost or damaged before"
        lines.append(f"{made.uploads_lost} of what people sent in {why}")
    lines.append("recordings are not in it, only what is known of them: copy data_dir/recordings yourself if you must")
    lines.append("nor are the motion index and the film strip: copy data_dir/motion and data_dir/stills if you must")
    if key_to is not None:
        lines.append(f"the sealing key ({made.key_id}) is in {key_to}: keep it in another place than the backup")
    elif with_key:
        lines.append("the sealing key is inside: whoever has this folder opens every camera; encrypt it")
    else:
        lines.append(f"the sealing key ({made.key_id}) is not in it; keep a copy elsewhere (--key-to FILE makes one)")
    return Answer(made, "\n".join(lines))


def _text(key: bytes) -> bytes:
    return base64.b64encode(key) + b"\n"


def _lay_key(key: bytes, file: Path, folder: Path) -> None:
    """Write the key into a new file that only this account reads. Raises Conflict, Unavailable."""
    if file.resolve().is_relative_to(folder.resolve()):
        raise Conflict("--key-to lies inside the backup; name another place, or say --with-key", code="key_inside")
    with translated("the key is written"):
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            if file.read_bytes().strip() == _text(key).strip():
                return
            raise Conflict(f"{file} holds something else; name another file", code="key_exists") from None
        with os.fdopen(handle, "wb") as out:
            out.write(_text(key))
            out.flush()
            os.fsync(out.fileno())
        sync_folder(file.absolute().parent)


def restore(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Folder that camera-hub backup made.")],
    key: Annotated[Path | None, typer.Option(help="File with the backup's sealing key.")] = None,
    without_key: Annotated[
        bool, typer.Option("--without-key", help="Restore though the key is lost: every password is given again.")
    ] = False,
    verify_only: Annotated[
        bool, typer.Option("--verify-only", help="Prove the backup whole; restore nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Restore a backup into an empty data directory and an empty database, of either kind.

    Everything is verified before anything is written. Interrupted, it is run again. The hub must not run there.
    """
    with complaining(as_json=as_json):
        settings = options(context).settings()
        archive = backup.Archive.open(folder)
        with _bar() as told:
            if verify_only:
                with translated("the backup is verified"):
                    size = archive.verify(told)
                said = (
                    f"{folder} is whole: {size / 1e6:.1f} MB of {archive.about.made_at.isoformat(timespec='seconds')}"
                )
                answer = Answer(archive.about, said)
            else:
                done = asyncio.run(
                    backup.restore(
                        settings,
                        archive,
                        operator(),
                        key=None if key is None else text_of(key),
                        without_key=without_key,
                        progress=told,
                    )
                )
                answer = Answer(done, _told(done))
    finish(answer, as_json=as_json)


def _told(done: backup.Restored) -> str:
    at = done.made_at.isoformat(timespec="seconds")
    rights = f"{done.consents_in_force} consents, {done.users_active} users and {done.tokens_active} tokens"
    held = f"{done.events} events, {done.pictures} pictures and {done.uploads} clips that people sent in"
    lines = [
        f"restored {held}, of {at}; the register's chain holds",
        f"what was ended since then is in force again: look through {rights} before you start the hub",
    ]
    if done.upgraded_from:
        lines.append(f"the schema was brought up from {done.upgraded_from}")
    if done.missing:
        lines.append(f"{done.missing} pictures were lost before the backup was made")
    if done.uploads_lost:
        lines.append(f"{done.uploads_lost} of what people sent in are not in the backup: camera-hub check names them")
    if not done.has_key:
        lines.append("without the key no password can be read: give each device its password again")
    lines.append("now: camera-hub check, then camera-hub serve")
    return "\n".join(lines)
