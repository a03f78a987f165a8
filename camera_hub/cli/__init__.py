"""The command line, and the only place that sees every package.

Exit codes: 0 done · 1 a check found a fault, or the command failed · 2 wrong usage or input · 3 not found ·
4 denied, or in conflict with what is there · 5 a part the hub needs is away.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from camera_hub import observe
from camera_hub.cli import (
    assessment,
    audit,
    backup,
    camera,
    case,
    check,
    db,
    demo,
    device,
    doctor,
    evidence,
    key,
    purpose,
    recording,
    request,
    unit,
    user,
    village,
)
from camera_hub.cli.desk import Options
from camera_hub.cli.serve import serve

EXIT_CODES = """Exit codes: 0 done, 1 fault found or failed, 2 wrong usage or input, 3 not found, 4 denied or conflict,
5 database, Redis or disk away."""

app = typer.Typer(
    name="camera-hub", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, epilog=EXIT_CODES
)
app.command("serve")(serve)
app.command("demo")(demo.demo)
check.register(app)
backup.register(app)
doctor.register(app)
for group, name in (
    (village.app, "village"), (device.app, "device"), (camera.app, "camera"), (unit.app, "unit"), (user.app, "user"),
    (audit.app, "audit"), (purpose.app, "purpose"), (case.app, "case"), (recording.app, "recording"), (key.app, "key"),
    (db.app, "db"),
    (request.app, "request"), (assessment.app, "assessment"), (evidence.app, "evidence"),
):  # fmt: skip
    app.add_typer(group, name=name)


@app.callback()
def before(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", help="Settings file (configs/hub.yml documents them).")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option("--data-dir", help="Data directory, instead of the settings'.")
    ] = None,
) -> None:
    """Village camera hub: cameras in, lawful searchable events out."""
    observe.configure("warning", "cli")
    context.obj = Options(config, data_dir)


def main() -> None:
    """Run the command line."""
    app()
