"""Requests of relatives and owners to see what was recorded of them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from api.routing import Routes
from api.visitor import Call
from registry import requests
from registry.permissions import Permission
from registry.requests import Closing, NewDecision, NewRequest, RequestQuery, Showing, ViewingRequest

routes = Routes("requests")


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests about one's cameras: open ones first, the one due first at the top; at most five hundred."""

    requests: tuple[ViewingRequest, ...]


@routes.get("/requests", Permission.MANAGE_CASES)
async def list_requests(call: Call, query: RequestQuery) -> Requests:
    """Who asked to see what; they are people's names, so that reading them is on record."""
    return Requests(await requests.list_requests(call.hub.store, query, call.actor))


@routes.post("/requests", Permission.MANAGE_CASES)
async def receive(call: Call, body: NewRequest) -> ViewingRequest:
    """Enter a request; what was recorded is held at once, and the time to answer runs from its receipt."""
    return await requests.receive(call.hub.store, body, call.actor)


@routes.get("/requests/{request_id}", Permission.MANAGE_CASES)
async def get(call: Call, request_id: UUID) -> ViewingRequest:
    """One request."""
    return await requests.get(call.hub.store, request_id, call.actor)


@routes.post("/requests/{request_id}/decide", Permission.APPROVE, status=200)
async def decide(call: Call, request_id: UUID, body: NewDecision) -> ViewingRequest:
    """Decide a request, once; where the policy says so, not the one who received it."""
    return await requests.decide(call.hub.store, request_id, body, call.actor)


@routes.post("/requests/{request_id}/withdraw", Permission.MANAGE_CASES, status=200)
async def withdraw(call: Call, request_id: UUID) -> ViewingRequest:
    """Note that whoever asked takes it back, before it was decided."""
    return await requests.withdraw(call.hub.store, request_id, call.actor)


@routes.post("/requests/{request_id}/show", Permission.MANAGE_CASES, status=200)
async def show(call: Call, request_id: UUID, body: Showing) -> ViewingRequest:
    """Note that what was granted was shown."""
    return await requests.show(call.hub.store, request_id, body, call.actor)


@routes.post("/requests/{request_id}/close", Permission.MANAGE_CASES, status=200)
async def close(call: Call, request_id: UUID, body: Closing) -> ViewingRequest:
    """Close a request: what was held for it goes by its age again."""
    return await requests.close(call.hub.store, request_id, body, call.actor)
