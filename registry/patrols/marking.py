"""Marks: what somebody on patrol says of a camera, with its picture of that moment.

A mark is made under the patrol's own purpose. A picture shows what was before a camera, so reading marks is a look:
under a purpose, on record first, within scope, consent, and what the purpose reaches back to.
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

from registry import audit, consents, purposes
from registry.columns import AnyRow
from registry.daytime import second_of_day
from registry.errors import Conflict, Denied, NotFound
from registry.incidents.opening import Headline, open_for_mark
from registry.inputs import Input, printable_lines
from registry.model import Access, Actor, ConsentScope, Kind, PurposeKind, State
from registry.patrols import walking
from registry.patrols.model import FAULTS, PatrolMark, PatrolVerdict
from registry.permissions import Permission, allow
from registry.scope import Scope, in_scope, of_actor
from registry.store import Store
from registry.tables import camera_status, cameras, incidents, patrol_cameras, patrol_marks, patrols, places
from registry.tables import users as user_rows

Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(printable_lines)]
MOST = 5000
"""Marks of one patrol: five hundred cameras, ten rounds."""
LISTED = "patrol.marks"
"""The action of the row that covers a list's pictures."""


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


@dataclass(frozen=True, slots=True)
class MarkList:
    """Marks, newest first; `audit_no` is the row that covers their pictures."""

    marks: tuple[PatrolMark, ...]
    audit_no: int


SELECT = (
    sa.select(
        patrol_marks,
        patrols.c.id.label("patrol_id"),
        cameras.c.id.label("camera_id"),
        cameras.c.name.label("camera_name"),
        cameras.c.kind,
        places.c.code.label("village_code"),
        places.c.name.label("village_name"),
        user_rows.c.name.label("by"),
        incidents.c.id.label("incident_id"),
    )
    .join(patrols, patrols.c.no == patrol_marks.c.patrol_no)
    .join(user_rows, user_rows.c.no == patrols.c.user_no)
    .join(cameras, cameras.c.no == patrol_marks.c.camera_no)
    .join(places, places.c.no == cameras.c.village_no)
    .outerjoin(incidents, incidents.c.mark_no == patrol_marks.c.no)
)


def of_row(row: AnyRow) -> PatrolMark:
    """A row of SELECT as a mark."""
    return PatrolMark(
        no=row.no,
        id=row.id,
        patrol_id=row.patrol_id,
        camera_id=row.camera_id,
        camera_name=row.camera_name,
        village_code=row.village_code,
        village_name=row.village_name,
        by=row.by,
        at=row.at,
        verdict=PatrolVerdict(row.verdict),
        note=row.note,
        has_snapshot=row.snapshot is not None,
        snapshot_why=row.snapshot_why,
        cleared_at=row.cleared_at,
        cleared_by=row.cleared_by,
        incident_id=row.incident_id,
    )


async def _markable(conn: AsyncConnection, store: Store, access: Access, patrol_id: UUID, new: NewPatrolMark) -> int:
    """The camera's number and the patrol's, where the mark may be made."""
    actor, now = access.actor, store.clock()
    patrol = await walking.own(conn, patrol_id, actor, now)
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
    refused = (await walking.refusals(conn, store, [camera]))[camera.no]
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
    await walking.own(conn, patrol_id, access.actor, store.clock())
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


def _lawful(store: Store, access: Access) -> Scope:
    allow(access.actor.user, Permission.WATCH_LIVE)
    purposes.require(access.purpose, store.clock())
    if access.purpose.user_no != access.actor.user.no:
        raise Denied("the purpose is somebody else's; open your own", code="purpose_required")
    return of_actor(access.actor)


async def list_marks(store: Store, access: Access, patrol_id: UUID) -> MarkList:
    """The marks of a patrol, newest first, of cameras in one's villages and as far back as the purpose looks.

    Under maintenance only faults. Raises Denied, NotFound for a patrol one may not see. The look is on record first.
    """
    allow(access.actor.user, Permission.OPEN_PATROL)
    scope, now = _lawful(store, access), store.clock()
    async with store.read() as conn:
        patrol = await walking.row_of(conn, patrol_id, access.actor, now)
        wanted = SELECT.where(patrol_marks.c.patrol_no == patrol.no, in_scope(places.c.code, scope))
        since = purposes.earliest(access.purpose, now)
        if since is not None:
            wanted = wanted.where(patrol_marks.c.at >= since)
        if access.purpose.kind is PurposeKind.MAINTENANCE:
            wanted = wanted.where(patrol_marks.c.verdict.in_([one.value for one in FAULTS]))
        rows = (await conn.execute(wanted.order_by(patrol_marks.c.no.desc()).limit(MOST))).all()
    found = tuple(of_row(row) for row in rows)
    async with store.write() as conn:
        number = await audit.append(
            conn,
            access.actor,
            LISTED,
            now=now,
            cameras=tuple(dict.fromkeys(one.camera_id for one in found)),
            span=(found[-1].at, found[0].at) if found else (None, None),
            purpose=access.purpose,
            detail=audit.describe(patrol=patrol_id),
            count=len(found),
        )
    return MarkList(found, number)


async def picture_of(
    store: Store,
    actor: Actor,
    patrol_id: UUID,
    mark_id: UUID,
    *,
    access: Access | None = None,
    audit_no: int | None = None,
) -> tuple[str, str]:
    """(node, key) of a mark's picture, under a purpose (`access`) or covered by the row of the list it stood in.

    Under maintenance only a fault's. Consent is asked again. Raises Denied, NotFound.
    """
    allow(actor.user, Permission.WATCH_LIVE)
    now = store.clock()
    if access is not None:
        _lawful(store, access)
    async with store.read() as conn:
        if access is None and not await audit.covers(conn, actor, audit_no, (LISTED,), now):
            raise Denied("open the list again: its pictures are covered for five minutes", code="ticket")
        wanted = SELECT.where(
            patrol_marks.c.id == mark_id, patrols.c.id == patrol_id, in_scope(places.c.code, of_actor(actor))
        )
        row = (await conn.execute(wanted)).one_or_none()
        seen = row is not None and await consented(conn, store, row)
    refused = _refusal(store, access, row)
    if access is not None:
        async with store.write() as conn:
            await audit.append(
                conn,
                actor,
                "patrol.picture",
                now=now,
                cameras=[row.camera_id] if row is not None else (),
                span=(row.at, row.at) if row is not None else (None, None),
                purpose=access.purpose,
                detail=audit.describe(mark=mark_id),
                count=int(seen and refused is None and row is not None and row.snapshot is not None),
            )
    if refused is not None:
        raise refused
    if row is None or not seen:
        raise NotFound("no such mark", code="mark_unknown")
    if row.snapshot is None:
        raise NotFound("the mark has no picture", code="snapshot_none")
    return row.node, row.snapshot


def _refusal(store: Store, access: Access | None, row: AnyRow | None) -> Denied | None:
    if access is None or row is None:
        return None
    if access.purpose.kind is PurposeKind.MAINTENANCE and row.verdict not in FAULTS:
        return Denied("under maintenance only faults are looked at", code="purpose_kind")
    since = purposes.earliest(access.purpose, store.clock())
    if since is not None and row.at < since:
        return Denied("a patrol sees the last 24 hours; look under a case", code="beyond_patrol")
    return None


async def consented(conn: AsyncConnection, store: Store, row: AnyRow) -> bool:
    """Whether the owner, where there is one to ask, agrees to live pictures: when it was taken, and now.

    `row` has a mark's camera_no and at, and its camera's kind.
    """
    if row.kind != Kind.CIVILIAN.value:
        return True
    given = (await consents.of_cameras(conn, [row.camera_no])).get(row.camera_no, ())
    return consents.still(given, row.at, second_of_day(row.at, store.tz), store.clock(), ConsentScope.LIVE)
