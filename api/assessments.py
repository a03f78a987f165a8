"""Impact assessments: of the deployment and of each kind of analysis."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from api.routing import Routes
from api.visitor import Call
from registry import assessments
from registry.assessments import Assessment, NewAssessment, Review
from registry.permissions import Permission

routes = Routes("assessments")


@dataclass(frozen=True, slots=True)
class Assessments:
    """Assessments: those that stand first, the one due first at the top. Each is due again within `review_days`."""

    assessments: tuple[Assessment, ...]
    review_days: int


@routes.get("/assessments", Permission.WATCH_HEALTH)
async def list_assessments(call: Call) -> Assessments:
    """What was assessed, by which document, and when it is looked at again."""
    store = call.hub.store
    return Assessments(await assessments.list_assessments(store), store.policy.assessments.review_days)


@routes.post("/assessments", Permission.MANAGE_USERS)
async def create(call: Call, body: NewAssessment) -> Assessment:
    """Enter an assessment."""
    return await assessments.create(call.hub.store, body, call.actor)


@routes.post("/assessments/{assessment_id}/review", Permission.MANAGE_USERS, status=200)
async def review(call: Call, assessment_id: UUID, body: Review) -> Assessment:
    """Enter that it was looked at again; the register keeps what stood before."""
    return await assessments.review(call.hub.store, assessment_id, body, call.actor)


@routes.post("/assessments/{assessment_id}/end", Permission.MANAGE_USERS, status=200)
async def end(call: Call, assessment_id: UUID) -> Assessment:
    """Say that what was assessed is not used any more."""
    return await assessments.end(call.hub.store, assessment_id, call.actor)
