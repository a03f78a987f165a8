"""Why somebody looks: purposes, opened once and named on every read."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from api.routing import Door, Routes
from api.visitor import Call
from registry import purposes
from registry.model import Purpose
from registry.purposes import OpenPurpose

routes = Routes("purposes")


@dataclass(frozen=True, slots=True)
class Purposes:
    """One's own open purposes."""

    purposes: tuple[Purpose, ...]


@routes.get("/purposes", Door.SIGNED_IN)
async def list_open(call: Call) -> Purposes:
    """One's own open purposes."""
    return Purposes(await purposes.list_open(call.hub.store, call.actor.user))


@routes.post("/purposes", Door.SIGNED_IN)
async def open_one(call: Call, body: OpenPurpose) -> Purpose:
    """Open a purpose; which kinds one may open is the role's permission (open_case, open_patrol, open_maintenance).

    What it reaches is told with it, as it stands now: a case changed or a grant taken away acts at the next look.

    It counts once it is on the session (PUT /session/purpose), or named in the header X-Purpose.
    """
    return await purposes.open(call.hub.store, body, call.actor, call.hub.settings.purpose_hours)


@routes.post("/purposes/{purpose_id}/close", Door.SIGNED_IN, status=200)
async def close(call: Call, purpose_id: UUID) -> Purpose:
    """Close a purpose of one's own."""
    return await purposes.close(call.hub.store, purpose_id, call.actor)
