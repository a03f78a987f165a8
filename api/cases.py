"""Cases: what happened, where and between which times, who works on it and until when."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from api.routing import Routes
from api.visitor import Call
from registry import cases
from registry.cases import Case, CaseChange, NewCase
from registry.model import Person
from registry.permissions import Permission

routes = Routes("cases")


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases, open ones first, then the newest."""

    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class People:
    """Who may be made a member of a case."""

    people: tuple[Person, ...]


@routes.get("/cases", Permission.OPEN_CASE)
async def list_cases(call: Call) -> Cases:
    """The cases one works on and, for who may approve, those of his places."""
    return Cases(await cases.list_cases(call.hub.store, call.actor))


@routes.post("/cases", Permission.MANAGE_CASES)
async def create(call: Call, body: NewCase) -> Case:
    """Open a case. What it must tell, and how long it lasts, is the policy's."""
    return await cases.create(call.hub.store, body, call.actor)


@routes.get("/cases/people", Permission.WORK_CASES)
async def people(call: Call) -> People:
    """Who may be made a member of a case, by name."""
    return People(await cases.people(call.hub.store, call.actor))


@routes.get("/cases/{case_id}", Permission.OPEN_CASE)
async def get(call: Call, case_id: UUID) -> Case:
    """One case."""
    return await cases.get(call.hub.store, case_id, call.actor)


@routes.patch("/cases/{case_id}", Permission.MANAGE_CASES)
async def change(call: Call, case_id: UUID, body: CaseChange) -> Case:
    """Change a case: what is looked up under it follows at once."""
    return await cases.change(call.hub.store, case_id, body, call.actor)


@routes.post("/cases/{case_id}/close", Permission.MANAGE_CASES, status=200)
async def close(call: Call, case_id: UUID) -> Case:
    """Close a case: nothing is looked up under it any more."""
    return await cases.close(call.hub.store, case_id, call.actor)
