"""Signing in and out, and the purpose a session looks under."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from aiohttp import web
from pydantic import Field, SecretStr

from api.auth import forget_cookie, set_cookie
from api.routing import Door, Routes
from api.throttle import Throttle
from api.visitor import Call, Visitor
from camera_hub.hub import Hub
from registry import purposes, sessions, signin
from registry.errors import NotSignedIn
from registry.inputs import Input
from registry.model import Purpose, User
from registry.permissions import Permission, may
from registry.sessions import Session
from registry.signin import Tried

THROTTLE = web.AppKey("throttle", Throttle)
routes = Routes("session")


class SignIn(Input):
    """A name and its password; the code of the second factor, where one is set up."""

    name: str = Field(min_length=1, max_length=64)
    password: SecretStr = Field(min_length=1, max_length=256)
    code: SecretStr | None = Field(None, min_length=1, max_length=64)
    """Of the app, or a recovery code, where a second factor is set up: 401 `code_required` asks for it."""


class LookUnder(Input):
    """The purpose to put on the session; null takes it off."""

    purpose_id: UUID | None


@dataclass(frozen=True, slots=True)
class Document:
    """A session as the page needs it; `csrf` goes into X-CSRF-Token on every unsafe request."""

    user: User
    permissions: tuple[Permission, ...]
    csrf: str
    expires_at: datetime
    purpose: Purpose | None
    timezone: str
    """The villages' time zone, as in the IANA database: every local time of the page is told in it."""


@routes.post("/session", Door.OPEN, status=200, errors=(401, 403, 429))
async def sign_in(visitor: Visitor, body: SignIn) -> Document:
    """Sign in: sets the session cookie and answers with the session.

    At most 5 tries a minute for a name from an address; 429 `locked` after too many wrong ones in a row from anywhere.
    """
    hub, address = visitor.hub, visitor.address
    throttle, name = visitor.request.app[THROTTLE], signin.as_asked(body.name)
    agent = visitor.request.headers.get("User-Agent", "")
    throttle.attempt(name, address)
    tried = Tried(
        body.name, body.password.get_secret_value(), None if body.code is None else body.code.get_secret_value()
    )
    user = await signin.verify(hub.store, hub.vault, tried, address)
    throttle.succeeded(name, address)
    token, _ = await sessions.open_session(hub.store, user, address, hub.settings.session_hours, agent)
    set_cookie(visitor.request, token)
    return _document(hub, await sessions.session_by_token(hub.store, token))


@routes.get("/session", Door.SIGNED_IN)
async def read(call: Call) -> Document:
    """The session of the cookie, csrf included, so that a reloaded page finds it again."""
    return _document(call.hub, call.session)


@routes.delete("/session", Door.SIGNED_IN)
async def sign_out(call: Call) -> None:
    """Sign out: the session ends everywhere."""
    await sessions.close_session(call.hub.store, proved(call.session))
    forget_cookie(call.request)


@routes.put("/session/purpose", Door.SIGNED_IN)
async def look_under(call: Call, body: LookUnder) -> Document:
    """Put an open purpose of one's own on the session, or take it off."""
    session, store = proved(call.session), call.hub.store
    purpose = None
    if body.purpose_id is not None:
        purpose = await purposes.get_open(store, body.purpose_id, call.actor.user)
    await sessions.set_purpose(store, session, purpose)
    return _document(call.hub, replace(session, purpose=purpose))


def proved(session: Session | None) -> Session:
    """The session, of a call that must come from one. Raises NotSignedIn (no_session) for a token's."""
    if session is None:
        raise NotSignedIn("a token has no session; name the purpose in X-Purpose", code="no_session")
    return session


def _document(hub: Hub, session: Session | None) -> Document:
    own = proved(session)
    held = tuple(one for one in sorted(Permission) if may(own.user, one))
    return Document(own.user, held, own.csrf, own.expires_at, own.purpose, hub.settings.timezone)
