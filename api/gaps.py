"""What should have been recorded and was not."""

from __future__ import annotations

from api.routing import Routes
from api.visitor import Call
from registry.permissions import Permission
from registry.recordings import missing
from registry.recordings.missing import GapQuery, GapReport

routes = Routes("gaps")


@routes.get("/recordings/gaps", Permission.WATCH_HEALTH)
async def read(call: Call, query: GapQuery) -> GapReport:
    """Of each stream how much of what was due is recorded, since when one is not, and why; one camera's gaps."""
    return await missing.report(call.hub.store, call.scope, query)
