"""Answers told line by line: on a real port, with a client that leaves and handlers that fail."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientSession, web

from api import openapi, routing
from api.problems import as_problems
from api.routing import Door, Routes
from api.visitor import Visitor
from registry.errors import Conflict, FieldError, Invalid
from registry.inputs import Input


@dataclass(frozen=True)
class Count:
    number: int


class Order(Input):
    fail: str = ""


class Faults(Exception):
    pass


class Counter:
    """A route that counts for as long as it is told to, and notes when it was closed."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()
        self.routes = Routes("counter", prefix="")

        @self.routes.post("/count", Door.OPEN, status=200, seconds=2)
        async def count(visitor: Visitor, body: Order) -> AsyncGenerator[Count, None]:
            """Count."""
            del visitor
            try:
                if body.fail == "before":
                    raise Invalid("no", FieldError("fail", "no", "no"))
                yield Count(1)
                if body.fail == "known":
                    raise Conflict("taken", code="gb_id_taken")
                if body.fail == "unknown":
                    raise Faults("a secret")
                if body.fail == "late":
                    await asyncio.Event().wait()
                if body.fail == "wrong":
                    yield "two"  # type: ignore[misc]
                yield Count(2)
            finally:
                self.closed.set()

        @self.routes.post("/much", Door.OPEN, status=200, seconds=1)
        async def much(visitor: Visitor) -> AsyncGenerator[str, None]:
            """Say more than anybody reads."""
            del visitor
            try:
                while True:
                    yield "x" * 1_000_000
            finally:
                self.closed.set()

        @self.routes.post("/silent", Door.OPEN, status=200, seconds=None)
        async def silent(visitor: Visitor) -> AsyncGenerator[Count, None]:
            """Say one number and no more."""
            del visitor
            try:
                yield Count(1)
                await asyncio.Event().wait()
            finally:
                self.closed.set()


@pytest.fixture
async def counter() -> AsyncIterator[tuple[Counter, str]]:
    made = Counter()
    app = web.Application(middlewares=[as_problems])

    async def guard(request: web.Request, _: object) -> Visitor:
        return Visitor(request, "127.0.0.1")

    routing.mount(app, made.routes, guard)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield made, f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def asked(url: str, fail: str) -> tuple[int, str, list[dict[str, Any]]]:
    async with ClientSession() as http, http.post(f"{url}/count", json={"fail": fail}) as got:
        return got.status, got.content_type, [json.loads(line) for line in (await got.text()).splitlines()]


async def test_each_line_is_one_document(counter: tuple[Counter, str]) -> None:
    made, url = counter
    assert await asked(url, "") == (200, "application/x-ndjson", [{"number": 1}, {"number": 2}])
    assert made.closed.is_set()


async def test_what_fails_before_the_first_line_is_an_ordinary_problem(counter: tuple[Counter, str]) -> None:
    status, media, (problem,) = await asked(counter[1], "before")
    assert (status, media, problem["fields"][0]["path"]) == (422, "application/problem+json", "body.fail")


@pytest.mark.parametrize(
    ("fail", "code", "status"),
    [("known", "gb_id_taken", 409), ("unknown", "internal", 500), ("late", "timeout", 503), ("wrong", "internal", 500)],
)
async def test_what_fails_later_is_the_last_line(
    counter: tuple[Counter, str], fail: str, code: str, status: int
) -> None:
    made, url = counter
    answered, media, told = await asked(url, fail)
    assert (answered, media, told[0]) == (200, "application/x-ndjson", {"number": 1})
    assert [(one["problem"]["code"], one["problem"]["status"]) for one in told[1:]] == [(code, status)]
    assert "a secret" not in json.dumps(told)
    assert made.closed.is_set()


async def test_a_client_that_leaves_ends_the_work_though_nothing_is_said(counter: tuple[Counter, str]) -> None:
    made, url = counter
    async with ClientSession() as http:
        got = await http.post(f"{url}/silent")
        assert await got.content.readline() == b'{"number":1}\n'
        assert not made.closed.is_set()
        got.close()
    await asyncio.wait_for(made.closed.wait(), 30)


async def test_a_client_that_does_not_read_holds_nothing_beyond_the_time(counter: tuple[Counter, str]) -> None:
    made, url = counter
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(b"POST /much HTTP/1.1\r\nHost: hub\r\n\r\n")
    await reader.readline()
    await asyncio.wait_for(made.closed.wait(), 20)
    assert await asyncio.wait_for(reader.read(), 20)
    writer.close()


def test_the_description_tells_the_shape_of_a_line() -> None:
    document = openapi.describe(list(Counter().routes), title="t", version="1")
    content = document["paths"]["/count"]["post"]["responses"]["200"]["content"]
    assert content == {"application/x-ndjson": {"schema": {"$ref": "#/components/schemas/Count"}}}
    assert set(document["components"]["schemas"]["Count"]["properties"]) == {"number"}
