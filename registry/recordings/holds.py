"""Holds: recordings, and pictures of events, that stay for a case, whatever retention and quota say.

A hold is a span of some cameras, for a case, until a day. While it lasts nothing of it is deleted but by the law's own
order: nobody shortens it silently, it is released, with a reason, and that is in the register. Those that the hub
places by itself last as `registry.cases.holding` says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit, cases
from registry.cases.holding import LONGEST, Origin, prolong
from registry.columns import AnyRow
from registry.errors import Denied, NotFound
from registry.inputs import Input, Line, Moment, invalid
from registry.model import Actor, From, To
from registry.naming import named
from registry.permissions import Permission, may
from registry.scope import Scope, in_scope, of_actor
from registry.store import Store
from registry.tables import cameras, hold_cameras, holds, places, request_cameras, requests
from registry.tables import cases as case_rows

MOST_CAMERAS = 200
MOST_HOLDS = 1000


class NewHold(Input):
    """What to hold, and until when."""

    camera_ids: Annotated[frozenset[UUID], Field(min_length=1, max_length=MOST_CAMERAS)]
    since: Moment = Field(alias="from")
    until: Moment = Field(alias="to")
    expires_at: Moment
    """A year or so ahead at most: then somebody must say again that it is needed."""
    reason: Line = ""

    @model_validator(mode="after")
    def _runs_forward(self) -> Self:
        if self.until <= self.since:
            raise PydanticCustomError("interval", "`to` must lie after `from`")
        if self.until - self.since > LONGEST:
            raise PydanticCustomError("interval", "a hold spans at most 400 days")
        return self


class Release(Input):
    """Why a hold is released."""

    reason: Annotated[Line, Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class HeldCamera:
    """A camera of a hold."""

    camera_id: UUID
    name: str
    village_code: str


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold; `active` while it keeps anything. `cameras` are those in one's scope, `others` how many more."""

    id: UUID
    case_id: UUID
    case_number: str
    since: From
    until: To
    expires_at: datetime
    reason: str
    origin: Origin
    created_by: str
    created_at: datetime
    released_at: datetime | None
    released_by: str
    active: bool
    cameras: tuple[HeldCamera, ...]
    others: int


def active(now: datetime) -> sa.ColumnElement[bool]:
    """SQL: the hold keeps what it covers."""
    return sa.and_(holds.c.released_at.is_(None), holds.c.expires_at > now)


def held(
    camera_no: sa.ColumnElement[int],
    starts: sa.ColumnElement[datetime],
    ends: sa.ColumnElement[datetime],
    now: datetime,
) -> sa.ColumnElement[bool]:
    """SQL: an active hold, or an open request to see it, covers some of what a camera showed from `starts` to `ends`.

    A request holds by itself, up to its own `held_until`: whoever asks to see what was recorded must find it there.
    """
    for_case = (
        sa.select(sa.literal(1))
        .select_from(hold_cameras.join(holds, holds.c.no == hold_cameras.c.hold_no))
        .where(hold_cameras.c.camera_no == camera_no, active(now), holds.c.starts_at <= ends, holds.c.ends_at >= starts)
        .correlate_except(hold_cameras, holds)
        .exists()
    )
    for_request = (
        sa.select(sa.literal(1))
        .select_from(request_cameras.join(requests, requests.c.no == request_cameras.c.request_no))
        .where(
            request_cameras.c.camera_no == camera_no,
            requests.c.held_until > now,
            requests.c.starts_at <= ends,
            requests.c.ends_at >= starts,
        )
        .correlate_except(request_cameras, requests)
        .exists()
    )
    return sa.or_(for_case, for_request)


def holding(now: datetime) -> sa.CompoundSelect[tuple[int]]:
    """SQL: the numbers of cameras of which anything is held."""
    return sa.union(
        sa.select(hold_cameras.c.camera_no).join(holds, holds.c.no == hold_cameras.c.hold_no).where(active(now)),
        sa.select(request_cameras.c.camera_no)
        .join(requests, requests.c.no == request_cameras.c.request_no)
        .where(requests.c.held_until > now),
    )


async def spans(conn: AsyncConnection, now: datetime) -> dict[int, tuple[tuple[datetime, datetime], ...]]:
    """By camera number, what active holds and open requests keep, ends included: `held` for what has no row."""
    for_case = (
        sa.select(hold_cameras.c.camera_no, holds.c.starts_at, holds.c.ends_at)
        .join(holds, holds.c.no == hold_cameras.c.hold_no)
        .where(active(now))
    )
    for_request = (
        sa.select(request_cameras.c.camera_no, requests.c.starts_at, requests.c.ends_at)
        .join(requests, requests.c.no == request_cameras.c.request_no)
        .where(requests.c.held_until > now)
    )
    found: dict[int, tuple[tuple[datetime, datetime], ...]] = {}
    for row in await conn.execute(sa.union(for_case, for_request)):
        found[row.camera_no] = (*found.get(row.camera_no, ()), (row.starts_at, row.ends_at))
    return found


async def create(store: Store, case_id: UUID, new: NewHold, actor: Actor) -> Hold:
    """Hold cameras' recordings for a case.

    Raises NotFound for a case or camera the actor may not know of, Conflict for a closed or expired case, Invalid for
    an expiry that is past or too far ahead, Denied (hold_long) for one beyond the policy's days by who may not approve.
    """
    now = store.clock()
    if not now < new.expires_at <= now + LONGEST:
        raise invalid("expires_at", "interval", f"must lie ahead, by at most {LONGEST.days} days")
    days = store.policy.cases.hold_days
    # A day over: a desk's clock is seldom the hub's.
    if new.expires_at > now + timedelta(days=days + 1) and not may(actor.user, Permission.APPROVE):
        raise Denied(f"a hold beyond {days} days is placed by somebody who may approve", code="hold_long", days=days)
    async with store.write() as conn:
        case = await cases.open_row(conn, case_id, actor, now)
        identity = await create_in(conn, case, new, actor, now, seen=of_actor(actor))
        marked = {Origin.BOOKMARK}
        await prolong(conn, case.no, case.number, new.expires_at, of=marked, actor=actor, now=now)
        return (await _holds(conn, (holds.c.id == identity,), of_actor(actor), now))[0]


async def create_in(
    conn: AsyncConnection,
    case: AnyRow | cases.Case,
    new: NewHold,
    actor: Actor,
    now: datetime,
    *,
    seen: Scope,
    origin: Origin = Origin.PERSON,
) -> UUID:
    """Hold for an open case or its row, in the caller's transaction; `seen` is where its cameras may be. Its id."""
    identity = uuid7()
    known = await named(conn, new.camera_ids, seen)
    number = await conn.scalar(
        sa.insert(holds)
        .values(
            id=identity,
            case_no=case.no,
            starts_at=new.since,
            ends_at=new.until,
            expires_at=new.expires_at,
            reason=new.reason,
            origin=origin.value,
            created_by=actor.user.name,
            created_at=now,
        )
        .returning(holds.c.no)
    )
    rows = [{"hold_no": number, "camera_no": camera_no} for camera_no in sorted(row.no for row in known.values())]
    await conn.execute(sa.insert(hold_cameras), rows)
    detail = audit.describe(
        hold=identity,
        case=case.number,
        expires=new.expires_at.isoformat(),
        origin=origin,
        reason=new.reason,
        cameras=len(rows),
    )
    await audit.append(
        conn,
        actor,
        "hold.create",
        now=now,
        cameras=sorted(new.camera_ids),
        span=(new.since, new.until),
        detail=detail,
        count=len(rows),
    )
    return identity


async def covered(
    conn: AsyncConnection, case_no: int, origin: Origin, *, span: tuple[datetime, datetime], now: datetime
) -> frozenset[UUID]:
    """The cameras of which one active hold of the case, of that origin, keeps all that they showed in a span."""
    wanted = (
        sa.select(cameras.c.id)
        .join(hold_cameras, hold_cameras.c.camera_no == cameras.c.no)
        .join(holds, holds.c.no == hold_cameras.c.hold_no)
        .where(holds.c.case_no == case_no, holds.c.origin == origin.value, active(now))
        .where(holds.c.starts_at <= span[0], holds.c.ends_at >= span[1])
    )
    return frozenset(await conn.scalars(wanted))


async def list_holds(store: Store, seen: Scope, *, case_id: UUID | None = None) -> tuple[Hold, ...]:
    """Holds with a camera in the scope, of a case or of all, newest first; released and expired ones too."""
    wanted = () if case_id is None else (case_rows.c.id == case_id,)
    async with store.read() as conn:
        return await _holds(conn, wanted, seen, store.clock())


async def release(store: Store, hold_id: UUID, why: Release, actor: Actor) -> Hold:
    """End a hold; doing it twice changes nothing. Raises NotFound unless all its cameras are in the actor's scope."""
    now = store.clock()
    async with store.write() as conn:
        found = await _holds(conn, (holds.c.id == hold_id,), of_actor(actor), now)
        if not found or found[0].others:
            raise NotFound("no such hold", code="hold_unknown")
        hold = found[0]
        if hold.released_at is None:
            ended = sa.update(holds).where(holds.c.id == hold_id)
            await conn.execute(ended.values(released_at=now, released_by=actor.user.name))
            await audit.append(
                conn,
                actor,
                "hold.release",
                now=now,
                cameras=[one.camera_id for one in hold.cameras],
                span=(hold.since, hold.until),
                detail=audit.describe(hold=hold_id, case=hold.case_number, reason=why.reason),
                count=len(hold.cameras),
            )
        return (await _holds(conn, (holds.c.id == hold_id,), of_actor(actor), now))[0]


async def _holds(
    conn: AsyncConnection, wanted: Sequence[sa.ColumnElement[bool]], seen: Scope, now: datetime
) -> tuple[Hold, ...]:
    inside = sa.exists().where(
        hold_cameras.c.hold_no == holds.c.no,
        cameras.c.no == hold_cameras.c.camera_no,
        places.c.no == cameras.c.village_no,
        in_scope(places.c.code, seen),
    )
    asked = (
        sa.select(holds, case_rows.c.id.label("case_id"), case_rows.c.number, active(now).label("active"))
        .join(case_rows, case_rows.c.no == holds.c.case_no)
        .where(inside, *wanted)
        .order_by(holds.c.no.desc())
        .limit(MOST_HOLDS)
    )
    rows = (await conn.execute(asked)).all()
    inner: dict[int, list[HeldCamera]] = {}
    count: dict[int, int] = {}
    those = (
        sa.select(hold_cameras.c.hold_no, cameras.c.id, cameras.c.name, places.c.code)
        .join(cameras, cameras.c.no == hold_cameras.c.camera_no)
        .join(places, places.c.no == cameras.c.village_no)
        .where(hold_cameras.c.hold_no.in_([row.no for row in rows]))
        .order_by(places.c.code, cameras.c.name)
    )
    for row in await conn.execute(those):
        count[row.hold_no] = count.get(row.hold_no, 0) + 1
        if seen.covers(row.code):
            inner.setdefault(row.hold_no, []).append(HeldCamera(row.id, row.name, row.code))
    return tuple(_hold(row, tuple(inner[row.no]), count[row.no]) for row in rows)


def _hold(row: AnyRow, own: tuple[HeldCamera, ...], count: int) -> Hold:
    told: dict[str, Any] = {
        name: getattr(row, name)
        for name in ("id", "case_id", "expires_at", "reason", "created_by", "created_at", "released_at", "released_by")
    }
    return Hold(
        **told,
        origin=Origin(row.origin),
        case_number=row.number,
        since=row.starts_at,
        until=row.ends_at,
        active=bool(row.active),
        cameras=own,
        others=count - len(own),
    )
