"""Users: who may sign in, as what, and for which villages."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from api.routing import Routes
from api.visitor import Call
from registry import sessions, signin, twofactors, users
from registry.inputs import Input
from registry.model import Role, User
from registry.passwords import Password
from registry.permissions import ROLES, Permission
from registry.sessions import SignedIn
from registry.users import Grants, NewUser, Units, UserChange

routes = Routes("users")


@dataclass(frozen=True, slots=True)
class Users:
    """Users by name."""

    users: tuple[User, ...]


@dataclass(frozen=True, slots=True)
class Rights:
    """What a role may do."""

    role: Role
    permissions: tuple[Permission, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every role with what it may do."""

    roles: tuple[Rights, ...]


@dataclass(frozen=True, slots=True)
class SignIns:
    """Where somebody is signed in, the newest first."""

    sessions: tuple[SignedIn, ...]


class NewGrants(Input):
    """What a user may see: places by their codes (counties, townships, villages), stations and teams by their ids."""

    grants: Grants
    units: Units | None = None
    """Not told: those he has."""


class NewPassword(Input):
    """A password."""

    password: Password


@routes.get("/users", Permission.MANAGE_USERS)
async def list_users(call: Call) -> Users:
    """Users by name."""
    return Users(await users.list_users(call.hub.store))


@routes.get("/roles", Permission.MANAGE_USERS)
async def matrix(_call: Call) -> Matrix:
    """What each role may do; it is the same on every hub."""
    return Matrix(tuple(Rights(role, tuple(one for one in Permission if one in ROLES[role])) for role in Role))


@routes.post("/users", Permission.MANAGE_USERS)
async def create(call: Call, body: NewUser) -> User:
    """Add a user."""
    return await users.create(call.hub.store, body, call.actor)


@routes.get("/users/{user_id}", Permission.MANAGE_USERS)
async def get(call: Call, user_id: UUID) -> User:
    """One user."""
    return await users.get(call.hub.store, user_id)


@routes.patch("/users/{user_id}", Permission.MANAGE_USERS)
async def change(call: Call, user_id: UUID, body: UserChange) -> User:
    """Change a user; one made inactive is signed out everywhere."""
    return await users.change(call.hub.store, user_id, body, call.actor)


@routes.put("/users/{user_id}/grants", Permission.MANAGE_USERS)
async def set_grants(call: Call, user_id: UUID, body: NewGrants) -> User:
    """Replace the places, stations and teams a user may see."""
    return await users.set_grants(call.hub.store, user_id, body.grants, call.actor, body.units)


@routes.put("/users/{user_id}/password", Permission.MANAGE_USERS)
async def set_password(call: Call, user_id: UUID, body: NewPassword) -> None:
    """Set a user's password; he is signed out everywhere."""
    await users.set_password(call.hub.store, user_id, body.password, call.actor)


@routes.post("/users/{user_id}/unlock", Permission.MANAGE_USERS, status=200)
async def unlock(call: Call, user_id: UUID) -> User:
    """Forget a user's wrong tries at signing in, so that he need not wait."""
    return await signin.unlock(call.hub.store, user_id, call.actor)


@routes.delete("/users/{user_id}/two-factors", Permission.MANAGE_USERS)
async def reset_two_factors(call: Call, user_id: UUID) -> None:
    """Take a lost second factor away; the user is signed out everywhere."""
    await twofactors.reset(call.hub.store, user_id, call.actor)


@routes.get("/users/{user_id}/sessions", Permission.MANAGE_USERS)
async def list_sessions(call: Call, user_id: UUID) -> SignIns:
    """Where a user is signed in."""
    return SignIns(await sessions.list_of(call.hub.store, user_id))


@routes.delete("/users/{user_id}/sessions", Permission.MANAGE_USERS)
async def end_sessions(call: Call, user_id: UUID) -> None:
    """Sign a user out everywhere; what he watches ends within seconds."""
    await sessions.end_of(call.hub.store, user_id, call.actor)


@routes.delete("/users/{user_id}/sessions/{session_id}", Permission.MANAGE_USERS)
async def end_session(call: Call, user_id: UUID, session_id: UUID) -> None:
    """End one of a user's sign-ins."""
    await sessions.end_of(call.hub.store, user_id, call.actor, session_id)
