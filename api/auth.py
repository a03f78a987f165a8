"""Who it is and whether the route lets him in: session cookie or API token, CSRF, origin, permission, purpose.

A browser is a session cookie (HttpOnly, SameSite=Strict) and must prove on unsafe methods, by the session's CSRF header
and by its Origin, that our page sent the request. A program is a bearer token and names its purpose in `X-Purpose`;
a session may do so too, in place of the purpose it keeps.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from aiohttp import web
from aiohttp.typedefs import Handler

from api.routing import UNSAFE, Door, Needs, Route
from api.visitor import HUB, Call, Look, Visitor
from camera_hub.settings import Settings
from registry import permissions, purposes, sessions, tokens
from registry.errors import Denied, FieldError, Invalid, NotSignedIn
from registry.model import Access, Actor
from registry.sessions import Session

COOKIE, SECURE_COOKIE = "hub_session", "__Host-hub_session"
"""Over TLS a browser takes the cookie from this host alone, never from a neighbour under the same domain."""
NEW_COOKIE = web.RequestKey("new_cookie", str)
CSRF_HEADER = "X-CSRF-Token"
PURPOSE_HEADER = "X-Purpose"
SECRET = re.compile(r"[A-Za-z0-9_.-]{20,200}")
"""What a cookie's or token's secret can look like; anything else is not looked up."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A user as the request proved him: by a session or a token, and the purpose its header names, if any."""

    actor: Actor
    session: Session | None
    purpose_id: UUID | None


async def guard(request: web.Request, route: Route) -> Visitor:
    """Let the request through the route's gate: see `api.routing.Guard`."""
    address = client_address(request)
    if route.gate is Door.OPEN:
        if route.method in UNSAFE:
            check_origin(request)
        return Visitor(request, address)
    identity = await identify(request, address)
    if identity.session is not None and (route.method in UNSAFE or is_websocket(request)):
        check_origin(request)
    if identity.session is not None and route.method in UNSAFE:
        _check_csrf(request, identity.session.csrf)
    if isinstance(route.gate, permissions.Permission):
        permissions.allow(identity.actor.user, route.gate)

    call = Call(request, address, identity.actor, identity.session, identity.purpose_id)
    return await looking(call) if route.needs is Needs.PURPOSE else call


async def identify(request: web.Request, address: str) -> Identity:
    """Who sent the request; NotSignedIn when nothing proves it. A token goes before a cookie."""
    store = request.app[HUB].store
    if "Authorization" in request.headers:
        scheme, _, secret = request.headers["Authorization"].partition(" ")
        bearer = scheme.lower() == "bearer" and SECRET.fullmatch(secret)
        user = await tokens.user_by_token(store, secret) if bearer else None
        if user is None:
            raise NotSignedIn("the token is unknown, expired or revoked; make a new one")
        return Identity(Actor(user, address, _token_name(secret)), None, _purpose_header(request))
    cookie = request.cookies.get(cookie_name(request.app[HUB].settings), "")
    session = await sessions.session_by_token(store, cookie) if SECRET.fullmatch(cookie) else None
    if session is None:
        raise NotSignedIn("sign in first")
    return Identity(Actor(session.user, address, str(session.id)), session, _purpose_header(request))


async def looking(call: Call) -> Look:
    """The call with the purpose it looks under; Denied when there is none, or it is closed or expired."""
    store = call.hub.store
    if call.purpose_id is not None:
        purpose = await purposes.get_open(store, call.purpose_id, call.actor.user)
    else:
        purpose = purposes.require(call.session.purpose if call.session else None, store.clock())
    access = Access(call.actor, purpose)
    return Look(call.request, call.address, call.actor, call.session, call.purpose_id, access)


async def again(look: Look) -> Look:
    """Ask anew what a long look rests on: the session or token, and its purpose. Raises NotSignedIn or Denied."""
    identity = await identify(look.request, look.address)
    return await looking(Call(look.request, look.address, identity.actor, identity.session, identity.purpose_id))


def _token_name(secret: str) -> str:
    # Ties tickets to the token; what is kept in memory of it cannot be used to sign in.
    return "token:" + hashlib.sha256(b"ticket\0" + secret.encode()).hexdigest()[:32]


def _purpose_header(request: web.Request) -> UUID | None:
    given = request.headers.get(PURPOSE_HEADER)
    try:
        return None if given is None else UUID(given)
    except ValueError:
        raise Invalid(
            f"give {PURPOSE_HEADER} the id of a purpose",
            FieldError(f"header.{PURPOSE_HEADER}", "uuid_parsing", "not an id"),
        ) from None


def _check_csrf(request: web.Request, csrf: str) -> None:
    given = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), csrf.encode()):
        raise Denied(f"send the session's csrf in {CSRF_HEADER}", code="csrf")


def is_websocket(request: web.Request) -> bool:
    """Whether the request asks to become a WebSocket: a browser lets any page ask, with our cookie."""
    return request.headers.get("Upgrade", "").lower() == "websocket"


def check_origin(request: web.Request) -> None:
    """Denied when a browser says that another site's page sent this. Programs send no Origin."""
    origin = request.headers.get("Origin")
    if origin is None:
        return
    told = urlsplit(origin)
    plain = told.scheme != "https" and over_tls(request)
    if plain or told.netloc.lower() != request.host.lower():
        raise Denied("use the hub's own page", code="origin")


def client_address(request: web.Request) -> str:
    """The client's address. X-Forwarded-For is believed from trusted proxies only, from the right."""
    trusted = request.app[HUB].settings.trusted_proxies
    address = request.remote or ""
    hops = [hop.strip() for line in request.headers.getall("X-Forwarded-For", ()) for hop in line.split(",")]
    while address in trusted and hops:
        hop = hops.pop()
        if not _is_address(hop):
            break
        address = hop
    return address


def over_tls(request: web.Request) -> bool:
    """Whether the browser spoke TLS: with the hub itself, or with a trusted proxy that says so."""
    if request.secure:
        return True
    trusted = request.remote in request.app[HUB].settings.trusted_proxies
    return trusted and request.headers.get("X-Forwarded-Proto", "").lower() == "https"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def cookie_name(settings: Settings) -> str:
    """What the session's cookie is called."""
    return SECURE_COOKIE if settings.secure else COOKIE


def set_cookie(request: web.Request, token: str) -> None:
    """Have the response set the session cookie."""
    request[NEW_COOKIE] = token


def forget_cookie(request: web.Request) -> None:
    """Have the response delete the session cookie."""
    request[NEW_COOKIE] = ""


@web.middleware
async def cookies(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Set or delete the cookie on the response, as a handler asked for. It ends at latest with the session."""
    response = await handler(request)
    token, settings = request.get(NEW_COOKIE), request.app[HUB].settings
    name = cookie_name(settings)
    if token:
        age = round(settings.session_hours * 3600)
        response.set_cookie(
            name, token, max_age=age, path="/", httponly=True, samesite="Strict", secure=settings.secure
        )
    elif token == "":
        response.del_cookie(name, path="/", httponly=True, samesite="Strict", secure=settings.secure)
    return response
