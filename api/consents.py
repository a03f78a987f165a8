"""Consents: what the owner of a civilian camera agreed to."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from api.routing import Routes
from api.visitor import Call
from registry import consents
from registry.consents import NewConsent
from registry.model import Consent
from registry.permissions import Permission

routes = Routes("consents")


@dataclass(frozen=True, slots=True)
class Consents:
    """A camera's consents, newest first, withdrawn ones included."""

    consents: tuple[Consent, ...]


@routes.get("/cameras/{camera_id}/consents", Permission.SEE_CAMERAS)
async def list_for(call: Call, camera_id: UUID) -> Consents:
    """A camera's consents, withdrawn and ended ones included."""
    return Consents(tuple(await consents.list_for(call.hub.store, camera_id, call.scope)))


@routes.post("/cameras/{camera_id}/consents", Permission.REGISTER)
async def create(call: Call, camera_id: UUID, body: NewConsent) -> Consent:
    """Record a consent; pulls and reads follow within seconds."""
    return await consents.create(call.hub.store, camera_id, body, call.actor)


@routes.post("/consents/{consent_id}/withdraw", Permission.REGISTER, status=200)
async def withdraw(call: Call, consent_id: UUID) -> Consent:
    """Withdraw a consent: the pull stops and the events it covered are no longer shown."""
    return await consents.withdraw(call.hub.store, consent_id, call.actor)
