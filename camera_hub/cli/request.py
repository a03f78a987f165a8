"""`camera-hub request …`: who asked to see what was recorded of him, and by when he is answered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from camera_hub.cli.answer import Answer
from camera_hub.cli.command import command
from camera_hub.cli.desk import Desk
from camera_hub.cli.fields import an_id, given, text_of
from registry import requests
from registry.inputs import parse, parse_json
from registry.requests import Closing, NewDecision, NewRequest, RequestQuery, Showing

app = typer.Typer(help="Requests of relatives and owners to see recordings.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="Id of the request.")]
COLUMNS = {
    "id": lambda one: one.id,
    "number": lambda one: one.number,
    "asker": lambda one: one.asker,
    "state": lambda one: one.state.value,
    "due": lambda one: one.due_at,
    "overdue": lambda one: one.overdue,
    "decision": lambda one: one.decision and one.decision.value,
    "cameras": lambda one: len(one.cameras),
    "held until": lambda one: one.held_until,
}


@command(app, "receive")
async def receive(
    desk: Desk,
    file: Annotated[Path, typer.Argument(help="JSON file as POST /api/v1/requests takes it; - for standard input.")],
) -> Answer:
    """Enter a request; what was recorded is held at once."""
    made = await requests.receive(desk.store, parse_json(NewRequest, text_of(file)), desk.actor)
    return Answer(made, f"{made.number}, to be answered by {made.due_at:%Y-%m-%d}, id {made.id}")


@command(app, "list")
async def list_(
    desk: Desk, open_only: Annotated[bool, typer.Option("--open", help="Only those not closed.")] = False
) -> Answer:
    """List requests; the one due first stands at the top."""
    return Answer(await requests.list_requests(desk.store, RequestQuery(open=open_only), desk.actor), columns=COLUMNS)


@command(app, "decide")
async def decide(
    desk: Desk,
    request: Id,
    decision: Annotated[str, typer.Argument(help="granted, partly or refused.")],
    refusal: Annotated[
        str | None,
        typer.Option(help="Why not all: not_entitled, identity, no_footage, others, case, law or too_wide."),
    ] = None,
    text: Annotated[str | None, typer.Option(help="What the asker is told besides.")] = None,
) -> Answer:
    """Decide a request; somebody else than who received it."""
    wanted = parse(NewDecision, given(decision=decision, refusal=refusal, text=text))
    decided = await requests.decide(desk.store, an_id(request), wanted, desk.actor)
    return Answer(decided, f"{decided.number} is {decision}")


@command(app, "withdraw")
async def withdraw(desk: Desk, request: Id) -> Answer:
    """Note that whoever asked takes it back."""
    done = await requests.withdraw(desk.store, an_id(request), desk.actor)
    return Answer(done, f"{done.number} is taken back")


@command(app, "show")
async def show(
    desk: Desk, request: Id, how: Annotated[str, typer.Argument(help="office (looked at here) or copy.")] = "office"
) -> Answer:
    """Note that what was granted was shown."""
    done = await requests.show(desk.store, an_id(request), parse(Showing, {"how": how}), desk.actor)
    return Answer(done, f"{done.number} was shown")


@command(app, "close")
async def close(
    desk: Desk, request: Id, note: Annotated[str, typer.Option(help="What is left to say.")] = ""
) -> Answer:
    """Close a request: what was held for it goes by its age again."""
    done = await requests.close(desk.store, an_id(request), parse(Closing, {"note": note}), desk.actor)
    return Answer(done, f"{done.number} is closed")
