"""Who asks: what a handler gets of a request, its type telling what was proved.

`Visitor`: nothing. `Call`: a signed-in user with the route's permission. `Look`: a purpose besides.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from camera_hub.hub import Hub
from registry import scope
from registry.model import Access, Actor
from registry.scope import Scope
from registry.sessions import Session

HUB = web.AppKey("hub", Hub)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Anybody: the request and the client's address (behind a trusted proxy, the one it reports)."""

    request: web.Request
    address: str

    @property
    def hub(self) -> Hub:
        """The running hub."""
        return self.request.app[HUB]


@dataclass(frozen=True, slots=True)
class Call(Visitor):
    """A signed-in user who holds the route's permission, by a session or by a token (then `session` is None).

    `purpose_id` is the purpose a token names.
    """

    actor: Actor
    session: Session | None
    purpose_id: UUID | None

    @property
    def scope(self) -> Scope:
        """The places the user may see."""
        return scope.of(self.actor.user)


@dataclass(frozen=True, slots=True)
class Look(Call):
    """A lawful look: a signed-in user with an open purpose."""

    access: Access
