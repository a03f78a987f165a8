"""`camera-hub serve`: the hub with its page, until it is told to stop."""

from __future__ import annotations

import asyncio
import errno
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from camera_hub import observe
from camera_hub.certificate import Certificate
from camera_hub.cli.command import complaining, options
from camera_hub.settings import Settings
from registry.errors import Conflict, HubError, Invalid

if TYPE_CHECKING:  # the page, its API and the hub load when they run: other commands answer a second sooner
    from camera_hub.hub import Hub

Ready = Callable[[str, "Hub"], Awaitable[None]]
"""Called once with the hub's address when it answers."""


def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on, instead of the settings'.")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on, instead of the settings'; 0: any free one.")
    ] = None,
    watch: Annotated[bool, typer.Option(help="Pull and analyse cameras; --no-watch: only page and API.")] = True,
) -> None:
    """Run the hub: page, API and the workers that watch. Ctrl-C or SIGTERM stops it and all it started."""
    given = {name: value for name, value in {"host": host, "port": port}.items() if value is not None}
    with complaining():
        settings = options(context).settings(**given)
        observe.configure(settings.log_level)
        asyncio.run(run_until_told(settings, watch=watch, ready=_say))


async def _say(address: str, hub: Hub) -> None:
    del hub
    typer.echo(f"hub is up: {address}")


@asynccontextmanager
async def listening(hub: Hub) -> AsyncIterator[str]:
    """Serve the hub's page and API; yields its address. Raises Conflict or Invalid where the port cannot be had."""
    from aiohttp import web

    import api

    host, port = hub.settings.host, hub.settings.port
    certificate = None
    if hub.settings.tls_cert is not None and hub.settings.tls_key is not None:
        certificate = Certificate(hub.settings.tls_cert, hub.settings.tls_key)
    runner = web.AppRunner(api.make_app(hub), access_log=None, handle_signals=False, shutdown_timeout=5)
    await runner.setup()
    try:
        try:
            context = certificate.context if certificate is not None else None
            await web.TCPSite(runner, host, port, ssl_context=context, reuse_address=True).start()
        except OSError as err:
            raise _why(err, host, port) from err
        bound = runner.addresses[0]
        shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
        scheme = "http" if certificate is None else "https"
        keeping = None if certificate is None else asyncio.create_task(certificate.keep(hub.faults))
        try:
            yield f"{scheme}://{shown}:{bound[1]}"
        finally:
            if keeping is not None:
                keeping.cancel()
    finally:
        await runner.cleanup()


def _why(err: OSError, host: str, port: int) -> HubError:
    if err.errno == errno.EADDRINUSE:
        return Conflict(f"port {port} on {host} is taken by another program; choose one with --port", code="port_taken")
    if err.errno in (errno.EACCES, errno.EPERM):
        return Invalid(f"port {port} needs root; choose one above 1023 with --port")
    return Invalid(f"cannot listen on {host}:{port}: {err.strerror or err}; see `host` and `port` in the settings")


async def run_until_told(settings: Settings, *, watch: bool, ready: Ready) -> None:
    """Run a hub and serve it until SIGINT or SIGTERM, or until `ready` raises. What `ready` still does is cancelled."""
    from camera_hub.hub import Hub

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with Hub.running(settings, watch=watch) as hub, listening(hub) as address:
        told = asyncio.create_task(stop.wait())
        readying = asyncio.ensure_future(ready(address, hub))
        await asyncio.wait((told, readying), return_when=asyncio.FIRST_COMPLETED)
        if told.done():
            readying.cancel()
            await asyncio.gather(readying, return_exceptions=True)
        else:
            await readying
            await told
