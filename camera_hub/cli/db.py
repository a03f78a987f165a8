"""`camera-hub db …`: the schema of the registry's database."""

from __future__ import annotations

import asyncio

import typer

from camera_hub.cli.answer import Answer
from camera_hub.cli.command import Json, complaining, finish, options
from registry import migrate

app = typer.Typer(
    help="The registry's database: bring its schema to this version of the program.", no_args_is_help=True
)


@app.command("upgrade")
def upgrade(context: typer.Context, as_json: Json = False) -> None:
    """Bring the database to this program's schema. SQLite is upgraded by itself; PostgreSQL by this command only."""
    with complaining(as_json=as_json):
        settings = options(context).settings()
        if settings.database_url is None:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
        before = asyncio.run(migrate.current(settings.database))
        asyncio.run(migrate.upgrade(settings.database))
    said = "is up to date" if before == migrate.head() else f"upgraded from {before or 'empty'}"
    finish(Answer({"before": before, "now": migrate.head()}, f"{migrate.head()}: {said}"), as_json=as_json)


@app.command("current")
def current(context: typer.Context, as_json: Json = False) -> None:
    """Say which schema the database has and which one the program needs; exit code 1 when they differ."""
    with complaining(as_json=as_json):
        settings = options(context).settings()
        empty = settings.database_url is None and not (settings.data_dir / "hub.db").exists()
        found = None if empty else asyncio.run(migrate.current(settings.database))
    said = f"database: {found or 'empty'}, program: {migrate.head()}"
    status = 0 if found == migrate.head() else 1
    finish(Answer({"database": found, "program": migrate.head()}, said, status=status), as_json=as_json)
