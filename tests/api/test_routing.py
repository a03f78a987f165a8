"""Routing, problems and OpenAPI on tiny real applications: a real port, a real client, no hub."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api import openapi, problems, routing
from api.routing import Door, Needs, Route, Routes
from api.visitor import Call, Look, Visitor
from registry.errors import Corrupt, Denied, HubError, NotFound, TooMany, Unreachable
from registry.model import Internal, Role
from registry.permissions import Permission

ID = UUID("0199f7b0-0000-7000-8000-000000000001")


class Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: tuple[Role, ...] = ()
    limit: int = Field(50, ge=1, le=200)
    since: AwareDatetime | None = None


class NewThing(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=20)
    parts: list[int] = Field(default=[], max_length=3)


@dataclass(frozen=True, slots=True)
class Thing:
    no: Internal
    id: UUID
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Things:
    things: tuple[Thing, ...]
    limit: int


async def open_guard(request: web.Request, route: Route) -> Visitor:
    return Visitor(request, request.remote or "")


class Tiny:
    """A served application made of routes, and a client for it."""

    def __init__(self, server: TestServer, client: ClientSession) -> None:
        self.server, self.client = server, client

    async def ask(self, method: str, path: str, **more: object) -> tuple[int, dict, dict]:
        url = self.server.make_url(path)
        async with self.client.request(method, url, **more) as answer:
            raw = await answer.read()
            return answer.status, dict(answer.headers), json.loads(raw) if raw else {}


Serve = Callable[[Routes], Awaitable[Tiny]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    stops = []

    async def start(routes: Routes) -> Tiny:
        app = web.Application(middlewares=[problems.as_problems], client_max_size=2**20)
        routing.mount(app, list(routes), open_guard)
        server = TestServer(app)
        await server.start_server()
        client = ClientSession()
        stops.extend([client.close, server.close])
        return Tiny(server, client)

    yield start
    for stop in stops:
        await stop()


def things() -> Routes:
    routes = Routes("things", "")
    at = datetime(2026, 11, 23, 17, 44, 17, tzinfo=UTC)

    @routes.get("/things", Door.OPEN)
    async def search(visitor: Visitor, query: Wanted) -> Things:
        """Things.

        Newest first.
        """
        return Things(tuple(Thing(7, ID, kind.value, at) for kind in query.kind), query.limit)

    @routes.post("/things", Door.OPEN)
    async def create(visitor: Visitor, body: NewThing) -> Thing:
        return Thing(7, ID, body.name, at)

    @routes.get("/things/{thing_id}", Door.OPEN)
    async def get(visitor: Visitor, thing_id: UUID) -> Thing:
        raise NotFound("no such thing", thing=str(thing_id))

    @routes.delete("/things/{thing_id}", Door.OPEN)
    async def remove(visitor: Visitor, thing_id: UUID) -> None:
        return None

    return routes


async def test_a_query_is_parsed_repeated_keys_are_collections_and_internal_numbers_stay(serve: Serve) -> None:
    tiny = await serve(things())
    status, headers, body = await tiny.ask("GET", "/things?kind=admin&kind=officer&limit=3")
    assert status == 200
    assert headers["Content-Type"].startswith("application/json")
    assert body["limit"] == 3
    assert body["things"][1] == {"id": str(ID), "name": "officer", "at": "2026-11-23T17:44:17Z"}


@pytest.mark.parametrize(
    ("query", "path", "code"),
    [
        ("limit=0", "query.limit", "greater_than_equal"),
        ("limit=1&limit=2", "query.limit", "repeated"),
        ("colour=red", "query.colour", "extra_forbidden"),
        ("kind=admin&kind=king", "query.kind.1", "enum"),
        ("since=2026-11-23T17:44:17", "query.since", "timezone_aware"),
        ("limit=" + "9" * 5000, "query.limit", "int_parsing_size"),
        ("kind=%00", "query", "nul"),
        ("kind=", "query.kind", "empty"),
    ],
)
async def test_a_wrong_query_names_its_field(serve: Serve, query: str, path: str, code: str) -> None:
    tiny = await serve(things())
    status, headers, body = await tiny.ask("GET", f"/things?{query}")
    assert status == 422
    assert headers["Content-Type"].startswith("application/problem+json")
    assert body["code"] == "invalid"
    assert [(field["path"], field["code"]) for field in body["fields"]] == [(path, code)]


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b'{"name":"a","colour":1}', "body.colour"),
        (b'{"name":"a","parts":[1,2,3,4]}', "body.parts"),
        (b'{"name":"a","parts":[1,"x"]}', "body.parts.1"),
        (b'{"name":"a\\u0000b"}', "body.name"),
        (b'{"name":"\\ud800"}', "body"),
        (b'{"name":"\xff"}', "body"),
        (b"[" * 100_000, "body"),
        (b'{"parts":' + b"[" * 5000 + b"]" * 5000 + b',"name":"\\u0000"}', "body"),
        (b'{"parts":[' + b"9" * 9000 + b'],"name":"a"}', "body"),
        (b"", "body"),
        (b"NaN", "body"),
        (b'{"name":', "body"),
    ],
)
async def test_a_wrong_body_is_refused_with_its_field(serve: Serve, raw: bytes, path: str) -> None:
    tiny = await serve(things())
    status, _, body = await tiny.ask("POST", "/things", data=raw, headers={"Content-Type": "application/json"})
    assert status == 422
    assert body["fields"][0]["path"] == path


async def test_an_escaped_backslash_before_u0000_is_no_nul(serve: Serve) -> None:
    tiny = await serve(things())
    status, _, body = await tiny.ask("POST", "/things", json={"name": "\\u0000"})
    assert (status, body["name"]) == (201, "\\u0000")


async def test_statuses_of_creating_and_removing(serve: Serve) -> None:
    tiny = await serve(things())
    assert (await tiny.ask("POST", "/things", json={"name": "村"}))[0] == 201
    assert (await tiny.ask("DELETE", f"/things/{ID}"))[0] == 204


async def test_a_body_must_be_json_and_small(serve: Serve) -> None:
    tiny = await serve(things())
    status, _, body = await tiny.ask("POST", "/things", data=b"name=a")
    assert (status, body["code"]) == (415, "unsupported_media_type")
    huge = io.BytesIO(json.dumps({"name": "a" * 10_000_000}).encode())
    status, _, body = await tiny.ask("POST", "/things", data=huge, headers={"Content-Type": "application/json"})
    assert (status, body["code"]) == (413, "too_large")


async def test_a_body_that_is_not_what_its_encoding_says_is_refused(serve: Serve) -> None:
    tiny = await serve(things())
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    status, _, body = await tiny.ask("POST", "/things", data=b"plain", headers=headers)
    assert status in (400, 422)
    assert body["code"] in ("invalid", "bad_request")


async def test_path_errors_unknown_paths_and_methods_are_problems(serve: Serve) -> None:
    tiny = await serve(things())
    status, _, body = await tiny.ask("GET", "/things/1%00")
    assert (status, body["fields"][0]["path"]) == (422, "path.thing_id")
    status, _, body = await tiny.ask("GET", f"/things/{ID}")
    assert (status, body["code"], body["params"]) == (404, "not_found", {"thing": str(ID)})
    assert (await tiny.ask("GET", "/nothing"))[2]["code"] == "not_found"
    status, headers, body = await tiny.ask("PATCH", "/things")
    assert (status, body["code"]) == (405, "method_not_allowed")
    assert "POST" in headers["Allow"]
    status, headers, body = await tiny.ask("HEAD", "/things")
    assert (status, body) == (200, {})


async def test_what_nobody_expected_is_500_without_its_text(serve: Serve) -> None:
    routes = Routes("broken", "")

    @routes.get("/raises", Door.OPEN)
    async def raises(visitor: Visitor) -> Thing:
        raise ZeroDivisionError("secret detail")

    @routes.get("/lies", Door.OPEN)
    async def lies(visitor: Visitor) -> Thing:
        return Thing(1, "not an id", "x", datetime.now(UTC))  # type: ignore[arg-type]

    tiny = await serve(routes)
    for path in ("/raises", "/lies"):
        status, _, body = await tiny.ask("GET", path)
        assert (status, body["code"]) == (500, "internal")
        assert "secret" not in json.dumps(body)


async def test_a_handler_that_takes_too_long_is_told_so(serve: Serve) -> None:
    routes = Routes("slow", "")

    @routes.get("/slow", Door.OPEN, seconds=0.01)
    async def slow(visitor: Visitor) -> Thing:
        await asyncio.Event().wait()
        raise AssertionError

    tiny = await serve(routes)
    status, _, body = await tiny.ask("GET", "/slow")
    assert (status, body["code"]) == (503, "timeout")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Denied("no", code="purpose_required"), 403),
        (TooMany("wait", retry_after_s=12.2), 429),
        (Corrupt("chain"), 500),
        (Unreachable("camera"), 502),
        (HubError("?"), 500),
    ],
)
def test_every_kind_of_error_has_its_status(error: HubError, status: int) -> None:
    answer = problems.answer(error)
    assert answer.status == status
    assert json.loads(answer.body)["code"] == error.code
    assert answer.headers.get("Retry-After") == ("13" if status == 429 else None)


def test_the_table_of_statuses_covers_every_kind() -> None:
    kinds = [HubError]
    for kind in kinds:
        kinds += kind.__subclasses__()
        assert 400 <= problems.status_of(kind.__new__(kind)) < 600


def test_a_route_must_be_declared_with_what_its_gate_proves() -> None:
    routes = Routes("wrong")

    async def takes_visitor(visitor: Visitor) -> Thing: ...
    async def takes_call(call: Call) -> Thing: ...
    async def takes_more(look: Look, other_id: UUID) -> Thing: ...

    with pytest.raises(TypeError, match="gate"):
        routes.get("/a")(takes_visitor)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="Visitor"):
        routes.get("/a", Permission.SEE_EVENTS)(takes_visitor)
    with pytest.raises(TypeError, match="Look"):
        routes.get("/a", Permission.SEE_EVENTS, needs=Needs.PURPOSE)(takes_call)
    with pytest.raises(TypeError, match="permission"):
        routes.get("/a", None)(takes_call)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="thing_id"):
        routes.get("/a/{thing_id}", Permission.SEE_EVENTS, needs=Needs.PURPOSE)(takes_more)
    assert list(routes) == []


def test_the_description_names_parameters_bodies_answers_and_problems() -> None:
    document = openapi.describe(list(things()), title="t", version="1")
    search = document["paths"]["/things"]["get"]
    by_name = {parameter["name"]: parameter for parameter in search["parameters"]}
    assert by_name["kind"]["schema"]["type"] == "array"
    assert by_name["since"]["schema"]["format"] == "date-time"
    assert by_name["limit"]["schema"]["maximum"] == 200
    assert search["description"] == "Newest first."
    create = document["paths"]["/things"]["post"]
    assert create["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/NewThing"}
    assert set(create["responses"]) == {"201", "413", "415", "422", "503"}
    assert "no" not in document["components"]["schemas"]["Thing"]["properties"]
    assert "application/problem+json" in create["responses"]["422"]["content"]
    assert set(document["paths"]["/things/{thing_id}"]["delete"]["responses"]) == {"204", "404", "422", "503"}


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=40) | JSON_VALUES, min_size=1, max_size=20))
def test_no_body_makes_the_hub_fail(bodies: list[object]) -> None:
    async def send_all() -> None:
        app = web.Application(middlewares=[problems.as_problems])
        routing.mount(app, list(things()), open_guard)
        async with TestServer(app) as server, ClientSession() as client:
            for body in bodies:
                raw = body if isinstance(body, bytes) else json.dumps(body).encode()
                headers = {"Content-Type": "application/json"}
                async with client.post(server.make_url("/things"), data=raw, headers=headers) as answer:
                    assert answer.status in (201, 422), await answer.text()

    asyncio.run(send_all())
