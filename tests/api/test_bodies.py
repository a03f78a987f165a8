"""Every route that takes a body, walked by the route table: one that is too long is 413, one that never comes is given up."""

from __future__ import annotations

import asyncio
import dataclasses
import json

import pytest

from api import all_routes, description, routing, taking
from api.routing import UNSAFE, Door, Route
from registry.model import PurposeKind, Role

from .conftest import VILLAGE, Answer, Client, World
from .test_auth import path_of as any_path

TAKING = [route for route in all_routes() if route.body is not None]
LARGEST = 20 << 20


def path_of(route: Route) -> str:
    """A path in order, and its query: what is wrong of them would be told before the body is read."""
    path = any_path(dataclasses.replace(route, path=route.path.replace("{code}", VILLAGE).replace("{name}", "hall")))
    return path + ("?offset=0" if route.name == "giving_piece" else "")


def media(route: Route) -> str:
    return taking.UPLOAD if route.upload else "application/json"


def test_each_limit_is_described_and_within_reason() -> None:
    paths = description()["paths"]
    for route in TAKING:
        assert 0 < route.most_bytes <= LARGEST
        operation = paths[route.path][route.method.lower()]
        assert operation["requestBody"]["x-most-bytes"] == route.most_bytes, route.path
        assert "413" in operation["responses"], route.path


def test_what_changes_something_takes_json_or_a_file_so_that_no_foreign_form_can_send_it() -> None:
    assert {route.method for route in TAKING} <= UNSAFE


async def sent(client: Client, route: Route, size: int) -> Answer:
    async def body() -> object:
        left = size
        while left > 0:
            yield b"1" * min(left, 1 << 18)
            left -= 1 << 18

    # Chunked, so that its length is not told beforehand: it must be counted.
    return await client.ask(route.method, path_of(route), data=body(), headers={"Content-Type": media(route)})


async def test_a_body_that_is_too_long_is_refused(world: World) -> None:
    client = await world.client(Role.ADMIN, PurposeKind.CASE)
    for route in TAKING:
        if route.gate is Door.OPEN:
            continue
        answer = await sent(client, route, route.most_bytes + (1 << 18))
        assert answer.code == (413, "too_large"), (route.method, route.path, answer)
    anonymous = await sent(world.anonymous(), TAKING[0], routing.BODY_BYTES + (1 << 18))
    assert anonymous.status == 413


async def test_who_may_not_is_told_so_before_his_body_is_read(world: World) -> None:
    nobody, auditor = world.anonymous(), await world.client(Role.AUDITOR)
    for route in TAKING:
        if route.gate is Door.OPEN:
            continue
        assert (await sent(nobody, route, 10)).status == 401, route.path
        if not isinstance(route.gate, Door):
            assert (await sent(auditor, route, 10)).status == 403, route.path


async def stalled(world: World, client: Client, route: Route) -> tuple[int, str]:
    """Announce a body, send its first byte, and wait."""
    host, port = world.server.host, world.server.port
    reader, writer = await asyncio.open_connection(host, port)
    lines = [f"{route.method} {path_of(route)} HTTP/1.1", f"Host: {host}:{port}", f"Content-Type: {media(route)}"]
    lines += ["Content-Length: 10", *(f"{name}: {value}" for name, value in client.headers.items())]
    writer.write(("\r\n".join(lines) + "\r\n\r\n1").encode())
    async with asyncio.timeout(30):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            int(line.split(":")[1]) for line in head.splitlines() if line.lower().startswith("content-length")
        )
        told = json.loads(await reader.readexactly(length))
    writer.close()
    return int(head.split()[1]), told["code"]


async def test_a_body_that_never_comes_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "BODY_SECONDS", 0.3)
    monkeypatch.setattr(taking, "UPLOAD_SECONDS", 0.3)
    client = await world.client(Role.ADMIN, PurposeKind.CASE)
    told = await asyncio.gather(*(stalled(world, client, route) for route in TAKING))
    wrong = {route.path: said for route, said in zip(TAKING, told, strict=True) if said != (503, "timeout")}
    assert wrong == {}
