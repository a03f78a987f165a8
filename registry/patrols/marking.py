"""Marks: what somebody on patrol says of a camera, with its picture of that moment.

A mark is made under the patrol's own purpose, once, however often it is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import AfterValidator, StringConstraints, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, purposes
from registry.errors import Conflict, Denied, NotFound
from registry.incidents.opening import Headline, open_for_mark
from registry.inputs import Input, printable_lines
from registry.model import Access, Kind, State
from registry.patrols import reading
from registry.patrols.marks import MOST, SELECT, of_row
from registry.patrols.model import PatrolMark, PatrolVerdict
from registry.permissions import Permission, allow
from registry.scope import in_scope, of_actor
from registry.store import Store
from registry.tables import camera_status, cameras, patrol_cameras, patrol_marks, patrols, places

Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(printable_lines)]


class NewPatrolMark(Input):
    """A verdict on a camera; `snapshot`: keep its picture of now; `incident`: open one, of a suspicious camera."""

    camera_id: UUID
    verdict: PatrolVerdict
    note: Note = ""
    snapshot: bool = True
    incident: Headline | None = None
    id: UUID | None = None
    """Made by whoever sends it: one sent again, because the answer was lost, is kept once."""

    @model_validator(mode="after")
    def _incident_of_a_suspicion(self) -> Self:
        if self.incident is not None and self.verdict is not PatrolVerdict.SUSPICIOUS:
            raise PydanticCustomError("incident", "only a suspicious camera opens an incident")
        return self


@dataclass(frozen=True, slots=True)
class MarkPicture:
    """A mark's picture, a file already on disk on `node`; without a `key`, `why` is the code of why there is none."""

    node: str
    key: str | None = None
    size: int = 0
    why: str = ""


async def _markable(conn: AsyncConnection, store: Store, access: Access, patrol_id: UUID, new: NewPatrolMark) -> int:
    """The camera's number and the patrol's, where the mark may be made."""
    actor, now = access.actor, store.clock()
    patrol = await reading.own(conn, patrol_id, actor, now)
    if patrol.ended_at is not None:
        raise Conflict("the patrol has ended; begin another", code="patrol_ended")
    if patrol.purpose_no != access.purpose.no:
        raise Denied("look under the patrol's own purpose", code="patrol_purpose")
    due = sa.select(patrol_cameras.c.camera_no).where(patrol_cameras.c.patrol_no == patrol.no)
    wanted = (
        sa.select(cameras, camera_status.c.state)
        .join(places, places.c.no == cameras.c.village_no)
        .outerjoin(camera_status, camera_status.c.camera_no == cameras.c.no)
        .where(cameras.c.id == new.camera_id, in_scope(places.c.code, of_actor(actor)))
        .where(sa.or_(cameras.c.removed_at.is_(None), cameras.c.no.in_(due)))
    )
    camera = (await conn.execute(wanted)).one_or_none()
    if camera is None or camera.kind == Kind.WIFI_PROBE.value:
        raise NotFound("no such camera", code="camera_unknown")
    refused = (await reading.refusals(conn, store, [camera]))[camera.no]
    if refused is not None and new.verdict is not PatrolVerdict.FAULT:
        raise Conflict("the camera may not be watched now; it can be marked as a fault", code="mark_unwatched")
    if camera.state != State.LIVE.value and new.verdict is PatrolVerdict.NORMAL:
        raise Conflict("the camera is not live: nobody saw that it is normal", code="mark_not_live")
    return int(camera.no)


async def require(store: Store, access: Access, patrol_id: UUID, new: NewPatrolMark) -> None:
    """Raise what `mark` would, before a picture is taken for it."""
    allow(access.actor.user, Permission.OPEN_PATROL)
    purposes.require(access.purpose, store.clock())
    async with store.read() as conn:
        await _markable(conn, store, access, patrol_id, new)


async def kept(store: Store, access: Access, patrol_id: UUID, mark_id: UUID) -> PatrolMark | None:
    """The mark of one's own patrol that was kept under this id, where it was. Raises NotFound, Denied as `mark`."""
    allow(access.actor.user, Permission.OPEN_PATROL)
    purposes.require(access.purpose, store.clock())
    async with store.read() as conn:
        return await _kept(conn, store, access, patrol_id, mark_id)


async def _kept(
    conn: AsyncConnection, store: Store, access: Access, patrol_id: UUID, mark_id: UUID
) -> PatrolMark | None:
    await reading.own(conn, patrol_id, access.actor, store.clock())
    row = (await conn.execute(SELECT.where(patrol_marks.c.id == mark_id, patrols.c.id == patrol_id))).one_or_none()
    return None if row is None else of_row(row)


async def mark(
    store: Store,
    access: Access,
    patrol_id: UUID,
    new: NewPatrolMark,
    *,
    mark_id: UUID,
    at: datetime,
    picture: MarkPicture,
) -> PatrolMark:
    """Keep a mark that was made at `at`, and the incident it opens, in one transaction.

    Raises NotFound (patrol, camera), Denied (another's patrol, another purpose), Conflict (patrol_ended;
    mark_exists; mark_unwatched and mark_not_live for a verdict nobody could have seen; patrol_marks_many).
    """
    allow(access.actor.user, Permission.OPEN_PATROL)
    purposes.require(access.purpose, store.clock())
    async with store.write() as conn:
        if await _kept(conn, store, access, patrol_id, mark_id) is not None:
            raise Conflict("the mark is kept already", code="mark_exists")
        camera_no = await _markable(conn, store, access, patrol_id, new)
        patrol_no = sa.select(patrols.c.no).where(patrols.c.id == patrol_id).scalar_subquery()
        made = sa.select(sa.func.count()).where(patrol_marks.c.patrol_no == patrol_no)
        if (await conn.scalar(made) or 0) >= MOST:
            raise Conflict(f"at most {MOST} marks; end the patrol and begin another", code="patrol_marks_many")
        values = {
            "id": mark_id,
            "patrol_no": patrol_no,
            "camera_no": camera_no,
            "at": at,
            "verdict": new.verdict.value,
            "note": new.note,
            "snapshot": picture.key,
            "snapshot_bytes": picture.size,
            "snapshot_why": picture.why,
            "node": picture.node,
        }
        await conn.execute(sa.insert(patrol_marks).values(**values))
        kept = (await conn.execute(SELECT.where(patrol_marks.c.id == mark_id))).one()
        detail = audit.describe(
            patrol=patrol_id, mark=mark_id, verdict=new.verdict, note=new.note, picture=picture.key, why=picture.why
        )
        await audit.append(
            conn,
            access.actor,
            "patrol.mark",
            now=store.clock(),
            cameras=[new.camera_id],
            span=(at, None),
            purpose=access.purpose,
            detail=detail,
        )
        if new.incident is not None:
            await open_for_mark(conn, store, access, kept, new.incident)
        return of_row((await conn.execute(SELECT.where(patrol_marks.c.id == mark_id))).one())
