"""Approvals: what one asks for, and what another decides."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from api.routing import Door, Routes
from api.visitor import Call
from registry import approvals
from registry.approvals import Approval, Decision, Ending, Listed, NewApproval
from registry.permissions import Permission

routes = Routes("approvals")


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many approvals wait for one's decision."""

    waiting: int


@routes.get("/approvals", Door.SIGNED_IN)
async def list_approvals(call: Call) -> Listed:
    """What one asked for and, for who may approve, what others asked for in his scope; what waits for him first."""
    return await approvals.list_approvals(call.hub.store, call.actor)


@routes.get("/approvals/waiting", Door.SIGNED_IN)
async def waiting(call: Call) -> Waiting:
    """How many wait for one's decision."""
    return Waiting(await approvals.waiting(call.hub.store, call.actor))


@routes.post("/approvals", Door.SIGNED_IN)
async def ask(call: Call, body: NewApproval) -> Approval:
    """Ask a second person; which kind one may ask for is the role's permission."""
    return await approvals.ask(call.hub.store, body, call.actor)


@routes.get("/approvals/{approval_id}", Door.SIGNED_IN)
async def get(call: Call, approval_id: UUID) -> Approval:
    """One approval."""
    return await approvals.get(call.hub.store, approval_id, call.actor)


@routes.post("/approvals/{approval_id}/decide", Permission.APPROVE, status=200)
async def decide(call: Call, approval_id: UUID, body: Decision) -> Approval:
    """Grant or refuse what somebody else asked for, all of it in one's scope."""
    return await approvals.decide(call.hub.store, approval_id, body, call.actor)


@routes.post("/approvals/{approval_id}/withdraw", Door.SIGNED_IN, status=200)
async def withdraw(call: Call, approval_id: UUID, body: Ending) -> Approval:
    """Take back what one asked for, or give back what was granted."""
    return await approvals.withdraw(call.hub.store, approval_id, body, call.actor)


@routes.post("/approvals/{approval_id}/revoke", Permission.APPROVE, status=200)
async def revoke(call: Call, approval_id: UUID, body: Ending) -> Approval:
    """Take a grant away: what is looked at under it ends within seconds."""
    return await approvals.revoke(call.hub.store, approval_id, body, call.actor)
