"""Every route × every role × in and out of scope × with and without a purpose, over HTTP and WebSocket.

What must come of each cell follows from the declarations alone: `Route.gate`, `Route.needs`, `permissions.ROLES`. A
route whose path names something this file has no example of fails, so that nobody forgets to be asked.
"""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api import all_routes
from api.routing import UNSAFE, Door, Needs, Route
from registry import sessions, users
from registry.model import PurposeKind, Role
from registry.permissions import ROLES, Permission
from registry.users import CONSOLE

from .conftest import COUNTY, ELSEWHERE, VILLAGE, Answer, Client, Serving, World
from .things import API, Things, iso, of_hub, of_person, of_place, opens

HOUR = timedelta(hours=1)
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
}
SCOPED = {
    "camera_id", "consent_id", "device_id", "event_id", "case_id", "hold_id", "road_id", "entrance_id", "plan_id",
    "patrol_id", "mark_id", "incident_id", "code", "session_id", "token_id", "purpose_id", "wall_id", "rule_id",
    "approval_id", "request_id", "bookmark_id", "search_id", "entry_id", "clip_request_id", "upload_id", "export_id", "draft_id", "map_id",
}  # fmt: skip
"""What a path names that is somebody's: a village's, or a user's own."""
NO_ONES = {
    "user_id",
    "unit_id",
    "target_id",
    "name",
    "stream",
    "started_ms",
    "clip_id",
    "assessment_id",
    "sent_id",
    "number",
    "day",
}
"""What belongs to whoever has the permission, or names nothing by itself."""
BY_TICKET = {"clip_id", "started_ms", "sent_id", "day"}
"""Reached by a ticket that names session, purpose and thing: see test_forged and test_uploads."""
BODIES: dict[str, object] = {
    "POST /cases/{case_id}/holds": {
        "camera_ids": ["{camera_id}"], "from": "2026-01-01T00:00:00Z", "to": "2026-01-01T01:00:00Z",
        "expires_at": "{tomorrow}",
    },
    "POST /cases/{case_id}/bookmarks": {
        "camera_id": "{camera_id}", "at": "2026-11-01T00:00:00Z", "kind": "sighting", "still": False,
    },
    "POST /cases/{case_id}/bookmarks/{bookmark_id}/supersede": {"kind": "lead", "confidence": "likely"},
    "POST /cases/{case_id}/canvass": {"name": "王家"},
    "PATCH /cases/{case_id}/canvass/{entry_id}": {"expected_revision": 1, "state": "promised"},
    "POST /cases/{case_id}/canvass/{entry_id}/requests": {
        "from": "2026-01-01T00:00:00Z", "to": "2026-01-01T01:00:00Z",
    },
    "POST /cases/{case_id}/clip-requests/{clip_request_id}/paper": {"token": "0123456789abcdef0123456789abcdef"},
    "PUT /cases/{case_id}/uploads/{upload_id}/clock": {"method": "unknown"},
    "POST /cases/{case_id}/uploads/{upload_id}/decline": {"why": "not_needed"},
    "PUT /cases/{case_id}/report": {
        "item": "sheep", "where": {"lat": 45.5, "lon": 124.1}, "last_seen_at": "2026-11-01T00:00:00Z",
        "found_at": "2026-11-01T08:00:00Z", "certainty": "sure", "manner": "stolen", "expected_revision": 1,
    },
    "POST /cases/{case_id}/handover": {"to_id": "{user_id}", "note": "接着看", "expected_revision": 1},
    "PATCH /cases/{case_id}": {"expected_revision": 1, "title": "丢羊两只"},
    "PUT /places/{code}/boundary": {"boundary": None},
    "POST /places/{code}/geojson": {"type": "FeatureCollection", "features": []},
    "PUT /cameras/{camera_id}/scene": {"scene": {}, "expected_revision": 0},
    "POST /cameras/{camera_id}/replace": {"host": "192.0.2.9"},
    "POST /cameras/{camera_id}/consents": {
        "owner_name": "户主", "scopes": ["events"], "text_version": "1",
        "valid_from": "2026-01-01T00:00:00Z", "signed_at": "2026-01-01T00:00:00Z",
    },
    "POST /cameras/{camera_id}/consents/invite": {"owner_name": "户主", "scopes": ["events"]},
    "POST /cases/{case_id}/decisions": {"thing": "event:{event_id}", "decision": "keep", "expected_revision": 0},
    "POST /cameras/{camera_id}/vanish": {"from": "{hour_ago}", "to": "{now}"},
    "POST /cases/{case_id}/links": {
        "from_thing": "event:{event_id}", "to_thing": "bookmark:{event_id}", "state": "possible", "way": "foot",
    },
    "POST /cases/{case_id}/blocks": {"road_id": "{road_id}", "blocked": True},
    "POST /consents/{consent_id}/steps": {"step": "pause"},
    "PUT /walls/{wall_id}": {"name": "墙", "body": {"layout": "1"}, "expected_revision": 1},
    "PUT /patrols/plans/{plan_id}": {"name": "片", "camera_ids": ["{camera_id}"], "expected_revision": 1},
    "POST /patrols/{patrol_id}/marks": {"camera_id": "{camera_id}", "verdict": "normal"},
    "POST /incidents/{incident_id}/assign": {"expected_revision": 1, "user_id": "{user_id}"},
    "POST /incidents/{incident_id}/acknowledge": {"expected_revision": 1},
    "POST /incidents/{incident_id}/check": {"expected_revision": 1, "note": "看过"},
    "POST /incidents/{incident_id}/close": {"expected_revision": 1, "result": "无事"},
    "POST /incidents/{incident_id}/case": {"expected_revision": 1, "number": "C-1", "title": "丢羊"},
    "POST /incidents/{incident_id}/reopen": {"expected_revision": 1, "note": "又来"},
    "POST /approvals/{approval_id}/decide": {"reason": "可以", "expected_revision": 1, "granted": True},
    "POST /approvals/{approval_id}/withdraw": {"reason": "不用了", "expected_revision": 1},
    "POST /approvals/{approval_id}/revoke": {"reason": "不用了", "expected_revision": 1},
    "POST /assessments/{assessment_id}/review": {
        "document_number": "2", "approved_by": "王局", "assessed_at": "2026-01-01T00:00:00Z",
    },
    "POST /requests/{request_id}/decide": {"decision": "granted"},
    "POST /requests/{request_id}/show": {"how": "office"},
    "POST /drafts/{draft_id}/review": {"revision": 1},
    "POST /exports/{export_id}/handovers": {
        "recipient": "李明", "recipient_unit": "刑侦大队", "medium": "disc", "told": True,
        "handed_at": "2026-01-01T00:00:00Z",
    },
    "PUT /alerts/rules/{rule_id}": {"name": "夜", "reason": "巡查", "expected_revision": 1},
}  # fmt: skip
"""A body that is in order, where `{}` is none: an answer about the path alone cannot hide behind one about the body."""


QUERIES = {
    "GET /exports/{export_id}/file": "?ticket=x",
    "GET /cases/{case_id}/hops": "?way=foot&sighting=event:0199f7b0-0000-7000-8000-000000000001",
    "GET /cameras/{camera_id}/recordings": "?from={hour_ago}&to={now}",
    "GET /cameras/{camera_id}/stills": "?from={hour_ago}&to={now}",
    "GET /cameras/{camera_id}/frames": "?from={hour_ago}&to={now}",
    "GET /cameras/{camera_id}/motion": "?from={hour_ago}&to={now}",
    "DELETE /holds/{hold_id}": "?reason=done",
}
TO_ALL = {
    "GET /notices/{camera_id}": "a notice is for whoever stands before the camera",
    "GET /places/{code}": "names and codes of places are no secret",
    "PATCH /places/{code}": "whoever manages places manages the county's",
    "DELETE /places/{code}": "as above",
    "PUT /alerts/rules/{rule_id}": "an administrator tends everybody's rules",
    "DELETE /alerts/rules/{rule_id}": "as above",
}
"""Routes to what is beyond one's villages, and why. A village itself is no secret: beyond one's own it is 403."""
NONE_OF_IT = {
    (404, "snapshot_none"),
    (404, "sign_none"),
    (404, "consent_scan_none"),
    (404, "receipt"),
    (404, "draft_gone"),
}
"""There is no picture or receipt of it: the look itself was allowed."""
ALSO = {
    "GET /incidents/{incident_id}/picture": Permission.WORK_INCIDENTS,
    "POST /cases/{case_id}/uploads/{upload_id}/look": Permission.WORK_CASES,
}
"""What the registry asks besides the gate."""


@dataclass
class Matrix:
    """A hub, what is in one's village and beyond it, and a client of each kind."""

    world: World
    inside: Things
    outside: Things
    own: set[str]
    """What the role's user has of his own."""
    bare: Client
    looking: Client | None
    """With a purpose, where the role may open one."""


def mounted(path: str) -> str:
    return path.removeprefix(API)


def named(route: Route) -> list[str]:
    return [part[1:-1] for part in route.path.split("/") if part.startswith("{")]


def test_every_path_parameter_has_an_example_or_a_reason() -> None:
    for route in all_routes():
        assert set(named(route)) <= SCOPED | NO_ONES, f"{route.path}: add it to tests/api/things.py and here"


async def stranger(world: World) -> Client:
    """An administrator who sees the whole county; what he makes elsewhere is out of everybody else's scope."""
    new = {"name": "stranger", "role": Role.ADMIN, "password": "a long enough password"}
    made = await users.create(world.hub.store, users.NewUser.model_validate(new), CONSOLE)
    await users.set_grants(world.hub.store, made.id, (COUNTY,), CONSOLE)
    user = await users.by_name(world.hub.store, "stranger")
    token, csrf = await sessions.open_session(world.hub.store, user, "127.0.0.1", 12)
    client = world.anonymous(**{"Cookie": f"hub_session={token}", "X-CSRF-Token": csrf})
    client.role = Role.ADMIN
    return client


@pytest.fixture
async def matrix(serving: Serving, request: pytest.FixtureRequest) -> Matrix:
    """One role's rows of the matrix."""
    role: Role = request.param
    world = await serving()
    world.county = dataclasses.replace(world.county, cameras=dict(world.county.cameras))
    far = await stranger(world)
    outside = await of_place(world, far, ELSEWHERE)
    outside.ids |= await of_hub(far, world) | await of_person(far, far, outside)
    keeper = await world.client(Role.ADMIN)
    inside = await of_place(world, keeper, VILLAGE)
    inside.ids |= {name: outside.ids[name] for name in NO_ONES if name != "started_ms"}
    if role is not Role.ADMIN:  # else they are made below
        inside.ids |= await of_person(keeper, await world.client(Role.ADMIN), inside)
    bare = await world.client(role)
    watching = await (await world.client(Role.MONITOR)).get(f"{API}/sessions/mine")
    theirs = "users/{user_id}/sessions/{session_id}"  # the session must be that user's
    inside.ids[theirs] = next(one["id"] for one in watching["sessions"] if one["current"])
    own = await of_person(bare, await world.client(role), inside)
    inside.ids |= own
    kind = opens(role)
    looking = await world.client(role, PurposeKind(kind)) if kind else None
    return Matrix(world, inside, outside, set(own), bare, looking)


async def ask(client: Client, route: Route, path: str, inside: Things) -> Answer:
    """Send the request as its declaration wants it; a WebSocket that opens is an answer of 101."""
    if route.status == 101:
        answer = await refused_upgrade(client, path)
        return answer or Answer(101, None, {})
    key = f"{route.method} {mounted(route.path)}"
    if route.upload:
        return await client.ask(route.method, path, data=b"x", headers={"Content-Type": "application/octet-stream"})
    body: dict[str, Any] = {}
    if route.body is not None:
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        text = json.dumps(BODIES.get(key, {})).replace("{tomorrow}", tomorrow)
        text = text.replace("{hour_ago}", iso(datetime.now(UTC) - HOUR)).replace("{now}", iso(datetime.now(UTC)))
        body = {"json": json.loads(re.sub(r"{(\w+)}", lambda found: inside.ids[found[1]], text))}
    answer = await client.ask(route.method, path, raw=route.line is not None, **body)
    if answer.headers.get("Content-Type", "").startswith("application/problem+json") and isinstance(answer.body, bytes):
        answer.body = json.loads(answer.body)
    return answer


async def refused_upgrade(client: Client, path: str) -> Answer | None:
    from aiohttp import WSServerHandshakeError

    try:
        async with await client.stream(path=path):
            return None
    except WSServerHandshakeError:
        return await client.ask("GET", path, headers=UPGRADE)


def ends(route: Route) -> tuple[bool, bool, int]:
    """Reads first, then changes, then what ends things, the innermost first."""
    ending = route.method == "DELETE" or mounted(route.path).endswith(("/close", "/withdraw", "/end", "/password"))
    return route.method in UNSAFE, ending, -len(named(route)) if ending else 0


ROUTES = sorted(all_routes(), key=ends)


@pytest.mark.parametrize("matrix", Role, indirect=True)
async def test_each_cell_follows_from_the_declarations(matrix: Matrix) -> None:
    role = matrix.bare.role
    assert role is not None
    wrong, now = [], datetime.now(UTC)
    for route in ROUTES:
        if not isinstance(route.gate, Permission) and route.gate is not Door.SIGNED_IN:
            continue
        if route.path == f"{API}/session" and route.method == "DELETE":
            continue  # would sign the client out
        for things, far in ((matrix.outside, True), (matrix.inside, False)):
            key = f"{route.method} {mounted(route.path)}"
            if far and (not SCOPED & set(named(route)) or BY_TICKET & set(named(route)) or key in TO_ALL):
                continue
            if not far and route.gate is Door.SIGNED_IN and not set(named(route)) <= matrix.own:
                continue  # there is none of his own, and another's is not for him
            path = things.path(route) + QUERIES.get(key, "").format(hour_ago=iso(now - HOUR), now=iso(now))
            asks = [matrix.bare] if route.needs is Needs.NOTHING else [matrix.bare, matrix.looking]
            for client in filter(None, asks):
                answer = await ask(client, route, path, matrix.inside)
                if not as_declared(route, role, answer, far=far, purpose=client is matrix.looking):
                    cell = (
                        f"{'outside' if far else 'inside'}, {'with' if client is matrix.looking else 'without'} purpose"
                    )
                    wrong.append(f"{route.method} {route.path} ({cell}): {answer.status} {answer.body}")
    assert not wrong, "\n".join(wrong)


def also(route: Route) -> Permission | None:
    return ALSO.get(f"{route.method} {mounted(route.path)}")


def may(role: Role, permission: Permission | None) -> bool:
    return permission is None or permission in ROLES[role]


def as_declared(route: Route, role: Role, answer: Answer, *, far: bool, purpose: bool) -> bool:
    """Whether the answer is what gate, needs and scope ask for in this cell."""
    if isinstance(route.gate, Permission) and route.gate not in ROLES[role]:
        return answer.code == (403, "role")
    if route.needs is not Needs.NOTHING and not purpose:
        return answer.code == (403, "purpose_required")
    if far:
        hidden = answer.code == (403, "out_of_scope") and named(route) == ["code"]
        return answer.status == 404 or hidden or (answer.code == (403, "role") and not may(role, also(route)))
    if not may(role, also(route)):
        return answer.code == (403, "role")
    anothers = answer.code == (404, "session_unknown") and named(route) == ["user_id", "session_id"]
    if anothers or answer.code in NONE_OF_IT:
        return True  # the session is not of the user who is named with it, or there is none of what is asked for
    refused = {(403, "role"), (403, "purpose_required"), (403, "csrf")}
    return answer.status not in (401, 404) and answer.status < 500 and answer.code not in refused
