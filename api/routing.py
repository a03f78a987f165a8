"""The one place where HTTP meets pydantic: a route is declared once and is thereby guarded, validated and described.

A route names its gate (a permission, `Door.SIGNED_IN` or `Door.OPEN`): without one it cannot be declared, and what the
gate proved is what the handler's first parameter may be (`Visitor`, `Call`, `Look`). The other parameters say what
else it takes: `body` (a pydantic model, or `bytes` for a file), `query` (a pydantic model; a field that is a collection
is the key repeated), and one parameter for each name in the path. The return annotation is what is sent and described;
a handler that is an async generator is told line by line (`api.lines`), and `AsyncGenerator[Line, None]` describes each
line.

`taking` reads what a request brings. It meets, in this order: sign-in, CSRF, permission, purpose, path, query, body. So
nobody learns from a validation error what he may not see.
"""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, TypeVar, get_args, get_type_hints

from aiohttp import web
from pydantic import BaseModel, TypeAdapter

from api import lines, taking
from api.crowd import CROWD
from api.problems import placed
from api.visitor import Call, Look, Visitor
from registry.errors import Invalid, Unavailable
from registry.permissions import Permission

HANDLER_SECONDS = 30.0
BODY_BYTES = 2**20
"""How long a body may be, where a route does not say otherwise."""
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})

Handler = Callable[..., Any]
"""A coroutine function, or an async generator function."""
_Fn = TypeVar("_Fn", bound=Handler)


class Door(Enum):
    """Gates that are no permission."""

    OPEN = "open"
    """Anybody, signed in or not."""
    SIGNED_IN = "signed_in"
    """Anybody who signed in: what a user does with what is his own."""


class Needs(Enum):
    """Whether a route needs a purpose."""

    NOTHING = "nothing"
    PURPOSE = "purpose"


Gate = Permission | Door


class Guard(Protocol):
    """Lets a request through a gate, or raises NotSignedIn or Denied."""

    async def __call__(self, request: web.Request, route: Route) -> Visitor:
        """Return the Visitor, Call or Look that the route's gate and needs prove."""
        ...


@dataclass(frozen=True, slots=True)
class Route:
    """One declared route. `path` holds `{name}` for each path parameter."""

    method: str
    path: str
    gate: Gate
    needs: Needs
    handler: Handler
    tag: str
    status: int
    seconds: float | None
    raw: tuple[str, ...]
    errors: frozenset[int]
    costly: bool
    path_types: Mapping[str, TypeAdapter[Any]]
    query: type[BaseModel] | None
    without: frozenset[str]
    body: TypeAdapter[Any] | None
    upload: bool
    most_bytes: int
    answer: TypeAdapter[Any] | None
    line: TypeAdapter[Any] | None

    @property
    def name(self) -> str:
        """Operation id: the tag and the handler's name."""
        return f"{self.tag}_{self.handler.__name__}"


class Routes:
    """The routes of one noun. `raw` is the media type (or types) of a handler that makes its own response."""

    def __init__(self, tag: str, prefix: str = "/api/v1") -> None:
        self.tag = tag
        self._prefix = prefix
        self._routes: list[Route] = []

    def __iter__(self) -> Iterator[Route]:
        return iter(self._routes)

    def get(self, path: str, gate: Gate, **options: Any) -> Callable[[_Fn], _Fn]:
        """Declare a read."""
        return self.add("GET", path, gate, **options)

    def post(self, path: str, gate: Gate, **options: Any) -> Callable[[_Fn], _Fn]:
        """Declare a creation (201) or, with `status=200`, an action."""
        return self.add("POST", path, gate, **{"status": 201, **options})

    def put(self, path: str, gate: Gate, **options: Any) -> Callable[[_Fn], _Fn]:
        """Declare a replacement."""
        return self.add("PUT", path, gate, **options)

    def patch(self, path: str, gate: Gate, **options: Any) -> Callable[[_Fn], _Fn]:
        """Declare a change of some fields."""
        return self.add("PATCH", path, gate, **options)

    def delete(self, path: str, gate: Gate, **options: Any) -> Callable[[_Fn], _Fn]:
        """Declare a removal."""
        return self.add("DELETE", path, gate, **options)

    def add(
        self,
        method: str,
        path: str,
        gate: Gate,
        *,
        needs: Needs = Needs.NOTHING,
        status: int = 200,
        seconds: float | None = HANDLER_SECONDS,
        raw: str | Iterable[str] = (),
        errors: Iterable[int] = (),
        without: Iterable[str] = (),
        most_bytes: int = BODY_BYTES,
        costly: bool = False,
    ) -> Callable[[_Fn], _Fn]:
        """Declare a route; TypeError when the handler's parameters do not fit the path, the gate or the needs.

        `seconds` bounds the handler (None: no bound, for a WebSocket); `errors` are statuses beyond those that follow
        from the declaration; `without` are fields of the query model that this route does not take; `most_bytes` is how
        long its body may be; `costly` is what a signed-in user waits for his turn with (`api.crowd`).
        """

        def declare(fn: _Fn) -> _Fn:
            hints = get_type_hints(fn, include_extras=True)
            names = list(inspect.signature(fn).parameters)
            _check_first(fn, hints[names[0]], gate, needs)
            if costly and gate is Door.OPEN:
                raise TypeError(f"{fn.__qualname__}: turns are taken by users, and nobody is signed in here")
            in_path = re.findall(r"{(\w+)}", path)
            given = [name for name in names[1:] if name not in ("body", "query")]
            if sorted(in_path) != sorted(given):
                raise TypeError(f"{fn.__qualname__}: path has {in_path}, handler takes {given}")
            returns: Any = hints["return"]
            line = TypeAdapter[Any](get_args(returns)[0]) if inspect.isasyncgenfunction(fn) else None
            media = (lines.MEDIA_TYPE,) if line else (raw,) if isinstance(raw, str) else tuple(raw)
            sends: TypeAdapter[Any] | None = None if media or returns is type(None) else TypeAdapter(returns)
            self._routes.append(
                Route(
                    method=method,
                    path=self._prefix + path,
                    gate=gate,
                    needs=needs,
                    handler=fn,
                    tag=self.tag,
                    status=status if sends or media else 204,
                    seconds=seconds,
                    raw=media,
                    errors=frozenset(errors),
                    costly=costly,
                    path_types={name: TypeAdapter(hints[name]) for name in in_path},
                    query=hints.get("query"),
                    without=frozenset(without),
                    body=TypeAdapter(hints["body"]) if "body" in hints else None,
                    upload=hints.get("body") is bytes,
                    most_bytes=most_bytes,
                    answer=sends,
                    line=line,
                )
            )
            return fn

        return declare


def mount(app: web.Application, routes: Iterable[Route], guard: Guard) -> None:
    """Add the routes to the application; a GET answers HEAD, too."""
    for route in routes:
        run = _endpoint(route, guard)
        app.router.add_route(route.method, route.path, run)
        if route.method == "GET" and route.seconds is not None:
            app.router.add_route("HEAD", route.path, run)


def _check_first(fn: Handler, first: object, gate: Gate, needs: Needs) -> None:
    wanted = Look if needs is Needs.PURPOSE else Visitor if gate is Door.OPEN else Call
    if first is not wanted:
        raise TypeError(f"{fn.__qualname__}: its gate proves a {wanted.__name__}, its first parameter is {first}")
    if not isinstance(gate, Permission | Door):
        raise TypeError(f"{fn.__qualname__}: {gate!r} is no permission")


def _endpoint(route: Route, guard: Guard) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def endpoint(request: web.Request) -> web.StreamResponse:
        visitor = await guard(request, route)
        inputs = {name: taking.in_path(kind, request.match_info[name], name) for name, kind in route.path_types.items()}
        query = taking.query(route.query, request, without=route.without)
        if route.query is not None:
            inputs["query"] = query
        if route.body is not None:
            # aiohttp keeps the limit on the request; a request of its own is how a route has another.
            whole = request if route.most_bytes == BODY_BYTES else request.clone(client_max_size=route.most_bytes)
            inputs["body"] = await (taking.upload(whole) if route.upload else taking.body(route.body, whole))
        try:
            async with _turn(request, route, visitor):
                if route.line is not None:
                    told = route.handler(visitor, **inputs)
                    return await lines.send(request, told, route.line, status=route.status, seconds=route.seconds)
                async with asyncio.timeout(route.seconds):
                    result = await route.handler(visitor, **inputs)
        except TimeoutError as late:
            raise Unavailable("the hub took too long; ask for less, or again later", code="timeout") from late
        except Invalid as error:
            raise placed(error, "body" if route.body is not None else "query") from error
        if isinstance(result, web.StreamResponse):
            return result
        if route.answer is None:
            return web.Response(status=route.status)
        # A value that is not of the declared type is our error, never sent: the description would lie.
        sent = route.answer.dump_json(result, warnings="error", by_alias=True)
        return web.Response(body=sent, status=route.status, content_type="application/json")

    return endpoint


def _turn(request: web.Request, route: Route, visitor: Visitor) -> AbstractAsyncContextManager[None]:
    if not route.costly or not isinstance(visitor, Call):
        return nullcontext()
    return request.app[CROWD].turn(visitor.actor.user.id)
