"""Proofs that are forged, replayed, expired or taken away, on every route and every WebSocket.

Tickets of pictures, segments, clips and marks: test_events, test_recording_faults, test_patrols.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSServerHandshakeError, web

from api import all_routes
from api.routing import Door, Route
from api.sockets import PACE, Pace
from registry import users
from registry.model import PurposeKind, Role
from registry.users import CONSOLE

from .conftest import Client, Serving, World
from .test_auth import path_of
from .test_stream import closed

GATED = [route for route in all_routes() if route.gate is not Door.OPEN]
SOCKETS = [route for route in GATED if route.status == 101]


def paths() -> Iterator[tuple[str, str]]:
    for route in GATED:
        yield route.method, path_of(route)


def socket_path(route: Route) -> str:
    return route.path.replace("{name}", "hall")


async def refused_everywhere(client: Client) -> None:
    """Not one route answers, and not one WebSocket opens, for what the client shows."""
    for method, path in paths():
        answer = await client.ask(method, path)
        assert answer.code == (401, "not_signed_in"), (method, path, answer)
    for route in SOCKETS:
        with pytest.raises(WSServerHandshakeError) as refused:
            await client.stream(path=socket_path(route))
        assert refused.value.status == 401, route.path


@pytest.mark.parametrize(
    "forge",
    [
        lambda: {"Cookie": f"hub_session={secrets.token_urlsafe(32)}"},
        lambda: {"Authorization": f"Bearer {secrets.token_urlsafe(32)}"},
    ],
    ids=["session", "token"],
)
async def test_a_forged_proof_opens_nothing(world: World, forge: Callable[[], dict[str, str]]) -> None:
    await refused_everywhere(world.anonymous(**forge()))


async def with_token(world: World) -> Client:
    officer = await world.client(Role.OFFICER)
    made = await officer.post("/api/v1/tokens", {"name": "program"})
    return world.anonymous(Authorization=f"Bearer {made['secret']}")


async def with_session(world: World) -> Client:
    return await world.client(Role.OFFICER, PurposeKind.CASE)


async def later(world: World, client: Client) -> None:
    del client
    then = world.hub.store.clock() + timedelta(days=3650)
    world.hub.store.clock = lambda: then


async def deactivated(world: World, client: Client) -> None:
    del client
    user = await users.by_name(world.hub.store, Role.OFFICER.value)
    await users.change(world.hub.store, user.id, users.UserChange(active=False), CONSOLE)


async def signed_out(world: World, client: Client) -> None:
    del world
    if "Cookie" in client.headers:
        assert (await client.ask("DELETE", "/api/v1/session")).status == 204
        return
    (token,) = (await client.get("/api/v1/tokens"))["tokens"]
    assert (await client.ask("DELETE", f"/api/v1/tokens/{token['id']}")).status == 204


@pytest.mark.parametrize("end", [later, deactivated, signed_out], ids=["expired", "deactivated", "replayed"])
@pytest.mark.parametrize("proof", [with_session, with_token], ids=["session", "token"])
async def test_what_has_ended_opens_nothing_any_more(world: World, proof: Any, end: Any) -> None:
    client: Client = await proof(world)
    assert (await client.ask("GET", "/api/v1/cameras")).status == 200
    await end(world, client)
    await refused_everywhere(client)


async def until_closed(socket: ClientWebSocketResponse) -> int | None:
    async with asyncio.timeout(10):
        return await closed(socket)


@pytest.mark.parametrize("end", [later, deactivated, signed_out], ids=["expired", "deactivated", "signed out"])
@pytest.mark.parametrize(
    "route",
    [route for route in SOCKETS if route.path != "/api/v1/live"],  # needs a worker: test_live
    ids=lambda route: route.path,
)
async def test_a_stream_ends_with_what_it_rests_on(serving: Serving, route: Route, end: Any) -> None:
    def quick(app: web.Application) -> None:
        app[PACE] = Pace(recheck=0.02)

    world = await serving(quick)
    client = await with_session(world)
    async with await client.stream(path=socket_path(route)) as socket:
        await end(world, client)
        assert await until_closed(socket) in (4401, 4403)
