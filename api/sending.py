"""Recorded video, sent bit by bit to who may see it, and asked again while it is sent.

A part may be asked for (`Range: bytes=…`, one range). What ends the right to see it ends the connection within seconds:
the client sees a body shorter than it was told. Reading is done in threads, a quarter of a megabyte at a time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import quote

from aiohttp import web

from api import auth
from api.visitor import Look
from camera_hub.observe import log
from camera_hub.recording.reading import Extract
from registry.errors import Denied, FieldError, HubError, Invalid

CHUNK = 1 << 18
SECONDS = 1800.0
"""A clip of 4 GB over a line of 20 Mbit/s takes 27 minutes."""


class Pace:
    """Seconds between two times of asking whether what is sent may still be seen."""

    def __init__(self, recheck: float = 3.0) -> None:
        self.recheck = recheck


PACE = web.AppKey("sending_pace", Pace)
Ask = Callable[[Look], Awaitable[object]]
"""Asks, under a look made anew, whether what is sent may still be seen; raises HubError where not."""


def attached(name: str, plain: str) -> str:
    """The header that has a file saved by its name; `plain` is for who reads ASCII alone (RFC 6266)."""
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"


async def send(look: Look, extract: Extract, headers: Mapping[str, str], ask: Ask) -> web.StreamResponse:
    """Send an extract, and close it. Raises Invalid for a range that is none."""
    try:
        begin, end = _range(look.request, extract.size)
        partial = (begin, end) != (0, extract.size)
        response = web.StreamResponse(status=206 if partial else 200, headers={**headers, "Accept-Ranges": "bytes"})
        response.content_length = end - begin
        if partial:
            response.headers["Content-Range"] = f"bytes {begin}-{end - 1}/{extract.size}"
        await response.prepare(look.request)
        if look.request.method != "HEAD":
            await _write(look, extract, response, range(begin, end), ask)
        return response
    finally:
        extract.close()


async def _write(look: Look, extract: Extract, response: web.StreamResponse, wanted: range, ask: Ask) -> None:
    begin, end = wanted.start, wanted.stop
    asked = time.monotonic()
    try:
        async with asyncio.timeout(SECONDS):
            while begin < end:
                if time.monotonic() - asked >= look.request.app[PACE].recheck:
                    await _still(look, ask)
                    asked = time.monotonic()
                data = await asyncio.to_thread(extract.read, begin, min(CHUNK, end - begin))
                await response.write(data)
                begin += len(data)
            await response.write_eof()
    except (HubError, EOFError, OSError, TimeoutError) as over:
        # The status line is on the wire: an answer cut short is all that can still be said.
        if not isinstance(over, ConnectionError):
            log("api").info("recording_cut_short", path=look.request.path, why=getattr(over, "code", str(over)))
        if look.request.transport is not None:
            look.request.transport.abort()


async def _still(look: Look, ask: Ask) -> None:
    anew = await auth.again(look)
    if anew.access.purpose.id != look.access.purpose.id:
        raise Denied("the session looks under another purpose now", code="purpose_closed")
    await ask(anew)


def _range(request: web.Request, size: int) -> tuple[int, int]:
    try:
        asked = request.http_range
    except ValueError:
        raise _bad_range(size) from None
    begin, end, _ = asked.indices(size)
    if asked.start is not None and begin >= end:
        raise _bad_range(size)
    return begin, end


def _bad_range(size: int) -> Invalid:
    return Invalid(f"ask for a range within {size} bytes", FieldError("header.Range", "range", "no such range"))
