"""The event stream over a real WebSocket."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError, web

from api.sockets import PACE, PER_SESSION, QUEUE, Pace
from registry import consents, events, sessions, users
from registry.errors import Unavailable
from registry.model import LabelGroup, PurposeKind, Role
from registry.users import CONSOLE

from .conftest import JPEG, Client, Serving, World, both_engines


def quick(**pace: float) -> Any:
    def change(app: web.Application) -> None:
        app[PACE] = Pace(**pace)

    return change


async def next_of(socket: ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    async with asyncio.timeout(10):
        while True:
            message = await socket.receive_json()
            if message["type"] == kind:
                return message


async def closed(socket: ClientWebSocketResponse) -> int | None:
    async with asyncio.timeout(10):
        while (await socket.receive()).type not in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING):
            pass
    return socket.close_code


async def listening(world: World) -> None:
    """Wait until the hub's side of a socket that was just opened listens."""
    async with asyncio.timeout(10):
        while not world.hub.feed._subscriptions:
            await asyncio.sleep(0)


@both_engines
async def test_new_and_changed_events_arrive_with_pictures(world: World) -> None:
    client = await world.client(Role.OFFICER, PurposeKind.PATROL)
    async with await client.stream() as socket:
        await listening(world)
        event_id = await world.event("gate")
        message = await next_of(socket, "event")
        assert message["event"]["id"] == str(event_id)
        assert (await client.ask("GET", message["event"]["snapshot_url"], raw=True)).body == JPEG
        await world.event("gate", id=event_id, revision=2, picture=False)
        assert (await next_of(socket, "event"))["event"]["revision"] == 2


@both_engines
async def test_only_what_scope_consent_and_filters_allow_is_sent(world: World) -> None:
    client = await world.client(Role.OFFICER, PurposeKind.PATROL)
    async with await client.stream("?group=person") as socket:
        await listening(world)
        await world.event("far")
        await world.event("gate", label="dog", group=LabelGroup.ANIMAL)
        store = world.hub.store
        yard = await world.event("yard")
        assert (await next_of(socket, "event"))["event"]["id"] == str(yard)
        assert world.county.consent is not None
        await consents.withdraw(store, world.county.consent, CONSOLE)
        assert world.last is not None
        world.hub.feed.publish([world.last])
        last = await world.event("gate")
        assert (await next_of(socket, "event"))["event"]["id"] == str(last)


@pytest.mark.parametrize(
    ("query", "code"),
    [("?colour=red", (422, "invalid")), ("?limit=5", (422, "invalid")), ("?place=x", (422, "invalid"))],
)
async def test_wrong_filters_are_refused_before_the_socket_opens(world: World, query: str, code: tuple) -> None:
    client = await world.client(Role.OFFICER, PurposeKind.PATROL)
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.stream(query)
    assert refused.value.status == code[0]


async def test_a_stream_needs_a_purpose_and_a_websocket(world: World) -> None:
    client = await world.client(Role.OFFICER)
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.stream()
    assert refused.value.status == 403
    looking = await world.client(Role.OFFICER, PurposeKind.PATROL)
    answer = await looking.ask("GET", "/api/v1/events/stream")
    assert answer.code == (426, "upgrade_required")
    assert answer.headers["Upgrade"] == "websocket"


async def test_it_pings_and_ends_with_the_session(serving: Serving) -> None:
    world = await serving(quick(ping=0.02, recheck=0.02))
    client = await world.client(Role.OFFICER, PurposeKind.PATROL)
    async with await client.stream() as socket:
        assert await next_of(socket, "ping")
        assert (await client.ask("DELETE", "/api/v1/session")).status == 204
        assert await closed(socket) == 4401


async def _close(world: World, client: Client) -> None:
    purpose = (await client.get("/api/v1/session"))["purpose"]
    await client.post(f"/api/v1/purposes/{purpose['id']}/close", None, 200)


async def _take_off(world: World, client: Client) -> None:
    await client.ask("PUT", "/api/v1/session/purpose", json={"purpose_id": None})


async def _switch(world: World, client: Client) -> None:
    other = await client.post("/api/v1/purposes", {"kind": "patrol", "reason": "another"})
    await client.ask("PUT", "/api/v1/session/purpose", json={"purpose_id": other["id"]})


@pytest.mark.parametrize("end", [_close, _take_off, _switch])
async def test_it_ends_with_its_purpose(serving: Serving, end: Any) -> None:
    world = await serving(quick(recheck=0.02))
    client = await world.client(Role.OFFICER, PurposeKind.PATROL)
    async with await client.stream() as socket:
        await end(world, client)
        assert await closed(socket) == 4403


async def test_a_user_made_inactive_is_cut_off(serving: Serving) -> None:
    world = await serving(quick(recheck=0.02))
    client = await world.client(Role.OFFICER, PurposeKind.PATROL)
    async with await client.stream() as socket:
        user = await users.by_name(world.hub.store, "officer")
        await users.change(world.hub.store, user.id, users.UserChange(active=False), CONSOLE)
        assert await closed(socket) in (4401, 4403)


async def test_a_slow_client_is_told_how_many_it_lost(world: World) -> None:
    client = await world.client(Role.OFFICER, PurposeKind.PATROL)
    async with await client.stream() as socket:
        await listening(world)
        await world.event("gate")
        assert await next_of(socket, "event")
        assert world.last is not None
        world.hub.feed.publish([world.last] * (QUEUE + 3))
        assert (await next_of(socket, "lost"))["count"] == 3
        assert await next_of(socket, "event")


async def test_opening_and_counting_are_in_the_audit(world: World) -> None:
    client = await world.client(Role.OFFICER, PurposeKind.CASE)
    async with await client.stream() as socket:
        await listening(world)
        await world.event("gate")
        await world.event("gate")
        await next_of(socket, "event")
        await next_of(socket, "event")
    admin = await world.client(Role.ADMIN)
    async with asyncio.timeout(10):
        while True:
            rows = (await admin.get("/api/v1/audit?user=officer"))["rows"]
            reads = [row for row in rows if row["action"].startswith("event")]
            if len(reads) == 2:
                break
    assert [row["result_count"] for row in reads] == [2, None]
    assert {row["case_number"] for row in reads} == {"A-2026-1"}


async def test_open_streams_are_bounded_and_counted_out(world: World) -> None:
    client = await world.client(Role.OFFICER, PurposeKind.PATROL)
    sockets = [await client.stream() for _ in range(PER_SESSION)]
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.stream()
    assert refused.value.status == 429
    for socket in sockets:
        await socket.close()
    async with asyncio.timeout(10):
        while world.hub.feed._subscriptions:
            await asyncio.sleep(0)
    async with await client.stream():
        pass


async def test_the_hub_says_goodbye_when_it_stops(world: World) -> None:
    client = await world.client(Role.OFFICER, PurposeKind.PATROL)
    socket = await client.stream()
    await listening(world)
    closing = asyncio.create_task(world.server.close())
    assert await closed(socket) == 1001
    await closing


@both_engines
async def test_a_program_streams_with_its_token(world: World) -> None:
    officer = await world.client(Role.OFFICER)
    secret = (await officer.post("/api/v1/tokens", {"name": "x"}))["secret"]
    purpose = await officer.post("/api/v1/purposes", {"kind": "patrol", "reason": "x"})
    program = world.anonymous(**{"Authorization": f"Bearer {secret}", "X-Purpose": purpose["id"]})
    async with await program.stream() as socket:
        await listening(world)
        await world.event("gate")
        assert await next_of(socket, "event")
    assert await sessions.session_by_token(world.hub.store, secret) is None


async def test_a_count_that_could_not_be_written_is_written_when_the_socket_closes(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = await serving(quick(count=0.05))
    client, admin = await world.client(Role.OFFICER, PurposeKind.PATROL), await world.client(Role.ADMIN)
    write, failed = events.watched, asyncio.Event()

    async def locked_once(*args: object) -> int:
        if not failed.is_set():
            failed.set()
            raise Unavailable("the database is locked", code="database_locked")
        return await write(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(events, "watched", locked_once)
    async with await client.stream() as socket:
        await listening(world)
        await world.event("gate")
        assert await next_of(socket, "event")
        assert await closed(socket) == 1013
    async with asyncio.timeout(10):
        while not (rows := (await admin.get("/api/v1/audit?action=events.streamed"))["rows"]):
            await asyncio.sleep(0)
    assert [(row["result_count"], row["user"]) for row in rows] == [(1, "officer")]
