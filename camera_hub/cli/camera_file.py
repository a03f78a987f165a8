"""`camera-hub camera import` and `export`: the camera book (一机一档) as a file."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from camera_hub.book import exporting, limits
from camera_hub.book.importing import Importer
from camera_hub.book.plan import Action, Plan
from camera_hub.book.progress import Progress, Step, watched
from camera_hub.cli.answer import Answer
from camera_hub.cli.desk import Desk, policy_of
from registry import book
from registry.errors import FieldError, Invalid, Unavailable

T = TypeVar("T")
_COLUMNS = {
    "row": lambda one: one.row,
    "column": lambda one: one.heading,
    "value": lambda one: one.value,
    "what is wrong": lambda one: one.hint,
}


async def load(
    desk: Desk,
    file: Annotated[Path, typer.Argument(help="An .xlsx, .xls or .csv file; - is standard input.")],
    apply: Annotated[bool, typer.Option("--apply", help="Write it; without this only say what would be done.")] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave bad rows out and write the others.")] = False,
) -> Answer:
    """Add and change cameras and their devices from a file: all good rows in one transaction, or nothing.

    `camera export --template FILE` makes an empty one that explains its columns; configs/cameras.example.csv is a small
    one in CSV. A row is known by its id, GB id, stream, or name in its village, so the same file twice changes nothing.
    Passwords are sealed; delete the file afterwards. Bad rows are listed; the exit code is then 1.
    """
    raw = await asyncio.to_thread(_bytes_of, file)
    importer = Importer(desk.store, desk.vault, desk.actor, policy_of(desk))
    draft = await _shown(importer.draft(raw, "" if str(file) == "-" else file.name), importer.progress)
    plan = draft.plan
    done = apply and (skip_bad or not plan.bad)
    if done:
        await _shown(importer.apply(draft, skip_bad=skip_bad), importer.progress)
    value = {
        "applied": done,
        "added": plan.count(Action.ADD),
        "changed": plan.count(Action.CHANGE),
        "unchanged": plan.count(Action.UNCHANGED),
        "bad_rows": plan.bad_rows,
        "bad": plan.bad,
        "unknown_columns": draft.entries.header.unknown,
    }
    columns = _COLUMNS if plan.bad else {}
    return Answer(value, _said(plan, draft.entries.header.unknown, done=done), columns, plan.bad, int(bool(plan.bad)))


def _said(plan: Plan, unknown: tuple[str, ...], *, done: bool) -> str:
    lines = [
        (
            f"{plan.count(Action.ADD)} cameras to add, {plan.count(Action.CHANGE)} to change, "
            f"{plan.count(Action.UNCHANGED)} unchanged, {plan.bad_rows} rows bad"
        )
    ]
    if unknown:
        lines.append(f"columns not read: {', '.join(unknown)}")
    lines.append(
        "written" if done else "nothing is written yet: --apply writes it" if not plan.bad else "nothing written"
    )
    return "\n".join(lines)


async def export(
    desk: Desk,
    file: Annotated[Path, typer.Argument(help="Where to write it: FILE.xlsx or FILE.csv.")],
    lang: Annotated[Literal["zh", "en"], typer.Option(help="Language of the headings.")] = "zh",
    template: Annotated[bool, typer.Option("--template", help="An empty one, with its columns explained.")] = False,
) -> Answer:
    """Write all cameras into a file that `camera import` reads. Passwords are not in it."""
    forms = {".xlsx": exporting.as_xlsx, ".csv": exporting.as_csv}
    make = forms.get(file.suffix.lower())
    if make is None:
        raise Invalid("name it .xlsx or .csv", FieldError("file", "kind", "name it .xlsx or .csv"))
    rows: tuple[exporting.Row, ...] = ()
    if not template:
        rows = exporting.rows_of(await book.exported(desk.store, desk.actor, form=file.suffix.lower()[1:]), lang)
    content = await asyncio.to_thread(make, rows, lang)
    try:
        await asyncio.to_thread(file.write_bytes, content)
    except OSError as err:
        raise Unavailable(f"{file} cannot be written: {err.strerror}", code="file") from err
    return Answer({"file": str(file), "cameras": len(rows)}, f"{len(rows)} cameras in {file}")


def _bytes_of(file: Path) -> bytes:
    try:
        if str(file) == "-":
            return sys.stdin.buffer.read(limits.FILE_BYTES + 1)
        with file.open("rb") as opened:
            return opened.read(limits.FILE_BYTES + 1)
    except OSError as err:
        hint = f"{file} cannot be read ({err.strerror})"
        raise Invalid(hint, FieldError("file", "unreadable", hint)) from err


async def _shown(work: Coroutine[Any, Any, T], progress: Progress) -> T:
    """The result of `work`, with a bar on standard error while it takes."""
    style = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*style, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("reading", total=None)
        async for told in watched(work, progress):
            if not isinstance(told, Step):
                return told
            bar.update(task, description=told.phase, completed=told.done, total=told.total or None)
    raise AssertionError("watched ends with a result")
