"""Whether what should be recorded is, and the room it takes."""

from __future__ import annotations

from api.routing import Routes
from api.visitor import Call
from registry.permissions import Permission
from registry.recordings import missing
from registry.recordings.missing import GapQuery, GapReport
from registry.recordings.usage import Usage, usage

routes = Routes("gaps")


@routes.get("/recordings/gaps", Permission.WATCH_HEALTH, errors=(404,))
async def read(call: Call, query: GapQuery) -> GapReport:
    """Of each stream how much of what was due is recorded, since when one is not, and why; one camera's gaps."""
    return await missing.report(call.hub.store, call.scope, query)


@routes.get("/recordings/usage", Permission.WATCH_HEALTH)
async def read_usage(call: Call) -> Usage:
    """How much room recordings take, how much of it is held, and when the quota will be full."""
    room = call.hub.recordings.room
    return await usage(call.hub.store, room.quota, used=room.used)
