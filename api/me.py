"""What is one's own: the name one is shown by, the password, and where one is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from pydantic import Field, SecretStr

from api.routing import Door, Routes
from api.sessions import THROTTLE, proved
from api.visitor import Call
from registry import sessions, twofactors, users
from registry.inputs import Input, Short
from registry.model import User
from registry.passwords import Password
from registry.sessions import SignedIn
from registry.twofactors import Enrolment

routes = Routes("me")


class NewName(Input):
    """The name one is shown by; empty: the sign-in name."""

    display_name: Short


class PasswordChange(Input):
    """One's old password, and the new one of 8 to 128 characters."""

    old: SecretStr = Field(min_length=1, max_length=256)
    new: Password


class Code(Input):
    """A code of the app, or a recovery code."""

    code: SecretStr = Field(min_length=1, max_length=64)


@dataclass(frozen=True, slots=True)
class RecoveryCodes:
    """Each signs in once in place of the app's code; they are shown only now."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sessions:
    """One's own sign-ins that hold, the newest first."""

    sessions: tuple[SignedIn, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """How many sign-ins were ended."""

    ended: int


@routes.patch("/users/me", Door.SIGNED_IN)
async def rename(call: Call, body: NewName) -> User:
    """Change the name one is shown by. Role, unit and villages are an administrator's to change."""
    proved(call.session)
    return await users.rename(call.hub.store, body.display_name, call.actor)


@routes.put("/users/me/password", Door.SIGNED_IN, errors=(429,))
async def change_password(call: Call, body: PasswordChange) -> None:
    """Change one's password: every other sign-in and every token of one's own ends.

    Only a session may, and tries count as tries to sign in: a desk left open must not be a way to guess.
    """
    session, throttle = proved(call.session), call.request.app[THROTTLE]
    throttle.attempt(session.user.name, call.address)
    await sessions.change_password(call.hub.store, session, body.old, body.new, call.address)
    throttle.succeeded(session.user.name, call.address)


@routes.get("/sessions/mine", Door.SIGNED_IN)
async def list_sessions(call: Call) -> Sessions:
    """Where one is signed in."""
    current = call.session.id if call.session else None
    return Sessions(await sessions.list_own(call.hub.store, call.actor.user, current))


@routes.delete("/sessions/others", Door.SIGNED_IN)
async def end_others(call: Call) -> Ended:
    """Sign out everywhere but here."""
    return Ended(await sessions.end_others(call.hub.store, proved(call.session), call.address))


@routes.delete("/sessions/{session_id}", Door.SIGNED_IN)
async def end_session(call: Call, session_id: UUID) -> None:
    """End one of one's own sign-ins, this one too."""
    await sessions.end_own(call.hub.store, proved(call.session), session_id, call.address)


ISSUER = "camera-hub"
"""What an app shows a code for."""


@routes.post("/users/me/two-factors", Door.SIGNED_IN, errors=(409,))
async def begin_two_factors(call: Call) -> Enrolment:
    """Begin to set up a second factor: the secret for an app, shown only now. It holds once a code proves it."""
    proved(call.session)
    return await twofactors.begin(call.hub.store, call.hub.vault, call.actor, ISSUER)


@routes.put("/users/me/two-factors", Door.SIGNED_IN, errors=(409, 429))
async def confirm_two_factors(call: Call, body: Code) -> RecoveryCodes:
    """Put the second factor in force, by a code of the app."""
    hub, code = call.hub, _counted(call, body)
    codes = await twofactors.confirm(hub.store, hub.vault, call.actor, code)
    call.request.app[THROTTLE].succeeded(call.actor.user.name, call.address)
    return RecoveryCodes(codes)


@routes.post("/users/me/two-factors/remove", Door.SIGNED_IN, status=200, errors=(409, 429))
async def remove_two_factors(call: Call, body: Code) -> None:
    """Take one's second factor away, by a code; where the role must have one, another is set up before anything."""
    hub, code = call.hub, _counted(call, body)
    await twofactors.remove_own(hub.store, hub.vault, call.actor, code)
    call.request.app[THROTTLE].succeeded(call.actor.user.name, call.address)


def _counted(call: Call, body: Code) -> str:
    """The code, its try counted as one to sign in. Raises NotSignedIn for a token, TooMany."""
    call.request.app[THROTTLE].attempt(proved(call.session).user.name, call.address)
    return body.code.get_secret_value()
