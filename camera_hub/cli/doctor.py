"""`camera-hub doctor`: what is wrong with this machine, in words, with what to do."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from camera_hub.cli.answer import Answer
from camera_hub.cli.command import Json, complaining, finish, options
from camera_hub.settings import Settings
from registry.errors import Invalid


def register(app: typer.Typer) -> None:
    """Add the command to `app`; it belongs to no noun."""
    app.command("doctor")(doctor)


def doctor(
    context: typer.Context,
    cameras: Annotated[bool, typer.Option("--cameras", help="Also knock at a sample of the cameras.")] = False,
    as_json: Json = False,
) -> None:
    """Look for what is wrong with this machine and say what to do. Changes nothing; the hub may run.

    Exit code 1 when something must be done; warnings alone end with 0.
    """
    from camera_hub.doctor import Finding, Verdict
    from camera_hub.doctor.examination import examine
    from camera_hub.doctor.finding import fault
    from camera_hub.doctor.network import reach_cameras

    async def all_of(settings: Settings) -> list[Finding]:
        findings = [one async for one in examine(settings)]
        return [*findings, *(await reach_cameras(settings) if cameras else ())]

    wrong: list[Finding] = []
    try:
        settings = options(context).settings()
    except Invalid as error:
        todo = "correct it; configs/hub.yml documents every setting. What follows was looked at with the defaults"
        hints = [f"{one.path}: {one.hint}" for one in error.fields] or [error.hint]
        wrong = [fault("settings", hint, todo) for hint in hints]
        settings = Settings.model_construct()
    with complaining(as_json=as_json):
        findings = [*wrong, *asyncio.run(all_of(settings))]
    columns = {
        "": lambda one: {Verdict.GOOD: "ok", Verdict.WARNING: "note", Verdict.FAULT: "WRONG"}[one.verdict],
        "what": lambda one: one.check,
        "found": lambda one: one.found,
        "to do": lambda one: one.todo or " ",
    }
    faults = sum(one.verdict is Verdict.FAULT for one in findings)
    warnings = sum(one.verdict is Verdict.WARNING for one in findings)
    said = f"{faults} wrong, {warnings} to know, {len(findings) - faults - warnings} well"
    finish(Answer(findings, said, columns, status=1 if faults else 0), as_json=as_json)
