"""`camera-hub demo`: a sample county with real streams, to look around in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import camera_hub.demo
from camera_hub import observe
from camera_hub.cli.command import complaining
from camera_hub.cli.serve import Ready, run_until_told
from camera_hub.settings import Settings


def demo(
    folder: Annotated[
        Path, typer.Option("--dir", help="Folder of the demo's data and footage; a second run goes on with it.")
    ] = Path("demo-data"),
    port: Annotated[int, typer.Option(help="Port of the page; 0: any free one.", min=0, max=65535)] = 8080,
) -> None:
    """Run a sample county: real RTSP cameras on this machine, three villages, users, an open case.

    Two demos live side by side with different folders and ports. Ctrl-C stops every process it started.
    """
    from camera_hub.demo.run import Demo

    console = Console(highlight=False)
    try:
        with complaining():
            Demo(folder, port, _places(), console).run(_serve)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    console.print("stopped")


def _places() -> Path:
    """The sample county's list of places: in the package of a wheel, else in the sources."""
    packed = Path(camera_hub.demo.__file__).with_name("places-220882.csv")
    return packed if packed.exists() else Path(camera_hub.__file__).parents[1] / "configs" / "places-220882.csv"


async def _serve(settings: Settings, ready: Ready) -> None:
    observe.configure(settings.log_level)
    await run_until_told(settings, watch=True, ready=ready)
