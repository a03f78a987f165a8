"""The work on a case: what was reported, and the cameras it is looked for on."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from api.routing import Needs, Routes
from api.visitor import Call, Look
from registry.cases import Case
from registry.casework import amending, chosen, handover, nearby, report
from registry.casework.chosen import CaseCamera, Choice
from registry.casework.handover import Handover, NewHandover
from registry.casework.near import Nearby, NearbyQuery
from registry.casework.told import Amendment, NewReport, Reach, ReachQuery, Reported
from registry.permissions import Permission

routes = Routes("casework")


@dataclass(frozen=True, slots=True)
class CaseCameras:
    """A case's cameras, by village and name."""

    cameras: tuple[CaseCamera, ...]


@dataclass(frozen=True, slots=True)
class CaseReport:
    """What was reported of a case (null of one that was opened otherwise), and who handed it to whom."""

    reported: Reported | None
    handovers: tuple[Handover, ...]


@routes.get("/cases/reach", Permission.WORK_CASES, costly=True)
async def reach(call: Call, query: ReachQuery) -> Reach:
    """What a report of that point would hold, and when the first of it goes otherwise."""
    settings = call.hub.settings
    return await report.reach(call.hub.store, settings.record_policy, settings.paces, query, call.actor)


@routes.post("/cases/report", Permission.WORK_CASES, costly=True)
async def create(call: Call, body: NewReport) -> Reported:
    """Report what is gone: opens the case, and holds what cameras in reach recorded around that time."""
    settings = call.hub.settings
    return await report.create(call.hub.store, settings.record_policy, settings.paces, body, call.actor)


@routes.get("/cases/{case_id}/report", Permission.OPEN_CASE)
async def of_case(call: Call, case_id: UUID) -> CaseReport:
    """What was reported, how many cameras' footage is held, and when the first of that would have gone."""
    found = await report.of_case(call.hub.store, call.hub.settings.record_policy, case_id, call.actor)
    return CaseReport(found, await handover.list_handovers(call.hub.store, case_id, call.actor))


@routes.put("/cases/{case_id}/report", Permission.MANAGE_CASES, costly=True)
async def amend(call: Call, case_id: UUID, body: Amendment) -> Reported:
    """Tell the facts of a case anew, as more is learned: window, places and hold grow with it, what was told stays."""
    settings = call.hub.settings
    store, policy = call.hub.store, settings.record_policy
    return await amending.amend(store, policy, settings.paces, case_id, new=body, actor=call.actor)


@routes.post("/cases/{case_id}/handover", Permission.MANAGE_CASES, status=200)
async def hand_over(call: Call, case_id: UUID, body: NewHandover) -> Case:
    """Make another officer responsible, with a note for him; whoever was stays a member."""
    return await handover.hand_over(call.hub.store, case_id, body, call.actor)


@routes.get("/cases/{case_id}/nearby", Permission.WORK_CASES, needs=Needs.PURPOSE, costly=True)
async def near(look: Look, case_id: UUID, query: NearbyQuery) -> Nearby:
    """The cameras near the scene by minutes, and what there is of each; under the case's own purpose, and on record."""
    paces = look.hub.settings.paces
    return await nearby.nearby(look.hub.store, look.access, paces, case_id, query, index=look.hub.passing)


@routes.get("/cases/{case_id}/cameras", Permission.OPEN_CASE)
async def list_cameras(call: Call, case_id: UUID) -> CaseCameras:
    """The cameras that the members of a case look for it on. Nothing of what they saw is shown."""
    return CaseCameras(await chosen.of_case(call.hub.store, case_id, call.actor))


@routes.post("/cases/{case_id}/cameras", Permission.WORK_CASES, status=200)
async def choose(call: Call, case_id: UUID, body: Choice) -> CaseCameras:
    """Add cameras to a case's and drop others; what is as it should be stays."""
    return CaseCameras(await chosen.choose(call.hub.store, case_id, body, call.actor))
