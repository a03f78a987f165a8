"""What a request brings: path, query and body, validated. All raise Invalid with the fields that are wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, get_args, get_origin

from aiohttp import web
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import from_json

from api.problems import invalid
from registry.errors import FieldError, Invalid, Unavailable

BODY_SECONDS = 15.0
UPLOAD = "application/octet-stream"
UPLOAD_SECONDS = 120.0
"""20 MB over a village's line of 2 Mbit/s take 80."""


def in_path(kind: TypeAdapter[Any], text: str, name: str) -> Any:
    """A parameter of the path."""
    try:
        _refuse_nul(text, f"path.{name}")
        return kind.validate_python(text)
    except ValidationError as error:
        raise invalid(error, f"path.{name}") from None


def query(model: type[BaseModel] | None, request: web.Request, *, without: AbstractSet[str]) -> BaseModel | None:
    """The query, of a route that takes one; but for the fields it goes `without`."""
    given: dict[str, object] = {}
    wrong = []
    for key in set(request.query):
        values = request.query.getall(key)
        for value in values:
            _refuse_nul(value, "query")
        if model is None or key in without:
            wrong.append(FieldError("query." + key[:64], "extra_forbidden", "this route does not take it"))
        elif key in model.model_fields and collects(model.model_fields[key].annotation):
            given[key] = values
            if "" in values:
                wrong.append(FieldError("query." + key, "empty", "leave it out, or give it a value"))
        elif len(values) > 1:
            wrong.append(FieldError("query." + key[:64], "repeated", "give this parameter once"))
        else:
            given[key] = values[0]
    if wrong:
        raise Invalid("correct the query", *wrong)
    try:
        return None if model is None else model.model_validate(given)
    except ValidationError as error:
        raise invalid(error, "query") from None


def collects(annotation: object) -> bool:
    """Whether a type (or one side of its union) is a collection, so that its query key may be repeated."""
    origin = get_origin(annotation) or annotation
    if isinstance(origin, type) and issubclass(origin, Sequence | AbstractSet) and not issubclass(origin, str):
        return True
    return any(collects(part) for part in get_args(annotation)) if not isinstance(origin, type) else False


async def upload(request: web.Request) -> bytes:
    """A body that is a file."""
    if request.content_type != UPLOAD:
        # A type that no form of a foreign page can send; what the file is, its bytes tell.
        raise web.HTTPUnsupportedMediaType(reason=f"send {UPLOAD}")
    return await _raw(request, UPLOAD_SECONDS)


async def _raw(request: web.Request, seconds: float) -> bytes:
    try:
        async with asyncio.timeout(seconds):
            return await request.read()
    except TimeoutError as late:
        raise Unavailable("the body came too slowly; send it again", code="timeout") from late
    except (web.RequestPayloadError, ConnectionError) as broken:  # or whoever sent it went away in the middle
        raise Invalid(
            "the body cannot be read; check its encoding", FieldError("body", "encoding", "unreadable")
        ) from broken


async def body(kind: TypeAdapter[Any], request: web.Request) -> Any:
    """A body that is JSON."""
    if request.content_type != "application/json":
        # Also what keeps a foreign page's form from signing somebody in: JSON needs a preflight.
        raise web.HTTPUnsupportedMediaType(reason="send application/json")
    raw = await _raw(request, BODY_SECONDS)
    try:
        if rb"\u0000" in raw:
            _refuse_nul(from_json(raw), "body")
        # Strict: what the description calls a number is no boolean and no text that looks like one.
        return kind.validate_json(raw, strict=True)
    except ValidationError as error:
        raise invalid(error, "body") from None
    except ValueError as broken:
        raise Invalid("send valid JSON", FieldError("body", "json_invalid", "not JSON")) from broken


def _refuse_nul(value: object, path: str) -> None:
    # PostgreSQL cannot store U+0000 in text: refuse it once, here, for every field of every route.
    if isinstance(value, str):
        if "\0" in value:
            raise Invalid("remove the NUL character", FieldError(path, "nul", "U+0000 is not allowed"))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            _refuse_nul(key, path)
            _refuse_nul(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_nul(item, f"{path}.{index}")
