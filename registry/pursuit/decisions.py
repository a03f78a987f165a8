"""What officers decided of passers: kept, dropped, starred, or undecided again. Said anew, never erased."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit
from registry.columns import AnyRow
from registry.errors import Conflict, NotFound
from registry.events import lawful
from registry.inputs import Input, invalid
from registry.model import Access
from registry.pursuit import things, working
from registry.pursuit.moved import Index
from registry.pursuit.things import Thing
from registry.reach import Reach
from registry.store import Store
from registry.tables import cameras, candidate_decisions, events, labels, placements, places

MOST_LOGGED = 2000
_AROUND = timedelta(seconds=30)
"""So much is read of what began to move: an episode has two seconds at most five apart."""


class Decision(StrEnum):
    """What a passer is to the case; `open`: nothing yet, or not any more."""

    OPEN = "open"
    KEEP = "keep"
    DROP = "drop"
    STAR = "star"


class NewDecision(Input):
    """A decision, and how many were taken of the thing before it, as whoever decides saw them."""

    thing: Thing
    decision: Decision
    expected_revision: Annotated[int, Field(ge=0, le=10**6)]


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision; of several on one thing the last revision holds. The passer's camera, time and label stand by."""

    thing: str
    revision: int
    decision: Decision
    decided_by: str
    decided_at: datetime
    camera_id: UUID
    camera_name: str
    seen_at: datetime
    label: str
    direction: str


@dataclass(frozen=True, slots=True)
class _Seen:
    camera_no: int
    camera_id: UUID
    at: datetime
    label: str
    direction: str


async def decide(store: Store, access: Access, case_id: UUID, new: NewDecision, *, index: Index) -> Decided:
    """Keep a decision; it is in the register with the one it replaces.

    Raises Denied (case_purpose, case_not_member, beyond_case), NotFound for a passer that is not there or not his to
    see, Conflict (decision_stale: somebody decided meanwhile; the error says who and what).
    """
    told = {"thing": new.thing, "decision": new.decision.value}
    async with audit.refused(store, access, "case.decide", detail=told):
        if not new.expected_revision:
            await _moved(store, access, new.thing, index)
        return await _decide(store, access, case_id, new, told)


async def _decide(store: Store, access: Access, case_id: UUID, new: NewDecision, told: dict[str, str]) -> Decided:
    async with store.write() as conn:
        reach, now = working.reach(store, access), store.clock()
        case = await working.open_case(conn, store, access, case_id, lock=True)
        last = (await holding(conn, case.no, [new.thing])).get(new.thing)
        if (last.revision if last else 0) != new.expected_revision:
            raise _stale(last)
        seen = await _seen(conn, store, reach, new.thing)
        await conn.execute(
            sa.insert(candidate_decisions).values(
                case_no=case.no,
                thing=new.thing,
                revision=new.expected_revision + 1,
                camera_no=seen.camera_no,
                seen_at=seen.at,
                label=seen.label,
                direction=seen.direction,
                decision=new.decision.value,
                decided_by=access.actor.user.name,
                decided_at=now,
            )
        )
        before = last.decision if last else Decision.OPEN
        await audit.append(
            conn,
            access.actor,
            "case.decide",
            now=now,
            cameras=[seen.camera_id],
            span=(seen.at, seen.at),
            purpose=access.purpose,
            detail=audit.describe(case=case.number, **told, before=before.value),
        )
        return (await holding(conn, case.no, [new.thing]))[new.thing]


def _stale(last: Decided | None) -> Conflict:
    said = {"by": last.decided_by, "decision": last.decision.value, "revision": last.revision} if last else {}
    return Conflict("somebody decided on it meanwhile; look again", code="decision_stale", **said)


async def _moved(store: Store, access: Access, thing: str, index: Index) -> None:
    """Raises NotFound where a thing that is motion alone did not move, or he may not be told that it did."""
    named = things.read(thing)
    if named.at is None:
        return
    working.reach(store, access)
    span = named.at, named.at + _AROUND
    found = await index.episodes(access, named.id, span)
    if not any(one.since == int(named.at.timestamp()) for one in found.episodes):
        raise NotFound("nothing moved there then", code="motion_unknown")


async def _seen(conn: AsyncConnection, store: Store, reach: Reach, thing: str) -> _Seen:
    """The passer decided on, as far as the look reaches it."""
    named = things.read(thing)
    if named.at is not None:
        camera = await working.camera(conn, reach, named.id)
        reach.require(camera.code, named.id, named.at)
        return _Seen(camera.no, named.id, named.at, "", "")
    if named.kind != "event":
        raise invalid("thing", "no_passer", "decide on a passer; a bookmark is changed where it stands")
    wanted = (
        sa.select(events.c.camera_no, cameras.c.id, events.c.started_at, labels.c.label, events.c.direction)
        .join(cameras, cameras.c.no == events.c.camera_no)
        .join(labels, labels.c.no == events.c.label_no)
        .join(places, places.c.no == events.c.village_no)
        .outerjoin(placements, placements.c.camera_no == events.c.camera_no)
        .add_columns(places.c.code, sa.func.coalesce(placements.c.near_minors, sa.false()).label("near_minors"))
        .where(events.c.id == named.id, lawful.in_villages(reach.known), lawful.CONSENTED)
    )
    row = (await conn.execute(wanted, lawful.bound(store, store.clock()))).one_or_none()
    if row is None:
        raise NotFound("no such event", code="event_unknown")
    reach.require(row.code, row.id, row.started_at)
    if reach.minors_ask and row.near_minors:
        raise reach.unsaid()
    return _Seen(row.camera_no, row.id, row.started_at, row.label, row.direction or "")


_SELECT = sa.select(candidate_decisions, cameras.c.id.label("camera_id"), cameras.c.name.label("camera_name")).join(
    cameras, cameras.c.no == candidate_decisions.c.camera_no
)


def _decided(row: AnyRow) -> Decided:
    return Decided(
        thing=row.thing,
        revision=row.revision,
        decision=Decision(row.decision),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        camera_id=row.camera_id,
        camera_name=row.camera_name,
        seen_at=row.seen_at,
        label=row.label,
        direction=row.direction,
    )


async def holding(
    conn: AsyncConnection, case_no: int, some: Collection[str] | None = None, *, camera_no: int | None = None
) -> dict[str, Decided]:
    """The decisions of a case that hold: of all things, or of some, or of those one camera saw."""
    wanted = _SELECT.where(candidate_decisions.c.case_no == case_no)
    if some is not None:
        wanted = wanted.where(candidate_decisions.c.thing.in_(some))
    if camera_no is not None:
        wanted = wanted.where(candidate_decisions.c.camera_no == camera_no)
    rows = await conn.execute(wanted.order_by(candidate_decisions.c.revision))
    return {row.thing: _decided(row) for row in rows}


async def log(store: Store, access: Access, case_id: UUID) -> tuple[Decided, ...]:
    """Every decision of the case, the newest first: `MOST_LOGGED` at most. The look is in the register."""
    working.reach(store, access)
    async with store.read() as conn:
        case = await working.open_case(conn, store, access, case_id)
        wanted = _SELECT.where(candidate_decisions.c.case_no == case.no).order_by(candidate_decisions.c.no.desc())
        found = tuple(_decided(row) for row in await conn.execute(wanted.limit(MOST_LOGGED)))
    async with store.write() as conn:
        await audit.append(
            conn,
            access.actor,
            "case.decisions",
            now=store.clock(),
            cameras=tuple(dict.fromkeys(one.camera_id for one in found)),
            purpose=access.purpose,
            count=len(found),
        )
    return found


def dropped(made: Iterable[Decided]) -> frozenset[str]:
    """The things that were dropped."""
    return frozenset(one.thing for one in made if one.decision is Decision.DROP)
