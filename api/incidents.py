"""Incidents: opened from a mark or an event, worked on step by step, told to every screen as they change."""

from __future__ import annotations

import asyncio
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from typing import Literal
from uuid import UUID

from aiohttp import web
from pydantic import TypeAdapter

from api.events import read_picture
from api.routing import Needs, Routes
from api.sockets import QUEUE, open_socket, require_websocket
from api.visitor import Call, Look
from camera_hub.feed import Subscription
from camera_hub.hub import Hub
from registry import incidents
from registry.incidents import (
    Assign,
    Check,
    Close,
    Incident,
    IncidentQuery,
    IncidentStep,
    IntoCase,
    NewIncident,
    Reopen,
    Stepped,
)
from registry.inputs import Input
from registry.model import Person
from registry.permissions import Permission

routes = Routes("incidents")
_FIELDS = tuple(field.name for field in fields(Incident))


class OfIncident(Input):
    """Of which incident."""

    incident: UUID


@dataclass(frozen=True, slots=True)
class ShownIncident(Incident):
    """An incident with the address of its picture, read under a patrol or a case; there may be none there."""

    picture_url: str


@dataclass(frozen=True, slots=True)
class Incidents:
    """One page of incidents, those that go on first; `going` is how many in one's villages do."""

    incidents: tuple[ShownIncident, ...]
    next_cursor: str | None
    going: int


@dataclass(frozen=True, slots=True)
class IncidentLog:
    """An incident and what was done about it, the first step first."""

    incident: ShownIncident
    log: tuple[IncidentStep, ...]


@dataclass(frozen=True, slots=True)
class Assignable:
    """Who an incident may be given to, by name."""

    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class IncidentMessage:
    """An incident was opened, or something was done about it."""

    type: Literal["incident"]
    incident: ShownIncident


_MESSAGE = TypeAdapter(IncidentMessage)


def shown(incident: Incident) -> ShownIncident:
    """The incident with its picture's address."""
    url = f"/api/v1/incidents/{incident.id}/picture"
    return ShownIncident(**{name: getattr(incident, name) for name in _FIELDS}, picture_url=url)


def _told(call: Call, incident: Incident) -> ShownIncident:
    """The incident as it is now, after every screen was told."""
    call.hub.incidents.publish([incident])
    return shown(incident)


@routes.get("/incidents", Permission.WORK_INCIDENTS)
async def list_incidents(call: Call, query: IncidentQuery) -> Incidents:
    """The incidents of one's villages, those that go on first, newest first of each."""
    page = await incidents.list_incidents(call.hub.store, query, call.actor)
    return Incidents(tuple(shown(one) for one in page.incidents), page.next_cursor, page.going)


@routes.post("/incidents", Permission.WORK_INCIDENTS, needs=Needs.PURPOSE)
async def open_one(look: Look, body: NewIncident) -> ShownIncident:
    """Open an incident of a mark or an event; 409 where there is one of it already."""
    return _told(look, await incidents.open_one(look.hub.store, look.access, body))


@routes.get("/incidents/people", Permission.MANAGE_PATROLS, errors=(404,))
async def list_people(call: Call, query: OfIncident) -> Assignable:
    """Who an incident may be given to: active users who may work on those of its village."""
    return Assignable(await incidents.people(call.hub.store, query.incident, call.actor))


@routes.get(
    "/incidents/stream",
    Permission.WORK_INCIDENTS,
    needs=Needs.PURPOSE,
    raw="websocket",
    status=101,
    seconds=None,
    errors=(426, 429),
)
async def watch(look: Look) -> web.StreamResponse:
    """Every change of the incidents of one's villages, over a WebSocket.

    The server sends {"type":"incident","incident":…}, {"type":"lost","count":…} and {"type":"ping"}, and closes as the
    stream of events does.
    """
    require_websocket(look.request)
    return await open_socket(look, _Incidents(look.hub))


@routes.get("/incidents/{incident_id}", Permission.WORK_INCIDENTS)
async def get(call: Call, incident_id: UUID) -> IncidentLog:
    """One incident and what was done about it."""
    incident, log = await incidents.get(call.hub.store, incident_id, call.actor)
    return IncidentLog(shown(incident), log)


@routes.get("/incidents/{incident_id}/picture", Permission.WATCH_LIVE, needs=Needs.PURPOSE, raw="image/jpeg")
async def picture(look: Look, incident_id: UUID) -> web.Response:
    """The picture of its mark or event, as JPEG, under a patrol or a case."""
    node, key = await incidents.picture_of(look.hub.store, look.access, incident_id)
    return await asyncio.to_thread(read_picture, look.hub, node, key)


@routes.post("/incidents/{incident_id}/assign", Permission.MANAGE_PATROLS, status=200)
async def assign(call: Call, incident_id: UUID, body: Assign) -> ShownIncident:
    """Give it to somebody, in place of whoever had it."""
    return _told(call, await incidents.assign(call.hub.store, incident_id, body, call.actor))


@routes.post("/incidents/{incident_id}/acknowledge", Permission.WORK_INCIDENTS, status=200)
async def acknowledge(call: Call, incident_id: UUID, body: Stepped) -> ShownIncident:
    """Say that one goes to look; 409 `incident_stale` where somebody did something about it meanwhile."""
    return _told(call, await incidents.acknowledge(call.hub.store, incident_id, body, call.actor))


@routes.post("/incidents/{incident_id}/check", Permission.WORK_INCIDENTS, status=200)
async def check(call: Call, incident_id: UUID, body: Check) -> ShownIncident:
    """Say what one found on the spot."""
    return _told(call, await incidents.check(call.hub.store, incident_id, body, call.actor))


@routes.post("/incidents/{incident_id}/close", Permission.MANAGE_PATROLS, status=200)
async def close(call: Call, incident_id: UUID, body: Close) -> ShownIncident:
    """End it with its result."""
    return _told(call, await incidents.close(call.hub.store, incident_id, body, call.actor))


@routes.post("/incidents/{incident_id}/case", Permission.MANAGE_CASES, status=200)
async def into_case(call: Call, incident_id: UUID, body: IntoCase) -> ShownIncident:
    """End it in a case: one that is open, or a new one of its village and time."""
    return _told(call, await incidents.into_case(call.hub.store, incident_id, body, call.actor))


@routes.post("/incidents/{incident_id}/reopen", Permission.MANAGE_PATROLS, status=200)
async def reopen(call: Call, incident_id: UUID, body: Reopen) -> ShownIncident:
    """Begin again what was closed."""
    return _told(call, await incidents.reopen(call.hub.store, incident_id, body, call.actor))


class _Incidents:
    """Incidents that a listener may see, as he may see them."""

    permission = Permission.WORK_INCIDENTS

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._audit_no = 0

    async def begin(self, look: Look) -> None:
        self._audit_no = await incidents.watching(self._hub.store, look.access)

    def listen(self) -> AbstractContextManager[Subscription[Incident]]:
        return self._hub.incidents.subscribe(QUEUE)

    async def message(self, look: Look, item: Incident) -> tuple[str, UUID] | None:
        seen = await incidents.visible(self._hub.store, look.actor, item.id)
        if seen is None:
            return None
        return _MESSAGE.dump_json(IncidentMessage("incident", shown(seen)), warnings="error").decode(), seen.camera_id

    async def count(self, look: Look, cameras: list[UUID], count: int) -> None:
        await incidents.watched(self._hub.store, look.access, self._audit_no, cameras, count)
