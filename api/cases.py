"""Cases: what is gone, where, and between which times."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from api.routing import Routes
from api.visitor import Call
from registry import cases
from registry.cases import NewCase
from registry.model import Case
from registry.permissions import Permission

routes = Routes("cases")


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases, newest first."""

    cases: tuple[Case, ...]


@routes.get("/cases", Permission.OPEN_CASE)
async def list_cases(call: Call) -> Cases:
    """Cases, newest first."""
    return Cases(await cases.list_cases(call.hub.store, call.scope))


@routes.post("/cases", Permission.MANAGE_CASES)
async def create(call: Call, body: NewCase) -> Case:
    """Register a case."""
    return await cases.create(call.hub.store, body, call.actor)


@routes.get("/cases/{case_id}", Permission.OPEN_CASE)
async def get(call: Call, case_id: UUID) -> Case:
    """One case."""
    return await cases.get(call.hub.store, case_id, call.scope)


@routes.post("/cases/{case_id}/close", Permission.MANAGE_CASES, status=200)
async def close(call: Call, case_id: UUID) -> Case:
    """Close a case: nothing is looked up under it any more."""
    return await cases.close(call.hub.store, case_id, call.actor)
