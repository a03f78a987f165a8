"""What is on record of wall screens, and who may push which camera to which of them."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from registry import audit, live, purposes, users
from registry.errors import Conflict, Denied, HubError
from registry.model import Access
from registry.store import Store


async def opened(store: Store, access: Access, name: str) -> None:
    """Put on record that somebody's browser became a screen."""
    live.require(store, access)
    async with store.write() as conn:
        await audit.append(
            conn,
            access.actor,
            "screen.open",
            now=store.clock(),
            purpose=access.purpose,
            detail=audit.describe(screen=name),
        )


async def _may_see(store: Store, access: Access, camera_id: UUID) -> bool:
    """Whether a look that began a while ago still shows the camera: its user and purpose are read anew."""
    async with store.read() as conn:
        user = await users.again(conn, access.actor.user, store)
        purpose = await purposes.of_no(conn, access.purpose.no, store.policy)
    if user is None or purpose is None:
        return False
    try:
        (seen,) = await live.standing(store, Access(replace(access.actor, user=user), purpose), [(camera_id, "sub")])
    except Denied:
        return False
    return not isinstance(seen, HubError)


async def push(store: Store, access: Access, shown_to: Access, camera_id: UUID, name: str) -> None:
    """Put on record that a camera is pushed to the screen of that name, which `shown_to` looks at.

    Raises Denied or NotFound when who pushes may not watch the camera, Conflict when who looks at the screen may not.
    """
    (own,) = await live.standing(store, access, [(camera_id, "sub")])
    if isinstance(own, HubError):
        raise own
    refused = not await _may_see(store, shown_to, camera_id)
    async with store.write() as conn:
        await audit.append(
            conn,
            access.actor,
            "wall.push",
            now=store.clock(),
            cameras=[camera_id],
            purpose=access.purpose,
            detail=audit.describe(screen=name, to=shown_to.actor.user.name, refused=refused or None),
            count=int(not refused),
        )
    if refused:
        raise Conflict("who looks at that screen may not watch this camera", code="screen_may_not")
