"""Cameras near minors (L18, PIPL art. 31): whoever watches, replays or searches one says in words why.

The words are his purpose's reason, said by himself: a case's title is none. What is asked for by itself is refused
without them; a list leaves out what such cameras saw, and says that it did. What people wrote of a camera, as a mark
or an incident, is told; its picture asks.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry.columns import AnyRow
from registry.errors import Denied
from registry.model import Purpose
from registry.policy import PlacementPolicy
from registry.scope import Scope, in_scope
from registry.tables import cameras, placements, places


def unsaid(law: PlacementPolicy, reason: str) -> bool:
    """Whether a reason is too short for cameras near minors."""
    return len(reason.strip()) < law.minors_reason


def refusal(law: PlacementPolicy, row: AnyRow, purpose: Purpose) -> Denied | None:
    """Why a camera's row (with `near_minors`) is not for this purpose: its reason is too short (`minors_reason`)."""
    return refused(law.minors_reason) if row.near_minors and unsaid(law, purpose.reason) else None


def refused(letters: int) -> Denied:
    """What is said of a camera near minors where the reason is too short."""
    return Denied(
        f"the camera sees minors: open a purpose whose reason says why, in at least {letters} characters",
        code="minors_reason",
        letters=letters,
    )


async def near(conn: AsyncConnection, scope: Scope) -> tuple[int, ...]:
    """Numbers of the cameras near minors in a scope."""
    # From the few there are, by their own index, to their villages: not from the villages of a scope.
    few = sa.select(placements.c.camera_no).where(placements.c.near_minors)
    wanted = (
        sa.select(cameras.c.no)
        .join(places, places.c.no == cameras.c.village_no)
        .where(cameras.c.no.in_(few), in_scope(places.c.code, scope))
    )
    return tuple(await conn.scalars(wanted))
