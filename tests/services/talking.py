"""A TCP server of the test's own on loopback, which leaves no connection behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]


@asynccontextmanager
async def talking(talk: Talk) -> AsyncIterator[int]:
    """The port of a server that talks so to each client; whom it still talks to at the end is hung up on.

    A connection that is open when its loop closes is complained of once it is collected, in whatever test runs then.
    """
    clients: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = asyncio.create_task(talk(reader, writer))
        client.add_done_callback(lambda _: writer.close())
        clients[client] = writer

    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for client, writer in clients.items():
            client.cancel()
            writer.transport.abort()
        await asyncio.gather(*clients, return_exceptions=True)
