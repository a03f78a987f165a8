"""Camera codes of GB/T 28181."""

from __future__ import annotations

from api.routing import Routes
from api.visitor import Call
from registry import gb_ids
from registry.gb_ids import Proposed, Wanted
from registry.permissions import Permission

routes = Routes("gb_ids")


@routes.post("/gb-ids", Permission.REGISTER, status=200)
async def propose(call: Call, body: Wanted) -> Proposed:
    """The next free code for a camera of a kind in a village. It is not reserved: saving it may be too late (409)."""
    return await gb_ids.propose(call.hub.store, body, call.actor)
