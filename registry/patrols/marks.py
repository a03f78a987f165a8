"""Marks as they are read: those of a patrol, and their pictures.

A picture shows what was before a camera, so reading marks is a look: under a purpose, on record first, within scope,
consent, and what the purpose reaches back to.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit, consents, masks, minors, purposes
from registry.columns import AnyRow
from registry.daytime import second_of_day
from registry.errors import Denied, NotFound
from registry.model import Access, ConsentScope, PurposeKind
from registry.patrols import reading
from registry.patrols.model import FAULTS, PatrolMark, PatrolVerdict
from registry.permissions import Permission, allow
from registry.reach import Reach
from registry.scope import in_scope
from registry.store import Store
from registry.tables import cameras, incidents, patrol_marks, patrols, placements, places
from registry.tables import users as user_rows

LISTED = "patrol.marks"
"""The action of the row that covers a list's pictures."""
MOST = 5000
"""Marks of one patrol: five hundred cameras, ten rounds."""


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
        cameras.c.masked_since,
        placements.c.near_minors,
        places.c.code.label("village_code"),
        places.c.name.label("village_name"),
        user_rows.c.name.label("by"),
        incidents.c.id.label("incident_id"),
    )
    .join(patrols, patrols.c.no == patrol_marks.c.patrol_no)
    .join(user_rows, user_rows.c.no == patrols.c.user_no)
    .join(cameras, cameras.c.no == patrol_marks.c.camera_no)
    .join(places, places.c.no == cameras.c.village_no)
    .join(placements, placements.c.camera_no == cameras.c.no)
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


def _lawful(store: Store, access: Access) -> Reach:
    allow(access.actor.user, Permission.WATCH_LIVE)
    return purposes.reach(store, access)


async def list_marks(store: Store, access: Access, patrol_id: UUID) -> MarkList:
    """The marks of a patrol, newest first, of cameras in one's villages and as far back as the purpose looks.

    Under maintenance only faults. Raises Denied, NotFound for a patrol one may not see. The look is on record first.
    """
    allow(access.actor.user, Permission.OPEN_PATROL)
    reach, now = _lawful(store, access), store.clock()
    async with store.read() as conn:
        patrol = await reading.row_of(conn, patrol_id, access.actor, now)
        within = (*reach.places_and_cameras(), *reach.times(patrol_marks.c.at))
        wanted = SELECT.where(patrol_marks.c.patrol_no == patrol.no, *within)
        if reach.kind is PurposeKind.MAINTENANCE:
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
    store: Store, access: Access, patrol_id: UUID, mark_id: UUID, *, audit_no: int | None = None
) -> tuple[str, str]:
    """(node, key) of a mark's picture; covered by the row of the list it stood in (`audit_no`), or a look of its own.

    Under maintenance only a fault's. Consent is asked again. Raises Denied (minors_reason of a camera near minors),
    NotFound.
    """
    reach, now, actor = _lawful(store, access), store.clock(), access.actor
    async with store.read() as conn:
        if audit_no is not None and not await audit.covers(conn, actor, audit_no, (LISTED,), now):
            raise Denied("open the list again: its pictures are covered for five minutes", code="ticket")
        wanted = SELECT.where(
            patrol_marks.c.id == mark_id, patrols.c.id == patrol_id, in_scope(places.c.code, reach.known)
        )
        row = (await conn.execute(wanted)).one_or_none()
        seen = row is not None and await _consented(conn, store, row)
    refused = None if row is None else _refusal(store, access, reach, row)
    if audit_no is None:
        async with store.write() as conn:
            await audit.append(
                conn,
                actor,
                "patrol.picture",
                now=now,
                cameras=[row.camera_id] if row is not None else (),
                span=(row.at, row.at) if row is not None else (None, None),
                purpose=access.purpose,
                detail=audit.describe(mark=mark_id, refused=refused.code if refused else None),
                count=int(seen and refused is None and row is not None and row.snapshot is not None),
            )
    if refused is not None:
        raise refused
    if row is None or not seen:
        raise NotFound("no such mark", code="mark_unknown")
    if row.snapshot is None:
        raise NotFound("the mark has no picture", code="snapshot_none")
    return row.node, row.snapshot


def _refusal(store: Store, access: Access, reach: Reach, row: AnyRow) -> Denied | None:
    if masks.hides(store, row.masked_since, row.at):
        return masks.bared()
    if reach.kind is PurposeKind.MAINTENANCE and row.verdict not in FAULTS:
        return Denied("under maintenance only faults are looked at", code="purpose_kind")
    if not (reach.covers(row.village_code, row.camera_id) and reach.at(row.at)):
        return reach.beyond()
    return minors.refusal(store.policy.placement, row, access.purpose)


async def _consented(conn: AsyncConnection, store: Store, row: AnyRow) -> bool:
    """Whether the owner, where there is one to ask, agrees to live pictures: when it was taken, and now.

    `row` has a mark's camera_no and at, and its camera's kind.
    """
    if not store.policy.consent.needs(row.kind):
        return True
    now = store.clock()
    given = (await consents.of_cameras(conn, [row.camera_no], now))[row.camera_no]
    return consents.still(given, row.at, second_of_day(row.at, store.tz), now, ConsentScope.LIVE)
