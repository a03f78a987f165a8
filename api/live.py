"""Live pictures: a camera's picture of now, and a WebSocket that carries all tiles of one viewer.

The client opens and closes tiles by JSON messages; the server answers with JSON and with binary frames: version (1),
tile, kind (1 initialisation, 2 frame, 3 JPEG), flags (bit 0: keyframe), then the payload. Opening tiles writes an audit
row before their first byte, and for each a viewing, which tells in the end how long it was watched. Session, right,
purpose, scope and consent are asked again every few seconds: what no longer holds ends its tile, with the reason, or
the socket.
"""

from __future__ import annotations

import socket as sockets
from typing import Literal
from uuid import UUID

from aiohttp import web

from api.routing import Needs, Routes
from api.sockets import GOODBYE, Streams, require_websocket
from api.viewer import Pace, Viewer
from api.visitor import Look
from camera_hub.live.relay import Relay
from registry import live
from registry.errors import Conflict
from registry.inputs import Input
from registry.live import Wanted
from registry.permissions import Permission

HEARTBEAT = 150.0
"""Seconds between pings. Half of it is how long an answer may take: a viewer that is paused for a minute stays."""
SEND_BUFFER = 256 * 1024
"""Bytes the kernel holds for a slow viewer: with its usual megabytes he would see pictures of a minute ago."""

routes = Routes("live")
PACE = web.AppKey("live_pace", Pace)
SOCKETS = web.AppKey("live_sockets", Streams)


class PictureQuery(Input):
    """Which picture: as it is analysed, or as large as the camera makes it."""

    size: Literal["preview", "full"] = "preview"


def _relay(look: Look) -> Relay:
    if look.hub.live is None:
        raise Conflict("this hub watches no cameras; ask the one that does", code="not_watching")
    return look.hub.live


@routes.get(
    "/cameras/{camera_id}/picture",
    Permission.WATCH_LIVE,
    needs=Needs.PURPOSE,
    raw="image/jpeg",
    errors=(409,),
)
async def picture(look: Look, camera_id: UUID, query: PictureQuery) -> web.Response:
    """The camera's picture of now, masked. 409 `not_live` with state and reason, 503 when none comes in time.

    `full`: from the main stream, where there is one and the camera is not masked.
    """
    stream: Literal["main", "sub"] = "main" if query.size == "full" else "sub"
    watched = await live.one(look.hub.store, look.access, Wanted(camera_id, stream, "picture"))
    sight = watched.sight
    jpeg = await _relay(look).picture(sight.camera_no, camera_id, sight.stream)
    return web.Response(body=jpeg, content_type="image/jpeg")


@routes.get(
    "/live",
    Permission.WATCH_LIVE,
    needs=Needs.PURPOSE,
    raw="websocket",
    status=101,
    seconds=None,
    errors=(409, 426, 429),
)
async def watch(look: Look) -> web.StreamResponse:
    """Live tiles over a WebSocket.

    The client sends {"op":"open","tile":0–255,"camera":id,"stream":"sub"|"main","form":"video"|"preview"},
    {"op":"show","tiles":[…]} with up to 25 of the same, {"op":"close","tile":n} and {"op":"ping","t":number}. The
    server sends "state", "clock", "lost", "error" and "pong" messages and binary frames. It closes with 4401 when the
    session ended, 4403 when the purpose did, 1001 when the hub stops, 1008 when the client sends too much.
    """
    require_websocket(look.request)
    relay = _relay(look)
    app = look.request.app
    socket = web.WebSocketResponse(max_msg_size=8192, compress=False, heartbeat=HEARTBEAT, timeout=GOODBYE)
    app[SOCKETS].add(socket, look.actor.session_id or "")
    try:
        await socket.prepare(look.request)
        if look.request.transport is not None:
            kernel = look.request.transport.get_extra_info("socket")
            kernel.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, SEND_BUFFER)
        await Viewer(socket, look, relay, app[PACE]).run()
    finally:
        app[SOCKETS].discard(socket)
    return socket
