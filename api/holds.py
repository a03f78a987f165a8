"""Holds: recordings that stay for a case."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from api.routing import Routes
from api.visitor import Call
from registry.inputs import Input
from registry.permissions import Permission
from registry.recordings import holds
from registry.recordings.holds import Hold, NewHold, Release

routes = Routes("holds")


class HoldQuery(Input):
    """Whose holds: of one case, or of all."""

    case: UUID | None = None


@dataclass(frozen=True, slots=True)
class Holds:
    """Holds, newest first, at most a thousand."""

    holds: tuple[Hold, ...]


@routes.get("/holds", Permission.OPEN_CASE)
async def list_holds(call: Call, query: HoldQuery) -> Holds:
    """What is held of one's cameras, for which case and until when; released and expired holds too."""
    return Holds(await holds.list_holds(call.hub.store, call.scope, case_id=query.case))


@routes.post("/cases/{case_id}/holds", Permission.MANAGE_CASES)
async def create(call: Call, case_id: UUID, body: NewHold) -> Hold:
    """Hold cameras' recordings and events of a span for a case: nothing deletes them while it lasts."""
    return await holds.create(call.hub.store, case_id, body, call.actor)


@routes.delete("/holds/{hold_id}", Permission.MANAGE_CASES)
async def release(call: Call, hold_id: UUID, query: Release) -> Hold:
    """Release a hold: what it covered goes by its age and the quota again."""
    return await holds.release(call.hub.store, hold_id, query, call.actor)
