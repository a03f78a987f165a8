"""What a purpose reaches, over HTTP and WebSocket: a case's places and times, and a grant that ends mid-stream."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from aiohttp import ClientWebSocketResponse, web

from api.sockets import PACE, PURPOSE_ENDED, Pace
from registry import users
from registry.model import PurposeKind, Role
from registry.users import CONSOLE

from .conftest import COUNTY, ELSEWHERE, VILLAGE, Client, Serving, World, both_engines
from .test_stream import closed, listening, next_of

API = "/api/v1"


def quick(app: web.Application) -> None:
    app[PACE] = Pace(recheck=0.05)


async def granted(world: World, officer: Client, **given: Any) -> dict[str, Any]:
    """A grant to look at the village next door, which the officer may not see."""
    boss = await users.by_name(world.hub.store, Role.APPROVER.value)
    await users.set_grants(world.hub.store, boss.id, (COUNTY,), CONSOLE)
    approver = await world.client(Role.APPROVER)
    now = datetime.now(UTC)
    asked = {
        "kind": "reach", "case_id": str(world.county.case), "places": [ELSEWHERE], "hours": 8,
        "starts_at": (now - timedelta(days=9)).isoformat(), "ends_at": (now + timedelta(days=1)).isoformat(), **given,
    }  # fmt: skip
    made = await officer.post(f"{API}/approvals", {"asked": asked, "reason": "羊卖到了邻村"})
    yes = {"granted": True, "reason": "同意", "expected_revision": 1}
    one: dict[str, Any] = await approver.post(f"{API}/approvals/{made['id']}/decide", yes, 200)
    return one


async def look_under(world: World, officer: Client, approval: dict[str, Any]) -> dict[str, Any]:
    new = {"kind": "case", "case_id": str(world.county.case), "approval_id": approval["id"], "reason": "x"}
    purpose: dict[str, Any] = await officer.post(f"{API}/purposes", new)
    put = await officer.ask("PUT", f"{API}/session/purpose", json={"purpose_id": purpose["id"]})
    assert put.status == 200, put
    return purpose


@both_engines
async def test_what_lies_beyond_a_case_is_said_so(world: World) -> None:
    officer = await world.client(Role.OFFICER, PurposeKind.CASE)
    me = await users.by_name(world.hub.store, Role.OFFICER.value)
    await users.set_grants(world.hub.store, me.id, (VILLAGE, ELSEWHERE), CONSOLE)
    near, next_door = await world.event("gate"), await world.event("far")
    assert [one["id"] for one in (await officer.get(f"{API}/events"))["events"]] == [str(near)]
    for path in (
        f"events?place={ELSEWHERE}",
        f"events?camera={world.county.cameras['far']}",
        "events?until=2026-01-01T00:00:00Z",
        f"events/histogram?bucket=day&place={ELSEWHERE}",
        f"events/{next_door}",
        f"events/{next_door}/snapshot",
    ):
        assert (await officer.ask("GET", f"{API}/{path}")).code == (403, "beyond_case"), path
    session = await officer.get(f"{API}/session")
    assert (session["purpose"]["places"], session["purpose"]["looks_back_hours"]) == ([VILLAGE], None)
    await users.set_grants(world.hub.store, me.id, (VILLAGE,), CONSOLE)
    assert (await officer.ask("GET", f"{API}/events/{next_door}")).code == (404, "event_unknown")
    assert (await officer.get(f"{API}/events?place={ELSEWHERE}"))["events"] == []


@both_engines
async def test_a_grant_lets_one_see_what_it_says_with_its_pictures(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    approval = await granted(world, officer)
    purpose = await look_under(world, officer, approval)
    assert (purpose["places"], purpose["expires_at"]) == ([ELSEWHERE], approval["ends_at"])
    away, _ = await world.event("far"), await world.event("gate")
    (shown,) = (await officer.get(f"{API}/events"))["events"]
    assert shown["id"] == str(away)
    assert (await officer.ask("GET", shown["snapshot_url"], raw=True)).status == 200
    assert (await officer.ask("GET", f"{API}/events/{away}")).status == 200
    assistant = await world.client(Role.ASSISTANT)
    stolen = {"kind": "case", "case_id": str(world.county.case), "approval_id": approval["id"], "reason": "x"}
    assert (await assistant.ask("POST", f"{API}/purposes", json=stolen)).code == (404, "approval_unknown")
    unknown = {**stolen, "approval_id": str(uuid4())}
    assert (await officer.ask("POST", f"{API}/purposes", json=unknown)).code == (404, "approval_unknown")


async def test_a_grant_that_ends_ends_the_stream(serving: Serving) -> None:
    world = await serving(quick)
    officer, approver = await world.client(Role.OFFICER), await world.client(Role.APPROVER)
    approval = await granted(world, officer)
    await look_under(world, officer, approval)
    screen: ClientWebSocketResponse
    async with await officer.stream() as screen:
        await listening(world)
        seen = await world.event("far")
        assert (await next_of(screen, "event"))["event"]["id"] == str(seen)
        why = {"reason": "已破案", "expected_revision": approval["revision"]}
        await approver.post(f"{API}/approvals/{approval['id']}/revoke", why, 200)
        assert await closed(screen) == PURPOSE_ENDED
    assert (await officer.ask("GET", f"{API}/events")).code == (403, "purpose_closed")


async def test_a_case_closed_or_left_ends_the_stream(serving: Serving) -> None:
    world = await serving(quick)
    officer, assistant = await world.client(Role.OFFICER), await world.client(Role.ASSISTANT, PurposeKind.CASE)
    case = f"{API}/cases/{world.county.case}"
    async with await assistant.stream() as screen:
        left = await officer.ask("PATCH", case, json={"expected_revision": 1, "member_ids": []})
        assert left.status == 200, left
        assert await closed(screen) == PURPOSE_ENDED
    assert (await assistant.ask("GET", case)).code == (404, "case_unknown")
    admin = await world.client(Role.OFFICER, PurposeKind.CASE)
    async with await admin.stream() as screen:
        await officer.post(f"{case}/close", None, 200)
        assert await closed(screen) == PURPOSE_ENDED
    again = {"kind": "case", "case_id": str(world.county.case), "reason": "x"}
    assert (await officer.ask("POST", f"{API}/purposes", json=again)).code == (409, "case_closed")


async def test_of_two_who_change_a_case_the_later_is_told(world: World) -> None:
    officer, approver = await world.client(Role.OFFICER), await world.client(Role.APPROVER)
    case = f"{API}/cases/{world.county.case}"
    first = await officer.ask("PATCH", case, json={"expected_revision": 1, "title": "两只羊"})
    assert (first.status, first.body["revision"]) == (200, 2)
    late = await approver.ask("PATCH", case, json={"expected_revision": 1, "title": "三只羊"})
    assert late.code == (409, "case_stale")
    assistant = await world.client(Role.ASSISTANT)
    assert (await assistant.ask("PATCH", case, json={"expected_revision": 2, "title": "x"})).code == (403, "role")
