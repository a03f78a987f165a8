"""Patrols for tests: somebody walks one and marks cameras that are live."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from uuid_utils.compat import uuid7

from registry import cameras, patrols, purposes
from registry.model import Access, Actor, Camera, Reason, State, StatusChange, User
from registry.patrols import MarkPicture, NewPatrol, NewPatrolMark, Patrol, PatrolMark, PatrolVerdict
from tests.registry.county import County

NOWHERE = MarkPicture("hub", why="no_picture")


@dataclass
class Round:
    """A patrol that somebody walks, and his look under it."""

    county: County
    access: Access
    patrol: Patrol

    async def mark(self, camera: Camera, verdict: PatrolVerdict = PatrolVerdict.NORMAL, **more: Any) -> PatrolMark:
        picture = more.pop("picture", NOWHERE)
        new = NewPatrolMark(camera_id=camera.id, verdict=verdict, **more)
        store = self.county.store
        return await patrols.mark(
            store, self.access, self.patrol.id, new, mark_id=uuid7(), at=store.clock(), picture=picture
        )

    async def now(self) -> Patrol:
        return await patrols.get(self.county.store, self.patrol.id, self.access.actor)


async def lit(county: County, *shown: Camera, state: State = State.LIVE, reason: Reason | None = None) -> None:
    """Tell that cameras are live, or why not."""
    now = county.clock()
    told = [StatusChange(one.id, state, reason, "", now, "h264", 640, 360, 15.0, now) for one in shown]
    await cameras.record_status(county.store, told)


async def begin(county: County, user: User, new: NewPatrol) -> Round:
    actor = Actor(user, "10.1.1.1", "session")
    patrol = await patrols.begin(county.store, new, actor, None, 12)
    return Round(county, Access(actor, await purposes.get_open(county.store, patrol.purpose_id, user)), patrol)


async def over(county: County, user: User, *looked_at: Camera) -> Round:
    return await begin(county, user, NewPatrol(camera_ids=tuple(one.id for one in looked_at), reason="夜班"))
