"""What goes wrong, told over HTTP: one table from kind of error to status, and problem+json (RFC 9457) for all of them.

The page translates `code` and `params`; `hint` is for logs and people with curl.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import TypeAdapter, ValidationError

from camera_hub.observe import log
from registry import errors
from registry.errors import FieldError

STATUS: Mapping[type[errors.HubError], int] = {
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Invalid: 422,
    errors.Denied: 403,
    errors.NotSignedIn: 401,
    errors.TooMany: 429,
    errors.Unavailable: 503,
    errors.Corrupt: 500,
    errors.StreamError: 502,
    errors.HubError: 500,
}
"""Kind → HTTP status; a subclass not named here takes its nearest ancestor's."""

HTTP_CODES: Mapping[int, str] = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    426: "upgrade_required",
}
"""Codes of what the HTTP layer itself refuses."""

MEDIA_TYPE = "application/problem+json"
DEEPEST_PATH = 200
"""A field path is cut here: a client chooses the names in it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as a client reads it; `fields` names every wrong field of a 422."""

    type: str
    title: str
    status: int
    code: str
    params: Mapping[str, str | int | float]
    hint: str
    fields: tuple[FieldError, ...]


_BODY = TypeAdapter(Problem)


def status_of(error: errors.HubError) -> int:
    """The HTTP status of an error, by its nearest kind in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def invalid(error: ValidationError, where: str) -> errors.Invalid:
    """A pydantic refusal as ours; `where` (`body`, `query`, `path`) heads every field path. No input value is in it."""
    fields = []
    for wrong in error.errors(include_input=False, include_url=False, include_context=False):
        path = ".".join((where, *map(str, wrong["loc"])))[:DEEPEST_PATH]
        fields.append(FieldError(_plain(path), wrong["type"], _plain(wrong["msg"])))
    return errors.Invalid("correct the fields named", *fields)


def placed(error: errors.Invalid, where: str) -> errors.Invalid:
    """The registry's refusal with the part of the request that its field paths are in."""
    fields = (FieldError(f"{where}.{field.path}", field.code, field.hint) for field in error.fields)
    return errors.Invalid(error.hint, *fields, code=error.code, **error.params)


def answer(error: errors.HubError) -> web.Response:
    """The response for an error raised on purpose."""
    headers = {}
    if isinstance(error, errors.TooMany):
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_s)))
    if isinstance(error, errors.NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"
    fields = error.fields if isinstance(error, errors.Invalid) else ()
    return _response(status_of(error), error.code, error.hint, params=error.params, fields=fields, headers=headers)


@web.middleware
async def as_problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever a handler raises into a problem; what nobody expected is logged and told without details."""
    try:
        return await handler(request)
    except Exception as error:
        # Task root of a request: its text must not leak, nor the connection close.
        if isinstance(error, web.HTTPException) and error.status < HTTPStatus.BAD_REQUEST:
            raise
        return told(request, error)


def told(request: web.Request, error: Exception) -> web.Response:
    """What a client is told of an error; logged where it is the hub's own, or of what the hub stands on."""
    if isinstance(error, errors.HubError):
        if status_of(error) >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log("api").warning("request failed", path=request.path, code=error.code, hint=error.hint)
        return answer(error)
    if isinstance(error, web.HTTPException):
        code = HTTP_CODES.get(error.status, "http_error")
        kept = {name: error.headers[name] for name in ("Allow", "Upgrade") if name in error.headers}
        return _response(error.status, code, error.reason, headers=kept)
    log("api").error("unexpected error", method=request.method, path=request.path, exc_info=error)
    return _response(500, "internal", "the hub made an error; its log tells which")


def _response(
    status: int,
    code: str,
    hint: str,
    *,
    params: Mapping[str, str | int | float] | None = None,
    fields: tuple[FieldError, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    body = Problem("about:blank", HTTPStatus(status).phrase, status, code, params or {}, _plain(hint), fields)
    return web.Response(body=_BODY.dump_json(body), status=status, content_type=MEDIA_TYPE, headers=headers)


def _plain(text: str) -> str:
    # A client's own text may hold lone surrogates (raw bytes in a URL or header), which JSON in UTF-8 cannot carry.
    return text.encode("utf-8", "replace").decode("utf-8")
