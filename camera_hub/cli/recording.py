"""`camera-hub recording …`: what is missing, the room recordings take, and whether their files are what they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from camera_hub.cli.answer import Answer
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk
from camera_hub.cli.fields import given
from camera_hub.recording import verifying
from camera_hub.recording.shelf import Shelf
from camera_hub.watch.job import NODE
from registry.inputs import parse
from registry.recordings import inventory, missing, usage
from registry.recordings.missing import GapQuery
from registry.recordings.model import Damage
from registry.scope import EVERYTHING

app = typer.Typer(
    help="Recordings: what is missing, how much room they take, whether they are whole.", no_args_is_help=True
)

COLUMNS = {
    "camera": lambda one: one.name,
    "village": lambda one: one.village_name,
    "stream": lambda one: one.stream,
    "due s": lambda one: one.due_s,
    "recorded s": lambda one: one.recorded_s,
    "rate": lambda one: one.rate,
    "gaps": lambda one: one.gaps,
    "longest s": lambda one: one.longest_s,
    "missing since": lambda one: one.open and one.open.since,
    "because": lambda one: one.open and one.open.cause.value,
}
LISTED = {
    "stream": lambda one: one.stream,
    "from": lambda one: one.since,
    "to": lambda one: one.until,
    "seconds": lambda one: one.seconds,
    "because": lambda one: one.cause.value,
    "lasts": lambda one: one.lasts,
}


@dataclass(frozen=True, slots=True)
class Verified:
    """What verifying came to; `corrupt` and `missing` are keys of files."""

    segments: int
    corrupt: tuple[str, ...]
    missing: tuple[str, ...]


@command(app, "gaps")
async def gaps(
    desk: Desk,
    camera: Annotated[str | None, typer.Option(help="Id of a camera: list its gaps.")] = None,
    prefix: Annotated[str | None, typer.Option(help="Code of a county, township or village.")] = None,
    since: Annotated[str | None, typer.Option(help="From when, with a zone: 2026-11-20T22:00:00+08:00.")] = None,
    until: Annotated[str | None, typer.Option(help="Until when; now when it is not said.")] = None,
    cause: Annotated[str | None, typer.Option(help="Only with gaps of this cause.")] = None,
) -> Answer:
    """Show what should have been recorded and was not: the last day, unless told otherwise."""
    query = parse(GapQuery, given(camera=camera, prefix=prefix, since=since, until=until, cause=cause))
    found = await missing.report(desk.store, EVERYTHING, query)
    rate = "never due" if found.totals.rate is None else f"{found.totals.rate:.2%} of what was due is recorded"
    said = f"{found.totals.streams} streams, {rate}; {found.totals.open} are not recorded now"
    if camera is not None:
        return Answer(found, said, columns=LISTED, rows=found.listed)
    return Answer(found, said, columns=COLUMNS, rows=found.cameras)


@command(app, "usage")
async def show_usage(desk: Desk) -> Answer:
    """Show the room that recordings take, and when the quota will be full."""
    found = await usage.usage(desk.store, round(desk.settings.recording.quota_gb * 1e9))
    left = "" if found.days_left_estimate is None else f"; full in {found.days_left_estimate:g} days"
    said = (
        f"{found.bytes / 1e9:.2f} GB of {found.quota_bytes / 1e9:g} GB, {found.held_bytes / 1e9:.2f} GB of it held;"
        f" {found.cameras} cameras recorded {found.day_bytes / 1e9:.2f} GB in the last day{left}"
    )
    return Answer(found, said)


@command(app, "verify")
async def verify(
    desk: Desk,
    since: Annotated[str | None, typer.Option(help="Only what began since then, with a zone.")] = None,
) -> Answer:
    """Read every recording and compare it with the digest that was taken when it was written; mark what differs.

    Exit code 1 when something does. Reads all of the disk: a terabyte takes hours. The hub may run meanwhile.
    """
    query = parse(GapQuery, given(since=since))
    shelf = Shelf(desk.settings.data_dir)
    total = await inventory.count(desk.store, NODE, query.since)
    wrong: dict[Damage, list[str]] = {Damage.CORRUPT: [], Damage.MISSING: []}
    seen = 0
    with _bar() as bar:
        task = bar.add_task("reading", total=total)
        async for checked in verifying.verify(desk.store, shelf, NODE, since=query.since):
            await verifying.keep(desk.store, checked)
            for one in checked:
                if one.damage is not None:
                    wrong[one.damage].append(verifying.name_of(one.row).key)
            seen += len(checked)
            bar.update(task, completed=seen)
    found = Verified(seen, tuple(wrong[Damage.CORRUPT]), tuple(wrong[Damage.MISSING]))
    lines = [f"{seen} segments, {len(found.corrupt)} corrupt, {len(found.missing)} missing"]
    lines += [f"  {key} is not what was written" for key in found.corrupt[:20]]
    lines += [f"  {key} is missing" for key in found.missing[:20]]
    return Answer(found, "\n".join(lines), status=1 if found.corrupt or found.missing else 0)


def _bar() -> Progress:
    """On standard error, so that --json stays one document."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
