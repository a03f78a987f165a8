"""A case's cameras: those its members look for it on. The other steps of the work start from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, cases
from registry.errors import Conflict
from registry.inputs import Input
from registry.model import Actor, Kind
from registry.naming import named
from registry.scope import of_actor
from registry.store import Store
from registry.tables import cameras, case_cameras, places

MOST = 100
"""So many cameras a case has at most: more than anybody looks through."""

_Ids = Annotated[frozenset[UUID], Field(max_length=MOST)]


class Choice(Input):
    """Cameras to add to a case's and to drop from them; two who choose at once do not undo each other."""

    add: _Ids = frozenset()
    drop: _Ids = frozenset()

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.add & self.drop:
            raise PydanticCustomError("both", "a camera is added or dropped, not both")
        return self


@dataclass(frozen=True, slots=True)
class CaseCamera:
    """A camera of a case; a removed one stays, as its recordings do a while."""

    camera_id: UUID
    name: str
    kind: Kind
    village_code: str
    village_name: str
    lat: float | None
    lon: float | None
    removed: bool
    chosen_by: str
    chosen_at: datetime


async def of_case(store: Store, case_id: UUID, actor: Actor) -> tuple[CaseCamera, ...]:
    """A case's cameras, by village and name. Raises NotFound for a case the actor may not know of."""
    async with store.read() as conn:
        row = await cases.row_of(conn, case_id, actor)
        return await read(conn, row.no)


async def read(conn: AsyncConnection, case_no: int) -> tuple[CaseCamera, ...]:
    """The cameras of a case's row number."""
    wanted = (
        sa.select(case_cameras, cameras, places.c.code, places.c.name.label("village_name"))
        .join(cameras, cameras.c.no == case_cameras.c.camera_no)
        .join(places, places.c.no == cameras.c.village_no)
        .where(case_cameras.c.case_no == case_no)
        .order_by(places.c.code, cameras.c.name, cameras.c.no)
    )
    return tuple(
        CaseCamera(
            camera_id=row.id,
            name=row.name,
            kind=Kind(row.kind),
            village_code=row.code,
            village_name=row.village_name,
            lat=row.lat,
            lon=row.lon,
            removed=row.removed_at is not None,
            chosen_by=row.chosen_by,
            chosen_at=row.chosen_at,
        )
        for row in await conn.execute(wanted)
    )


async def choose(store: Store, case_id: UUID, choice: Choice, actor: Actor) -> tuple[CaseCamera, ...]:
    """Add and drop cameras; what is there, or gone, already stays so. Whoever works on the case chooses.

    Raises NotFound for a case or camera the actor may not know of, Denied for a case he merely oversees, Conflict for
    one that is closed or expired, or would have too many.
    """
    now = store.clock()
    async with store.write() as conn:
        case = await cases.member_row(conn, case_id, actor, now)
        known = {one: row.no for one, row in (await named(conn, choice.add, of_actor(actor))).items()}
        there = set(await conn.scalars(sa.select(case_cameras.c.camera_no).where(case_cameras.c.case_no == case.no)))
        gone = set(await conn.scalars(sa.select(cameras.c.no).where(cameras.c.id.in_(choice.drop)))) & there
        new = set(known.values()) - there
        if len(there) - len(gone) + len(new) > MOST:
            raise Conflict(f"a case has at most {MOST} cameras; drop some", code="case_cameras_many", most=MOST)
        if gone:
            dropped = sa.delete(case_cameras).where(case_cameras.c.case_no == case.no)
            await conn.execute(dropped.where(case_cameras.c.camera_no.in_(gone)))
        if new:
            by = {"case_no": case.no, "chosen_by": actor.user.name, "chosen_at": now}
            await conn.execute(sa.insert(case_cameras), [{**by, "camera_no": one} for one in sorted(new)])
        if gone or new:
            added = [one for one, number in known.items() if number in new]
            detail = audit.describe(case=case.number, added=len(new), dropped=sorted(map(str, choice.drop)))
            await audit.append(conn, actor, "case.cameras", now=now, cameras=sorted(added), detail=detail)
        return await read(conn, case.no)
