"""`camera-hub camera scene …`: masks, zones, lines and rules, as JSON files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from camera_hub.cli.answer import Answer
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk
from camera_hub.cli.fields import an_id, text_of
from registry import scenes
from registry.inputs import parse_json
from registry.scope import EVERYTHING

app = typer.Typer(help="What is looked for in a camera's picture: masks, zones, lines, rules.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="Id of the camera.")]


@command(app, "show")
async def show(
    desk: Desk, camera: Id, revision: Annotated[int | None, typer.Option(help="An earlier revision.")] = None
) -> Answer:
    """Show a camera's scene; its JSON is what `set` takes."""
    found = await scenes.get(desk.store, an_id(camera), revision, scope=EVERYTHING)
    body = found.scene.as_json()
    return Answer({"revision": found.revision, "scene": body}, json.dumps(body, ensure_ascii=False, indent=2))


@command(app, "set")
async def set_(
    desk: Desk,
    camera: Id,
    file: Annotated[Path, typer.Argument(help="JSON file with masks, zones, lines, rules; - for standard input.")],
    expected: Annotated[
        int | None, typer.Option(help="Refuse when the scene is not at this revision any more.")
    ] = None,
) -> Answer:
    """Set a camera's scene, as a new revision. Points are shares of the picture, 0 to 1."""
    wanted = parse_json(scenes.Scene, text_of(file))
    put = await scenes.put(desk.store, an_id(camera), wanted, desk.actor, expected)
    return Answer({"revision": put.revision, "scene": put.scene.as_json()}, f"scene is at revision {put.revision}")
