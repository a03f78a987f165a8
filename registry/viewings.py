"""Who watched which camera live, from when to when: a row for each camera opened, under its purpose and audit row.

While somebody watches, its row is refreshed twice a minute; what a killed hub left open is closed at that last moment
when the hub starts again. What ended is written for many cameras at once, with one row of the register.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from registry import audit
from registry.columns import AnyRow, Instant
from registry.inputs import Input, Moment, Short
from registry.model import Access, Actor, PurposeKind, Stream
from registry.permissions import Permission, allow
from registry.store import Store
from registry.tables import cameras, cases, purposes, users, viewings

SEEN_S = 30.0
"""How often open rows are refreshed, in seconds."""
_OF_ONE = sa.update(viewings).where(viewings.c.no == sa.bindparam("about"))
"""One row after the other, by number: PostgreSQL would find a deadlock in two that lock the same rows at once."""


@dataclass(frozen=True, slots=True)
class NewViewing:
    """A camera's stream that somebody begins to watch."""

    camera_no: int
    stream: Stream


@dataclass(frozen=True, slots=True)
class Ended:
    """A viewing that is over: how long it lasted (seconds, monotonic), and why (`closed`, `left`, a problem's code)."""

    no: int
    camera_id: UUID
    opened_at: datetime
    seconds: float
    why: str


@dataclass(frozen=True, slots=True)
class Viewing:
    """Who watched a camera live, under which purpose, and for how long; `closed_at` is None while he does."""

    camera_id: UUID
    camera_name: str
    user: str
    purpose_kind: PurposeKind
    case_number: str | None
    stream: Stream
    opened_at: datetime
    closed_at: datetime | None
    seconds: float
    why: str


@dataclass(frozen=True, slots=True)
class ViewingPage:
    """Viewings, newest first; `next_cursor` is None at the first one."""

    viewings: tuple[Viewing, ...]
    next_cursor: str | None


class ViewingQuery(Input):
    """Which viewings: of a camera, by a user (his sign-in name), that began in [since, until)."""

    camera: UUID | None = None
    user: Short | None = None
    since: Moment | None = None
    until: Moment | None = None
    cursor: int | None = Field(None, ge=1, lt=2**63)
    """The `next_cursor` of the page before."""
    limit: int = Field(100, ge=1, le=1000)


async def add(
    conn: AsyncConnection, access: Access, new: Sequence[NewViewing], *, audit_no: int, node: str, now: datetime
) -> tuple[int, ...]:
    """Open rows in the caller's transaction; their numbers, in order."""
    if not new:
        return ()
    rows = [
        {
            "camera_no": one.camera_no,
            "user_no": access.actor.user.no,
            "purpose_no": access.purpose.no,
            "audit_no": audit_no,
            "stream": one.stream,
            "node": node,
            "opened_at": now,
            "seen_at": now,
            "why": "",
        }
        for one in new
    ]
    made = sa.insert(viewings).returning(viewings.c.no, sort_by_parameter_order=True)
    return tuple((await conn.scalars(made, rows)).all())


async def close(conn: AsyncConnection, access: Access, ended: Sequence[Ended], *, now: datetime) -> None:
    """Close rows in the caller's transaction: one row of the register, with the seconds of each camera."""
    rows = [
        {"about": one.no, "closed": one.opened_at + timedelta(seconds=one.seconds), "said": one.why[:24]}
        for one in sorted(ended, key=lambda one: one.no)
    ]
    await conn.execute(
        _OF_ONE.values(closed_at=sa.bindparam("closed", type_=Instant), seen_at=now, why=sa.bindparam("said")), rows
    )
    seconds: dict[str, float] = {}
    for one in ended:
        seconds[str(one.camera_id)] = round(seconds.get(str(one.camera_id), 0.0) + one.seconds, 1)
    await audit.append(
        conn,
        access.actor,
        "live.close",
        now=now,
        cameras=list(dict.fromkeys(one.camera_id for one in ended)),
        span=(min(one.opened_at for one in ended), now),
        purpose=access.purpose,
        detail=audit.describe(seconds=seconds, why=sorted({one.why for one in ended})),
        count=len(ended),
    )


async def end(store: Store, access: Access, ended: Sequence[Ended]) -> None:
    """Write down what is over, though the purpose may be closed by now."""
    if ended:
        async with store.write() as conn:
            await close(conn, access, ended, now=store.clock())


async def refresh(store: Store, open_ones: Collection[int]) -> None:
    """Note that these are still being watched."""
    if open_ones:
        async with store.write() as conn:
            await conn.execute(_OF_ONE.values(seen_at=store.clock()), [{"about": no} for no in sorted(open_ones)])


async def close_left_open(store: Store, node: str, actor: Actor) -> int:
    """Close what a hub on `node` left open when it was killed, at the moment it was last seen; returns how many."""
    left = sa.and_(viewings.c.closed_at.is_(None), viewings.c.node == node)
    async with store.write() as conn:
        closed = await conn.execute(
            sa.update(viewings).where(left).values(closed_at=viewings.c.seen_at, why="hub_restarted")
        )
        if closed.rowcount:
            detail = audit.describe(why=["hub_restarted"])
            await audit.append(conn, actor, "live.close", now=store.clock(), detail=detail, count=closed.rowcount)
    return int(closed.rowcount)


_SELECT = (
    sa.select(
        viewings,
        cameras.c.id.label("camera_id"),
        cameras.c.name.label("camera_name"),
        users.c.name.label("user_name"),
        purposes.c.kind.label("purpose_kind"),
        cases.c.number.label("case_number"),
    )
    .join(cameras, cameras.c.no == viewings.c.camera_no)
    .join(users, users.c.no == viewings.c.user_no)
    .join(purposes, purposes.c.no == viewings.c.purpose_no)
    .outerjoin(cases, cases.c.no == purposes.c.case_no)
)


def _viewing(row: AnyRow) -> Viewing:
    until = row.closed_at or row.seen_at
    return Viewing(
        camera_id=row.camera_id,
        camera_name=row.camera_name,
        user=row.user_name,
        purpose_kind=PurposeKind(row.purpose_kind),
        case_number=row.case_number,
        stream=row.stream,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        seconds=max(0.0, (until - row.opened_at).total_seconds()),
        why=row.why,
    )


async def find(store: Store, query: ViewingQuery, actor: Actor) -> ViewingPage:
    """Viewings, newest first. Reading them is itself written to the register first."""
    allow(actor.user, Permission.READ_AUDIT)
    wanted = _SELECT.order_by(viewings.c.no.desc()).limit(query.limit)
    if query.camera is not None:
        wanted = wanted.where(cameras.c.id == query.camera)
    if query.user is not None:
        wanted = wanted.where(users.c.name == query.user)
    if query.since is not None:
        wanted = wanted.where(viewings.c.opened_at >= query.since)
    if query.until is not None:
        wanted = wanted.where(viewings.c.opened_at < query.until)
    if query.cursor is not None:
        wanted = wanted.where(viewings.c.no < query.cursor)
    async with store.read() as conn:
        rows = (await conn.execute(wanted)).all()
    detail = audit.describe(camera=query.camera, user=query.user, cursor=query.cursor)
    async with store.write() as conn:
        await audit.append(
            conn,
            actor,
            "viewing.read",
            now=store.clock(),
            span=(query.since, query.until),
            detail=detail,
            count=len(rows),
        )
    more = str(rows[-1].no) if len(rows) == query.limit else None
    return ViewingPage(tuple(_viewing(row) for row in rows), more)
