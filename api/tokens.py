"""API tokens: how a program signs in as its owner."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from uuid import UUID

from pydantic import Field

from api.routing import Door, Routes
from api.sessions import proved
from api.visitor import Call
from registry import tokens
from registry.inputs import Input, Name
from registry.model import Carried
from registry.permissions import Permission
from registry.tokens import Token
from registry.users import Grants

routes = Routes("tokens")


class NewToken(Input):
    """What the token is for, for how many days it holds, and what it carries."""

    name: Name
    days: int = Field(90, ge=1, le=3660)
    """The policy says how many at most."""
    permissions: frozenset[Permission] | None = Field(None, max_length=64)
    """What of one's own it carries; not told: all."""
    places: Grants | None = None
    """Within which of one's own places, by their codes; not told: in all."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """One's own tokens, newest first, revoked ones too."""

    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class FreshToken(Token):
    """A token just made, with the secret that is shown only now."""

    secret: str


@routes.get("/tokens", Door.SIGNED_IN)
async def list_tokens(call: Call) -> Tokens:
    """One's own tokens, newest first, revoked ones too."""
    return Tokens(await tokens.list_tokens(call.hub.store, call.actor.user))


@routes.post("/tokens", Door.SIGNED_IN)
async def create(call: Call, body: NewToken) -> FreshToken:
    """Make a token: send its secret as `Authorization: Bearer …`, and a purpose's id as X-Purpose to see events.

    Only a session may: a leaked token must not outlive its revocation by making others.
    """
    store, user = call.hub.store, proved(call.session).user
    expires_at = store.clock() + timedelta(days=body.days)
    permissions = None if body.permissions is None else frozenset(one.value for one in body.permissions)
    carried = Carried(permissions, body.places)
    token, secret = await tokens.create_token(store, user, body.name, expires_at, carried=carried, address=call.address)
    return FreshToken(**{one.name: getattr(token, one.name) for one in fields(Token)}, secret=secret)


@routes.delete("/tokens/{token_id}", Door.SIGNED_IN)
async def revoke(call: Call, token_id: UUID) -> None:
    """Revoke one of one's own tokens, at once."""
    await tokens.revoke(call.hub.store, token_id, call.actor.user, address=call.address)
