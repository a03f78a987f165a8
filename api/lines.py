"""Answers told line by line: one JSON document a line (application/x-ndjson), as they come about.

For work that takes a while and is watched: the page shows each line as it comes. What goes wrong before the first line
is an ordinary problem; after it, the last line is `{"problem": …}`. A client that goes away ends the work: its
generator is closed within a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Final

from aiohttp import web
from pydantic import TypeAdapter

from api.problems import told
from registry.errors import Unavailable

MEDIA_TYPE: Final = "application/x-ndjson"
_LOOK_EVERY_S = 0.5
_END: Final = object()


async def send(
    request: web.Request,
    lines: AsyncGenerator[Any, None],
    encode: TypeAdapter[Any],
    *,
    status: int,
    seconds: float | None,
) -> web.StreamResponse:
    """Send what `lines` yields, for at most `seconds`; raises what it raises before its first line."""
    response = web.StreamResponse(status=status, headers={"Content-Type": MEDIA_TYPE})
    async with aclosing(lines):
        try:
            async with asyncio.timeout(seconds):
                while (line := await _next(request, lines)) is not _END:
                    if not response.prepared:
                        await response.prepare(request)
                    await response.write(encode.dump_json(line, warnings="error", by_alias=True) + b"\n")
        except ConnectionResetError:
            return response
        except TimeoutError as late:
            problem = Unavailable("the hub took too long; ask for less, or again later", code="timeout")
            if not response.prepared:
                raise problem from late
            await _end(request, response, problem)
        except Exception as error:
            # Task root of a request: its status line is on the wire already.
            if not response.prepared:
                raise
            await _end(request, response, error)
    if not response.prepared:
        await response.prepare(request)
    return response


async def _next(request: web.Request, lines: AsyncGenerator[Any, None]) -> Any:
    """The next line or `_END`; ConnectionResetError when nobody reads any more, which aiohttp tells only a writer."""
    coming = asyncio.ensure_future(anext(lines, _END))
    try:
        while not (await asyncio.wait({coming}, timeout=_LOOK_EVERY_S))[0]:
            if request.transport is None:
                raise ConnectionResetError("the client went away")
        return coming.result()
    finally:
        if not coming.done():
            coming.cancel()
            await asyncio.wait({coming})


async def _end(request: web.Request, response: web.StreamResponse, error: Exception) -> None:
    body = told(request, error).body
    if isinstance(body, bytes):
        await response.write(b'{"problem":' + body + b"}\n")
