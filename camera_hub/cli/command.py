"""Turns an async function of a desk into a typer command: settings, registry, --json, errors and exit codes."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Concatenate, ParamSpec

import typer

from camera_hub.cli.answer import Answer, complain, give
from camera_hub.cli.desk import Desk, Options, opened
from registry.errors import HubError, Unavailable

P = ParamSpec("P")
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")]
Work = Callable[Concatenate[Desk, P], Awaitable[Answer]]


def options(context: typer.Context) -> Options:
    """What was given before the command."""
    found = context.find_object(Options)
    return found if found is not None else Options()


@contextmanager
def complaining(*, as_json: bool = False) -> Iterator[None]:
    """Ends a command whose work raises: what is wrong on standard error, its exit code."""
    try:
        yield
    except HubError as error:
        raise typer.Exit(complain(error, as_json=as_json)) from None
    except OSError as err:
        where = f"{err.filename}: " if err.filename is not None else ""
        hint = f"{where}{err.strerror or err}; camera-hub doctor says what to do about disk and rights"
        raise typer.Exit(complain(Unavailable(hint, code="disk"), as_json=as_json)) from None


def finish(answer: Answer, *, as_json: bool) -> None:
    """Print the answer and leave with its exit code."""
    give(answer, as_json=as_json)
    if answer.status:
        raise typer.Exit(answer.status)


def noun(name: str, help_text: str, app: typer.Typer) -> typer.Typer:
    """A group of commands about one thing, added to `app`."""
    group = typer.Typer(help=help_text, no_args_is_help=True)
    app.add_typer(group, name=name)
    return group


def command(app: typer.Typer, name: str) -> Callable[[Work[P]], Work[P]]:
    """Register an async function as command `name` of `app`.

    The function takes a desk first, then its arguments and options as typer annotations, and returns an Answer; its
    docstring is the help. Typer reads a signature, so it is given one: without the desk, with --json and the context.
    """

    def register(work: Work[P]) -> Work[P]:
        signature = inspect.signature(work, eval_str=True)
        own = list(signature.parameters.values())[1:]
        keyword = inspect.Parameter.KEYWORD_ONLY

        def run(context: typer.Context, **arguments: Any) -> None:
            as_json = bool(arguments.pop("as_json"))

            async def on_an_open_desk() -> Answer:
                async with opened(options(context).settings()) as desk:
                    return await work(desk, **arguments)  # type: ignore[call-arg]  # typer fills what the signature asks

            with complaining(as_json=as_json):
                answer = asyncio.run(on_an_open_desk())
            finish(answer, as_json=as_json)

        parameters = [
            inspect.Parameter("context", keyword, annotation=typer.Context),
            *(one.replace(kind=keyword) for one in own),
            inspect.Parameter("as_json", keyword, default=False, annotation=Json),
        ]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # any function may carry one
        run.__annotations__ = {one.name: one.annotation for one in parameters}
        app.command(name, help=inspect.getdoc(work))(run)
        return work

    return register
