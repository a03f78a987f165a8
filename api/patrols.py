"""Video patrols: plans, the patrol one walks, its marks with their pictures, and the faults people saw."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, fields
from uuid import UUID

from aiohttp import web

from api.events import TicketQuery, covering, read_picture
from api.routing import Needs, Routes
from api.tickets import TICKETS
from api.visitor import Call, Look
from camera_hub.marking import Marking
from registry import incidents, patrols
from registry.inputs import Input
from registry.model import Person
from registry.patrols import EndPatrol, NewPatrol, NewPatrolMark, Patrol, PatrolMark, PatrolQuery, PatrolSummary, plans
from registry.patrols.plan import NewPatrolPlan, PatrolPlan, PatrolPlanChange
from registry.permissions import Permission

routes = Routes("patrols")
MARK_SECONDS = 20.0
"""A camera's picture may take eight."""
_FIELDS = tuple(field.name for field in fields(PatrolMark))


class PlanQuery(Input):
    """Which plans: `mine`, those that name oneself or nobody."""

    mine: bool = False


@dataclass(frozen=True, slots=True)
class Plans:
    """Plans, those due first."""

    plans: tuple[PatrolPlan, ...]


@dataclass(frozen=True, slots=True)
class People:
    """Who may be named, by name."""

    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Patrols:
    """One page of patrols, newest first; `next_cursor` is null on the last."""

    patrols: tuple[PatrolSummary, ...]
    next_cursor: UUID | None


@dataclass(frozen=True, slots=True)
class ShownMark(PatrolMark):
    """A mark with the address of its picture, null without one.

    From a patrol's list the address holds a ticket, good for five minutes in the same session; from elsewhere the
    purpose is asked, and the look is written down by itself.
    """

    snapshot_url: str | None


@dataclass(frozen=True, slots=True)
class Marks:
    """A patrol's marks, newest first."""

    marks: tuple[ShownMark, ...]


@dataclass(frozen=True, slots=True)
class Faults:
    """The last fault of each camera that nobody settled, newest first."""

    faults: tuple[ShownMark, ...]


def shown(mark: PatrolMark, ticket: str | None = None) -> ShownMark:
    """The mark with its picture's address."""
    url = f"/api/v1/patrols/{mark.patrol_id}/marks/{mark.id}/picture" if mark.has_snapshot else None
    if url is not None and ticket is not None:
        url += f"?ticket={ticket}"
    return ShownMark(**{name: getattr(mark, name) for name in _FIELDS}, snapshot_url=url)


@routes.get("/patrols/plans", Permission.OPEN_PATROL)
async def list_plans(call: Call, query: PlanQuery) -> Plans:
    """The plans that name one or pass through one's villages; `due` says that now is one of its times."""
    return Plans(await plans.list_plans(call.hub.store, call.actor, mine=query.mine))


@routes.post("/patrols/plans", Permission.MANAGE_PATROLS)
async def create_plan(call: Call, body: NewPatrolPlan) -> PatrolPlan:
    """Keep a plan: cameras in the order of the round, 20 to 60 seconds each, for whom and when."""
    return await plans.create(call.hub.store, body, call.actor)


@routes.get("/patrols/plans/{plan_id}", Permission.OPEN_PATROL)
async def get_plan(call: Call, plan_id: UUID) -> PatrolPlan:
    """One plan."""
    return await plans.get(call.hub.store, plan_id, call.actor)


@routes.put("/patrols/plans/{plan_id}", Permission.MANAGE_PATROLS)
async def change_plan(call: Call, plan_id: UUID, body: PatrolPlanChange) -> PatrolPlan:
    """Replace a plan; 409 when somebody changed it since it was read. Patrols that began keep their cameras."""
    return await plans.change(call.hub.store, plan_id, body, call.actor)


@routes.delete("/patrols/plans/{plan_id}", Permission.MANAGE_PATROLS)
async def remove_plan(call: Call, plan_id: UUID) -> None:
    """Take a plan away; what was walked by it stays."""
    await plans.remove(call.hub.store, plan_id, call.actor)


@routes.get("/patrols/people", Permission.MANAGE_PATROLS)
async def list_people(call: Call) -> People:
    """Who may be put on a plan."""
    return People(await plans.people(call.hub.store, call.actor))


@routes.get("/patrols/faults", Permission.WATCH_HEALTH)
async def list_faults(call: Call) -> Faults:
    """Cameras that somebody on patrol marked as faulty or covered, until marked normal or cleared."""
    return Faults(tuple(shown(one) for one in await patrols.list_faults(call.hub.store, call.scope)))


@routes.post("/patrols/faults/{mark_id}/clear", Permission.REGISTER, status=200)
async def clear_fault(call: Call, mark_id: UUID) -> ShownMark:
    """Say that a fault is mended."""
    return shown(await patrols.clear(call.hub.store, mark_id, call.actor))


@routes.get("/patrols", Permission.OPEN_PATROL)
async def list_patrols(call: Call, query: PatrolQuery) -> Patrols:
    """One's own patrols with their rate; whoever plans patrols sees all of his villages."""
    return Patrols(*await patrols.list_patrols(call.hub.store, query, call.actor))


@routes.post("/patrols", Permission.OPEN_PATROL)
async def begin(call: Call, body: NewPatrol) -> Patrol:
    """Begin a patrol: its purpose is opened and put on the session; a program names `purpose_id` in X-Purpose."""
    session = call.session.id if call.session is not None else None
    return await patrols.begin(call.hub.store, body, call.actor, session, call.hub.settings.purpose_hours)


@routes.get("/patrols/{patrol_id}", Permission.OPEN_PATROL)
async def get(call: Call, patrol_id: UUID) -> Patrol:
    """One patrol: its cameras in order, how each stands and was marked, and what the one before left."""
    return await patrols.get(call.hub.store, patrol_id, call.actor)


@routes.post("/patrols/{patrol_id}/end", Permission.OPEN_PATROL, status=200)
async def end(call: Call, patrol_id: UUID, body: EndPatrol) -> Patrol:
    """End one's own patrol, and its purpose with it; leave a note for the next."""
    return await patrols.end(call.hub.store, patrol_id, body, call.actor)


@routes.get("/patrols/{patrol_id}/marks", Permission.OPEN_PATROL, needs=Needs.PURPOSE)
async def list_marks(look: Look, patrol_id: UUID) -> Marks:
    """A patrol's marks, newest first; under a patrol, those of the last 24 hours."""
    listed = await patrols.list_marks(look.hub.store, look.access, patrol_id)
    tickets, session = look.request.app[TICKETS], look.actor.session_id
    return Marks(tuple(shown(one, tickets.make(listed.audit_no, one.id, session)) for one in listed.marks))


@routes.post("/patrols/{patrol_id}/marks", Permission.OPEN_PATROL, needs=Needs.PURPOSE, seconds=MARK_SECONDS)
async def mark(look: Look, patrol_id: UUID, body: NewPatrolMark) -> ShownMark:
    """Mark a camera, under the patrol's own purpose, with its picture of now; `snapshot_why` says why there is none.

    409 `mark_not_live` for a normal camera that nobody can see, `mark_unwatched` for one that may not be watched:
    those are marked as a fault.
    """
    hub = look.hub
    marked = await Marking(hub.store, hub.media, hub.live, hub.node).mark(look.access, patrol_id, body)
    if marked.incident_id is not None:
        opened, _ = await incidents.get(hub.store, marked.incident_id, look.actor)
        hub.incidents.publish([opened])
    return shown(marked)


@routes.get(
    "/patrols/{patrol_id}/marks/{mark_id}/picture",
    Permission.WATCH_LIVE,
    needs=Needs.PURPOSE,
    raw="image/jpeg",
)
async def picture(look: Look, patrol_id: UUID, mark_id: UUID, query: TicketQuery) -> web.Response:
    """The picture of a mark, as JPEG; under maintenance, of a fault only. Consent is asked again."""
    audit_no = covering(look, query, mark_id)
    node, key = await patrols.picture_of(look.hub.store, look.access, patrol_id, mark_id, audit_no=audit_no)
    return await asyncio.to_thread(read_picture, look.hub, node, key)
