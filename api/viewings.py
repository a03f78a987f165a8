"""Who watched which camera live, and for how long."""

from __future__ import annotations

from api.routing import Routes
from api.visitor import Call
from registry import viewings
from registry.permissions import Permission
from registry.viewings import ViewingPage, ViewingQuery

routes = Routes("viewings")


@routes.get("/viewings", Permission.READ_AUDIT)
async def find(call: Call, query: ViewingQuery) -> ViewingPage:
    """Live viewing as seconds per camera and person, newest first. Reading it is itself on record."""
    return await viewings.find(call.hub.store, query, call.actor)
