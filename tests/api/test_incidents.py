"""Incidents over HTTP and over the stream: opened on patrol, given to somebody, ended, seen by every screen."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientWebSocketResponse, web

from api.sockets import PACE, PURPOSE_ENDED, Pace
from registry import users
from registry.model import PurposeKind, Role
from registry.users import CONSOLE

from .conftest import ELSEWHERE, JPEG, VILLAGE, Client, Serving, World, both_engines
from .test_stream import closed, next_of

API = "/api/v1/incidents"


async def opened(world: World, client: Client, **more: Any) -> dict[str, Any]:
    event = await world.event(**more)
    made: dict[str, Any] = await client.post(API, {"event_id": str(event), "title": "有人翻墙"})
    return made


async def act(client: Client, one: dict[str, Any], step: str, **body: object) -> Any:
    told = {"expected_revision": one["revision"], **body}
    return await client.ask("POST", f"{API}/{one['id']}/{step}", json=told)


async def listening(world: World) -> None:
    """Wait until the hub's side of a socket that was just opened listens."""
    async with asyncio.timeout(10):
        while not world.hub.incidents._subscriptions:
            await asyncio.sleep(0)


@both_engines
async def test_an_incident_is_worked_on_to_its_end_in_sight_of_every_screen(world: World) -> None:
    monitor = await world.client(Role.MONITOR, PurposeKind.PATROL)
    officer, assistant = await world.client(Role.OFFICER), await world.client(Role.ASSISTANT)
    async with await monitor.stream(path=f"{API}/stream") as screen:
        await listening(world)
        one = await opened(world, monitor)
        assert (one["state"], one["steps"], one["opened_by"]) == ("open", [], "monitor")

        async def shown(state: str) -> dict[str, Any]:
            told: dict[str, Any] = (await next_of(screen, "incident"))["incident"]
            assert (told["id"], told["state"]) == (one["id"], state)
            return told

        await shown("open")
        people = (await officer.get(f"{API}/people?incident={one['id']}"))["people"]
        assert {person["name"] for person in people} == {"admin", "approver", "officer", "assistant", "monitor"}
        wang = next(person["id"] for person in people if person["name"] == "assistant")
        given = await act(officer, one, "assign", user_id=wang)
        assert (given.status, given.body["assigned"]["name"]) == (200, "assistant")
        assert (await shown("assigned"))["steps"] == []
        assert (await act(officer, one, "close", result="x")).code == (409, "incident_stale")
        assert (await act(officer, given.body, "acknowledge")).code == (403, "incident_others")
        (mine,) = (await assistant.get(f"{API}?mine=true"))["incidents"]
        assert mine["steps"] == ["acknowledge"]
        one = (await act(assistant, mine, "acknowledge")).body
        await shown("acknowledged")
        one = (await act(assistant, one, "check", note="无人")).body
        await shown("checked")
        assert (await act(assistant, one, "case", number="B-1")).code == (403, "role")
        one = (await act(officer, one, "case", number="B-1")).body
        assert (one["case_number"], one["title"]) == ("B-1", "有人翻墙")
        await shown("case")
    kept = await officer.get(f"{API}/{one['id']}")
    assert [step["step"] for step in kept["log"]] == ["open", "assign", "acknowledge", "check", "case"]
    cases = (await officer.get("/api/v1/cases"))["cases"]
    assert {one["number"] for one in cases} >= {"B-1"}
    assert (await monitor.get(API))["going"] == 0


async def test_a_suspicious_mark_is_an_incident_on_every_screen(world: World) -> None:
    monitor = await world.client(Role.MONITOR)
    gate = str(world.county.cameras["gate"])
    patrol = await monitor.post("/api/v1/patrols", {"camera_ids": [gate], "reason": "夜班"})
    watcher = await world.client(Role.OFFICER, PurposeKind.CASE)
    async with await watcher.stream(path=f"{API}/stream") as screen:
        await listening(world)
        body = {"camera_id": gate, "verdict": "suspicious", "note": "生人", "incident": {"title": "生人徘徊"}}
        mark = await monitor.post(f"/api/v1/patrols/{patrol['id']}/marks", body)
        told = (await next_of(screen, "incident"))["incident"]
    assert (told["id"], told["mark_id"], told["title"]) == (mark["incident_id"], mark["id"], "生人徘徊")
    assert told["steps"] == ["assign", "close", "case"]


async def test_the_stream_tells_of_ones_villages_only_and_asks_again(serving: Serving) -> None:
    def quick(app: web.Application) -> None:
        app[PACE] = Pace(recheck=0.05)

    world = await serving(quick)
    admin, monitor = (
        await world.client(Role.ADMIN, PurposeKind.PATROL),
        await world.client(Role.MONITOR, PurposeKind.PATROL),
    )
    boss = await users.by_name(world.hub.store, "admin")
    await users.set_grants(world.hub.store, boss.id, (VILLAGE, ELSEWHERE), CONSOLE)
    screen: ClientWebSocketResponse
    async with await monitor.stream(path=f"{API}/stream") as screen:
        await listening(world)
        await opened(world, admin, camera="far")
        near = await opened(world, admin)
        assert (await next_of(screen, "incident"))["incident"]["id"] == near["id"]
        purpose = (await monitor.get("/api/v1/session"))["purpose"]["id"]
        await monitor.post(f"/api/v1/purposes/{purpose}/close", None, 200)
        assert await closed(screen) == PURPOSE_ENDED
    assert (await monitor.ask("GET", f"{API}/stream")).code[0] in (403, 426)


async def test_the_picture_takes_a_patrol_or_a_case(world: World) -> None:
    monitor = await world.client(Role.MONITOR, PurposeKind.PATROL)
    one = await opened(world, monitor)
    got = await monitor.ask("GET", one["picture_url"], raw=True)
    assert (got.status, got.body) == (200, JPEG)
    technician = await world.client(Role.TECHNICIAN, PurposeKind.MAINTENANCE)
    assert (await technician.ask("GET", one["picture_url"])).code == (403, "role")
    admin = await world.client(Role.ADMIN, PurposeKind.MAINTENANCE)
    assert (await admin.ask("GET", one["picture_url"])).code == (403, "purpose_kind")
    without = await world.client(Role.MONITOR)
    assert (await without.ask("GET", one["picture_url"])).code == (403, "purpose_required")
    bare = await opened(world, monitor, picture=False)
    assert (await monitor.ask("GET", bare["picture_url"])).code == (404, "snapshot_none")
    world.hub.media.delete(list(world.hub.media.keys()))
    assert (await monitor.ask("GET", one["picture_url"])).code == (404, "snapshot_missing")


async def test_an_event_has_one_incident_and_only_where_it_may_be_seen(world: World) -> None:
    monitor = await world.client(Role.MONITOR, PurposeKind.PATROL)
    one = await opened(world, monitor)
    again = {"event_id": one["event_id"], "title": "x"}
    assert (await monitor.ask("POST", API, json=again)).code == (409, "incident_exists")
    far = await world.event("far")
    assert (await monitor.ask("POST", API, json={"event_id": str(far), "title": "x"})).code == (404, "event_unknown")
    assert (await monitor.ask("GET", f"{API}/{uuid4()}")).code == (404, "incident_unknown")
    without = await world.client(Role.MONITOR)
    assert (await without.ask("POST", API, json=again)).code == (403, "purpose_required")


@pytest.mark.parametrize("query", ["?cursor=x", "?state=done", "?limit=0", "?prefix=22", "?mine=perhaps"])
async def test_a_query_is_checked(world: World, query: str) -> None:
    monitor = await world.client(Role.MONITOR)
    assert (await monitor.ask("GET", API + query)).status == 422
