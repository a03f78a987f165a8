"""Why somebody looks: opened once, kept on the session or named by a header, written to the audit with every read.

A case purpose is for members of the case, and reaches its places and times; a patrol one's own villages and the last
hours; maintenance the cameras it names. A grant of a second person reaches what was granted. `reach` is the one place
that says what may be looked at now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Self
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import approvals, audit, cases, minors
from registry.approvals import ReachAsk
from registry.columns import AnyRow
from registry.errors import Denied, NotFound
from registry.inputs import Input, Line, invalid
from registry.model import Access, Actor, Purpose, PurposeKind, Role, User
from registry.naming import named
from registry.permissions import OPENS, allow
from registry.policy import Policy
from registry.reach import Reach
from registry.scope import Scope, carried, of_actor
from registry.store import Store
from registry.tables import approvals as approval_rows
from registry.tables import cameras, case_places, purpose_cameras, purposes
from registry.tables import cases as case_rows

MOST_CAMERAS = 20


class OpenPurpose(Input):
    """A purpose to open: a case names the case, a patrol says its reason, maintenance its reason and its cameras.

    Under a case a reason is said by who looks, where cameras near minors ask for it: its title is none.
    With `approval_id`, a case is looked at as far as a second person granted.
    """

    kind: PurposeKind
    case_id: UUID | None = None
    approval_id: UUID | None = None
    camera_ids: Annotated[frozenset[UUID], Field(max_length=MOST_CAMERAS)] = frozenset()
    reason: Line = ""

    @model_validator(mode="after")
    def _has_a_ground(self) -> Self:
        if self.kind is PurposeKind.OWNER:
            raise PydanticCustomError("kind", "an owner looks at his own data on his own page; open another purpose")
        case = self.kind is PurposeKind.CASE
        if (self.case_id is not None) != case:
            raise PydanticCustomError("case_id", "a case purpose names its case_id, and no other does")
        if self.approval_id is not None and not case:
            raise PydanticCustomError("approval_id", "only a case purpose rests on an approval")
        if bool(self.camera_ids) != (self.kind is PurposeKind.MAINTENANCE):
            raise PydanticCustomError("camera_ids", "maintenance names its cameras, and no other does")
        if not case and not self.reason:
            raise PydanticCustomError("reason", "say why: a shift, a fault, a work order")
        return self


_SELECT = (
    sa.select(
        purposes,
        case_rows.c.id.label("case_id"),
        case_rows.c.number.label("case_number"),
        case_rows.c.title.label("case_title"),
        case_rows.c.starts_at,
        case_rows.c.ends_at,
        case_rows.c.expires_at.label("case_expires"),
        sa.select(sa.func.aggregate_strings(case_places.c.prefix, ","))
        .where(case_places.c.case_no == case_rows.c.no)
        .scalar_subquery()
        .label("case_places"),
        approval_rows.c.id.label("approval_id"),
        approval_rows.c.body.label("granted"),
        approval_rows.c.ends_at.label("grant_ends"),
        approval_rows.c.ended_at.label("grant_ended"),
    )
    .outerjoin(case_rows, case_rows.c.no == purposes.c.case_no)
    .outerjoin(approval_rows, approval_rows.c.no == purposes.c.approval_no)
)


_OF_NO = _SELECT.where(purposes.c.no == sa.bindparam("number"))
"""Every lawful request asks it: made once, since making a statement costs as much as running it."""


async def _read(conn: AsyncConnection, law: Policy, *wanted: sa.ColumnElement[bool]) -> list[Purpose]:
    return await _of_rows(conn, law, (await conn.execute(_SELECT.where(*wanted).order_by(purposes.c.no.desc()))).all())


async def _of_rows(conn: AsyncConnection, law: Policy, rows: Sequence[AnyRow]) -> list[Purpose]:
    works = [row.no for row in rows if row.kind == PurposeKind.MAINTENANCE.value]
    named: dict[int, list[UUID]] = {}
    if works:
        those = (
            sa.select(purpose_cameras.c.purpose_no, cameras.c.id)
            .join(cameras, cameras.c.no == purpose_cameras.c.camera_no)
            .where(purpose_cameras.c.purpose_no.in_(works))
            .order_by(cameras.c.no)
        )
        for one in await conn.execute(those):
            named.setdefault(one.purpose_no, []).append(one.id)
    return [_purpose(row, law, named.get(row.no, ())) for row in rows]


def _purpose(row: AnyRow, law: Policy, named: list[UUID] | tuple[()]) -> Purpose:
    kind = PurposeKind(row.kind)
    where, since, until = _rectangle(row, law)
    back = {PurposeKind.PATROL: law.patrol.looks_back_hours, PurposeKind.MAINTENANCE: law.maintenance.looks_back_hours}
    return Purpose(
        no=row.no,
        id=row.id,
        kind=kind,
        case_id=row.case_id,
        case_number=row.case_number,
        case_title=row.case_title,
        approval_id=row.approval_id,
        reason=row.reason,
        user_no=row.user_no,
        opened_at=row.opened_at,
        expires_at=min(end for end in (row.expires_at, row.case_expires, row.grant_ends) if end is not None),
        closed_at=row.closed_at or row.grant_ended,
        places=where,
        since=since,
        until=until,
        looks_back_hours=back.get(kind),
        cameras=tuple(named) if kind is PurposeKind.MAINTENANCE else None,
    )


def _rectangle(row: AnyRow, law: Policy) -> tuple[tuple[str, ...] | None, datetime | None, datetime | None]:
    if row.granted is not None:
        granted = ReachAsk.model_validate(row.granted)
        return granted.places, granted.starts_at, granted.ends_at
    where = tuple(sorted(row.case_places.split(","))) if row.case_places else None
    margin = timedelta(hours=law.cases.margin_hours)
    return (
        where,
        None if row.starts_at is None else row.starts_at - margin,
        None if row.ends_at is None else row.ends_at + margin,
    )


async def of_no(conn: AsyncConnection, number: int | None, law: Policy) -> Purpose | None:
    """The purpose of a session's row as it is now, open or not."""
    if number is None:
        return None
    found = await _of_rows(conn, law, (await conn.execute(_OF_NO, {"number": number})).all())
    return found[0] if found else None


def is_open(purpose: Purpose, now: datetime) -> bool:
    """Whether one may look under it."""
    return purpose.closed_at is None and now < purpose.expires_at


def require(purpose: Purpose | None, now: datetime) -> Purpose:
    """The purpose, when there is one and it is open. Raises Denied: purpose_required or purpose_closed."""
    if purpose is None:
        raise Denied("open a purpose first: a case, a patrol or maintenance", code="purpose_required")
    if not is_open(purpose, now):
        raise Denied("the purpose is closed or ran out; open another", code="purpose_closed")
    return purpose


def reach(store: Store, access: Access) -> Reach:
    """What a look reaches now. Raises Denied unless its purpose is open and the actor's own."""
    now = store.clock()
    purpose = require(access.purpose, now)
    if purpose.user_no != access.actor.user.no:
        raise Denied("the purpose is somebody else's; open your own", code="purpose_required")
    own, law = of_actor(access.actor), store.policy.placement
    scope, since = own, purpose.since
    if purpose.places is not None:
        granted = purpose.approval_id is not None
        scope = carried(access.actor.user, Scope(purpose.places)) if granted else own.narrowed(purpose.places)
    if purpose.looks_back_hours is not None:
        since = now - timedelta(hours=purpose.looks_back_hours)
    return Reach(
        kind=purpose.kind,
        scope=scope,
        known=own if own.everything else Scope((*own.prefixes, *scope.prefixes)),
        since=since,
        until=purpose.until,
        cameras=None if purpose.cameras is None else frozenset(purpose.cameras),
        minors_ask=law.minors_reason if minors.unsaid(law, purpose.reason) else 0,
    )


def _roles(law: Policy, kind: PurposeKind) -> frozenset[Role]:
    return {
        PurposeKind.CASE: law.cases.roles,
        PurposeKind.PATROL: law.patrol.roles,
        PurposeKind.MAINTENANCE: law.maintenance.roles,
    }[kind]


async def open(  # noqa: A001 - read as purposes.open; nothing here opens files
    store: Store, new: OpenPurpose, actor: Actor, hours: float = 12.0
) -> Purpose:
    """Open a purpose for the actor himself; it closes by itself after `hours`, or with its case or grant.

    Raises Denied when the role may not open this kind, or the actor is no member of the case, NotFound for a case,
    approval or camera he may not know of, Conflict for a case that is closed or expired, Invalid for a reason that is
    the case's title.
    """
    async with store.write() as conn:
        return await open_in(conn, store, new, actor, hours)


async def open_in(conn: AsyncConnection, store: Store, new: OpenPurpose, actor: Actor, hours: float) -> Purpose:
    """`open` in the caller's transaction."""
    now, law, identity = store.clock(), store.policy, uuid7()
    allow(actor.user, OPENS[new.kind])
    if actor.user.role not in _roles(law, new.kind):
        raise Denied(f"the policy lets no {actor.user.role} open this", code="role", permission=OPENS[new.kind].value)
    case_no = approval_no = None
    if new.case_id is not None:
        case = await cases.member_row(conn, new.case_id, actor, now)
        if new.reason and new.reason in (case.title, case.number):
            raise invalid("reason", "case_title", "a case's title says not why you look: leave it out, or say why")
        case_no = case.no
    if new.approval_id is not None:
        grant = await approvals.granted(conn, new.approval_id, ReachAsk, actor.user, now)
        if grant.case_no != case_no:
            raise invalid("approval_id", "another_case", "it was granted for another case")
        approval_no = grant.no
    those = await named(conn, new.camera_ids, of_actor(actor), cameras.c.removed_at.is_(None))
    works = sorted(row.no for row in those.values())
    number = await conn.scalar(
        sa.insert(purposes)
        .values(
            id=identity,
            kind=new.kind.value,
            case_no=case_no,
            approval_no=approval_no,
            reason=new.reason,
            user_no=actor.user.no,
            opened_at=now,
            expires_at=now + timedelta(hours=hours),
        )
        .returning(purposes.c.no)
    )
    if works:
        rows = [{"purpose_no": number, "camera_no": camera_no} for camera_no in works]
        await conn.execute(sa.insert(purpose_cameras), rows)
    (purpose,) = await _read(conn, law, purposes.c.no == number)
    await audit.append(
        conn,
        actor,
        "purpose.open",
        now=now,
        cameras=purpose.cameras or (),
        span=(purpose.since, purpose.until),
        purpose=purpose,
        detail=audit.describe(places=purpose.places, approval=purpose.approval_id),
    )
    return purpose


async def list_open(store: Store, user: User) -> tuple[Purpose, ...]:
    """A user's purposes that are neither closed nor run out, newest first."""
    now = store.clock()
    async with store.read() as conn:
        found = await _read(
            conn,
            store.policy,
            purposes.c.user_no == user.no,
            purposes.c.closed_at.is_(None),
            purposes.c.expires_at > now,
        )
    return tuple(one for one in found if is_open(one, now))


async def get_open(store: Store, purpose_id: UUID, user: User) -> Purpose:
    """A user's own open purpose. Raises NotFound, Denied (purpose_closed)."""
    async with store.read() as conn:
        found = await _own(conn, store.policy, purpose_id, user)
    return require(found, store.clock())


async def _own(conn: AsyncConnection, law: Policy, purpose_id: UUID, user: User) -> Purpose:
    found = await _read(conn, law, purposes.c.id == purpose_id, purposes.c.user_no == user.no)
    if not found:
        raise NotFound("no such purpose", code="purpose_unknown")
    return found[0]


async def close(store: Store, purpose_id: UUID, actor: Actor) -> Purpose:
    """Close the actor's purpose; doing it twice changes nothing. Raises NotFound."""
    async with store.write() as conn:
        return await close_in(conn, store, purpose_id, actor)


async def close_in(conn: AsyncConnection, store: Store, purpose_id: UUID, actor: Actor) -> Purpose:
    """`close` in the caller's transaction."""
    purpose = await _own(conn, store.policy, purpose_id, actor.user)
    if purpose.closed_at is not None:
        return purpose
    now = store.clock()
    await conn.execute(sa.update(purposes).where(purposes.c.no == purpose.no).values(closed_at=now))
    await audit.append(conn, actor, "purpose.close", now=now, purpose=purpose)
    return await _own(conn, store.policy, purpose_id, actor.user)
