"""OpenAPI 3.1 of the routes, made from their declarations."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Literal

from pydantic import TypeAdapter

from api.problems import MEDIA_TYPE, Problem
from api.routing import UNSAFE, Door, Needs, Route
from api.taking import UPLOAD

REF = "#/components/schemas/{model}"
Json = dict[str, Any]
Key = tuple[int, str]

_SECURITY = {
    "session": {"type": "apiKey", "in": "cookie", "name": "hub_session"},
    "token": {"type": "http", "scheme": "bearer"},
}
_CSRF = {
    "name": "X-CSRF-Token",
    "in": "header",
    "required": False,
    "description": "With the session cookie: the `csrf` of the session. Not needed with a token.",
    "schema": {"type": "string"},
}
_PURPOSE = {
    "name": "X-Purpose",
    "in": "header",
    "required": False,
    "description": "The id of an open purpose of one's own: needed with a token, and before the one a session keeps.",
    "schema": {"type": "string", "format": "uuid"},
}


def describe(routes: Sequence[Route], *, title: str, version: str) -> Json:
    """The OpenAPI document of the routes."""
    schemas, shared = _schemas(routes)
    paths: Json = {}
    for number, route in enumerate(routes):
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, number, schemas, shared)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "paths": paths,
        "components": {"schemas": dict(sorted(shared.items())), "securitySchemes": _SECURITY},
    }


def _schemas(routes: Iterable[Route]) -> tuple[Mapping[tuple[Key, str], Json], Json]:
    wanted: list[tuple[Key, Literal["validation", "serialization"], TypeAdapter[Any]]] = [
        ((-1, "problem"), "serialization", TypeAdapter(Problem))
    ]
    for number, route in enumerate(routes):
        if route.body is not None:
            wanted.append(((number, "body"), "validation", route.body))
        if route.answer is not None:
            wanted.append(((number, "answer"), "serialization", route.answer))
        if route.line is not None:
            wanted.append(((number, "line"), "serialization", route.line))
        if route.query is not None:
            wanted.append(((number, "query"), "validation", TypeAdapter(route.query)))
        wanted += [((number, f"path {name}"), "validation", kind) for name, kind in route.path_types.items()]
    found, whole = TypeAdapter.json_schemas(wanted, ref_template=REF)
    shared = whole.get("$defs", {})
    return {(key, mode): schema for (key, mode), schema in found.items()}, shared


def _operation(route: Route, number: int, schemas: Mapping[tuple[Key, str], Json], shared: Json) -> Json:
    summary, _, detail = inspect.cleandoc(route.handler.__doc__ or "").partition("\n")
    operation: Json = {
        "operationId": route.name,
        "tags": [route.tag],
        "summary": summary.strip(),
        "parameters": _parameters(route, number, schemas, shared),
        "security": [] if route.gate is Door.OPEN else [{"session": []}, {"token": []}],
        "x-gate": route.gate.value,
        "x-purpose": route.needs.value,
        "x-costly": route.costly,
        "responses": _responses(route, *(schemas.get(((number, of), "serialization")) for of in ("answer", "line"))),
    }
    if detail.strip():
        operation["description"] = detail.strip()
    if route.body is not None:
        schema = schemas[((number, "body"), "validation")]
        # A file's schema is its media type (OpenAPI 3.1, 4.8.14.2).
        content = {UPLOAD: {}} if route.upload else {"application/json": {"schema": schema}}
        operation["requestBody"] = {"required": True, "content": content, "x-most-bytes": route.most_bytes}
    return operation


def _parameters(route: Route, number: int, schemas: Mapping[tuple[Key, str], Json], shared: Json) -> list[Json]:
    found: list[Json] = []
    for name in route.path_types:
        schema = schemas[((number, f"path {name}"), "validation")]
        found.append({"name": name, "in": "path", "required": True, "schema": schema})
    if route.query is not None:
        model = schemas[((number, "query"), "validation")]
        if "$ref" in model:
            model = shared[model["$ref"].rpartition("/")[2]]
        for name, schema in model["properties"].items():
            if name in route.without:
                continue
            found.append(_query_parameter(name, schema, required=name in model.get("required", ())))
    if route.gate is not Door.OPEN and route.method in UNSAFE:
        found.append(_CSRF)
    if route.needs is not Needs.NOTHING:
        found.append(_PURPOSE)
    return found


def _query_parameter(name: str, schema: Json, *, required: bool) -> Json:
    # A query has no null: an optional parameter is left out.
    schema = {key: value for key, value in schema.items() if not (key == "default" and value is None)}
    kinds = [kind for kind in schema.pop("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        schema |= kinds[0]
    elif kinds:
        schema["anyOf"] = kinds
    parameter: Json = {"name": name, "in": "query", "required": required, "schema": schema}
    if "description" in schema:
        parameter["description"] = schema.pop("description")
    return parameter


def _responses(route: Route, answer: Json | None, line: Json | None) -> Json:
    phrase = HTTPStatus(route.status).phrase
    done: Json = {"description": phrase}
    if answer is not None:
        done["content"] = {"application/json": {"schema": answer}}
    elif route.raw and route.status != HTTPStatus.SWITCHING_PROTOCOLS:
        # Of an answer told line by line: the schema of each line.
        done["content"] = {media: {"schema": line or {}} for media in route.raw}
    responses: Json = {str(route.status): done}
    problem = {MEDIA_TYPE: {"schema": {"$ref": REF.format(model="Problem")}}}
    for status in sorted(_error_statuses(route)):
        responses[str(status)] = {"description": HTTPStatus(status).phrase, "content": problem}
    return responses


def _error_statuses(route: Route) -> set[int]:
    statuses = {422, 503, *route.errors}
    if route.gate is not Door.OPEN:
        statuses |= {401, 403}
    if route.path_types:
        statuses.add(404)
    if route.body is not None:
        statuses |= {413, 415}
    if route.method in UNSAFE and route.gate is not Door.OPEN:
        statuses |= {404, 409}
    return statuses
