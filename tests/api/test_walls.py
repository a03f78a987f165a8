"""Saved walls, wall screens and who watched what, over HTTP."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from registry import audit, consents, users, viewings
from registry.live import Wanted
from registry.live import open as watch
from registry.model import Access, Actor, ConsentScope, PurposeKind, Role
from registry.purposes import OpenPurpose
from registry.purposes import open as open_purpose
from registry.users import CONSOLE

from .conftest import ELSEWHERE, Client, World, both_engines

PATROL = PurposeKind.PATROL


async def screen(client: Client, name: str, query: str = "", **more: Any) -> ClientWebSocketResponse:
    return await client.stream(query, path=f"/api/v1/screens/{name}", **more)


async def told(socket: ClientWebSocketResponse) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while (message := await socket.receive_json())["type"] == "ping":
            pass
    return dict(message)


@both_engines
async def test_a_wall_is_kept_shared_and_changed_by_its_owner_alone(world: World) -> None:
    monitor, officer = await world.client(Role.MONITOR), await world.client(Role.OFFICER)
    gate = str(world.county.cameras["gate"])
    body = {"layout": "1+5", "tiles": [gate, None], "rotation": {"cameras": [gate], "dwell_s": 15}, "activity": None}
    made = await monitor.post("/api/v1/walls", {"name": "夜班", "shared": True, "body": body})
    assert (made["revision"], made["mine"], made["owner"], made["body"]["tiles"]) == (1, True, "monitor", [gate, None])
    (listed,) = (await officer.get("/api/v1/walls"))["walls"]
    assert (listed["id"], listed["mine"]) == (made["id"], False)
    change = {"name": "夜班", "shared": False, "body": {"layout": "1"}, "expected_revision": 1}
    assert (await officer.ask("PUT", f"/api/v1/walls/{made['id']}", json=change)).code == (404, "wall_unknown")
    assert (await monitor.ask("PUT", f"/api/v1/walls/{made['id']}", json=change)).body["revision"] == 2
    assert (await monitor.ask("PUT", f"/api/v1/walls/{made['id']}", json=change)).code == (409, "wall_stale")
    assert (await officer.get("/api/v1/walls"))["walls"] == []
    assert (await monitor.ask("DELETE", f"/api/v1/walls/{made['id']}")).status == 204
    assert (await monitor.get("/api/v1/walls"))["walls"] == []


async def test_a_wall_takes_nothing_its_owner_may_not_see(world: World) -> None:
    monitor = await world.client(Role.MONITOR)
    for tiles in ([str(world.county.cameras["far"])], [str(uuid4())]):
        new = {"name": "x", "body": {"layout": "4", "tiles": tiles}}
        assert (await monitor.ask("POST", "/api/v1/walls", json=new)).code == (422, "invalid")
    new = {"name": "x", "body": {"layout": "4", "activity": {"prefixes": [ELSEWHERE]}}}
    assert (await monitor.ask("POST", "/api/v1/walls", json=new)).code == (403, "out_of_scope")
    new = {"name": "x", "body": {"layout": "4", "tiles": [None] * 5}}
    assert (await monitor.ask("POST", "/api/v1/walls", json=new)).status == 422


@both_engines
async def test_a_camera_is_pushed_to_a_screen_on_record(world: World) -> None:
    officer, monitor = await world.client(Role.OFFICER, PATROL), await world.client(Role.MONITOR, PATROL)
    gate = str(world.county.cameras["gate"])
    async with await screen(monitor, "大屏", "?layout=16") as socket:
        (listed,) = (await officer.get("/api/v1/screens"))["screens"]
        assert (listed["name"], listed["layout"], listed["user"]) == ("大屏", "16", "用户 monitor")
        show = {"camera_id": gate, "tile": 3}
        assert (await officer.ask("POST", "/api/v1/screens/大屏/show", json=show)).status == 204
        assert await told(socket) == {"type": "show", "camera": gate, "tile": 3, "by": "用户 officer"}
        assert (await officer.ask("POST", "/api/v1/screens/小屏/show", json=show)).code == (404, "screen_unknown")
        for wrong in ({"camera_id": gate, "tile": 25}, {"camera_id": "x"}, {"tile": 1}):
            assert (await officer.ask("POST", "/api/v1/screens/大屏/show", json=wrong)).status == 422
        far = {"camera_id": str(world.county.cameras["far"])}
        assert (await officer.ask("POST", "/api/v1/screens/大屏/show", json=far)).code == (404, "camera_unknown")
        yard = {"camera_id": str(world.county.cameras["yard"])}
        assert (await officer.ask("POST", "/api/v1/screens/大屏/show", json=yard)).code == (403, "live_no_consent")
    rows = [row for row in await audit.list_rows(world.hub.store, CONSOLE) if row.action == "wall.push"]
    assert [(row.user, row.cameras, row.result_count, row.purpose_kind) for row in rows] == [
        ("officer", (gate,), 1, PATROL)
    ]
    async with asyncio.timeout(10):
        while (await officer.get("/api/v1/screens"))["screens"]:
            pass


async def test_what_the_screens_user_may_not_watch_is_not_pushed_to_him(world: World) -> None:
    store = world.hub.store
    officer, monitor = await world.client(Role.OFFICER, PATROL), await world.client(Role.MONITOR, PATROL)
    await users.set_grants(store, (await users.by_name(store, "officer")).id, (ELSEWHERE,), CONSOLE)
    far = {"camera_id": str(world.county.cameras["far"])}
    async with await screen(monitor, "wall"):
        refused = await officer.ask("POST", "/api/v1/screens/wall/show", json=far)
        assert refused.code == (409, "screen_may_not")
        purpose = (await monitor.get("/api/v1/session"))["purpose"]["id"]
        await users.set_grants(store, (await users.by_name(store, "officer")).id, (ELSEWHERE[:6],), CONSOLE)
        await monitor.ask("POST", f"/api/v1/purposes/{purpose}/close")
        gate = {"camera_id": str(world.county.cameras["gate"])}
        refused = await officer.ask("POST", "/api/v1/screens/wall/show", json=gate)
        assert refused.code in {(409, "screen_may_not"), (404, "screen_unknown")}, "his look is over"


async def test_a_screen_has_one_holder_who_may_be_relieved(world: World) -> None:
    one, other = await world.client(Role.MONITOR, PATROL), await world.client(Role.OFFICER, PATROL)
    first = await screen(one, "wall")
    with pytest.raises(WSServerHandshakeError) as taken:
        await screen(other, "wall")
    assert taken.value.status == 409
    async with await screen(other, "wall", "?take=true") as second:
        async with asyncio.timeout(10):
            while (message := await first.receive()).type is not WSMsgType.CLOSE:
                pass
        assert (message.data, message.extra) == (4403, "screen_taken")
        (listed,) = (await one.get("/api/v1/screens"))["screens"]
        assert listed["user"] == "用户 officer"
        gate = {"camera_id": str(world.county.cameras["gate"])}
        await one.ask("POST", "/api/v1/screens/wall/show", json=gate)
        assert (await told(second))["tile"] is None
    for name, status in (("x" * 33, 422), ("wall", 403)):
        client = one if status == 422 else await world.client(Role.MONITOR)
        with pytest.raises(WSServerHandshakeError) as refused:
            await screen(client, name)
        assert refused.value.status == status


@both_engines
async def test_who_watched_what_is_for_those_who_read_the_register(world: World) -> None:
    store = world.hub.store
    user = await users.by_name(store, "monitor")
    actor = Actor(user, "127.0.0.1")
    access = Access(actor, await open_purpose(store, OpenPurpose(kind=PATROL, reason="夜班"), actor))
    gate = world.county.cameras["gate"]
    await consents.create(
        store,
        world.county.cameras["shut"],
        consents.NewConsent(owner_name="户主", scopes=frozenset({ConsentScope.LIVE}), text_version="2026-1"),
        CONSOLE,
    )
    for _ in range(3):
        (watched,) = await watch(store, access, [Wanted(gate, "sub", "video")])
    await viewings.end(
        store,
        access,
        [viewings.Ended(watched.viewing, gate, watched.opened_at, 42.5, "left")],  # type: ignore[union-attr,arg-type]
    )
    admin = await world.client(Role.ADMIN)
    page = await admin.get(f"/api/v1/viewings?camera={gate}&user=monitor&limit=2")
    newest, _ = page["viewings"]
    assert (newest["seconds"], newest["why"], newest["user"], newest["purpose_kind"], newest["stream"]) == (
        42.5,
        "left",
        "monitor",
        "patrol",
        "sub",
    )
    rest = await admin.get(f"/api/v1/viewings?cursor={page['next_cursor']}")
    assert len(rest["viewings"]) == 1
    assert rest["viewings"][0]["closed_at"] is None
    assert (await admin.get("/api/v1/viewings?user=officer"))["viewings"] == []
    assert (await (await world.client(Role.OFFICER)).ask("GET", "/api/v1/viewings")).code == (403, "role")
    read = [row for row in await audit.list_rows(store, CONSOLE) if row.action == "viewing.read"]
    assert [row.result_count for row in read] == [0, 1, 2]
